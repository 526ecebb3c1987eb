"""The head of a letter: a firm's name on the first line, its address and account on those below."""

from __future__ import annotations

from scrubber.policy.clauses import Context, Page
from scrubber.policy.folded import compile_pattern

_LINES = 6
_LINE = 80  # characters
_HEAD = 400
# What a letter says, as against its head.
_SAID = compile_pattern(
    r"\b(?:ik|wij|we|u|uw|jullie|je|mijn|m'n|mn|graag|kunt|kan|wilt|beste|geachte|hallo|hoi|dag|aan|t\.?a\.?v|betreft|"
    r"klant\w*|bewoner\w*|huurder\w*|client\w*|patient\w*|leerling\w*|familie|fam)\b"
)


def head_of(page: Page, context: Context) -> bytes:
    """The first line of the page, where the datum stands in the lines right below it; b"" elsewhere."""
    start = context.finding.start
    if start > _HEAD or context.segment.kind != "own":
        return b""
    above = page.folded[context.segment.start : start].lstrip()
    lines = above.split(b"\n")
    if not 2 <= len(lines) <= _LINES or any(not line.strip() or len(line) > _LINE for line in lines[:-1]):
        return b""
    if _SAID.found(page.masked[context.segment.start : start]):
        return b""
    return lines[0]
