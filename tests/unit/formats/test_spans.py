"""Text maps: edits come out where the text came from."""

from __future__ import annotations

import pytest

from scrubber.formats.spans import Patch, TextMap, in_order


def sample() -> TextMap:
    """The text "ab&c" + a line break + "deXY" of the source "ab&amp;c<br>de%xy%"."""
    text = TextMap()
    text.copy("ab", 0)
    text.atom("&", 2, 7)
    text.copy("c", 7)
    text.gap("\n")
    text.copy("de", 12)
    text.atom("XY", 14, 18)
    return text


def lower(*patches: Patch, across: bool = False) -> list[Patch]:
    return sample().lower(patches, str, across=across)


def test_the_text_is_put_together() -> None:
    text = sample()
    assert text.text == "ab&c\ndeXY"
    assert text.length == 9
    assert text.last == "Y"
    assert TextMap().last == ""


def test_a_copy_is_edited_by_the_code_point() -> None:
    assert lower(Patch(1, 2, "Q")) == [Patch(1, 2, "Q")]


def test_pieces_that_touch_in_the_source_are_one() -> None:
    assert lower(Patch(1, 4, "Q")) == [Patch(1, 8, "Q")]


def test_over_a_gap_the_first_piece_takes_the_replacement() -> None:
    assert lower(Patch(3, 7, "Q")) == [Patch(7, 8, "Q"), Patch(12, 14, "")]
    assert lower(Patch(3, 7, "Q"), across=True) == [Patch(7, 14, "Q")]


def test_an_edit_of_a_gap_alone_is_nothing() -> None:
    assert lower(Patch(4, 5, "Q")) == []


def test_half_an_atom_takes_the_whole_and_keeps_the_other_half() -> None:
    assert lower(Patch(7, 8, "Q")) == [Patch(14, 18, "QY")]
    assert lower(Patch(8, 9, "Q")) == [Patch(14, 18, "XQ")]


def test_two_edits_of_one_atom_become_one() -> None:
    assert lower(Patch(6, 8, "Q"), Patch(8, 9, "R")) == [Patch(13, 18, "QR")]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (0, Patch(0, 0, "Q")),
        (1, Patch(1, 1, "Q")),
        (3, Patch(7, 7, "Q")),
        (5, Patch(12, 12, "Q")),
        (8, Patch(14, 18, "XQY")),
        (9, Patch(18, 18, "Q")),
    ],
)
def test_insertions(at: int, expected: Patch) -> None:
    assert lower(Patch(at, at, "Q")) == [expected]


def test_an_insertion_into_nothing_but_a_gap_is_nothing() -> None:
    text = TextMap()
    text.gap("\n")
    assert text.lower([Patch(0, 0, "Q"), Patch(1, 1, "Q")], str, across=False) == []
    assert TextMap().lower([Patch(0, 0, "Q")], str, across=False) == []


def test_the_last_code_point_is_dropped() -> None:
    text = TextMap()
    text.copy("ab ", 0)
    text.drop_last()
    assert (text.text, text.length) == ("ab", 2)
    assert text.lower([Patch(1, 2, "Q")], str, across=False) == [Patch(1, 2, "Q")]
    text.atom(" ", 2, 6)
    text.drop_last()
    assert text.text == "ab"
    text.atom("x ", 2, 9)
    text.drop_last()
    assert text.lower([Patch(2, 3, "Q")], str, across=False) == [Patch(2, 9, "Q")]


@pytest.mark.parametrize("wrong", [[(0, 2), (1, 3)], [(2, 1)], [(0, 6)], [(-1, 2)]])
def test_patches_that_overlap_or_leave_the_text_are_refused(wrong: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="overlap or are out of range"):
        in_order([Patch(start, end, "") for start, end in wrong], 5)
