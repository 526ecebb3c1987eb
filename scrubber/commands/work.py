"""`scrubber run`: the worker over the configured sources, once or until it is told to stop."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from scrubber import bootstrap, logs, screen
from scrubber.errors import SettingsError
from scrubber.redaction import Language
from scrubber.settings import Settings
from scrubber.station import Progress

CHECKPOINT_SECONDS = 24 * 3600
REMIND_SECONDS = 3600


def run(settings: Settings, *, once: bool, as_of: datetime | None, lang: Language) -> int:
    """Exit status 1 when a source or a message failed. StoreError ends it before another message is changed."""
    if not settings.source:
        raise SettingsError("no [[source]] in the settings: there is nothing to work on")
    bar = once and sys.stderr.isatty()
    # Lines of a log would tear the bar; what went wrong is still said.
    log = logs.configure(settings.worker.log, logging.WARNING if bar else logging.INFO)
    stop = _stop_on_signals()
    built = bootstrap.engine(settings)
    opened = bootstrap.record(settings, create=True)
    try:
        with bootstrap.only_worker(settings), _progress(bar) as progress:
            worker = bootstrap.worker(settings, built, opened, log, stop=stop, progress=progress, as_of=as_of)
            bootstrap.settle()
            for row in settings.source:
                log.info("source", name=row.name, type=row.type, mode=row.mode)
            observing = [row.name for row in settings.source if row.mode == "observe"]
            reminded, signed = -float(REMIND_SECONDS), time.monotonic()
            while True:
                worker.cycle()
                if once or stop.is_set() or time.monotonic() - signed > CHECKPOINT_SECONDS:
                    worker.checkpoint()
                    signed = time.monotonic()
                if observing and time.monotonic() - reminded > REMIND_SECONDS:
                    log.warning("observing_only", sources=observing, hint='nothing is removed until mode = "redact"')
                    reminded = time.monotonic()
                if once or stop.wait(settings.worker.poll_seconds):
                    break
        waiting = opened.journal.totals(datetime.now(UTC)).waiting
    finally:
        opened.close()
    screen.show_summary(Console(stderr=True), worker.summary, built.tools.redactor.entities, lang, waiting)
    return 1 if worker.troubled else 0


def _stop_on_signals() -> Event:
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


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
