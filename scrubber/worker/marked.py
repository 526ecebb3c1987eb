"""Messages that someone marked as deleted and that stand there yet.

Who marked one is about to remove it, and may yet take it back: it is left alone, and nothing about it is begun. What it
holds stands there all the same, so it is counted, and a removal whose day comes meanwhile is recorded as not possible.
"""

from __future__ import annotations

from scrubber.finding import Outcome, Scrubbed
from scrubber.journal import LEFT_ALONE, MARKED
from scrubber.message import Message, SourceRef
from scrubber.sources.base import Marks
from scrubber.station import Station
from scrubber.worker.hand import Hand


def is_marked(station: Station, ref: SourceRef) -> bool:
    return isinstance(station.source, Marks) and station.source.is_marked(ref)


def count(hand: Hand, station: Station) -> None:
    """Write down how many are left alone at a source, for `scrubber status`."""
    source = station.source
    if not isinstance(source, Marks):
        return
    known = [int(one.why) for one in hand.journal.troubles() if (one.source, one.what) == (source.name, LEFT_ALONE)]
    number = source.marked()
    if number != sum(known):
        hand.journal.left_alone(source.name, number, hand.clock())


def hold(hand: Hand, station: Station, message: Message) -> None:
    """What is due there can't be removed: recorded once, and held until the message is gone or the mark is off."""
    digest = hand.recorder.digests.message(message.payload)
    held = Scrubbed(message.ref, Outcome.HELD, MARKED)
    hand.recorder.settle(station, message, held, digest, "deferred", why=MARKED)


def look_again(hand: Hand, station: Station) -> None:
    """What was held for its mark waits again when the mark is off, or when the message is gone."""
    for ref in hand.journal.marked(station.source.name):
        if hand.stop.is_set():
            return
        if is_marked(station, ref):
            continue
        message = hand.wherever(station, ref)
        if message is not None and is_marked(station, message.ref):
            continue
        with hand.store.begin() as tx:
            hand.journal.try_again(tx, message.ref if message else ref)
