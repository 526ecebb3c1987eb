"""Broken rules are refused at start, with file, line and the nearest valid name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scrubber.detection.analyzer import build_detector
from scrubber.detection.configuration import read_configuration, shipped_spec
from scrubber.detection.lexicon import deduce_folder, load_lexicon
from scrubber.errors import SettingsError


@pytest.fixture
def rules(tmp_path: Path, rules_dir: Path) -> Path:
    copy = tmp_path / "rules"
    shutil.copytree(rules_dir, copy)
    return copy


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("threshold: 0.5", "treshold: 0.5", "unknown key in the file 'treshold'; did you mean 'threshold'?"),
        ("threshold: 0.5", "", "lacks 'threshold'"),
        ("threshold: 0.5", "threshold: veel", "threshold must be a number"),
        ("threshold: 0.5", "threshold: 3", "between 0 and 1"),
        ("threshold: 0.5", "threshold: [1]", "threshold must be text"),
        ("version: 1", "version: 2", "reads version 1"),
        ("class: NlBsnRecognizer", "class: NlBsnRecogniser", "did you mean 'NlBsnRecognizer'?"),
        ("entities: [NL_BSN]", "entities: [NL_BNS]", "unknown entity type 'NL_BNS'; did you mean 'NL_BSN'?"),
        ("entities: [NL_BSN]", "entities: [PERSON]", "NlBsnRecognizer finds NL_BSN, not PERSON"),
        ("entities: [NL_BSN]", "entities: []", "entities must be a list that is not empty"),
        (r"bare: '\d{8,9}'", r"bare: '(\d{8,9}'", "pattern 'bare': bad pattern: missing )"),
        (r"bare: '\d{8,9}'", r"baar: '\d{8,9}'", "did you mean 'bare'?"),
        (r"bare: '\d{8,9}'", "bare: '\u20ac'", "no character above U+00FF"),
        (r"      bare: '\d{8,9}'", "", "patterns of NlBsnRecognizer lacks 'bare'"),
        ("glued: -3.0", "gleud: -3.0", "did you mean 'glued'?"),
        ("glued: -3.0", "glued: -300", "between -20 and 20"),
        ("name: iban", "name: bsn", "two recognizers are called 'bsn'"),
        ("  - PERSON\n", "", "missing: PERSON"),
        ("overlap: 1000", "overlap: 19000", "overlap must be less than half of window"),
        ("language: nl", "language: nl\nlanguage: nl", "stands here twice"),
        ("limits:\n", "limits: 3\nlimiet:\n", "unknown key"),
    ],
)
def test_each_mistake_is_named_with_its_line(rules: Path, old: str, new: str, says: str) -> None:
    file = rules / "recognizers.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        build_detector(rules)
    assert says in str(caught.value)
    assert f"{file}, line " in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [("", "empty"), ("a: [", "not YAML"), ("- a\n", "must be a mapping"), (b"\xff\xfe\x00", "not UTF-8")],
)
def test_a_file_that_is_no_rules(rules: Path, content: str | bytes, says: str) -> None:
    file = rules / "recognizers.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError, match=says):
        read_configuration(rules)


def test_missing_files_never_mean_other_rules(rules: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        build_detector(tmp_path / "nowhere")
    shutil.rmtree(rules / "words")
    with pytest.raises(SettingsError, match="no word lists"):
        build_detector(rules)


def test_word_lists_are_checked(rules: Path) -> None:
    (rules / "words" / "names" / "titles.txt").unlink()
    with pytest.raises(SettingsError, match="no list names/titles"):
        build_detector(rules)
    (rules / "words" / "names" / "titles.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="can't be read"):
        build_detector(rules)


def test_a_cue_in_two_lists_is_refused(rules: Path) -> None:
    (rules / "words" / "cues" / "ip.txt").write_text("ip\nb s n\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"stands in bsn\.txt and in ip\.txt"):
        read_configuration(rules)


def test_without_the_other_lists_it_still_works(rules_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrubber.detection.lexicon.find_spec", lambda _: None)
    assert deduce_folder() is None
    small = load_lexicon(rules_dir / "words", None)
    assert "jan" in small.first_names
    assert "jansen" in small.surnames
    assert len(small.streets) < 100


def test_shipped_rules_serve_those_who_use_a_class_alone() -> None:
    assert shipped_spec("IbanRecognizer").patterns
    with pytest.raises(SettingsError, match="hold no Nothing"):
        shipped_spec("Nothing")


def test_compounds_of_number_are_references(rules_dir: Path) -> None:
    cues = load_lexicon(rules_dir / "words", None).cues
    assert cues.kind("bsn") == "bsn"
    assert cues.kind("kantoornummer") == "reference"
    assert cues.kind("ordernrs") == "reference"
    assert cues.kind("rijbewijsnr") == "licence"
    assert cues.kind("nummer") is None
    assert cues.kind("zomaar") is None
