"""What recognisers found on one page, and which of it stays where it overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

_CELL = 6
"""Spans are looked up in cells of 64 code points, so that many of them cost no more than few."""


class Result(NamedTuple):
    """Personal data at [start, end) code points of the text, and the recogniser that says so."""

    entity_type: str
    start: int
    end: int
    score: float
    recognizer: str


class _Spans:
    def __init__(self) -> None:
        self._cells: dict[int, list[Result]] = {}

    def add(self, result: Result) -> None:
        for cell in _cells(result):
            self._cells.setdefault(cell, []).append(result)

    def overlap(self, result: Result) -> bool:
        start, end = result.start, result.end
        for cell in _cells(result):
            for span in self._cells.get(cell, ()):
                if span.start < end and start < span.end:
                    return True
        return False

    def contain(self, result: Result) -> bool:
        """Whether one of them, with the same score or a higher, has all of `result`."""
        _, start, end, score, _ = result
        for span in self._cells.get(start >> _CELL, ()):
            if span.start <= start and end <= span.end and score <= span.score:
                return True
        return False


def _cells(result: Result) -> range:
    return range(result.start >> _CELL, (result.end >> _CELL) + 1)


def without_contained(results: Sequence[Result]) -> list[Result]:
    """As Presidio's `remove_duplicates`: without those that lie in another of their type with no lower score."""
    if len(results) < 2:
        return [result for result in results if result.score]
    types: dict[str, list[Result]] = {}
    for result in results:
        if result.score:
            types.setdefault(result.entity_type, []).append(result)
    kept: list[Result] = []
    for group in types.values():
        if len(group) == 1:
            kept += group
            continue
        spans = _Spans()
        for result in sorted(group, key=lambda r: (r.start, -r.end, -r.score)):
            if not spans.contain(result):
                spans.add(result)
                kept.append(result)
    return kept


def disjoint(results: Iterable[Result], rank: Mapping[str, int]) -> list[Result]:
    """The results that stay: by priority of type, then score, then length; sorted by start."""
    ordered = sorted(results, key=lambda r: (rank[r.entity_type], -r.score, r.start - r.end, r.start))
    if len(ordered) < 2:
        return ordered
    kept: list[Result] = []
    spans = _Spans()
    for result in ordered:
        if not spans.overlap(result):
            spans.add(result)
            kept.append(result)
    kept.sort(key=attrgetter("start"))
    return kept
