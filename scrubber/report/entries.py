"""The entries of a period, and the one entry that counts for each message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from scrubber.finding import Outcome
from scrubber.ledger.entry import LedgerEntry, Removal

MessageKey = tuple[str, str, int]

DONE = frozenset({Outcome.CLEAN, Outcome.REDACTED})
"""Outcomes whose decisions were carried out."""


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry with its moment in the report's time zone, and the message it is about."""

    at: datetime
    message: MessageKey
    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class Selection:
    """`whole`: every entry that has a moment; `period`: those of the period; `latest`: one message entry a message."""

    whole: tuple[Dated, ...]
    period: tuple[Dated, ...]
    latest: tuple[Dated, ...]
    undated: int

    def of(self, *kinds: str) -> Iterator[Dated]:
        return (dated for dated in self.period if dated.entry.kind in kinds)


def select(entries: Iterable[LedgerEntry], since: datetime | None, until: datetime) -> Selection:
    """Entries in the order of the chain -> those with `since` <= moment <= `until`, in the time zone of `until`."""
    whole: list[Dated] = []
    rewritten: dict[str, MessageKey] = {}
    undated = 0
    for position, entry in enumerate(entries):
        at = moment(entry.recorded_at, until.tzinfo)
        if at is None:
            undated += 1
            continue
        # An entry without a reference can't be tied to another one: it is a message of its own.
        key = (entry.source, entry.ref, -1 if entry.ref else position)
        if entry.kind != "message":
            # A rewritten message may stand elsewhere, under another reference: what it became is what comes in here.
            key = rewritten.get(entry.message_digest, key)
        if entry.result_digest:
            rewritten[entry.result_digest] = key
        whole.append(Dated(at, key, entry))
    period = tuple(d for d in whole if (since is None or since <= d.at) and d.at <= until)
    latest = {d.message: d for d in period if d.entry.kind == "message"}
    return Selection(tuple(whole), period, tuple(latest.values()), undated)


def moment(text: str, zone: tzinfo | None) -> datetime | None:
    """ISO 8601 -> the moment in `zone`; None where it is none. Without an offset it is UTC, as the ledger writes it."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)
    except (ValueError, OverflowError):
        return None


def observing(entry: LedgerEntry) -> bool:
    """Whether this entry changed nothing because its source is only observed."""
    return entry.outcome == Outcome.OBSERVED or (entry.mode == "observe" and entry.outcome in DONE)


READ_ONLY = "read-only source"
"""The reason of an observed message that should have lost something, at a source that can't be changed."""

MISSED = "missed"
"""The reason of a message that is held because a person said that something was missed in it."""

SIGNAL = "signal"
"""Begins the reason of an entry in which a person said something of a message: "signal:needed"."""

PURGE = "purge-command"
"""The reason of an entry about a command that cleared what a server kept."""

REVIEW = "review"
"""Begins the reason of an entry in which a person decided about what was put to them: "review:keep"."""

_NO_REVIEW = frozenset({SIGNAL, "retry", PURGE, "not-found"})


def ends_review(entry: LedgerEntry) -> bool:
    """Whether what was left to a person is over: they keep it, or it was removed since, as they decided."""
    if entry.kind != "reviewed" or entry.reason == f"{REVIEW}:remove":
        return False
    return entry.reason.partition(":")[0] not in _NO_REVIEW and entry.outcome not in _IN_VAIN


_IN_VAIN = frozenset({Outcome.OBSERVED, Outcome.HELD, Outcome.FAILED})


def lets_be(entry: LedgerEntry) -> bool:
    """Whether a person said that the message stays as it is: nothing waits for it any more."""
    return entry.kind == "released" or entry.reason == f"{SIGNAL}:wrong"


def carried_out(entry: LedgerEntry) -> Iterator[Removal]:
    """The values that were really removed when this entry was written: at once, put off until now, or after review.

    In all three a removal that was carried out has the action "redact"; what still waits keeps "defer" or "review".
    """
    if (
        entry.outcome == Outcome.REDACTED
        and entry.mode != "observe"
        and entry.kind in {"message", "deferred", "reviewed"}
    ):
        yield from (removal for removal in entry.removals if removal.action == "redact")
