"""`scrubber status`: what is in flight, due, held, failing, and what does not work."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrubber import bootstrap, screen
from scrubber.commands import reviews
from scrubber.commands.stranded import Stranded, stranded
from scrubber.digests import SHORT, Digests
from scrubber.finding import Outcome
from scrubber.journal import DOWN, FOLDER, PURGE, UNABLE, DueMessage, Flight, Open, Totals, Unsettled
from scrubber.redaction import Language
from scrubber.report import labels
from scrubber.settings import Settings
from scrubber.settings_sources import DeskSettings
from scrubber.store import utc_text

_NEVER = 1970
"""The year of a sweep that never came to its end."""

SHOWN = 20
"""Lines of a list at the terminal; --format json has them all."""

_WORDS: Mapping[str, tuple[str, str]] = {
    "in flight": ("onderhanden", "in flight"),
    "waiting": ("wachten op verwijdering", "waiting to be removed"),
    "next": ("eerstvolgende datum", "next date"),
    "overdue": ("over de datum", "overdue"),
    "reviews": ("te beoordelen", "to be reviewed"),
    "stuck": (
        "hadden al weg moeten zijn maar konden niet verwijderd worden: een mens moet kijken",
        "were due but could not be removed: a person has to look",
    ),
    "marked": (
        "als verwijderd gemarkeerd en met rust gelaten: ze staan er tot iemand de map opschoont",
        "marked as deleted and left alone: they stand there until someone expunges the folder",
    ),
    "held": ("Aangehouden: bekijk het bericht, en dan", "Held: look at the message, and then"),
    "failing": ("Mislukt, wordt of werd opnieuw geprobeerd", "Failed, is or was tried again"),
    "due": ("Wacht op verwijdering", "Waits to be removed"),
    "flights": ("Onderhanden", "In flight"),
    "trouble": ("Werkt niet", "Does not work"),
    "desks": ("Ticketsystemen", "Ticket systems"),
    "told": ("nog te bekijken tickets", "tickets to look at"),
    "swept": ("alle wijzigingen nagelopen op", "all changes looked up at"),
    "never": ("nog nooit", "never"),
    "since": ("sinds", "since"),
    "latest": ("uiterlijk", "at the latest"),
    "late": ("OVER DE DATUM", "OVERDUE"),
    "attempt": ("poging", "attempt"),
    "asked": ("wordt opnieuw bekeken", "is looked at again"),
    "more": ("en nog {n} (alles: --format json)", "and {n} more (all of them: --format json)"),
    DOWN: ("bron", "source"),
    FOLDER: ("mappen", "folders"),
    PURGE: ("purge_command", "purge_command"),
    UNABLE: ("kan hier niets verwijderen", "can remove nothing here"),
    "reviews late": ("te laat beoordeeld", "overdue to be reviewed"),
    "unable why": (
        'mode = "redact", maar deze bron is alleen te lezen: er wordt niets verwijderd (`scrubber check` zegt waarom)',
        'mode = "redact", but this source can only be read: nothing is removed there (`scrubber check` says why)',
    ),
}


_TROUBLES = (DOWN, FOLDER, PURGE, UNABLE)


@dataclass(frozen=True, slots=True)
class Desk:
    """A ticket system: how many tickets were told of and not handled yet, and when all changes were last looked up."""

    name: str
    told: int
    swept: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand at `at`; `digests` name the messages."""

    totals: Totals
    open: Open
    digests: Digests
    at: datetime
    stranded: tuple[Stranded, ...] = ()
    desks: tuple[Desk, ...] = ()


def status(settings: Settings, lang: Language, console: Console, form: str) -> int:
    opened = bootstrap.record(settings)
    try:
        now = datetime.now(UTC)
        lost = tuple(stranded(settings, opened))
        desks = _desks(settings, opened)
        stand = Standing(opened.journal.totals(now), opened.journal.open(), Digests(opened.ring), now, lost, desks)
    finally:
        opened.close()
    if form == "json":
        print(json.dumps(as_json(stand), ensure_ascii=False, indent=1))  # noqa: T201 - the command's output
        return 0
    entities = bootstrap.names(settings, lang)[0]
    console.print(_counts(stand, lang))
    for title, lines in _sections(stand, entities, lang):
        if lines:
            console.print(Text(f"\n{title}", style="bold"))
            for line in lines[:SHOWN]:
                console.print(Text(f"  {line}"), soft_wrap=True)
            if len(lines) > SHOWN:
                console.print(Text("  " + _word("more", lang).format(n=len(lines) - SHOWN), style="dim"))
    return 0


def _desks(settings: Settings, opened: bootstrap.Record) -> tuple[Desk, ...]:
    journal = opened.journal
    found = []
    for row in settings.source:
        if isinstance(row, DeskSettings):
            swept = journal.swept(row.name)
            ever = swept is not None and swept[1].year > _NEVER
            found.append(Desk(row.name, len(journal.nudged(row.name)), swept[1] if swept and ever else None))
    return tuple(found)


