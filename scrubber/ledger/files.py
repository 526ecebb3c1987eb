"""Files of the ledger: private to their owner, replaced whole, never half written."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from scrubber.errors import LedgerError


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` at `path`, mode 0600, atomically and durably. OSError: what stood there still stands there."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make names that were created, replaced or removed in `path` survive a loss of power."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_private(path: Path) -> bytes:
    """The content of a regular file that only its owner can read. LedgerError when others can; OSError otherwise."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        require_private(os.fstat(file.fileno()), path)
        return file.read()


def require_private(found: os.stat_result, path: Path) -> None:
    """LedgerError when the group or others have any right on it, or when it belongs to another user."""
    if stat.S_IMODE(found.st_mode) & 0o077:
        mend = "chmod 700" if stat.S_ISDIR(found.st_mode) else "chmod 600"
        raise LedgerError(f"keys that others can read are no keys: {mend} {path}")
    if found.st_uid not in {0, os.geteuid()}:
        raise LedgerError(f"keys that belong to another user: chown {path}")


def shred(path: Path) -> None:
    """Overwrite and remove. A journalling disk, an SSD or a back-up may still hold what stood there."""
    with suppress(FileNotFoundError), path.open("r+b") as file:
        size = os.fstat(file.fileno()).st_size
        for filling in (os.urandom(size), bytes(size)):
            file.seek(0)
            file.write(filling)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_directory(path.parent)
