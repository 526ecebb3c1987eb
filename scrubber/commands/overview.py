"""`scrubber check` and `scrubber status`: what is possible, and how things stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrubber import bootstrap, screen
from scrubber.errors import SourceError
from scrubber.redaction import Language
from scrubber.settings import Settings

_CHECK: Mapping[str, tuple[str, str]] = {
    "fine": ("bereikbaar", "reachable"),
    "redact": (
        "verwijdert: persoonsgegevens gaan uit de berichten zelf",
        "redacts: personal data goes from the messages themselves",
    ),
    "observe": (
        'neemt waar: beslist en legt vast, verandert niets (verwijderen begint met mode = "redact")',
        'observes: decides and records, changes nothing (removal starts with mode = "redact")',
    ),
    "readonly": ("kan alleen lezen: hier wordt nooit iets verwijderd", "can only read: nothing is ever removed here"),
    "threads": ("kent de draad van een bericht", "knows the thread of a message"),
    "no desk": (
        "geen desk_addresses ingesteld: van wat de desk vroeg telt alleen wat in de map met verzonden berichten staat",
        "no desk_addresses set: of what the desk asked, only what stands in the sent folder counts",
    ),
    "rules": ("regels en herkenners kloppen", "rules and recognisers are valid"),
    "no sources": ("er zijn geen bronnen ingesteld ([[source]])", "there are no sources ([[source]])"),
}

_STATUS: Mapping[str, tuple[str, str]] = {
    "in flight": ("onderhanden", "in flight"),
    "waiting": ("wachten op verwijdering", "waiting to be removed"),
    "next": ("eerstvolgende datum", "next date"),
    "overdue": ("over de datum", "overdue"),
    "reviews": ("te beoordelen", "to be reviewed"),
}


def _pick(table: Mapping[str, tuple[str, str]], key: str, lang: Language) -> str:
    return table[key][0 if lang == "nl" else 1]


def check(settings: Settings, lang: Language, console: Console) -> int:
    """Exit status 1 when a source can't be used."""
    built = bootstrap.engine(settings)
    failed = False
    console.print(_pick(_CHECK, "rules", lang), style="green")
    if not settings.source:
        console.print(_pick(_CHECK, "no sources", lang), style="yellow")
    for row in settings.source:
        bootstrap.policy(built, settings, row)
        source = bootstrap.source(settings, row)
        console.print(Text(f"\n{row.name} ({row.type})", style="bold"))
        try:
            source.check()
        except SourceError as error:
            failed = True
            console.print(Text(f"  {error}", style="red"))
            continue
        finally:
            source.close()
        can = source.capabilities
        lines = [_pick(_CHECK, "fine", lang), _pick(_CHECK, row.mode if can.replaces else "readonly", lang)]
        if can.threads:
            lines.append(_pick(_CHECK, "threads", lang))
        if not row.desk_addresses:
            lines.append(_pick(_CHECK, "no desk", lang))
        for line in (*lines, *can.limits):
            console.print(Text(f"  {line}"))
    return 1 if failed else 0


def status(settings: Settings, lang: Language, console: Console) -> int:
    opened = bootstrap.record(settings)
    try:
        totals = opened.journal.totals(datetime.now(UTC))
    finally:
        opened.close()
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="bold")
    table.add_column()
    for outcome, count in sorted(totals.settled.items()):
        table.add_row(str(count), screen.word(outcome, lang))
    table.add_row(str(totals.in_flight), _pick(_STATUS, "in flight", lang))
    waiting = _pick(_STATUS, "waiting", lang)
    if totals.next_due:
        waiting += f" ({_pick(_STATUS, 'next', lang)}: {screen.date(totals.next_due)})"
    table.add_row(str(totals.waiting), waiting)
    table.add_row(str(totals.overdue), _pick(_STATUS, "overdue", lang))
    table.add_row(str(totals.reviews), _pick(_STATUS, "reviews", lang))
    console.print(table)
    return 0
