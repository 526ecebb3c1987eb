"""Another client works in the mailbox, between any two steps of the worker: its word counts, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from imapclient import IMAPClient

from tests.acceptance.conftest import MakeWorld
from tests.acceptance.points import APART, arm
from tests.acceptance.test_killed import KILLED
from tests.acceptance.world import World

pytestmark = pytest.mark.dovecot

BEFORE_STORE = APART[: APART.index("lost STORE")]
"""Where the original still stands as another client knows it."""


def in_between(world: World, point: str, act: Callable[[IMAPClient, int], None], uid: int) -> None:
    """Let another client `act` on the first mail while the worker is at `point`; then one more look of the worker's."""

    def other() -> None:
        client = world.server.connect(world.account)
        client.select_folder("INBOX")
        act(client, uid)
        client.shutdown()

    assert world.run(partial(arm, point, other)) in (0, 1), world.log()
    assert "Traceback" not in world.log()
    assert world.run() == 0, world.log()


def first(world: World) -> int:
    (uid,) = [each.uid for each in world.look() if world.mails[0].message_id in each.payload]
    return uid


@pytest.mark.parametrize("point", APART)
def test_flagged_meanwhile(make_world: MakeWorld, point: str) -> None:
    """A flag that somebody sets or takes away while the original stands is on the rewritten mail too."""
    world = make_world("maildir", small=True)

    def act(client: IMAPClient, uid: int) -> None:
        client.add_flags([uid], [b"\\Answered", b"$Vlag"])
        client.remove_flags([uid], [b"\\Flagged"])

    in_between(world, point, act, first(world))
    if point in BEFORE_STORE or point == "lost STORE":
        world.mails[0] = replace(world.mails[0], flags=(b"\\Seen", b"\\Answered", b"$Eigen", b"$Vlag"))
    assert world.violations() == [], world.log()


@pytest.mark.parametrize("point", APART)
def test_moved_meanwhile(make_world: MakeWorld, point: str) -> None:
    """Somebody files it: it stands there, once and redacted."""
    world = make_world("maildir", small=True, folders=("INBOX", "Archief"))
    in_between(world, point, lambda client, uid: client.move([uid], "Archief"), first(world))
    assert world.violations(moved=True) == [], world.log()


@pytest.mark.parametrize("point", APART)
def test_deleted_meanwhile(make_world: MakeWorld, point: str) -> None:
    """Somebody throws the original away: it doesn't come back; once it was ours to delete, the rewritten one stays."""
    world = make_world("maildir", small=True)

    def act(client: IMAPClient, uid: int) -> None:
        client.add_flags([uid], [b"\\Deleted"])
        client.uid_expunge([uid])

    in_between(world, point, act, first(world))
    stands = [each for each in world.look() if world.mails[0].message_id in each.payload]
    if point in BEFORE_STORE and point != "after DELETING":
        assert stands == [], world.log()
    elif point not in ("after DELETING", "lost STORE"):  # whose deletion it was nobody can tell
        assert len(stands) == 1, world.log()
    assert not any(value in each.payload for each in world.look() for value in world.mails[0].values)


@pytest.mark.parametrize("point", APART)
def test_the_folder_expunged_meanwhile(make_world: MakeWorld, point: str) -> None:
    """A mail program of a colleague expunges whatever is marked as deleted, ours too: nobody meant to lose it."""
    world = make_world("maildir", small=True)
    in_between(world, point, lambda client, _uid: client.expunge(), first(world))
    thrown_away = world.mails.pop(1)
    assert not any(thrown_away.message_id in each.payload for each in world.look())
    assert world.violations() == [], world.log()


@pytest.mark.parametrize("point", [*BEFORE_STORE, "lost STORE"])
def test_copied_meanwhile(make_world: MakeWorld, point: str) -> None:
    """Somebody copies the original to another folder: the copy is redacted as well.

    A copy made while it's marked as deleted can't be told from a move: then it's the copy that stays.
    """
    world = make_world("maildir", small=True, folders=("INBOX", "Archief"))
    in_between(world, point, lambda client, uid: client.copy([uid], "Archief"), first(world))
    stands = [each for each in world.look() if world.mails[0].message_id in each.payload]
    assert {"Archief"} <= {each.folder for each in stands} <= {"Archief", "INBOX"}, world.log()
    assert len(stands) == (1 if point == "lost STORE" else 2), world.log()
    assert not any(value in each.payload for each in stands for value in world.mails[0].values), world.log()


@pytest.mark.parametrize("point", APART)
def test_mail_arrives_meanwhile(make_world: MakeWorld, point: str) -> None:
    world = make_world("maildir", small=True)
    mail = world.put("Mijn BSN is 512345600.\n", values=["512345600"])
    client = world.server.connect(world.account)
    client.select_folder("INBOX")
    (uid,) = [each.uid for each in world.look() if mail.message_id in each.payload]
    client.add_flags([uid], [b"\\Deleted"])
    client.uid_expunge([uid])

    def act(client: IMAPClient, _uid: int) -> None:
        client.append("INBOX", mail.payload, msg_time=mail.date)

    in_between(world, point, act, first(world))
    assert world.violations() == [], world.log()


def both(client: IMAPClient, one: int, other: int) -> None:
    client.move([one], "Archief")
    client.move([other], "Archief")


def one_of_them(client: IMAPClient, one: int, other: int) -> None:
    client.move([one], "Archief")
    client.add_flags([other], [b"\\Deleted"])
    client.uid_expunge([other])


@pytest.mark.parametrize("act", [both, one_of_them])
@pytest.mark.parametrize("point", APART)
def test_twins_moved_while_the_worker_is_down(
    make_world: MakeWorld, point: str, act: Callable[[IMAPClient, int, int], None]
) -> None:
    """The same mail twice in a folder: neither stays as it was, wherever it went; none is lost, and no mark is left."""
    world = make_world("maildir", small=True, folders=("INBOX", "Archief"))
    mail = world.mails[0]
    client = world.server.connect(world.account)
    client.append("INBOX", mail.payload, flags=[b"\\Answered"], msg_time=mail.date)
    one, other = (each.uid for each in world.look() if mail.message_id in each.payload)
    assert world.run(partial(arm, point)) == KILLED, f"{point} was not reached: {world.log()}"
    client.select_folder("INBOX")
    act(client, one, other)
    for _ in range(2):
        assert world.run() == 0, world.log()
    stands = [each for each in world.look() if mail.message_id in each.payload]
    assert not any(value in each.payload for each in stands for value in mail.values), world.log()
    assert not any(b"\\Deleted" in each.flags for each in stands), world.log()
    if act is both:
        assert len(stands) == 2, world.log()
    else:  # before our mark nobody can tell which of the two was deleted
        doubled = point in {"lost APPEND", "after APPENDED", "after VERIFIED", "after DELETING"}
        assert len(stands) == 1 + doubled, world.log()
