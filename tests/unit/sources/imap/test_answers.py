"""How a server's lines are read: the odd ones that servers really send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scrubber.sources.imap import answers
from scrubber.sources.imap.answers import Refused, Selected, response_code


def test_an_unasked_answer_about_message_number_5_is_not_about_uid_5() -> None:
    told = answers.looks([b"2 (UID 5 FLAGS (\\Seen))", b"5 (FLAGS (\\Deleted))"])
    assert told.keys() == {5}
    assert told[5].flags == {"\\Seen"}


def test_what_is_said_later_of_a_message_counts() -> None:
    told = answers.looks([b"2 (UID 5 FLAGS (\\Seen) RFC822.SIZE 10)", b"2 (UID 5 FLAGS ())"])
    assert (told[5].flags, told[5].size) == (frozenset(), 10)


def test_flags_of_any_form() -> None:
    told = answers.looks([b"1 (UID 7 FLAGS (\\seen \\RECENT $Label1 123 NIL Nieuw))"])
    assert told[7].flags == {"\\Seen", "\\Recent", "$Label1", "123", "NIL", "Nieuw"}


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ([(b"1 (UID 7 BODY[] {4}", b"a\r\nb"), b")"], b"a\r\nb"),
        ([(b"1 (BODY[] {4}", b"a\r\nb"), b" UID 7)"], b"a\r\nb"),
        ([(b"1 (UID 7 BODY[HEADER.FIELDS (FROM DATE)] {2}", b"\r\n"), b")"], b"\r\n"),
        ([b'1 (UID 7 BODY[] "")'], b""),
        ([b"1 (UID 7 BODY[] NIL)"], None),
        ([b'1 (UID 7 BODY[] "12")'], b"12"),
    ],
)
def test_a_body_as_literal_text_or_nothing(lines: list[object], body: bytes | None) -> None:
    assert answers.looks(lines)[7].body == body


def test_a_date_keeps_its_zone_and_a_broken_one_is_none() -> None:
    (look,) = answers.looks([b'1 (UID 7 INTERNALDATE " 2-Mar-2026 12:00:00 +0130")']).values()
    assert look.date == datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    assert look.date is not None
    assert look.date.utcoffset() == timedelta(hours=1, minutes=30)
    for broken in (b"yesterday", b"31-Dec-9999 23:59:59 -0100"):
        (look,) = answers.looks([b'1 (UID 7 INTERNALDATE "%s")' % broken]).values()
        assert look.date is None


def test_modification_numbers_and_sizes() -> None:
    (look,) = answers.looks([b"1 (UID 7 MODSEQ (12) RFC822.SIZE 34)"]).values()
    assert (look.modseq, look.size) == (12, 34)
    assert answers.size(b"1 (RFC822.SIZE 34 UID 7)") == (7, 34)
    assert answers.size(b"1 (FLAGS ())") is None


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b'(\\HasNoChildren) "/" INBOX', "INBOX"),
        (b'() "/" "inbox"', "INBOX"),
        (b'() "." "Met \\"quotes\\""', 'Met "quotes"'),
        (b'() "/" R&-D', "R&D"),
        (b'() "/" &ZeVnLIqe-', "日本語"),
        (b'() "/" 12', "12"),
        (b'() NIL "x"', "x"),
        ((b'() "/" {3}', b"a b"), "a b"),
        (b'() "/" x ("CHILDINFO" ("SUBSCRIBED"))', "x"),
        (b'(\\Noselect) "/" x', None),
        (b'(\\NonExistent) "/" x', None),
        (b'() "/" "R&D"', None),  # can't be named back
        (b"()", None),
    ],
)
def test_names_of_folders(line: object, name: str | None) -> None:
    folder = answers.folder(line)
    assert (folder.name if folder else None) == name


def test_special_uses() -> None:
    folder = answers.folder(b'(\\HasNoChildren \\Sent) "/" "Verzonden items"')
    assert folder is not None
    assert "\\sent" in folder.uses
    assert folder.delimiter == "/"


def test_status_of_a_folder_whose_name_looks_like_an_answer() -> None:
    found = answers.status(b'"(UIDNEXT 9)" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)')
    assert found is not None
    assert found[0] == "(UIDNEXT 9)"
    assert (found[1].messages, found[1].uidnext, found[1].uidvalidity) == (3, 4, 5)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"[OVERQUOTA] full", "OVERQUOTA"),
        (b"[UNAVAILABLE] later", "UNAVAILABLE"),
        (b"Request is throttled. Suggested Backoff Time: 1 milliseconds", "THROTTLED"),
        (b"Too many simultaneous connections", "THROTTLED"),
        (b"Mailbox doesn't exist: x", ""),
        (b"", ""),
    ],
)
def test_codes(text: bytes, code: str) -> None:
    assert response_code(text) == code


@pytest.mark.parametrize(
    ("code", "for_good"), [("", True), ("NONEXISTENT", True), ("UNAVAILABLE", False), ("LIMIT", False)]
)
def test_what_will_be_refused_again(code: str, for_good: bool) -> None:
    assert Refused("SELECT", code).for_good is for_good


def test_which_flags_a_folder_keeps() -> None:
    def selected(*permanent: str) -> Selected:
        return Selected("INBOX", 1, 1, 0, True, frozenset(permanent))

    wanted = {"\\Seen", "$MDNSent", "klant"}
    assert selected("\\seen", "\\*").kept(wanted) == wanted
    assert selected().kept(wanted) == wanted, "it doesn't say"
    assert selected("\\seen", "$mdnsent").kept(wanted) == {"\\Seen", "$MDNSent"}


def test_ranges() -> None:
    assert answers.ranges([1, 2, 3, 7, 9, 10]) == "1:3,7,9:10"
    assert answers.ranges([4]) == "4"
