"""What was settled about each message, and where each source began."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from scrubber import schema as tables
from scrubber.finding import Outcome
from scrubber.journal.model import GONE, LOCKED, READ_ONLY, RELEASED, RESTORED, RETRY, WRONG, Rewritten, Standing
from scrubber.journal.rows import among, at, columns
from scrubber.message import SourceRef
from scrubber.store import Store, from_text, utc_text


class Messages:
    _store: Store

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

    def standings(self, source: str, containers: Collection[str] | None = None) -> dict[SourceRef, Standing]:
        """Everything known of a source, or of some of its containers. Memory: some hundred bytes a message."""
        m, j = tables.messages, tables.jobs
        replaced = (
            select(j.c.source, j.c.container, j.c.item, j.c.version)
            .where(j.c.source == source, j.c.end == "DONE", among(j, containers))
            .distinct()
        )
        with self._store.read() as tx:
            gone = {SourceRef(*row) for row in tx.execute(replaced)}
            rows = tx.execute(
                select(
                    m.c.container,
                    m.c.item,
                    m.c.version,
                    m.c.outcome,
                    m.c.reason,
                    m.c.mode,
                    m.c.attempts,
                    m.c.origin,
                    m.c.digest,
                ).where(m.c.source == source, among(m, containers))
            )
            known = {}
            for row in rows:
                ref = SourceRef(source, row.container, row.item, row.version)
                known[ref] = Standing(
                    row.outcome, row.reason, row.mode, row.attempts, row.origin, ref in gone, row.digest
                )
            return known

    def attempts(self, ref: SourceRef) -> int:
        """How often a message was tried."""
        m = tables.messages
        with self._store.read() as tx:
            return int(tx.execute(select(m.c.attempts).where(at(m, ref))).scalar() or 0)

    def standing(self, ref: SourceRef) -> tuple[str, int]:
        """(digest, size) of a message when it was settled; ("", 0): not known."""
        m = tables.messages
        with self._store.read() as tx:
            row = tx.execute(select(m.c.digest, m.c.size).where(at(m, ref))).first()
        return (row[0], row[1]) if row else ("", 0)

    def name(self, tx: Connection, ref: SourceRef) -> str:
        """The keyed reference under which the record knows the message; "": that of `ref` itself."""
        m = tables.messages
        return str(tx.execute(select(m.c.known_as).where(at(m, ref))).scalar() or "")

    def digest_of(self, tx: Connection, ref: SourceRef) -> str:
        """The digest of a message when it was settled, in the caller's transaction; "": not known."""
        m = tables.messages
        return str(tx.execute(select(m.c.digest).where(at(m, ref))).scalar() or "")

    def known(self, ref: SourceRef) -> Standing | None:
        """What is known of one message."""
        m, j = tables.messages, tables.jobs
        with self._store.read() as tx:
            row = tx.execute(
                select(m.c.outcome, m.c.reason, m.c.mode, m.c.attempts, m.c.origin, m.c.digest).where(at(m, ref))
            ).first()
            done = select(j.c.job).where(at(j, ref), j.c.end == "DONE").limit(1)
            gone = tx.execute(done).first() is not None
        if row is None:
            return None
        return Standing(row.outcome, row.reason, row.mode, row.attempts, row.origin, gone, row.digest)

    def alike(self, source: str, digests: Sequence[str]) -> list[SourceRef]:
        """Where messages with one of these digests stood when they were settled, the first settled first."""
        m = tables.messages
        query = (
            select(m.c.container, m.c.item, m.c.version)
            .where(m.c.source == source, m.c.digest.in_(list(digests)))
            .order_by(m.c.settled_at, m.c.container, m.c.item)
        )
        with self._store.read() as tx:
            return [SourceRef(source, *row) for row in tx.execute(query)]

    def alike_unread(self, source: str, size: int, received: datetime) -> list[SourceRef]:
        """As `alike`, of messages that were too big to be read: by size in bytes and moment of receipt."""
        m = tables.messages
        query = select(m.c.container, m.c.item, m.c.version).where(
            m.c.source == source, m.c.digest == "", m.c.size == size, m.c.received == utc_text(received)
        )
        with self._store.read() as tx:
            return [SourceRef(source, *row) for row in tx.execute(query)]

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
            return frozenset(tx.execute(select(j.c.original_digest).where(at(j, ref), j.c.end == "DONE")).scalars())

    def restored(self, source: str, digests: Sequence[str]) -> int:
        """How many messages with one of these digests were taken as put back by a person."""
        m = tables.messages
        with self._store.read() as tx:
            query = select(func.count()).where(
                m.c.source == source, m.c.digest.in_(list(digests)), m.c.reason == RESTORED
            )
            return int(tx.execute(query).scalar_one())

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
        known_as: str = "",
    ) -> None:
        """Remember a message as handled; a second time counts an attempt. `origin` and `known_as` never change."""
        m = tables.messages
        row = tx.execute(select(m.c.attempts).where(at(m, ref))).first()
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
            tx.execute(m.insert().values(**columns(ref), **values, origin=origin, known_as=known_as, attempts=1))
        else:
            tx.execute(m.update().where(at(m, ref)).values(**values, attempts=row.attempts + 1))

    def resettle(self, tx: Connection, ref: SourceRef, outcome: str, reason: str, now: datetime) -> bool:
        """A person decided: the message is as they say, and its attempts begin anew. False: it is not known."""
        m = tables.messages
        values = {"outcome": outcome, "reason": reason, "settled_at": utc_text(now), "attempts": 0}
        return tx.execute(m.update().where(at(m, ref)).values(**values)).rowcount == 1

    def stays(self, tx: Connection, ref: SourceRef, reason: str, now: datetime) -> None:
        """A person said that the message stays as it is; what it is settled as doesn't change."""
        m = tables.messages
        tx.execute(m.update().where(at(m, ref)).values(reason=reason, settled_at=utc_text(now)))

    def vanished(self, tx: Connection, ref: SourceRef) -> None:
        """A message is nowhere any more; should it turn up again, it's handled like any other."""
        m = tables.messages
        tx.execute(m.update().where(at(m, ref)).values(outcome=Outcome.CLEAN.value, reason=GONE))

    def retry(self, tx: Connection, ref: SourceRef) -> bool:
        """Handle a message that is held or failed again in the next cycle. False: it is neither."""
        m = tables.messages
        waits = m.c.outcome.in_((Outcome.HELD.value, Outcome.FAILED.value))
        return tx.execute(m.update().where(at(m, ref), waits).values(reason=RETRY, attempts=0)).rowcount == 1

    def unfinished(self, source: str, since: datetime, mode: str, attempts: int, *, replaces: bool) -> set[str]:
        """The containers with a message that is to be handled again: one that failed, that was observed only, or that
        a person asks for."""
        m = tables.messages
        again = (m.c.outcome == Outcome.FAILED.value) & (m.c.attempts < attempts)
        if mode == "redact":
            kept = (LOCKED, RELEASED, WRONG) if replaces else (LOCKED, RELEASED, WRONG, READ_ONLY)
            again |= (m.c.outcome == Outcome.OBSERVED.value) & m.c.reason.not_in(kept)
        due = (m.c.received >= utc_text(since)) & again
        with self._store.read() as tx:
            query = select(m.c.container).where(m.c.source == source, due | (m.c.reason == RETRY)).distinct()
            return set(tx.execute(query).scalars())
