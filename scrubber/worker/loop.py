"""One cycle over the sources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from threading import Event

from structlog.typing import FilteringBoundLogger

from scrubber.errors import SourceError
from scrubber.journal import DOWN, FOLDER, LEFT_ALONE, UNABLE, Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.keys import KeyRing
from scrubber.recorder import Recorder
from scrubber.sources.base import Lacks
from scrubber.station import Meter, Options, Progress, Station, Summary, Unmetered, Watch
from scrubber.store import Store
from scrubber.worker.arrivals import Arrivals
from scrubber.worker.dues import Dues
from scrubber.worker.hand import Hand
from scrubber.worker.matters import Matters, Seen
from scrubber.worker.purge import Purge
from scrubber.worker.reviews import Reviews

CANNOT_REMOVE = 'mode = "redact", but this source can only be read: nothing is removed there; `scrubber check` says why'

_SEEN = frozenset({DOWN, FOLDER, LEFT_ALONE, UNABLE})
"""What is seen anew at each look at a source."""


class Worker:
    def __init__(
        self,
        stations: Sequence[Station],
        store: Store,
        journal: Journal,
        ledger: Ledger,
        ring: KeyRing,
        log: FilteringBoundLogger,
        clock: Callable[[], datetime],
        options: Options,
        *,
        stop: Event | None = None,
        watch: Watch | None = None,
        progress: Progress | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._stations = tuple(stations)
        self._ring = ring
        self._meter = meter or Unmetered()
        purged = {station.source.name for station in stations if station.purge}
        self._recorder = Recorder(store, journal, ledger, ring, log, clock, options, watch, self._meter, purged)
        self._hand = Hand(store, journal, self._recorder, log, clock, options, stop or Event(), self._meter, progress)
        self._arrivals = Arrivals(self._hand)
        self._matters = Matters(self._hand, self._arrivals)
        self._reviews = Reviews(self._hand)
        self._dues = Dues(self._hand)
        self._purge = Purge(self._hand)
        self._down = {trouble.source for trouble in journal.troubles() if trouble.what == DOWN}
        self._incomplete = {trouble.source for trouble in journal.troubles() if trouble.what == FOLDER}
        self._said: dict[str, str] = {}
        self._unable: dict[str, bool] = {}

    @property
    def stations(self) -> tuple[Station, ...]:
        return self._stations

    @property
    def summary(self) -> Summary:
        """What was done so far."""
        return self._recorder.count.summary

    @property
    def troubled(self) -> bool:
        """Whether a source or a message failed."""
        return self._hand.source_failed or self._recorder.count.troubled

    @property
    def is_told(self) -> bool:
        """Whether there is a source of matters, of which another process may tell."""
        return any(station.sweeps is not None for station in self._stations)

    def nudges(self) -> frozenset[tuple[str, str, str]]:
        """(source, matter, moment) of what somebody told and that was not done yet."""
        return self._hand.journal.nudges()

    def checkpoint(self) -> None:
        """Sign off what was recorded since the last checkpoint; nothing when there is nothing."""
        self._recorder.checkpoint()

    def cycle(self, only: Collection[str] | None = None) -> frozenset[str]:
        """Work through every source, or `only` those named, once. The names of those that failed as a whole.

        StoreError: nothing more may be done.
        """
        self._ring.refresh()  # another process may have rotated a key
        self._forget_others()
        failed: set[str] = set()
        for station in self._stations:
            if only is not None and station.source.name not in only:
                continue
            if self._hand.stop.is_set():
                break
            try:
                self._hand.recover(station)
                self._able(station)
                if station.sweeps is None:
                    self._arrivals.work(station)
                else:
                    self._matters.work(station)
                self._lacks(station)
                self._reviews.work(station)
                self._dues.work(station)
                self._purge.work(station)
            except SourceError as error:  # also one that can't be written as a whole: the others go on
                failed.add(station.source.name)
                self._failed(station, error)
            else:
                self._works(station)
        return frozenset(failed)

    def close(self) -> None:
        """Let the sources go."""
        for station in self._stations:
            station.source.close()

    def backfill(self, name: str, since: datetime, seen: Seen) -> None:
        """Look at everything that changed at a source of matters since, as its station's mode says; then at what is
        due. SourceError: it ended in the middle, and goes on from there next time."""
        self._ring.refresh()
        for station in self._stations:
            if station.source.name == name and station.sweeps is not None:
                self._hand.recover(station)
                self._matters.backfill(station, since, seen)
                self._dues.work(station)

    def _forget_others(self) -> None:
        """What was wrong at a source that the settings name no more can't be mended, and nobody looks there again."""
        hand, names = self._hand, {station.source.name for station in self._stations}
        past = [one for one in hand.journal.troubles() if one.source not in names and one.what in _SEEN]
        if past:
            with hand.store.begin() as tx:
                for one in past:
                    hand.journal.over(tx, one.source, one.what)

    def _able(self, station: Station) -> None:
        """Say it, and remember it for `status` and the report, where the settings ask what is not possible."""
        hand, name = self._hand, station.source.name
        unable = station.mode == "redact" and not station.source.capabilities.replaces
        if self._unable.get(name) == unable:
            return
        self._unable[name] = unable
        with hand.store.begin() as tx:
            if unable:
                hand.journal.trouble(tx, name, UNABLE, CANNOT_REMOVE, hand.clock())
            else:
                hand.journal.over(tx, name, UNABLE)
        if unable:
            hand.log.warning("cannot_remove", source=name, why=CANNOT_REMOVE)

    def _failed(self, station: Station, error: SourceError) -> None:
        hand, name = self._hand, station.source.name
        hand.troubled_by(station, error)
        self._meter.up(name, up=False)
        self._down.add(name)
        with hand.store.begin() as tx:
            hand.journal.trouble(tx, name, DOWN, str(error), hand.clock())

    def _lacks(self, station: Station) -> None:
        """Part of the source is missing, or was: remembered, and said once in the log of this process."""
        hand, name = self._hand, station.source.name
        why = "; ".join(station.source.lacking()) if isinstance(station.source, Lacks) else ""
        if why:
            hand.source_failed = True
            if self._said.get(name) != why:
                self._said[name] = why
                self._incomplete.add(name)
                hand.log.error("source_incomplete", source=name, why=why)
                with hand.store.begin() as tx:
                    hand.journal.trouble(tx, name, FOLDER, why, hand.clock())
        elif name in self._incomplete:
            self._said.pop(name, None)
            self._incomplete.discard(name)
            with hand.store.begin() as tx:
                hand.journal.over(tx, name, FOLDER)
            hand.log.info("source_complete_again", source=name)

    def _works(self, station: Station) -> None:
        hand, name = self._hand, station.source.name
        self._meter.up(name, up=True)
        if name in self._down:
            self._down.discard(name)
            with hand.store.begin() as tx:
                hand.journal.over(tx, name, DOWN)
            hand.log.info("source_works_again", source=name)
