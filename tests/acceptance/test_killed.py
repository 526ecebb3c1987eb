"""Killed at any point and started again: one copy of each message, redacted, nothing else touched, one entry each."""

from __future__ import annotations

import os
import signal
from functools import partial

import pytest

from scrubber.ledger import keys
from scrubber.station import Station
from scrubber.worker.hand import Hand
from tests.acceptance.conftest import MakeWorld
from tests.acceptance.points import APART, EVERY, arm, die, put
from tests.acceptance.world import World
from tests.mailservers.dovecot import Dovecot, Storage

KILLED = -signal.SIGKILL

STORAGES = [
    pytest.param("maildir", marks=pytest.mark.dovecot),
    pytest.param("mdbox", marks=pytest.mark.dovecot),
    pytest.param("cyrus", marks=pytest.mark.cyrus),
]


def started_again(world: World, *, moved: bool = False) -> None:
    """One run is enough, whatever the crash left; the next one finds nothing to do."""
    assert world.run() == 0, world.log()
    assert world.violations(moved=moved) == [], world.log()


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("point", EVERY)
def test_killed_once(make_world: MakeWorld, storage: str, point: str) -> None:
    world = make_world(storage)
    assert world.run(partial(arm, point)) == KILLED, f"{point} was not reached: {world.log()}"
    started_again(world)
    before = world.look()
    started_again(world)
    assert world.look() == before


@pytest.mark.dovecot
@pytest.mark.parametrize("second", APART)
@pytest.mark.parametrize("first", APART)
def test_killed_twice(make_world: MakeWorld, first: str, second: str) -> None:
    """The second time while it mends what the first has left, or, where that comes no further, at the next message."""
    world = make_world("maildir", small=True)
    assert world.run(partial(arm, first)) == KILLED, f"{first} was not reached: {world.log()}"
    assert world.run(partial(arm, second)) == KILLED, f"{second} was not reached: {world.log()}"
    started_again(world)


@pytest.mark.dovecot
@pytest.mark.parametrize("storage", ["maildir", "mdbox"])
@pytest.mark.parametrize("point", APART)
def test_renumbered_meanwhile(make_world: MakeWorld, dovecot: Dovecot, storage: Storage, point: str) -> None:
    """The server gives the folder another UIDVALIDITY while the worker is down: no reference holds any more."""
    world = make_world(storage, small=True)
    assert world.run(partial(arm, point)) == KILLED
    dovecot.hang_up()
    dovecot.renumber(world.account, "INBOX")
    started_again(world, moved=True)


@pytest.mark.dovecot
@pytest.mark.parametrize("storage", ["maildir", "mdbox"])
@pytest.mark.parametrize("point", APART)
def test_the_server_killed_instead(make_world: MakeWorld, dovecot: Dovecot, storage: Storage, point: str) -> None:
    world = make_world(storage)
    group = dovecot.group

    def server_dies() -> None:
        os.killpg(group, signal.SIGKILL)

    status = world.run(partial(arm, point, server_dies))
    assert status in (0, 1), world.log()
    assert "Traceback" not in world.log()
    dovecot.kill()
    dovecot.restart()
    started_again(world)


@pytest.mark.dovecot
@pytest.mark.parametrize("moment", ["_new_digest_key", "_new_signer", "_write"])
def test_killed_at_the_very_first_start(make_world: MakeWorld, moment: str) -> None:
    """While the keys are made, and at the first message: the next start makes what is missing."""
    world = make_world("maildir", small=True)
    assert world.run(lambda: put(keys, moment, lambda *_: die())) == KILLED
    assert world.run(partial(arm, "after PREPARED")) == KILLED, world.log()
    started_again(world)


@pytest.mark.dovecot
def test_without_recovery_the_checks_would_see_it(make_world: MakeWorld) -> None:
    """The control: a worker that forgets what it had begun loses the law at every point where something was begun."""
    kept = []
    for point in APART:
        world = make_world("maildir", small=True)
        assert world.run(partial(arm, point)) == KILLED
        world.run(_forgets)
        if not world.violations():
            kept.append(point)
    assert kept == ["before PREPARED", "after PREPARED", "mid APPEND", "after DONE"]


def _forgets() -> None:
    def forget(self: Hand, station: Station) -> None:
        for job in self.journal.open_jobs(station.source.name):
            with self.store.begin() as tx:
                self.journal.abort(tx, job.job, self.clock())

    put(Hand, "recover", forget)
