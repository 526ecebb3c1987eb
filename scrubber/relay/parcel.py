"""One delivery scrubbed: each message by itself, then what stands around them. No I/O, so it may run in any process."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from scrubber.digests import Digests
from scrubber.drafts import Draft, Frame, draft
from scrubber.finding import Action, Decision, Outcome, Scrubbed, Unread
from scrubber.message import Message, SourceRef
from scrubber.pipeline import REMAINS, Tools, scrub_each
from scrubber.policy.base import Case, Policy
from scrubber.policy.source import SourcePolicy
from scrubber.relay.preset import Preset, Shape
from scrubber.relay.stub import stub
from scrubber.relay.units import filled, units, without
from scrubber.store import from_text, utc_text

LEFT = "left-to-desk"
"""Note: what is deferred in this message passed on, and is for the pass behind the desk."""

STUB = "stub"
"""Note: a stub went on in the place of this message."""

ENVELOPE = "envelope"
"""The item under which a delivery is known without its messages."""

_GRACE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Terms:
    """How one source is relayed. `changes`: not only observed. `passes`: what is deferred goes on to the desk.

    `lang`: of the sentence in a stub.
    """

    preset: Preset
    changes: bool
    passes: bool
    actor: str = "scrubber"
    lang: str = "nl"


@dataclass(frozen=True, slots=True)
class Given:
    """A delivery. `delivery`: its keyed digest. `asked`: of each message what the desk asked for in its conversation.

    `last`: what fails now is not tried again.
    """

    source: str
    delivery: str
    received: datetime
    asked: tuple[frozenset[str], ...]
    last: bool = False

    def to_bytes(self, text: bytes) -> bytes:
        """With the payload, for the pipe to another process."""
        head = {
            "source": self.source,
            "delivery": self.delivery,
            "received": utc_text(self.received),
            "asked": [sorted(kinds) for kinds in self.asked],
            "last": self.last,
        }
        return json.dumps(head).encode() + b"\n" + text

    @staticmethod
    def from_bytes(data: bytes) -> tuple[Given, bytes]:
        head, _, text = data.partition(b"\n")
        row = json.loads(head)
        asked = tuple(frozenset(kinds) for kinds in row["asked"])
        return Given(row["source"], row["delivery"], from_text(row["received"]), asked, row["last"]), text


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one message. `number`: which; -1 for what stands around them."""

    number: int
    ref: SourceRef
    draft: Draft


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery as it may go on. `failed`: some message could not be handled, and may be if tried again.

    `kinds`: (number of a message of the desk's own, what it asks for).
    """

    payload: bytes = field(repr=False)
    parts: tuple[Part, ...]
    kinds: tuple[tuple[int, frozenset[str]], ...]
    failed: bool = False

    def to_bytes(self) -> bytes:
        head = {
            "failed": self.failed,
            "kinds": [[number, sorted(kinds)] for number, kinds in self.kinds],
            "parts": [
                [part.number, part.ref.source, part.ref.container, part.ref.item, part.draft.to_bytes().decode()]
                for part in self.parts
            ],
        }
        return json.dumps(head).encode() + b"\n" + self.payload

    @staticmethod
    def from_bytes(data: bytes) -> Parcel:
        head, _, payload = data.partition(b"\n")
        row = json.loads(head)
        parts = tuple(
            Part(number, SourceRef(source, container, item), Draft.from_bytes(kept.encode()))
            for number, source, container, item, kept in row["parts"]
        )
        kinds = tuple((number, frozenset(asked)) for number, asked in row["kinds"])
        return Parcel(payload, parts, kinds, row["failed"])


def parcel(
    payload: bytes, given: Given, terms: Terms, tools: Tools, policy: SourcePolicy, digests: Digests, now: datetime
) -> Parcel:
    """`payload` is JSON in UTF-8 that was parsed before, and nests not deep."""
    text = payload.decode()
    found = units(text, terms.preset)
    asked = given.asked or (frozenset(),) * len(found)
    handled = _Handled(given, terms, tools, policy if terms.passes else _AtOnce(policy), digests, now)
    parts: list[Part] = []
    written: list[str] = []
    kinds: list[tuple[int, frozenset[str]]] = []
    for number, (unit, wanted) in enumerate(zip(found, asked, strict=True)):
        original = text[unit.start : unit.end]
        if unit.desk:
            kinds.append((number, policy.asks(unit.texts)))
        if unit.desk and not unit.quotes:
            written.append(original)
            continue
        message = Message(
            ref=reference(given, unit.conversation, unit.id or f"{given.delivery}/{number}", digests),
            channel=terms.preset.channel,
            media_type="application/json",
            payload=original.encode(),
            received=given.received,
            sender=unit.sender,
            asked_kinds=wanted,
        )
        unread = (Unread((), "application/octet-stream", "by-reference"),) if unit.media and not unit.desk else ()
        now_says, part = handled.one(number, message, unit.shape, unit.value, unread, quoted=unit.desk)
        written.append(now_says)
        written_to_us = unread or (unit.texts.strip() and not unit.desk)
        if written_to_us or not _nothing(part.draft):  # a receipt that somebody read is no message
            parts.append(part)
    around = without(text, found)
    ref = SourceRef(given.source, given.delivery, ENVELOPE)
    message = Message(ref, terms.preset.channel, "application/json", around.encode(), given.received)
    gapped, part = handled.one(-1, message, terms.preset.envelope, json.loads(around), ())
    if not _nothing(part.draft):
        parts.append(part)
    result = filled(gapped, terms.preset, written) if gapped != around or written else text
    if not parts or all(part.draft.entry.outcome in (Outcome.CLEAN, Outcome.OBSERVED) for part in parts):
        result = text
    return Parcel(result.encode(), tuple(parts), tuple(kinds), handled.failed)


def _nothing(kept: Draft) -> bool:
    """Whether there is nothing to be told of it."""
    return kept.entry.outcome == Outcome.CLEAN and not kept.entry.removals


def reference(given: Given, conversation: str, item: str, digests: Digests) -> SourceRef:
    """Where a message is known: numbers of a channel are often telephone numbers, so nothing here is one."""
    named = digests.ref(SourceRef(given.source, conversation, item))
    return SourceRef(given.source, digests.ref(SourceRef(given.source, conversation, ""))[:32], named[:32])


class _Handled:
    """What is the same for every message of a delivery. `failed`: one could not be handled this time."""

    def __init__(
        self, given: Given, terms: Terms, tools: Tools, policy: Policy, digests: Digests, now: datetime
    ) -> None:
        self._given = given
        self._terms = terms
        self._tools = tools
        self._policy = policy
        self._digests = digests
        self._now = now
        self.failed = False

    def one(
        self,
        number: int,
        message: Message,
        shape: Shape,
        value: object,
        unread: tuple[Unread, ...],
        *,
        quoted: bool = False,
    ) -> tuple[str, Part]:
        """The message as it may go on, and what is to be recorded of it. `quoted`: only what the desk quotes in it."""
        scrubbed = self._scrubbed(message, shape.quoting if quoted else shape.parameters)
        if REMAINS in scrubbed.notes and number >= 0 and not quoted:
            scrubbed = self._scrubbed(message, shape.searching)
        if any(map(_unseen, scrubbed.unread)):
            scrubbed = Scrubbed(message.ref, Outcome.HELD, "not-searched", unread=scrubbed.unread)
        scrubbed = replace(scrubbed, unread=scrubbed.unread + unread)
        outcome = scrubbed.outcome
        text = message.payload.decode()
        if outcome is Outcome.FAILED:
            self.failed = True
            outcome = Outcome.HELD
        if not self._terms.changes:
            outcome = Outcome.OBSERVED if scrubbed.payload is not None else outcome
        elif outcome is Outcome.HELD:
            text = stub(value, shape, self._terms.lang)
            scrubbed = replace(scrubbed, notes=(*scrubbed.notes, STUB))
        elif scrubbed.payload is not None:
            text = scrubbed.payload.decode()
        if self._terms.changes and any(d.action is Action.DEFER for d in scrubbed.decisions):
            scrubbed = replace(scrubbed, notes=(*scrubbed.notes, LEFT))
        return text, Part(number, message.ref, self._draft(message, scrubbed, outcome, text))

    def _scrubbed(self, message: Message, parameters: Mapping[str, str]) -> Scrubbed:
        (scrubbed,) = scrub_each(
            [message],
            self._tools,
            self._policy,
            now=self._now,
            fingerprint=self._digests.fingerprint,
            parameters=parameters,
        )
        return scrubbed

    def _draft(self, message: Message, scrubbed: Scrubbed, outcome: Outcome, text: str) -> Draft:
        frame = Frame(
            self._terms.actor,
            self._given.source,
            "redact" if self._terms.changes else "observe",
            self._policy.digest,
            self._tools.detector.digest,
            self._digests.key_id,
        )
        changed = text.encode() != message.payload
        kept = draft(
            frame,
            message,
            scrubbed,
            kind="message",
            outcome=outcome.value,
            recorded_at=self._now,
            due=message.received + _GRACE,
            ref=self._digests.ref(message.ref),
            message_digest=self._digests.message(message.payload),
            result_digest=self._digests.message(text.encode()) if changed else "",
        )
        return replace(kept, waiting=())  # what passed on is for the desk's side


def _unseen(unread: Unread) -> bool:
    """Whether it is text of the message itself that nobody looked at, and no file in it: behind us nobody will."""
    own = unread.media_type.startswith("text/") and unread.reason not in ("broken-charset", "embedded")
    return own or unread.reason == "not-searched"


class _AtOnce:
    """A policy behind which nothing can be removed later: what it defers goes now."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    @property
    def digest(self) -> str:
        return self._policy.digest

    def decide_all(self, cases: Sequence[Case], now: datetime) -> list[tuple[Decision, ...]]:
        return [tuple(map(_now, decisions)) for decisions in self._policy.decide_all(cases, now)]

    def actions(self, entity_type: str) -> frozenset[Action]:
        return frozenset(
            Action.REDACT if action is Action.DEFER else action for action in self._policy.actions(entity_type)
        )


def _now(decision: Decision) -> Decision:
    return replace(decision, action=Action.REDACT, due=None) if decision.action is Action.DEFER else decision


def all_stubs(payload: bytes, terms: Terms) -> bytes:
    """The delivery with a stub in the place of every message of a customer, and nothing unknown around them."""
    try:
        return _all_stubs(payload.decode(), terms)
    except ValueError:  # a member that stands twice has one place in the stub around it
        return _all_stubs(json.dumps(json.loads(payload)), terms)


def _all_stubs(text: str, terms: Terms) -> bytes:
    found = units(text, terms.preset)
    written = [
        text[unit.start : unit.end] if unit.desk and not unit.quotes else stub(unit.value, unit.shape, terms.lang)
        for unit in found
    ]
    around = stub(json.loads(without(text, found)), terms.preset.envelope, terms.lang)
    return filled(around, terms.preset, written).encode()
