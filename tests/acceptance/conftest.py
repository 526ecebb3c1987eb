"""A mailbox with two mails that must change and some that must not, in each kind of storage."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from tests.acceptance.world import Built, World, build
from tests.mailservers.cyrus import Cyrus
from tests.mailservers.dovecot import Dovecot


class MakeWorld(Protocol):
    def __call__(
        self, storage: str, *, small: bool = False, folders: Sequence[str] = ("INBOX",), deliver_to: str = ""
    ) -> World:
        """A new mailbox in "maildir" or "mdbox" at Dovecot, or at "cyrus". `small`: one bystander only."""
        ...


@pytest.fixture(scope="session")
def built() -> Built:
    return build()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A directory in memory where that can be had: what is killed here is a process, so the disk may be asked less."""
    memory = Path("/dev/shm")  # noqa: S108 - the directory itself is made safely
    if not (os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="scrubber-", dir=memory) as name:
        yield Path(name)


@pytest.fixture
def make_world(request: pytest.FixtureRequest, place: Path, built: Built) -> MakeWorld:
    numbers = count(1)

    def make(storage: str, *, small: bool = False, folders: Sequence[str] = ("INBOX",), deliver_to: str = "") -> World:
        directory = place / str(next(numbers))
        if storage == "cyrus":
            cyrus: Cyrus = request.getfixturevalue("cyrus")
            world = World(cyrus, cyrus.account(), directory, built, folders=folders, deliver_to=deliver_to)
        else:
            dovecot: Dovecot = request.getfixturevalue("dovecot")
            account = dovecot.account("mdbox" if storage == "mdbox" else "maildir")
            world = World(dovecot, account, directory, built, folders=folders, deliver_to=deliver_to)
        for folder in {*folders} - {"INBOX"}:
            world.server.connect(world.account).create_folder(folder)
        fill(world, folders[0], small=small)
        return world

    return make


def fill(world: World, folder: str = "INBOX", *, small: bool = False) -> None:
    """Two mails that must change, and others that must not: thrown away, answered, pretending to be ours, in Sent."""
    client = world.server.connect(world.account)
    world.put(
        "Goedemiddag,\n\nMijn BSN is 123456782. Hoe lang duurt de storing nog?\n\nEén groet,\nAnke\n",
        values=["123456782"],
        folder=folder,
        flags=[b"\\Seen", b"\\Flagged", b"$Eigen"],
        client=client,
    )
    world.put("Een collega wil deze straks opruimen.\n", folder=folder, flags=[b"\\Deleted", b"\\Seen"], client=client)
    world.put(
        "Mijn BSN is 111222333, dat van mijn man 123456873.\n",
        values=["111222333", "123456873"],
        folder=folder,
        flags=[b"$Eigen", b"$Dossier"],
        client=client,
    )
    if small:
        return
    world.put("Dank, het werkt weer.\n", folder=folder, flags=[b"\\Answered", b"\\Seen"], client=client)
    marker = f"X-Scrubber: v=1; job={'0' * 32}; mac={'0' * 64}\n"
    world.put("Ik deed me voor als de schoonmaker.\n", head=marker, folder=folder, client=client)
    world.put("In het archief kijkt niemand.\n", folder="Sent", client=client)
