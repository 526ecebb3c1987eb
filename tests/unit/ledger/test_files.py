"""Files that are replaced whole or not at all."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from scrubber.ledger.files import replace_file, shred


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "kop"
    path.write_bytes(b"oud en langer")
    path.chmod(0o644)
    replace_file(path, b"nieuw")
    assert path.read_bytes() == b"nieuw"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["kop"]


def test_a_write_that_the_disk_refuses_leaves_what_was_there(tmp_path: Path) -> None:
    """A limit on the size of files fails a write half way, as a full disk does."""
    path = tmp_path / "kop"
    path.write_bytes(b"oud")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            replace_file(path, b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"oud"
    assert [found.name for found in tmp_path.iterdir()] == ["kop"]


def test_what_is_gone_already_needs_no_shredding(tmp_path: Path) -> None:
    shred(tmp_path / "nergens")
    assert list(tmp_path.iterdir()) == []
