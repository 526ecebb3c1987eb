"""What the journal tells, and the names it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scrubber.finding import Outcome
from scrubber.message import SourceRef

# A source tells the journal its steps by name; the journal keeps the last.
PREPARED = "PREPARED"

RESTORED = "restored"
"""The reason of a message that a person put back: it stays as it is."""

READ_ONLY = "read-only source"
"""The reason of a message that can't be changed where it stands."""

LOCKED = "locked"
"""The reason of a message that can't be changed where it stands, at a source that can change others."""

TOO_BIG = "budget: bytes"
"""The reason of a message that is too big to be read."""

RELEASED = "released"
"""The reason of a message that a person vouches for: it stays as it is."""

GONE = "gone"
"""The reason of a message that is nowhere any more."""

RETRY = "retry"
"""The reason of a message that a person asked to be handled again."""

MISSED = "missed"
"""The reason of a message of which a person said that something was missed in it."""

NOT_FOUND = "not-found"
"""The reason of an entry: what a person decided to remove was not found again."""

WRONG = "wrong"
"""The reason of a message of which a person said that something was wrongly removed: it stays as it is."""


MARKED = "marked-deleted"
"""Why a removal that is due can't be carried out: someone marked the message as deleted, and it still stands there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A message the journal knows. `replaced`: it was rewritten, and its reference should no longer exist."""

    outcome: str
    reason: str
    mode: str
    attempts: int
    origin: str
    replaced: bool
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A replacement under way. `draft` is everything its ledger entry and due rows need after a crash."""

    job: str
    kind: str
    ref: SourceRef
    original_digest: str
    result_digest: str
    plan: Mapping[str, str]
    step: str
    draft: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A removal to be carried out later. `latest` is the last day whatever happens in the thread."""

    entity_type: str
    rule: str
    fingerprint: str
    due: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Rewritten:
    """When we rewrote a message, and where the new one was put (None: a person deleted it meanwhile)."""

    at: datetime
    new: SourceRef | None


@dataclass(frozen=True, slots=True)
class Due:
    """The waiting removals of one message that are due together."""

    ref: SourceRef
    latest: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not work at a source as a whole. `why` holds no personal data."""

    source: str
    what: str
    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Totals:
    """For `scrubber status` and the summary of a run."""

    settled: Mapping[str, int]
    in_flight: int
    waiting: int
    next_due: datetime | None
    overdue: int
    reviews: int
    stuck: int = 0
    """Removals that were due and could not be carried out: a person must look."""
    reviews_overdue: int = 0
    marked: int = 0
    """Messages that someone marked as deleted and that stand there yet: left alone."""


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message with removals that wait (or, `stuck`, could not be carried out), for `scrubber status`.

    `known_as`: the keyed reference under which the record knows it; "": that of `ref` itself. `why` it is stuck, where
    the journal knows: MARKED.
    """

    ref: SourceRef
    entity_types: tuple[str, ...]
    due: datetime
    latest: datetime
    known_as: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A message that is held or failing, for `scrubber status`."""

    ref: SourceRef
    outcome: str
    reason: str
    since: datetime
    attempts: int
    mode: str
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class ReviewMessage:
    """A message with findings that a person has to decide on before `due`. `since`: the first was put to them then.

    `removing`: they decided that all of it goes, and the worker has still to do it.
    """

    ref: SourceRef
    entity_types: tuple[str, ...]
    since: datetime
    due: datetime
    removing: bool
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class Flight:
    """A replacement that was begun and not ended."""

    ref: SourceRef
    step: str
    since: datetime
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """All that is not over, a message a row. `due` includes what is overdue."""

    due: tuple[DueMessage, ...]
    stuck: tuple[DueMessage, ...]
    unsettled: tuple[Unsettled, ...]
    flights: tuple[Flight, ...]
    troubles: tuple[Trouble, ...]
    reviews: tuple[ReviewMessage, ...] = ()


def final(standing: Standing, mode: str, attempts: int, *, replaces: bool = False) -> bool:
    """Whether a known message needs nothing more. `replaces`: its source can be written now.

    FAILED is tried again, OBSERVED once its source may redact and can, anything when a person asks for it.
    """
    if standing.reason == RETRY:
        return False
    if standing.reason in (RELEASED, WRONG, LOCKED):
        return True
    if standing.outcome == Outcome.FAILED:
        return standing.attempts >= attempts
    observed = standing.outcome == Outcome.OBSERVED and mode == "redact"
    return not (observed and (replaces or standing.reason != READ_ONLY))
