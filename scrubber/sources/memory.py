"""A source in memory, for tests: all that a Maildir can do, without files.

`on_step` is called with every step just before it is recorded; what it raises is a crash, and what it changes through
`flag`, `move`, `delete` and `rewrite` is another program's doing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from scrubber.errors import MessageChanged, MessageGone, SourceError
from scrubber.finding import Copy, CopyState
from scrubber.message import Channel, Message, SourceRef
from scrubber.sources.base import Capabilities, Digest, Listed, Record, Replaced, ThreadMessage, WriteBack
from scrubber.sources.mailheaders import parse
from scrubber.sources.threads import Entry, ThreadIndex


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as it stands. `flags` sorted; `appeared` is when it was put here."""

    payload: bytes = field(repr=False)
    received: datetime
    folder: str = "INBOX"
    flags: str = ""
    appeared: datetime | None = None


class MemorySource:
    """Lists `folders`; `sent_folders` hold what the desk wrote. `written` is what is not yet placed."""

    def __init__(
        self,
        name: str = "memory",
        folders: Sequence[str] = ("INBOX",),
        sent_folders: Sequence[str] = ("Sent",),
        desk_addresses: Sequence[str] = (),
        channel: Channel = "email",
        media_type: str = "message/rfc822",
        on_step: Callable[[str], None] | None = None,
    ) -> None:
        self._name = name
        self._folders = frozenset(folders)
        self._sent = frozenset(sent_folders)
        self._desk = frozenset(address.casefold() for address in desk_addresses)
        self._channel: Channel = channel
        self._media_type = media_type
        self._numbers = count(1)
        self.on_step = on_step
        self.stored: dict[str, Stored] = {}
        self.written: dict[str, bytes] = {}
        self.closed_items: set[str] = set()

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(replaces=True, threads=True)

    # what other programs do

    def add(
        self, payload: bytes, received: datetime, *, item: str = "", folder: str = "INBOX", flags: str = ""
    ) -> SourceRef:
        item = item or f"m{next(self._numbers)}"
        self.stored[item] = Stored(payload, received, folder, "".join(sorted(flags)), datetime.now(UTC))
        return self.ref(item)

    def ref(self, item: str) -> SourceRef:
        """The reference of what stands under a name."""
        return SourceRef(self._name, ".", item)

    def flag(self, item: str, flags: str) -> None:
        self.stored[item] = replace(self.stored[item], flags="".join(sorted(flags)))

    def move(self, item: str, folder: str) -> None:
        self.stored[item] = replace(self.stored[item], folder=folder)

    def rewrite(self, item: str, payload: bytes) -> None:
        self.stored[item] = replace(self.stored[item], payload=payload)

    def delete(self, item: str) -> None:
        del self.stored[item]

    # the protocol

    def check(self) -> None:
        """Always usable."""

    def discover(self, since: datetime) -> Iterator[Listed]:
        found = [
            Listed(self.ref(item), stored.received, len(stored.payload))
            for item, stored in self.stored.items()
            if stored.folder in self._folders and stored.received >= since
        ]
        yield from sorted(found, key=lambda listed: (listed.received, listed.ref.item))

    def fetch(self, ref: SourceRef) -> Message:
        stored = self._at(ref)
        if stored is None:
            raise MessageGone("the message is no longer there")
        return Message(
            ref, self._channel, self._media_type, stored.payload, stored.received, parse(stored.payload).sender
        )

    def find(self, size: int, same: Callable[[bytes], bool]) -> SourceRef | None:
        for item, stored in self.stored.items():
            if len(stored.payload) == size and same(stored.payload):
                return self.ref(item)
        return None

    def thread(self, message: Message) -> Sequence[ThreadMessage]:
        earlier = self._index().earlier(parse(message.payload), message.received, message.ref.item)
        return tuple(self._turn(entry) for entry in earlier)

    def _turn(self, entry: Entry) -> ThreadMessage:
        stored = self.stored[entry.key]
        sent = stored.folder in self._sent
        claims = entry.headers.sender.email.casefold() in self._desk
        evidence: Literal["source", "claimed"] = "claimed" if claims and not sent else "source"
        return ThreadMessage(self._media_type, stored.payload, sent or claims, entry.sent, evidence)

    def _index(self) -> ThreadIndex:
        index = ThreadIndex()
        for item, stored in self.stored.items():
            index.add(Entry(item, parse(stored.payload), stored.received, len(stored.payload)))
        return index

    def last_activity(self, ref: SourceRef) -> datetime | None:
        index = self._index()
        own = index.get(ref.item) if self._at(ref) else None
        return max(entry.activity for entry in (own, *index.thread(own.headers))) if own else None

    def appeared(self, ref: SourceRef) -> datetime | None:
        stored = self._at(ref)
        return stored.appeared if stored else None

    def closed(self, ref: SourceRef) -> bool | None:
        return True if ref.item in self.closed_items else None

    def plan(self, message: Message) -> Mapping[str, str]:
        del message
        return {"item": f"r{secrets.token_hex(8)}"}

    def replace(self, write: WriteBack, payload: bytes, digest: Digest, record: Record) -> Replaced:
        if digest(payload) != write.result_digest:
            raise SourceError("the new payload is not the one that the journal announced")
        new = write.plan["item"]
        self._original(write, digest)
        self.written[new] = payload
        self._step("WRITTEN", record)
        try:
            placed = self._original(write, digest)
        except SourceError:
            del self.written[new]
            raise
        self.stored[new] = replace(placed, payload=self.written.pop(new), appeared=datetime.now(UTC))
        self._step("PLACED", record)
        if new not in self.stored or digest(self.stored[new].payload) != write.result_digest:
            if write.ref.item in self.stored:
                self.stored.pop(new, None)
            raise SourceError("the new message reads back differently from what was written")
        self._step("REMOVING", record)
        if write.ref.item not in self.stored:
            self.stored.pop(new, None)
        else:
            self._finish(write, digest, placed)
        self._step("REMOVED", record)
        return self._replaced(write, digest)

    def recover(self, write: WriteBack, digest: Digest, record: Record) -> Replaced | None:
        new = write.plan["item"]
        self.written.pop(new, None)
        original, placed = self.stored.get(write.ref.item), self.stored.get(new)
        if placed is None:
            return None if original or write.step in {"PREPARED", "WRITTEN"} else self._replaced(write, digest)
        if digest(placed.payload) != write.result_digest:
            if original is None:
                raise MessageGone("the original is gone and another program rewrote the new message")
            del self.stored[new]
            return None
        if original is not None:
            if digest(original.payload) != write.original_digest:
                del self.stored[new]
                return None
            if write.step not in {"REMOVING", "REMOVED"}:
                self._step("REMOVING", record)
            self._finish(write, digest, None)
        self._step("REMOVED", record)
        return self._replaced(write, digest)

    def close(self) -> None:
        """Nothing is held open."""

    def _at(self, ref: SourceRef) -> Stored | None:
        """What stands at a reference."""
        return self.stored.get(ref.item)

    def _step(self, step: str, record: Record) -> None:
        if self.on_step:
            self.on_step(step)
        record(step)

    def _original(self, write: WriteBack, digest: Digest) -> Stored:
        stored = self._at(write.ref)
        if stored is None:
            raise MessageGone("another program removed the message")
        if digest(stored.payload) != write.original_digest:
            raise MessageChanged("another program rewrote the message")
        return stored

    def _finish(self, write: WriteBack, digest: Digest, placed: Stored | None) -> None:
        """Carry over what changed on the original since `placed`, and remove it."""
        new = write.plan["item"]
        mine = self.stored.get(new)
        if mine is None:
            raise SourceError("another program removed the new message; the original is left as it is")
        try:
            original = self._original(write, digest)
        except MessageChanged:
            del self.stored[new]
            raise
        before = placed or original
        self.stored[new] = replace(
            mine,
            folder=original.folder if original.folder != before.folder or placed is None else mine.folder,
            flags=original.flags if original.flags != before.flags or placed is None else mine.flags,
        )
        del self.stored[write.ref.item]

    def _replaced(self, write: WriteBack, digest: Digest) -> Replaced:
        new = write.plan["item"]
        left = tuple(
            Copy(f"folder:{stored.folder}", CopyState.REMAINS, "byte-gelijke kopie in deze map")
            for stored in self.stored.values()
            if digest(stored.payload) == write.original_digest
        )
        return Replaced(self.ref(new) if new in self.stored else None, left)
