"""A Maildir++ tree as a source (https://cr.yp.to/proto/maildir.html; folders as Courier and Dovecot lay them out).

A message is known by its base name, the part before ":2,", over all folders and all changes of flags.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

from scrubber.errors import MessageGone, SourceError
from scrubber.message import Channel, Message, SourceRef
from scrubber.sources.base import Capabilities, Digest, Listed, Record, Replaced, ThreadMessage, WriteBack
from scrubber.sources.maildir_swap import Swap
from scrubber.sources.maildir_tree import Standing, Tree, base_of, item_of, moment
from scrubber.sources.mailheaders import parse, read_block
from scrubber.sources.threads import Entry, ThreadIndex

SENT_FOLDERS = (".Sent", ".Sent Items", ".Sent Messages", ".Verzonden", ".Verzonden items", ".INBOX.Sent")

_TRIES = 5
_LIMITS = (
    "Een mailbox weet niet wanneer een zaak gesloten is: dat volgt uit hoe lang er in de draad niets is geschreven.",
    "Een vervangen bericht krijgt bij een IMAP-server een nieuw nummer; vlaggen, map en datum blijven.",
    "Back-ups, momentopnamen en zoekindexen van de mailserver worden niet geschoond.",
)
_READ_ONLY = "scrubber mag in `folders` van deze Maildir niet schrijven: er wordt niets vervangen."
_UNSENT = "Geen van de mappen met verzonden berichten bestaat: wat de helpdesk vroeg, is dan alleen uit citaten bekend."
_counter = count()


class MaildirSource:
    """Lists `folders`; follows a message, and looks for its thread, through every folder of the tree.

    A folder is named as on disk (".Sent") or without the dot; "INBOX" is the root. What stands in `sent_folders` was
    written by the desk; elsewhere a From in `desk_addresses` is only a claim. Not for use by several threads at once.
    """

    def __init__(
        self,
        name: str,
        root: Path,
        folders: Sequence[str] = ("INBOX",),
        sent_folders: Sequence[str] = SENT_FOLDERS,
        desk_addresses: Sequence[str] = (),
        channel: Channel = "email",
    ) -> None:
        self._name = name
        self._root = root
        self._folders = tuple(dict.fromkeys(_folder(folder) for folder in folders))
        self._sent = frozenset(_folder(folder) for folder in sent_folders)
        self._desk = frozenset(address.casefold() for address in desk_addresses)
        self._channel: Channel = channel
        self._tree = Tree(root)
        self._index = ThreadIndex()

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        with self._reported():
            there = self._root.is_dir()
            unsent = there and not self._sent.intersection(self._tree.folders())
            locked = there and not all(
                self._tree.writable(folder, sub) for folder in self._folders for sub in ("cur", "new", "tmp")
            )
        limits = (*((_READ_ONLY,) if locked else ()), *_LIMITS, *((_UNSENT,) if unsent else ()))
        return Capabilities(replaces=not locked, threads=True, limits=limits)

    def check(self) -> None:
        with self._reported():
            there = self._tree.folders()
            for folder in self._folders:
                for sub in ("cur", "new", "tmp"):
                    if folder not in there or not self._tree.exists(folder, sub):
                        raise SourceError(
                            f'source "{self._name}": `folders` names {folder.removeprefix(".") or "INBOX"}, a Maildir '
                            f"folder without {sub}/ in `path`; "
                            "make the directory, or name a folder that has cur, new and tmp"
                        )

    def discover(self, since: datetime) -> Iterator[Listed]:
        found: dict[str, tuple[int, int]] = {}
        with self._reported():
            self._tree.folders()  # a tree that isn't mounted must not look like an empty one
            for folder in self._folders:
                for place, status in self._tree.scan(folder):
                    if moment(status.st_mtime_ns) >= since:
                        found.setdefault(place.base, (status.st_mtime_ns, status.st_size))
        for base, (changed, size) in sorted(found.items(), key=lambda item: (item[1][0], item[0])):
            yield Listed(self._ref(base), moment(changed), size)

    def fetch(self, ref: SourceRef) -> Message:
        with self._reported():
            payload, status = self._read(ref)
        return Message(
            ref=ref,
            channel=self._channel,
            media_type="message/rfc822",
            payload=payload,
            received=moment(status.st_mtime_ns),
            sender=parse(payload).sender,
        )

    def _read(self, ref: SourceRef) -> tuple[bytes, os.stat_result]:
        for _ in range(_TRIES):
            place = self._tree.find(base_of(ref.item))
            if place is None:
                break
            try:
                return self._tree.read(place)
            except FileNotFoundError:
                continue
        raise MessageGone(f'source "{self._name}": the message is no longer there')

    def find(self, size: int, same: Callable[[bytes], bool]) -> SourceRef | None:
        with self._reported():
            for place in self._tree.same_size(size):
                if place.sub == "tmp":
                    continue
                try:
                    if same(self._tree.read(place)[0]):
                        return self._ref(place.base)
                except FileNotFoundError:
                    continue
        return None

    def thread(self, message: Message) -> Sequence[ThreadMessage]:
        headers = parse(message.payload)
        if not headers.references:
            return ()
        with self._reported():
            self._refresh()
            earlier = self._index.earlier(headers, message.received, base_of(message.ref.item))
            return tuple(turn for entry in earlier if (turn := self._turn(entry)))

    def _turn(self, entry: Entry) -> ThreadMessage | None:
        place = self._tree.find(entry.key)
        try:
            payload = self._tree.read(place)[0] if place else None
        except FileNotFoundError:
            payload = None
        if place is None or payload is None:
            return None
        sent = place.folder in self._sent
        claims = entry.headers.sender.email.casefold() in self._desk
        return ThreadMessage(
            media_type="message/rfc822",
            payload=payload,
            from_desk=sent or claims,
            sent=entry.sent,
            evidence="claimed" if claims and not sent else "source",
        )

    def last_activity(self, ref: SourceRef) -> datetime | None:
        with self._reported():
            self._refresh()
            own = self._index.get(base_of(ref.item))
            if own is None:
                return None
            return max(entry.activity for entry in (own, *self._index.thread(own.headers)))

    def _refresh(self) -> None:
        """Bring the index of headers in line with the files that stand in the tree."""
        standing = self._tree.standing()
        for key in self._index.keys - standing.keys():
            self._index.discard(key)
        for key in standing.keys() - self._index.keys:
            if entry := self._entry(key, standing[key]):
                self._index.add(entry)

    def _entry(self, key: str, place: Standing) -> Entry | None:
        for _ in range(_TRIES):
            try:
                with self._tree.open(place) as (file, status):
                    headers = parse(read_block(file.read))
                    return Entry(key, headers, moment(status.st_mtime_ns), status.st_size)
            except FileNotFoundError:
                found = self._tree.find(key)
                if found is None:
                    break
                place = found
        return None

    def appeared(self, ref: SourceRef) -> datetime | None:
        """The file's ctime, which a rename (other flags, another folder) also sets."""
        with self._reported():
            place = self._tree.find(base_of(ref.item))
            status = place and self._tree.status(place)
            return moment(status.st_ctime_ns) if status else None

    def closed(self, ref: SourceRef) -> bool | None:
        del ref
        return None

    def plan(self, message: Message) -> Mapping[str, str]:
        """`name`: the base name of the new message. `size`: bytes of the original, to find copies of it."""
        return {"name": _unique_name(), "size": str(len(message.payload))}

    def replace(self, write: WriteBack, payload: bytes, digest: Digest, record: Record) -> Replaced:
        with self._reported():
            return Swap(self._tree, write, digest, record).replace(payload)

    def recover(self, write: WriteBack, digest: Digest, record: Record) -> Replaced | None:
        with self._reported():
            return Swap(self._tree, write, digest, record).recover()

    def close(self) -> None:
        """Nothing is held open between calls."""

    def _ref(self, base: str) -> SourceRef:
        return SourceRef(self._name, ".", item_of(base))

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """OSError as SourceError, without the path: names of folders and files may say something about people."""
        try:
            yield
        except OSError as error:
            code = errno.errorcode.get(error.errno or 0, "unknown")
            raise SourceError(f'source "{self._name}": the Maildir at `path` can\'t be used: {code}') from None


def _folder(name: str) -> str:
    """A folder's directory: "" for the root. "Archief/2026", "Archief.2026" and ".Archief.2026" are one folder."""
    bare = name.strip("/").replace("/", ".").lstrip(".")
    return "" if bare.upper() in {"", "INBOX"} else f".{bare}"


def _unique_name() -> str:
    """time.MmicrosecondsPpidQcount_random.host: unique over processes, machines and restarts, and not to be guessed."""
    now = time.time_ns()
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()).strip(".-") or "localhost"
    unique = f"M{now // 1000 % 1_000_000:06d}P{os.getpid()}Q{next(_counter)}_{secrets.token_hex(8)}"
    return f"{now // 1_000_000_000}.{unique}.{host}"
