"""google-re2 patterns over folded text: linear time whatever the text, and one pass that says which occur at all.

Folded text holds only code points below U+0100, so that Latin-1 bytes and their offsets are code points and theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import re2

from scrubber.errors import SettingsError


def _options() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = 32 << 20
    return options


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; `source` is what was written."""

    source: str
    compiled: Any = field(repr=False, compare=False)

    def spans(self, data: bytes) -> list[tuple[int, int]]:
        """[start, end) of every match, left to right, not overlapping."""
        return [match.span() for match in self.compiled.finditer(data)]


def compile_pattern(source: str) -> Pattern:
    """SettingsError, with re2's reason, where `source` is no re2 pattern."""
    try:
        return Pattern(source, re2.compile(source.encode("latin-1"), _options()))
    except UnicodeEncodeError:
        raise SettingsError("patterns are matched against folded text: no character above U+00FF") from None
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        text = reason.decode("latin-1") if isinstance(reason, bytes) else str(reason)
        raise SettingsError(f"bad pattern: {text}") from None


class Gate:
    """One pass of a re2.Set: which of many patterns don't occur."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._sources = list(dict.fromkeys(pattern.source for pattern in patterns))
        self._all = frozenset(self._sources)
        self._set = re2.Set.SearchSet(_options())
        for source in self._sources:
            self._set.Add(source.encode("latin-1"))
        self._set.Compile()

    def absent(self, data: bytes) -> frozenset[str]:
        """Sources of the patterns that occur nowhere in `data`."""
        sources = self._sources
        return self._all.difference([sources[index] for index in self._set.Match(data) or ()])
