"""What a person sees at the terminal: the text of `try`, the tables, the summary. Dutch, or English with lang="en".

Outcomes and reasons are called what the report calls them. Nothing is cropped: a narrow terminal gets another layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from scrubber.finding import Action, Decision, Outcome, Scrubbed
from scrubber.message import TextView
from scrubber.redaction import Entities, Language
from scrubber.report import labels
from scrubber.station import Summary

_STYLES = {
    Action.REDACT: "bold white on red",
    Action.DEFER: "black on yellow",
    Action.REVIEW: "black on magenta",
    Action.KEEP: "green",
}

_WORDS: dict[str, tuple[str, str]] = {
    "redact": ("weg", "goes"),
    "defer": ("later weg", "goes later"),
    "review": ("beoordelen", "review"),
    "keep": ("blijft", "stays"),
    "sender": ("afzender", "sender"),
    "third_party": ("een ander", "third party"),
    "organisation": ("organisatie", "organisation"),
    "unknown": ("onbekend", "unknown"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    "type": ("soort", "type"),
    "place": ("plaats", "place"),
    "whose": ("van wie", "whose"),
    "asked": ("gevraagd", "asked"),
    "needed": ("nodig", "needed"),
    "action": ("actie", "action"),
    "rule": ("regel", "rule"),
    "why": ("waarom", "why"),
    "unread": ("niet gelezen", "not read"),
    "messages": ("berichten", "messages"),
    "outcome": ("uitkomst", "outcome"),
    "removed": ("verwijderd", "removed"),
    "would": ("zou verwijderd worden", "would be removed"),
    "deferred": ("later te verwijderen", "to be removed later"),
    "later": ("alsnog verwijderd", "removed now that it was due"),
    "still waiting": ("wachten nu nog op verwijdering", "still wait to be removed"),
    "reviews": ("te beoordelen", "to be reviewed"),
    "restored": ("teruggezet door een mens, zo gelaten", "put back by a person, left alone"),
    "recovered": ("afgemaakt na een onderbreking", "finished after an interruption"),
    "nothing": ("niets gevonden", "nothing found"),
    "not read in full": ("onderdelen die niet gelezen konden worden", "parts that could not be read"),
    "until": ("tot uiterlijk", "until at the latest"),
    "message": ("bericht", "message"),
    "what happened": ("wat er gebeurde", "what happened"),
    "removed later": ("Later verwijderd", "Removed later"),
    "gone": ("weg", "gone"),
    "waiting": ("wacht", "waits"),
    "kept": ("bleef", "stayed"),
    "went": ("wat er weg is", "what went"),
    "waits": ("wat wacht", "what waits"),
    "after all": ("alsnog, de zaak is stil", "after all: the matter is closed"),
    "stayed": ("wat bleef, en waarom", "what stayed, and why"),
}

# C0 and C1 controls, and the marks that reorder a line: a message must not write on the terminal that shows it.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def word(key: str, lang: Language) -> str:
    """What `key` is called; an outcome as the report calls it; else the key itself."""
    if key in labels.OUTCOMES:
        return labels.label(labels.OUTCOMES, key, lang)
    return _WORDS[key][0 if lang == "nl" else 1] if key in _WORDS else key


def safe(text: str) -> str:
    """The same length, without what a terminal would obey."""
    return _UNSAFE.sub("\ufffd", text)


def marked(view: TextView, decisions: Sequence[Decision]) -> Text:
    """The text of a view with its findings highlighted by action."""
    text = Text(safe(view.text))
    for decision in decisions:
        if decision.finding.path == view.path:
            text.stylize(_STYLES[decision.action], decision.finding.start, decision.finding.end)
    return text


_WHY = 40
"""Columns that the reasons want beside the rest of the table; with less they stand under it."""
_NAME = 24
"""A rule's name up to this length is never broken (80 columns hold it beside the others)."""


