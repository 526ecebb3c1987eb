"""Patterns in google-re2 over Latin-1 bytes: linear time whatever the text, offsets that are code points.

re2's own Python layer makes a generator and a match object for every search, which costs as much as the search itself
in the short texts of a message; here a search is one call into re2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import re2

_Spans = Sequence[tuple[int, int]]
_Search = Callable[[object, bytes, int, int], _Spans]
"""(anchor, text, start, end) -> the first occurrence within [start, end), (-1, -1) for none; its groups behind it."""
_Compile = Callable[[bytes, Any], _Search]


def options(max_mem: int | None = None) -> Any:
    """re2's options for what is matched here; nothing is ever logged, for it would quote the pattern."""
    made = re2.Options()
    made.encoding = re2.Options.Encoding.LATIN1
    made.log_errors = False
    if max_mem is not None:
        made.max_mem = max_mem
    return made


def _by_core(core: Any) -> tuple[object, _Compile]:
    """Through re2's private core, one call a search. Whatever it raises or answers otherwise: it is not as we know it.

    A release may change it; then the public interface does, with the same answers.
    """
    anywhere = core.RE2.Anchor.UNANCHORED

    def compiled(source: bytes, settings: Any) -> _Search:
        made = core.RE2(source, settings)
        if not made.ok():
            reason = made.error()
            raise ValueError(reason.decode("latin-1") if isinstance(reason, bytes) else str(reason))
        search: _Search = made.Match
        return search

    probe = compiled(b"b+", options())
    if [tuple(probe(anywhere, b"abbc", at, 4)[0]) for at in (0, 2, 3)] != [(1, 3), (2, 3), (-1, -1)]:
        raise TypeError("another re2")
    try:
        compiled(b"(", options())
    except ValueError:
        return anywhere, compiled
    raise TypeError("another re2")


def by_interface(source: bytes, settings: Any) -> _Search:
    """Through what re2 offers to all."""
    try:
        made = re2.compile(source, settings)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise ValueError(reason.decode("latin-1") if isinstance(reason, bytes) else str(reason)) from None

    def search(_: object, text: bytes, start: int, end: int) -> _Spans:
        match = made.search(text, start, end)
        return ((match.span() if match else (-1, -1)),)

    return search


def choose(core: Any) -> tuple[object, _Compile]:
    """The anchor and the way to compile that this re2 allows for."""
    try:
        return _by_core(core)
    except Exception:  # noqa: BLE001 - a core that is missing or otherwise fails in ways nobody can list
        return None, by_interface


_ANYWHERE, _compile = choose(getattr(re2, "_re2", None))


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
        self._match = _compile(source, settings)

    def found(self, text: bytes) -> bool:
        """Whether it occurs in `text`."""
        return self._match(_ANYWHERE, text, 0, len(text))[0][0] >= 0

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
