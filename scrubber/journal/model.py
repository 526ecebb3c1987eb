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

RELEASED = "released"
"""The reason of a message that a person vouches for: it stays as it is."""

GONE = "gone"
"""The reason of a message that is nowhere any more."""

RETRY = "retry"
"""The reason of a message that a person asked to be handled again."""

MISSED = "missed"
"""The reason of a message of which a person said that something was missed in it."""

WRONG = "wrong"
"""The reason of a message of which a person said that something was wrongly removed: it stays as it is."""


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


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message with removals that wait (or, `stuck`, could not be carried out), for `scrubber status`.

    `known_as`: the keyed reference under which the record knows it; "": that of `ref` itself.
    """

    ref: SourceRef
    entity_types: tuple[str, ...]
    due: datetime
    latest: datetime
    known_as: str = ""


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
