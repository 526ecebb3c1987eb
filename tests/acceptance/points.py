"""Where a worker can be cut down, and how: armed in the process that is going to die, and only there.

A point is a moment in the replacement of one message, named after what comes next or what came last:

    before PREPARED    nothing is done yet            after PREPARED     the journal holds what will be done
    before APPEND      the command is not sent yet    mid APPEND         half of the message has reached the server
    lost APPEND        the server did it, and its answer was not read

The capitals are the journal's steps and IMAP's commands; STORE is the one that sets \\Deleted. DONE is the transaction
of the ledger's entry: inside DONE it's written and not committed.
"""

from __future__ import annotations

import imaplib
import os
import re
import select
import signal
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from scrubber.drafts import Draft
from scrubber.journal import Job, Journal
from scrubber.ledger.chain import Ledger
from scrubber.message import SourceRef
from scrubber.recorder import Recorder
from scrubber.sources.base import Replaced

EVERY = (
    "before PREPARED",
    "after PREPARED",
    "before APPEND",
    "mid APPEND",
    "lost APPEND",
    "before APPENDED",
    "after APPENDED",
    "before VERIFIED",
    "after VERIFIED",
    "before DELETING",
    "after DELETING",
    "before STORE",
    "lost STORE",
    "before EXPUNGE",
    "lost EXPUNGE",
    "before EXPUNGED",
    "after EXPUNGED",
    "before SWEPT",
    "after SWEPT",
    "before DONE",
    "inside DONE",
    "after DONE",
)

APART = (
    "before PREPARED",
    "after PREPARED",
    "mid APPEND",
    "lost APPEND",
    "after APPENDED",
    "after VERIFIED",
    "after DELETING",
    "lost STORE",
    "lost EXPUNGE",
    "after EXPUNGED",
    "after SWEPT",
    "inside DONE",
    "after DONE",
)
"""Those of EVERY between which something durable happened: the rest leave the same state as one of these."""

_COMMAND = re.compile(rb"[A-Za-z]+\d+ (?:UID )?([A-Z]+)")


def die() -> None:
    """SIGKILL, as the out-of-memory killer or a power cut does it: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, act: Callable[[], None] = die, *, skip: int = 0) -> None:
    """From now on do `act` when this process reaches `point` for the first time, or after `skip` times."""
    trap = _Trap(point, act, skip)
    _watch_journal(trap)
    _watch_commands(trap)


class _Trap:
    def __init__(self, point: str, act: Callable[[], None], skip: int) -> None:
        self._point = point
        self._act = act
        self._left = skip

    def set(self, point: str) -> bool:
        """Whether this point is the next that it waits for."""
        return self._left >= 0 and point == self._point

    def here(self, point: str) -> None:
        if self.set(point):
            self._left -= 1
            if self._left < 0:
                self._act()


def _watch_journal(trap: _Trap) -> None:
    prepare, step, finish = Journal.prepare, Journal.step, Journal.finish
    done, publish = Recorder.finish, Ledger.publish_head
    finishing = False

    def prepares(self: Journal, job: Job, now: datetime) -> None:
        trap.here("before PREPARED")
        prepare(self, job, now)
        trap.here("after PREPARED")

    def steps(self: Journal, job: str, name: str, now: datetime) -> None:
        trap.here(f"before {name}")
        step(self, job, name, now)
        trap.here(f"after {name}")

    def finishes(self: Journal, tx: Connection, job: str, new: SourceRef | None, now: datetime) -> None:
        finish(self, tx, job, new, now)
        trap.here("inside DONE")

    def is_done(self: Recorder, job: Job, kept: Draft, replaced: Replaced) -> None:
        nonlocal finishing
        trap.here("before DONE")
        finishing = True
        done(self, job, kept, replaced)
        finishing = False

    def publishes(self: Ledger) -> None:
        if finishing:
            trap.here("after DONE")
        publish(self)

    put(Journal, "prepare", prepares)
    put(Journal, "step", steps)
    put(Journal, "finish", finishes)
    put(Recorder, "finish", is_done)
    put(Ledger, "publish_head", publishes)


def _watch_commands(trap: _Trap) -> None:
    send = imaplib.IMAP4.send
    command = ""

    def sends(self: imaplib.IMAP4, data: bytes) -> None:
        nonlocal command
        started = _COMMAND.match(data)
        if started:
            command = started[1].decode("ascii")
            if command == "STORE" and b"\\Deleted" not in data:
                command = "FLAGS"
            trap.here(f"before {command}")
        elif len(data) > 2 and trap.set("mid APPEND") and command == "APPEND":
            send(self, data[: len(data) // 2])
            trap.here("mid APPEND")
            send(self, data[len(data) // 2 :])
            return
        send(self, data)
        whole = data == b"\r\n" if command == "APPEND" else data.endswith(b"\r\n")
        if whole and trap.set(f"lost {command}"):
            select.select([self.sock], [], [], 10)  # its answer is here: the server did it
            trap.here(f"lost {command}")

    put(imaplib.IMAP4, "send", sends)


def put(owner: object, name: str, value: object) -> None:
    """Put something else in a class's or a module's place, for as long as this process lives."""
    setattr(owner, name, value)
