"""One delivery from channel to desk: scrubbed, passed on, recorded, and only then answered.

In this order, so that whatever is killed in between, the channel hears nothing good and tries again: the desk may get
a delivery twice, and never not at all. No text is written anywhere, but for the quarantine, encrypted, where the
settings want one.

    scrubbing fails      tried again by the channel; at the last attempt a stub goes on, HELD
    the desk is away     503 for as long as it takes: a stub would fare no better
    the desk refuses     at the last attempt a stub is offered in its place; where the desk takes that: HELD
    a message is HELD    the same message always ends so: the stub goes on at once, its siblings as they are
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy import Connection
from structlog.typing import FilteringBoundLogger

from scrubber.digests import SHORT, Digests
from scrubber.drafts import Draft, Frame, draft
from scrubber.finding import Copy, CopyState, Outcome, Scrubbed
from scrubber.journal import Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.keys import KeyRing
from scrubber.message import Message, SourceRef
from scrubber.pointers import first
from scrubber.relay.outbound import Away, Door, Refused
from scrubber.relay.parcel import ENVELOPE, LEFT, STUB, Given, Parcel, Part, Terms, all_stubs, reference
from scrubber.relay.preset import Preset
from scrubber.relay.quarantine import seal
from scrubber.relay.units import Unit, units
from scrubber.store import Store

Result = Literal["relayed", "repeat", "stub"]

DONE, STUBBED = "done", "held"
SCRUBBING, REFUSED = "scrubbing", "refused"
"""Why a delivery did not go on yet, as the journal has it."""


_NUMBER = re.compile(r"\+?[0-9(][0-9 ().-]{6,}")
_NO_DIGIT = re.compile(r"[^0-9]")


class NotYet(Exception):
    """The channel is to try again. `why`: unscrubbed | desk | busy."""

    def __init__(self, why: Literal["unscrubbed", "desk", "busy"]) -> None:
        super().__init__(why)
        self.why = why


class Unscrubbed(Exception):
    """What scrubs took too long, or died. The text says which, without content."""


class Scrubber(Protocol):
    """Whatever scrubs, in this process or another."""

    def scrub(self, payload: bytes, given: Given) -> Parcel:
        """Unscrubbed."""
        ...

    def asks(self, source: str, text: str) -> frozenset[str]:
        """The entity types that something the desk wrote asks for. Unscrubbed."""
        ...


class Deletes(Protocol):
    """A channel that may be asked to delete a message."""

    def delete(self, message: Any, now: datetime) -> Copy: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One source of the relay. `key` encrypts the quarantine, None: there is none."""

    source: str
    terms: Terms
    door: Door
    attempts: int = 3
    asked: timedelta = timedelta(days=14)
    channel: Deletes | None = None
    key: bytes | None = field(default=None, repr=False)
    quarantine: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Books:
    """Where it is recorded."""

    store: Store
    journal: Journal
    ledger: Ledger
    ring: KeyRing
    digests: Digests


class Relay:
    """For any number of threads."""

    def __init__(
        self,
        lines: Mapping[str, Line],
        books: Books,
        scrubber: Scrubber,
        clock: Callable[[], datetime],
        log: FilteringBoundLogger,
    ) -> None:
        self._lines = lines
        self._books = books
        self._scrubber = scrubber
        self._clock = clock
        self._log = log
        self._busy: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def take(self, source: str, identity: bytes, payload: bytes, document: Any, content_type: str) -> Result:
        """Pass one delivery on. `identity`: what was proved of it; `document`: the payload, parsed.

        NotYet; StoreError: it may have gone on, and is not recorded.
        """
        line = self._lines[source]
        named = first(document, line.terms.preset.delivery)
        told = b"relay\0%b\0%b" % (source.encode(), named.encode("utf-8", "replace") if named else identity)
        delivery, *older = self._books.ring.digest_all("message", told)
        with self._only(source, delivery):
            attempts, state = self._books.journal.relayed(source, (delivery, *older))
            shown = delivery
            if not (named or identity != payload or _names(payload, line.terms.preset)):
                # a customer may write the same twice: better twice at the desk than never, and there under two names
                shown = self._books.ring.digest("message", told + self._clock().isoformat().encode())
            if state in (DONE, STUBBED):
                if shown == delivery:
                    return "repeat"
                attempts = 0
            return _Passage(line, self._books, self._scrubber, self._clock, self._log, delivery, shown).go(
                payload, content_type, attempts + 1
            )

    def sent(self, source: str, written: Sequence[tuple[str, str]]) -> int:
        """What the desk wrote: (conversation, text). How many types were asked for. Unscrubbed, StoreError."""
        line = self._lines[source]
        asked = [(conversation, self._scrubber.asks(source, text)) for conversation, text in written]
        now = self._clock()
        if any(kinds for _, kinds in asked):
            with self._books.store.begin() as tx:
                for conversation, kinds in asked:
                    keyed = conversations(self._books.ring, source, conversation)[0]
                    self._books.journal.ask(tx, source, keyed, kinds, now + line.asked)
        return sum(len(kinds) for _, kinds in asked)

    def tidy(self) -> None:
        """Forget what has had its time, and see the keys as another process may have changed them. StoreError."""
        self._books.ring.refresh()
        with self._books.store.begin() as tx:
            gone = self._books.journal.expire_relays(tx, self._clock())
        if gone:
            self._log.info("quarantine_expired", number=gone)

    @contextmanager
    def _only(self, source: str, delivery: str) -> Iterator[None]:
        """Nobody else has this delivery in hand; NotYet when somebody has."""
        with self._lock:
            if (source, delivery) in self._busy:
                raise NotYet("busy")
            self._busy.add((source, delivery))
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard((source, delivery))