def decisions_table(decisions: Sequence[Decision], entities: Entities, lang: Language, *, wide: bool) -> Table:
    """A row a finding. `wide`: with the place and the reason in columns of their own."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2 if wide else 1, 0, 0))
    paths = {d.finding.path for d in decisions}
    places = wide or len(paths) > 1 or any(len(path) > 1 for path in paths)
    for column in ("type", *(("place",) if wide else ()), "whose", "asked", "needed", "action"):
        table.add_column(word(column, lang), overflow="fold")
    table.add_column(
        word("rule", lang), overflow="fold", no_wrap=wide or max((len(d.rule) for d in decisions), default=0) <= _NAME
    )
    if wide:
        table.add_column(word("why", lang), overflow="fold", min_width=_WHY)
    for d in decisions:
        a = d.assessment
        kind, place = Text(_label(d, entities, lang)), Text(_place(d), style="dim")
        table.add_row(
            *((kind, place) if wide else (Text("\n").join((kind, place)) if places else kind,)),
            Text(word(a.data_subject, lang)),
            Text(word("yes" if a.asked else "no", lang)),
            Text(word("yes" if a.needed else "no", lang)),
            Text(word(d.action.value, lang), style=_STYLES[d.action]),
            Text(d.rule),
            *((Text(d.because),) if wide else ()),
        )
    return table


def show_decisions(console: Console, decisions: Sequence[Decision], entities: Entities, lang: Language) -> None:
    """The table with the reasons in it, or, where it would not fit, each reason once under it."""
    table = decisions_table(decisions, entities, lang, wide=True)
    unlimited = console.options.update(max_width=10_000)
    reasons = max((_WHY, *(cell_len(d.because) for d in decisions)))
    others = Measurement.get(console, unlimited, table).maximum - reasons
    if others + _WHY <= console.width:
        console.print(table)
        return
    console.print(decisions_table(decisions, entities, lang, wide=False))
    console.print()
    for rule, because in dict.fromkeys((d.rule, d.because) for d in decisions):
        console.print(Text.assemble((f"{rule}: ", "bold"), because))


def _place(decision: Decision) -> str:
    return safe("/".join(step for step in decision.finding.path if step))


def show_try(
    console: Console, views: Sequence[TextView], scrubbed: Scrubbed, entities: Entities, lang: Language
) -> None:
    """What `scrubber try` prints: the marked text, the table, the outcome."""
    shown = {d.finding.path for d in scrubbed.decisions}
    for view in views:
        if view.kind in ("subject", "body", "field") or view.path in shown:
            if len(views) > 1:
                console.print(Text(safe("/".join(step for step in view.path if step)), style="dim"))
            console.print(marked(view, scrubbed.decisions))
            console.print()
    if scrubbed.decisions:
        show_decisions(console, scrubbed.decisions, entities, lang)
    elif scrubbed.outcome is Outcome.CLEAN:
        console.print(word("nothing", lang), style="green")
    for unread in scrubbed.unread:
        console.print(
            Text(
                f"{word('unread', lang)}: {safe('/'.join(unread.path))} {unread.media_type} "
                f"({labels.reason(unread.reason, lang)})"
            ),
            style="yellow",
        )
    if scrubbed.outcome in (Outcome.HELD, Outcome.FAILED):
        console.print(
            Text(f"{word(scrubbed.outcome.value, lang)}: {labels.reason(scrubbed.reason, lang)}"), style="bold red"
        )


def show_summary(
    console: Console, summary: Summary, entities: Entities, lang: Language, waiting: int | None = None
) -> None:
    """What a run did, for a person. `waiting`: how many removals wait now, of this run and those before it."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="bold")
    table.add_column()
    total = sum(summary.outcomes.values())
    table.add_row(str(total), word("messages", lang))
    for outcome in Outcome:
        if summary.outcomes[outcome.value]:
            table.add_row(str(summary.outcomes[outcome.value]), "  " + word(outcome.value, lang))
    kinds = (
        ("removed", summary.removed),
        ("would", summary.would),
        ("deferred", summary.deferred),
        ("later", summary.later),
        ("still waiting", waiting),
        ("reviews", summary.reviews),
    )
    for name, counter in kinds:
        if isinstance(counter, int):
            table.add_row(str(counter), word(name, lang))
        elif counter:
            parts = ", ".join(f"{entities.label(kind, lang)} {count}" for kind, count in counter.most_common())
            table.add_row(str(counter.total()), f"{word(name, lang)}: {parts}")
    if summary.unread:
        parts = ", ".join(f"{labels.reason(reason, lang)} {count}" for reason, count in summary.unread.most_common())
        table.add_row(str(summary.unread.total()), f"{word('not read in full', lang)}: {parts}")
    for reason, count in summary.held.most_common():
        table.add_row(str(count), f"{word('HELD', lang)}: {labels.reason(reason, lang)}")
    for said, count in summary.heard.most_common():
        table.add_row(str(count), labels.label(labels.SIGNALS, said, lang))
    for name, count in (("restored", summary.restored), ("recovered", summary.recovered)):
        if count:
            table.add_row(str(count), word(name, lang))
    console.print(table)


