"""Is everything that by the ledger is still to come in the journal, and no later? The ledger is signed, the journal is
not: a row that is deleted, closed or moved there leaves a value standing that the record says will go.

An entry and its rows are written together, and so are the entry that ends them and their end. So each removal that an
entry puts off has its row; a row that waits does so no longer than the entry says; and a row that is closed is closed
by an entry, which has its job or its moment. Rows and entries are tied by source, type, rule and fingerprint: none of
these changes when a message is moved or a key is rotated. What can't be told apart counts in favour of the journal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from scrubber.finding import Outcome
from scrubber.ledger.entry import LedgerEntry, Removal
from scrubber.report.entries import Dated, MessageKey, ends_review, lets_be, moment
from scrubber.report.interface import Lost, Planned, Plans

_LEFT = "left-to-desk"
"""The note of a message that passed a relay: what is put off in it waits behind the desk, not here."""

_NEVER = datetime.max.replace(tzinfo=UTC)

What = tuple[str, str, str, str]
"""Source, entity type, rule, fingerprint."""


@dataclass(frozen=True, slots=True)
class _Side:
    """How one of the two kinds of plans stands in ledger and journal: the action of a finding, and the states in
    which it is still to come."""

    action: str
    open: frozenset[str]


_WAITING = _Side("defer", frozenset({"waiting"}))
_REVIEWS = _Side("review", frozenset({"open", "removing"}))


def _closes(entry: LedgerEntry, side: _Side) -> bool:
    if lets_be(entry):
        return True
    return ends_review(entry) if side is _REVIEWS else entry.kind == "deferred"


@dataclass(frozen=True, slots=True)
class _Wanted:
    due: datetime
    closed: bool


def reconcile(whole: Sequence[Dated], plans: Plans) -> Lost:
    """`whole`: every entry, in the order of the chain, at least those that stood there when `plans` was read."""
    waiting = _compare(whole, plans.deferrals, _WAITING, plans.entries)
    reviews = _compare(whole, plans.reviews, _REVIEWS, plans.entries)
    return Lost(*waiting, *reviews)


def _compare(whole: Sequence[Dated], rows: Iterable[Planned], side: _Side, length: int) -> tuple[int, int]:
    """(missing, late)"""
    planned: dict[What, list[Planned]] = defaultdict(list)
    for row in rows:
        planned[row.source, row.entity_type, row.rule, row.fingerprint].append(row)
    closing = [dated.entry for dated in whole if _closes(dated.entry, side)]
    jobs = {entry.job for entry in closing if entry.job}
    moments = {(entry.source, entry.recorded_at) for entry in closing}
    missing = late = 0
    for what, wanted in _wanted(whole, side, length).items():
        there = planned[what]
        ends = [max(row.due, row.latest) for row in there if row.state in side.open and row.due and row.latest]
        proven = [
            row
            for row in there
            if row.state not in side.open and (row.job in jobs or (row.source, row.finished_at) in moments)
        ]
        lacking, remaining = _unmatched(wanted, ends, len(proven))
        late += min(lacking, remaining)
        missing += max(lacking - remaining, 0)
    return missing, late


def _unmatched(wanted: Sequence[_Wanted], ends: Iterable[datetime], proven: int) -> tuple[int, int]:
    """How many of `wanted` have no row that fits, and how many rows that wait are left over."""
    dues = sorted(one.due for one in wanted if not one.closed)
    proven = max(proven - (len(wanted) - len(dues)), 0)
    rows = sorted(ends, reverse=True)
    lacking = 0
    for due in dues:
        if rows and rows[-1] <= due:
            rows.pop()
        else:
            lacking += 1
    return max(lacking - proven, 0), len(rows)


def _wanted(whole: Sequence[Dated], side: _Side, length: int) -> dict[What, list[_Wanted]]:
    """What each message should have in the journal. `closed`: an entry says that it was ended."""
    latest: dict[MessageKey, Dated] = {}
    closed: set[MessageKey] = set()
    for dated in whole:
        if _closes(dated.entry, side):
            closed.add(dated.message)
        elif dated.entry.index < length and _plans(dated.entry, side):
            latest[dated.message] = dated
            closed.discard(dated.message)
    wanted: dict[What, list[_Wanted]] = defaultdict(list)
    for message, dated in latest.items():
        for what, due in _once(dated.entry, side):
            wanted[what].append(_Wanted(due, message in closed))
    return wanted


def _plans(entry: LedgerEntry, side: _Side) -> bool:
    """Whether rows were written with this entry. Nothing waits for a source that is only observed, nor for a message
    that was tried in vain, was deleted while it was replaced, or is only held because a person missed something."""
    if side is _WAITING and _LEFT in entry.notes:
        return False
    if entry.kind != "message" or entry.outcome == Outcome.FAILED or entry.reason in {"deleted-meanwhile", "missed"}:
        return False
    return side is _REVIEWS or entry.mode == "redact"


def _once(entry: LedgerEntry, side: _Side) -> Iterable[tuple[What, datetime]]:
    """A value that stands in several places waits once; a review is once per type and rule, whatever the value."""
    found: dict[tuple[What, str], datetime] = {}
    for removal in entry.removals:
        if removal.action == side.action:
            review = side is _REVIEWS
            what = (entry.source, removal.entity_type, removal.rule, "" if review else removal.fingerprint)
            key = (what, "" if review else removal.due)
            found[key] = max(_due(removal), found.get(key, datetime.min.replace(tzinfo=UTC)))
    return [(what, due) for (what, _), due in found.items()]


def _due(removal: Removal) -> datetime:
    return moment(removal.due, UTC) or _NEVER
