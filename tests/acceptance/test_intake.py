"""Mail comes in to a folder of its own and goes on when it's clean: what a desk sees that fetches from INBOX alone."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

from tests.acceptance.conftest import MakeWorld
from tests.acceptance.points import APART, arm
from tests.acceptance.test_killed import KILLED, started_again
from tests.acceptance.world import World

pytestmark = pytest.mark.dovecot


class Desk:
    """Fetches as a ticket system does: whatever has a UID that it has not seen becomes a ticket.

    It `deletes` what it fetched, or leaves it.
    """

    def __init__(self, world: World, *, deletes: bool = False) -> None:
        self._world = world
        self._deletes = deletes
        self._next = 1
        self.tickets: list[bytes] = []

    def poll(self) -> None:
        client = self._world.server.connect(self._world.account)
        client.select_folder("INBOX", readonly=not self._deletes)
        new = [uid for uid in client.search(["UID", f"{self._next}:*"]) if uid >= self._next]
        for uid, each in sorted(client.fetch(new, ["BODY.PEEK[]"]).items()) if new else ():
            self.tickets.append(each[b"BODY[]"])
            self._next = uid + 1
            if self._deletes:
                client.add_flags([uid], [b"\\Deleted"])
                client.uid_expunge([uid])
        client.shutdown()

    def violations(self) -> list[str]:
        mails = self._world.mails
        found = Counter(mail.number for mail in mails for ticket in self.tickets if mail.message_id in ticket)
        told = [mail.number for mail in mails if any(v in ticket for v in mail.values for ticket in self.tickets)]
        wanted = Counter(mail.number for mail in mails if mail.folder != "Sent" and b"\\Deleted" not in mail.flags)
        return [
            *(f"ticket {number}: {count} times" for number, count in (found - wanted).items()),
            *(f"ticket {number}: never" for number in wanted - found),
            *(f"ticket {number}: its value was seen" for number in told),
        ]


POINTS = [*APART, "before MOVE", "lost MOVE"]


@pytest.mark.parametrize("point", POINTS)
def test_a_desk_gets_each_mail_once_and_clean(make_world: MakeWorld, point: str) -> None:
    world = make_world("maildir", folders=("Intake",), deliver_to="INBOX")
    desk = Desk(world)
    assert world.run(partial(arm, point)) == KILLED, f"{point} was not reached: {world.log()}"
    desk.poll()
    assert world.run() == 0, world.log()
    desk.poll()
    assert desk.violations() == [], world.log()
    assert world.violations() == [], world.log()


def left(world: World) -> Iterator[str]:
    """What stands in the mailbox where a desk deletes all that it fetched: nothing but what is none of ours."""
    gone = {mail.message_id for mail in world.mails if mail.folder != "Sent" and b"\\Deleted" not in mail.flags}
    for each in world.look():
        if any(message_id in each.payload for message_id in gone):
            yield f"something stands in {each.folder}"


@pytest.mark.parametrize("point", POINTS)
def test_a_desk_that_deletes_gets_each_mail_once_and_clean(make_world: MakeWorld, point: str) -> None:
    """It fetches at the point where the worker dies, and once again before the worker is back."""
    world = make_world("maildir", folders=("Intake",), deliver_to="INBOX")
    desk = Desk(world, deletes=True)
    assert world.run(partial(arm, point)) == KILLED, f"{point} was not reached: {world.log()}"
    desk.poll()
    for _ in range(2):
        assert world.run() == 0, world.log()
        desk.poll()
    assert desk.violations() == [], world.log()
    assert list(left(world)) == [], world.log()
    assert list(world.record_violations()) == [], world.log()


@pytest.mark.parametrize("point", ["before MOVE", "lost MOVE"])
def test_the_server_killed_while_mail_goes_on(make_world: MakeWorld, point: str) -> None:
    world = make_world("maildir", folders=("Intake",), deliver_to="INBOX")
    group = world.server.group
    assert world.run(partial(arm, point, lambda: os.killpg(group, signal.SIGKILL))) in (0, 1), world.log()
    assert "Traceback" not in world.log()
    world.server.kill()
    world.server.restart()
    assert world.run() == 0, world.log()
    desk = Desk(world)
    desk.poll()
    assert desk.violations() == [], world.log()
    assert world.violations() == [], world.log()


def test_a_desk_that_reads_the_same_folder_gets_rewritten_mail_twice(make_world: MakeWorld) -> None:
    """Why there is an intake: in place, the rewritten mail has a UID of its own."""
    world = make_world("maildir")
    desk = Desk(world)
    desk.poll()
    started_again(world)
    desk.poll()
    assert "ticket 0: 1 times" in desk.violations()
    assert "ticket 0: its value was seen" in desk.violations()
