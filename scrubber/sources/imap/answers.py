"""What a mail server answers, as types, and how its lines are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from imapclient.datetime_util import parse_to_datetime
from imapclient.imap_utf7 import decode as decode_name
from imapclient.imap_utf7 import encode as encode_name
from imapclient.response_parser import parse_response

from scrubber.sources.imap.folders import Folder

_CODE = re.compile(rb"\[([A-Z0-9-]+)")
_STATUS = re.compile(rb"([A-Z]+) (\d+)")
_SYSTEM = {flag.lower(): flag for flag in ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Recent")}
_UNSELECTABLE = {"\\noselect", "\\nonexistent"}
_THROTTLED = re.compile(rb"throttl|too many|rate limit|bandwidth", re.IGNORECASE)


class Refused(Exception):
    """The server answered NO or BAD. `code`: its response code, "" where it gave none; THROTTLED also by its words."""

    def __init__(self, command: str, code: str) -> None:
        super().__init__(f"{command} refused [{code}]")
        self.command = command
        self.code = code

    @property
    def for_good(self) -> bool:
        """Whether the same will be refused later too: no such folder, no right to it."""
        return self.code in {"", "NONEXISTENT", "NOPERM", "AUTHORIZATIONFAILED", "CANNOT"}


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder that is open. `permanent`: the flags that it keeps, in lower case; with `\\*` any keyword besides.

    `counts`: it keeps modification numbers (CONDSTORE).
    """

    folder: str
    uidvalidity: int
    uidnext: int
    exists: int
    writable: bool
    permanent: frozenset[str] = frozenset()
    counts: bool = False

    @property
    def keywords(self) -> bool:
        """Whether it takes keywords that it doesn't know yet."""
        return not self.permanent or "\\*" in self.permanent

    def kept(self, flags: Iterable[str]) -> frozenset[str]:
        """Those that it keeps; some servers refuse a command that names another (Exchange)."""
        return frozenset(flag for flag in flags if self.keywords or flag.lower() in self.permanent)


@dataclass(frozen=True, slots=True)
class Status:
    uidvalidity: int
    uidnext: int
    messages: int


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one message. What was not asked for is empty. `date` keeps the zone that the server gave."""

    uid: int
    flags: frozenset[str] = frozenset()
    date: datetime | None = None
    saved: datetime | None = None
    size: int = 0
    modseq: int = 0
    body: bytes | None = field(default=None, repr=False)


def response_code(text: bytes) -> str:
    """The response code in a server's answer; THROTTLED where only its words say so (Exchange)."""
    found = _CODE.search(text)
    if found:
        return found[1].decode("ascii")
    return "THROTTLED" if _THROTTLED.search(text) else ""


_PAIR = re.compile(rb"(UID|RFC822\.SIZE) (\d+)")


def quoted(folder: str) -> str:
    raw: bytes = encode_name(folder)
    return '"' + raw.decode("ascii").replace("\\", "\\\\").replace('"', '\\"') + '"'


def folder(line: Any) -> Folder | None:
    """A line of LIST; None for what holds no mail, or has a name that can't be named back."""
    parsed = parse_response([line])
    if len(parsed) < 3 or not isinstance(parsed[0], tuple):
        return None
    name = folder_name(parsed[2])
    uses = frozenset(text_of(flag).lower() for flag in parsed[0])
    if name is None or uses & _UNSELECTABLE:
        return None
    return Folder(name, text_of(parsed[1] or b""), uses)


def folder_name(raw: object) -> str | None:
    """A folder's name; None for one that can't be named back to the server."""
    if isinstance(raw, int):
        raw = str(raw).encode("ascii")
    if not isinstance(raw, bytes):
        return None
    try:
        name: str = decode_name(raw)
        if encode_name(name) != raw:
            return None
    except (UnicodeError, ValueError):
        return None
    return "INBOX" if name.upper() == "INBOX" else name


def flag_list(flags: Iterable[str]) -> bytes:
    return b"(" + b" ".join(flag.encode("latin-1") for flag in flags) + b")"


def _flag(raw: object) -> str:
    text = raw.decode("latin-1") if isinstance(raw, bytes) else "NIL" if raw is None else str(raw)
    return _SYSTEM.get(text.lower(), text)


