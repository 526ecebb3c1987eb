"""SEARCH (RFC 3501, 6.4.4) over the entries of a folder, and Gmail's two own keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from tests.mailservers.fake_store import Account, Entry, Folder, header
from tests.mailservers.fake_words import Malformed, Word, numbers, text_of

Test = Callable[[Entry], bool]

_FLAGS = {
    "ANSWERED": "\\Answered",
    "DELETED": "\\Deleted",
    "DRAFT": "\\Draft",
    "FLAGGED": "\\Flagged",
    "SEEN": "\\Seen",
}
_HEADERS = {"FROM", "TO", "CC", "SUBJECT"}


def search(account: Account, folder: Folder, criteria: Sequence[Word]) -> list[int]:
    """The UIDs that meet all criteria. Malformed: a key that is not known here."""
    rest = list(criteria)
    if rest and text_of(rest[0]).upper() == "CHARSET":
        rest = rest[2:]
    test = _all(account, folder, rest)
    return [uid for uid, entry in sorted(folder.entries.items()) if test(entry)]


def _all(account: Account, folder: Folder, criteria: Sequence[Word]) -> Test:
    left = iter(criteria)
    tests = []
    for word in left:
        tests.append(_one(account, folder, word, left))
    return lambda entry: all(test(entry) for test in tests)


def _one(account: Account, folder: Folder, word: Word, left: Iterator[Word]) -> Test:
    if isinstance(word, list):
        return _all(account, folder, word)

    def argument() -> str:
        following = next(left, None)
        if following is None:
            raise Malformed
        return text_of(following)

    def criterion() -> Test:
        following = next(left, None)
        if following is None:
            raise Malformed
        return _one(account, folder, following, left)

    key = text_of(word).upper()
    if key in _FLAGS:
        return _flagged(_FLAGS[key])
    if key.startswith("UN") and key[2:] in _FLAGS:
        return _not(_flagged(_FLAGS[key[2:]]))
    match key:
        case "ALL":
            return lambda _entry: True
        case "NOT":
            return _not(criterion())
        case "OR":
            one, other = criterion(), criterion()
            return lambda entry: one(entry) or other(entry)
        case "UID":
            wanted = set(numbers(argument(), folder.entries))
            return lambda entry: entry.uid in wanted
        case "KEYWORD" | "UNKEYWORD":
            if not account.keywords:
                raise Malformed
            test = _flagged(argument())
            return test if key == "KEYWORD" else _not(test)
        case "LARGER":
            least = int(argument())
            return lambda entry: account.size(entry) > least
        case "SMALLER":
            most = int(argument())
            return lambda entry: account.size(entry) < most
        case "SINCE" | "BEFORE" | "ON":
            return _dated(key, _day(argument()))
        case "HEADER":
            return _headed(argument(), argument())
        case "TEXT" | "BODY":
            text = argument().encode()
            return lambda entry: text in entry.mail.payload
        case "X-GM-MSGID":
            number = int(argument())
            return lambda entry: entry.mail.number == number
        case "X-GM-RAW":
            found = re.fullmatch(r"rfc822msgid:\s*<?([^<>]+)>?", argument())
            if not found:
                raise Malformed
            return _headed("Message-ID", found[1])
        case _ if key in _HEADERS:
            return _headed(key, argument())
        case _ if re.fullmatch(r"[0-9*:,]+", key):
            ordered = sorted(folder.entries)
            places = numbers(key, range(1, len(ordered) + 1))
            chosen = {ordered[place - 1] for place in places}
            return lambda entry: entry.uid in chosen
    raise Malformed


def _flagged(flag: str) -> Test:
    return lambda entry: flag.lower() in {one.lower() for one in entry.flags}


def _not(test: Test) -> Test:
    return lambda entry: not test(entry)


def _headed(name: str, part: str) -> Test:
    return lambda entry: (
        name_stands(entry, name) if not part else part.lower() in header(entry.mail.payload, name).lower()
    )


def name_stands(entry: Entry, name: str) -> bool:
    head = entry.mail.payload.partition(b"\r\n\r\n")[0]
    return re.search(rb"(?im)^" + re.escape(name.encode()) + rb"\s*:", head) is not None


def _day(text: str) -> date:
    return datetime.strptime(text, "%d-%b-%Y").date()  # noqa: DTZ007 - RFC 3501: "disregarding time and timezone"


def _dated(key: str, day: date) -> Test:
    def test(entry: Entry) -> bool:
        received = entry.mail.received.date()
        return {"SINCE": received >= day, "BEFORE": received < day, "ON": received == day}[key]

    return test
