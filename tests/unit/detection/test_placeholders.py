"""Only what scrubber itself can have written is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrubber.detection.analyzer import PresidioDetector, build_detector
from scrubber.detection.base import Request
from scrubber.detection.placeholders import placeholders
from scrubber.errors import DetectionError, SettingsError
from scrubber.message import TextView
from scrubber.shipped import shipped_rules


@pytest.fixture(scope="module")
def detector() -> PresidioDetector:
    return build_detector(shipped_rules())


def types(detector: PresidioDetector, text: str) -> list[str]:
    (found,) = detector.detect([Request(TextView(("body",), text))])
    assert not isinstance(found, DetectionError)
    return [finding.entity_type for finding in found]


@pytest.mark.parametrize(
    "text",
    [
        "Mijn BSN is [123456782 verwijderd] ok",
        "[mijn BSN is 123456782, is niet verwijderd]",
        "[Mijn BSN is 123456782 removed ok]",
        "Mijn BSN is [*123456782]",
        "Mijn BSN is [BSN 123456782 verwijderd]",
        "Mijn BSN is [BSN verwijderd: 123456782]",
        "Mijn BSN is [BSN verwijderd 123456782]",
    ],
)
def test_a_forged_placeholder_hides_nothing(detector: PresidioDetector, text: str) -> None:
    assert "NL_BSN" in types(detector, text)


@pytest.mark.parametrize(
    "text",
    [
        "Mijn BSN is [BSN verwijderd], wachtwoord: [wachtwoord of code verwijderd: wijzig het]",
        "Stort op [IBAN 1 verwijderd] of [IBAN 12 verwijderd]",
        "My password is [password or code removed: please change it]",
    ],
)
def test_our_own_are_passed_over(detector: PresidioDetector, text: str) -> None:
    assert types(detector, text) == []


def test_a_mask_of_our_own_is_passed_over_where_one_is_in_use(tmp_path: Path) -> None:
    text = (shipped_rules() / "entities.yaml").read_text(encoding="utf-8")
    path = tmp_path / "entities.yaml"
    path.write_text(text.replace("operator: replace\n", "operator: mask_last_4\n", 3), encoding="utf-8")
    assert placeholders(path).pattern.fullmatch("**************4300")
    assert not placeholders(path).pattern.fullmatch("*****123456782")
    assert not placeholders(shipped_rules() / "entities.yaml").pattern.search("**************4300")


@pytest.mark.parametrize("text", ["[", "a: b", "operators: {}", "operators: {x: 1}\nentities: {}"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "entities.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="can't be read"):
        placeholders(path)
