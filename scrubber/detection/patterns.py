"""google-re2 patterns over folded text: linear time whatever the text, and one pass that says which occur at all.

Folded text holds only code points below U+0100, so that Latin-1 bytes and their offsets are code points and theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import re2

from scrubber.errors import SettingsError
from scrubber.linear import Expression, options

_MEMORY = 32 << 20


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; `source` is what was written."""

    source: str
    compiled: Expression = field(repr=False, compare=False)

    def spans(self, data: bytes) -> list[tuple[int, int]]:
        """[start, end) of every match, left to right, not overlapping."""
        return self.compiled.spans(data)


def compile_pattern(source: str) -> Pattern:
    """SettingsError, with re2's reason, where `source` is no re2 pattern."""
    try:
        return Pattern(source, Expression(source.encode("latin-1"), options(_MEMORY)))
    except UnicodeEncodeError:
        raise SettingsError("patterns are matched against folded text: no character above U+00FF") from None
    except ValueError as error:
        raise SettingsError(f"bad pattern: {error}") from None


class Gate:
    """One pass of a re2.Set: which of many patterns don't occur."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._sources = list(dict.fromkeys(pattern.source for pattern in patterns))
        self._all = frozenset(self._sources)
        self._set = re2.Set.SearchSet(options(_MEMORY))
        for source in self._sources:
            self._set.Add(source.encode("latin-1"))
        self._set.Compile()

    def absent(self, data: bytes) -> frozenset[str]:
        """Sources of the patterns that occur nowhere in `data`."""
        sources = self._sources
        return self._all.difference([sources[index] for index in self._set.Match(data) or ()])
