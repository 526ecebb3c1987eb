"""What people said about messages, each word heard once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from scrubber import schema as tables
from scrubber.journal.rows import among, columns
from scrubber.message import SourceRef
from scrubber.store import Store, utc_text


class Words:
    _store: Store

    def marks(self, source: str, containers: Collection[str] | None = None) -> set[str]:
        """The (keyed) marks of every word that was heard, at the source or in some of its containers."""
        s = tables.signals
        with self._store.read() as tx:
            return set(tx.execute(select(s.c.mark).where(s.c.source == source, among(s, containers))).scalars())

    def words(self, source: str, containers: Collection[str] | None = None) -> dict[SourceRef, str]:
        """The last word that was said of each message where it stands now."""
        s = tables.signals
        query = (
            select(s.c.container, s.c.item, s.c.version, s.c.word)
            .where(s.c.source == source, among(s, containers))
            .order_by(s.c.heard_at)
        )
        with self._store.read() as tx:
            return {SourceRef(source, row[0], row[1], row[2]): row[3] for row in tx.execute(query)}

    def hear(self, tx: Connection, ref: SourceRef, mark: str, word: str, now: datetime) -> None:
        """Remember a word, in the transaction of what it brings about."""
        tx.execute(tables.signals.insert().values(**columns(ref), mark=mark, word=word, heard_at=utc_text(now)))
