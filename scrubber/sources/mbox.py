"""An mbox file as a source, for reading only (RFC 4155; quoting as in mboxrd, or mboxo).

A message is known by where it stands, offset and length in bytes, with a checksum over its "From " line and header
block, so that one that moved within the file is not taken for another. A message that is appended changes no other's
reference. The file is read line by line; one message at a time is in memory.
"""

from __future__ import annotations

import errno
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

from scrubber.errors import MessageChanged, MessageGone, SourceError
from scrubber.message import Channel, Message, SourceRef
from scrubber.sources.base import Capabilities, Digest, Listed, Record, Replaced, ThreadMessage, WriteBack
from scrubber.sources.mailheaders import BLOCK_LIMIT, Headers, parse, parse_date
from scrubber.sources.threads import Entry, ThreadIndex

READ_ONLY = "Een mbox-bestand wordt alleen gelezen: er wordt niets in vervangen of verwijderd."

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LINE_LIMIT = 64 * 1024
_FROM = re.compile(rb"From [^\r\n]{0,500}?(\w{3} +\w{3} +\d{1,2} +\d{1,2}:\d\d[^\r\n]{0,40})\r?\n?\Z")
_ITEM = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_QUOTED = {"mboxrd": re.compile(rb"^>(>*From )", re.MULTILINE), "mboxo": re.compile(rb"^>(From )", re.MULTILINE)}


@dataclass(frozen=True, slots=True)
class _Found:
    """A message in the file: where it begins (its "From " line), how long it is, when that line says it came."""

    offset: int
    length: int
    received: datetime | None
    checksum: str
    headers: Headers = field(repr=False)


class MboxSource:
    """One file, or a folder in Thunderbird's or a mail archive's form. Threads only within the file."""

    def __init__(
        self,
        name: str,
        path: Path,
        desk_addresses: Sequence[str] = (),
        channel: Channel = "email",
        quoting: Literal["mboxrd", "mboxo"] = "mboxrd",
    ) -> None:
        self._name = name
        self._path = path
        self._desk = frozenset(address.casefold() for address in desk_addresses)
        self._channel: Channel = channel
        self._quoted = _QUOTED[quoting]
        self._index = ThreadIndex()
        self._indexed: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(replaces=False, threads=True, limits=(READ_ONLY,))

    def check(self) -> None:
        with self._open() as file:
            first = file.readline(_LINE_LIMIT)
            if first and not _FROM.match(first):
                raise SourceError(
                    f'source "{self._name}": the file at `path` is no mbox: its first line must be a dated "From " line'
                )

    def discover(self, since: datetime) -> Iterator[Listed]:
        with self._open() as file:
            other = _changed(file)
            listed = [
                Listed(self._ref(found), received, found.length)
                for found in _messages(file)
                if (received := found.received or found.headers.date or other) >= since
            ]
        listed.sort(key=lambda one: one.received)
        yield from listed

    def fetch(self, ref: SourceRef) -> Message:
        with self._open() as file:
            found, payload = self._read(file, ref)
            received = found.received or found.headers.date or _changed(file)
        return Message(ref, self._channel, "message/rfc822", payload, received, found.headers.sender)

    def find(self, size: int, same: Callable[[bytes], bool]) -> SourceRef | None:
        """Never: what is not where it was has been rewritten by another program, and all is listed anew."""
        del size, same
        return None

    def _read(self, file: BinaryIO, ref: SourceRef) -> tuple[_Found, bytes]:
        place = _ITEM.fullmatch(ref.item)
        if place is None:
            raise MessageGone(f'source "{self._name}": no such message')
        offset, length = int(place[1]), int(place[2])
        if offset + length > os.fstat(file.fileno()).st_size:
            raise MessageGone(f'source "{self._name}": the file has become shorter')
        file.seek(offset)
        raw = file.read(length)
        found = next(_messages(BytesIO(raw)), None)
        if found is None or found.checksum != ref.version:
            raise MessageChanged(f'source "{self._name}": another message stands there now')
        return found, self._quoted.sub(rb"\1", raw.partition(b"\n")[2])

    def thread(self, message: Message) -> Sequence[ThreadMessage]:
        headers = parse(message.payload)
        with self._open() as file:
            self._refresh(file)
            turns = []
            for entry in self._index.earlier(headers, message.received, _key(message.ref)):
                item, _, version = entry.key.partition("/")
                payload = self._read(file, SourceRef(self._name, ".", item, version))[1]
                desk = entry.headers.sender.email.casefold() in self._desk
                turns.append(
                    ThreadMessage("message/rfc822", payload, desk, entry.sent, "claimed" if desk else "source")
                )
        return tuple(turns)

    def last_activity(self, ref: SourceRef) -> datetime | None:
        with self._open() as file:
            self._refresh(file)
        own = self._index.get(_key(ref))
        return max(entry.activity for entry in (own, *self._index.thread(own.headers))) if own else None

    def _refresh(self, file: BinaryIO) -> None:
        status = os.fstat(file.fileno())
        if self._indexed == (status.st_mtime_ns, status.st_size):
            return
        self._index = ThreadIndex()
        for found in _messages(file):
            received = found.received or found.headers.date or _changed(file)
            self._index.add(Entry(_key(self._ref(found)), found.headers, received, found.length))
        self._indexed = (status.st_mtime_ns, status.st_size)

    def appeared(self, ref: SourceRef) -> datetime | None:
        del ref
        return None

    def closed(self, ref: SourceRef) -> bool | None:
        del ref
        return None

    def plan(self, message: Message) -> Mapping[str, str]:
        del message
        return {}

    def replace(self, write: WriteBack, payload: bytes, digest: Digest, record: Record) -> Replaced:
        """Always SourceError: all that stands after this message would have to be rewritten."""
        del write, payload, digest, record
        raise SourceError(f'source "{self._name}": an mbox file is read only; use a Maildir to have messages replaced')

    def recover(self, write: WriteBack, digest: Digest, record: Record) -> Replaced | None:
        """None: nothing is ever placed here."""
        del write, digest, record
        return None

    def close(self) -> None:
        """Nothing is held open between calls."""

    def _ref(self, found: _Found) -> SourceRef:
        return SourceRef(self._name, ".", f"{found.offset}-{found.length}", found.checksum)

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        try:
            with self._path.open("rb") as file:
                yield file
        except OSError as error:
            code = errno.errorcode.get(error.errno or 0, "unknown")
            raise SourceError(f'source "{self._name}": the mbox file at `path` can\'t be read: {code}') from None


