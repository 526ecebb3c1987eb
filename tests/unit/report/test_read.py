"""What is read from a real database beside the entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scrubber.errors import LedgerError, StoreError
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.verify import Verdict
from scrubber.report import read
from scrubber.report.interface import ChainState, Plans, Review, Waiting
from scrubber.schema import deferrals, ledger
from scrubber.schema import reviews as reviews_table
from scrubber.store import Store, utc_text

_AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'scrubber.db'}")
    yield store
    store.close()


def _wait(store: Store, days: int, state: str) -> None:
    with store.begin() as tx:
        tx.execute(
            deferrals.insert().values(
                source="support",
                container="INBOX",
                item=f"{days}",
                version="1",
                entity_type="IBAN_CODE",
                rule="gevraagd",
                fingerprint="f",
                decided_at=utc_text(_AT),
                due=utc_text(_AT + timedelta(days=days)),
                latest=utc_text(_AT + timedelta(days=30)),
                state=state,
            )
        )


def test_what_waits_and_only_that_in_the_order_in_which_it_is_due(store: Store) -> None:
    for days, state in ((9, "waiting"), (1, "done"), (2, "waiting"), (3, "gone"), (4, "held")):
        _wait(store, days, state)
    month = _AT + timedelta(days=30)
    planned = read.plans(store).deferrals
    assert [row.state for row in planned] == ["waiting", "done", "waiting", "gone", "held"]
    assert read.waiting(planned) == [
        Waiting("support", "IBAN_CODE", "gevraagd", _AT + timedelta(days=2), month),
        Waiting("support", "IBAN_CODE", "gevraagd", _AT + timedelta(days=9), month),
    ]


def test_reviews_that_are_open(store: Store) -> None:
    for number, state in enumerate(("open", "done")):
        row = {"source": "support", "container": "", "item": f"{number}", "version": "", "state": state}
        row |= {
            "entity_type": "SPECIAL_CATEGORY",
            "rule": "bijzonder",
            "decided_at": utc_text(_AT),
            "due": utc_text(_AT),
        }
        with store.begin() as tx:
            tx.execute(reviews_table.insert().values(**row))
    assert read.reviews(read.plans(store).reviews) == [Review("support", "SPECIAL_CATEGORY", "bijzonder", _AT)]


def test_an_empty_database_has_nothing_that_waits(store: Store) -> None:
    assert read.plans(store) == Plans(0, (), ())


@pytest.mark.parametrize("hostile", ["ooit", "", 7, b"\xff", "9999-12-31T23:59:59-23:59", "2026-11-01"])
def test_a_row_with_a_moment_that_is_none_waits_for_nobody(store: Store, hostile: object) -> None:
    _wait(store, 1, "waiting")
    with store.begin() as tx:
        tx.exec_driver_sql("UPDATE deferrals SET latest = ?", (hostile,))
    (row,) = read.plans(store).deferrals
    assert (row.due, row.latest) == (_AT + timedelta(days=1), None)
    assert read.waiting([row]) == []


def _entry_row(store: Store) -> None:
    row = {"chain": "main", "idx": 0, "kind": "message", "recorded_at": utc_text(_AT), "source": "", "outcome": ""}
    with store.begin() as tx:
        tx.execute(ledger.insert().values(**row, job="", body=b"{}", digest="d", signature=b"s"))


def test_the_chain_says_when_it_was_last_signed(store: Store) -> None:
    _entry_row(store)
    verdict = Verdict(True, 1, None, "", "d", 0, 0, "absent")
    assert read.chain_state(store, verdict, 1) == ChainState(True, 1, None, "", "d", _AT, 1, "absent")
    assert read.plans(store).entries == 1


def test_a_broken_or_empty_chain_has_no_last_signature(store: Store) -> None:
    assert read.chain_state(store, Verdict(True, 0, None, "", "", 0, -1)).signed_at is None
    _entry_row(store)
    broken = read.chain_state(store, Verdict(False, 1, 0, "signature", "", 0, 0))
    assert broken == ChainState(False, 1, 0, "signature", "", None)


def test_entries_end_where_they_can_not_be_read() -> None:
    entry = LedgerEntry("main", 0, "", "checkpoint", "2026-11-01T00:00:00Z", "x")

    def broken(error: Exception) -> Iterator[LedgerEntry]:
        yield entry
        raise error

    assert read.readable([entry, entry], 2) == [entry, entry]
    assert read.readable([entry, entry], 1) == [entry]  # what was appended after the chain was verified
    assert read.readable(broken(LedgerError("x")), 2) == [entry]
    with pytest.raises(StoreError):
        read.readable(broken(StoreError("the disk is gone")), 2)
