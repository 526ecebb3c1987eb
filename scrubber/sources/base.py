"""What a source can do, as every source answers it.

A source never decides anything. It lists, fetches, replaces, and after a crash it finishes or forgets a replacement,
trusting content only (keyed digests), never names or flags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from scrubber.errors import MessageGone
from scrubber.finding import Copy
from scrubber.message import Message, SourceRef

Digest = Callable[[bytes], str]
"""Keyed digest of a payload (hex)."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What is possible at this source. `limits` are sentences for `scrubber check` and the report (Dutch)."""

    replaces: bool
    threads: bool
    limits: tuple[str, ...] = ()
    follows: bool = True
    """Whether a reference stays with its message when that is moved or renumbered (IMAP: no)."""
    mask: str = ""
    """What the source itself writes where text was removed; "": it takes our text."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A message that stands at the source now. `received` is timezone-aware; `size` in bytes, 0: not known."""

    ref: SourceRef
    received: datetime
    size: int = 0


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """An earlier message of a thread as bytes; the worker reads its text. `evidence` as in message.Turn."""

    media_type: str
    payload: bytes = field(repr=False)
    from_desk: bool
    sent: datetime
    evidence: Literal["source", "claimed"]


@dataclass(frozen=True, slots=True)
class Quote:
    """Another text of the same matter in which the very values stand that go: as it is, and as it is to be."""

    ref: SourceRef
    payload: bytes = field(repr=False)
    result: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WriteBack:
    """A replacement as the journal holds it. `plan` is the source's own, without text or personal data.

    `step` is the last step that was recorded: "PREPARED" at first, then the source's own. `quotes` are not journaled:
    after a crash there are none.
    """

    job: str
    ref: SourceRef
    original_digest: str
    result_digest: str
    plan: Mapping[str, str]
    step: str = "PREPARED"
    quotes: tuple[Quote, ...] = field(default=(), repr=False)


Record = Callable[[str], None]
"""Write a step of a replacement to the journal, durably, before the source goes on."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Where the redacted message stands now (None: another program deleted it), and what copies may remain."""

    ref: SourceRef | None
    copies: tuple[Copy, ...] = ()