def _names(payload: bytes, preset: Preset) -> bool:
    """Whether anything in it tells it from another with the same words."""
    found = units(payload.decode(), preset)
    return not found or any(unit.id or unit.desk for unit in found)


def conversations(ring: KeyRing, source: str, conversation: str) -> tuple[str, ...]:
    """The keyed names of a conversation, under the current key first. A telephone number may be written in any way."""
    if _NUMBER.fullmatch(conversation):
        conversation = _NO_DIGIT.sub("", conversation).removeprefix("00")
    return ring.digest_all("thread", f"relay\0{source}\0{conversation}".encode("utf-8", "replace"))


class _Passage:
    """One delivery on its way."""

    def __init__(
        self,
        line: Line,
        books: Books,
        scrubber: Scrubber,
        clock: Callable[[], datetime],
        log: FilteringBoundLogger,
        delivery: str,
        shown: str,
    ) -> None:
        """`shown`: under which name the desk sees it, and may drop it as a repeat."""
        self.line = line
        self.books = books
        self.scrubber = scrubber
        self.clock = clock
        self.log = log.bind(source=line.source, delivery=delivery[:SHORT])
        self.delivery = delivery
        self.shown = shown

    def go(self, payload: bytes, content_type: str, attempt: int) -> Result:
        found = units(payload.decode(), self.line.terms.preset)
        last = attempt >= self.line.attempts
        given = Given(self.line.source, self.delivery, self.clock(), tuple(map(self._asked, found)), last)
        try:
            made = self.scrubber.scrub(payload, given)
        except Unscrubbed as error:
            self.log.warning("not_scrubbed", why=str(error), attempt=attempt)
            if not last:
                self._later(attempt, SCRUBBING)
                raise NotYet("unscrubbed") from None
            made = self._stubbed(payload, found, given, "unscrubbed")
        if made.failed and not last:
            self._later(attempt, SCRUBBING)
            raise NotYet("unscrubbed")
        try:
            made = self._deliver(made, payload, content_type, found, given)
        except Away as error:
            self.log.warning("desk_away", why=str(error))
            raise NotYet("desk") from None
        except Refused as error:
            self.log.warning("desk_refuses", status=error.status, attempt=attempt)
            self._later(attempt, REFUSED)
            raise NotYet("desk") from None
        return self._record(made, payload, found, attempt)

    def _asked(self, unit: Unit) -> frozenset[str]:
        if unit.desk or not unit.conversation:
            return frozenset()
        keyed = conversations(self.books.ring, self.line.source, unit.conversation)
        return self.books.journal.asked(self.line.source, keyed, self.clock())

    def _deliver(self, made: Parcel, payload: bytes, content_type: str, found: Sequence[Unit], given: Given) -> Parcel:
        """What went on: the delivery as it was scrubbed; at the last attempt a stub, where the desk takes only that."""
        try:
            self.line.door.deliver(made.payload, content_type, self.shown, self.clock())
        except Refused:
            if not given.last or not self.line.terms.changes:
                raise
            made = self._stubbed(payload, found, given, "desk-refused")
            self.line.door.deliver(made.payload, content_type, self.shown, self.clock())
        return made

    def _later(self, attempt: int, state: str) -> None:
        with self.books.store.begin() as tx:
            self.books.journal.relay(tx, self.line.source, self.delivery, attempt, state, self.clock())

    def _stubbed(self, payload: bytes, found: Sequence[Unit], given: Given, reason: str) -> Parcel:
        """All customers' messages HELD, and stubs in their place; where it is only observed the original goes on."""
        terms, now = self.line.terms, self.clock()
        mine = [(number, unit) for number, unit in enumerate(found) if not unit.desk or unit.quotes]
        rows = [
            (number, reference(given, unit.conversation, unit.id or f"{given.delivery}/{number}", self.books.digests))
            for number, unit in mine
        ] or [(-1, SourceRef(given.source, given.delivery, ENVELOPE))]
        text = payload.decode()
        parts = []
        for number, ref in rows:
            own = text[found[number].start : found[number].end].encode() if number >= 0 else payload
            message = Message(ref, terms.preset.channel, "application/json", own, given.received)
            notes = (STUB,) if terms.changes else ()
            parts.append(Part(number, ref, self._held(message, Scrubbed(ref, Outcome.HELD, reason, notes=notes), now)))
        return Parcel(all_stubs(payload, terms) if terms.changes else payload, tuple(parts), ())

    def _held(self, message: Message, scrubbed: Scrubbed, now: datetime) -> Draft:
        terms, digests = self.line.terms, self.books.digests
        mode = "redact" if terms.changes else "observe"
        frame = Frame(terms.actor, self.line.source, mode, "", "", digests.key_id)
        return draft(
            frame, message, scrubbed, kind="message", outcome=Outcome.HELD.value, recorded_at=now, due=now,
            ref=digests.ref(message.ref), message_digest=digests.message(message.payload),
        )  # fmt: skip

    def _record(self, made: Parcel, payload: bytes, found: Sequence[Unit], attempt: int) -> Result:
        stubbed = any(STUB in part.draft.entry.notes for part in made.parts)
        now = self.clock()
        kept = [(part, part.draft.with_copies(self._copies(part, found, now))) for part in made.parts]
        with self.books.store.begin() as tx:
            for part, whole in kept:
                self._write(tx, part, whole, now)
            for number, kinds in made.kinds:
                keyed = conversations(self.books.ring, self.line.source, found[number].conversation)[0]
                if found[number].conversation:
                    self.books.journal.ask(tx, self.line.source, keyed, kinds, now + self.line.asked)
            if stubbed and self.line.key and self.line.quarantine:
                sealed = seal(self.line.key, self.line.source, self.delivery, payload)
                until = now + self.line.quarantine
                self.books.journal.lock_up(tx, self.line.source, self.delivery, sealed, until)
            state = STUBBED if stubbed else DONE
            self.books.journal.relay(tx, self.line.source, self.delivery, attempt, state, now)
        self.books.ledger.publish_head()
        outcomes = [part.draft.entry.outcome for part in made.parts]
        self.log.info("relayed", messages=len(found), outcomes=outcomes, stub=stubbed)
        return "stub" if stubbed else "relayed"

    def _write(self, tx: Connection, part: Part, whole: Draft, now: datetime) -> None:
        entry = whole.entry
        self.books.ledger.append(tx, entry)
        self.books.journal.settle(
            tx,
            part.ref,
            outcome=entry.outcome,
            reason=entry.reason,
            mode=entry.mode,
            digest=entry.message_digest,
            result_digest=entry.result_digest,
            received=whole.received,
            now=now,
            size=whole.size,
            known_as=entry.ref,
        )
        self.books.journal.review(tx, part.ref, whole.reviews, now)

    def _copies(self, part: Part, found: Sequence[Unit], now: datetime) -> tuple[Copy, ...]:
        """Where the old text remains: at the channel, perhaps in quarantine; and at the desk what may stay for now."""
        entry, line = part.draft.entry, self.line
        copies: list[Copy] = []
        if not line.terms.changes:
            return ()
        mine = part.number >= 0 and not found[part.number].desk
        if entry.outcome == Outcome.REDACTED and mine and line.channel is not None:
            copies.append(line.channel.delete(found[part.number].value, now))
        elif entry.outcome in (Outcome.REDACTED, Outcome.HELD):
            copies.append(Copy("channel", CopyState.REMAINS, line.terms.preset.remains["nl"]))
        if line.key and STUB in entry.notes:
            until = (now + line.quarantine).date().isoformat()
            copies.append(Copy("quarantine", CopyState.REMAINS, f"versleuteld bewaard tot {until}"))
        if LEFT in entry.notes:
            copies.append(
                Copy("desk-later", CopyState.REMAINS, "mag blijven tot de zaak is gesloten; daar weg te halen")
            )
        return tuple(copies)