@dataclass(frozen=True, slots=True)
class Row:
    """A message of the demo: what it shows, how it ended, what was decided, and what went later in the same run."""

    description: str
    outcome: str
    decisions: tuple[Decision, ...] = ()
    later: tuple[Decision, ...] = ()


_WIDE = 160
"""Columns from which the demo's table has one for what went, one for what waits and one for what stayed."""


def demo_table(rows: Iterable[Row], entities: Entities, lang: Language, width: int) -> Table:
    """One row a message: what it is, what went, what waits, what stayed and why. `width` of the terminal in columns."""
    columns = (("went", "red"), ("waits", "yellow"), ("stayed", "green"))
    wide = width >= _WIDE
    table = Table(
        header_style="bold", expand=True, box=box.HEAVY_HEAD if wide else box.SIMPLE_HEAD, pad_edge=wide, padding=(0, 1)
    )
    table.add_column(word("message", lang), ratio=5, overflow="fold")
    table.add_column(word("outcome", lang), ratio=3, overflow="fold")
    if wide:
        for (column, style), ratio in zip(columns, (5, 4, 5), strict=True):
            table.add_column(word(column, lang), ratio=ratio, style=style, overflow="fold")
    else:
        table.add_column(word("what happened", lang), ratio=6, overflow="fold")
    for row in rows:
        texts = (_goes(row, entities, lang), _waits(row, entities, lang), _stays(row.decisions, entities, lang))
        if wide:
            happened = [Text(text) for text in texts]
        else:
            said = zip(("gone", "waiting", "kept"), columns, texts, strict=True)
            happened = [
                Text("\n").join(Text(f"{word(key, lang)}: {text}", style) for key, (_, style), text in said if text)
            ]
        table.add_row(Text(row.description), Text(_ending(row, lang)), *happened)
    return table


def _ending(row: Row, lang: Language) -> str:
    """How a message ended; one that had nothing to lose at once but lost it later in the same run says that."""
    return word("removed later" if row.later and row.outcome == Outcome.CLEAN else row.outcome, lang)


def _goes(row: Row, entities: Entities, lang: Language) -> str:
    went = [f"{_label(d, entities, lang)} ({d.rule})" for d in row.decisions if d.action is Action.REDACT]
    return _together([*went, *(f"{_label(d, entities, lang)} ({word('after all', lang)})" for d in row.later)])


def _waits(row: Row, entities: Entities, lang: Language) -> str:
    waits = [] if row.later else [d for d in row.decisions if d.action is Action.DEFER]
    return _together(
        f"{_label(d, entities, lang)} ({_why(d, lang)}; {word('until', lang)} {date(d.due)})" for d in waits
    )


def _label(decision: Decision, entities: Entities, lang: Language) -> str:
    return entities.label(decision.finding.entity_type, lang)


def _together(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(parts))


def _stays(decisions: Sequence[Decision], entities: Entities, lang: Language) -> str:
    """Labels by rule: "naam, e-mailadres (contactgegevens)"."""
    by_rule: dict[str, list[str]] = {}
    for d in decisions:
        if d.action in (Action.KEEP, Action.REVIEW):
            by_rule.setdefault(d.rule, []).append(_label(d, entities, lang))
    return "; ".join(f"{_together(labels)} ({rule})" for rule, labels in by_rule.items())


def _why(decision: Decision, lang: Language) -> str:
    return word("asked" if decision.assessment.asked else "needed", lang)


def date(moment: datetime | None) -> str:
    return moment.strftime("%d-%m-%Y") if moment else "?"


def moment(at: datetime) -> str:
    """With the time, in UTC."""
    return at.strftime("%d-%m-%Y %H:%M UTC")
