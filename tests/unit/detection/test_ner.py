"""The trained model as a recogniser: what it adds to the rules, where it looks, what it may cost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from presidio_analyzer import RecognizerRegistry

from scrubber import bootstrap
from scrubber.detection.analyzer import PresidioDetector, build_detector
from scrubber.detection.base import Request
from scrubber.detection.model import archive
from scrubber.detection.ner import DutchNerRecognizer
from scrubber.detection.page import Hit, Page
from scrubber.detection.recognizer import Mode
from scrubber.errors import DetectionError, SettingsError
from scrubber.message import TextView
from scrubber.settings import load

HOSTILE = (
    "." * 100_000,
    "a" * 100_000,
    "1a" * 50_000,
    "pin 1234 " * 11_000,
    "Jan\n" * 25_000,
    "wachtwoord: x1! " * 6_000,
)


@pytest.fixture(scope="module")
def gated(rules_dir: Path) -> PresidioDetector:
    return build_detector(rules_dir, model="gated")


@pytest.fixture(scope="module")
def everywhere(rules_dir: Path) -> PresidioDetector:
    return build_detector(rules_dir, model="everywhere")


def found(detector: PresidioDetector, text: str) -> list[tuple[str, str, str]]:
    (answer,) = detector.detect([Request(TextView(("body",), text))])
    assert not isinstance(answer, DetectionError)
    return [(f.entity_type, text[f.start : f.end], f.recognizer) for f in answer]


@pytest.mark.parametrize("mode", ["gated", "everywhere"])
@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("hallo met gerald uh ik zit dus te dicteren", "PERSON", "gerald"),
        ("het slot van de schuur heeft 4471 en dan rammelen", "CREDENTIAL", "4471"),
    ],
)
def test_what_no_rule_finds(
    gated: PresidioDetector, everywhere: PresidioDetector, mode: Mode, text: str, kind: str, value: str
) -> None:
    assert (kind, value, "model") in found(gated if mode == "gated" else everywhere, text)


def test_everywhere_sees_what_the_gate_passes_by(gated: PresidioDetector, everywhere: PresidioDetector) -> None:
    text = "Ik word 3 juni geopereerd (galblaas) dus kan 8 weken niet tillen."
    assert found(gated, text) == []
    assert found(everywhere, text) == [("SPECIAL_CATEGORY", "galblaas", "model")]


def test_a_name_that_the_model_finds_impossible_is_refused(everywhere: PresidioDetector) -> None:
    ner = next(r for r in everywhere.recognizers if isinstance(r, DutchNerRecognizer))
    page = Page("Factuur 2291 is nog open. Groet, Joost van den Berg", everywhere.configuration.lexicon)
    name, wrong = Hit("PERSON", 33, 51, 0.7), Hit("PERSON", 8, 12, 0.7)
    page.taken += [name, wrong]
    assert ner.find(page) == []
    assert page.refused == {wrong}


def test_where_a_rule_found_something_the_model_is_silent(everywhere: PresidioDetector) -> None:
    text = "Mijn BSN is 123456782, groet Joost van den Berg"
    assert [name for _, _, name in found(everywhere, text)] == ["bsn", "person"]


def test_off_leaves_it_out_and_each_mode_has_its_digest(
    rules_dir: Path, gated: PresidioDetector, everywhere: PresidioDetector, detector: PresidioDetector
) -> None:
    assert not any(isinstance(r, DutchNerRecognizer) for r in detector.recognizers)
    assert len({gated.digest, everywhere.digest, detector.digest}) == 3


def test_many_pages_at_once_are_answered_as_one_by_one(everywhere: PresidioDetector) -> None:
    texts = ["hallo met gerald", "", "inlog is manonl / Leica1954m6", "é\u200bx ", "x " * 3_000 + "hallo met gerald"]
    requests = [Request(TextView(("body",), text)) for text in texts]
    assert everywhere.detect(requests) == [everywhere.detect([request])[0] for request in requests]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:10])
def test_hostile_text_costs_no_more_than_linear_time(text: str) -> None:
    recognizer = DutchNerRecognizer()
    started = time.process_time()
    recognizer.analyze(text, [])
    assert time.process_time() - started < 2


def test_one_bad_page_fails_alone(everywhere: PresidioDetector, monkeypatch: pytest.MonkeyPatch) -> None:
    ner = next(r for r in everywhere.recognizers if isinstance(r, DutchNerRecognizer))
    real = DutchNerRecognizer.find_all

    def find_all(self: DutchNerRecognizer, pages: list[object]) -> object:
        if any("slecht" in page.folded for page in pages):  # type: ignore[attr-defined]
            raise RuntimeError("text")
        return real(self, pages)  # type: ignore[arg-type]

    monkeypatch.setattr(type(ner), "find_all", find_all)
    good, bad = everywhere.detect([Request(TextView(("a",), "Groet, Sanne")), Request(TextView(("b",), "slecht"))])
    assert not isinstance(good, DetectionError)
    assert isinstance(bad, DetectionError)


def test_it_is_an_ordinary_recogniser_of_presidio() -> None:
    registry = RecognizerRegistry(supported_languages=["nl"])
    registry.add_recognizer(DutchNerRecognizer())
    (recognizer,) = registry.get_recognizers("nl", entities=["PERSON"])
    assert isinstance(recognizer, DutchNerRecognizer)
    text = "Met vriendelijke groet,\n\nSanne van der Meulen"
    assert [text[r.start : r.end] for r in recognizer.analyze(text, ["PERSON"])] == ["Sanne van der Meulen"]


def test_a_missing_model_names_the_setting(monkeypatch: pytest.MonkeyPatch, rules_dir: Path, tmp_path: Path) -> None:
    monkeypatch.setattr("scrubber.detection.configuration.shipped_models", lambda: tmp_path)
    with pytest.raises(SettingsError, match=r"\[detection\] model"):
        build_detector(rules_dir)
    build_detector(rules_dir, model="off")


def test_the_setting_reaches_the_detector(tmp_path: Path) -> None:
    path = tmp_path / "scrubber.toml"
    path.write_text('[detection]\nmodel = "off"\n', encoding="utf-8")
    detector = bootstrap.engine(load(path, {})).tools.detector
    assert isinstance(detector, PresidioDetector)
    assert not any(isinstance(r, DutchNerRecognizer) for r in detector.recognizers)
    assert archive.FILE == "dutch.npz"


@pytest.mark.parametrize(
    "text",
    ["wachtwoord: [wachtwoord of code verwijderd]\n\nBart", "De code is [wachtwoord of code verwijderd], klopt dat?"],
)
def test_the_placeholder_of_an_earlier_redaction_is_nothing_to_find(everywhere: PresidioDetector, text: str) -> None:
    assert all(kind == "PERSON" for kind, _, _ in found(everywhere, text))
