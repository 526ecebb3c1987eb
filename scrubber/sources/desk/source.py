"""A source of any desk: tickets are its containers, their texts its messages.

A message is replaced where it stands and keeps its reference: only its content tells what stands there. The order is:
quotes of the values elsewhere in the ticket, the message itself, read it again, look after the desk's own copies. So
when the message is seen to be redacted after a crash, its quotes were done before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from scrubber.errors import MessageChanged, MessageGone, SourceError, SourceUnwritable
from scrubber.finding import Copy, CopyState
from scrubber.message import Message, SourceRef
from scrubber.pieces import PIECES_TYPE, Attached, Piece, dump, load
from scrubber.sources.base import (
    LEFT,
    Capabilities,
    Digest,
    Kept,
    Listed,
    Matter,
    MatterWord,
    Quote,
    Record,
    Replaced,
    ThreadMessage,
    WriteBack,
)
from scrubber.sources.desk.interface import TICKET, Desk, Entry, Head, Ticket
from scrubber.sources.desk.masking import collapsed, masked, spans, tags_differ
from scrubber.sources.desk.words import words

READ_AHEAD = 64
"""Tickets that are kept in memory between looking at them and handling their messages."""

TURNS = 50
HOPS = 8
"""How often a ticket that went into another is followed."""

QUOTED = "QUOTED"
QUOTES_LEFT = "QUOTES-LEFT"
REWRITTEN = "REWRITTEN"
REWRITTEN_QUOTES_LEFT = "REWRITTEN, QUOTES-LEFT"
QUOTE = "desk-quote"
FILENAME = "desk-filename"
MARKUP = "desk-markup"
_CHANGED = Copy("desk-changed", CopyState.UNKNOWN, "iemand wijzigde het meteen daarna; het wordt opnieuw bekeken")
_GONE = Copy("desk-changed", CopyState.UNKNOWN, "iemand verwijderde het ticket of het bericht meteen daarna")
_LEFT = {
    FILENAME: "de naam van een bijlage is in dit systeem niet te wijzigen",
    MARKUP: "dit systeem haalt uit de tekst weg, niet uit het adres van een link",
}
_WHY_QUOTE = "een bericht van een medewerker of van het systeem in dit ticket haalt het aan"

_WHY_LATE = "een medewerker schreef in dit ticket terwijl het bericht werd opgeschoond"


class DeskSource:
    def __init__(self, name: str, desk: Desk, desk_addresses: Sequence[str] = ()) -> None:
        self._name = name
        self._desk = desk
        self._own = frozenset(address.casefold() for address in desk_addresses)
        self._read: OrderedDict[str, Ticket] = OrderedDict()

    @property
    def name(self) -> str:
        return self._name

    @property
    def desk(self) -> Desk:
        return self._desk

    @property
    def capabilities(self) -> Capabilities:
        able = self._desk.abilities
        return Capabilities(replaces=able.edits, threads=True, limits=able.limits, mask=able.mask)

    def check(self) -> None:
        self._desk.check()

    # reading

    def discover(self, since: datetime) -> Iterator[Listed]:
        """Every message of every ticket that changed since: one that came since stands in such a one."""
        found: list[Listed] = []
        for head in self.heads(since):
            try:
                ticket = self._fresh(head.container)
            except MessageGone:
                continue
            found += [one for one in self._listed(ticket) if one.received >= since]
        yield from sorted(found, key=lambda one: one.received)

    def heads(self, since: datetime) -> Iterator[Matter]:
        with _as_promised():
            for head in self._desk.changed(since):
                yield _matter(head)

    def matter(self, container: str) -> Matter:
        return _matter(self._fresh(container).head)

    def listed(self, container: str) -> Sequence[Listed]:
        return self._listed(self._ticket(container))

    def fetch(self, ref: SourceRef) -> Message:
        ticket = self._ticket(ref.container)
        return self._message(ref.container, ticket, _entry(ticket, ref.item))

    def find(self, size: int, same: Callable[[bytes], bool]) -> SourceRef | None:
        """A desk gives no message another number."""
        del size, same
        return None

    def thread(self, message: Message) -> Sequence[ThreadMessage]:
        """What was said in public before it; the ticket's own texts first."""
        if message.ref.item == TICKET:
            return ()
        ticket = self._ticket(message.ref.container)
        found = []
        for entry in ticket.entries:
            if entry.item == message.ref.item:
                break
            if entry.author != "system" and entry.public:
                payload = self._payload(entry)
                found.append(
                    ThreadMessage(PIECES_TYPE, payload, self._by_agent(entry), entry.created, evidence="source")
                )
        return found[-TURNS:]

    def beside(self, ref: SourceRef) -> Sequence[Message]:
        """Also those of the ticket in which this one goes on: merging may write the last message there once more."""
        found: dict[tuple[str, bytes], Message] = {}
        for container, ticket in self._onward(ref.container):
            for entry in ticket.entries:
                if entry.item != ref.item and not self._by_customer(entry):
                    message = self._message(container, ticket, entry)
                    found.setdefault((entry.item, message.payload), message)  # some desks show it in both
        return tuple(found.values())

    def words(self, container: str) -> Sequence[MatterWord]:
        return tuple(words(self._ticket(container)))

    def last_activity(self, ref: SourceRef) -> datetime | None:
        try:
            return self._ticket(ref.container).head.updated
        except MessageGone:
            return None

    def appeared(self, ref: SourceRef) -> datetime | None:
        """Not known: a message stays where it is."""
        del ref
        return None

    def closed(self, ref: SourceRef) -> bool | None:
        try:
            return self._ticket(ref.container).head.closed_at is not None
        except MessageGone:
            return None

    def forget(self) -> None:
        self._read.clear()

    # changing

    def kept(self, original: bytes, payload: bytes) -> Kept:
        """Names of attachments stay as they are, and with a mask it stands in every place that differs."""
        wanted = load(payload)
        will = [self._as_kept(before, piece) for before, piece in zip(load(original), wanted, strict=True)]
        left = {_stays(old, new) for old, new in zip(will, wanted, strict=True)}
        return Kept(dump(will), tuple(sorted(left - {""})))

    def plan(self, message: Message) -> Mapping[str, str]:
        del message
        return {}

    def replace(self, write: WriteBack, payload: bytes, digest: Digest, record: Record) -> Replaced:
        if digest(payload) != write.result_digest:
            raise SourceError("the new texts are not those that the journal announced")
        around = self._around(write.ref.container)
        self._original(write, digest)
        if self._around(write.ref.container) != around:
            raise MessageChanged("somebody wrote in the ticket meanwhile, and may quote the message")
        quotes = self._clean(write.quotes)
        left = any(copy.state is not CopyState.CLEANED for copy in quotes)
        record(QUOTES_LEFT if left else QUOTED)
        entry = self._original(write, digest)
        try:
            self._desk.rewrite(write.ref.container, entry, load(payload))
        except SourceError:
            if self._digest(write.ref, digest) != write.result_digest:
                raise
            # It was done, and only the answer was lost.
        record(REWRITTEN_QUOTES_LEFT if left else REWRITTEN)
        try:
            if self._digest(write.ref, digest) != write.result_digest:
                raise SourceError("the message reads back differently from what was written")
            if self._around(write.ref.container) != around:
                quotes.append(Copy(QUOTE, CopyState.UNKNOWN, _WHY_LATE))
            return self._replaced(write, quotes)
        except MessageGone:
            return Replaced(write.ref, (*quotes, _GONE))  # it was redacted first, and the record says so

    def recover(self, write: WriteBack, digest: Digest, record: Record) -> Replaced | None:
        del record
        found = self._digest(write.ref, digest)
        after: tuple[Copy, ...] = ()
        if found != write.result_digest:
            if found == write.original_digest or write.step not in (REWRITTEN, REWRITTEN_QUOTES_LEFT):
                return None  # as it was, or as another left it: it is handled like any other
            after = (_CHANGED,)
        quotes: tuple[Copy, ...] = ()
        if write.step in (QUOTES_LEFT, REWRITTEN_QUOTES_LEFT):
            quotes = (Copy(QUOTE, CopyState.REMAINS, _WHY_QUOTE),)
        return self._replaced(write, (*after, *quotes))

    def note(self, container: str, text: str, sign: str) -> bool:
        if not self._desk.abilities.notes:
            return False
        for entry in self._fresh(container).entries:
            if not entry.public and any(isinstance(one, Piece) and sign in one.text for one in entry.pieces):
                return True
        self._desk.note(container, f"{text} {sign}")
        return True

    def close(self) -> None:
        self._desk.close()

    # what stands there

    def _fresh(self, container: str) -> Ticket:
        with _as_promised():
            ticket = self._read[container] = self._desk.ticket(container)
        self._read.move_to_end(container)
        while len(self._read) > READ_AHEAD:
            self._read.popitem(last=False)
        return ticket

    def _ticket(self, container: str) -> Ticket:
        return self._read.get(container) or self._fresh(container)

    def _onward(self, container: str) -> Iterator[tuple[str, Ticket]]:
        """A ticket, and those that it went into."""
        seen: set[str] = set()
        while container and container not in seen and len(seen) < HOPS:
            seen.add(container)
            try:
                ticket = self._ticket(container)
            except MessageGone:
                if len(seen) == 1:
                    raise
                return
            yield container, ticket
            container = ticket.head.merged_into

    def _listed(self, ticket: Ticket) -> list[Listed]:
        return [
            Listed(SourceRef(self._name, ticket.head.ticket, entry.item), entry.created, len(self._payload(entry)))
            for entry in ticket.entries
            if self._by_customer(entry)
        ]

    def _message(self, container: str, ticket: Ticket, entry: Entry) -> Message:
        ref = SourceRef(self._name, container, entry.item)
        del ticket
        return Message(ref, "ticket", PIECES_TYPE, self._payload(entry), entry.created, entry.sender)

    def _by_customer(self, entry: Entry) -> bool:
        return entry.item == TICKET or (entry.author == "customer" and not self._is_ours(entry))

    def _by_agent(self, entry: Entry) -> bool:
        return entry.item != TICKET and (entry.author == "agent" or self._is_ours(entry))

    def _is_ours(self, entry: Entry) -> bool:
        return entry.sender.email.casefold() in self._own

    def _payload(self, entry: Entry) -> bytes:
        mask = self._desk.abilities.mask
        return dump(
            [
                replace(piece, text=collapsed(piece.text, mask)) if isinstance(piece, Piece) and mask else piece
                for piece in entry.pieces
            ]
        )

    def _around(self, container: str) -> tuple[str, frozenset[str]]:
        """Where a ticket goes on, and what others than the customer wrote in it."""
        ticket = self._ticket(container)
        return ticket.head.merged_into, frozenset(one.item for one in ticket.entries if not self._by_customer(one))

    def _original(self, write: WriteBack, digest: Digest) -> Entry:
        entry = _entry(self._fresh(write.ref.container), write.ref.item)
        if digest(self._payload(entry)) != write.original_digest:
            raise MessageChanged("another wrote in this message meanwhile")
        return entry

    def _digest(self, ref: SourceRef, digest: Digest) -> str:
        """Of what stands at a reference now."""
        return digest(self._payload(_entry(self._fresh(ref.container), ref.item)))

    def _as_kept(self, before: Piece | Attached, piece: Piece | Attached) -> Piece | Attached:
        mask = self._desk.abilities.mask
        if isinstance(piece, Attached) or isinstance(before, Attached) or before.kind == "filename":
            return before
        if not mask or piece.text == before.text:
            return piece
        places = spans(before.text, piece.text, mask, markup=piece.media_type == "text/html")
        return piece if places is None else replace(piece, text=masked(before.text, places, mask))

    def _clean(self, quotes: Sequence[Quote]) -> list[Copy]:
        """Each quote, as a copy with its state."""
        copies: list[Copy] = []
        for quote in quotes:
            state = CopyState.CLEANED if self._cleaned(quote) else CopyState.REMAINS
            copies.append(Copy(QUOTE, state, _WHY_QUOTE))
        return copies

    def _cleaned(self, quote: Quote) -> bool:
        if not self._desk.abilities.edits:
            return False
        container = quote.ref.container
        wanted = self.kept(quote.payload, quote.result).payload
        try:
            entry = _entry(self._ticket(container), quote.ref.item)
            if self._payload(entry) != quote.payload:
                return False
            self._desk.rewrite(container, entry, load(wanted))
            return self._payload(_entry(self._fresh(container), quote.ref.item)) == wanted
        except SourceUnwritable:
            raise
        except SourceError:
            return False

    def _replaced(self, write: WriteBack, quotes: Sequence[Copy]) -> Replaced:
        stays = write.plan.get(LEFT, "").split()
        left = [Copy(place, CopyState.REMAINS, _LEFT[place]) for place in stays]
        copies = self._desk.copies(write.ref.container, write.ref.item)
        if MARKUP in stays:  # what still stands in the message stands in what copies it, too
            copies = tuple(
                replace(copy, state=CopyState.UNKNOWN, why=_LEFT[MARKUP]) if copy.state is CopyState.CLEANED else copy
                for copy in copies
            )
        return Replaced(write.ref, (*quotes, *left, *copies))


@contextmanager
def _as_promised() -> Iterator[None]:
    """An answer that lacks what the desk's API promises is a failure of the source, told without what it holds."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError):
        failure = SourceError("the desk's answer is not what its API promises: does `url` lead to it?")
    else:
        return
    raise failure


def _stays(will: Piece | Attached, wanted: Piece | Attached) -> str:
    """Where something was to go and stays; "": nowhere."""
    if isinstance(will, Attached) or isinstance(wanted, Attached) or will.kind == "filename":
        return FILENAME if will != wanted else ""
    return MARKUP if wanted.media_type == "text/html" and tags_differ(will.text, wanted.text) else ""


def _matter(head: Head) -> Matter:
    return Matter(head.ticket, head.updated, head.closed_at, head.merged_into)


def _entry(ticket: Ticket, item: str) -> Entry:
    for entry in ticket.entries:
        if entry.item == item:
            return entry
    raise MessageGone("the ticket has no such message")
