"""From the ledger's entries to the figures of the report. Pure: no clock, no database, no language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from scrubber.finding import Outcome
from scrubber.ledger.entry import CopyLeft, LedgerEntry
from scrubber.report.acts import acts, kind
from scrubber.report.entries import (
    MISSED,
    PURGE,
    READ_ONLY,
    SIGNAL,
    Dated,
    MessageKey,
    Selection,
    carried_out,
    observing,
    select,
)
from scrubber.report.interface import (
    ChainState,
    CopyPlace,
    Count,
    Due,
    Figures,
    InForce,
    KeyLife,
    Lost,
    Messages,
    Pending,
    People,
    Period,
    Plans,
    Review,
    SourceUse,
    UnreadReason,
    Waiting,
)
from scrubber.report.reconcile import reconcile
from scrubber.report.tally import counts, days_of, observed, removals, stayed, taken


def figures(
    entries: Iterable[LedgerEntry],
    waiting: Sequence[Waiting],
    reviews: Sequence[Review],
    chain: ChainState,
    *,
    since: datetime | None,
    until: datetime,
    generated_at: datetime,
    plans: Plans | None = None,
    unable: Iterable[str] = (),
) -> Figures:
    """The report over `since` <= recorded_at <= `until` (None: from the first entry on).

    `entries` come in the order of the chain: of one message the last entry counts. Days are those of `until`'s time
    zone, and so is every moment of the report. `waiting` and `reviews` are what is open at `generated_at`; `plans`, all
    that was ever planned, is held against the ledger. `unable`: sources of which is known now that nothing can be
    removed there, though the settings want it. ValueError: a moment without a zone, or `since` after `until`.
    """
    if any(at is not None and at.tzinfo is None for at in (since, until, generated_at)):
        raise ValueError("the moments of a report need a time zone")
    if since is not None and since > until:
        raise ValueError("the period ends before it begins")
    zone = until.tzinfo
    selection = select(entries, since, until)
    since, generated_at = since and since.astimezone(zone), generated_at.astimezone(zone)
    first = since or min((d.at for d in selection.period), default=until)
    signed_at = chain.signed_at and _local(chain.signed_at, zone)
    waits = [(w.entity_type, w.rule, _local(w.due, zone), _local(w.latest, zone)) for w in waiting]
    asks = [(r.entity_type, r.rule, _local(r.due, zone), _local(r.due, zone)) for r in reviews]
    days = days_of(first.date(), until.date())
    return Figures(
        period=Period(since, until, generated_at, first.date(), until.date(), len(selection.period), selection.undated),
        messages=_messages(selection),
        unread=_unread(selection.latest),
        removed=removals(taken(selection), days),
        observed=observed(selection.latest),
        stayed=stayed(selection.latest),
        waiting=_pending(waits, generated_at),
        reviews=_pending(asks, generated_at),
        second_pass=counts(dated.entry.outcome for dated in selection.of("deferred")),
        people=_people(selection),
        acts=acts(selection),
        copies=_copies(selection),
        chain=replace(chain, signed_at=signed_at),
        sources=_sources(selection.latest),
        policies=_in_force(selection, lambda entry: entry.policy_digest),
        detectors=_in_force(selection, lambda entry: entry.detector_digest),
        keys=_keys(selection.whole),
        lost=reconcile(selection.whole, plans) if plans else Lost(),
        unable=_unable_sources(selection, unable),
    )


def _local(at: datetime, zone: tzinfo | None) -> datetime:
    try:
        return at.astimezone(zone)
    except OverflowError:  # the last day of the year 9999, which only a tamperer writes
        return at


def _messages(selection: Selection) -> Messages:
    latest = selection.latest
    held = [d for d in latest if d.entry.outcome == Outcome.HELD and d.entry.reason != MISSED]
    failed = [d for d in latest if d.entry.outcome == Outcome.FAILED]
    unread = [d for d in latest if d.entry.unread]
    not_in_full = {d.message for part in (held, failed, unread) for d in part}
    last = _last_act(selection)
    later = frozenset(d.message for d in selection.of("deferred", "reviewed") if any(carried_out(d.entry)))
    before = frozenset(d.message for d in selection.of("message") if any(carried_out(d.entry)))
    number = Counter(_standing(d, last, later, before) for d in latest)
    return Messages(
        total=len(latest),
        outcomes=tuple(Count(key, number[key]) for key in [*STANDINGS, *sorted(set(number) - set(STANDINGS))]),
        removed_in=len({d.message for d in selection.period if any(carried_out(d.entry))}),
        would_remove_in=sum(
            observing(d.entry) and any(r.action in {"redact", "defer"} for r in d.entry.removals) for d in latest
        ),
        in_full=len(latest) - len(not_in_full),
        not_in_full=len(not_in_full),
        with_unread_parts=len(unread),
        held=len(held),
        held_open=sum(d.message not in last for d in held),
        held_by_reason=counts(d.entry.reason for d in held),
        failed=len(failed),
        failed_by_reason=counts(d.entry.reason for d in failed),
        signature_broken=sum(any(carried_out(d.entry)) and "signature" in d.entry.notes for d in latest),
        failed_open=sum(d.message not in last for d in failed),
        released=number["RELEASED"],
        restored=number["RESTORED"],
        missed=number["MISSED"],
        unable=number["UNABLE"],
    )


STANDINGS = ("CLEAN", "REDACTED", "LATER", "RELEASED", "RESTORED", "OBSERVED", "UNABLE", "HELD", "MISSED", "FAILED")
"""How a message stands: its outcome, or what came of it: a removal that was put off, a person's last word."""


