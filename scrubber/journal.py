"""What is in hand, what is settled, what is due: the worker's memory, in the same database as the ledger.

States of a message here:

    not listed ──settle()──▶ settled (CLEAN, OBSERVED, HELD, FAILED)
        │                       ▲
        └─prepare()─▶ job: PREPARED ─step()─▶ … ─finish()─▶ settled (REDACTED), and the new message is known as ours
                        └──────────────────────abort()──▶ not listed: handled again

A deferred removal: waiting ─▶ done | gone (the value or the message is no longer there) | held.
No row holds text of a message: references, keyed digests, types, rules, dates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from scrubber import schema as tables
from scrubber.errors import StoreError
from scrubber.finding import Outcome
from scrubber.message import SourceRef
from scrubber.store import Store, from_text, utc_text

# A source tells the journal its steps by name; the journal keeps the last.
PREPARED = "PREPARED"

RESTORED = "restored"
"""The reason of a message that a person put back: it stays as it is."""

READ_ONLY = "read-only source"
"""The reason of a message that can't be changed where it stands."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A message the journal knows. `replaced`: it was rewritten, and its reference should no longer exist."""

    outcome: str
    reason: str
    mode: str
    attempts: int
    origin: str
    replaced: bool


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


def _key(table: Table, ref: SourceRef) -> ColumnElement[bool]:
    columns = table.c
    return and_(
        columns.source == ref.source,
        columns.container == ref.container,
        columns.item == ref.item,
        columns.version == ref.version,
    )


def _ref(ref: SourceRef) -> dict[str, str]:
    return {"source": ref.source, "container": ref.container, "item": ref.item, "version": ref.version}


