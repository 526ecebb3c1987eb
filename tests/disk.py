"""What stands on the disk of a server that runs: files come and go while they are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def contents(root: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file under the root with its bytes; one that goes away meanwhile holds nothing any more."""
    for path in root.rglob("*"):
        if path.is_file():
            try:
                yield path, path.read_bytes()
            except FileNotFoundError:
                continue
