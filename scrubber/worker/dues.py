"""Removals whose day has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scrubber.digests import SHORT
from scrubber.errors import SourceError, SourceUnwritable
from scrubber.journal import Due
from scrubber.message import SourceRef
from scrubber.station import Station
from scrubber.worker import marked
from scrubber.worker.hand import Hand
from scrubber.worker.promised import Promised


class Dues:
    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def work(self, station: Station) -> None:
        """Carry out what is due, unless its thread was written in again."""
        hand = self._hand
        if station.mode != "redact":
            return
        marked.look_again(hand, station)
        for due in hand.journal.due(station.source.name, hand.today()):
            if hand.stop.is_set():
                return
            try:
                self._carry_out(station, due)
            except SourceUnwritable:
                raise
            except SourceError as error:
                station.source.check()
                hand.troubled_by(station, error, ref=hand.recorder.name(due.ref)[:SHORT])

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
        hand.answer(station, message, scrubbed, "deferred")

    def _when(self, station: Station, ref: SourceRef, latest: datetime) -> datetime | None:
        """When the removals of a message may be carried out: after the matter is closed, at the latest at `latest`."""
        if latest <= self._hand.today() or station.source.closed(ref):
            return None
        active = station.source.last_activity(ref)
        if active is None:
            return None
        return min(active + self._hand.options.silent + self._hand.options.grace, latest)
