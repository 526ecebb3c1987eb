"""Deliveries to the database: what was told is on disk before anybody is answered.

One thread writes. What comes in while it commits goes into the next transaction together: a disk that syncs a hundred
times a second still takes thousands of deliveries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Literal, Protocol

from structlog.typing import FilteringBoundLogger

from scrubber.errors import StoreError
from scrubber.journal import Journal, Told
from scrubber.ledger.keys import KeyRing
from scrubber.store import Store

Taken = Literal["noted", "repeat"]

TOGETHER = 256
"""Deliveries in one transaction."""

WAITING = 4_096
"""Deliveries that may wait for the database; more are refused, so that their senders try again."""

SECONDS = 6.0
"""How long a sender is kept waiting for the database. What is written after that is a repeat when it comes again."""

TIDY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """`identity`: the bytes that tell it from others, or None where a repeat looks like a new one."""

    source: str
    ticket: str
    identity: bytes | None


class Telling(Protocol):
    """What the hooks need of it."""

    async def take(self, delivery: Delivery) -> Taken: ...


class Intake:
    """Open from `start` to `stop`; `take` from the loop that called `start`'s thread."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        ring: KeyRing,
        clock: Callable[[], datetime],
        log: FilteringBoundLogger,
    ) -> None:
        self._store = store
        self._journal = journal
        self._ring = ring
        self._clock = clock
        self._log = log
        self._queue: SimpleQueue[tuple[Delivery, Future[Taken]] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="intake", daemon=True)
        self._tidied: datetime | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._queue.put(None)
        self._thread.join()

    async def take(self, delivery: Delivery) -> Taken:
        """Note the delivery. When this gives an answer it is on disk. StoreError: it may not be."""
        if self._queue.qsize() >= WAITING:
            raise StoreError("too many deliveries wait for the database")
        future: Future[Taken] = Future()
        self._queue.put((delivery, future))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), SECONDS)
        except TimeoutError:
            raise StoreError(f"the database did not answer within {SECONDS:.0f} seconds") from None

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            waiting = [first]
            last = False
            with suppress(Empty):
                while len(waiting) < TOGETHER and not last:
                    following = self._queue.get_nowait()
                    last = following is None
                    if following is not None:
                        waiting.append(following)
            self._write(waiting)
            if last:
                return

    def _write(self, waiting: Sequence[tuple[Delivery, Future[Taken]]]) -> None:
        """All or nothing: a sender that hears nothing good tries again."""
        try:
            now = self._clock()
            self._tidy(now)
            told = [self._told(delivery) for delivery, _ in waiting]
            with self._store.begin() as tx:
                taken = self._journal.tell(tx, told, now)
        except Exception as error:  # noqa: BLE001 - the thread lives on, and whatever it was, nothing was noted
            what = str(error) if isinstance(error, StoreError) else type(error).__name__
            self._log.error("deliveries_not_noted", number=len(waiting), why=what)
            for _, future in waiting:
                if future.set_running_or_notify_cancel():
                    future.set_exception(StoreError(what))
            return
        for (_, future), is_new in zip(waiting, taken, strict=True):
            if future.set_running_or_notify_cancel():
                future.set_result("noted" if is_new else "repeat")

    def _told(self, delivery: Delivery) -> Told:
        if delivery.identity is None:
            return Told(delivery.source, delivery.ticket)
        named = b"delivery\0%b\0%b" % (delivery.source.encode(), delivery.identity)
        return Told(delivery.source, delivery.ticket, self._ring.digest_all("message", named))

    def _tidy(self, now: datetime) -> None:
        """Now and then: forget old deliveries, and see the keys as another process may have changed them."""
        if self._tidied is not None and (now - self._tidied).total_seconds() < TIDY_SECONDS:
            return
        self._ring.refresh()
        with self._store.begin() as tx:
            self._journal.forget_deliveries(tx, now)
        self._tidied = now
