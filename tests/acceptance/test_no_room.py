"""No room at the server or on the own disk, a database that another process holds: nothing is lost, and it goes on."""

from __future__ import annotations

import resource
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from scrubber import store
from tests.acceptance.conftest import MakeWorld
from tests.acceptance.points import APART, arm, put
from tests.acceptance.world import Built, World
from tests.mailservers.dovecot import Dovecot

pytestmark = pytest.mark.dovecot

BEFORE_DONE = [point for point in APART if point not in ("inside DONE", "after DONE")]
"""Where the journal or the ledger is still to be written."""


def no_room(world: World) -> None:
    """From now on no file of this process grows past what the database has taken so far."""
    wal = Path(f"{world.settings.store_url.removeprefix('sqlite:///')}-wal")
    size = wal.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def held_at(point: str, world: World) -> None:
    """At `point` another connection takes the write lock and keeps it until this process ends."""
    held = []

    def hold() -> None:
        connection = sqlite3.connect(world.settings.store_url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        held.append(connection)

    put(store, "BUSY_SECONDS", 0.05)
    arm(point, hold)


@pytest.mark.parametrize("point", BEFORE_DONE)
def test_the_own_disk_is_full(make_world: MakeWorld, point: str) -> None:
    world = make_world("maildir", small=True)
    assert world.run(partial(arm, point, partial(no_room, world))) == 1, world.log()
    assert "scrubber: " in world.log()
    assert "Traceback" not in world.log()
    assert world.run() == 0, world.log()
    assert world.violations() == [], world.log()


@pytest.mark.parametrize("point", BEFORE_DONE)
def test_another_process_holds_the_database(make_world: MakeWorld, point: str) -> None:
    world = make_world("maildir", small=True)
    assert world.run(partial(held_at, point, world)) == 1, world.log()
    assert "SQLITE_BUSY" in world.log()
    assert "Traceback" not in world.log()
    assert world.run() == 0, world.log()
    assert world.violations() == [], world.log()


def test_the_mailbox_is_full(dovecot: Dovecot, place: Path, built: Built) -> None:
    """The rewritten mail needs room beside the original: the original stays, and is redacted when there is room."""
    world = World(dovecot, dovecot.account(quota_bytes=15_000), place, built)
    client = dovecot.connect(world.account)
    world.put(
        "Mijn BSN is 123456782.\n" + "Veel tekst.\n" * 800, values=["123456782"], flags=[b"\\Seen"], client=client
    )
    world.put("Dank.\n", client=client)
    before = world.look()
    assert world.run() == 1
    assert "quota" in world.log().lower()
    assert "Traceback" not in world.log()
    assert world.look() == before
    dovecot.quota(world.account, None)
    assert world.run() == 0, world.log()
    assert world.violations() == [], world.log()
