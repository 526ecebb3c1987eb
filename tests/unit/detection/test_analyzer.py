"""The detector as a whole: many views, failures apart, windows, priorities, placeholders, hostile text."""

from __future__ import annotations

import logging
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine

from scrubber.detection import analyzer
from scrubber.detection.analyzer import PresidioDetector, build_detector, library_versions
from scrubber.detection.base import Request
from scrubber.detection.bsn import NlBsnRecognizer
from scrubber.detection.configuration import read_configuration
from scrubber.detection.page import Page
from scrubber.detection.recognizers import CLASSES
from scrubber.errors import DetectionError, SettingsError
from scrubber.finding import ENTITY_TYPES, Finding
from scrubber.message import Sender, TextView

Search = Callable[..., list[tuple[str, str]]]


def request(text: str, path: str = "body") -> Request:
    return Request(TextView((path,), text))


def found(answer: tuple[Finding, ...] | DetectionError) -> tuple[Finding, ...]:
    assert not isinstance(answer, DetectionError)
    return answer


def test_views_are_answered_in_order_and_name_their_recogniser(detector: PresidioDetector) -> None:
    first, second, third = detector.detect(
        [request("bsn 123456782", "subject"), request(""), request("Beste Joost, bel 06-12345678")]
    )
    (bsn,) = found(first)
    assert (bsn.path, bsn.entity_type, bsn.start, bsn.end, bsn.recognizer) == (("subject",), "NL_BSN", 4, 13, "bsn")
    assert 0.5 <= bsn.score <= 1
    assert found(second) == ()
    assert [finding.entity_type for finding in found(third)] == ["PERSON", "PHONE_NUMBER"]
    assert detector.detect([]) == []


def test_one_bad_view_fails_alone_and_says_nothing_of_its_text(
    detector: PresidioDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fold(text: str) -> str:
        if "geheim" in text:
            raise RuntimeError(text)
        return text

    monkeypatch.setattr("scrubber.detection.page.fold", fold)
    good, bad, also_good = detector.detect([request("bsn 123456782"), request("geheim"), request("bsn 123456782")])
    assert isinstance(bad, DetectionError)
    assert "geheim" not in str(bad)
    assert len(found(good)) == len(found(also_good)) == 1


def test_too_much_is_refused_rather_than_half_done(rules_dir: Path) -> None:
    configuration = read_configuration(rules_dir)
    small = replace(configuration, limits=replace(configuration.limits, characters=50, findings=3))
    detector = PresidioDetector(small)
    long, many, more, fine = detector.detect(
        [request("x" * 51), request("a@b.test " * 5), request("a@b.test " * 5), request("a@b.test")]
    )
    assert isinstance(long, DetectionError)
    assert isinstance(many, DetectionError)
    assert isinstance(more, DetectionError)
    assert len(found(fine)) == 1


def test_long_text_is_searched_in_windows_that_agree_with_one_pass(detector: PresidioDetector) -> None:
    sentence = "Mijn bsn is 123456782 en bel 06-12345678, groet Joost van den Berg.\n"
    text = sentence * 900
    (answer,) = detector.detect([request(text)])
    findings = found(answer)
    assert [f.entity_type for f in findings] == ["NL_BSN", "PHONE_NUMBER", "PERSON"] * 900
    assert {text[f.start : f.end] for f in findings} == {"123456782", "06-12345678", "Joost van den Berg"}


def test_a_window_edge_cuts_no_value(rules_dir: Path) -> None:
    configuration = read_configuration(rules_dir)
    detector = PresidioDetector(replace(configuration, limits=replace(configuration.limits, window=600, overlap=200)))
    for shift in range(180, 420, 7):
        text = "x " * (shift // 2) + "mijn IBAN is NL91 ABNA 0417 1643 00 en verder niets " + "y " * 300
        (answer,) = detector.detect([request(text)])
        assert [text[f.start : f.end] for f in found(answer)] == ["NL91 ABNA 0417 1643 00"], shift


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("NL91ABNA0417164300", [("IBAN_CODE", "NL91ABNA0417164300")]),
        ("p.koster@voorbeeld.test", [("EMAIL_ADDRESS", "p.koster@voorbeeld.test")]),
        ("Gerrit van der Veenlaan 5", [("ADDRESS", "Gerrit van der Veenlaan 5")]),
        ("rijbewijs 0612345678", [("ID_DOCUMENT", "0612345678")]),
    ],
)
def test_overlaps_go_to_the_type_that_ranks_higher(search: Search, text: str, finds: list[tuple[str, str]]) -> None:
    assert search(text) == finds


@pytest.mark.parametrize(
    "text",
    [
        "Mijn BSN is [BSN verwijderd] en mijn wachtwoord: [wachtwoord of code verwijderd: wijzig het]",
        "Stort op [IBAN 1 verwijderd] of [IBAN 2 verwijderd] t.n.v. [naam verwijderd]",
        "wachtwoord is [wachtwoord of code verwijderd], code [wachtwoord of code 2 verwijderd]",
        "pincode [wachtwoord of code verwijderd]\nGroet,\n[naam verwijderd]",
        "My password: [password or code removed]",
        "kaart ****1234 en ww: ****",
        "https://app:[wachtwoord of code verwijderd]@db.voorbeeld.test/",
        "wachtwoord [wachtwoord of code verwijderd] werkt niet op vps-29914",
    ],
)
def test_placeholders_of_an_earlier_redaction_are_left_alone(search: Search, text: str) -> None:
    assert search(text) == []


def test_own_numbers_are_never_personal_data(search: Search) -> None:
    assert search("nummer 123456782") == [("NL_BSN", "123456782")]
    assert search("nummer 123456782", own=(r"\b1234\d{5}\b",)) == []
    with pytest.raises(SettingsError):
        search("x", own=("(",))


