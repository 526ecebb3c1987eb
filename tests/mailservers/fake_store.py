"""Mailboxes in memory, as the fake IMAP servers keep them: messages, folders, flags, change numbers.

A message stands in a folder as an `Entry`. Ordinarily every entry has a message of its own; where folders are labels
(`gmail.py`) one message has several entries and shares its flags, all but \\Deleted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesHeaderParser

SYSTEM_FLAGS = ("\\Answered", "\\Flagged", "\\Draft", "\\Deleted", "\\Seen")


class Refused(Exception):
    """The server says NO or BAD: the text after the tag, without it."""


@dataclass(slots=True, eq=False)
class Mail:
    payload: bytes = field(repr=False)
    received: datetime
    flags: set[str]
    number: int
    """Unique in the account; Gmail's X-GM-MSGID."""


@dataclass(slots=True, eq=False)
class Entry:
    """A message at its place in a folder."""

    uid: int
    mail: Mail
    modseq: int
    deleted: bool = False

    @property
    def flags(self) -> frozenset[str]:
        return frozenset(self.mail.flags | ({"\\Deleted"} if self.deleted else set()))


@dataclass(slots=True, eq=False)
class Folder:
    name: str
    use: str = ""
    """Special use as in RFC 6154: "\\Sent"; "\\Noselect" for one that holds folders only."""
    uidvalidity: int = 1
    uidnext: int = 1
    read_only: bool = False
    entries: dict[int, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a test looks at it from outside IMAP."""

    folder: str
    payload: bytes = field(repr=False)
    flags: frozenset[str]
    received: datetime


class Account:
    """What one mailbox holds. Every public method may be called from any thread."""

    keywords = True
    """Whether a client may make new keywords (\\* in PERMANENTFLAGS)."""

    fixed_keywords: tuple[str, ...] = ()

    def __init__(self, folders: Mapping[str, str] | None = None, delimiter: str = "/") -> None:
        self.lock = threading.RLock()
        self.delimiter = delimiter
        self.modseq = 1
        self.folders: dict[str, Folder] = {}
        self._numbers = 0
        self._validity = 1_700_000_000
        for name, use in (folders if folders is not None else {"INBOX": ""}).items():
            self.create(name, use)

    # folders

    def find(self, name: str) -> Folder | None:
        if name.upper() == "INBOX":
            return next((folder for folder in self.folders.values() if folder.name.upper() == "INBOX"), None)
        return self.folders.get(name)

    def folder(self, name: str) -> Folder:
        found = self.find(name)
        if found is None or found.use == "\\Noselect":
            raise Refused("NO [NONEXISTENT] Unknown mailbox")
        return found

    def create(self, name: str, use: str = "") -> Folder:
        with self.lock:
            if self.find(name):
                raise Refused("NO [ALREADYEXISTS] Mailbox already exists")
            self._validity += 1
            made = self.folders[name] = Folder(name, use, self._validity)
            return made

    def delete(self, name: str) -> None:
        with self.lock:
            folder = self.folder(name)
            for uid in list(folder.entries):
                self.expunge(folder, uid)
            del self.folders[folder.name]

    def rename(self, name: str, to: str) -> None:
        with self.lock:
            folder = self.folder(name)
            if self.find(to):
                raise Refused("NO [ALREADYEXISTS] Mailbox already exists")
            del self.folders[folder.name]
            folder.name = to
            self.folders[to] = folder

    def renumber(self, name: str) -> None:
        """A new UIDVALIDITY, and every message a new UID: what a restored index gives."""
        with self.lock:
            folder = self.folder(name)
            self._validity += 1
            folder.uidvalidity, folder.uidnext = self._validity, 1
            old, folder.entries = folder.entries, {}
            for entry in old.values():
                self._place(folder, entry.mail).deleted = entry.deleted

    # messages

    def add(self, name: str, payload: bytes, received: datetime | None = None, flags: Iterable[str] = ()) -> int:
        """A mail arrives, or a person's other program writes it; its UID."""
        with self.lock:
            moment = received or datetime(2026, 11, 2, 12, tzinfo=UTC)
            return self.deliver(self.folder(name), payload, moment, set(flags)).uid

    def deliver(self, folder: Folder, payload: bytes, received: datetime, flags: set[str]) -> Entry:
        self._numbers += 1
        mail = Mail(payload, received, flags - {"\\Deleted"}, self._numbers)
        entry = self._place(folder, mail)
        entry.deleted = "\\Deleted" in flags
        return entry

    def append(self, folder: Folder, payload: bytes, received: datetime, flags: set[str]) -> Entry:
        """APPEND. Refused: what the server says."""
        return self.deliver(folder, payload, received, flags)

    def copy(self, entry: Entry, target: Folder) -> Entry:
        made = self.deliver(target, entry.mail.payload, entry.mail.received, set(entry.mail.flags))
        made.deleted = entry.deleted
        return made

    def move(self, entry: Entry, source: Folder, target: Folder) -> Entry:
        made = self._place(target, entry.mail)
        made.deleted = entry.deleted
        del source.entries[entry.uid]
        self.modseq += 1
        return made

    def mark(self, folder: Folder, entry: Entry, flags: frozenset[str]) -> None:
        """Give the message these flags, all of them."""
        if flags == entry.flags:
            return
        self.modseq += 1
        entry.deleted = "\\Deleted" in flags
        entry.mail.flags = set(flags - {"\\Deleted"})
        for place in self.places(entry.mail):
            place.modseq = self.modseq

    def expunge(self, folder: Folder, uid: int) -> None:
        del folder.entries[uid]
        self.modseq += 1

    def size(self, entry: Entry) -> int:
        """What RFC822.SIZE says."""
        return len(entry.mail.payload)

    def places(self, mail: Mail) -> list[Entry]:
        return [entry for folder in self.folders.values() for entry in folder.entries.values() if entry.mail is mail]

    def _place(self, folder: Folder, mail: Mail) -> Entry:
        self.modseq += 1
        entry = folder.entries[folder.uidnext] = Entry(folder.uidnext, mail, self.modseq)
        folder.uidnext += 1
        return entry

    # what a test sees

    def standing(self) -> list[Seen]:
        """Every message in every folder, a label's too."""
        with self.lock:
            return [
                Seen(folder.name, entry.mail.payload, entry.flags, entry.mail.received)
                for folder in self.folders.values()
                for entry in folder.entries.values()
            ]

    def holds(self, text: bytes) -> list[str]:
        """The folders in which a message has this text."""
        return sorted({seen.folder for seen in self.standing() if text in seen.payload})


def header(payload: bytes, name: str) -> str:
    """A header's text, unfolded; "" where it is missing."""
    value = BytesHeaderParser().parsebytes(payload)[name]
    return " ".join(str(value).split()) if value is not None else ""
