from __future__ import annotations

import re

import pytest

from scrubber.linear import Expression, options


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