def test_the_senders_own_name_helps(search: Search) -> None:
    assert search("Dit is wat Xq Zwobbel schrijft") == []
    assert search("Dit is wat Zwobbel schrijft", name="Xanthe Zwobbel") == [("PERSON", "Zwobbel")]
    assert search("hoi, xanthe zwobbel hier", name="Xanthe Zwobbel") == [("PERSON", "xanthe zwobbel")]
    assert search("groetjes xanthe", name="Xanthe Zwobbel") == [("PERSON", "xanthe")]
    assert search("groetjes jan_88", name="jan_88") == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("aAzZ 019.,:;@-/\n'\"()[]é\u200b€"), max_size=300))
def test_whatever_the_text_findings_are_sorted_disjoint_and_inside(text: str) -> None:
    detector = _shared()
    (answer,) = detector.detect([Request(TextView(("b",), text), Sender("Jan Jansen", "jan@voorbeeld.test"))])
    last = 0
    for finding in found(answer):
        assert last <= finding.start < finding.end <= len(text)
        assert finding.entity_type in ENTITY_TYPES
        assert text[finding.start : finding.end].strip() == text[finding.start : finding.end]
        last = finding.end


def _shared() -> PresidioDetector:
    global _DETECTOR
    if _DETECTOR is None:
        _DETECTOR = build_detector(Path(__file__).parents[3] / "rules")
    return _DETECTOR


_DETECTOR: PresidioDetector | None = None

HOSTILE = {
    "dots": "." * 30_000,
    "a.@": "a." * 15_000 + "@",
    "quotes": '"' * 30_000,
    "punctuation": "!#$%" * 7_500,
    "1:": "1:" * 15_000,
    "1/": "1/" * 15_000,
    "06": "06 " * 10_000,
    "phones": "06-12345678 " * 2_500,
    "addresses": "Kerkstraat 12 I I I " * 1_500,
    "initials": "A " * 15_000,
    "particles": "van " * 7_500,
    "cues": "ww " * 10_000,
    "secrets": "wachtwoord: Abc123! " * 1_500,
    "tables": "naam;bsn;geb\n" * 2_500,
    "keys": "-----BEGIN PRIVATE KEY-----" * 1_100,
    "zero width": "\u200b1" * 15_000,
    "digits": "1 " * 15_000,
    "iban": "NL91" * 7_500,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_answered(detector: PresidioDetector, name: str) -> None:
    (answer,) = detector.detect([request(HOSTILE[name])])
    found(answer)


def test_nothing_is_logged_and_no_socket_is_opened(
    detector: PresidioDetector, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    caplog.set_level(logging.DEBUG)
    detector.detect([request("bsn 123456782, jan@voorbeeld.test, NL91ABNA0417164300")])
    assert "123456782" not in caplog.text
    assert "voorbeeld" not in caplog.text


def test_the_digest_changes_with_rules_words_and_versions(
    tmp_path: Path, rules_dir: Path, detector: PresidioDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "rules"
    shutil.copytree(rules_dir, copy)
    same = build_detector(copy, model="off").digest
    assert same == detector.digest
    (copy / "words" / "cues" / "bsn.txt").write_text("bsn\nburgernummertje\n", encoding="utf-8")
    words = build_detector(copy, model="off").digest
    file = copy / "recognizers.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("label: 6.0", "label: 5.5"), encoding="utf-8")
    rules = build_detector(copy, model="off").digest
    monkeypatch.setattr(analyzer, "_LIBRARIES", ("google-re2", "no-such-library"))
    assert library_versions().endswith("no-such-library=-")
    versions = build_detector(copy, model="off").digest
    assert len({same, words, rules, versions}) == 4


def test_recognisers_work_in_anybodys_presidio_engine() -> None:
    registry = RecognizerRegistry(supported_languages=["nl"])
    for cls in CLASSES.values():
        registry.add_recognizer(cls(supported_language="nl"))
    engine = AnalyzerEngine(
        registry=registry,
        nlp_engine=NoOpNlpEngine(models=[{"lang_code": "nl", "model_name": "none"}]),
        supported_languages=["nl"],
    )
    text = "Mijn bsn is 123\u200b456782, groetjes Joost"
    results = engine.analyze(text, "nl", score_threshold=0.5)
    assert {(r.entity_type, text[r.start : r.end]) for r in results} == {
        ("NL_BSN", "123\u200b456782"),
        ("PERSON", "Joost"),
    }


def test_a_recogniser_alone_answers_for_the_entities_asked(detector: PresidioDetector) -> None:
    recognizer = NlBsnRecognizer(name="mijn", supported_entity="NL_BSN")
    assert recognizer.to_dict()["name"] == "mijn"
    assert recognizer.analyze("bsn 123456782", ["IBAN_CODE"]) == []
    (result,) = recognizer.analyze("bsn 123456782", ["NL_BSN"])
    assert (result.start, result.end) == (4, 13)
    registry = detector._engine.registry
    assert registry.get_recognizers("nl") == detector._recognizers
    enhancer, page = detector._engine.context_aware_enhancer, Page("", detector.configuration.lexicon)
    assert enhancer.enhance_using_context("", [], page, []) == []


def test_tables_label_their_columns(detector: PresidioDetector) -> None:
    page = Page("naam;bsn;iban\nx;1;2\n\nlos", detector.configuration.lexicon)
    assert page.columns[14] == (";", ["person", "bsn", "iban"])
    assert page.label(16, {"bsn"}) is not None
    assert page.label(16, {"iban"}) is None
