"""Waiting until something happens: mail at a source that can tell, the time, or somebody who wants us to stop."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterable

from structlog.typing import FilteringBoundLogger

from scrubber.errors import SourceError
from scrubber.sources.base import Source, Watches

LONGEST = 20 * 60.0
"""Seconds. A server may end an IDLE of half an hour (RFC 2177: renew it every 29 minutes)."""

SOON = 2.0
"""Seconds until a source is looked at that told what happens there, and now can't."""


class Bell:
    """Ends a wait at once, from a signal (`signal.set_wakeup_fd`) or another thread."""

    def __init__(self) -> None:
        self._heard, self._rung = socket.socketpair()
        self._heard.setblocking(False)
        self._rung.setblocking(False)

    def fileno(self) -> int:
        """What becomes readable."""
        return self._heard.fileno()

    @property
    def wakeup_fd(self) -> int:
        """What a signal is written to."""
        return self._rung.fileno()

    def ring(self) -> None:
        self._rung.send(b"!")

    def close(self) -> None:
        self._heard.close()
        self._rung.close()


ASK = 1.0
"""Seconds between two questions whether another process told something."""

Told = Callable[[], frozenset[str]]
"""The names of the sources of which another process told something since it was last asked."""


class Waiting:
    """Waits for several sources at once. `told` is asked every second, where there is something to ask."""

    def __init__(self, bell: Bell, log: FilteringBoundLogger, told: Told | None = None) -> None:
        self._bell = bell
        self._log = log
        self._hears = told
        self._told: set[str] = set()

    def wait(self, sources: Iterable[Source], seconds: float) -> frozenset[str]:
        """Wait at most `seconds`; the names of the sources to look at now.

        A source that can't watch is asked when its time comes; one that could before, shortly: it may be lost.
        """
        watching: list[Watches] = []
        woken: set[str] = set()
        with selectors.DefaultSelector() as selector:
            selector.register(self._bell, selectors.EVENT_READ)
            try:
                for source in sources:
                    if not isinstance(source, Watches):
                        continue
                    watching.append(source)
                    descriptor = self._descriptor(source, source.name)
                    if descriptor is not None:
                        self._told.add(source.name)
                        selector.register(descriptor, selectors.EVENT_READ, source.name)
                    elif source.name in self._told:
                        woken.add(source.name)
                woken |= self._select(selector, min(seconds, SOON if woken else LONGEST))
            finally:
                for watched in watching:
                    try:
                        watched.unwatch()
                    except SourceError as error:
                        self._log.info("watch_failed", why=str(error))
        return frozenset(woken)

    def _select(self, selector: selectors.BaseSelector, seconds: float) -> set[str]:
        """What happened within so many seconds; nothing, where somebody rang the bell."""
        end = time.monotonic() + seconds
        while True:
            if self._hears is not None and (told := self._hears()):
                return set(told)
            left = max(end - time.monotonic(), 0.0)
            found = selector.select(left if self._hears is None else min(left, ASK))
            if found or self._hears is None or left <= ASK:
                return {key.data for key, _ in found if key.data is not None}

    def _descriptor(self, source: Watches, name: str) -> int | None:
        try:
            return source.watch()
        except SourceError as error:
            self._log.info("watch_failed", source=name, why=str(error))
            return None
