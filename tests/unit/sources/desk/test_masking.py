"""Where a desk's own sign stands: the places that went, found again from the text that is wanted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.sources.desk.masking import collapsed, masked, spans, tags_differ

MASK = "▇"


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("BSN 123 is van mij", f"BSN {MASK} is van mij", ["123"]),
        ("123", MASK, ["123"]),
        ("123 en 123", f"{MASK} en {MASK}", ["123", "123"]),
        ("a 123 b 123 c", f"a {MASK} b 123 c", ["123"]),
        ("a 123 b 123 c", f"a 123 b {MASK} c", ["123"]),
        (f"a {MASK * 3} b 123", f"a {MASK} b {MASK}", ["123"]),
        ("niets", "niets", []),
    ],
)
def test_what_went(text: str, wanted: str, found: list[str]) -> None:
    places = spans(text, wanted, MASK, markup=False)
    assert places is not None
    assert [text[start:end] for start, end in places] == found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("abc", "abd"), ("abc", f"ab{MASK}cd"), ("abc", f"abc{MASK}"), ("aa", f"a{MASK}a"), ("<b>x</b>", "x")],
)
def test_what_can_not_be_made_of_it(text: str, wanted: str) -> None:
    assert spans(text, wanted, MASK, markup=True) is None


def test_a_value_that_tags_divide() -> None:
    text = "<p>BSN <b>123</b>456 <i>782</i>!</p>"
    wanted = f"<p>BSN <b>{MASK}</b> <i></i>!</p>"
    places = spans(text, f"<p>BSN <b>{MASK}</b><i></i>!</p>", MASK, markup=True)
    assert places is not None
    assert masked(text, places, MASK) == f"<p>BSN <b>{MASK}</b>{MASK}<i>{MASK}</i>!</p>"
    places = spans(text, wanted, MASK, markup=True)
    assert places is not None
    assert not any(digit in masked(text, places, MASK) for digit in "12345678")


def test_tags_stay_and_are_told() -> None:
    text = '<a href="tel:123">123</a>'
    wanted = f'<a href="tel:{MASK}">{MASK}</a>'
    places = spans(text, wanted, MASK, markup=True)
    assert places is not None
    assert masked(text, places, MASK) == f'<a href="tel:123">{MASK}</a>'
    assert tags_differ(text, wanted)
    assert not tags_differ(text, f'<a href="tel:123">{MASK}</a>')


words = st.lists(st.text("ab1 ", max_size=4), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(words, st.lists(st.text("ab1", min_size=1, max_size=4), max_size=5))
def test_any_answer_gives_the_text_that_is_wanted(kept: list[str], gone: list[str]) -> None:
    pairs = list(zip(kept, [*gone, *[""] * len(kept)], strict=False))
    text = "".join(keep + go for keep, go in pairs)
    wanted = collapsed("".join(keep + (MASK if go else "") for keep, go in pairs), MASK)
    places = spans(text, wanted, MASK, markup=False)
    assert places is not None
    assert masked(text, places, MASK) == wanted


@settings(max_examples=200, deadline=None)
@given(st.text(f"a{MASK} ", max_size=12))
def test_runs_are_one_and_stay_one(text: str) -> None:
    once = collapsed(text, MASK)
    assert collapsed(once, MASK) == once
    assert MASK * 2 not in once
    assert once.replace(MASK, "") == text.replace(MASK, "")


def test_signs_that_begin_no_tag_take_linear_time() -> None:
    text = "<" * 400_000
    assert spans(f"<p>{text}9", f"<p>{text}▇", "▇", markup=True) == [(len(text) + 3, len(text) + 4)]
