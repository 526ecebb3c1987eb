"""A desk's message: what is edited is the inside of its texts, and everything else keeps its bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.budget import Budget, Limits
from scrubber.errors import BudgetExceeded, FormatError
from scrubber.finding import Edit
from scrubber.formats.registry import open_tree
from scrubber.message import TextView
from scrubber.pieces import PIECES_TYPE, Attached, Piece, dump, load

BSN = "123456782"
MESSAGE = (
    Piece("subject", f"Vraag {BSN} 😀", kind="subject"),
    Piece("text", f'Zei hij: "{BSN}"\\ \x00\n\t€ é', group="1"),
    Piece("html", f"<p>Zei hij: <b>{BSN[:3]}</b>{BSN[3:]} &amp; &#8364;<!-- {BSN} --></p>", "text/html", group="1"),
    Piece("field/12", BSN, kind="field"),
    Piece("leeg", ""),
    Attached("attachment/1", "image/png", f"bsn {BSN}.png"),
    Attached("attachment/2", "application/pdf"),
)


def edits(views: tuple[TextView, ...], value: str = BSN, put: str = "[BSN]") -> list[Edit]:
    found = []
    for view in views:
        at = view.text.find(value)
        while at >= 0:
            found.append(Edit(view.path, at, at + len(value), put))
            at = view.text.find(value, at + len(value))
    return found


def test_texts_are_views_and_attachments_are_listed() -> None:
    opened = open_tree(dump(MESSAGE), PIECES_TYPE)
    assert [view.path[0] for view in opened.views] == ["subject", "text", "html", "html", "field/12", "attachment/1"]
    assert [view.kind for view in opened.views] == ["subject", "body", "body", "hidden", "field", "filename"]
    assert [view.group for view in opened.views[1:3]] == ["1", "1"]
    assert [(one.path, one.reason) for one in opened.unread] == [
        (("attachment/1",), "image"),
        (("attachment/2",), "pdf"),
    ]


def test_edits_land_and_nothing_else_changes() -> None:
    payload = dump(MESSAGE)
    opened = open_tree(payload, PIECES_TYPE)
    result = opened.apply(edits(opened.views, put='["\\</p>'))
    assert BSN.encode() not in result
    before, after = load(payload), load(result)
    for old, new in zip(before, after, strict=True):
        assert (old.name, old.media_type) == (new.name, new.media_type)
        if isinstance(old, Piece) and isinstance(new, Piece):
            assert (old.kind, old.group) == (new.kind, new.group)
            assert new.text.endswith(old.text[-2:]) or old.name.startswith("field")
    assert dump(after) == result  # canonical still
    assert opened.apply([]) == payload
    assert edits(open_tree(result, PIECES_TYPE).views) == []


texts = st.text(max_size=30)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(texts, texts), max_size=5), st.sampled_from(["text/plain", "text/html"]), texts)
def test_an_edit_changes_its_text_and_no_other(pairs: list[tuple[str, str]], media_type: str, put: str) -> None:
    pieces = [Piece(f"p{n}", f"{a} zz{n}9 {b}", media_type) for n, (a, b) in enumerate(pairs)]
    payload = dump(pieces)
    assert load(payload) == tuple(pieces)
    opened = open_tree(payload, PIECES_TYPE)
    assert opened.apply([]) == payload
    wanted = [
        Edit(view.path, at, at + 4, put)
        for view in opened.views
        if view.path[0] == "p0" and (at := view.text.find("zz09")) >= 0
    ]
    after = load(opened.apply(wanted))
    assert after[1:] == tuple(pieces[1:])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b'"x"',
        b"null",
        b"7",
        b"[1]",
        b'[{"name":"a"}]',
        b'[{"name":"a","type":"text/plain","kind":"none","group":"","text":"x"}]',
        b'[{"name":"a","type":"text/plain","kind":"body","group":"","text":7}]',
        b'[{"name":"a","type":"b","filename":"c"},{"name":"a","type":"b","filename":"c"}]',
        b"[" * 5000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_message_is_refused(payload: bytes) -> None:
    if payload == b"{}":
        assert open_tree(payload, PIECES_TYPE).views == ()
        return
    with pytest.raises(FormatError, match="not-pieces"):
        open_tree(payload, PIECES_TYPE)


def test_two_of_one_name_are_not_written() -> None:
    with pytest.raises(ValueError, match="one name"):
        dump([Piece("a", ""), Attached("a", "")])


def test_half_a_pair_and_unknown_types() -> None:
    payload = dump([Piece("a", f"\ud800 {BSN}"), Piece("b", f"{BSN}", "application/x-other")])
    opened = open_tree(payload, PIECES_TYPE)
    result = json.loads(opened.apply(edits(opened.views)))
    assert [row["text"] for row in result] == ["\ud800 [BSN]", "[BSN]"]


def test_more_pieces_than_a_message_may_have() -> None:
    payload = dump([Piece(f"p{number}", "x") for number in range(30)])
    with pytest.raises(BudgetExceeded):
        open_tree(payload, PIECES_TYPE, budget=Budget(Limits(parts=20)))
