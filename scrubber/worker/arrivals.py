"""What is new at a source, and what is to be handled again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from scrubber.digests import SHORT
from scrubber.errors import MessageChanged, MessageGone, MessageTooBig, SourceError, SourceUnwritable
from scrubber.finding import Outcome, Scrubbed
from scrubber.journal import LOCKED, RELEASED, RESTORED, RETRY, TOO_BIG, WRONG, Standing
from scrubber.message import Message, SourceRef
from scrubber.sources.base import Listed
from scrubber.station import Station
from scrubber.worker import marked
from scrubber.worker.deliveries import Deliveries
from scrubber.worker.hand import Hand
from scrubber.worker.notes import Notes
from scrubber.worker.recognition import Look, Recognition, matter_ref
from scrubber.worker.words import Listening

BATCH_BYTES = 32 * 1024 * 1024


class Arrivals:
    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._deliveries = Deliveries(hand)
        self._notes = Notes(hand)

    def work(self, station: Station) -> None:
        """Hear what people said, then handle whatever stands at the source and needs it, oldest first."""
        hand = self._hand
        look = self._look(station)
        marked.count(hand, station)
        recognition = Recognition(hand.store, hand.journal, hand.recorder.digests, look)
        Listening(hand, look, recognition, self.handle, self.hold).hear()
        self.through(look, recognition, self.waiting(look))

    def through(
        self, look: Look, recognition: Recognition, waiting: Sequence[Listed], done: int = 0, total: int = 0
    ) -> None:
        """Handle these, in batches. `done` of `total` (0: of these) were handled before, for who watches."""
        hand, station = self._hand, look.station
        source = station.source
        handled = 0
        hand.meter.oldest(source.name, waiting[0].received if waiting else None)
        try:
            for batch in self._batches(look, recognition, waiting):
                recognition.flush()
                for message, scrubbed in zip(batch, hand.scrub(station, batch), strict=True):
                    if hand.stop.is_set():
                        return
                    self._answer(look, message, scrubbed)
                handled += len(batch)
                if hand.progress:
                    hand.progress(source.name, done + handled, total or len(waiting))
                hand.meter.oldest(source.name, waiting[handled].received if handled < len(waiting) else None)
                if hand.stop.is_set():
                    return
        finally:
            recognition.flush()
        hand.meter.oldest(source.name, None)

    def _look(self, station: Station) -> Look:
        journal, name = self._hand.journal, station.source.name
        since = journal.since(name, station.since, station.mode, self._hand.clock())
        jobs = journal.open_jobs(name)
        placed = {job.result_digest for job in jobs}
        if not station.source.capabilities.follows:  # the original too may have got another reference
            placed |= {job.original_digest for job in jobs}
        at = self._hand.clock()
        return Look(
            station=station,
            at=at,
            listed={listed.ref: listed for listed in station.source.discover(since)},
            known=journal.standings(name),
            said=journal.words(name),
            flying=frozenset(job.ref for job in jobs),
            placed=frozenset(placed),
        )

    def waiting(self, look: Look) -> list[Listed]:
        """What is listed and is to be handled, and what a person asked for."""
        waiting: list[Listed] = []
        delivers = self._deliveries.from_here(look.station)
        for listed in look.listed.values():
            if listed.ref in look.unheard:
                continue
            standing = look.known.get(listed.ref)
            if standing is None:
                if listed.ref not in look.flying:
                    waiting.append(listed)
            elif look.station.sweeps is not None:
                if listed.ref not in look.flying and self._reads_otherwise(look, listed, standing):
                    waiting.append(listed)
            elif standing.replaced:
                if standing.reason != RESTORED and not self._restored(look.station, listed):
                    waiting.append(listed)
            elif look.wants(standing, self._hand.options.attempts):
                waiting.append(listed)
            elif delivers:
                self._deliveries.pass_on(look.station, listed.ref, standing)
        waiting += [
            Listed(ref, look.at)
            for ref, standing in look.known.items()
            if standing.reason == RETRY and not standing.replaced and ref not in look.listed
        ]
        return waiting

    def _batches(self, look: Look, recognition: Recognition, waiting: Sequence[Listed]) -> Iterator[list[Message]]:
        station, hand = look.station, self._hand
        batch: list[Message] = []
        size = 0
        for listed in waiting:
            if hand.stop.is_set():
                return
            try:
                message = self._read(look, recognition, listed)
            except (MessageGone, MessageChanged):
                continue
            except MessageTooBig as error:
                self._unread(look, recognition, Listed(listed.ref, error.received, error.size), str(error))
                continue
            except SourceUnwritable:
                raise
            except SourceError as error:
                station.source.check()  # a source that is down as a whole fails no single message
                hand.recorder.failed(station, listed, str(error))
                continue
            if message is None:
                continue
            weight = len(message.payload) + sum(len(turn.text) for turn in message.thread)
            if batch and (len(batch) >= hand.options.batch or size + weight > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(message)
            size += weight
        if batch:
            yield batch

    def _read(self, look: Look, recognition: Recognition, listed: Listed) -> Message | None:
        """The message to be handled; None: there is nothing to do with it, now or any more."""
        hand, station, ref = self._hand, look.station, listed.ref
        known = look.known.get(ref)
        if known is not None and known.reason == RETRY and ref not in look.listed:
            message = hand.wherever(station, ref)
            if message is None:
                hand.recorder.vanished(ref)
                return None
            if marked.is_marked(station, message.ref):
                return None  # asked for, but marked as deleted since: when the mark is off
        else:
            message = hand.fetch(station, ref, listed)
        if known is None:
            digests = hand.recorder.digests.messages(message.payload)
            standing = recognition.content(ref, digests)
            if standing is not None and not look.wants(standing, hand.options.attempts):
                self._deliveries.pass_on(station, ref, standing, first=recognition.flush)
                return None
            if standing is None and not look.placed.isdisjoint(digests):
                return None  # being replaced: the next recovery finishes it
        return self._told(look, hand.with_thread(station, message))

    def handle(self, look: Look, message: Message) -> SourceRef | None:
        """Handle one message by itself, as one that just arrived. Where it stands then."""
        message = self._told(look, self._hand.with_thread(look.station, message))
        (scrubbed,) = self._hand.scrub(look.station, [message])
        return self._answer(look, message, scrubbed)

    def _answer(self, look: Look, message: Message, scrubbed: Scrubbed) -> SourceRef | None:
        station = look.station
        first_seen = None
        if not station.source.capabilities.follows and message.ref not in look.known:
            first_seen = look.at
        self._notes.tell(station, message, scrubbed)
        now_at = self._hand.answer(station, message, scrubbed, "message", first_seen)
        if station.sweeps is not None and scrubbed.removed:
            standing = self._hand.journal.known(message.ref)
            if standing is not None and standing.reason == LOCKED:
                self._notes.tell(station, message, scrubbed, locked=True)
        if now_at is None:
            look.again.add(message.ref)
        standing = self._hand.journal.known(now_at) if now_at else None
        if now_at and standing:
            self._deliveries.pass_on(station, now_at, standing)
        return now_at

    def _unread(self, look: Look, recognition: Recognition, listed: Listed, why: str) -> None:
        """Too big to be read at all: HELD unread, so that one mail can't take the memory."""
        known = look.known.get(listed.ref)
        if known is not None and (known.replaced or not look.wants(known, self._hand.options.attempts)):
            return
        if known is None and recognition.unread(listed) is not None:
            return
        self.hold(look, listed, why)

    def hold(self, look: Look, listed: Listed, why: str) -> None:
        """HELD without having been read. `why` goes to the log."""
        hand, ref = self._hand, listed.ref
        message = Message(ref, look.station.channel, "", b"", listed.received)
        held = Scrubbed(ref, Outcome.HELD, TOO_BIG)
        hand.recorder.settle(look.station, message, held, "", "message", size=listed.size)
        hand.log.warning("too_big", source=ref.source, ref=hand.recorder.name(ref)[:SHORT], why=why)
        look.now_known(hand.journal, ref)

    def _restored(self, station: Station, listed: Listed) -> bool:
        """Whether what stands again where we rewrote a message is what stood there: then a person put it back."""
        hand = self._hand
        try:
            message = hand.fetch(station, listed.ref, listed)
        except (MessageGone, MessageChanged):
            return True  # and gone again
        except MessageTooBig:
            return False
        if hand.journal.originals(listed.ref).isdisjoint(hand.recorder.digests.messages(message.payload)):
            return False
        hand.recorder.put_back(station, listed.ref, message)
        return True

    def _told(self, look: Look, message: Message) -> Message:
        """The message with what a person said of it, or of its matter."""
        word = look.said.get(message.ref) or look.said.get(matter_ref(message.ref))
        return replace(message, needed=word == "needed", asked=word == "asked")

    def _reads_otherwise(self, look: Look, listed: Listed, standing: Standing) -> bool:
        """Whether a known message that keeps its reference is to be handled again: a person asks for it, it could not
        be finished, or it reads otherwise than when it was settled."""
        hand = self._hand
        if look.wants(standing, hand.options.attempts):
            return True
        if standing.reason in (RELEASED, WRONG, RESTORED) or not standing.digest:
            return False
        try:
            message = hand.fetch(look.station, listed.ref)
        except (MessageGone, MessageChanged):
            return False
        digests = hand.recorder.digests.messages(message.payload)
        if standing.digest in digests:
            return False
        if hand.journal.originals(listed.ref).isdisjoint(digests):
            return True
        hand.recorder.put_back(look.station, listed.ref, message)
        return False
