"""Where the desk lets nobody edit what a customer wrote: an internal note that asks the agent, without any value."""

from __future__ import annotations

from collections.abc import Iterable

from scrubber.digests import SHORT
from scrubber.errors import MessageGone, MessageLocked, SourceError, SourceUnwritable
from scrubber.finding import Scrubbed
from scrubber.message import Message
from scrubber.redaction import Entities
from scrubber.station import Station
from scrubber.worker.hand import Hand


class Notes:
    """One a message: it ends in a sign by which it is known again, also after a crash."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def tell(self, station: Station, message: Message, scrubbed: Scrubbed, *, locked: bool = False) -> None:
        """Write the note, where something must go that can't: nothing can here, or this message is `locked`. A note
        that fails stops nothing."""
        matters, hand = station.sweeps, self._hand
        if matters is None or station.mode != "redact" or not scrubbed.removed:
            return
        if station.source.capabilities.replaces and not locked:
            return
        types = [d.finding.entity_type for d in scrubbed.removed]
        text = note(types, station.tools.redactor.entities, message.received.strftime("%d-%m-%Y"))
        sign = f"[scrubber {hand.recorder.name(message.ref)[:SHORT]}]"
        try:
            matters.note(message.ref.container, text, sign)
        except SourceUnwritable:
            raise
        except (MessageGone, MessageLocked):
            return  # nobody writes in a closed ticket any more
        except SourceError as error:
            hand.troubled_by(station, error, ref=hand.recorder.name(message.ref)[:SHORT])


def note(types: Iterable[str], entities: Entities, day: str) -> str:
    """In Dutch, whatever the language elsewhere: an agent of the desk reads it."""
    labels = list(dict.fromkeys(entities.label(one) for one in types))
    several = len(labels) > 1
    what = f"{', '.join(labels[:-1])} en {labels[-1]}" if several else labels[0]
    stands, needed = ("staan", "zijn") if several else ("staat", "is")
    return (
        f"In het bericht van {day} {stands} {what}, wat niet nodig {needed} om te helpen. Scrubber kan het in dit "
        "systeem niet zelf weghalen. Haal het weg waar dat kan, en neem het niet over in een antwoord."
    )
