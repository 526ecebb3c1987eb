"""`scrubber run`: the worker over the configured sources, once or until it is told to stop."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from structlog.typing import FilteringBoundLogger

from scrubber import bootstrap, logs, screen
from scrubber.commands.stranded import stranded
from scrubber.errors import SettingsError
from scrubber.redaction import Language
from scrubber.settings import Settings
from scrubber.station import Progress
from scrubber.worker import Worker
from scrubber.worker.schedule import Schedule
from scrubber.worker.waiting import Bell, Waiting

CHECKPOINT_SECONDS = 24 * 3600
REMIND_SECONDS = 3600
LOCK_SECONDS = 1.0


def run(settings: Settings, *, once: bool, as_of: datetime | None, lang: Language) -> int:
    """Exit status 1 when a source or a message failed. StoreError ends it before another message is changed."""
    if not settings.worked:
        raise SettingsError("no [[source]] in the settings that a worker goes through: there is nothing to work on")
    bar = once and sys.stderr.isatty()
    # Lines of a log would tear the bar; what went wrong is still said.
    log = logs.configure(settings.worker.log, logging.WARNING if bar else logging.INFO)
    with stop_on_signals() as (stop, bell), ExitStack() as stack:
        built = bootstrap.engine(settings)
        opened = bootstrap.record(settings, create=True)
        stack.callback(opened.close)
        wait = None if once else patient(stop, log, lang)
        if not stack.enter_context(bootstrap.only_worker(settings, wait)):
            return 0
        if found := list(stranded(settings, opened)):
            raise SettingsError("\n".join(one.why for one in found))
        meter = stack.enter_context(bootstrap.metrics(settings, opened, settings.worker.metrics, "[worker] metrics"))
        with _progress(bar) as progress:
            worker = bootstrap.worker(
                settings, built, opened, log, stop=stop, progress=progress, meter=meter, as_of=as_of
            )
            stack.callback(worker.close)
            bootstrap.settle()
            for row in settings.worked:
                log.info("source", name=row.name, type=row.type, mode=row.mode)
            Loop(settings, worker, log, stop, bell, once=once).run()
        waiting = opened.journal.totals(datetime.now(UTC)).waiting
    screen.show_summary(Console(stderr=True), worker.summary, built.tools.redactor.entities, lang, waiting)
    return 1 if worker.troubled else 0


@dataclass(slots=True)
class Loop:
    """Look at each source when its time comes or something happens there; sign off and remind now and then."""

    settings: Settings
    worker: Worker
    log: FilteringBoundLogger
    stop: Event
    bell: Bell
    once: bool
    _reminded: float = field(default=-float(REMIND_SECONDS), init=False)
    _signed: float = field(default_factory=time.monotonic, init=False)

    def run(self) -> None:
        sources = {station.source.name: station.source for station in self.worker.stations}
        schedule = Schedule(sources, self.settings.worker.poll_seconds)
        seen: frozenset[tuple[str, str, str]] = frozenset()

        def told() -> frozenset[str]:
            nonlocal seen
            now = self.worker.nudges()
            new, seen = now - seen, now
            return frozenset(source for source, _, _ in new if not schedule.failing(source))

        waiting = Waiting(self.bell, self.log, told if self.worker.is_told else None)
        while True:
            ready = schedule.ready()
            schedule.looked(ready, self.worker.cycle(ready))
            self._sign()
            self._remind()
            if self.once or self.stop.is_set():
                return
            watched = [source for name, source in sources.items() if not schedule.failing(name)]
            schedule.wake(waiting.wait(watched, schedule.pause()))
            if self.stop.is_set():
                self._sign()
                return

    def _sign(self) -> None:
        if self.once or self.stop.is_set() or time.monotonic() - self._signed > CHECKPOINT_SECONDS:
            self.worker.checkpoint()
            self._signed = time.monotonic()

    def _remind(self) -> None:
        observing = [row.name for row in self.settings.source if row.mode == "observe"]
        if observing and time.monotonic() - self._reminded > REMIND_SECONDS:
            self.log.warning("observing_only", sources=observing, hint='nothing is removed until mode = "redact"')
            self._reminded = time.monotonic()


def patient(stop: Event, log: FilteringBoundLogger, lang: Language) -> Callable[[str], bool]:
    """Waits for another worker to end, and says so once."""
    said: list[str] = []

    def wait_a_little(why: str) -> bool:
        if not said:
            said.append(why)
            log.warning("waiting_for_another_worker", why=why)
            text = {
                "nl": f"scrubber wacht en doet nog niets: {why}",
                "en": f"scrubber waits and does nothing yet: {why}",
            }[lang]
            Console(stderr=True).print(text, soft_wrap=True, markup=False, highlight=False)
        return not stop.wait(LOCK_SECONDS)

    return wait_a_little


@contextmanager
def stop_on_signals() -> Iterator[tuple[Event, Bell]]:
    """SIGTERM and SIGINT let the message in hand be finished, and end a wait."""
    stop, bell = Event(), Bell()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    before = signal.set_wakeup_fd(bell.wakeup_fd, warn_on_full_buffer=False)
    try:
        yield stop, bell
    finally:
        signal.set_wakeup_fd(before)
        bell.close()


@contextmanager
def _progress(wanted: bool) -> Iterator[Progress | None]:
    """A bar a source on standard error."""
    if not wanted:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def show(source: str, done: int, total: int) -> None:
            if source not in tasks:
                tasks[source] = bar.add_task(source, total=total)
            bar.update(tasks[source], completed=done, total=total)

        yield show