def _standing(
    dated: Dated,
    last: Mapping[MessageKey, str],
    later: Collection[MessageKey] = (),
    before: Collection[MessageKey] = (),
) -> str:
    """`last`: how persons let messages be; `later`: messages that something was removed from after they were read.

    `before`: those that something was removed from when they were read: they stay redacted when they are read again.
    """
    entry = dated.entry
    if dated.message in last:
        return last[dated.message]
    if entry.outcome == Outcome.HELD and entry.reason == MISSED:
        return "MISSED"
    if entry.outcome == Outcome.CLEAN and dated.message in before:
        return Outcome.REDACTED.value
    if entry.outcome == Outcome.CLEAN and dated.message in later:
        return "LATER"
    return "UNABLE" if _unable(entry) else entry.outcome


def _unable(entry: LedgerEntry) -> bool:
    return entry.outcome == Outcome.OBSERVED and entry.reason == READ_ONLY


def _unable_sources(selection: Selection, known: Iterable[str]) -> tuple[Count, ...]:
    last = _last_act(selection)
    number = Counter(d.entry.source for d in selection.latest if _standing(d, last) == "UNABLE")
    return tuple(Count(name, number[name]) for name in sorted({*known, *number}))


def _last_act(selection: Selection) -> dict[MessageKey, str]:
    """Messages of which the last thing that happened, reading or a person's act, was that a person let them be."""
    last = {d.message: d.entry.kind for d in selection.whole if d.entry.kind in {"message", "released", "restored"}}
    return {message: kind.upper() for message, kind in last.items() if kind != "message"}


def _unread(latest: Iterable[Dated]) -> tuple[UnreadReason, ...]:
    parts = Counter(part.reason for d in latest for part in d.entry.unread)
    messages = Counter(reason for d in latest for reason in {part.reason for part in d.entry.unread})
    return tuple(
        UnreadReason(reason, number, messages[reason])
        for reason, number in sorted(parts.items(), key=lambda rn: (-messages[rn[0]], -rn[1], rn[0]))
    )


def _pending(rows: Sequence[tuple[str, str, datetime, datetime]], now: datetime) -> Pending:
    """Rows: entity type, rule, due, latest."""

    def due(key: str, of: Sequence[tuple[str, str, datetime, datetime]]) -> Due:
        return Due(
            key=key,
            total=len(of),
            due=sum(row[2] <= now for row in of),
            overdue=sum(row[3] < now for row in of),
            next=min((row[2] for row in of if row[2] > now), default=None),
            last=max((row[3] for row in of), default=None),
        )

    def by(column: int) -> tuple[Due, ...]:
        ranked = counts(str(row[column]) for row in rows)
        return tuple(due(count.key, [row for row in rows if row[column] == count.key]) for count in ranked)

    return Pending(due("", rows), by(0), by(1))


def _people(selection: Selection) -> People:
    said = [dated.entry.reason.partition(":") for dated in selection.of("reviewed") if kind(dated.entry)]
    heads = Counter(head for head, _, _ in said)
    return People(
        restored=sum(1 for _ in selection.of("restored")),
        released=sum(1 for _ in selection.of("released")),
        reviewed=len(said) - heads["retry"] - heads[SIGNAL],
        retried=heads["retry"],
        signals=counts(word for head, _, word in said if head == SIGNAL),
    )


def _copies(selection: Selection) -> tuple[CopyPlace, ...]:
    known: dict[tuple[MessageKey, str], CopyLeft] = {}
    for dated in selection.period:
        if dated.entry.reason != PURGE:
            known |= {(dated.message, copy.place): copy for copy in dated.entry.copies}
            continue
        cleared = {copy.place: copy for copy in dated.entry.copies if copy.state == "CLEANED"}
        for (message, place), copy in known.items():
            if message[0] == dated.entry.source and place in cleared and copy.state != "CLEANED":
                known[message, place] = cleared[place]
    number = Counter((copy.state, copy.place, copy.why) for copy in known.values())
    worst_first = {"REMAINS": 0, "UNKNOWN": 1, "CLEANED": 3}
    ranked = sorted(number.items(), key=lambda kn: (worst_first.get(kn[0][0], 2), -kn[1], kn[0]))
    return tuple(CopyPlace(place, state, why, messages) for (state, place, why), messages in ranked)


def _sources(latest: Iterable[Dated]) -> tuple[SourceUse, ...]:
    last = {d.entry.source: d.entry for d in latest}
    number = Counter(d.entry.source for d in latest)
    return tuple(SourceUse(name, last[name].channel, last[name].mode, number[name]) for name in sorted(number))


def _in_force(selection: Selection, digest: Callable[[LedgerEntry], str]) -> tuple[InForce, ...]:
    periods: dict[str, InForce] = {}
    for dated in selection.period:
        name = digest(dated.entry)
        if name:
            known = periods.get(name, InForce(name, dated.at, dated.at, 0))
            periods[name] = InForce(name, min(known.first, dated.at), max(known.last, dated.at), known.entries + 1)
    return tuple(sorted(periods.values(), key=lambda row: (row.last, row.digest), reverse=True))


def _keys(whole: Iterable[Dated]) -> tuple[KeyLife, ...]:
    keys: dict[str, KeyLife] = {}
    for dated in whole:
        name = dated.entry.key_id
        known = keys.get(name, KeyLife(name, None, None))
        if dated.entry.kind == "key_created":
            keys[name] = KeyLife(name, dated.at, known.destroyed)
        elif dated.entry.kind == "key_destroyed":
            keys[name] = KeyLife(name, known.created, dated.at)
        elif name:
            keys.setdefault(name, known)
    return tuple(keys.values())
