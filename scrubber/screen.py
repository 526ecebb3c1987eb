"""What a person sees at the terminal: the text of `try`, the tables, the summary. Dutch, or English with lang="en"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrubber.finding import Action, Decision, Outcome, Scrubbed
from scrubber.message import TextView
from scrubber.redaction import Entities, Language
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
    "action": ("wat gebeurt er", "action"),
    "rule": ("regel", "rule"),
    "why": ("waarom", "why"),
    "CLEAN": ("niets te verwijderen", "nothing to remove"),
    "REDACTED": ("verwijderd", "redacted"),
    "OBSERVED": ("alleen waargenomen", "observed only"),
    "HELD": ("vastgehouden", "held"),
    "FAILED": ("mislukt", "failed"),
    "unread": ("niet gelezen", "not read"),
    "messages": ("berichten", "messages"),
    "outcome": ("uitkomst", "outcome"),
    "removed": ("verwijderd", "removed"),
    "deferred": ("later te verwijderen", "to be removed later"),
    "later": ("alsnog verwijderd", "removed now that it was due"),
    "held": ("vastgehouden", "held"),
    "reviews": ("te beoordelen", "to be reviewed"),
    "restored": ("teruggezet door een mens, zo gelaten", "put back by a person, left alone"),
    "recovered": ("afgemaakt na een onderbreking", "finished after an interruption"),
    "nothing": ("niets gevonden", "nothing found"),
    "not read in full": ("onderdelen die niet gelezen konden worden", "parts that could not be read"),
    "until": ("tot uiterlijk", "until at the latest"),
    "message": ("bericht", "message"),
    "went": ("wat er weg is", "what went"),
    "waits": ("wat wacht", "what waits"),
    "after all": ("alsnog, de zaak is stil", "after all: the matter is closed"),
    "stayed": ("wat bleef, en waarom", "what stayed, and why"),
}

# C0 and C1 controls, and the marks that reorder a line: a message must not write on the terminal that shows it.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def word(key: str, lang: Language) -> str:
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


def decisions_table(decisions: Sequence[Decision], entities: Entities, lang: Language) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("type", "place", "whose", "asked", "needed", "action", "rule"):
        table.add_column(word(column, lang))
    table.add_column(word("why", lang), overflow="fold", min_width=40)
    for d in decisions:
        a = d.assessment
        table.add_row(
            Text(entities.label(d.finding.entity_type, lang)),
            Text(safe("/".join(step for step in d.finding.path if step))),
            Text(word(a.data_subject, lang)),
            Text(word("yes" if a.asked else "no", lang)),
            Text(word("yes" if a.needed else "no", lang)),
            Text(word(d.action.value, lang), style=_STYLES[d.action]),
            Text(d.rule),
            Text(d.because),
        )
    return table


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
        console.print(decisions_table(scrubbed.decisions, entities, lang))
    elif scrubbed.outcome is Outcome.CLEAN:
        console.print(word("nothing", lang), style="green")
    for unread in scrubbed.unread:
        console.print(
            Text(f"{word('unread', lang)}: {safe('/'.join(unread.path))} {unread.media_type} ({unread.reason})"),
            style="yellow",
        )
    if scrubbed.outcome in (Outcome.HELD, Outcome.FAILED):
        console.print(Text(f"{word(scrubbed.outcome.value, lang)}: {scrubbed.reason}"), style="bold red")


def show_summary(console: Console, summary: Summary, entities: Entities, lang: Language) -> None:
    """What a run did, for a person."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="bold")
    table.add_column()
    total = sum(summary.outcomes.values())
    table.add_row(str(total), word("messages", lang))
    for outcome in Outcome:
        if summary.outcomes[outcome.value]:
            table.add_row(str(summary.outcomes[outcome.value]), "  " + word(outcome.value, lang))
    for name, counter in (
        ("removed", summary.removed),
        ("deferred", summary.deferred),
        ("later", summary.later),
        ("reviews", summary.reviews),
    ):
        if counter:
            parts = ", ".join(f"{entities.label(kind, lang)} {count}" for kind, count in counter.most_common())
            table.add_row(str(counter.total()), f"{word(name, lang)}: {parts}")
    if summary.unread:
        parts = ", ".join(f"{reason} {count}" for reason, count in summary.unread.most_common())
        table.add_row(str(summary.unread.total()), f"{word('not read in full', lang)}: {parts}")
    for reason, count in summary.held.most_common():
        table.add_row(str(count), f"{word('held', lang)}: {reason}")
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


def demo_table(rows: Iterable[Row], entities: Entities, lang: Language) -> Table:
    """One row a message: what it is, what went, what waits, what stayed and why."""
    table = Table(header_style="bold", expand=True, row_styles=["", "dim"])
    table.add_column(word("message", lang), ratio=5)
    table.add_column(word("outcome", lang), ratio=2)
    table.add_column(word("went", lang), ratio=3, style="red")
    table.add_column(word("waits", lang), ratio=3, style="yellow")
    table.add_column(word("stayed", lang), ratio=4, style="green")
    for row in rows:
        waits = () if row.later else [d for d in row.decisions if d.action is Action.DEFER]
        went = [
            f"{label} ({d.rule})"
            for d in row.decisions
            if d.action is Action.REDACT
            for label in [_label(d, entities, lang)]
        ]
        went += [f"{_label(d, entities, lang)} ({word('after all', lang)})" for d in row.later]
        table.add_row(
            Text(row.description),
            Text(word(row.outcome, lang)),
            Text(_together(went)),
            Text(
                _together(
                    [
                        f"{_label(d, entities, lang)} ({_why(d, lang)}; {word('until', lang)} {date(d.due)})"
                        for d in waits
                    ]
                )
            ),
            Text(_stays(row.decisions, entities, lang)),
        )
    return table


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
