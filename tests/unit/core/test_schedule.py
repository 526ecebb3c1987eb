"""When a source is looked at again, and what ends a wait."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from scrubber import logs
from scrubber.errors import SourceError
from scrubber.sources.memory import MemorySource
from scrubber.sources.memory_mailbox import MemoryMailbox
from scrubber.worker.schedule import Schedule
from scrubber.worker.waiting import Bell, wait

LOG = logs.configure("json")


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_all_are_looked_at_first_and_then_every_so_often() -> None:
    clock = Clock()
    schedule = Schedule(("a", "b"), 60, clock)
    assert schedule.ready() == {"a", "b"}
    schedule.looked({"a", "b"}, ())
    assert not schedule.ready()
    assert schedule.pause() == 60
    clock.now += 60
    assert schedule.ready() == {"a", "b"}
    assert schedule.pause() == 0


def test_one_that_fails_is_tried_again_with_growing_pauses_and_the_other_goes_on() -> None:
    clock = Clock()
    schedule = Schedule(("a", "b"), 60, clock, spread=lambda: 1.0)
    pauses = []
    for _ in range(12):
        ready = schedule.ready()
        assert "a" in ready
        schedule.looked(ready, {"a"})
        assert schedule.failing("a")
        assert not schedule.failing("b")
        before = clock.now
        while "a" not in schedule.ready():
            clock.now += schedule.pause()
            schedule.looked(schedule.ready() - {"a"}, ())
        pauses.append(clock.now - before)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]
    schedule.looked({"a"}, ())
    assert not schedule.failing("a")
    assert schedule.pause() <= 60
    schedule.looked({"a"}, {"a"})
    clock.now += 2
    assert "a" in schedule.ready()  # from the beginning


def test_pauses_differ_so_that_sources_that_fail_together_do_not_come_back_together() -> None:
    clock = Clock()
    schedule = Schedule([f"s{number}" for number in range(50)], 60, clock)
    schedule.looked(schedule.ready(), schedule.ready())
    seen: set[float] = set()
    while len(seen) < 10:
        clock.now += schedule.pause()
        assert 1002 <= clock.now <= 1003
        seen.add(clock.now)
        schedule.looked(schedule.ready(), ())


def test_what_happens_somewhere_is_looked_at_at_once() -> None:
    clock = Clock()
    schedule = Schedule(("a", "b"), 60, clock)
    schedule.looked({"a", "b"}, ())
    schedule.wake({"b"})
    assert schedule.ready() == {"b"}
    assert schedule.pause() == 0


def test_a_year_of_failures_overflows_nothing() -> None:
    clock = Clock()
    schedule = Schedule(("a",), 86_400, clock)
    for _ in range(5_000):
        schedule.looked({"a"}, {"a"})
    assert schedule.pause() == 864_000


@pytest.fixture
def bell() -> Iterator[Bell]:
    made = Bell()
    yield made
    made.close()


def test_a_source_that_tells_ends_the_wait(bell: Bell) -> None:
    quiet, loud, silent = MemoryMailbox("quiet"), MemoryMailbox("loud"), MemorySource("silent")
    timer = threading.Timer(0.05, loud.stir)
    timer.start()
    try:
        assert wait((quiet, loud, silent), 60, bell, LOG) == {"loud"}
    finally:
        timer.join()
    assert quiet.watching is loud.watching is False


def test_without_news_the_wait_ends_by_itself(bell: Bell) -> None:
    assert wait((MemoryMailbox(), MemorySource()), 0.01, bell, LOG) == frozenset()
    assert wait((), 0, bell, LOG) == frozenset()


def test_the_bell_ends_the_wait_also_when_it_rang_before(bell: Bell) -> None:
    bell.ring()
    assert wait((MemoryMailbox(),), 60, bell, LOG) == frozenset()


def test_a_signal_ends_the_wait(bell: Bell) -> None:
    stop = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: stop.set())
    wakeup = signal.set_wakeup_fd(bell.wakeup_fd)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        assert wait((), 60, bell, LOG) == frozenset()
        assert stop.is_set()
    finally:
        timer.join()
        signal.set_wakeup_fd(wakeup)
        signal.signal(signal.SIGUSR1, before)


def test_a_source_that_cannot_watch_does_not_keep_the_others_from_it(
    bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, none, loud = MemoryMailbox("broken"), MemoryMailbox("none"), MemoryMailbox("loud")

    def fail() -> None:
        raise SourceError("connection lost")

    monkeypatch.setattr(broken, "watch", fail)
    monkeypatch.setattr(none, "watch", lambda: None)
    loud.stir()
    assert wait((broken, none, loud), 60, bell, LOG) == {"loud"}
    monkeypatch.setattr(loud, "unwatch", fail)
    assert wait((loud,), 60, bell, LOG) == {"loud"}
    monkeypatch.undo()
    loud.unwatch()
