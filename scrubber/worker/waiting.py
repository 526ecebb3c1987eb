"""Waiting until something happens: mail at a source that can tell, the time, or somebody who wants us to stop."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Iterable

from structlog.typing import FilteringBoundLogger

from scrubber.errors import SourceError
from scrubber.sources.base import Source, Watches

LONGEST = 20 * 60.0
"""Seconds. A server may end an IDLE of half an hour (RFC 2177: renew it every 29 minutes)."""


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


def wait(sources: Iterable[Source], seconds: float, bell: Bell, log: FilteringBoundLogger) -> frozenset[str]:
    """Wait at most `seconds`; the names of the sources at which something happened.

    A source that can't watch now is simply asked again when its time comes.
    """
    watching: list[Watches] = []
    woken: set[str] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(bell, selectors.EVENT_READ)
        try:
            for source in sources:
                if not isinstance(source, Watches):
                    continue
                try:
                    descriptor = source.watch()
                except SourceError as error:
                    log.info("watch_failed", source=source.name, why=str(error))
                    continue
                if descriptor is not None:
                    watching.append(source)
                    selector.register(descriptor, selectors.EVENT_READ, source.name)
            for key, _ in selector.select(min(seconds, LONGEST)):
                if key.data is not None:
                    woken.add(key.data)
        finally:
            for watched in watching:
                try:
                    watched.unwatch()
                except SourceError as error:
                    log.info("watch_failed", why=str(error))
    return frozenset(woken)
