"""One entry, one spelling; and nothing else is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.errors import LedgerError
from scrubber.ledger.canonical import canonical, draft_bytes, dumps, loads, parse, parse_draft
from scrubber.ledger.entry import CopyLeft, LedgerEntry, Removal, UnreadPart

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_SCORE = st.floats(allow_nan=False, allow_infinity=False)
_ENTRIES = st.builds(
    LedgerEntry,
    chain=_TEXT,
    index=st.integers(0, 2**63),
    previous=_TEXT,
    kind=st.sampled_from(["message", "deferred", "checkpoint", "key_destroyed"]),
    recorded_at=_TEXT,
    actor=_TEXT,
    job=_TEXT,
    source=_TEXT,
    removals=st.lists(st.builds(Removal, _TEXT, _TEXT, _TEXT, _TEXT, _SCORE, evidence=_TEXT), max_size=3).map(tuple),
    unread=st.lists(st.builds(UnreadPart, _TEXT, _TEXT), max_size=2).map(tuple),
    copies=st.lists(st.builds(CopyLeft, _TEXT, _TEXT, _TEXT), max_size=2).map(tuple),
    notes=st.lists(_TEXT, max_size=2).map(tuple),
    key_id=_TEXT,
    signer=_TEXT,
)

ENTRY = LedgerEntry(
    "main",
    4,
    "ab",
    "message",
    "2026-03-01T13:30:00.000000Z",
    "worker",
    removals=(Removal("NL_BSN", "bsn-nooit", "redact", "body", 1.0),),
    unread=(UnreadPart("image/png", "image"),),
    copies=(CopyLeft("verzonden", "REMAINS", "één"),),
    notes=("n",),
)
SECRET = "171253985"


@settings(max_examples=100, deadline=None)
@given(_ENTRIES)
def test_what_is_written_is_read_back(entry: LedgerEntry) -> None:
    body = canonical(entry)
    assert parse(body) == entry
    assert canonical(parse(body)) == body


@settings(max_examples=60, deadline=None)
@given(_ENTRIES, _ENTRIES)
def test_two_entries_never_share_a_spelling(one: LedgerEntry, other: LedgerEntry) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)


@settings(max_examples=100, deadline=None)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_changed_byte_is_another_entry_or_none(place: int, byte: int) -> None:
    body = bytearray(canonical(ENTRY))
    body[place % len(body)] = byte
    try:
        entry = parse(bytes(body))
    except LedgerError:
        return
    assert (entry == ENTRY) == (bytes(body) == canonical(ENTRY))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_an_entry_or_a_ledger_error(body: bytes) -> None:
    with pytest.raises(LedgerError):
        parse(body)


def test_the_spelling_is_what_the_record_promises() -> None:
    body = canonical(LedgerEntry("main", 0, "", "checkpoint", "2026-03-01T13:30:00.000000Z", "één", notes=("a",)))
    assert body.decode() == (
        '{"actor":"één","chain":"main","channel":"","copies":[],"detector_digest":"","index":0,"job":"","key_id":"",'
        '"kind":"checkpoint","message_digest":"","mode":"","notes":["a"],"outcome":"","policy_digest":"","previous":"",'
        '"reason":"","recorded_at":"2026-03-01T13:30:00.000000Z","ref":"","removals":[],"result_digest":"","signer":"",'
        '"source":"","unread":[],"v":1}'
    )


def test_a_whole_score_is_spelled_as_a_number_with_a_point() -> None:
    whole = replace(ENTRY, removals=(Removal("NL_BSN", "bsn-nooit", "redact", "body", 1),))
    assert canonical(whole) == canonical(ENTRY)


def _changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    content = loads(canonical(ENTRY))
    change(content)
    return dumps(content)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.update({SECRET: ""}), "unknown field"),
        (lambda c: c["removals"][0].update({SECRET: ""}), "removals: an unknown field"),
        (lambda c: c["copies"][0].pop("why"), "copies: why is missing"),
        (lambda c: c.pop("actor"), "actor is missing"),
        (lambda c: c.pop("v"), "not of version 1"),
        (lambda c: c.update(v=2), "not of version 1"),
        (lambda c: c.update(v=True), "not of version 1"),
        (lambda c: c.update(kind=SECRET), "not a known kind"),
        (lambda c: c.update(index=True), "index: not of type int"),
        (lambda c: c.update(index=4.0), "index: not of type int"),
        (lambda c: c.update(index=-1), "draft"),
        (lambda c: c.update(actor=None), "actor: not of type str"),
        (lambda c: c.update(notes=SECRET), "notes: not of type list"),
        (lambda c: c.update(notes=[7]), "notes: not of type str"),
        (lambda c: c.update(unread=[SECRET]), "unread: not of type dict"),
        (lambda c: c["removals"][0].update(score=1), "score: not of type float"),
        (lambda c: c["removals"][0].update(rule=7), "rule: not of type str"),
    ],
)
def test_a_body_of_another_shape_is_refused_by_field(change: Callable[[dict[str, Any]], object], says: str) -> None:
    with pytest.raises(LedgerError, match=says) as caught:
        parse(_changed(change))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "spell",
    [
        lambda body: body + b"\n",
        lambda body: body.replace(b":1.0", b":1.00"),
        lambda body: body.replace(b":1.0", b":1e999"),
        lambda body: body.replace(b":1.0", b":NaN"),
        lambda body: body.replace("één".encode(), rb"\u00e9\u00e9n"),
        lambda body: body.replace(b'"actor":"worker",', b'"actor":"worker","actor":"worker",'),
        lambda body: json.dumps(json.loads(body)).encode(),
        lambda body: body.decode().encode("utf-16"),
        lambda body: body[:-1],
        lambda body: b"\xff" + body,
        lambda _body: b"[" * 100_000,
        lambda _body: b"[]",
        lambda _body: b'{"v":1,"index":' + b"9" * 5000 + b"}",
    ],
)
def test_a_second_spelling_is_refused(spell: Callable[[bytes], bytes]) -> None:
    with pytest.raises(LedgerError):
        parse(spell(canonical(ENTRY)))


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_no_number_no_entry(score: float) -> None:
    with pytest.raises(LedgerError, match="can't"):
        canonical(replace(ENTRY, removals=(Removal("NL_BSN", "r", "redact", "body", score),)))


def test_text_that_utf8_can_not_hold_is_refused_without_repeating_it() -> None:
    with pytest.raises(LedgerError, match="surrogate") as caught:
        canonical(replace(ENTRY, reason=f"{SECRET}\ud800"))
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_draft_waits_without_a_place_and_is_no_entry() -> None:
    draft = replace(ENTRY, index=-1, previous="")
    assert parse_draft(draft_bytes(draft)) == draft
    with pytest.raises(LedgerError, match="draft"):
        canonical(draft)
    with pytest.raises(LedgerError, match="draft"):
        parse(draft_bytes(draft))


@pytest.mark.parametrize("entry", [ENTRY, replace(ENTRY, index=-1), replace(ENTRY, index=-2, previous="")])
def test_what_has_a_place_is_no_draft(entry: LedgerEntry) -> None:
    with pytest.raises(LedgerError, match="no draft"):
        draft_bytes(entry)
    with pytest.raises(LedgerError):
        parse_draft(_changed(lambda c: c.update(index=entry.index)))
