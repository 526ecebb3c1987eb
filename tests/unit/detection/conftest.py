"""One detector for the whole folder: building it reads the word lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scrubber.detection.analyzer import PresidioDetector, build_detector
from scrubber.detection.base import Request
from scrubber.errors import DetectionError
from scrubber.message import Sender, TextView

ROOT = Path(__file__).parents[3]
Search = Callable[..., list[tuple[str, str]]]


@pytest.fixture(scope="session")
def rules_dir() -> Path:
    return ROOT / "rules"


@pytest.fixture(scope="session")
def detector(rules_dir: Path) -> PresidioDetector:
    """The rules alone: their cases say what they find without the trained model."""
    return build_detector(rules_dir, model="off")


@pytest.fixture(scope="session")
def search(detector: PresidioDetector) -> Search:
    """search(text, name=…, email=…, own=…, answers=…) -> [(entity type, text found)]."""

    def run(
        text: str, name: str = "", email: str = "", own: tuple[str, ...] = (), answers: str = ""
    ) -> list[tuple[str, str]]:
        (found,) = detector.detect([Request(TextView(("body",), text), Sender(name, email), own, answers)])
        assert not isinstance(found, DetectionError)
        return [(f.entity_type, text[f.start : f.end]) for f in found]

    return run