def as_json(stand: Standing) -> dict[str, Any]:
    """Everything, with codes instead of labels. Moments are UTC."""
    totals, unsettled = stand.totals, stand.open.unsettled
    return {
        "at": utc_text(stand.at),
        "settled": dict(sorted(totals.settled.items())),
        "waiting": totals.waiting,
        "overdue": totals.overdue,
        "reviews": totals.reviews,
        "marked_deleted": totals.marked,
        "due": [_due_json(stand, one) for one in stand.open.due],
        "stuck": [{**_due_json(stand, one), "reason": one.why} for one in stand.open.stuck],
        "held": [_unsettled_json(stand, one) for one in unsettled if one.outcome == Outcome.HELD],
        "failing": [_unsettled_json(stand, one) for one in unsettled if one.outcome == Outcome.FAILED],
        "in_flight": [
            {**_place(stand, flight), "step": flight.step, "since": utc_text(flight.since)}
            for flight in stand.open.flights
        ],
        "desks": [
            {"source": one.name, "told": one.told, "swept_at": utc_text(one.swept) if one.swept else None}
            for one in stand.desks
        ],
        "troubles": [
            {"source": one.source, "what": one.what, "since": utc_text(one.since), "why": one.why}
            for one in stand.open.troubles
            if one.what in _TROUBLES
        ],
        "stranded": [{"source": one.source, "in_flight": len(one.jobs), "why": one.why} for one in stand.stranded],
        "reviews_overdue": totals.reviews_overdue,
        "to_review": [reviews.row(one, stand.digests, stand.at) for one in stand.open.reviews],
    }


def _name(stand: Standing, one: DueMessage | Unsettled | Flight) -> str:
    return (one.known_as or stand.digests.ref(one.ref))[:SHORT]


def _place(stand: Standing, one: DueMessage | Unsettled | Flight) -> dict[str, str]:
    return {"source": one.ref.source, "ref": _name(stand, one)}


def _due_json(stand: Standing, one: DueMessage) -> dict[str, Any]:
    return {
        **_place(stand, one),
        "entity_types": list(one.entity_types),
        "due": utc_text(one.due),
        "latest": utc_text(one.latest),
        "overdue": one.due <= stand.at,
    }


def _unsettled_json(stand: Standing, one: Unsettled) -> dict[str, Any]:
    return {
        **_place(stand, one),
        "reason": one.reason,
        "since": utc_text(one.since),
        "attempts": one.attempts,
        "mode": one.mode,
    }


def _word(key: str, lang: Language) -> str:
    return _WORDS[key][0 if lang == "nl" else 1]


def _counts(stand: Standing, lang: Language) -> Table:
    totals = stand.totals
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="bold")
    table.add_column()
    order = {outcome: place for place, outcome in enumerate(labels.OUTCOMES)}
    for outcome, count in sorted(totals.settled.items(), key=lambda row: order[row[0]]):
        table.add_row(str(count), screen.word(outcome, lang))
    table.add_row(str(totals.in_flight), _word("in flight", lang))
    waiting = _word("waiting", lang)
    if totals.next_due:
        waiting += f" ({_word('next', lang)}: {screen.date(totals.next_due)})"
    table.add_row(str(totals.waiting), waiting)
    table.add_row(str(totals.overdue), _word("overdue", lang))
    table.add_row(str(totals.reviews), _word("reviews", lang))
    if totals.reviews_overdue:
        table.add_row(str(totals.reviews_overdue), _word("reviews late", lang))
    if totals.stuck:
        table.add_row(str(totals.stuck), _word("stuck", lang))
    if totals.marked:
        table.add_row(str(totals.marked), _word("marked", lang))
    return table


def _sections(stand: Standing, entities: Mapping[str, str], lang: Language) -> Iterable[tuple[str, Sequence[str]]]:
    """(title, lines) of each list."""
    unsettled = stand.open.unsettled
    held = [_held(stand, one, lang) for one in unsettled if one.outcome == Outcome.HELD]
    stuck = [_due(stand, one, entities, lang) for one in stand.open.stuck]
    yield f"{_word('held', lang)} `scrubber retry REF` / `scrubber release REF`", [*held, *stuck]
    yield (
        reviews.word("title", lang),
        [reviews.line(one, stand.digests, stand.at, entities, lang) for one in stand.open.reviews],
    )
    yield _word("failing", lang), [_held(stand, one, lang) for one in unsettled if one.outcome == Outcome.FAILED]
    yield _word("due", lang), [_due(stand, one, entities, lang) for one in stand.open.due]
    yield (
        _word("flights", lang),
        [f"{_name(stand, one)}  {one.ref.source}  {one.step}  {_since(one.since, lang)}" for one in stand.open.flights],
    )
    yield (
        _word("desks", lang),
        [
            f"{one.name}  {_word('told', lang)}: {one.told}  {_word('swept', lang)}: "
            f"{screen.moment(one.swept) if one.swept else _word('never', lang)}"
            for one in stand.desks
        ],
    )
    yield (
        _word("trouble", lang),
        [one.why for one in stand.stranded]
        + [
            f"{one.source}  {_word(one.what, lang)}  {_since(one.since, lang)}: "
            f"{_word('unable why', lang) if one.what == UNABLE else one.why}"
            for one in stand.open.troubles
            if one.what in _TROUBLES
        ],
    )


def _since(moment: datetime, lang: Language) -> str:
    return f"{_word('since', lang)} {screen.date(moment)}"


def _held(stand: Standing, one: Unsettled, lang: Language) -> str:
    why = _word("asked", lang) if one.reason == "retry" else labels.reason(one.reason, lang)
    tried = f"  {_word('attempt', lang)} {one.attempts}" if one.outcome == Outcome.FAILED else ""
    return screen.safe(f"{_name(stand, one)}  {one.ref.source}  {why}  {_since(one.since, lang)}{tried}")


def _due(stand: Standing, one: DueMessage, entities: Mapping[str, str], lang: Language) -> str:
    kinds = ", ".join(labels.entity(kind, lang, entities) for kind in one.entity_types)
    late = f"  {_word('late', lang)}" if one.due <= stand.at else ""
    latest = "" if one.latest == one.due else f" ({_word('latest', lang)} {screen.date(one.latest)})"
    why = f"  {labels.reason(one.why, lang)}" if one.why else ""
    return f"{_name(stand, one)}  {one.ref.source}  {kinds}  {screen.date(one.due)}{latest}{late}{why}"
