"""From the edited text back to the message as it came in: where a late finding stood, and how it joins the others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from scrubber.finding import Decision, Edit, Finding
from scrubber.message import Path


class Places:
    """Where what stands in an edited view stood before the edits."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits: dict[Path, tuple[list[int], list[int], list[int]]] = {}
        for edit in sorted(edits, key=lambda e: e.start):
            starts, ends, shifts = self._edits.setdefault(edit.path, ([], [], [0]))
            at = edit.start + shifts[-1]
            starts.append(at)
            ends.append(at + len(edit.text))
            shifts.append(shifts[-1] + len(edit.text) - (edit.end - edit.start))

    def moved(self, decision: Decision) -> Decision | None:
        """The decision with its offsets in the original view; None when it lies in text that we wrote ourselves."""
        finding = decision.finding
        starts, ends, shifts = self._edits.get(finding.path, ([], [], [0]))
        before = bisect_left(starts, finding.end)
        if before and finding.start < ends[before - 1]:
            return None
        shift = shifts[before]
        return replace(decision, finding=replace(finding, start=finding.start - shift, end=finding.end - shift))


def merge(decisions: Sequence[Decision], extra: Sequence[Decision]) -> tuple[Decision, ...]:
    """`extra` takes the place of what it overlaps, so that decisions never overlap. No two of `extra` do."""
    spans: dict[Path, list[tuple[int, int]]] = {}
    for decision in extra:
        spans.setdefault(decision.finding.path, []).append((decision.finding.start, decision.finding.end))
    for taken in spans.values():
        taken.sort()
    kept = [d for d in decisions if not _overlaps(d.finding, spans.get(d.finding.path, ()))]
    return tuple(sorted([*kept, *extra], key=lambda d: (d.finding.path, d.finding.start)))


def _overlaps(finding: Finding, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether it overlaps one of these, which are sorted and apart from each other."""
    before = bisect_left(spans, (finding.end, 0))
    return before > 0 and finding.start < spans[before - 1][1]
