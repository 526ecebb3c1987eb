"""Where `tests/servers.sh` puts what the tests run and nothing else does."""

from __future__ import annotations

import os
from pathlib import Path

from tests.mailservers.private import ServerMissing


def cached(name: str) -> Path:
    """The directory of one server's programs. ServerMissing when it isn't there whole."""
    root = Path("/var/cache")
    if os.geteuid() != 0:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = root / "scrubber-tests" / name
    if not (place / "complete").exists():
        raise ServerMissing(f"{name} is missing: sh tests/servers.sh")
    return place
