"""A ledger over each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import CopyLeft, LedgerEntry, Removal, UnreadPart
from scrubber.ledger.keys import KeyRing
from scrubber.store import Store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store.open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Where the ring of `ring` is."""
    return tmp_path / "keys"


@pytest.fixture
def ring(keys: Path) -> KeyRing:
    return KeyRing.create(keys)


@pytest.fixture
def head_file(tmp_path: Path) -> Path:
    return tmp_path / "head.json"


@pytest.fixture
def ledger(store: Store, ring: KeyRing, head_file: Path) -> Ledger:
    return Ledger(store, ring, head_file=head_file)


@pytest.fixture
def draft() -> Callable[[str], LedgerEntry]:
    """An entry of a job, as the journal prepares it."""

    def make(job: str) -> LedgerEntry:
        return LedgerEntry(
            chain="main",
            index=-1,
            previous="",
            kind="message",
            recorded_at="2026-03-01T13:30:00Z",
            actor="worker",
            job=job,
            source="postbus",
            channel="email",
            mode="redact",
            ref="a" * 64,
            outcome="REDACTED",
            removals=(Removal("NL_BSN", "bsn-nooit", "redact", "body", 0.95, "elf", "sender", "beurt 1", "b" * 64),),
            unread=(UnreadPart("image/png", "image"),),
            copies=(CopyLeft("verzonden", "REMAINS", "niet bereikbaar"),),
            notes=("geteld: één",),
        )

    return make
