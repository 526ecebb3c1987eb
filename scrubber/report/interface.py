"""What the report is made of: what goes in beside the ledger's entries, and the figures that come out.

Every moment is a timezone-aware datetime. `key` is what is counted (an entity type, a rule, a source name); it is text
from settings or from outside and may be hostile: writers escape it. "" means that the entry did not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A removal that is put off. `due`: as it looks now; `latest`: it is removed then whatever happens."""

    source: str
    entity_type: str
    rule: str
    due: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """A finding that a person has to decide on before `due`."""

    source: str
    entity_type: str
    rule: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of the journal about what is to come, whatever became of it since.

    `due` and `latest` (of a review the same) are None where the row holds no moment. `state`: "waiting", "open" or
    "removing" while it is to come. `finished_at` as it stands in the row, "" for none; `job`: the write-back that
    carried it out, or "".
    """

    source: str
    entity_type: str
    rule: str
    fingerprint: str
    due: datetime | None
    latest: datetime | None
    state: str
    finished_at: str = ""
    job: str = ""


@dataclass(frozen=True, slots=True)
class Plans:
    """Everything that was ever planned. `entries`: how long the ledger was in the very snapshot it was read from."""

    entries: int
    deferrals: tuple[Planned, ...]
    reviews: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class ChainState:
    """What verifying the whole ledger gave. `first_bad`: index of the first entry that is wrong, None when all is well.

    `why` is a short code or sentence. `signed_at` is the moment of the last signed entry, None when there is none.
    `read`: how many of the `entries` could be read for this report, None when nobody counted. `published`: where the
    head outside the database stands (none | absent | behind | equal), "" when that is not known.
    """

    ok: bool
    entries: int
    first_bad: int | None = None
    why: str = ""
    head_digest: str = ""
    signed_at: datetime | None = None
    read: int | None = None
    published: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    key: str
    count: int


@dataclass(frozen=True, slots=True)
class Period:
    """`since` is None for "from the first entry". Days are those of `until`'s time zone, both ends included.

    `entries`: entries of the ledger in the period; `undated`: entries whose moment can't be read, in no figure.
    """

    since: datetime | None
    until: datetime
    generated_at: datetime
    first_day: date
    last_day: date
    entries: int
    undated: int


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages read in the period, each counted once, with the outcome of its latest entry.

    `removed_in`: with at least one removal in the period, at once, later or after review. `would_remove_in`: in
    observe mode, with something that would have been removed. `not_in_full` is the union of the messages with
    unread parts, the held and the failed ones; `in_full` are the others. `held_open`, `failed_open`: of which no person
    released or restored since. `signature_broken`: signed by the sender, and the removal made that signature invalid.

    What a person did last goes before the outcome: `released` (they vouch for it), `restored` (they put the old text
    back), `missed` (they said that something was missed: it was read, and is held until a person looked). `unable`:
    something should have gone, and its source can't be changed.
    """

    total: int
    outcomes: tuple[Count, ...]
    removed_in: int
    would_remove_in: int
    in_full: int
    not_in_full: int
    with_unread_parts: int
    held: int
    held_open: int
    held_by_reason: tuple[Count, ...]
    failed: int
    failed_by_reason: tuple[Count, ...]
    signature_broken: int
    failed_open: int = 0
    released: int = 0
    restored: int = 0
    missed: int = 0
    unable: int = 0


@dataclass(frozen=True, slots=True)
class UnreadReason:
    """Parts not read for this reason, and in how many messages."""

    reason: str
    parts: int
    messages: int


@dataclass(frozen=True, slots=True)
class Removed:
    """Values removed. total = now (when the message came) + later (deferred) + after_review (a person decided)."""

    key: str
    total: int
    now: int
    later: int
    after_review: int


@dataclass(frozen=True, slots=True)
class Removals:
    """Everything removed in the period, in five tables that each add up to `total`. `key` of a day: ISO 8601."""

    total: Removed
    by_type: tuple[Removed, ...]
    by_rule: tuple[Removed, ...]
    by_channel: tuple[Removed, ...]
    by_source: tuple[Removed, ...]
    by_day: tuple[Removed, ...]


