"""A source of matters (tickets): those that somebody told about are looked at in each cycle, all changes now and then.

What a crash or a failure leaves is looked at again: a nudge is done with only when its matter was handled whole, and a
sweep goes on from the last matters that were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from scrubber.digests import SHORT
from scrubber.errors import MessageGone, SourceError, SourceUnwritable
from scrubber.message import SourceRef
from scrubber.sources.base import Listed, Matter, Sweeps
from scrubber.sources.desk.interface import TICKET
from scrubber.station import Station
from scrubber.worker.arrivals import Arrivals
from scrubber.worker.hand import Hand
from scrubber.worker.matter_words import MatterWords
from scrubber.worker.recognition import Look, Recognition, matter_ref

CHUNK = 16
"""Matters that are read, and then handled, together."""

OVERLAP = timedelta(minutes=5)
"""Looked up twice: a desk's clock may differ from ours, and some tell of a change a minute late."""

HOPS = 8
"""How often a matter that went on in another is followed."""

Seen = Callable[[int, datetime], None]
"""Told after each chunk: how many matters were in it, and up to when every change was looked at."""

_T = TypeVar("_T")
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Chunk:
    """Matters that were read. `failed`: those that could not be handled whole; `moved`: messages of a matter that now
    stand in the one in which it goes on, and are handled there."""

    matters: dict[str, Matter] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    moved: set[SourceRef] = field(default_factory=set)


