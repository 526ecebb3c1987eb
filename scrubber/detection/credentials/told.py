"""Slow patterns that are looked for only where their tell stands, and what they match as a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.recognizer import Hit


def told(tells: set[str], text: str, **patterns: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """What the patterns whose names are among `tells` match in `text`, one pattern after the other."""
    for name, pattern in patterns.items():
        if name in tells:
            yield from pattern.finditer(text)


def hit(match: re.Match[str], group: int = 1, score: float = 0.7) -> Hit:
    return Hit("CREDENTIAL", match.start(group), match.end(group), score)
