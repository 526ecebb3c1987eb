"""The bar chart of removals over time, as numbers a template can draw. No text from outside ends up in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from scrubber.report.interface import Removed
from scrubber.report.typography import Language, number, short_day, short_month

Step = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Removals from `first` to `last`, both included."""

    first: date
    last: date
    now: int
    later: int

    @property
    def total(self) -> int:
        return self.now + self.later


@dataclass(frozen=True, slots=True)
class Bar:
    """A column in the units of the drawing: `now` at the bottom, `later` on top of it."""

    bucket: Bucket
    x: float
    width: float
    now_y: float
    now_height: float
    later_y: float
    later_height: float


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str
    anchor: Literal["start", "middle", "end"] = "end"


@dataclass(frozen=True, slots=True)
class Chart:
    """`plot_*` is the field of the bars inside `width` x `height`."""

    width: int
    height: int
    plot_left: float
    plot_right: float
    plot_bottom: float
    bars: tuple[Bar, ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]


def step_for(days: int) -> Step:
    """How much one bar holds, so that there are never many more than fifty."""
    if days <= 45:
        return "day"
    if days <= 7 * 52:
        return "week"
    return "month" if days <= 31 * 48 else "year"


def buckets(rows: Sequence[Removed], first: date, last: date) -> tuple[Step, list[Bucket]]:
    """Rows per day (key: ISO date) -> days, weeks from Monday, months or years, `first` to `last`, with zeros."""
    step = step_for((last - first).days + 1)
    of_day = {date.fromisoformat(row.key): row for row in rows}
    found: dict[date, tuple[int, int]] = {}
    for when, row in of_day.items():
        start = max(_start(when, step), first)
        now, later = found.get(start, (0, 0))
        found[start] = (now + row.now, later + row.later + row.after_review)
    made = []
    start = first
    while start <= last:
        end = min(_after(_start(start, step), step) - timedelta(days=1), last)
        made.append(Bucket(start, end, *found.get(start, (0, 0))))
        start = end + timedelta(days=1)
    return step, made


def _start(day: date, step: Step) -> date:
    match step:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)


def _after(start: date, step: Step) -> date:
    match step:
        case "day":
            return start + timedelta(days=1)
        case "week":
            return start + timedelta(days=7)
        case "month":
            return (start + timedelta(days=32)).replace(day=1)
        case "year":
            return start.replace(year=start.year + 1)


def ceiling(highest: int) -> tuple[int, int]:
    """The top of the scale and the distance of its lines: whole numbers, two to five lines.

    >>> ceiling(37)
    (40, 10)
    """
    power = 1
    while True:
        for unit in (1, 2, 5):
            step = unit * power
            if highest <= 4 * step:
                return max(step * -(-highest // step), step), step
        power *= 10


def chart(series: Sequence[Bucket], step: Step, width: int, height: int, language: Language) -> Chart:
    """Lay the bars out in a drawing of `width` x `height`."""
    top, line = ceiling(max((bucket.total for bucket in series), default=0))
    left, right, upper, bottom = 10.0 + 7.0 * len(number(top, language)), float(width), 12.0, height - 24.0
    slot = (right - left) / max(len(series), 1)
    scale = (bottom - upper) / top
    gap = min(slot * 0.3, 10.0)
    bars = []
    for position, bucket in enumerate(series):
        now, later = bucket.now * scale, bucket.later * scale
        x, broad = left + position * slot + gap / 2, min(slot - gap, 48.0)
        x += (slot - gap - broad) / 2
        bars.append(Bar(bucket, *(round(v, 2) for v in (x, broad, bottom - now, now, bottom - now - later, later))))
    rows = [Tick(round(bottom - value * scale, 2), number(value, language)) for value in range(0, top + 1, line)]
    return Chart(
        width, height, left, right, bottom, tuple(bars), tuple(rows), _columns(series, step, left, slot, language)
    )


def _columns(series: Sequence[Bucket], step: Step, left: float, slot: float, language: Language) -> tuple[Tick, ...]:
    """As many names under the axis as fit: the last always, and of the others those that touch no other name."""
    room = 46.0 if step in {"day", "week"} else 62.0
    every = max(1, math.ceil(room / slot)) if series else 1
    last = len(series) - 1
    ticks: list[Tick] = []
    taken = 0.0
    for n in [*range(0, last, every), last] if series else []:
        anchor: Literal["start", "middle", "end"] = "middle"
        if n == last and slot < room:
            anchor = "end"
        elif n == 0 and left + slot / 2 < room / 2:
            anchor = "start"
        part = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        at = left + (n + part) * slot
        while ticks and n == last and at - part * room < taken:
            ticks.pop()
            taken -= every * slot
        if at - part * room >= taken or n == last:
            ticks.append(Tick(round(at, 2), _name(series[n].first, step, language), anchor))
            taken = at + (1 - part) * room
    return tuple(ticks)


def _name(first: date, step: Step, language: Language) -> str:
    match step:
        case "day" | "week":
            return short_day(first, language)
        case "month":
            return short_month(first, language)
        case "year":
            return str(first.year)
