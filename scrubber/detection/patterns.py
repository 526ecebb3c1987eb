"""google-re2 patterns over folded text: linear time whatever the text, and one pass that says which occur at all.

Folded text holds only code points below U+0100, so that Latin-1 bytes and their offsets are code points and theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import re2

from scrubber.errors import SettingsError
from scrubber.linear import Expression, options

_MEMORY = 32 << 20
_SETS = 15
_SET_MEMORY = 4 << 20
"""Bytes: filled by hostile text alone."""


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
    """Which of many patterns don't occur: one pass of a re2.Set for every few of them.

    One set of all makes so many states of its automaton that it throws them away and makes them anew all the time.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        sources = list(dict.fromkeys(pattern.source for pattern in patterns))
        self._all = frozenset(sources)
        # Neighbours in the rules are alike, and together they make the most states: every set gets one of each kind.
        self._sets = [_set_of(sources[first::_SETS]) for first in range(min(_SETS, len(sources)))]

    def absent(self, data: bytes) -> frozenset[str]:
        """Sources of the patterns that occur nowhere in `data`."""
        present: list[str] = []
        for match, sources in self._sets:
            if found := match(data):
                present += [sources[index] for index in found]
        return self._all.difference(present)


def _set_of(sources: list[str]) -> tuple[Callable[[bytes], list[int] | None], list[str]]:
    """(what says which of them occur in a text, the sources)."""
    made = re2.Set.SearchSet(options(_SET_MEMORY))
    for source in sources:
        made.Add(source.encode("latin-1"))
    made.Compile()
    return made.Match, sources


def loosely(source: str) -> Expression:
    """A pattern, in any case of letters, without which a slower one can't match: to see that it is not there costs
    less."""
    return Expression(f"(?i){source}".encode("latin-1"), options())


class Tells:
    """Which of several slow patterns may match: for each a looser one that must stand in the text then."""

    def __init__(self, **tells: str) -> None:
        self._match, self._sources = _set_of([f"(?i){tell}" for tell in tells.values()])
        self._names = list(tells)

    def of(self, data: bytes) -> set[str]:
        """The names of the patterns that may match in `data`."""
        return {self._names[index] for index in self._match(data) or ()}
