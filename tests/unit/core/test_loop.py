"""`scrubber run` without --once: it looks when something happens or its time comes, and stops at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scrubber import bootstrap, logs, settings
from scrubber.commands.work import Loop
from scrubber.errors import SourceError
from scrubber.journal import Journal
from scrubber.pieces import Piece
from scrubber.sources.base import Source
from scrubber.sources.desk.memory import MemoryDesk
from scrubber.sources.desk.source import DeskSource
from scrubber.sources.memory_mailbox import MemoryMailbox
from scrubber.station import Handled, Options, Station
from scrubber.store import Store
from scrubber.worker import Worker
from scrubber.worker.waiting import Bell

MAIL = b"From: jan@klant.example\r\n\r\nMijn BSN is 123456782.\r\n"
SECONDS = 60


class Running:
    """The loop in a thread. What is handled, and each cycle's failures, can be waited for."""

    def __init__(self, path: Path, poll: float, desk: MemoryDesk | None = None) -> None:
        file = path / "scrubber.toml"
        file.write_text(f"[worker]\npoll_seconds = {poll}\n", encoding="utf-8")
        chosen = settings.load(file, environment={})
        self.opened = bootstrap.record(chosen, create=True)
        self.sources = [MemoryMailbox("a"), MemoryMailbox("b")]
        self.handled: list[Handled] = []
        self.news = threading.Condition()
        self.stop, self.bell = threading.Event(), Bell()
        tools, policy = bootstrap.default_tools("off"), bootstrap.default_policy()
        since = datetime.now(UTC) - timedelta(days=2)
        every: list[Source] = [*self.sources, *([DeskSource("desk", desk)] if desk else [])]
        worker = Worker(
            [Station(source, policy, tools, "redact", since) for source in every],
            self.opened.store,
            self.opened.journal,
            self.opened.ledger,
            self.opened.ring,
            logs.configure("json"),
            lambda: datetime.now(UTC),
            Options(),
            stop=self.stop,
            watch=self._seen,
        )
        loop = Loop(chosen, worker, logs.configure("json"), self.stop, self.bell, once=False)
        self.thread = threading.Thread(target=loop.run)

    def _seen(self, handled: Handled) -> None:
        with self.news:
            self.handled.append(handled)
            self.news.notify_all()

    def add(self, number: int) -> None:
        self.sources[number].add(MAIL, datetime.now(UTC) - timedelta(days=1))

    def wait_for(self, number: int) -> None:
        with self.news:
            assert self.news.wait_for(lambda: len(self.handled) >= number, SECONDS)

    def end(self) -> None:
        self.stop.set()
        self.bell.ring()
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()


@pytest.fixture
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    made = Running(tmp_path, request.param)
    try:
        yield made
    finally:
        if made.thread.is_alive():
            made.end()
        made.bell.close()
        made.opened.close()


@pytest.mark.parametrize("running", [86_400], indirect=True)
def test_mail_that_is_told_of_is_handled_long_before_its_time(running: Running) -> None:
    running.add(0)
    running.thread.start()
    running.wait_for(1)
    running.add(1)
    running.sources[1].stir()
    running.wait_for(2)
    running.end()
    assert [one.ref.source for one in running.handled] == ["a", "b"]
    assert [entry.kind for entry in running.opened.ledger.read()][-1] == "checkpoint"


@pytest.mark.parametrize("running", [0.05], indirect=True)
def test_without_being_told_it_looks_now_and_then_and_a_source_that_is_down_comes_back(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[int] = []
    discover = running.sources[0].discover

    def fail(since: datetime) -> object:
        failures.append(1)
        if len(failures) < 4:
            raise SourceError("down")
        return discover(since)

    monkeypatch.setattr(running.sources[0], "discover", fail)
    running.add(0)
    running.add(1)
    running.thread.start()
    running.wait_for(2)
    running.end()
    assert [one.ref.source for one in running.handled] == ["b", "a"]
    assert running.opened.journal.troubles() == []


def test_a_ticket_that_another_process_tells_of_is_handled_long_before_its_time(tmp_path: Path) -> None:
    desk = MemoryDesk()
    number = desk.open(Piece("subject", "Vraag", kind="subject"))
    running = Running(tmp_path, 86_400, desk)
    other = Store.open(f"sqlite:///{tmp_path}/scrubber.db")
    try:
        running.thread.start()
        running.wait_for(1)
        item = desk.say(number, "Mijn BSN is 123456782.")
        with other.begin() as tx:
            Journal(other).nudge(tx, "desk", number, datetime.now(UTC))
        running.wait_for(2)
        running.end()
        assert desk.text(number, item) == "Mijn BSN is [BSN verwijderd]."
    finally:
        running.end()
        other.close()
        running.bell.close()
        running.opened.close()
