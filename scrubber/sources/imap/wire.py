"""The IMAP commands that a source needs, each as one small function over one connection.

Why not IMAPClient's own: its `fetch` takes an unasked FETCH of message number 5 for one of UID 5, it knows no
UNCHANGEDSINCE (RFC 7162), and `append` goes through a substitution that turns a bare CR into CRLF. What a server
refuses is raised as Refused with its response code (RFC 5530), never with its text, which may name people.
"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.datetime_util import datetime_to_INTERNALDATE, parse_to_datetime
from imapclient.imap_utf7 import decode as decode_name
from imapclient.imap_utf7 import encode as encode_name
from imapclient.response_parser import parse_response

from scrubber.sources.imap.folders import Folder

_CODE = re.compile(rb"\[([A-Z0-9-]+)")
_STATUS = re.compile(rb"([A-Z]+) (\d+)")
_SYSTEM = {flag.lower(): flag for flag in ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Recent")}
_UNSELECTABLE = {"\\noselect", "\\nonexistent"}
_THROTTLED = re.compile(rb"throttl|too many|rate limit|bandwidth", re.IGNORECASE)

CHUNK = 500
"""Messages asked for in one FETCH of a few fields."""


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


class Wire:
    """One logged-in connection. Raises Refused; what the connection itself raises comes through as it is."""

    def __init__(self, client: IMAPClient) -> None:
        self.client = client
        self._imap: imaplib.IMAP4 = client._imap  # noqa: SLF001 - imapclient has no other way to its connection
        self._open: Selected | None = None

    # folders

    def folders(self, returning: str = "") -> tuple[list[Folder], dict[str, Status]]:
        """Every folder that can hold mail; with `returning` (LIST-EXTENDED, RFC 5258) what is asked about them too."""
        arguments = ['""', '"*"', *([f"RETURN ({returning})"] if returning else [])]
        self._command("LIST", *arguments)
        found = []
        for line in _lines(self._untagged("LIST")):
            parsed = parse_response([line])
            name = _folder_name(parsed[2]) if len(parsed) > 2 else None
            flags = {_text(flag).lower() for flag in parsed[0]} if parsed and isinstance(parsed[0], tuple) else set()
            if name is not None and not flags & _UNSELECTABLE:
                found.append(Folder(name, _text(parsed[1] or b""), frozenset(flags)))
        states = {}
        for line in _lines(self._untagged("STATUS")):
            if pair := _status(line):
                states[pair[0]] = pair[1]
        return found, states

    def status(self, folder: str) -> Status:
        self._command("STATUS", _quoted(folder), "(MESSAGES UIDNEXT UIDVALIDITY)")
        for line in _lines(self._untagged("STATUS")):
            if pair := _status(line):
                return pair[1]
        raise Refused("STATUS", "")

    def select(self, folder: str, *, writable: bool = False, fresh: bool = True) -> Selected:
        """Open a folder, for reading only unless `writable`. Not `fresh`: as it was opened before will do."""
        known = self._open
        if not fresh and known and known.folder == folder and (known.writable or not writable):
            return known
        self._open = None
        self._imap.untagged_responses = {}
        try:
            typ, data = self._imap.select(_quoted(folder), readonly=not writable)
        except imaplib.IMAP4.readonly:
            typ, data = self._imap.select(_quoted(folder), readonly=True)
            writable = False
        if typ != "OK":
            raise Refused("SELECT", response_code(_joined(data)))
        permanent = _joined(self._untagged("PERMANENTFLAGS")).decode("latin-1").lower()
        self._open = Selected(
            folder=folder,
            uidvalidity=self._number("UIDVALIDITY"),
            uidnext=self._number("UIDNEXT"),
            exists=self._number("EXISTS"),
            writable=writable,
            permanent=frozenset(permanent.replace("(", " ").replace(")", " ").split()),
            counts=bool(self._number("HIGHESTMODSEQ")),
        )
        return self._open

    def unselect(self) -> None:
        """Forget which folder is open: the next `select` asks the server."""
        self._open = None

    def noop(self) -> None:
        self._imap.noop()

    # messages of the open folder

    def uids(self, *criteria: str) -> list[int]:
        """UID SEARCH."""
        self._command("UID", "SEARCH", *criteria)
        found = self._untagged("SEARCH")
        return sorted({int(word) for line in found for word in line.split() if word.isdigit()})

    def sizes(self, first: int, last: int | None = None) -> list[tuple[int, int]]:
        """(UID, RFC822.SIZE) of the messages from `first` on."""
        found = []
        for line in self._fetch(f"{first}:{last or '*'}", "(UID RFC822.SIZE)"):
            text = line if isinstance(line, bytes) else line[0]
            values: dict[bytes, int] = {key: int(value) for key, value in _PAIR.findall(text)}
            if b"UID" in values and b"RFC822.SIZE" in values and values[b"UID"] >= first:
                found.append((values[b"UID"], values[b"RFC822.SIZE"]))
        return found

    def looks(self, uids: Sequence[int] | str, items: str) -> dict[int, Look]:
        """What the server says of some messages, by UID. Answers that name no UID are about something else: dropped."""
        if not uids:
            return {}
        sets = (
            [uids] if isinstance(uids, str) else [_ranges(uids[at : at + CHUNK]) for at in range(0, len(uids), CHUNK)]
        )
        found: dict[int, dict[bytes, Any]] = {}
        for one in sets:
            answer = parse_response(self._fetch(one, f"(UID {items})")) or ()
            for values in answer[1::2]:
                pairs = dict(zip((_key(k) for k in values[::2]), values[1::2], strict=False))
                if isinstance(pairs.get(b"UID"), int):
                    found.setdefault(pairs[b"UID"], {}).update(pairs)
        return {uid: _look(uid, pairs) for uid, pairs in found.items()}

    def look(self, uid: int, items: str) -> Look | None:
        """One message; None: it is not there."""
        return self.looks(str(uid), items).get(uid)

    def store(self, uid: int, operation: str, flags: Iterable[str], unchanged_since: int = 0) -> Look | None:
        """Change flags. What the server says that changed, without flags where it says nothing (nothing changed, or the
        message is gone); None: another changed it after `unchanged_since`, a modification number (RFC 7162; 0: any).
        """
        condition = [f"(UNCHANGEDSINCE {unchanged_since})"] if unchanged_since else []
        for stale in ("MODIFIED", "FETCH"):
            self._untagged(stale)
        typ, data = self._simple("UID", "STORE", str(uid), *condition, operation, _flag_list(flags))
        told = _parsed(self._untagged("FETCH")).get(uid, Look(uid))
        if self._untagged("MODIFIED"):
            return None
        self._checked("UID STORE", typ, data)
        return told

    def expunge(self, uid: int) -> None:
        """Remove one message that is marked as deleted, and no other (UIDPLUS, RFC 4315)."""
        self._command("UID", "EXPUNGE", str(uid))

    def move(self, uid: int, folder: str) -> tuple[int, int] | None:
        """Move one message (RFC 6851). (UIDVALIDITY, UID) of where it stands now; None: the server didn't say."""
        self._untagged("COPYUID")
        self._command("UID", "MOVE", str(uid), _quoted(folder))
        told = self._untagged("COPYUID")
        words = _joined(told).split() if told else []
        return (int(words[0]), int(words[2])) if len(words) == 3 and words[2].isdigit() else None

    def append(self, folder: str, message: bytes, flags: Iterable[str], date: datetime) -> tuple[int, int] | None:
        """Add a message. (UIDVALIDITY, UID) of it; None: the server didn't say."""
        self._untagged("APPENDUID")
        self._imap.literal = message  # type: ignore[assignment]  # typeshed has str; imaplib sends it as it is
        self._command("APPEND", _quoted(folder), _flag_list(flags), f'"{datetime_to_INTERNALDATE(date)}"')
        told = self._untagged("APPENDUID")
        words = _joined(told).split() if told else []
        return (int(words[0]), int(words[1])) if len(words) == 2 and words[1].isdigit() else None

    # the connection

    def capabilities(self) -> frozenset[str]:
        return frozenset(_text(name).upper() for name in self.client.capabilities())

    def server_id(self) -> str:
        """What the server calls itself (ID, RFC 2971)."""
        typ, _data = self._simple("ID", "NIL")
        told = self._untagged("ID") if typ == "OK" else []
        fields = next(iter(parse_response(told)), None) if told and told != [None] else None
        return " ".join(_text(value) for value in fields or () if isinstance(value, bytes))

    @property
    def greeting(self) -> str:
        return _text(self.client.welcome or b"")

    def idle(self) -> bool:
        """Begin IDLE (RFC 2177). True: the server said something at once."""
        self.client.idle()
        socket = self.client.socket()
        socket.setblocking(False)
        try:
            file: Any = self._imap.file
            return bool(file.peek(1))
        except OSError:  # nothing there: what a non-blocking read over TLS raises
            return False
        finally:
            socket.settimeout(self._timeout)

    def done(self) -> None:
        self.client.idle_done()

    @property
    def descriptor(self) -> int:
        return int(self.client.socket().fileno())

    @property
    def _timeout(self) -> float | None:
        return getattr(self.client._timeout, "read", None)  # noqa: SLF001 - as imapclient itself sets it again

    # underneath

    def _simple(self, name: str, *arguments: str | bytes) -> tuple[str, list[Any]]:
        run: Callable[..., tuple[str, list[Any]]] = self._imap._simple_command  # noqa: SLF001 - imaplib has no other way to send any command
        return run(name, *arguments)

    def _command(self, name: str, *arguments: str | bytes) -> list[Any]:
        typ, data = self._simple(name, *arguments)
        self._checked(f"UID {arguments[0]!s}" if name == "UID" else name, typ, data)
        return data

    def _checked(self, name: str, typ: str, data: Sequence[Any]) -> None:
        if typ != "OK":
            raise Refused(name, response_code(_joined(data)))

    def _fetch(self, uids: str, items: str) -> list[Any]:
        self._command("UID", "FETCH", uids, items)
        return self._untagged("FETCH")

    def _untagged(self, name: str) -> list[Any]:
        values: list[Any] = self._imap.untagged_responses.pop(name, [])
        return [value for value in values if value is not None]

    def _number(self, name: str) -> int:
        values = self._untagged(name)
        word = values[-1] if values else b""
        return int(word) if isinstance(word, bytes) and word.isdigit() else 0


