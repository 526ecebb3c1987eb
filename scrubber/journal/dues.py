"""What waits for its day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from scrubber import schema as tables
from scrubber.journal.model import MARKED, Due, Waiting
from scrubber.journal.reviews import PENDING
from scrubber.journal.rows import at, columns
from scrubber.message import SourceRef
from scrubber.store import Store, from_text, utc_text


class Dues:
    _store: Store

    def defer(self, tx: Connection, ref: SourceRef, waiting: Sequence[Waiting], now: datetime) -> None:
        """What waits from now on. What waits already, from when the message was handled before, waits once."""
        d = tables.deferrals
        query = select(d.c.entity_type, d.c.rule, d.c.fingerprint, d.c.latest)
        known = (
            {tuple(row) for row in tx.execute(query.where(at(d, ref), d.c.state == "waiting"))} if waiting else set()
        )
        for row in waiting:
            latest = utc_text(row.latest)
            if (row.entity_type, row.rule, row.fingerprint, latest) in known:
                continue
            tx.execute(
                d.insert().values(
                    **columns(ref),
                    entity_type=row.entity_type,
                    rule=row.rule,
                    fingerprint=row.fingerprint,
                    decided_at=utc_text(now),
                    due=utc_text(row.due),
                    latest=latest,
                    state="waiting",
                    job="",
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

    def waits(self, ref: SourceRef) -> dict[tuple[str, str], str]:
        """(entity type, fingerprint) of what waits at a message, and the rule by which it does."""
        d = tables.deferrals
        query = select(d.c.entity_type, d.c.fingerprint, d.c.rule).where(at(d, ref), d.c.state == "waiting")
        with self._store.read() as tx:
            return {(row[0], row[1]): row[2] for row in tx.execute(query)}

    def postpone(self, ref: SourceRef, due: datetime) -> None:
        """The thread was written in again; never later than each row's `latest`."""
        with self._store.begin() as tx:
            self.put_off(tx, ref, due)

    def put_off(self, tx: Connection, ref: SourceRef, until: datetime | None) -> None:
        """What waits is not due before `until`, and never later than each row's `latest` (None: then)."""
        d = tables.deferrals
        rows = tx.execute(select(d.c.id, d.c.latest).where(at(d, ref), d.c.state == "waiting")).all()
        for row in rows:
            due = min(utc_text(until), row.latest) if until else row.latest
            tx.execute(d.update().where(d.c.id == row.id).values(due=due))

    def hasten(self, tx: Connection, ref: SourceRef, now: datetime) -> None:
        """What waits is due now, whatever happens in the thread."""
        d, text = tables.deferrals, utc_text(now)
        waits = d.update().where(at(d, ref), d.c.state == "waiting")
        tx.execute(waits.where(d.c.due > text).values(due=text))
        tx.execute(waits.where(d.c.latest > text).values(latest=text))

    def carried_out(self, tx: Connection, ref: SourceRef, state: str, job: str, now: datetime) -> None:
        """Close the waiting removals of a message: done | gone | held | released. `job`: which did it, or MARKED."""
        d = tables.deferrals
        tx.execute(
            d.update().where(at(d, ref), d.c.state == "waiting").values(state=state, job=job, finished_at=utc_text(now))
        )

    def marked(self, source: str) -> list[SourceRef]:
        """Messages with removals that are held because the message is marked as deleted."""
        d = tables.deferrals
        held = select(d.c.container, d.c.item, d.c.version).where(
            d.c.source == source, d.c.state == "held", d.c.job == MARKED
        )
        with self._store.read() as tx:
            return [SourceRef(source, *row) for row in tx.execute(held.distinct())]

    def try_again(self, tx: Connection, ref: SourceRef) -> bool:
        """Removals that could not be carried out wait again, due since they were. False: there is none."""
        d = tables.deferrals
        again = d.update().where(at(d, ref), d.c.state == "held").values(state="waiting", job="", finished_at=None)
        return tx.execute(again).rowcount > 0

    def let_be(self, tx: Connection, ref: SourceRef, now: datetime) -> None:
        """A person says that the message stays as it is: nothing waits, is stuck or is under review any more."""
        d, r = tables.deferrals, tables.reviews
        ended = utc_text(now)
        tx.execute(
            d.update().where(at(d, ref), d.c.state.in_(("waiting", "held"))).values(state="released", finished_at=ended)
        )
        tx.execute(r.update().where(at(r, ref), r.c.state.in_(PENDING)).values(state="done", finished_at=ended))
