"""What decides stands in code too: its digest belongs in the record beside that of the rules."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def digest_of(folder: Path) -> str:
    """SHA-256 (hex) over the Python files below `folder` and their names."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()
