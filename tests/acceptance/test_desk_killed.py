"""A ticket system's worker killed at any point: redacted once, one entry a message, quotes cleaned, the rest as it was.

The desk is the Zendesk of tests/desks, over real HTTP; the worker is a process of its own. Its points are those of
`points` and, of HTTP: before PUT (nothing was sent yet), lost PUT (the desk did it, and its answer was not read).
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scrubber import bootstrap, cli, settings
from scrubber.commands import record, work
from scrubber.digests import Digests
from scrubber.message import SourceRef
from scrubber.sources.desk.http import Answer, Client
from tests.acceptance.points import arm, die, put
from tests.acceptance.world import Built
from tests.desks.zendesk import AGENT, TOKEN, USER, Zendesk

KILLED = -signal.SIGKILL
BSN, OTHER = "123456782", "111222333"
POINTS = (
    "before PREPARED",
    "after PREPARED",
    "before PUT",
    "lost PUT",
    "before QUOTED",
    "after QUOTED",
    "before REWRITTEN",
    "after REWRITTEN",
    "before DONE",
    "inside DONE",
    "after DONE",
)
APART = ("after PREPARED", "lost PUT", "after QUOTED", "after REWRITTEN", "inside DONE", "after DONE")
"""Those of POINTS between which something durable happened."""


def armed(point: str, skip: int = 0) -> None:
    """Die at a point, after passing it so many times; only in the process that is to die."""
    if not point.endswith("PUT"):
        arm(point, skip=skip)
        return
    left = skip
    request = Client.request

    def requests(self: Client, method: str, path: str, **given: Any) -> Answer:
        nonlocal left
        if method != "PUT":
            return request(self, method, path, **given)
        left -= 1
        if left < 0 and point == "before PUT":
            die()
        answer = request(self, method, path, **given)
        if left < 0:
            die()
        return answer

    put(Client, "request", requests)


class World:
    """Three tickets: one with values in its subject, in two comments and in an agent's quotation; two without."""

    def __init__(self, directory: Path, built: Built) -> None:
        self.directory, self._built = directory, built
        self.server = Zendesk()
        jan = self.server.customer()
        self.first = self.server.open(f"Vraag van {BSN}", f"<p>Mijn BSN is <b>{BSN[:3]}</b>{BSN[3:]}.</p>", author=jan)
        self.quote = self.server.comment(self.first, f"<p>U schreef: Mijn BSN is {BSN}.</p>", author=AGENT)
        self.server.comment(self.first, f"<p>Dat van mijn man is {OTHER}.</p>", author=jan)
        self.others = [self.server.open("Dank", "<p>Het werkt weer, bestelling 123456783.</p>", author=jan)]
        self.before = self._bystanders()
        file = directory / "scrubber.toml"
        file.write_text(
            f'[worker]\nlog = "json"\n[[source]]\nname = "desk"\ntype = "zendesk"\nurl = "{self.server.url}"\n'
            f'private = true\nuser = "{USER}"\ntoken = "{TOKEN}"\nmode = "redact"\nsince = 2000-01-01\n'
        )
        self.settings = settings.load(file, environment={})

    def _bystanders(self) -> list[str]:
        return [self.server.everything(number) for number in self.others]

    def run(self, arm_it: Callable[[], None] | None = None) -> int:
        """One `scrubber run --once` in a process of its own. Its exit status; -9: it was killed."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the server's threads hold no lock of ours
            child = os.fork()
        if child == 0:
            self._in_child(arm_it)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    def _in_child(self, arm_it: Callable[[], None] | None) -> None:
        status = 70
        sys.settrace(None)
        try:
            log = os.open(self.directory / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            sys.stdout, sys.stderr = (os.fdopen(os.dup(number), "w", buffering=1) for number in (1, 2))
            put(bootstrap, "engine", lambda *_: self._built.engine)
            put(bootstrap, "policy", lambda *_: self._built.policy)
            put(cli, "app", lambda: sys.exit(work.run(self.settings, once=True, as_of=None, lang="nl")))
            if arm_it is not None:
                arm_it()
            cli.main()
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        except BaseException:  # noqa: BLE001 - nothing may get out of the child
            traceback.print_exc()
        finally:
            os._exit(status)

    def log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")

    def violations(self) -> Iterator[str]:
        """What is not as it must be when all is over; nothing: all is well."""
        row, comments = self.server.tickets[self.first], self.server.comments[self.first]
        for value in (BSN, OTHER):
            stands = [one["html_body"] for one in comments] + [row["subject"], row["description"]]
            if any(value in text.replace("<b>", "").replace("</b>", "") for text in stands):
                yield "a value stands in the ticket"
        if len(comments) != 3:
            yield "a comment came or went"
        if "U schreef: Mijn BSN is ▇" not in next(c["html_body"] for c in comments if c["id"] == self.quote):
            yield "the quotation was not cleaned, or more than that"
        if self._bystanders() != self.before:
            yield "another ticket was touched"
        yield from self._record()

    def _record(self) -> Iterator[str]:
        opened = bootstrap.record(self.settings)
        try:
            digests = Digests(opened.ring)
            items = [
                "ticket",
                *(str(one["id"]) for one in self.server.comments[self.first] if one["author_id"] != AGENT),
            ]
            wanted = {digests.ref(SourceRef("desk", str(self.first), item)): "REDACTED" for item in items}
            with closing(opened.ledger.read()) as stored:
                found = Counter((entry.ref, entry.outcome) for entry in stored if entry.kind == "message")
            redacted = {key: number for key, number in found.items() if key[0] in wanted}
            if redacted != dict.fromkeys(wanted.items(), 1):
                yield f"entries of what was redacted: {sorted(number for number in redacted.values())}"
            if any(outcome != "CLEAN" for (ref, outcome) in found if ref not in wanted):
                yield "entries of what nobody had to touch"
            if opened.journal.open_jobs("desk"):
                yield "a job is still open"
        finally:
            opened.close()
        with Path(os.devnull).open("w") as nowhere:
            if record.verify(self.settings, "nl", Console(file=nowhere)) != 0:
                yield "the ledger does not verify"
        for file in (*self.directory.glob("scrubber.db*"), self.directory / "log"):
            if any(value.encode() in file.read_bytes() for value in (BSN, OTHER)):
                yield f"a value stands in {file.name}"


@pytest.fixture
def world(place: Path, built: Built) -> Iterator[World]:
    made = World(place, built)
    yield made
    made.server.close()


@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_killed_once(world: World, point: str, skip: int) -> None:
    """While the subject, the comment with a quotation or the last comment is handled."""
    assert world.run(partial(armed, point, skip)) == KILLED, f"{point} was not reached: {world.log()}"
    assert world.run() == 0, world.log()
    assert list(world.violations()) == [], world.log()
    puts = len([call for call in world.server.calls if call.startswith("PUT")])
    assert world.run() == 0
    assert list(world.violations()) == []
    assert len([call for call in world.server.calls if call.startswith("PUT")]) == puts


@pytest.mark.exhaustive
@pytest.mark.parametrize("second", APART)
@pytest.mark.parametrize("first", APART)
def test_killed_twice(world: World, first: str, second: str) -> None:
    assert world.run(partial(armed, first, 1)) == KILLED, f"{first} was not reached: {world.log()}"
    assert world.run(partial(armed, second)) == KILLED, f"{second} was not reached: {world.log()}"
    assert world.run() == 0, world.log()
    assert list(world.violations()) == [], world.log()
