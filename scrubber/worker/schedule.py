"""When each source is looked at again: every so often, and after a failure with growing pauses."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from secrets import SystemRandom

FIRST = 2.0
"""Seconds before a source that failed as a whole is tried again the first time; each next pause is twice as long."""

MOST = 10
"""The longest of these pauses, in ordinary pauses."""


def _spread() -> float:
    return SystemRandom().uniform(1.0, 1.5)


class Schedule:
    """`poll` is the ordinary pause in seconds. Sources that fail together are not tried again together (`spread`)."""

    def __init__(
        self,
        names: Iterable[str],
        poll: float,
        clock: Callable[[], float] = time.monotonic,
        spread: Callable[[], float] = _spread,
    ) -> None:
        self._poll = poll
        self._clock = clock
        self._spread = spread
        self._next = dict.fromkeys(names, clock())
        self._failures: dict[str, int] = {}

    def ready(self) -> frozenset[str]:
        """The sources to look at now."""
        now = self._clock()
        return frozenset(name for name, at in self._next.items() if at <= now)

    def looked(self, names: Collection[str], failed: Collection[str]) -> None:
        """These were looked at, and of these some failed as a whole."""
        now = self._clock()
        for name in names:
            if name in failed:
                count = self._failures[name] = self._failures.get(name, 0) + 1
                growing = FIRST * 2 ** min(count - 1, 30) * self._spread()
                self._next[name] = now + min(growing, self._poll * MOST)
            else:
                self._failures.pop(name, None)
                self._next[name] = now + self._poll

    def failing(self, name: str) -> bool:
        return name in self._failures

    def wake(self, names: Iterable[str]) -> None:
        """Something happened at these: look now."""
        now = self._clock()
        for name in names:
            self._next[name] = now

    def pause(self) -> float:
        """Seconds until the next source is to be looked at."""
        return max(min(self._next.values(), default=self._clock() + self._poll) - self._clock(), 0.0)