@dataclass(frozen=True, slots=True)
class Would:
    """Observe mode changed nothing. total = now (would have been removed) + later (would have been put off)."""

    key: str
    total: int
    now: int
    later: int


@dataclass(frozen=True, slots=True)
class Observed:
    total: Would
    by_type: tuple[Would, ...]
    by_rule: tuple[Would, ...]


@dataclass(frozen=True, slots=True)
class Stays:
    """Findings that stayed. `kept`: for good; `so_far`: put off when the message was read (some are removed by now)."""

    key: str
    kept: int
    so_far: int


@dataclass(frozen=True, slots=True)
class StaysByRule:
    """`ground`: asked | on_file | needed | organisation | contact | judged (a person kept it) | other."""

    ground: str
    rule: str
    kept: int
    so_far: int


@dataclass(frozen=True, slots=True)
class Stayed:
    """What was found and not removed when the message was read, by the latest entry of each message.

    `to_review`: left to a person. `not_done`: decided but not carried out, for the message was held or failed.
    """

    kept: int
    so_far: int
    to_review: int
    not_done: int
    by_ground: tuple[Stays, ...]
    by_type: tuple[Stays, ...]
    by_rule: tuple[StaysByRule, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What is to come. `due`: its moment has come; `overdue`: its latest moment is past; `next`: the first to come."""

    key: str
    total: int
    due: int
    overdue: int
    next: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Pending:
    """As of `generated_at`, whatever the period."""

    total: Due
    by_type: tuple[Due, ...]
    by_rule: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class CopyPlace:
    """Messages of which the old text is in this state at this place; of each message the latest word counts."""

    place: str
    state: str
    why: str
    messages: int


@dataclass(frozen=True, slots=True)
class People:
    """What persons did: messages restored to their old text, messages released from HELD, findings reviewed.

    `retried`: messages they asked to be handled again. `signals`: what they said of messages, by word.
    """

    restored: int
    released: int
    reviewed: int
    retried: int = 0
    signals: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """What one person did once. `entry`: index in the ledger. `ref`: how `scrubber status` shows the message.

    `act`: released | restored | retry | keep | remove (both of a review) | reviewed | needed | done | wrong | missed.
    `who` as the record names them, "" where the source didn't say; `why` in their own words, "" for none.
    """

    entry: int
    at: datetime
    act: str
    who: str
    why: str
    source: str
    ref: str


@dataclass(frozen=True, slots=True)
class SourceUse:
    """One source in the period. `mode` is that of its latest message entry."""

    name: str
    channel: str
    mode: str
    messages: int


@dataclass(frozen=True, slots=True)
class InForce:
    """A policy or a set of recognisers, by its digest, and the first and last entry that was decided under it."""

    digest: str
    first: datetime
    last: datetime
    entries: int


@dataclass(frozen=True, slots=True)
class KeyLife:
    """A key of the keyed digests, over the whole ledger. Destroyed: its digests can no longer be tied to a value."""

    key_id: str
    created: datetime | None
    destroyed: datetime | None


@dataclass(frozen=True, slots=True)
class Lost:
    """What by the ledger is still to come, and in the journal is not, so that nobody will do it.

    `*_missing`: not in the journal, or closed there without an entry that says so. `*_late`: the journal has it for a
    later moment than the ledger allows. All are 0 unless somebody changed the database.
    """

    waiting_missing: int = 0
    waiting_late: int = 0
    reviews_missing: int = 0
    reviews_late: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The whole report. `checks.check` says which of its sums do not add up.

    `second_pass`: how the removals that were put off ended in the period, messages by outcome. `acts`: what persons
    did, the first first. `unable`: sources that the settings want things removed from, and that can't be changed, with
    the messages that should have lost something.
    """

    period: Period
    messages: Messages
    unread: tuple[UnreadReason, ...]
    removed: Removals
    observed: Observed
    stayed: Stayed
    waiting: Pending
    reviews: Pending
    second_pass: tuple[Count, ...]
    people: People
    acts: tuple[Act, ...]
    copies: tuple[CopyPlace, ...]
    chain: ChainState
    sources: tuple[SourceUse, ...]
    policies: tuple[InForce, ...]
    detectors: tuple[InForce, ...]
    keys: tuple[KeyLife, ...]
    lost: Lost = Lost()
    unable: tuple[Count, ...] = ()
