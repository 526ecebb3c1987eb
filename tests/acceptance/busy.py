"""Another client of the mailbox, in a process of its own: flags, moves, copies, deletes and expunges what it finds.

Before it does something it writes down what, and afterwards whether it was done, so that what is in the mailbox can be
held against it. It never touches the same mail in two ways that could not be told apart.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.acceptance.world import World

_NUMBER = re.compile(rb"(?im)^message-id:\s*<(\d+)\.")
_PAUSE = 0.12
"""Seconds between two of its actions, at most."""


@dataclass(slots=True)
class Done:
    """What it did, by the number of the mail. `deleted`: it may be gone. `copies`: so many more may stand."""

    deleted: set[int] = field(default_factory=set)
    copies: Counter[int] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)


class Busy:
    """`doomed`: numbers of the mails that it may delete. It moves and copies between `folders`."""

    def __init__(self, world: World, folders: Sequence[str], doomed: Sequence[int], seed: int) -> None:
        self._world = world
        self._folders = tuple(folders)
        self._doomed = frozenset(doomed)
        self._rng = random.Random(seed)
        self._file = world.directory / "busy"
        self._copied: set[int] = set()
        self._child = 0

    def start(self) -> None:
        self._child = os.fork()
        if self._child == 0:
            try:
                self._work()
            finally:
                os._exit(0)

    def stop(self) -> Done:
        """Let it finish what it has in hand, and say what it did."""
        os.kill(self._child, signal.SIGTERM)
        os.waitpid(self._child, 0)
        return read(self._file)

    def _work(self) -> None:
        stop = False

        def told(*_: object) -> None:
            nonlocal stop
            stop = True

        signal.signal(signal.SIGTERM, told)
        client: IMAPClient | None = None
        with self._file.open("a") as log:
            while not stop:
                time.sleep(self._rng.random() * _PAUSE)
                try:
                    client = client or self._world.server.connect(self._world.account)
                    self._act(client, log.fileno())
                except (IMAPClientError, OSError):  # the server was killed, or the mail is another's
                    with suppress(OSError, AttributeError):
                        client.shutdown()  # type: ignore[union-attr] # None is what AttributeError is for
                    client = None
                    if os.getppid() == 1:
                        return

    def _act(self, client: IMAPClient, log: int) -> None:
        folder = self._rng.choice(self._folders)
        client.select_folder(folder)
        uids = client.search("ALL")
        if not uids:
            return
        uid = self._rng.choice(uids)
        header = client.fetch([uid], ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]).get(uid, {})
        found = _NUMBER.search(next((value for key, value in header.items() if key.startswith(b"BODY")), b""))
        if found is None:
            return
        number = int(found[1])
        other = self._rng.choice([each for each in self._folders if each != folder])
        actions = ["flag", "unflag", "move", "expunge"]
        if number in self._doomed:
            actions.append("delete")
        if number not in self._copied:  # once, or they would outgrow everything
            actions.append("copy")
        action = self._rng.choice(actions)
        _say(log, action, number, "begun")
        if action == "flag":
            client.add_flags([uid], [b"$Bezig"])
        elif action == "unflag":
            client.remove_flags([uid], [b"$Bezig"])
        elif action == "move":
            client.move([uid], other)
        elif action == "copy":
            client.copy([uid], other)
            self._copied.add(number)
        elif action == "expunge":
            client.expunge()
        else:
            client.add_flags([uid], [b"\\Deleted"])
            client.uid_expunge([uid])
        _say(log, action, number, "done")


def _say(log: int, action: str, number: int, state: str) -> None:
    os.write(log, json.dumps([action, number, state]).encode("ascii") + b"\n")


def read(file: Path) -> Done:
    """What was begun counts: whether it was done is not known where the server was killed."""
    done = Done()
    for line in file.read_text().splitlines():
        action, number, state = json.loads(line)
        if state == "begun":
            done.actions[action] += 1
            if action == "copy":
                done.copies[number] += 1
            elif action == "delete":
                done.deleted.add(number)
    return done
