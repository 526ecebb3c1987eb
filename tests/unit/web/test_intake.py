"""Deliveries on their way to the database: together, once, and never answered too soon."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber import logs
from scrubber.errors import StoreError
from scrubber.journal import Journal
from scrubber.ledger.keys import KeyRing
from scrubber.store import Store
from scrubber.web import intake
from scrubber.web.intake import Delivery, Intake

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(f"sqlite:///{tmp_path}/scrubber.db")) as opened:
        yield opened


@pytest.fixture
def taking(store: Store, tmp_path: Path) -> Intake:
    return Intake(store, Journal(store), KeyRing.create(tmp_path / "keys"), lambda: NOW, logs.configure("json"))


def delivery(number: int, identity: bytes | None = None) -> Delivery:
    return Delivery("desk", str(number), identity)


async def told(taking: Intake, *deliveries: Delivery, start: bool = True) -> list[object]:
    """All at once, before anything is written."""
    waiting = [asyncio.create_task(taking.take(each)) for each in deliveries]
    await asyncio.sleep(0)
    if start:
        taking.start()
    return list(await asyncio.gather(*waiting, return_exceptions=True))


def test_together_and_once(taking: Intake, store: Store) -> None:
    many = [delivery(number, b"%d" % number) for number in range(600)]
    again = [delivery(9, b"9"), delivery(10, None), delivery(10, None)]
    answers = asyncio.run(told(taking, *many, *again))
    taking.stop()
    assert answers == ["noted"] * 600 + ["repeat", "noted", "noted"]
    assert len(Journal(store).nudged("desk")) == 600


def test_what_waits_is_written_before_the_end(taking: Intake, store: Store) -> None:
    async def stopped() -> list[object]:
        waiting = [asyncio.create_task(taking.take(delivery(number))) for number in range(5)]
        await asyncio.sleep(0)
        taking.start()
        await asyncio.to_thread(taking.stop)
        return list(await asyncio.gather(*waiting))

    assert asyncio.run(stopped()) == ["noted"] * 5
    assert len(Journal(store).nudged("desk")) == 5


def test_too_many_wait(taking: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "WAITING", 2)
    answers = asyncio.run(told(taking, *(delivery(number) for number in range(4))))
    taking.stop()
    assert answers[:2] == ["noted", "noted"]
    assert all(isinstance(each, StoreError) for each in answers[2:])


def test_nobody_hears_good_of_what_is_not_written_yet(
    taking: Intake, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was told that it can't be now tells again, and that is a repeat when it was written after all."""
    monkeypatch.setattr(intake, "SECONDS", 0.3)
    with closing(sqlite3.connect(tmp_path / "scrubber.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (answer,) = asyncio.run(told(taking, delivery(1, b"1")))
        assert isinstance(answer, StoreError)
        other.execute("ROLLBACK")
    monkeypatch.setattr(intake, "SECONDS", 30.0)
    answers = asyncio.run(told(taking, delivery(1, b"1"), delivery(2, b"2"), start=False))
    taking.stop()
    assert answers[0] in ("noted", "repeat")
    assert answers[1] == "noted"
    assert set(Journal(store).nudged("desk")) == {"1", "2"}


def test_under_a_new_key_a_repeat_is_still_one(taking: Intake, store: Store, tmp_path: Path) -> None:
    assert asyncio.run(told(taking, delivery(1, b"1"))) == ["noted"]
    taking.stop()
    KeyRing.open(tmp_path / "keys").rotate()
    later = Intake(store, Journal(store), KeyRing.open(tmp_path / "keys"), lambda: NOW, logs.configure("json"))
    assert asyncio.run(told(later, delivery(1, b"1"), delivery(1, b"2"))) == ["repeat", "noted"]
    later.stop()
