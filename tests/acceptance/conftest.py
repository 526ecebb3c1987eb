"""A mailbox with two mails that must change and some that must not, in each kind of storage."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.acceptance.world import Built, World, build
from tests.mailservers.cyrus import Cyrus
from tests.mailservers.dovecot import Dovecot

MakeWorld = Callable[[str], World]


@pytest.fixture(scope="session")
def built() -> Built:
    return build()


@pytest.fixture
def make_world(request: pytest.FixtureRequest, tmp_path: Path, built: Built) -> MakeWorld:
    """make_world(storage): "maildir" and "mdbox" at Dovecot, "cyrus" at Cyrus."""

    numbers = count(1)

    def make(storage: str) -> World:
        directory = tmp_path / str(next(numbers))
        if storage == "cyrus":
            cyrus: Cyrus = request.getfixturevalue("cyrus")
            world = World(cyrus, cyrus.account(), directory, built)
        else:
            dovecot: Dovecot = request.getfixturevalue("dovecot")
            account = dovecot.account("mdbox" if storage == "mdbox" else "maildir")
            world = World(dovecot, account, directory, built)
        fill(world)
        return world

    return make


def fill(world: World) -> None:
    client = world.server.connect(world.account)
    world.put(
        "Goedemiddag,\n\nMijn BSN is 123456782. Hoe lang duurt de storing nog?\n\nEén groet,\nAnke\n",
        values=["123456782"],
        flags=[b"\\Seen", b"\\Flagged", b"$Eigen"],
        client=client,
    )
    world.put("Dank, het werkt weer.\n", flags=[b"\\Answered", b"\\Seen"], client=client)
    world.put("Een collega wil deze straks opruimen.\n", flags=[b"\\Deleted", b"\\Seen"], client=client)
    world.put(
        "Ik deed me voor als de schoonmaker.\n",
        head=f"X-Scrubber: v=1; job={'0' * 32}; mac={'0' * 64}\n",
        client=client,
    )
    world.put(
        "Ik ben geboren op 14-03-1961 en mijn IBAN is NL91ABNA0417164300.\n",
        values=["14-03-1961", "NL91ABNA0417164300"],
        flags=[b"$Eigen", b"$Dossier"],
        client=client,
    )
    world.put("In het archief kijkt niemand.\n", folder="Sent", client=client)
