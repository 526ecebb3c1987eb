"""Replacements under way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from scrubber import schema as tables
from scrubber.errors import StoreError
from scrubber.journal.model import PREPARED, Job
from scrubber.journal.rows import columns
from scrubber.message import SourceRef
from scrubber.store import Store, utc_text


class Jobs:
    _store: Store

    def prepare(self, job: Job, now: datetime) -> None:
        """Write a replacement down before anything of it is done. StoreError: then nothing may be done."""
        with self._store.begin() as tx:
            tx.execute(
                tables.jobs.insert().values(
                    job=job.job,
                    kind=job.kind,
                    **columns(job.ref),
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

    def in_flight(self) -> Mapping[str, int]:
        """How many jobs each source has that are not finished; without the sources that have none."""
        j = tables.jobs
        query = select(j.c.source, func.count()).where(j.c.finished_at.is_(None)).group_by(j.c.source)
        with self._store.read() as tx:
            return {str(source): int(number) for source, number in tx.execute(query.order_by(j.c.source))}

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
            "plan": "{}",  # keywords stand in it, and people name them after people
        }
        if new is not None:
            values |= {"new_container": new.container, "new_item": new.item, "new_version": new.version}
        tx.execute(j.update().where(j.c.job == job).values(**values))
