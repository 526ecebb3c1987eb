"""`scrubber evaluate`: a marked corpus, answered and scored."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from scrubber import answers, screen, settings
from scrubber.commands.parallel import build
from scrubber.evaluation import KINDS, PATHS, Tally, add, hits_in, read_corpus, type_scores, wilson


def evaluate(corpus: Path, settings_path: Path | None, profile: str, misses: int, console: Console) -> int:
    """Print the table; exit status 1 when some message was not answered."""
    tools, policy = build(settings.find_optional(settings_path), profile)
    now = datetime.now(UTC)
    tally = Tally()
    unanswered = 0
    rows = list(read_corpus(settings.read(corpus), corpus))
    for record, marked in track(
        rows, "evaluate", console=Console(stderr=True), transient=True, disable=not console.is_terminal
    ):
        ((line, answered),) = answers.lines([(1, json.dumps(record))], tools, policy, now)
        unanswered += not answered
        tally.messages += 1
        hits = hits_in(line)
        for path in PATHS:
            add(tally, str(record["id"]), path, record[path], marked[path], hits[path])
    show(tally, unanswered, misses, console)
    return 1 if unanswered else 0


def show(tally: Tally, unanswered: int, misses: int, console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("type", "gold", "found", "recall", "precision", "exact F1"):
        table.add_column(column, justify="left" if column == "type" else "right")
    for entity_type, score in type_scores(tally).items():
        rates = (f"{rate:.3f}" for rate in (score.recall, score.precision, score.exact_f1))
        table.add_row(entity_type, str(score.gold), str(score.found), *rates)
    console.print(table)
    go, defer = tally.total["go"], tally.total["defer"]
    low, high = wilson(tally.count("leaked"), go)
    wrong = tally.count("wrong")
    console.print(
        Text(
            f"must go now: {go}: leaked {_rate(tally, 'leaked', go)}, 95 % interval {low:.1%} to {high:.1%}; "
            f"delayed {_rate(tally, 'delayed', go)}\n"
            f"must wait: {defer}: too early {_rate(tally, 'early', defer)}, for ever {_rate(tally, 'forever', defer)}\n"
            f"wrongly removed: {wrong} ({100 * wrong / max(1, tally.messages):.2f} per 100 messages); "
            f"unanswered: {unanswered} of {tally.messages}"
        )
    )
    for kind in KINDS:
        for miss in [miss for miss in tally.misses if miss.kind == kind][:misses]:
            row = f"  {kind}: {miss.identifier} {miss.path} {miss.entity_type} {miss.text}"
            console.print(Text(screen.safe(row)), soft_wrap=True)


def _rate(tally: Tally, kind: str, total: int) -> str:
    count = tally.count(kind)
    return f"{count} ({count / total:.1%})" if total else str(count)
