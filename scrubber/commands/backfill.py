"""`scrubber backfill`: walks the tickets of before, from a date on."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from scrubber import bootstrap, logs, screen
from scrubber.commands.work import stop_on_signals
from scrubber.errors import SettingsError, SourceError
from scrubber.redaction import Language
from scrubber.settings import Settings
from scrubber.settings_sources import DeskSettings, SourceSettings
from scrubber.worker.matters import Seen

_SAID = {
    "nl": {
        "observe": 'Alleen kijken: er verandert niets. Met `--redact` (en mode = "redact") gaat het weg.',
        "redact": "Wat weg moet, gaat nu weg; dat is niet terug te draaien.",
        "again": "Afgebroken: {why}. Dezelfde opdracht gaat verder waar dit ophield.",
        "stopped": "Gestopt. Dezelfde opdracht gaat verder waar dit ophield.",
        "tickets": "tickets",
    },
    "en": {
        "observe": 'Looking only: nothing changes. With `--redact` (and mode = "redact") it goes.',
        "redact": "What must go goes now; that can't be undone.",
        "again": "Broken off: {why}. The same command goes on where this ended.",
        "stopped": "Stopped. The same command goes on where this ended.",
        "tickets": "tickets",
    },
}


def backfill(settings: Settings, name: str, since: datetime, *, redact: bool, lang: Language) -> int:
    """Exit status 1 when something failed. It observes unless `redact`, which the source's mode must allow."""
    row = _desk(settings, name)
    if redact and row.mode != "redact":
        raise SettingsError(f'--redact: write mode = "redact" for the source "{name}" first')
    mode = "redact" if redact else "observe"
    console, said = Console(stderr=True), _SAID[lang]
    bar = sys.stderr.isatty()
    log = logs.configure(settings.worker.log, logging.WARNING if bar else logging.INFO)
    with stop_on_signals() as (stop, _), ExitStack() as stack:
        built = bootstrap.engine(settings)
        opened = bootstrap.record(settings, create=True)
        stack.callback(opened.close)
        stack.enter_context(bootstrap.only_worker(settings))
        console.print(said[mode])
        worker = bootstrap.worker(settings, built, opened, log, stop=stop, only=name, mode=mode)
        stack.callback(worker.close)
        bootstrap.settle()
        failed = ""
        with _bar(since, said["tickets"], shown=bar) as seen:
            try:
                worker.backfill(name, since, seen)
            except SourceError as error:
                failed = str(error)
        worker.checkpoint()
        waiting = opened.journal.totals(datetime.now(UTC)).waiting
    screen.show_summary(console, worker.summary, built.tools.redactor.entities, lang, waiting)
    if failed or stop.is_set():
        said_last = said["again"].format(why=failed) if failed else said["stopped"]
        console.print(said_last, soft_wrap=True, markup=False, highlight=False)
    return 1 if failed or worker.troubled else 0


def _desk(settings: Settings, name: str) -> SourceSettings:
    rows = {row.name: row for row in settings.source}
    if name not in rows:
        known = ", ".join(sorted(rows)) or "none"
        raise SettingsError(f'there is no source "{name}"; known: {known}')
    if not isinstance(rows[name], DeskSettings):
        raise SettingsError(f'"{name}" is no ticket system: for a mailbox, set `since` and let `scrubber run` do it')
    return rows[name]


@contextmanager
def _bar(since: datetime, tickets: str, *, shown: bool) -> Iterator[Seen]:
    """How far it came in time: how many tickets there are nobody tells beforehand."""
    if not shown:
        yield lambda _number, _until: None
        return
    columns = (TextColumn("{task.fields[day]}"), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        whole = max((datetime.now(UTC) - since).total_seconds(), 1.0)
        task = bar.add_task(f"0 {tickets}", total=whole, day=screen.date(since))
        total = 0

        def seen(number: int, until: datetime) -> None:
            nonlocal total
            total += number
            done = min((until - since).total_seconds(), whole)
            bar.update(task, completed=done, description=f"{total} {tickets}", day=screen.date(until))

        yield seen
