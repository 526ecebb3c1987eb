"""The files of one Maildir++ tree: root/{tmp,new,cur} and root/.Name/{tmp,new,cur}.

Everything goes through directory descriptors opened with O_NOFOLLOW: who owns the mailbox can't make us, perhaps
running as root, read or write outside it by putting a symbolic link in our way. The root itself may be a link: that is
the administrator's setting.

Other programs rename and move files at any moment. A scan can miss a file that is renamed while the directory is being
read, so "not there" is believed only after scans that don't use what was remembered, and in which no directory changed.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote_from_bytes, unquote_to_bytes

from scrubber.errors import SourceError

STANDING = ("new", "cur")
INFO = ":2,"

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_SAFE = "".join(chr(c) for c in range(33, 127) if chr(c) not in "%/")
_SETTLED_NS = 2_000_000_000
"""A directory that changed this shortly before it was read may change again in the same tick of its clock."""

_CALM_NS = 20_000_000
"""A directory changed longer ago than this will show any later change by another time (kernel ticks: up to 10 ms)."""

LOOKS = 50
"""Scans at most before a message is believed to be gone, where other programs never stop renaming; about a second."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def item_of(base: str) -> str:
    """A base name as SourceRef.item: printable ASCII, so that any database and log takes it; `%XX` for other bytes."""
    return quote_from_bytes(os.fsencode(base), safe=_SAFE)


def base_of(item: str) -> str:
    return os.fsdecode(unquote_to_bytes(item))


def moment(nanoseconds: int) -> datetime:
    """A file's time as UTC, to the microsecond; times that no date can hold become the first or last that one can."""
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if nanoseconds > 0 else datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """One file. `folder` is "" for the root or ".Name"; `sub` is "new", "cur" or "tmp"; `name` is the file name."""

    folder: str
    sub: str
    name: str

    @property
    def base(self) -> str:
        """The unique part, which stays when flags change or the file moves."""
        return self.name.partition(INFO)[0]

    @property
    def flags(self) -> str:
        return self.name.partition(INFO)[2]

    @property
    def display(self) -> str:
        """The folder's name for a person."""
        return os.fsencode(self.folder or "INBOX").decode("utf-8", "replace").removeprefix(".")


