from __future__ import annotations

import re

import pytest
import re2

from scrubber import linear
from scrubber.linear import Expression, options


class _Renamed:
    """A core of re2 without what we call."""


class _Changed:
    """A core of re2 with the same names and other answers."""

    class RE2:
        class Anchor:
            UNANCHORED = 0

        def __init__(self, *_: object) -> None:
            pass

        def ok(self) -> bool:
            return True

        def Match(self, *_: object) -> list[int]:  # noqa: N802  # re2's name
            return [0]


def _way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name != "as installed":
        anywhere, compiled = linear.choose({"missing": None, "renamed": _Renamed, "changed": _Changed}[name])
        assert compiled is linear.by_interface
        monkeypatch.setattr(linear, "_ANYWHERE", anywhere)
        monkeypatch.setattr(linear, "_compile", compiled)


@pytest.fixture(params=["as installed", "missing", "renamed", "changed"], autouse=True)
def _each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through re2's core, and through its public interface where the core is not as we know it."""
    _way(request.param, monkeypatch)


@pytest.mark.parametrize("source", ["a", "a*", "(?m:^)", "$", r"\b", "a|(b)", "x"])
@pytest.mark.parametrize("text", [b"", b"a", b"baab", b"\n\na", b"\xe9a b"])
def test_it_finds_what_re_finds(source: str, text: bytes) -> None:
    expression = Expression(source.encode(), options())
    theirs = re.compile(source.encode())
    assert expression.found(text) == (theirs.search(text) is not None)
    first, same = expression.search(text), theirs.search(text)
    assert (first and (first.start(), first.end(), first.group())) == (same and (*same.span(), same[0]))


def test_it_replaces_and_lists() -> None:
    expression = Expression(b"[0-9]+", options(max_mem=1 << 20))
    assert expression.spans(b"1 22 x") == [(0, 1), (2, 4)]
    assert [match.group() for match in expression.finditer(b"1 22 x")] == [b"1", b"22"]
    assert expression.replaced(b"1 22 x", b"#") == b"# # x"
    assert expression.replaced(b"x", b"#") == b"x"


def test_a_bad_pattern_is_refused_with_its_reason() -> None:
    with pytest.raises(ValueError, match="missing"):
        Expression(b"(", options())


def test_the_installed_core_is_used() -> None:
    """Should a release of re2 change it, all goes on, but slower: this says so."""
    assert linear.choose(getattr(re2, "_re2", None))[1] is not linear.by_interface