class Matters:
    def __init__(self, hand: Hand, arrivals: Arrivals) -> None:
        self._hand = hand
        self._arrivals = arrivals

    def work(self, station: Station) -> None:
        """Look at what was told of and what is unfinished; where it is time for it, at everything that changed."""
        matters = station.sweeps
        if matters is None:
            return
        hand, name = self._hand, station.source.name
        matters.forget()
        since = hand.journal.since(name, station.since, station.mode, hand.clock())
        nudged = hand.journal.nudged(name)
        replaces = station.source.capabilities.replaces
        unfinished = hand.journal.unfinished(name, since, station.mode, hand.options.attempts, replaces=replaces)
        for containers in _chunks([*nudged, *sorted(unfinished - nudged.keys())]):
            chunk = self.look_at(station, containers, since)
            self._done(name, chunk, nudged)
            if hand.stop.is_set():
                return
        self._sweep(station, since)

    def _done(self, source: str, chunk: _Chunk, nudged: dict[str, datetime]) -> None:
        if self._hand.stop.is_set():
            return  # what was not handled is told of still
        with self._hand.store.begin() as tx:
            for container, at in nudged.items():
                if container in chunk.matters and container not in chunk.failed:
                    self._hand.journal.nudges_done(tx, source, container, at)

    def _sweep(self, station: Station, since: datetime) -> None:
        hand, name = self._hand, station.source.name
        swept = hand.journal.swept(name)
        until, at = swept or (since, _EVER)
        if at + station.sweep > hand.clock():
            return
        self.sweep(station, name, until - OVERLAP if swept else until, since, at)

    def sweep(
        self,
        station: Station,
        key: str,
        since: datetime,
        received: datetime,
        at: datetime,
        seen: Seen = lambda _number, _until: None,
    ) -> None:
        """Look at every matter that changed since, at its messages received at `received` or later.

        The journal knows under `key` how far it came. `at`: when that last came to its end.
        """
        hand, matters = self._hand, station.sweeps
        if matters is None:
            return
        began = hand.clock()
        for heads in _chunks(matters.heads(since)):
            chunk = self.look_at(station, [head.container for head in heads], received)
            if hand.stop.is_set():
                return
            with hand.store.begin() as tx:
                for container in sorted(chunk.failed):
                    hand.journal.nudge(tx, station.source.name, container, hand.clock())
                hand.journal.sweep(tx, key, min(heads[-1].updated, began), at)
            seen(len(heads), heads[-1].updated)
        if not hand.stop.is_set():
            with hand.store.begin() as tx:
                hand.journal.sweep(tx, key, began, began)

    def backfill(self, station: Station, since: datetime, seen: Seen) -> None:
        """Look at every matter that changed since, from where an earlier walk with the same date and mode ended."""
        if station.sweeps is not None:
            station.sweeps.forget()
        key = f"{station.source.name}:backfill:{since.isoformat()}:{station.mode}"
        until, at = self._hand.journal.swept(key) or (since, _EVER)
        self.sweep(station, key, max(until - OVERLAP, since), since, at, seen)

    def look_at(self, station: Station, containers: Sequence[str], received: datetime) -> _Chunk:
        """Read these matters, hear what was said of them, handle their messages, and see what waits in them."""
        hand, chunk = self._hand, _Chunk()
        for container in containers:
            self._read(station, container, chunk)
            if hand.stop.is_set():
                return chunk
        if chunk.matters:
            self._follow(station, chunk)
            look = self._look(station, chunk, received)
            recognition = Recognition(hand.store, hand.journal, hand.recorder.digests, look)
            words = MatterWords(hand, look, recognition, self._arrivals.handle, self._arrivals.hold)
            for container in chunk.matters:
                words.hear(container)
            self._arrivals.through(look, recognition, self._arrivals.waiting(look))
            chunk.failed |= {ref.container for ref in look.again}
            if not hand.stop.is_set():
                self._turn(station, chunk)
        return chunk

    def _read(self, station: Station, container: str, chunk: _Chunk) -> None:
        """A matter, and the one in which it goes on."""
        matters = station.sweeps
        if matters is None or container in chunk.matters:
            return
        for _ in range(HOPS):
            try:
                matter = matters.matter(container)
            except MessageGone:
                chunk.matters.setdefault(container, Matter(container, _EVER))
                return
            except SourceUnwritable:
                raise
            except SourceError as error:
                station.source.check()
                self._hand.troubled_by(station, error, ref=self._name(station, container))
                chunk.matters.setdefault(container, Matter(container, _EVER))
                chunk.failed.add(container)
                return
            chunk.matters[container] = matter
            container = matter.merged_into
            if not container or container in chunk.matters:
                return

    def _name(self, station: Station, container: str) -> str:
        return self._hand.recorder.name(matter_ref(SourceRef(station.source.name, container, "")))[:SHORT]

    def _look(self, station: Station, chunk: _Chunk, received: datetime) -> Look:
        hand, name = self._hand, station.source.name
        containers = list(chunk.matters)
        return Look(
            station=station,
            at=hand.clock(),
            listed={one.ref: one for one in self._listed(station, chunk) if one.received >= received},
            known=hand.journal.standings(name, containers),
            said=hand.journal.words(name, containers),
            flying=frozenset(job.ref for job in hand.journal.open_jobs(name)),
            placed=frozenset(),
        )

    def _listed(self, station: Station, chunk: _Chunk) -> Iterator[Listed]:
        matters = station.sweeps
        for container, matter in chunk.matters.items():
            if matters is not None and matter.updated != _EVER:
                yield from (one for one in matters.listed(container) if one.ref not in chunk.moved)

    def _follow(self, station: Station, chunk: _Chunk) -> None:
        """Some desks put the messages of a merged matter into the other, as the same items: what is known of them comes
        along, and they are handled there alone."""
        hand, matters = self._hand, station.sweeps
        for container, matter in chunk.matters.items():
            into = chunk.matters.get(matter.merged_into)
            if matters is None or into is None or into.updated == _EVER:
                continue
            there = {one.ref.item: one.ref for one in matters.listed(matter.merged_into)}
            here = [one.ref for one in matters.listed(container)]
            others = [ref for ref in here if ref.item != TICKET]
            chunk.moved |= {ref for ref in others if ref.item in there}
            if others and chunk.moved.issuperset(others):  # then its own texts may be those of the other
                chunk.moved |= {ref for ref in here if ref.item == TICKET and _same(matters, ref, there.get(TICKET))}
            with hand.store.begin() as tx:
                for ref in hand.journal.standings(station.source.name, [container]):
                    if ref.item in there and ref.item != TICKET:
                        hand.journal.carry(tx, ref, there[ref.item], hand.recorder.digests.ref(ref))

    def _turn(self, station: Station, chunk: _Chunk) -> None:
        """What waits in a closed matter goes some days after it was closed; in one that was opened again, on its last
        day. What waits in a matter that went on in another follows that one."""
        hand, name = self._hand, station.source.name
        journal = hand.journal
        stand = {container: matter for container, matter in chunk.matters.items() if matter.updated != _EVER}
        with hand.store.begin() as tx:
            for container, matter in stand.items():
                journal.saw(tx, name, container, matter.closed_at, matter.merged_into)
        for container, matter in stand.items():
            if matter.merged_into:
                continue
            group = {container, *journal.merged_from(name, container)}
            waiting = journal.waiting_in(name, group)
            if not waiting:
                continue
            needed = "needed" in journal.words(name, group).values()
            due = matter.closed_at + hand.options.grace if matter.closed_at else None
            if due is None and needed:
                continue
            with hand.store.begin() as tx:
                journal.turn(tx, waiting, due, later=needed)


def _chunks(things: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(things)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _same(matters: Sweeps, one: SourceRef, other: SourceRef | None) -> bool:
    return other is not None and matters.fetch(one).payload == matters.fetch(other).payload


def following(matters: Sweeps, container: str) -> Matter:
    """The matter in which this one goes on, read anew. MessageGone: this one is no more."""
    matter = matters.matter(container)
    seen = {container}
    while matter.merged_into and matter.merged_into not in seen and len(seen) < HOPS:
        seen.add(matter.merged_into)
        try:
            matter = matters.matter(matter.merged_into)
        except MessageGone:
            break
    return matter
