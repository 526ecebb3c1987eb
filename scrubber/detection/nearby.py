"""Where findings stand, looked up by place: a page full of them costs no more than few, each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence

from scrubber.detection.page import Hit


class Nearby:
    """The starts and ends of findings. All bounds are places on the page, both included."""

    def __init__(self, hits: Iterable[Hit] = ()) -> None:
        places = [(hit.start, hit.end) for hit in hits]
        self._starts = sorted([start for start, _ in places])
        self._ends = sorted([end for _, end in places])

    def add(self, hit: Hit) -> None:
        insort(self._starts, hit.start)
        insort(self._ends, hit.end)

    def starts(self, first: int, last: int) -> bool:
        """Whether one starts there."""
        at = bisect_left(self._starts, first)
        return at < len(self._starts) and self._starts[at] <= last

    def ends(self, first: int, last: int) -> Sequence[int]:
        """Where those end that end there."""
        return self._ends[bisect_left(self._ends, first) : bisect_right(self._ends, last)]
