"""What does not work at a source as a whole, or is still to be done there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from scrubber import schema as tables
from scrubber.journal.model import Trouble
from scrubber.store import Store, from_text, utc_text

DOWN = "source"
"""The source as a whole can't be used."""

FOLDER = "folder"
"""Part of the source, such as a folder that the settings name, can't be worked on; the rest can."""

PURGE = "purge-command"
"""The purge command failed."""

PURGE_DUE = "purge-due"
"""The purge command has not run since something was removed; `why` holds the places it is to clear."""

LEFT_ALONE = "left-alone"
"""Messages there are marked as deleted; `why` holds how many."""


UNABLE = "unable"
"""The settings want removals at a source where nothing can be removed."""


class Troubles:
    _store: Store

    def trouble(self, tx: Connection, source: str, what: str, why: str, now: datetime) -> None:
        """Remember it, since when it is first so. `why` holds no personal data."""
        t = tables.troubles
        row = (t.c.source == source) & (t.c.what == what)
        if tx.execute(t.update().where(row).values(why=why)).rowcount == 0:
            tx.execute(t.insert().values(source=source, what=what, since=utc_text(now), why=why))

    def over(self, tx: Connection, source: str, what: str) -> None:
        t = tables.troubles
        tx.execute(t.delete().where(t.c.source == source, t.c.what == what))

    def left_alone(self, source: str, number: int, now: datetime) -> None:
        """So many messages are marked as deleted and left alone."""
        with self._store.begin() as tx:
            if number:
                self.trouble(tx, source, LEFT_ALONE, str(number), now)
            else:
                self.over(tx, source, LEFT_ALONE)

    def troubles(self) -> list[Trouble]:
        t = tables.troubles
        with self._store.read() as tx:
            rows = tx.execute(select(t).order_by(t.c.source, t.c.what)).all()
        return [Trouble(row.source, row.what, from_text(row.since), row.why) for row in rows]

    def purge_due(self, tx: Connection, source: str, caches: Sequence[str], now: datetime) -> None:
        """Something was removed: what the server keeps of it is still to be cleared. `caches`: codes of places."""
        t = tables.troubles
        before = tx.execute(select(t.c.why).where(t.c.source == source, t.c.what == PURGE_DUE)).scalar() or ""
        self.trouble(tx, source, PURGE_DUE, " ".join(sorted({*before.split(), *caches})), now)
