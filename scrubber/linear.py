"""Patterns in google-re2 over Latin-1 bytes: linear time whatever the text, offsets that are code points.

re2's own Python layer makes a generator and a match object for every search, which costs as much as the search itself
in the short texts of a message; here a search is one call into re2.
"""

from __future__ import annotations

from typing import Any

import re2
from re2 import _re2

_ANYWHERE = _re2.RE2.Anchor.UNANCHORED


def options(max_mem: int | None = None) -> Any:
    """re2's options for what is matched here; nothing is ever logged, for it would quote the pattern."""
    made = re2.Options()
    made.encoding = re2.Options.Encoding.LATIN1
    made.log_errors = False
    if max_mem is not None:
        made.max_mem = max_mem
    return made


class Match:
    """Where a pattern stands in a text."""

    __slots__ = ("_end", "_start", "_text")

    def __init__(self, text: bytes, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end

    def start(self) -> int:
        return self._start

    def end(self) -> int:
        return self._end

    def group(self) -> bytes:
        return self._text[self._start : self._end]


class Expression:
    """A compiled pattern. ValueError, with re2's reason, where `source` is none."""

    __slots__ = ("_match",)

    def __init__(self, source: bytes, settings: Any) -> None:
        compiled = _re2.RE2(source, settings)
        if not compiled.ok():
            reason = compiled.error()
            raise ValueError(reason.decode("latin-1") if isinstance(reason, bytes) else str(reason))
        self._match = compiled.Match

    def found(self, text: bytes) -> bool:
        """Whether it occurs in `text`."""
        return self._match(_ANYWHERE, text, 0, len(text))[0][0] >= 0  # type: ignore[no-any-return]  # untyped library

    def search(self, text: bytes) -> Match | None:
        """Its first occurrence."""
        start, end = self._match(_ANYWHERE, text, 0, len(text))[0]
        return Match(text, start, end) if start >= 0 else None

    def spans(self, text: bytes) -> list[tuple[int, int]]:
        """[start, end) of every occurrence, left to right, not overlapping."""
        found: list[tuple[int, int]] = []
        match, at, size = self._match, 0, len(text)
        while at <= size:
            span = match(_ANYWHERE, text, at, size)[0]
            if span[0] < 0:
                break
            found.append(span)
            at = span[1] if span[1] > at else at + 1  # past a match of nothing
        return found

    def finditer(self, text: bytes) -> list[Match]:
        return [Match(text, start, end) for start, end in self.spans(text)]

    def replaced(self, text: bytes, by: bytes) -> bytes:
        """`text` with `by` for every occurrence."""
        spans = self.spans(text)
        if not spans:
            return text
        parts, at = [], 0
        for start, end in spans:
            parts.append(text[at:start])
            at = end
        parts.append(text[at:])
        return by.join(parts)
