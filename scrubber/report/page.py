"""What the page shows that the figures do not hold as such: tiles, one table over all types, charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scrubber.report.chart import Bucket, Chart, Step, buckets, chart
from scrubber.report.interface import Figures
from scrubber.report.typography import Language, day, number
from scrubber.report.words import Words

Tone = Literal["plain", "good", "warn", "quiet"]


@dataclass(frozen=True, slots=True)
class Tile:
    value: int
    label: str
    note: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One type over the whole report. `filled`: its removals as a percentage of the most removed type's."""

    key: str
    removed: int
    later: int
    would: int
    waits: int
    so_far: int
    kept: int
    filled: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """`wide` and `narrow` draw the same bars; `shown` are the periods with a removal, `left_out` how many have none."""

    step: Step
    wide: Chart
    narrow: Chart
    shown: tuple[Bucket, ...]
    left_out: int
    peak: Bucket


def tiles(f: Figures, words: Words) -> list[Tile]:
    """Eight figures for the first page, always in the same place; a zero is quiet."""
    m, lang = f.messages, words.language
    waiting, reviews = f.waiting.total, f.reviews.total
    wait_note = words("tile_waiting_sub", at=day(waiting.last.date(), lang)) if waiting.last else ""
    review_note = words("tile_review_sub", at=day(reviews.next.date(), lang)) if reviews.next else ""
    held = m.held_open + m.missed
    held_note = words("tile_held_sub", n=held)
    if m.missed:
        held_note = words("tile_missed_sub", n=held, missed=number(m.missed, lang))
    if waiting.overdue:
        wait_note = words("tile_overdue", n=waiting.overdue)
    elif waiting.due:
        wait_note = words("tile_due", n=waiting.due)
    if reviews.overdue:
        review_note = words("tile_overdue", n=reviews.overdue)
    return [
        _tile(m.total, words("tile_read", n=m.total), words("tile_read_sub", n=m.in_full), "plain"),
        _tile(
            m.removed_in,
            words("tile_removed"),
            words("tile_removed_sub", n=f.removed.total.total),
            "good",
        ),
        _tile(m.not_in_full, words("tile_unread"), words("tile_unread_sub", n=m.with_unread_parts), "warn"),
        _tile(held, words("tile_held"), held_note, "warn"),
        _tile(
            waiting.total,
            words("tile_waiting", n=waiting.total),
            wait_note,
            "warn" if waiting.overdue else "plain",
        ),
        _tile(reviews.total, words("tile_review"), review_note, "warn" if reviews.overdue else "plain"),
        _tile(m.would_remove_in, words("tile_would"), words("tile_would_sub"), "plain"),
        _tile(m.failed_open, words("tile_failed"), words("tile_failed_sub", n=m.failed_open), "warn"),
    ]


def _tile(value: int, label: str, note: str, tone: Tone) -> Tile:
    return Tile(value, label, note if value else "", tone if value else "quiet")


def type_rows(f: Figures) -> list[TypeRow]:
    """Every type that occurs anywhere, the most removed first."""
    removed = {row.key: row for row in f.removed.by_type}
    would = {row.key: row.total for row in f.observed.by_type}
    waits = {row.key: row.total for row in f.waiting.by_type}
    stays = {row.key: row for row in f.stayed.by_type}
    highest = max((row.total for row in f.removed.by_type), default=0)
    rows = []
    for key in removed.keys() | would.keys() | waits.keys() | stays.keys():
        total = removed[key].total if key in removed else 0
        rows.append(
            TypeRow(
                key,
                total,
                removed[key].later + removed[key].after_review if key in removed else 0,
                would.get(key, 0),
                waits.get(key, 0),
                stays[key].so_far if key in stays else 0,
                stays[key].kept if key in stays else 0,
                round(100 * total / highest, 1) if highest else 0.0,
            )
        )
    return sorted(rows, key=lambda row: (-row.removed, -row.would, -row.waits, -row.kept, row.key))


def timeline(f: Figures, language: Language) -> Timeline | None:
    """The chart of the period; None where nothing was removed."""
    if not f.removed.total.total:
        return None
    step, series = buckets(f.removed.by_day, f.period.first_day, f.period.last_day)
    shown = tuple(bucket for bucket in series if bucket.total)
    return Timeline(
        step,
        chart(series, step, 800, 210, language),
        chart(series, step, 340, 190, language),
        shown,
        len(series) - len(shown),
        max(shown, key=lambda bucket: bucket.total),
    )
