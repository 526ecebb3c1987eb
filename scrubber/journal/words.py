"""What people said about messages, each word heard once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from scrubber import schema as tables
from scrubber.journal.rows import columns
from scrubber.message import SourceRef
from scrubber.store import Store, utc_text


class Words:
    _store: Store

    def heard(self, source: str, marks: Sequence[str]) -> bool:
        """Whether a word with one of these (keyed) marks was heard before."""
        s = tables.signals
        query = select(s.c.mark).where(s.c.source == source, s.c.mark.in_(list(marks))).limit(1)
        with self._store.read() as tx:
            return tx.execute(query).first() is not None

    def words(self, source: str) -> dict[SourceRef, str]:
        """The last word that was said of each message where it stands now."""
        s = tables.signals
        query = (
            select(s.c.container, s.c.item, s.c.version, s.c.word).where(s.c.source == source).order_by(s.c.heard_at)
        )
        with self._store.read() as tx:
            return {SourceRef(source, row[0], row[1], row[2]): row[3] for row in tx.execute(query)}

    def hear(self, tx: Connection, ref: SourceRef, mark: str, word: str, now: datetime) -> None:
        """Remember a word, in the transaction of what it brings about."""
        tx.execute(tables.signals.insert().values(**columns(ref), mark=mark, word=word, heard_at=utc_text(now)))
