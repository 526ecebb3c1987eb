"""The IMAP commands that a source needs, each as one small function over one connection.

Why not IMAPClient's own: its `fetch` takes an unasked FETCH of message number 5 for one of UID 5, it knows no
UNCHANGEDSINCE (RFC 7162), and `append` goes through a substitution that turns a bare CR into CRLF. What a server
refuses is raised as Refused with its response code (RFC 5530), never with its text, which may name people.
"""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.datetime_util import datetime_to_INTERNALDATE

from scrubber.sources.imap import answers
from scrubber.sources.imap.answers import Look, Refused, Selected, Status, flag_list, quoted, response_code
from scrubber.sources.imap.folders import Folder

CHUNK = 500
"""Messages asked for in one FETCH of a few fields."""

WINDOW = 50_000
"""Messages that one SEARCH may be about: imaplib takes lines of up to 1,000,000 bytes, and a UID
takes eleven at most."""

SPAN = 5_000
"""Messages of which one FETCH asks two numbers: what it answers is held in memory as a whole."""


class Wire:
    """One logged-in connection. Raises Refused; what the connection itself raises comes through as it is."""

    def __init__(self, client: IMAPClient) -> None:
        self.client = client
        self._imap: imaplib.IMAP4 = client._imap  # noqa: SLF001 - imapclient has no other way to its connection
        self._open: Selected | None = None
        self._exists = 0

    # folders

    def folders(self, returning: str = "") -> tuple[list[Folder], dict[str, Status]]:
        """Every folder that can hold mail; with `returning` (LIST-EXTENDED, RFC 5258) what is asked about them too."""
        arguments = ['""', '"*"', *([f"RETURN ({returning})"] if returning else [])]
        self._command("LIST", *arguments)
        found = [answers.folder(line) for line in answers.lines(self._untagged("LIST"))]
        states = [answers.status(line) for line in answers.lines(self._untagged("STATUS"))]
        return [one for one in found if one], dict(one for one in states if one)

    def status(self, folder: str) -> Status:
        self._command("STATUS", quoted(folder), "(MESSAGES UIDNEXT UIDVALIDITY)")
        for line in answers.lines(self._untagged("STATUS")):
            if pair := answers.status(line):
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
            typ, data = self._imap.select(quoted(folder), readonly=not writable)
        except imaplib.IMAP4.readonly:
            typ, data = self._imap.select(quoted(folder), readonly=True)
            writable = False
        if typ != "OK":
            raise Refused("SELECT", response_code(answers.joined(data)))
        permanent = answers.joined(self._untagged("PERMANENTFLAGS")).decode("latin-1").lower()
        self._open = Selected(
            folder=folder,
            uidvalidity=self._number("UIDVALIDITY"),
            uidnext=self._number("UIDNEXT"),
            exists=self._number("EXISTS"),
            writable=writable,
            permanent=frozenset(permanent.replace("(", " ").replace(")", " ").split()),
            counts=bool(self._number("HIGHESTMODSEQ")),
        )
        self._exists = self._open.exists
        return self._open

    def again(self, folder: str, *, writable: bool = False) -> Selected:
        """As `select`, with what others did since, at less cost where the folder is open."""
        known = self._open
        if known and known.folder == folder and known.writable == writable:
            self._imap.noop()
            return known
        return self.select(folder, writable=writable)

    # messages of the open folder

    def uids(self, *criteria: str) -> list[int]:
        """UID SEARCH; in a folder of more than WINDOW messages by so many of them at a time.

        The latest first: what another client removes meanwhile only brings messages down, to where is still looked.
        """
        last = self._count()
        found: set[int] = set()
        top = True
        while top or last > 0:
            first = max(1, last - WINDOW + 1)
            # At the top an open end: what came in since counts too. Alone it needs no window at all.
            window = [] if top and first == 1 else [f"{first}:*" if top else f"{first}:{last}"]
            self._command("UID", "SEARCH", *window, *criteria)
            found.update(answers.numbers(self._untagged("SEARCH")))
            last, top = min(first - 1, self._count()), False
        return sorted(found)

    def _count(self) -> int:
        """How many messages the server takes the open folder to hold now: another number is refused by some."""
        told = self._untagged("EXISTS")
        gone = len(self._untagged("EXPUNGE"))
        if told:  # which of the two was said first isn't known: rather too many
            self._exists = max(int(word) for word in told)
        else:
            self._exists = max(0, self._exists - gone)
        return self._exists

    def sizes(self, first: int) -> Iterator[tuple[int, int]]:
        """(UID, RFC822.SIZE) of the messages from `first` on, in the order of their UIDs."""
        known = self._open
        spans = [f"{first}:*"]
        if known is None or (known.exists > SPAN and not 0 < known.uidnext - first <= SPAN):
            uids = [uid for uid in self.uids("UID", f"{first}:*") if uid >= first]
            spans = [f"{uids[at]}:{uids[min(at + SPAN, len(uids)) - 1]}" for at in range(0, len(uids), SPAN)]
        for span in spans:
            told = [answers.size(line) for line in self._fetch(span, "(UID RFC822.SIZE)")]
            yield from sorted(one for one in told if one and one[0] >= first)

    def looks(self, uids: Sequence[int] | str, items: str) -> dict[int, Look]:
        """What the server says of some messages, by UID."""
        return {look.uid: look for look in self.each(uids, items)}

    def each(self, uids: Sequence[int] | str, items: str) -> Iterator[Look]:
        """As `looks`, CHUNK at a time. Answers that name no UID are about something else: dropped."""
        sets = [uids]
        if not isinstance(uids, str):
            sets = [answers.ranges(uids[at : at + CHUNK]) for at in range(0, len(uids), CHUNK)]
        for one in sets:
            if one:
                yield from answers.looks(self._fetch(str(one), f"(UID {items})")).values()

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
        typ, data = self._simple("UID", "STORE", str(uid), *condition, operation, flag_list(flags))
        told = answers.looks(self._untagged("FETCH")).get(uid, Look(uid))
        if self._untagged("MODIFIED"):
            return None
        self._checked("UID STORE", typ, data)
        return told

    def labels(self, uid: int) -> tuple[str, ...]:
        """Gmail's labels of a message, but for that of the open folder (X-GM-LABELS). Gmail's own begin with \\."""
        return tuple(self.client.get_gmail_labels([uid]).get(uid, ()))

    def add_labels(self, uid: int, labels: Iterable[str]) -> None:
        self.client.add_gmail_labels([uid], list(labels), silent=True)

    def expunge(self, uid: int) -> None:
        """Remove one message that is marked as deleted, and no other (UIDPLUS, RFC 4315)."""
        self._command("UID", "EXPUNGE", str(uid))

    def move(self, uid: int, folder: str) -> tuple[int, int] | None:
        """Move one message (RFC 6851). (UIDVALIDITY, UID) of where it stands now; None: the server didn't say."""
        self._untagged("COPYUID")
        self._command("UID", "MOVE", str(uid), quoted(folder))
        told = self._untagged("COPYUID")
        words = answers.numbers(told)
        return (words[0], words[2]) if len(words) == 3 else None

    def append(self, folder: str, message: bytes, flags: Iterable[str], date: datetime) -> tuple[int, int] | None:
        """Add a message. (UIDVALIDITY, UID) of it; None: the server didn't say."""
        self._untagged("APPENDUID")
        self._imap.literal = message  # type: ignore[assignment]  # typeshed has str; imaplib sends it as it is
        self._command("APPEND", quoted(folder), flag_list(flags), f'"{datetime_to_INTERNALDATE(date)}"')
        told = self._untagged("APPENDUID")
        words = answers.numbers(told)
        return (words[0], words[1]) if len(words) == 2 else None

    # the connection

    def capabilities(self) -> frozenset[str]:
        return frozenset(answers.text_of(name).upper() for name in self.client.capabilities())

    def server_id(self) -> str:
        """What the server calls itself (ID, RFC 2971)."""
        typ, _data = self._simple("ID", "NIL")
        return answers.server_name(self._untagged("ID")) if typ == "OK" else ""

    @property
    def greeting(self) -> str:
        return answers.text_of(self.client.welcome or b"")

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
            raise Refused(name, response_code(answers.joined(data)))

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
