"""What only stands in the journal because an entry was written with it: it outlives a ledger that was emptied."""

from __future__ import annotations

from sqlalchemy import Connection, select

from scrubber.schema import deferrals, jobs, messages, reviews

JOURNALLED = "main"
"""The chain in which what the journal does is recorded."""


def recorded(tx: Connection) -> bool:
    """Whether the journal holds a row that was committed together with an entry.

    A message that failed may still be tried again, and a write-back that was not finished has no entry: these prove
    nothing.
    """
    proofs = (
        select(messages.c.source).where(messages.c.outcome != "FAILED"),
        select(jobs.c.job).where(jobs.c.end == "DONE"),
        select(deferrals.c.id),
        select(reviews.c.id),
    )
    return any(tx.execute(proof.limit(1)).first() is not None for proof in proofs)