class Source(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def capabilities(self) -> Capabilities: ...

    def check(self) -> None:
        """Raise SourceError, with the setting and the mend in its text, when the source can't be used."""
        ...

    def discover(self, since: datetime) -> Iterator[Listed]:
        """Every message now at the source that was received at `since` or later, oldest first."""
        ...

    def fetch(self, ref: SourceRef) -> Message:
        """The message as it stands now, without its thread. MessageGone, SourceError."""
        ...

    def find(self, size: int, same: Callable[[bytes], bool]) -> SourceRef | None:
        """A message of `size` bytes that is the `same`, wherever it stands now under whatever name; None: none."""
        ...

    def thread(self, message: Message) -> Sequence[ThreadMessage]:
        """Earlier messages of the same thread, oldest first, at most 50; () where the source knows none."""
        ...

    def last_activity(self, ref: SourceRef) -> datetime | None:
        """When the thread of this message was last written in (the message itself counts). None: unknown or gone."""
        ...

    def appeared(self, ref: SourceRef) -> datetime | None:
        """When the message came to stand where it stands (Maildir: the file's ctime). None: unknown.

        It tells one that a person put back from a copy that was there all along.
        """
        ...

    def closed(self, ref: SourceRef) -> bool | None:
        """Whether the matter is closed; None where the source has no such status (a mailbox)."""
        ...

    def plan(self, message: Message) -> Mapping[str, str]:
        """What `replace` will need after a crash, chosen before anything changes (e.g. the new unique name)."""
        ...

    def replace(self, write: WriteBack, payload: bytes, digest: Digest, record: Record) -> Replaced:
        """Put `payload` in the place of the message, keeping flags and date. Each step is recorded before the next.

        MessageGone or MessageChanged: nothing was changed. At every moment at least one copy exists.
        """
        ...

    def recover(self, write: WriteBack, digest: Digest, record: Record) -> Replaced | None:
        """Finish what a crash left. None: the new message was never placed; what was half written is cleared away.

        MessageGone: the original is gone and another program rewrote the new message, which is left as it is and which
        `discover` lists. Calling it again changes nothing.
        """
        ...

    def close(self) -> None: ...


@runtime_checkable
class Measures(Protocol):
    """A source that can tell how large a message is without reading it, wherever it stands."""

    def measure(self, ref: SourceRef) -> Listed:
        """The message as it stands now, as `discover` would list it. MessageGone, SourceError."""
        ...


def stands(source: Source, ref: SourceRef) -> bool:
    """Whether a message still stands where a reference says, at the least cost."""
    try:
        if isinstance(source, Measures):
            source.measure(ref)
        else:
            source.fetch(ref)
    except MessageGone:
        return False
    return True


Word = Literal["needed", "done", "wrong", "missed", "asked"]
"""What a person says of one message: its data are needed still; the matter is closed; something was removed that should
have stayed; something stands there that should have gone; the desk asked for what stands there."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A person's word about one message, said at the source (in a mailbox: by moving the mail to a folder).

    `who` as the source names them ("" unknown). `until`: for `needed`, the last day. `mark` tells one signal from the
    next about the same message, so that each is heard once.
    """

    ref: SourceRef
    word: Word
    who: str = ""
    until: datetime | None = None
    mark: str = ""


@runtime_checkable
class Signals(Protocol):
    """A source at which people can say something about one message."""

    def signals(self) -> Iterator[Signal]:
        """Every word that stands at the source now, heard before or not."""
        ...


@runtime_checkable
class Lacks(Protocol):
    """A source that goes on without part of what the settings name."""

    def lacking(self) -> Sequence[str]:
        """What was missing when it was last looked at (`check`, `discover`): a sentence each, with setting and mend."""
        ...


@runtime_checkable
class Marks(Protocol):
    """A source where a message can be marked as deleted and stand there still, until someone has it removed for good.

    Who marked it is about to remove it and may yet take it back, so it is neither listed nor replaced.
    """

    def marked(self) -> int:
        """How many such messages stand where messages are worked through."""
        ...

    def is_marked(self, ref: SourceRef) -> bool:
        """Whether this one is. False also when it is no longer there."""
        ...


@runtime_checkable
class Watches(Protocol):
    """A source that can tell when something arrives, so that nobody has to ask."""

    def watch(self) -> int | None:
        """Begin to wait: a file descriptor that becomes readable when something changes. None: ask again later."""
        ...

    def unwatch(self) -> None:
        """End the waiting, before anything else is asked of the source."""
        ...


@runtime_checkable
class Delivers(Protocol):
    """A source that stands before the desk: what may go on goes to the folder that the desk reads."""

    @property
    def delivers(self) -> bool:
        """Whether this one does."""
        ...

    def deliver(self, ref: SourceRef) -> SourceRef | None:
        """Move the message on as it is, in one step of the server's; where it stands then (None: not told).

        MessageGone: it went on already, or another program took it. Calling it again changes nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class Matter:
    """A ticket as it stands, without its texts. `closed_at`: None while it is open.

    `merged_into`: the matter in which it goes on; "": in itself.
    """

    container: str
    updated: datetime
    closed_at: datetime | None = None
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class MatterWord:
    """What a person said of a whole matter, in an internal note or a tag. As Signal; `at`: when, None: not known."""

    word: Word
    mark: str
    who: str = ""
    until: datetime | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a message will read. `left`: the places (finding.Copy) where a value stays because nobody can change them;
    they go into the plan of the replacement under LEFT, apart by blanks."""

    payload: bytes = field(repr=False)
    left: tuple[str, ...] = ()


LEFT = "left"


@runtime_checkable
class Sweeps(Protocol):
    """A source of matters (tickets) that tells what changed, so that not everything is looked at each time.

    A message that is replaced here keeps its reference, so that its content alone tells what stands there.

    What `matter` read is what `listed`, `fetch`, `thread`, `beside` and `words` answer from until `forget`.
    """

    def heads(self, since: datetime) -> Iterator[Matter]:
        """Matters that were made or changed at `since` or later, the oldest change first."""
        ...

    def matter(self, container: str) -> Matter:
        """Read a matter as it stands now. MessageGone, SourceError."""
        ...

    def listed(self, container: str) -> Sequence[Listed]:
        """The messages of a matter, oldest first."""
        ...

    def fetch(self, ref: SourceRef) -> Message:
        """As Source.fetch."""
        ...

    def beside(self, ref: SourceRef) -> Sequence[Message]:
        """The other texts of the matter that may quote this message: those of agents and of the desk itself."""
        ...

    def words(self, container: str) -> Sequence[MatterWord]:
        """What agents said of the matter, oldest first."""
        ...

    def kept(self, original: bytes, payload: bytes) -> Kept:
        """What `original` will read when `replace` made `payload` of it: a desk has its own signs and limits."""
        ...

    def note(self, container: str, text: str, sign: str) -> bool:
        """Write an internal note that ends in `sign`, unless one with that sign stands there. False: it can't."""
        ...

    def forget(self) -> None:
        """What was read is read anew."""
        ...
