"""Removals whose day has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scrubber.errors import MessageGone
from scrubber.journal import Due
from scrubber.message import SourceRef
from scrubber.sources.base import Sweeps
from scrubber.station import Station
from scrubber.worker import marked
from scrubber.worker.hand import Hand
from scrubber.worker.matters import following
from scrubber.worker.notes import Notes
from scrubber.worker.promised import Promised
from scrubber.worker.recognition import matter_ref


class Dues:
    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def work(self, station: Station) -> None:
        """Carry out what is due, unless its thread was written in again."""
        hand = self._hand
        if station.mode != "redact":
            return
        if station.sweeps is not None:
            station.sweeps.forget()
        marked.look_again(hand, station)
        for due in hand.journal.due(station.source.name, hand.today()):
            if hand.stop.is_set():
                return
            with hand.apart(station, due.ref):
                self._carry_out(station, due)

    def _carry_out(self, station: Station, due: Due) -> None:
        hand = self._hand
        message = hand.wherever(station, due.ref)
        if message is None:
            hand.recorder.gone(station, due.ref)
            return
        when = self._when(station, message.ref, due.latest)
        if when is not None and when > hand.today():
            hand.journal.postpone(message.ref, when)
            return
        if marked.is_marked(station, message.ref):
            marked.hold(hand, station, message)
            return
        message = hand.with_thread(station, message)
        waits = hand.journal.waits(message.ref)
        promised = Promised(station.policy, waits, hand.recorder.digests.fingerprints)
        (scrubbed,) = hand.scrub(replace(station, policy=promised), [message], expire=True)
        Notes(hand).tell(station, message, scrubbed)
        hand.answer(station, message, scrubbed, "deferred")

    def _when(self, station: Station, ref: SourceRef, latest: datetime) -> datetime | None:
        """When the removals of a message may be carried out: after the matter is closed, at the latest at `latest`."""
        if latest <= self._hand.today():
            return None
        if station.sweeps is not None:
            return self._when_closed(station.sweeps, ref, latest)
        if station.source.closed(ref):
            return None
        active = station.source.last_activity(ref)
        if active is None:
            return None
        return min(active + self._hand.options.silent + self._hand.options.grace, latest)

    def _when_closed(self, matters: Sweeps, ref: SourceRef, latest: datetime) -> datetime | None:
        """As `_when`, where matters are closed: one that was opened again keeps what waits until its last day, but for
        the day that a person named."""
        try:
            matter = following(matters, ref.container)
        except MessageGone:
            return None
        if matter.closed_at is not None:
            return min(matter.closed_at + self._hand.options.grace, latest)
        said = self._hand.journal.words(ref.source, [ref.container])
        return None if said.get(matter_ref(ref)) == "needed" else latest