def _messages(file: BinaryIO) -> Iterator[_Found]:
    """Every message from where `file` stands (offset 0 is there). One begins at a "From " line after an empty line."""
    begun: _Beginning | None = None
    position, empty, whole = 0, 1, True
    while line := file.readline(_LINE_LIMIT):
        dated = _FROM.match(line) if whole and empty and line.startswith(b"From ") else None
        if dated:
            if begun:
                yield begun.end(position - empty)
            begun = _Beginning(position, parse_date(dated[1].decode("ascii", "replace")), bytearray(line))
        elif begun:
            begun.take(line)
        empty = len(line) if whole and line in {b"\n", b"\r\n"} else 0
        whole = line.endswith(b"\n")
        position += len(line)
    if begun:
        # The empty line at the end is no part of the message: it is there or not until the next one is appended.
        yield begun.end(position - empty)


@dataclass(slots=True)
class _Beginning:
    offset: int
    received: datetime | None
    block: bytearray = field(repr=False)
    inside: bool = True

    def take(self, line: bytes) -> None:
        self.inside = self.inside and line not in {b"\n", b"\r\n"} and len(self.block) < BLOCK_LIMIT
        if self.inside:
            self.block += line

    def end(self, position: int) -> _Found:
        headers = parse(bytes(self.block).partition(b"\n")[2])
        checksum = f"{zlib.crc32(self.block):08x}"
        return _Found(self.offset, position - self.offset, self.received, checksum, headers)


def _changed(file: BinaryIO) -> datetime:
    return _EPOCH + timedelta(microseconds=os.fstat(file.fileno()).st_mtime_ns // 1000)


def _key(ref: SourceRef) -> str:
    return f"{ref.item}/{ref.version}"
