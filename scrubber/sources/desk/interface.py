"""What a ticket system can do, as each adapter answers it. An adapter never decides anything and keeps no state.

`source.DeskSource` makes a sources.base.Source of any Desk: it lists, compares, journals. The adapter speaks the API.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from scrubber.finding import Copy
from scrubber.message import Sender
from scrubber.pieces import Attached, Piece

Author = Literal["customer", "agent", "system"]
TICKET = "ticket"
"""The item under which a ticket's own texts stand (subject, description, text fields), beside its entries."""


@dataclass(frozen=True, slots=True)
class Head:
    """A ticket without its texts. `closed_at`: when it was closed or solved, None while it is open.

    `merged_into`: the number of the ticket that this one went into, "" when it stands by itself.
    """

    ticket: str
    updated: datetime
    closed_at: datetime | None = None
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a ticket: a comment, follow-up, transaction; or the ticket's own texts (item TICKET).

    `version`: "" where the desk tells of no revisions; a new one never makes it another message (content tells).
    `public`: whether the customer sees it. `agent`: who wrote it, as the desk names them, for the record of words.
    """

    item: str
    author: Author
    created: datetime
    pieces: tuple[Piece | Attached, ...] = field(repr=False)
    public: bool = True
    sender: Sender = field(default_factory=Sender, repr=False)
    agent: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket with all its entries, oldest first. `tags` as the desk has them."""

    head: Head
    entries: tuple[Entry, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Abilities:
    """`edits`: whether the text of a customer's message can be changed at all.

    `mask`: what the desk itself writes in the place of removed text (Zendesk: blocks); "" when it takes our text.
    `notes`: whether an internal note can be written. `limits`: sentences for `check` and the report (Dutch).
    """

    edits: bool
    mask: str = ""
    notes: bool = True
    limits: tuple[str, ...] = ()


class Desk(Protocol):
    """Errors: MessageGone (no such ticket or entry), MessageChanged (someone wrote in between), MessageLocked (this
    text can't be changed: a closed ticket), SourceUnwritable (the key may not change anything), SourceError
    (everything else; the text names the setting and the mend, no content).
    """

    @property
    def abilities(self) -> Abilities: ...

    def check(self) -> None:
        """One authenticated call. SourceError names host, token or right that is missing."""
        ...

    def changed(self, since: datetime) -> Iterator[Head]:
        """Tickets that were made or changed at `since` or later, oldest change first, every page."""
        ...

    def ticket(self, ticket: str) -> Ticket:
        """The ticket as it stands now, with everything in it."""
        ...

    def rewrite(self, ticket: str, entry: Entry, pieces: Sequence[Piece | Attached]) -> None:
        """Make the texts of `entry` (as `ticket()` gave it a moment ago) say what `pieces` say.

        Equal names, equal order; only texts differ. With `abilities.mask` the places that differ hold that mask.
        Called again after a crash it is given what then stands, so half a rewrite is no harm.
        """
        ...

    def copies(self, ticket: str, item: str) -> tuple[Copy, ...]:
        """After a rewrite: every other place where the desk keeps the old text, cleaned where the API can, read again
        to see it, each with its state. Calling it again changes nothing."""
        ...

    def note(self, ticket: str, text: str) -> None:
        """Write an internal note (Dutch, without any value)."""
        ...

    def close(self) -> None: ...
