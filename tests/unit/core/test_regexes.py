"""No regular expression of Python's own takes a row of signs apart in more ways than one.

"(?:[ ,]{1,3}|word){1,12}" does: twelve signs can be taken one, two or three at a time, and where the rest does not
match, all the ways are tried. What a mail costs then grows as fast as its sender likes.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import scrubber

kinds: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")
_REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT)
_FEW = 4
"""Times: so few ways more are no matter."""


def _patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for module in pkgutil.walk_packages(scrubber.__path__, "scrubber."):
        if module.name.rpartition(".")[2] != "__main__":
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{module.name}:{name}", value


def _alternatives(body: Any) -> Iterator[Any]:
    """Each way the body may be matched, as a row of parts."""
    if len(body) == 1:
        kind, what = body[0]
        if kind is kinds.SUBPATTERN:
            yield from _alternatives(what[3])
            return
        if kind is kinds.BRANCH:
            for one in what[1]:
                yield from _alternatives(one)
            return
    yield body


def _within(kind: Any, what: Any) -> list[Any]:
    """What a part consists of."""
    if kind in _REPEATS:
        return [what[2]]
    if kind is kinds.SUBPATTERN:
        return [what[3]]
    if kind is kinds.BRANCH:
        return list(what[1])
    return [what[1]] if kind in (kinds.ASSERT, kinds.ASSERT_NOT) else []


def _loose(parsed: Any) -> bool:
    """Whether a repeat stands, alone, within a repeat."""
    for kind, what in parsed:
        if kind in _REPEATS and what[1] >= _FEW:
            rows = _alternatives(what[2])
            if any(len(row) == 1 and row[0][0] in _REPEATS and row[0][1][1] > 1 for row in rows):
                return True
        if any(_loose(body) for body in _within(kind, what)):
            return True
    return False


@pytest.mark.parametrize(("source", "loose"), [
    (r"(?:[ ,]{1,3}|word){1,12}$", True),
    (r"(?:a+)+b", True),
    (r"x(?:(?:\w+|\d)*)y", True),
    (r"(?:[ ,]|word){1,12}$", False),
    (r"(?:,[ ]*word)*", False),
    (r"(?:[ ,]{1,3}|word){1,2}", False),
])  # fmt: skip
def test_what_is_told_apart(source: str, loose: bool) -> None:
    assert _loose(parser.parse(source)) is loose


def test_no_repeat_stands_alone_within_a_repeat() -> None:
    found = dict(_patterns())
    assert len(found) > 500
    assert [name for name, pattern in found.items() if _loose(parser.parse(pattern.pattern, pattern.flags))] == []
