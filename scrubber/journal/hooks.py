"""What web hooks told: which matters to look at, which deliveries were taken; and how far each source was swept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from scrubber import schema as tables
from scrubber.store import Store, from_text, utc_text

REMEMBERED = timedelta(days=7)
"""How long a delivery is remembered, so that its repeat is dropped: longer than any desk or channel tries again."""


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery about a matter. `digests`: keyed, under every living key, the current one first; (): no name."""

    source: str
    container: str
    digests: tuple[str, ...] = ()


class Hooks:
    _store: Store

    def nudge(self, tx: Connection, source: str, container: str, now: datetime) -> None:
        """Somebody told that a matter changed: it is looked at as soon as may be."""
        n, at = tables.nudges, utc_text(now)
        row = (n.c.source == source) & (n.c.container == container)
        if tx.execute(n.update().where(row).values(at=at)).rowcount == 0:
            tx.execute(n.insert().values(source=source, container=container, at=at))

    def nudged(self, source: str) -> dict[str, datetime]:
        """The matters to look at, and when somebody last told about each; the first told first."""
        n = tables.nudges
        query = select(n.c.container, n.c.at).where(n.c.source == source).order_by(n.c.at, n.c.container)
        with self._store.read() as tx:
            return {row.container: from_text(row.at) for row in tx.execute(query)}

    def nudges(self) -> frozenset[tuple[str, str, str]]:
        """(source, matter, moment) of all that is to be looked at: what is new in it was told since."""
        n = tables.nudges
        with self._store.read() as tx:
            return frozenset((row.source, row.container, row.at) for row in tx.execute(select(n)))

    def nudges_done(self, tx: Connection, source: str, container: str, at: datetime) -> None:
        """A matter was looked at as it was told of at `at`; told of again since, it stays."""
        n = tables.nudges
        tx.execute(n.delete().where(n.c.source == source, n.c.container == container, n.c.at <= utc_text(at)))

    def take(self, tx: Connection, source: str, delivery: str, now: datetime, older: Collection[str] = ()) -> bool:
        """Remember a delivery (a keyed digest), in the transaction of what it brings about. False: it is a repeat.

        `older`: its digests under older keys.
        """
        if self._known(tx, source, (delivery, *older)):
            return False
        tx.execute(tables.deliveries.insert().values(source=source, delivery=delivery, at=utc_text(now)))
        return True

    def tell(self, tx: Connection, told: Sequence[Told], now: datetime) -> list[bool]:
        """Take deliveries and nudge what they are about, many in a few statements. For each, False: it is a repeat."""
        at = utc_text(now)
        known: set[tuple[str, str]] = set()
        for source in {each.source for each in told}:
            digests = [digest for each in told if each.source == source for digest in each.digests]
            known.update((source, digest) for digest in self._known(tx, source, digests))
        new: list[bool] = []
        for each in told:
            names = {(each.source, digest) for digest in each.digests}
            new.append(not names & known)
            known |= names
        taken = [each for each, is_new in zip(told, new, strict=True) if is_new]
        if rows := [{"source": each.source, "delivery": each.digests[0], "at": at} for each in taken if each.digests]:
            tx.execute(tables.deliveries.insert(), rows)
        places = dict.fromkeys((each.source, each.container) for each in taken)
        n = tables.nudges
        for source in {source for source, _ in places}:
            containers = [container for each, container in places if each == source]
            tx.execute(n.delete().where(n.c.source == source, n.c.container.in_(containers)))
        if places:
            tx.execute(n.insert(), [{"source": source, "container": each, "at": at} for source, each in places])
        return new

    def _known(self, tx: Connection, source: str, digests: Collection[str]) -> set[str]:
        d = tables.deliveries
        query = select(d.c.delivery).where(d.c.source == source, d.c.delivery.in_(digests))
        return set(tx.execute(query).scalars()) if digests else set()

    def forget_deliveries(self, tx: Connection, now: datetime) -> int:
        """Forget those that were taken more than REMEMBERED ago; how many."""
        d = tables.deliveries
        return tx.execute(d.delete().where(d.c.at < utc_text(now - REMEMBERED))).rowcount

    def swept(self, source: str) -> tuple[datetime, datetime] | None:
        """(until when every change was looked at, when all that there was had last been). None: never."""
        s = tables.sweeps
        with self._store.read() as tx:
            row = tx.execute(select(s.c.until, s.c.at).where(s.c.source == source)).first()
        return (from_text(row.until), from_text(row.at)) if row else None

    def sweep(self, tx: Connection, source: str, until: datetime, at: datetime) -> None:
        """Every change up to `until` was looked at; `at`: when all that there was had last been looked at."""
        s = tables.sweeps
        values = {"until": utc_text(until), "at": utc_text(at)}
        if tx.execute(s.update().where(s.c.source == source).values(**values)).rowcount == 0:
            tx.execute(s.insert().values(source=source, **values))
