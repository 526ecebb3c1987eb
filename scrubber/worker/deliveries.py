"""A source before the desk: what may go on goes to the folder that the desk reads.

That is the last step of all, the same for what was clean as it came and for what was redacted: the message stands in
its intake as it will be read, journal and record know it, and only then it is moved on, in one step of the server's.
From there on it is the desk's, which may delete or file it that same instant; nothing is put there again. After a crash
before the move the next cycle finds it settled and still there, and moves it; after the move it's no longer there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from scrubber.errors import MessageChanged, MessageGone
from scrubber.finding import Outcome
from scrubber.journal import READ_ONLY, RESTORED, WRONG, Standing, final
from scrubber.message import SourceRef
from scrubber.sources.base import Delivers
from scrubber.station import Station
from scrubber.worker.hand import Hand


class Deliveries:
    """Passes on what is settled: as soon as it is, or in the next cycle that still finds it in the intake."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    @staticmethod
    def from_here(station: Station) -> bool:
        """Whether a message may go on from this source at all."""
        return isinstance(station.source, Delivers) and station.source.delivers

    def pass_on(
        self, station: Station, ref: SourceRef, standing: Standing, first: Callable[[], None] = lambda: None
    ) -> None:
        """Deliver a settled message where its source does. `first`: what must be written down before."""
        source, hand = station.source, self._hand
        if not isinstance(source, Delivers) or not source.delivers or not self._may(station, standing):
            return
        if ref.container not in station.folders:
            return  # where a person put it to say something, it stays
        first()
        there = None
        with hand.apart(station, ref), suppress(MessageGone, MessageChanged):
            there = source.deliver(ref)
        if there is not None:
            with hand.store.begin() as tx:
                hand.journal.carry(tx, ref, there, hand.recorder.digests.ref(ref))

    def _may(self, station: Station, standing: Standing) -> bool:
        """Held and failed mail, and what must go and can't, stays for a person; who observes keeps nothing back."""
        if standing.reason == RESTORED and station.mode == "redact":
            return False  # as it came, it never goes to the desk
        if standing.outcome == Outcome.OBSERVED and station.mode == "redact":
            return standing.reason not in (READ_ONLY, WRONG)  # neither does what a person left as it came
        if standing.outcome in (Outcome.CLEAN, Outcome.OBSERVED, Outcome.REDACTED):
            return True
        return (
            station.mode == "observe"
            and standing.outcome in (Outcome.HELD, Outcome.FAILED)
            and final(standing, station.mode, self._hand.options.attempts)
        )