def numbers(data: Sequence[bytes]) -> list[int]:
    """The numbers of a response such as APPENDUID or SEARCH."""
    return [int(word) for line in data for word in line.split() if word.isdigit()]


def server_name(data: Sequence[Any]) -> str:
    """The words of an ID response (RFC 2971)."""
    fields = next(iter(parse_response(list(data))), None) if data else None
    return " ".join(text_of(value) for value in fields or () if isinstance(value, bytes))


def text_of(raw: object) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def _key(raw: object) -> bytes:
    """BODY[HEADER.FIELDS (A B)] and BODY[] alike as BODY."""
    return bytes(raw).upper().partition(b"[")[0] if isinstance(raw, bytes) else b""


def joined(data: Sequence[Any]) -> bytes:
    return b" ".join(part if isinstance(part, bytes) else part[0] for part in data if part is not None)


def lines(data: Sequence[Any]) -> list[Any]:
    """The untagged responses among imaplib's records: a tuple holds a literal, and what follows it ends the line."""
    lines = []
    after = False
    for record in data:
        if not (after and isinstance(record, bytes) and not record.startswith(b"(")):
            lines.append(record)
        after = isinstance(record, tuple)
    return [line for line in lines if line]


def status(line: Any) -> tuple[str, Status] | None:
    parsed = parse_response([line])
    raw = line if isinstance(line, bytes) else None
    values = parsed[1] if len(parsed) > 1 else None
    name = folder_name(parsed[0]) if parsed else None
    if raw is None or name is None or not isinstance(values, tuple):
        return None
    numbers = {key: int(value) for key, value in _STATUS.findall(raw[raw.rindex(b"(") :])}
    return name, Status(numbers.get(b"UIDVALIDITY", 0), numbers.get(b"UIDNEXT", 0), numbers.get(b"MESSAGES", 0))


def size(line: Any) -> tuple[int, int] | None:
    """(UID, RFC822.SIZE) of a FETCH line; None where it doesn't tell both."""
    text = line if isinstance(line, bytes) else line[0]
    values: dict[bytes, int] = {key: int(value) for key, value in _PAIR.findall(text)}
    return (values[b"UID"], values[b"RFC822.SIZE"]) if len(values) == 2 else None


def looks(answers: list[Any]) -> dict[int, Look]:
    """FETCH answers by UID, several about one message taken together; those that name no UID are dropped."""
    found: dict[int, dict[bytes, Any]] = {}
    for values in (parse_response(answers) or ())[1::2] if answers else ():
        pairs = dict(zip((_key(k) for k in values[::2]), values[1::2], strict=False))
        if isinstance(pairs.get(b"UID"), int):
            found.setdefault(pairs[b"UID"], {}).update(pairs)
    return {uid: _look(uid, pairs) for uid, pairs in found.items()}


def _look(uid: int, pairs: dict[bytes, Any]) -> Look:
    flags = pairs.get(b"FLAGS")
    modseq = pairs.get(b"MODSEQ")
    body = pairs.get(b"BODY")
    if isinstance(body, int):
        body = str(body).encode("ascii")
    return Look(
        uid=uid,
        flags=frozenset(_flag(flag) for flag in flags) if isinstance(flags, tuple) else frozenset(),
        date=_date(pairs.get(b"INTERNALDATE")),
        saved=_date(pairs.get(b"SAVEDATE")),
        size=pairs[b"RFC822.SIZE"] if isinstance(pairs.get(b"RFC822.SIZE"), int) else 0,
        modseq=modseq[0] if isinstance(modseq, tuple) and modseq and isinstance(modseq[0], int) else 0,
        body=body if isinstance(body, bytes) else None,
    )


def _date(raw: object) -> datetime | None:
    if not isinstance(raw, bytes):
        return None
    try:
        found: datetime = parse_to_datetime(raw, normalise=False)
        found.astimezone(UTC)  # the first and the last day there is may have no time in UTC
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def ranges(uids: Sequence[int]) -> str:
    """1,2,3,7 as 1:3,7."""
    parts: list[str] = []
    start = last = uids[0]
    for uid in [*uids[1:], -1]:
        if uid == last + 1:
            last = uid
            continue
        parts.append(str(start) if start == last else f"{start}:{last}")
        start = last = uid
    return ",".join(parts)
