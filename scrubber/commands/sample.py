"""`scrubber demo`: a sample mailbox, the worker over it, a table, the report, the proof."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from scrubber import bootstrap, logs, screen, settings
from scrubber.commands import record
from scrubber.demo.mailbox import build, unique_name
from scrubber.demo.samples import index
from scrubber.finding import Action
from scrubber.redaction import Language
from scrubber.station import Handled

_LINES = {
    "made": (
        "Proefpostbus gemaakt in {where}: {inbox} verzonnen berichten in het postvak, {sent} die de desk verstuurde",
        "Made a sample mailbox in {where}: {inbox} invented messages in the inbox, {sent} that the desk sent",
    ),
    "report": ("Rapport: {where}", "Report: {where}"),
    "next": ("Kijk zelf: cd {where} && scrubber verify", "See for yourself: cd {where} && scrubber verify"),
}


def _line(key: str, lang: Language, **values: object) -> str:
    return _LINES[key][0 if lang == "nl" else 1].format(**values)


def run(directory: Path, lang: Language, console: Console) -> int:
    """Exit status 0 when the record verifies."""
    now = datetime.now(UTC)
    build(directory, now)
    chosen = settings.load(directory / settings.FILE_NAME, environment={})
    mails = {unique_name(number, mail, now): mail for number, mail in enumerate(index(), 1)}
    inbox = {item: mail for item, mail in mails.items() if not mail.folder}
    console.print(
        Text(_line("made", lang, inbox=len(inbox), sent=len(mails) - len(inbox), where=directory), style="bold")
    )
    handled: list[Handled] = []
    built = bootstrap.engine(chosen, lang)
    opened = bootstrap.record(chosen, create=True)
    try:
        log = logs.configure(level=logging.ERROR)
        worker = bootstrap.worker(chosen, built, opened, log, watch=handled.append)
        worker.cycle()
        worker.checkpoint()
        waiting = opened.journal.totals(now).waiting
    finally:
        opened.close()
    entities = built.tools.redactor.entities
    first = {event.ref.item: event for event in handled if event.kind == "message"}
    later = {event.ref.item: event for event in handled if event.kind == "deferred"}
    rows = []
    for item, mail in inbox.items():
        event = first.get(item)
        if event is None:
            continue
        after = later.get(event.now_at.item if event.now_at else item)
        went = tuple(d for d in after.scrubbed.decisions if d.action is Action.DEFER) if after else ()
        rows.append(screen.Row(mail.shows, event.outcome, event.scrubbed.decisions, went))
    console.print(screen.demo_table(rows, entities, lang, console.width))
    screen.show_summary(console, worker.summary, entities, lang, waiting)
    out = directory / "report.html"
    out.write_text(record.render(chosen, "html", None, lang), encoding="utf-8")
    console.print(Text(_line("report", lang, where=out)))
    verdict = record.verify(chosen, lang, console)
    console.print(Text(_line("next", lang, where=directory), style="dim"))
    return verdict
