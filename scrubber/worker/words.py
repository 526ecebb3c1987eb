"""What people say of one message at the source, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from scrubber.errors import MessageChanged, MessageGone, MessageTooBig
from scrubber.finding import Outcome, Scrubbed, Unread
from scrubber.journal import MISSED, WRONG, Journal, Standing
from scrubber.ledger.entry import LedgerEntry
from scrubber.message import Message, SourceRef
from scrubber.people import Said, entry
from scrubber.sources.base import Listed, Signal, Signals
from scrubber.station import Station
from scrubber.worker.hand import Hand
from scrubber.worker.recognition import Look, Recognition

Handle = Callable[[Look, Message], SourceRef | None]
"""Handle one message as one that just arrived. Where it stands then; None: nowhere, or it could not be changed."""

Hold = Callable[[Look, Listed, str], None]
"""Hold one message that is too big to be read, and why."""


class Listening:
    """Each word is heard once, in one transaction with its entry and what follows from it.

    needed: what waits is put off, to its last day at most, and what would go as unasked for waits too.
    done: what waits goes now. wrong: recorded, for what is gone can't come back, and the message is left alone, also
    one that was never seen before. missed: looked at again, and held for a person.
    """

    def __init__(self, hand: Hand, look: Look, recognition: Recognition, handle: Handle, hold: Hold) -> None:
        self._hand = hand
        self._look = look
        self._recognition = recognition
        self._handle = handle
        self._unread = hold
        self._marks: set[str] = set()

    def hear(self) -> None:
        source = self._look.station.source
        if not isinstance(source, Signals):
            return
        self._marks = self._hand.journal.marks(source.name)
        signals = list(source.signals())
        # What a word protects is not handled as any other mail because hearing it failed.
        unheard = self._look.unheard
        unheard |= {signal.ref for signal in signals if signal.word in ("needed", "wrong")}
        for signal in signals:
            if self._hand.stop.is_set():
                return
            with self._hand.apart(self._look.station, signal.ref), suppress(MessageGone, MessageChanged):
                self._one(signal)
                unheard.discard(signal.ref)

    def _one(self, signal: Signal) -> None:
        hand, look, ref = self._hand, self._look, signal.ref
        marks = hand.recorder.digests.marks(signal.word, signal.mark or f"{ref.container}\0{ref.item}\0{ref.version}")
        heard = not self._marks.isdisjoint(marks)
        standing = look.known.get(ref)
        if standing is None and ref not in look.flying:
            standing, placed = self._recognised(ref)
            if placed:
                return  # being replaced under another reference: the next cycle
        if not heard and look.said.get(ref) == signal.word:
            # Said before, and the message only got another number in the same folder.
            with hand.store.begin() as tx:
                hand.journal.hear(tx, ref, marks[0], signal.word, hand.clock())
            heard = True
        if ref in look.flying:
            return  # the next cycle
        if not heard:
            look.said[ref] = signal.word
        now_at: SourceRef | None = ref
        if signal.word == "wrong" and not heard:
            if standing is None:
                self._leave(signal, marks[0])
                return
        elif standing is None or look.wants(standing, hand.options.attempts):
            now_at = self._arrived(ref)
        if not heard and now_at is not None:
            self.act(replace(signal, ref=now_at), marks[0])

    def _recognised(self, ref: SourceRef) -> tuple[Standing | None, bool]:
        """What is known of a message that stood elsewhere before; else whether it is one that is being replaced."""
        hand, look = self._hand, self._look
        digests: Sequence[str] = ()
        try:
            message = hand.fetch(look.station, ref, look.listed.get(ref))
            digests = hand.recorder.digests.messages(message.payload)
            standing = self._recognition.content(ref, digests)
        except MessageTooBig as error:
            standing = self._recognition.unread(Listed(ref, error.received, error.size))
        self._recognition.flush()
        if standing is not None:
            look.said = hand.journal.words(ref.source)
        return standing, standing is None and not look.placed.isdisjoint(digests)

    def _arrived(self, ref: SourceRef) -> SourceRef | None:
        """Handle a message that stands where something was said of it, and that no other pass sees there."""
        look = self._look
        now_at: SourceRef | None = ref
        try:
            now_at = self._handle(look, self._hand.fetch(look.station, ref, look.listed.get(ref)))
        except MessageTooBig as error:
            self._unread(look, Listed(ref, error.received, error.size), str(error))
        for place in (ref, now_at):
            if place is not None:
                look.now_known(self._hand.journal, place)
        return now_at

    def _leave(self, signal: Signal, mark: str) -> None:
        """Never handled, and a person says that nothing should go: it stays as it came."""
        hand, look, station, ref = self._hand, self._look, self._look.station, signal.ref
        size, digest = 0, ""
        try:
            message = hand.fetch(station, ref, look.listed.get(ref))
            digest = hand.recorder.digests.message(message.payload)
        except MessageTooBig as error:
            message, size = Message(ref, look.station.channel, "", b"", error.received), error.size

        def also(tx: Connection) -> None:
            hand.journal.hear(tx, ref, mark, signal.word, hand.clock())

        left = Scrubbed(ref, Outcome.OBSERVED, WRONG)
        hand.recorder.settle(station, message, left, digest, "message", first=self._entry(signal), also=also, size=size)
        look.now_known(hand.journal, ref)
        hand.recorder.count.heard(ref.source, hand.recorder.name(ref), signal.word)

    def act(self, signal: Signal, mark: str) -> None:
        """Record a word, and do what follows from it. `mark` is keyed."""
        journal, ref, now = self._hand.journal, signal.ref, self._hand.clock()

        def then(tx: Connection) -> None:
            journal.hear(tx, ref, mark, signal.word, now)
            follow(journal, tx, ref, signal.word, signal.until, now)

        if signal.word == "missed":
            self._missed(signal, mark)
        else:
            self._hand.recorder.record(self._entry(signal), then)
            self._look.now_known(journal, ref)
        self._hand.recorder.count.heard(ref.source, self._hand.recorder.name(ref), signal.word)

    def _missed(self, signal: Signal, mark: str) -> None:
        """Remove what today's rules find, if they do; then a person must look, whatever was found."""
        hand, look, station = self._hand, self._look, self._look.station
        try:
            message = hand.fetch(station, signal.ref, look.listed.get(signal.ref))
        except MessageTooBig as error:
            self._hold(signal, mark, Message(signal.ref, look.station.channel, "", b"", error.received), (), error.size)
            return
        message = hand.with_thread(station, message)
        (scrubbed,) = hand.scrub(station, [message])
        if scrubbed.payload is not None and station.mode == "redact" and station.source.capabilities.replaces:
            now_at = hand.answer(station, message, scrubbed, "message")
            if now_at is None:
                return  # the next cycle
            message = replace(message, ref=now_at, payload=scrubbed.payload)
        self._hold(signal, mark, message, scrubbed.unread)

    def _hold(self, signal: Signal, mark: str, message: Message, unread: tuple[Unread, ...], size: int = 0) -> None:
        """Held for a person, in one transaction with the word. `size` in bytes, of a message that was not read."""
        hand, look, station = self._hand, self._look, self._look.station
        digest = "" if size else hand.recorder.digests.message(message.payload)
        held = Scrubbed(message.ref, Outcome.HELD, MISSED, unread=unread)

        def also(tx: Connection) -> None:
            hand.journal.hear(tx, message.ref, mark, signal.word, hand.clock())

        first = self._entry(replace(signal, ref=message.ref))
        hand.recorder.settle(station, message, held, digest, "message", first=first, also=also, size=size)
        look.now_known(hand.journal, message.ref)

    def _entry(self, signal: Signal) -> LedgerEntry:
        digest = self._hand.journal.standing(signal.ref)[0]
        return heard_entry(self._hand, self._look.station, signal.ref, signal.word, signal.who, digest)


def follow(journal: Journal, tx: Connection, ref: SourceRef, word: str, until: datetime | None, now: datetime) -> None:
    """What a word means for what waits in one message."""
    match word:
        case "needed":
            journal.put_off(tx, ref, until)
        case "done":
            journal.hasten(tx, ref, now)
        case "wrong":
            journal.let_be(tx, ref, now)
            journal.stays(tx, ref, WRONG, now)


def heard_entry(hand: Hand, station: Station, ref: SourceRef, word: str, who: str, digest: str = "") -> LedgerEntry:
    """That a person said it. `digest`: of the message, where the word is of one message."""
    return entry(
        ref.source,
        hand.recorder.name(ref),
        "reviewed",
        f"signal:{word}",
        Said(who),
        hand.clock(),
        digest=digest,
        key_id=hand.recorder.digests.key_id,
        mode=station.mode,
    )
