"""What the relay remembers, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from scrubber.journal import Journal, Locked
from scrubber.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store.open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)


def test_attempts_of_a_delivery_under_any_key(store: Store, journal: Journal) -> None:
    assert journal.relayed("wa", ["d"]) == (0, "")
    for attempt, state in ((1, "scrubbing"), (2, "done")):
        with store.begin() as tx:
            journal.relay(tx, "wa", "d", attempt, state, NOW)
    assert journal.relayed("wa", ["new", "d"]) == (2, "done")
    assert journal.relayed("fb", ["d"]) == (0, "")
    assert journal.relayed("wa", ["new"]) == (0, "")


def test_what_was_asked_counts_in_its_conversation_until_its_day(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.ask(tx, "wa", "c", {"IBAN_CODE", "ADDRESS"}, NOW + DAY)
        journal.ask(tx, "wa", "c", {"IBAN_CODE"}, NOW + 2 * DAY)
        journal.ask(tx, "wa", "c", (), NOW + DAY)
    assert journal.asked("wa", ["x", "c"], NOW) == {"IBAN_CODE", "ADDRESS"}
    assert journal.asked("wa", ["c"], NOW + DAY) == {"IBAN_CODE"}
    assert journal.asked("wa", ["c"], NOW + 2 * DAY) == frozenset()
    assert journal.asked("wa", ["x"], NOW) == journal.asked("fb", ["c"], NOW) == frozenset()


def test_quarantine_until_its_day(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.lock_up(tx, "wa", "a", b"old", NOW + DAY)
        journal.lock_up(tx, "wa", "a", b"one", NOW + DAY)
        journal.lock_up(tx, "fb", "b", b"two", NOW + 2 * DAY)
    one, two = Locked("wa", "a", NOW + DAY, b"one"), Locked("fb", "b", NOW + 2 * DAY, b"two")
    assert journal.locked(NOW) == [one, two]
    assert b"two".decode() not in repr(two)
    assert journal.locked(NOW + DAY) == [two]
    with store.begin() as tx:
        assert journal.unlock(tx, "b") == 1
        assert journal.unlock(tx, "b") == 0
        assert journal.unlock(tx) == 1
    assert journal.locked(NOW) == []


def test_all_of_it_expires(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.lock_up(tx, "wa", "a", b"x", NOW + DAY)
        journal.ask(tx, "wa", "c", {"ADDRESS"}, NOW + DAY)
        journal.relay(tx, "wa", "d", 1, "done", NOW)
    with store.begin() as tx:
        assert journal.expire_relays(tx, NOW) == 0
    assert journal.relayed("wa", ["d"])[1] == "done"
    with store.begin() as tx:
        assert journal.expire_relays(tx, NOW + 8 * DAY) == 1
        assert journal.unlock(tx) == 0
    assert journal.relayed("wa", ["d"]) == (0, "")
    assert journal.asked("wa", ["c"], NOW) == frozenset()
