"""Matters as they were last seen, and what their being closed means for what waits in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from scrubber import schema as tables
from scrubber.journal.rows import at
from scrubber.message import SourceRef
from scrubber.store import Store, utc_text


class Matters:
    _store: Store

    def saw(self, tx: Connection, source: str, container: str, closed_at: datetime | None, merged_into: str) -> None:
        """Remember a matter as it stands."""
        m = tables.matters
        row = (m.c.source == source) & (m.c.container == container)
        values = {"closed_at": utc_text(closed_at) if closed_at else None, "merged_into": merged_into}
        if tx.execute(m.update().where(row).values(**values)).rowcount == 0:
            tx.execute(m.insert().values(source=source, container=container, **values))

    def merged_from(self, source: str, container: str) -> set[str]:
        """The matters that went on in this one, by whatever way."""
        m = tables.matters
        found: set[str] = set()
        new = {container}
        with self._store.read() as tx:
            while new:
                query = select(m.c.container).where(m.c.source == source, m.c.merged_into.in_(sorted(new)))
                new = set(tx.execute(query).scalars()) - found - {container}
                found |= new
        return found

    def waiting_in(self, source: str, containers: Collection[str]) -> set[SourceRef]:
        """The messages in these matters at which something waits."""
        d = tables.deferrals
        query = (
            select(d.c.container, d.c.item, d.c.version)
            .where(d.c.source == source, d.c.container.in_(sorted(containers)), d.c.state == "waiting")
            .distinct()
        )
        with self._store.read() as tx:
            return {SourceRef(source, *row) for row in tx.execute(query)}

    def turn(self, tx: Connection, refs: Collection[SourceRef], due: datetime | None, *, later: bool = False) -> None:
        """What waits at these messages is due at `due`, at the latest at each row's `latest` (None: then).

        `later`: only where that is later than it is due now.
        """
        d = tables.deferrals
        for ref in refs:
            waits = select(d.c.id, d.c.due, d.c.latest).where(at(d, ref), d.c.state == "waiting")
            for row in tx.execute(waits).all():
                wanted = min(utc_text(due), row.latest) if due else row.latest
                if wanted != row.due and (wanted > row.due or not later):
                    tx.execute(d.update().where(d.c.id == row.id).values(due=wanted))
