"""A desk in memory, for tests: it edits, keeps copies and says so, closes, merges, and others write in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from scrubber.errors import MessageChanged, MessageGone, MessageLocked
from scrubber.finding import Copy, CopyState
from scrubber.message import Sender
from scrubber.pieces import Attached, Piece
from scrubber.sources.desk.interface import TICKET, Abilities, Author, Entry, Head, Ticket
from scrubber.sources.desk.masking import masked, spans


@dataclass(slots=True)
class Kept:
    """A ticket as it is kept. `log`: every text that ever stood there and that the desk still has."""

    head: Head
    entries: list[Entry] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)


class MemoryDesk:
    """`on_call` is called with the name of each call before it is done: what it raises is the desk's failure.

    `fixed`: items that can't be edited. `cleans`: whether the desk's own log can be cleaned.
    """

    def __init__(self, abilities: Abilities | None = None, *, cleans: bool = True) -> None:
        self.abilities = abilities or Abilities(edits=True)
        self.cleans = cleans
        self.tickets: dict[str, Kept] = {}
        self.fixed: set[tuple[str, str]] = set()
        self.notes: list[tuple[str, str]] = []
        self.calls: list[str] = []
        self.on_call: Callable[[str], None] = lambda _: None
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._number = 0

    # what people do

    def open(self, *pieces: Piece | Attached, sender: Sender | None = None, at: datetime | None = None) -> str:
        """A new ticket whose own texts are `pieces`; its number."""
        self._number += 1
        number = str(self._number)
        moment = at or self.clock()
        entry = Entry(TICKET, "customer", moment, pieces, sender=sender or Sender())
        self.tickets[number] = Kept(Head(number, moment), [entry])
        return number

    def say(
        self,
        ticket: str,
        *pieces: Piece | Attached | str,
        author: Author = "customer",
        public: bool = True,
        sender: Sender | None = None,
        agent: str = "",
        at: datetime | None = None,
    ) -> str:
        """A new entry; its item. A text by itself is its body."""
        self._number += 1
        item = str(self._number)
        moment = at or self.clock()
        given = tuple(Piece("body", piece) if isinstance(piece, str) else piece for piece in pieces)
        kept = self._kept(ticket)
        kept.entries.append(Entry(item, author, moment, given, public, sender or Sender(), agent))
        kept.head = replace(kept.head, updated=moment)
        return item

    def change(self, ticket: str, item: str, *pieces: Piece | Attached | str) -> None:
        """Somebody edits an entry."""
        given = tuple(Piece("body", piece) if isinstance(piece, str) else piece for piece in pieces)
        self._put(ticket, item, given)

    def shut(self, ticket: str, at: datetime | None = None) -> None:
        moment = at or self.clock()
        kept = self._kept(ticket)
        kept.head = replace(kept.head, closed_at=moment, updated=moment)

    def reopen(self, ticket: str, at: datetime | None = None) -> None:
        kept = self._kept(ticket)
        kept.head = replace(kept.head, closed_at=None, updated=at or self.clock())

    def merge(self, ticket: str, into: str, at: datetime | None = None, *, moves: bool = False) -> None:
        """It is closed, and goes on in the other. Its entries stay, or move there."""
        self.shut(ticket, at)
        if moves:
            gone = [entry for entry in self._kept(ticket).entries if entry.item != TICKET]
            self._kept(ticket).entries = [entry for entry in self._kept(ticket).entries if entry.item == TICKET]
            self._kept(into).entries = sorted([*self._kept(into).entries, *gone], key=lambda entry: entry.created)
        kept = self._kept(ticket)
        kept.head = replace(kept.head, merged_into=into)
        self._kept(into).head = replace(self._kept(into).head, updated=kept.head.updated)

    def text(self, ticket: str, item: str = TICKET) -> str:
        """All texts of an entry, a line each."""
        return "\n".join(piece.text for piece in self._entry(ticket, item).pieces if isinstance(piece, Piece))

    # the protocol

    def check(self) -> None:
        self._called("check")

    def changed(self, since: datetime) -> Iterator[Head]:
        self._called("changed")
        heads = [kept.head for kept in self.tickets.values() if kept.head.updated >= since]
        yield from sorted(heads, key=lambda head: head.updated)

    def ticket(self, ticket: str) -> Ticket:
        self._called(f"ticket {ticket}")
        kept = self._kept(ticket)
        return Ticket(kept.head, tuple(kept.entries), tuple(kept.tags))

    def rewrite(self, ticket: str, entry: Entry, pieces: Sequence[Piece | Attached]) -> None:
        self._called(f"rewrite {ticket} {entry.item}")
        if not self.abilities.edits or (ticket, entry.item) in self.fixed:
            raise MessageLocked("this desk takes no change of this message")
        if self._entry(ticket, entry.item).pieces != entry.pieces:
            raise MessageChanged("somebody wrote in it meanwhile")
        mask = self.abilities.mask
        made: list[Piece | Attached] = []
        for old, new in zip(entry.pieces, pieces, strict=True):
            if isinstance(old, Piece) and isinstance(new, Piece) and old.text != new.text:
                self._kept(ticket).log.append(old.text)
                text = new.text
                if mask:
                    places = spans(old.text, new.text, mask, markup=old.media_type == "text/html") or []
                    text = masked(old.text, places, mask).replace(mask, mask * 3)
                made.append(replace(old, text=text))
            else:
                made.append(old)
        self._put(ticket, entry.item, tuple(made))

    def copies(self, ticket: str, item: str) -> tuple[Copy, ...]:
        self._called(f"copies {ticket} {item}")
        if self.cleans:
            self._kept(ticket).log.clear()
            return (Copy("desk-log", CopyState.CLEANED, "opgeruimd en nagekeken"),)
        return (Copy("desk-log", CopyState.REMAINS, "de geschiedenis van het ticket is niet te wijzigen"),)

    def note(self, ticket: str, text: str) -> None:
        self._called(f"note {ticket}")
        self.notes.append((ticket, text))
        self.say(ticket, text, author="agent", public=False, agent="scrubber")

    def close(self) -> None:
        """Nothing is held open."""

    def _called(self, call: str) -> None:
        self.calls.append(call)
        self.on_call(call)

    def _kept(self, ticket: str) -> Kept:
        if ticket not in self.tickets:
            raise MessageGone("there is no such ticket")
        return self.tickets[ticket]

    def _entry(self, ticket: str, item: str) -> Entry:
        for entry in self._kept(ticket).entries:
            if entry.item == item:
                return entry
        raise MessageGone("there is no such entry")

    def _put(self, ticket: str, item: str, pieces: tuple[Piece | Attached, ...]) -> None:
        kept = self._kept(ticket)
        before = self._entry(ticket, item)
        kept.entries[kept.entries.index(before)] = replace(before, pieces=pieces)
        kept.head = replace(kept.head, updated=self.clock())
