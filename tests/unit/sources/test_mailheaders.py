from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.sources.mailheaders import BLOCK_LIMIT, REFERENCES_LIMIT, parse, parse_date, read_block


def _from(value: bytes) -> tuple[str, str]:
    sender = parse(b"From: " + value + b"\r\n\r\nbody").sender
    return sender.name, sender.email


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        (b"Sanne de Wit <sanne@klant.example>", "Sanne de Wit", "sanne@klant.example"),
        (b"sanne@klant.example", "", "sanne@klant.example"),
        (b"sanne@klant.example (Sanne)", "", "sanne@klant.example"),
        (b'"Wit, Sanne \\"de\\"" <sanne@klant.example>', 'Wit, Sanne "de"', "sanne@klant.example"),
        (b'"help@desk.test" <other@klant.example>', "help@desk.test", "other@klant.example"),
        (b'"x <help@desk.test>" <other@klant.example>', "x <help@desk.test>", "other@klant.example"),
        (b"(help@desk.test) other@klant.example", "", "other@klant.example"),
        (b"=?utf-8?q?J=C3=A1n?=\r\n =?utf-8?b?IFBldGVycw?= <j@klant.example>", "Ján Peters", "j@klant.example"),
        (b"=?iso-8859-1?Q?Andr=E9?= <a@klant.example>", "André", "a@klant.example"),
        (b"=?utf-8*nl?Q?Andr=C3=A9?= <a@klant.example>", "André", "a@klant.example"),
        (b"=?no-such?Q?Andr=C3=A9?= <a@klant.example>", "André", "a@klant.example"),
        (b"=?hex?Q?Ria?= <a@klant.example>", "Ria", "a@klant.example"),
        (b"=?utf-8?b?A?= <a@klant.example>", "=?utf-8?b?A?=", "a@klant.example"),
        ("André <a@klant.example>".encode("cp1252"), "André", "a@klant.example"),
        ("André <a@klant.example>".encode(), "André", "a@klant.example"),
        (b"Sanne\x00\x1b <a@klant.example>", "Sanne", "a@klant.example"),
        (b"< a@klant.example >", "", "a@klant.example"),
        (b"A <a@klant.example>, B <b@klant.example>", "A", "a@klant.example"),
        (b"undisclosed", "undisclosed", ""),
        (b"", "", ""),
        (b"<>", "<>", ""),
        (b"@", "@", ""),
        (b"(" * 5000, "(" * 5000, ""),
    ],
)
def test_sender(value: bytes, name: str, address: str) -> None:
    assert _from(value) == (name, address)


def test_the_first_field_of_a_name_counts_and_the_body_never() -> None:
    raw = b"Subject: x\nFROM : a@klant.example\nFrom: b@klant.example\n\nMessage-ID: <body@klant.example>\n"
    headers = parse(raw)
    assert headers.sender.email == "a@klant.example"
    assert headers.message_id == ""


def test_junk_between_the_fields_is_passed_over() -> None:
    headers = parse(b" leading fold\nno colon here\n: empty\nMessage-ID: <m1@klant.example>\nDate: x\n\n")
    assert (headers.message_id, headers.date) == ("m1@klant.example", None)


def test_references_and_in_reply_to_each_once_and_folded() -> None:
    raw = (
        b"References: <a@x.test>\r\n\t<b@x.test> rubbish <c d>\r\nIn-Reply-To: your mail <b@x.test> <e@x.test>\r\n\r\n"
    )
    assert parse(raw).references == ("a@x.test", "b@x.test", "e@x.test")


def test_of_very_many_references_the_last_count() -> None:
    raw = b"References: " + b" ".join(b"<%d@x.test>" % number for number in range(500)) + b"\n\n"
    references = parse(raw).references
    assert len(references) == REFERENCES_LIMIT
    assert references[-1] == "499@x.test"


@pytest.mark.parametrize("blank", [b"\n\n", b"\r\n\r\n"])
def test_a_header_block_is_read_and_no_more(blank: bytes) -> None:
    block = b"A: " + b"x" * 8190 + blank
    for shift in range(4):
        raw = b"B" * shift + block
        file = io.BytesIO(raw + b"body" * 10_000)
        assert read_block(file.read) == raw
        assert file.tell() <= 2 * 8192


def test_a_header_block_without_end_is_bounded() -> None:
    file = io.BytesIO(b"x" * (2 * BLOCK_LIMIT))
    assert len(read_block(file.read)) == BLOCK_LIMIT
    assert read_block(io.BytesIO(b"A: b").read) == b"A: b"
    assert read_block(io.BytesIO(b"\nbody").read) == b"\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 02 Mar 2026 13:00:00 +0100", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 12:00:00 -0000", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("Mon Mar  2 12:00:00 2026", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2 Mar 2026 12:00:60 GMT", datetime(2026, 3, 2, 12, 0, 59, tzinfo=UTC)),
        ("Mon, 32 Mar 2026 12:00:00 +0100", None),
        ("31 Dec 9999 23:59:59 -2359", None),
        ("gisteren", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: datetime | None) -> None:
    assert parse_date(text) == expected


_FIELDS = st.sampled_from(
    [b"From: ", b"Date: ", b"References: ", b"Message-ID: ", b"\n ", b"\n", b"=?utf-8?q?", b"?=", b"<"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(_FIELDS, st.binary(max_size=20))))
def test_no_mail_makes_it_raise(pieces: list[bytes]) -> None:
    headers = parse(b"".join(pieces))
    assert headers.date is None or headers.date.tzinfo is UTC
    assert "\n" not in headers.sender.name + headers.sender.email


def test_a_long_hostile_header_costs_little() -> None:
    for piece in (b'"', b"(", b"<", b"=?utf-8?q?", b"a@", b"a.", b"\\", b'"\\', b"=?", b"@a", b" "):
        parse(b"From: " + piece * (200_000 // len(piece)) + b"\n\n")


def test_nothing_of_a_mail_in_a_repr() -> None:
    assert "klant" not in repr(parse(b"From: a@klant.example\nMessage-ID: <x@klant.example>\n\n"))