@dataclass(slots=True)
class _Listing:
    changed_ns: int = -1
    age_ns: int = _SETTLED_NS + 1
    """How long before it was read the directory had changed."""
    names: dict[str, list[str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


class Tree:
    """Reads and changes files of the tree. Not for use by several threads at once. Raises OSError as it comes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listings: dict[tuple[str, str], _Listing] = {}
        self._last: dict[str, Standing] = {}

    @contextmanager
    def directory(self, folder: str, sub: str = "") -> Iterator[int]:
        """A descriptor of root/folder/sub. FileNotFoundError, NotADirectoryError (also for a symbolic link)."""
        descriptor = os.open(self._root, _DIRECTORY)
        try:
            for step in (folder, sub):
                if step:
                    inner = os.open(step, _DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
                    os.close(descriptor)
                    descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def folders(self) -> list[str]:
        """Every folder of the tree, the root ("") first. SourceError when the root is no Maildir (unmounted?)."""
        try:
            with self.directory("", "cur"), self.directory("") as root, os.scandir(root) as entries:
                names = sorted(e.name for e in entries if e.name.startswith(".") and e.is_dir(follow_symlinks=False))
        except (FileNotFoundError, NotADirectoryError):
            raise SourceError("the path is not a Maildir: no directory cur/ in it") from None
        return ["", *(name for name in names if self._has(name, "cur"))]

    def _has(self, folder: str, sub: str) -> bool:
        try:
            with self.directory(folder, sub):
                return True
        except (FileNotFoundError, NotADirectoryError):
            return False

    def scan(self, folder: str) -> Iterator[tuple[Standing, os.stat_result]]:
        """Every message file that stands in one folder now, in no order. Nothing for a folder that isn't there."""
        for sub in STANDING:
            with suppress(FileNotFoundError, NotADirectoryError), self.directory(folder, sub) as descriptor:
                for name in self._names(descriptor):
                    with suppress(FileNotFoundError):
                        status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                        if stat.S_ISREG(status.st_mode):
                            place = Standing(folder, sub, name)
                            self._last[place.base] = place
                            yield place, status

    @staticmethod
    def _names(descriptor: int) -> list[str]:
        with os.scandir(descriptor) as entries:
            return [e.name for e in entries if not e.name.startswith(".") and e.is_file(follow_symlinks=False)]

    def standing(self) -> dict[str, Standing]:
        """Every message of the tree by its base name (of a name that stands twice, one)."""
        return {
            Standing(folder, sub, names[0]).base: Standing(folder, sub, names[0])
            for folder in self.folders()
            for sub in STANDING
            for names in self._listing(folder, sub, fresh=False).names.values()
        }

    def find(self, base: str) -> Standing | None:
        """Where a message stands: in the last known place, else anywhere in the tree."""
        last = self._last.get(base)
        if last is not None and self._is_there(last):
            return last
        places = self.find_all(base)
        return places[0] if places else None

    def find_all(self, base: str, looks: int = LOOKS) -> list[Standing]:
        """Every place where a file with this base name stands; [] only after looking several times."""
        for look in range(looks):
            found = [
                Standing(folder, sub, name)
                for folder in self.folders()
                for sub in STANDING
                for name in self._listing(folder, sub, fresh=look > 0).names.get(base, ())
            ]
            there = [place for place in found if self._is_there(place)]
            if there:
                self._last[base] = there[0]
                return there
            if look and self._was_calm():
                break
            time.sleep(min(0.02, 0.001 * look))
        self._last.pop(base, None)
        return []

    def _was_calm(self) -> bool:
        """Whether no directory changed during or shortly before the last scan: what it missed isn't there."""
        for (folder, sub), listing in self._listings.items():
            if sub in STANDING:
                try:
                    with self.directory(folder, sub) as descriptor:
                        changed = os.fstat(descriptor).st_mtime_ns
                except (FileNotFoundError, NotADirectoryError):
                    changed = -1
                if changed != listing.changed_ns or listing.age_ns < _CALM_NS:
                    return False
        return True

    def same_size(self, size: int) -> Iterator[Standing]:
        """Every file of the tree that is `size` bytes long, what a delivery left in tmp/ included."""
        for folder in self.folders():
            for sub in (*STANDING, "tmp"):
                listing = self._listing(folder, sub, fresh=False)
                for names in listing.names.values():
                    for name in names:
                        if self._size(listing, folder, sub, name) == size:
                            yield Standing(folder, sub, name)

    def _size(self, listing: _Listing, folder: str, sub: str, name: str) -> int:
        # A file in tmp/ is being written: its size is not remembered.
        if sub == "tmp" or name not in listing.sizes:
            listing.sizes[name] = -1
            with suppress(FileNotFoundError, NotADirectoryError), self.directory(folder, sub) as descriptor:
                listing.sizes[name] = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_size
        return listing.sizes[name]

    def _listing(self, folder: str, sub: str, *, fresh: bool) -> _Listing:
        key = (folder, sub)
        known = self._listings.get(key)
        try:
            with self.directory(folder, sub) as descriptor:
                changed = os.fstat(descriptor).st_mtime_ns
                if known and not fresh and known.age_ns > _SETTLED_NS and known.changed_ns == changed:
                    return known
                listing = _Listing(changed, time.time_ns() - changed)
                for name in self._names(descriptor):
                    listing.names.setdefault(name.partition(INFO)[0], []).append(name)
                    if known and name in known.sizes:
                        listing.sizes[name] = known.sizes[name]
        except (FileNotFoundError, NotADirectoryError):
            listing = _Listing()
        self._listings[key] = listing
        return listing

    def _is_there(self, place: Standing) -> bool:
        return self.status(place) is not None

    def status(self, place: Standing) -> os.stat_result | None:
        """The file's status; None when it isn't there or is no regular file."""
        try:
            with self.directory(place.folder, place.sub) as descriptor:
                status = os.stat(place.name, dir_fd=descriptor, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return status if stat.S_ISREG(status.st_mode) else None

    @contextmanager
    def open(self, place: Standing) -> Iterator[tuple[BinaryIO, os.stat_result]]:
        """A file for reading and its status. FileNotFoundError: it is no longer there, or no regular file."""
        with self.directory(place.folder, place.sub) as descriptor:
            try:
                handle = os.open(place.name, _FILE, dir_fd=descriptor)
            except OSError as error:
                if error.errno in {errno.ELOOP, errno.ENXIO}:
                    raise FileNotFoundError(errno.ENOENT, "not a regular file") from None
                raise
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            os.close(handle)
            raise FileNotFoundError(errno.ENOENT, "not a regular file")
        with os.fdopen(handle, "rb") as file:
            yield file, status

    def read(self, place: Standing) -> tuple[bytes, os.stat_result]:
        """The bytes of a file and its status; errors as `open`."""
        with self.open(place) as (file, status):
            return file.read(), status

    def write(self, place: Standing, payload: bytes, like: os.stat_result) -> None:
        """A new file, durably, with mode and time of `like`, and its owner where that is allowed. FileExistsError."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with self.directory(place.folder, place.sub) as descriptor:
            handle = os.open(place.name, flags, 0o600, dir_fd=descriptor)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(payload)
                    file.flush()
                    with suppress(PermissionError):
                        os.fchown(handle, like.st_uid, like.st_gid)
                    os.fchmod(handle, stat.S_IMODE(like.st_mode) & 0o777)
                    os.utime(handle, ns=(like.st_mtime_ns, like.st_mtime_ns))
                    os.fsync(handle)
                os.fsync(descriptor)
            except OSError:
                with suppress(OSError):
                    os.unlink(place.name, dir_fd=descriptor)
                raise

    def move(self, source: Standing, target: Standing) -> None:
        """Rename, durably, never over another file. FileNotFoundError: `source` is no longer there. FileExistsError."""
        with (
            self.directory(source.folder, source.sub) as old,
            self.directory(target.folder, target.sub) as new,
        ):
            try:
                os.stat(target.name, dir_fd=new, follow_symlinks=False)
            except FileNotFoundError:
                os.rename(source.name, target.name, src_dir_fd=old, dst_dir_fd=new)
            else:
                raise FileExistsError(errno.EEXIST, "a file with the new name is there already")
            os.fsync(new)
            os.fsync(old)
        self._last[target.base] = target

    def remove(self, place: Standing) -> bool:
        """Unlink, durably, by exactly this name. False: it was no longer there."""
        try:
            with self.directory(place.folder, place.sub) as descriptor:
                os.unlink(place.name, dir_fd=descriptor)
                os.fsync(descriptor)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def writable(self, folder: str, sub: str) -> bool:
        """Whether files can be made in root/folder/sub; also where it is not there, for that is another fault."""
        try:
            with self.directory(folder, sub) as descriptor:
                return os.access(".", os.W_OK | os.X_OK, dir_fd=descriptor, effective_ids=True)
        except (FileNotFoundError, NotADirectoryError):
            return True

    def exists(self, folder: str, name: str) -> bool:
        """Whether root/folder/name is there, whatever it is."""
        try:
            with self.directory(folder) as descriptor:
                os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True
