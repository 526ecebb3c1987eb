"""What the relay remembers: deliveries that went on or could not, what the desk asked for, and what is locked away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from scrubber import schema as tables
from scrubber.journal.hooks import REMEMBERED
from scrubber.store import Store, from_text, utc_text


@dataclass(frozen=True, slots=True)
class Locked:
    """A delivery in quarantine. `delivery`: its keyed digest."""

    source: str
    delivery: str
    until: datetime
    sealed: bytes = field(repr=False)


class Relays:
    _store: Store

    def relayed(self, source: str, deliveries: Collection[str]) -> tuple[int, str]:
        """(attempts, state) of a delivery, by its digest under any key; (0, "") when it is new."""
        r = tables.relayed
        query = select(r.c.attempts, r.c.state).where(r.c.source == source, r.c.delivery.in_(deliveries))
        with self._store.read() as tx:
            row = tx.execute(query.order_by(r.c.attempts.desc())).first()
        return (row.attempts, row.state) if row else (0, "")

    def relay(self, tx: Connection, source: str, delivery: str, attempts: int, state: str, now: datetime) -> None:
        """How it stands with a delivery: "done" (it went on), "held" (a stub did), or why it did not yet."""
        r = tables.relayed
        row = (r.c.source == source) & (r.c.delivery == delivery)
        values = {"attempts": attempts, "state": state, "at": utc_text(now)}
        if tx.execute(r.update().where(row).values(**values)).rowcount == 0:
            tx.execute(r.insert().values(source=source, delivery=delivery, **values))

    def ask(self, tx: Connection, source: str, conversation: str, kinds: Collection[str], until: datetime) -> None:
        """The desk asked for these types of datum in a conversation (keyed)."""
        a = tables.asked
        for kind in sorted(kinds):
            row = (a.c.source == source) & (a.c.conversation == conversation) & (a.c.kind == kind)
            if tx.execute(a.update().where(row).values(until=utc_text(until))).rowcount == 0:
                tx.execute(
                    a.insert().values(source=source, conversation=conversation, kind=kind, until=utc_text(until))
                )

    def asked(self, source: str, conversations: Collection[str], now: datetime) -> frozenset[str]:
        """What was asked for in a conversation, by its digest under any key, and still counts."""
        a = tables.asked
        query = select(a.c.kind).where(
            a.c.source == source, a.c.conversation.in_(conversations), a.c.until > utc_text(now)
        )
        with self._store.read() as tx:
            return frozenset(tx.execute(query).scalars())

    def lock_up(self, tx: Connection, source: str, delivery: str, sealed: bytes, until: datetime) -> None:
        """Keep an encrypted delivery until then. The same again changes nothing but the moment."""
        q = tables.quarantine
        tx.execute(q.delete().where(q.c.source == source, q.c.delivery == delivery))
        tx.execute(q.insert().values(source=source, delivery=delivery, sealed=sealed, until=utc_text(until)))

    def locked(self, now: datetime) -> list[Locked]:
        """What is in quarantine and not expired, the first to go first."""
        q = tables.quarantine
        query = select(q).where(q.c.until > utc_text(now)).order_by(q.c.until, q.c.delivery)
        with self._store.read() as tx:
            return [Locked(row.source, row.delivery, from_text(row.until), row.sealed) for row in tx.execute(query)]

    def unlock(self, tx: Connection, delivery: str = "") -> int:
        """Throw away one delivery of the quarantine, or all; how many."""
        q = tables.quarantine
        gone = q.delete() if not delivery else q.delete().where(q.c.delivery == delivery)
        return tx.execute(gone).rowcount

    def expire_relays(self, tx: Connection, now: datetime) -> int:
        """Forget what has had its time: the quarantine, questions, old deliveries. How many of the quarantine."""
        a, r, q = tables.asked, tables.relayed, tables.quarantine
        tx.execute(a.delete().where(a.c.until <= utc_text(now)))
        tx.execute(r.delete().where(r.c.at < utc_text(now - REMEMBERED)))
        return tx.execute(q.delete().where(q.c.until <= utc_text(now))).rowcount
