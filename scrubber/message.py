"""A message, where it stands, who sent it, and the text that a format finds in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Path = tuple[str, ...]
"""Where something stands in a message: a tuple of steps, unique per view, e.g. ("1.2", "html", "a@href#3")."""

Channel = Literal["email", "ticket", "social"]

ViewKind = Literal["body", "subject", "header", "attribute", "hidden", "field", "filename"]
"""What a view is to a reader. `hidden` is text nobody is shown (comments, styles, preambles)."""


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Where a message stands.

    IMAP: folder, uid, uidvalidity. Maildir: ".", unique name, "". Desk: ticket, comment, revision.
    """

    source: str
    container: str
    item: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the source says sent the message; what is unknown is empty."""

    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OnFile:
    """A value that the desk already holds for this sender."""

    entity_type: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier message of the thread, oldest first in `Message.thread`.

    `evidence` says who vouches for it: "source" (a sent message, an agent's comment: the source knows that the desk
    wrote it), "claimed" (it only says so itself) or "quote" (it stands in the customer's own quotation).
    """

    from_desk: bool
    text: str = field(repr=False)
    sent: datetime | None = None
    evidence: Literal["source", "claimed", "quote"] = "source"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as fetched. `received` is timezone-aware. `payload` is the bytes in `media_type`."""

    ref: SourceRef
    channel: Channel
    media_type: str
    payload: bytes = field(repr=False)
    received: datetime
    sender: Sender = field(default_factory=Sender, repr=False)
    thread: tuple[Turn, ...] = field(default=(), repr=False)
    on_file: tuple[OnFile, ...] = field(default=(), repr=False)
    needed: bool = False
    """A person said that the desk needs the data in this message still."""
    asked: bool = False
    """A person said that the desk asked for the data in this message, in a way that the thread doesn't show."""
    asked_kinds: frozenset[str] = frozenset()
    """Entity types that the desk asked for earlier in this conversation, of which no text was kept."""


@dataclass(frozen=True, slots=True)
class TextView:
    """Text of a payload as a reader sees it, in code points. `group` is equal for alternatives of one text.

    (MIME: the text and the HTML part of one multipart/alternative. A secret found in one is looked for in the others.)
    """

    path: Path
    text: str = field(repr=False)
    kind: ViewKind = "body"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Child:
    """A payload embedded in another. `parameters` are those of its media type, lower-case names (charset, format)."""

    path: Path
    media_type: str
    payload: bytes = field(repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    kind: ViewKind = "body"