_PAIR = re.compile(rb"(UID|RFC822\.SIZE) (\d+)")


def _quoted(folder: str) -> str:
    raw: bytes = encode_name(folder)
    return '"' + raw.decode("ascii").replace("\\", "\\\\").replace('"', '\\"') + '"'


def _folder_name(raw: object) -> str | None:
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


def _flag_list(flags: Iterable[str]) -> bytes:
    return b"(" + b" ".join(flag.encode("latin-1") for flag in flags) + b")"


def _flag(raw: object) -> str:
    text = raw.decode("latin-1") if isinstance(raw, bytes) else "NIL" if raw is None else str(raw)
    return _SYSTEM.get(text.lower(), text)


def _text(raw: object) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def _key(raw: object) -> bytes:
    """BODY[HEADER.FIELDS (A B)] and BODY[] alike as BODY."""
    return bytes(raw).upper().partition(b"[")[0] if isinstance(raw, bytes) else b""


def _joined(data: Sequence[Any]) -> bytes:
    return b" ".join(part if isinstance(part, bytes) else part[0] for part in data if part is not None)


def _lines(data: Sequence[Any]) -> list[Any]:
    """The untagged responses among imaplib's records: a tuple holds a literal, and what follows it ends the line."""
    lines = []
    after = False
    for record in data:
        if not (after and isinstance(record, bytes) and not record.startswith(b"(")):
            lines.append(record)
        after = isinstance(record, tuple)
    return [line for line in lines if line]


def _status(line: Any) -> tuple[str, Status] | None:
    parsed = parse_response([line])
    raw = line if isinstance(line, bytes) else None
    values = parsed[1] if len(parsed) > 1 else None
    name = _folder_name(parsed[0]) if parsed else None
    if raw is None or name is None or not isinstance(values, tuple):
        return None
    numbers = {key: int(value) for key, value in _STATUS.findall(raw[raw.rindex(b"(") :])}
    return name, Status(numbers.get(b"UIDVALIDITY", 0), numbers.get(b"UIDNEXT", 0), numbers.get(b"MESSAGES", 0))


def _parsed(answers: list[Any]) -> dict[int, Look]:
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
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _ranges(uids: Sequence[int]) -> str:
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