class Journal:
    """All writes that belong together take the caller's transaction, so that they commit with the ledger entry."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # sources

    def since(self, source: str, configured: datetime | None, mode: str, now: datetime) -> datetime:
        """Where a source starts: as configured, else the first time it was seen, which is remembered."""
        with self._store.begin() as tx:
            row = tx.execute(select(tables.sources.c.since).where(tables.sources.c.source == source)).first()
            if row is None:
                started = configured or now
                tx.execute(
                    tables.sources.insert().values(
                        source=source, since=utc_text(started), mode=mode, started_at=utc_text(now)
                    )
                )
                return started
            tx.execute(tables.sources.update().where(tables.sources.c.source == source).values(mode=mode))
            return configured or from_text(row.since)

    # messages

    def standings(self, source: str) -> dict[SourceRef, Standing]:
        """Everything known of a source. Memory: some hundred bytes a message."""
        m, j = tables.messages, tables.jobs
        replaced = (
            select(j.c.source, j.c.container, j.c.item, j.c.version)
            .where(j.c.source == source, j.c.end == "DONE")
            .distinct()
        )
        with self._store.read() as tx:
            gone = {SourceRef(*row) for row in tx.execute(replaced)}
            rows = tx.execute(
                select(
                    m.c.container, m.c.item, m.c.version, m.c.outcome, m.c.reason, m.c.mode, m.c.attempts, m.c.origin
                ).where(m.c.source == source)
            )
            known = {}
            for row in rows:
                ref = SourceRef(source, row.container, row.item, row.version)
                known[ref] = Standing(row.outcome, row.reason, row.mode, row.attempts, row.origin, ref in gone)
            return known

    def attempts(self, ref: SourceRef) -> int:
        """How often a message was tried."""
        m = tables.messages
        with self._store.read() as tx:
            return int(tx.execute(select(m.c.attempts).where(_key(m, ref))).scalar() or 0)

    def rewritten(self, source: str, digests: Sequence[str]) -> list[Rewritten]:
        """The times we rewrote a message with one of these digests at this source, and where each new one was put."""
        j = tables.jobs
        query = select(j.c.finished_at, j.c.new_container, j.c.new_item, j.c.new_version).where(
            j.c.source == source, j.c.original_digest.in_(list(digests)), j.c.end == "DONE"
        )
        with self._store.read() as tx:
            return [
                Rewritten(from_text(row[0]), SourceRef(source, row[1], row[2], row[3]) if row[2] is not None else None)
                for row in tx.execute(query)
            ]

    def originals(self, ref: SourceRef) -> frozenset[str]:
        """The digests of what stood at a reference when we rewrote it."""
        j = tables.jobs
        with self._store.read() as tx:
            return frozenset(tx.execute(select(j.c.original_digest).where(_key(j, ref), j.c.end == "DONE")).scalars())

    def restored(self, source: str, digests: Sequence[str]) -> int:
        """How many messages with one of these digests were taken as put back by a person."""
        m = tables.messages
        with self._store.read() as tx:
            query = select(func.count()).where(
                m.c.source == source, m.c.digest.in_(list(digests)), m.c.reason == RESTORED
            )
            return int(tx.execute(query).scalar_one())

    def standing(self, ref: SourceRef) -> tuple[str, int]:
        """(digest, size) of a message when it was settled; ("", 0): not known."""
        m = tables.messages
        with self._store.read() as tx:
            row = tx.execute(select(m.c.digest, m.c.size).where(_key(m, ref))).first()
        return (row[0], row[1]) if row else ("", 0)

    def settle(
        self,
        tx: Connection,
        ref: SourceRef,
        *,
        outcome: str,
        reason: str,
        mode: str,
        digest: str,
        received: datetime,
        now: datetime,
        origin: str = "",
        result_digest: str = "",
        size: int = 0,
    ) -> None:
        """Remember a message as handled; a second time counts an attempt. `origin` never changes."""
        m = tables.messages
        row = tx.execute(select(m.c.attempts).where(_key(m, ref))).first()
        values = {
            "outcome": outcome,
            "reason": reason,
            "mode": mode,
            "digest": digest,
            "result_digest": result_digest,
            "received": utc_text(received),
            "settled_at": utc_text(now),
            "size": size,
        }
        if row is None:
            tx.execute(m.insert().values(**_ref(ref), **values, origin=origin, attempts=1))
        else:
            tx.execute(m.update().where(_key(m, ref)).values(**values, attempts=row.attempts + 1))

    # jobs

    def prepare(self, job: Job, now: datetime) -> None:
        """Write a replacement down before anything of it is done. StoreError: then nothing may be done."""
        with self._store.begin() as tx:
            tx.execute(
                tables.jobs.insert().values(
                    job=job.job,
                    kind=job.kind,
                    **_ref(job.ref),
                    original_digest=job.original_digest,
                    result_digest=job.result_digest,
                    plan=json.dumps(dict(job.plan)),
                    draft=job.draft,
                    step=PREPARED,
                    created_at=utc_text(now),
                    updated_at=utc_text(now),
                )
            )

    def step(self, job: str, step: str, now: datetime) -> None:
        j = tables.jobs
        with self._store.begin() as tx:
            done = tx.execute(j.update().where(j.c.job == job).values(step=step, updated_at=utc_text(now)))
            if done.rowcount != 1:
                raise StoreError("the journal lost a job that is under way")

    def open_jobs(self, source: str) -> list[Job]:
        """Jobs that a crash left, oldest first."""
        j = tables.jobs
        with self._store.read() as tx:
            rows = tx.execute(
                select(j).where(j.c.source == source, j.c.finished_at.is_(None)).order_by(j.c.created_at, j.c.job)
            ).all()
        return [
            Job(
                row.job,
                row.kind,
                SourceRef(row.source, row.container, row.item, row.version),
                row.original_digest,
                row.result_digest,
                json.loads(row.plan),
                row.step,
                bytes(row.draft),
            )
            for row in rows
        ]

    def finish(self, tx: Connection, job: str, new: SourceRef | None, now: datetime) -> None:
        """The replacement is done, in the transaction of its ledger entry. The draft is not needed any more."""
        self._end(tx, job, "DONE", new, now)

    def abort(self, tx: Connection, job: str, now: datetime) -> None:
        """Nothing was replaced; the message is handled again when it is still there."""
        self._end(tx, job, "ABORTED", None, now)

    def _end(self, tx: Connection, job: str, end: str, new: SourceRef | None, now: datetime) -> None:
        j = tables.jobs
        values: dict[str, object] = {
            "finished_at": utc_text(now),
            "updated_at": utc_text(now),
            "end": end,
            "draft": b"",
        }
        if new is not None:
            values |= {"new_container": new.container, "new_item": new.item, "new_version": new.version}
        tx.execute(j.update().where(j.c.job == job).values(**values))

    # what waits

    def defer(self, tx: Connection, ref: SourceRef, waiting: Sequence[Waiting], now: datetime) -> None:
        for row in waiting:
            tx.execute(
                tables.deferrals.insert().values(
                    **_ref(ref),
                    entity_type=row.entity_type,
                    rule=row.rule,
                    fingerprint=row.fingerprint,
                    decided_at=utc_text(now),
                    due=utc_text(row.due),
                    latest=utc_text(row.latest),
                    state="waiting",
                    job="",
                )
            )

    def review(
        self, tx: Connection, ref: SourceRef, reviews: Sequence[tuple[str, str, datetime]], now: datetime
    ) -> None:
        """Something a person must look at: (entity type, rule, due). What is open already is not opened twice."""
        r = tables.reviews
        query = select(r.c.entity_type, r.c.rule).where(_key(r, ref), r.c.state == "open")
        known = {(row[0], row[1]) for row in tx.execute(query)}
        for entity_type, rule, due in reviews:
            if (entity_type, rule) in known:
                continue
            tx.execute(
                tables.reviews.insert().values(
                    **_ref(ref),
                    entity_type=entity_type,
                    rule=rule,
                    decided_at=utc_text(now),
                    due=utc_text(due),
                    state="open",
                )
            )

    def due(self, source: str, now: datetime) -> list[Due]:
        """Messages of a source with a waiting removal whose date has come, the oldest date first."""
        d = tables.deferrals
        with self._store.read() as tx:
            rows = tx.execute(
                select(d.c.container, d.c.item, d.c.version, func.min(d.c.latest))
                .where(d.c.source == source, d.c.state == "waiting", d.c.due <= utc_text(now))
                .group_by(d.c.container, d.c.item, d.c.version)
                .order_by(func.min(d.c.due), d.c.item)
            ).all()
        return [Due(SourceRef(source, row[0], row[1], row[2]), from_text(row[3])) for row in rows]

    def postpone(self, ref: SourceRef, due: datetime) -> None:
        """The thread was written in again; never later than each row's `latest`."""
        d = tables.deferrals
        text = utc_text(due)
        with self._store.begin() as tx:
            rows = tx.execute(select(d.c.id, d.c.latest).where(_key(d, ref), d.c.state == "waiting")).all()
            for row in rows:
                tx.execute(d.update().where(d.c.id == row.id).values(due=min(text, row.latest)))

    def carried_out(self, tx: Connection, ref: SourceRef, state: str, job: str, now: datetime) -> None:
        """Close the waiting removals of a message: done | gone | held."""
        d = tables.deferrals
        tx.execute(
            d.update()
            .where(_key(d, ref), d.c.state == "waiting")
            .values(state=state, job=job, finished_at=utc_text(now))
        )

    def move(self, tx: Connection, old: SourceRef, new: SourceRef) -> None:
        """What waits or is under review for `old` now stands at `new`."""
        for table, state in ((tables.deferrals, "waiting"), (tables.reviews, "open")):
            tx.execute(
                table.update()
                .where(_key(table, old), table.c.state == state)
                .values(container=new.container, item=new.item, version=new.version)
            )

    def totals(self, now: datetime) -> Totals:
        m, j, d, r = tables.messages, tables.jobs, tables.deferrals, tables.reviews
        with self._store.read() as tx:
            settled = {
                str(row[0]): int(row[1])
                for row in tx.execute(select(m.c.outcome, func.count()).where(m.c.origin == "").group_by(m.c.outcome))
            }
            flight = tx.execute(select(func.count()).select_from(j).where(j.c.finished_at.is_(None))).scalar_one()
            waits = tx.execute(
                select(func.count(), func.min(d.c.due)).select_from(d).where(d.c.state == "waiting")
            ).one()
            overdue = tx.execute(
                select(func.count()).select_from(d).where(d.c.state == "waiting", d.c.due <= utc_text(now))
            ).scalar_one()
            stuck = tx.execute(select(func.count()).select_from(d).where(d.c.state == "held")).scalar_one()
            reviews = tx.execute(select(func.count()).select_from(r).where(r.c.state == "open")).scalar_one()
        return Totals(settled, flight, waits[0], from_text(waits[1]) if waits[1] else None, overdue, reviews, stuck)


def final(standing: Standing, mode: str, attempts: int) -> bool:
    """Whether a known message needs nothing more: FAILED is tried again, OBSERVED once its source may redact."""
    if standing.outcome == Outcome.FAILED:
        return standing.attempts >= attempts
    return not (standing.outcome == Outcome.OBSERVED and mode == "redact" and standing.reason != READ_ONLY)
