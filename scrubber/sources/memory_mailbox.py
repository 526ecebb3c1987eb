"""A mailbox server in memory, for tests: numbers that don't follow a message, folders that say something, an intake.

As IMAP has it: a reference is (folder, number, generation of the folder); a moved message gets another number, and a
folder that is numbered anew gives every message in it another reference.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from scrubber.errors import MessageGone
from scrubber.message import SourceRef
from scrubber.sources.base import Capabilities, Digest, Listed, Signal, Word, WriteBack
from scrubber.sources.memory import MemorySource, Stored


class MemoryMailbox(MemorySource):
    """`words`: folder -> what a person says by putting a message there. `deliver_to`: where an intake delivers."""

    def __init__(
        self,
        name: str = "mailbox",
        folders: Sequence[str] = ("INBOX",),
        desk_addresses: Sequence[str] = (),
        words: Mapping[str, Word] | None = None,
        deliver_to: str = "",
    ) -> None:
        self.words = dict(words or {})
        super().__init__(name, (*folders, *self.words), desk_addresses=desk_addresses)
        self.deliver_to = deliver_to
        self._uids = count(1)
        self._generations: dict[str, int] = {}
        self._pipe: tuple[int, int] | None = None
        self.fetched = 0
        self.stirred = False

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, follows=False)

    # what other programs do

    def add(
        self, payload: bytes, received: datetime, *, item: str = "", folder: str = "INBOX", flags: str = ""
    ) -> SourceRef:
        return super().add(payload, received, item=item or str(next(self._uids)), folder=folder, flags=flags)

    def ref(self, item: str) -> SourceRef:
        folder = self.stored[item].folder
        return SourceRef(self._name, folder, item, str(self._generations.get(folder, 1)))

    def move(self, item: str, folder: str) -> None:
        self.moved(item, folder)

    def moved(self, item: str, folder: str) -> SourceRef:
        """Move a message; its reference then."""
        number = str(next(self._uids))
        self.stored[number] = replace(self.stored.pop(item), folder=folder, appeared=datetime.now(UTC))
        return self.ref(number)

    def renumber(self, folder: str) -> None:
        """Another generation (UIDVALIDITY) of a folder."""
        self._generations[folder] = self._generations.get(folder, 1) + 1
        for item in [item for item, stored in self.stored.items() if stored.folder == folder]:
            self.stored[str(next(self._uids))] = self.stored.pop(item)

    def stir(self) -> None:
        """Something happens: who watches is told."""
        self.stirred = True
        if self._pipe:
            os.write(self._pipe[1], b"!")

    # the protocols

    def discover(self, since: datetime) -> Iterator[Listed]:
        self.stirred = False
        return (listed for listed in super().discover(since) if not self.is_marked(listed.ref))

    def marked(self) -> int:
        return sum(self.is_marked(self.ref(item)) for item, one in self.stored.items() if one.folder in self._folders)

    def is_marked(self, ref: SourceRef) -> bool:
        """The flag T, as a Maildir has it."""
        return ref.item in self.stored and self.ref(ref.item) == ref and "T" in self.stored[ref.item].flags

    def _original(self, write: WriteBack, digest: Digest) -> Stored:
        if self.is_marked(write.ref):
            raise MessageGone("another program marked the message as deleted")
        return super()._original(write, digest)

    def _at(self, ref: SourceRef) -> Stored | None:
        self.fetched += 1
        return self.stored[ref.item] if ref.item in self.stored and self.ref(ref.item) == ref else None

    def measure(self, ref: SourceRef) -> Listed:
        stored = self.stored.get(ref.item)
        if stored is None or self.ref(ref.item) != ref:
            raise MessageGone("the message is no longer there")
        return Listed(ref, stored.received, len(stored.payload))

    def appeared(self, ref: SourceRef) -> datetime | None:
        """A server without SAVEDATE (RFC 8514) doesn't tell."""
        del ref
        return None

    def signals(self) -> Iterator[Signal]:
        for item, stored in self.stored.items():
            if stored.folder in self.words and "T" not in stored.flags:
                ref = self.ref(item)
                yield Signal(ref, self.words[stored.folder], mark=f"{ref.container}/{ref.version}/{ref.item}")

    @property
    def watching(self) -> bool:
        return self._pipe is not None

    def watch(self) -> int | None:
        self._pipe = os.pipe()
        if self.stirred:
            self.stir()
        return self._pipe[0]

    def unwatch(self) -> None:
        if self._pipe:
            for end in self._pipe:
                os.close(end)
            self._pipe = None

    @property
    def delivers(self) -> bool:
        return bool(self.deliver_to)

    def deliver(self, ref: SourceRef) -> SourceRef | None:
        if self._at(ref) is None:
            raise MessageGone("the message is no longer there")
        return self.moved(ref.item, self.deliver_to)
