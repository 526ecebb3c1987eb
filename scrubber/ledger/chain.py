"""Append to the chain and read it.

Every entry names the digest of the one before it and is signed; the head that is signed with it commits to all of them.
Both happen in the caller's transaction, so that an entry stands if and only if what it records was recorded as done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select

from scrubber.errors import LedgerError
from scrubber.ledger.canonical import DRAFT_INDEX, canonical, draft_bytes, parse
from scrubber.ledger.entry import Kind, LedgerEntry
from scrubber.ledger.head import Head, published_head, sealed, stored_head, write_head
from scrubber.ledger.keys import KeyRing
from scrubber.ledger.rows import raw_rows
from scrubber.ledger.signatures import ENTRY
from scrubber.ledger.traces import JOURNALLED, recorded
from scrubber.schema import heads
from scrubber.schema import ledger as table
from scrubber.store import Store, from_text, utc_text


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """One chain in one database. `head_file`, outside the database, is where `publish_head` writes the signed head."""

    def __init__(
        self,
        store: Store,
        ring: KeyRing,
        chain: str = "main",
        head_file: Path | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._store = store
        self._ring = ring
        self._chain = chain
        self._head_file = head_file
        self._clock = clock

    def append(self, tx: Connection, draft: LedgerEntry) -> LedgerEntry:
        """Give `draft` its place at the end, in the caller's write transaction, and sign it and the new head.

        The draft's chain may be ""; its key_id when "" becomes the current one. Writers wait for each other here.
        LedgerError when it is no draft, or when the stored head is not one we signed: that is never built upon.
        """
        draft_bytes(draft)
        if draft.chain not in {"", self._chain}:
            raise LedgerError("the draft is of another chain")
        self._lock(tx)
        last = self._trusted_head(tx)
        entry = replace(
            draft,
            chain=self._chain,
            index=last.index + 1 if last else 0,
            previous=last.digest if last else "",
            recorded_at=_utc(draft.recorded_at),
            key_id=draft.key_id or self._ring.key_id,
            signer=self._ring.signer,
        )
        body = canonical(entry)
        digest = hashlib.sha256(body).hexdigest()
        signature = self._ring.sign(ENTRY + body)
        tx.execute(
            insert(table).values(
                chain=entry.chain,
                idx=entry.index,
                kind=entry.kind,
                recorded_at=entry.recorded_at,
                source=entry.source,
                outcome=entry.outcome,
                job=entry.job,
                body=body,
                digest=digest,
                signature=signature,
            )
        )
        self._put_head(tx, entry.index, digest, sealed(last.seal if last else "", digest, signature))
        return entry

    def checkpoint(self, tx: Connection, actor: str = "scrubber") -> LedgerEntry:
        """Append an entry that says no more than that the chain was this long at this time."""
        return self.append(tx, self._own("checkpoint", actor))

    def destroy_key(self, key_id: str, actor: str) -> LedgerEntry:
        """Destroy an old digest key and record it, in a transaction of its own. LedgerError as in `KeyRing.destroy`.

        Cut short between the two, the key is gone and its entry is missing: call it again.
        """
        with self._store.begin() as tx:
            entry = self.append(tx, self._own("key_destroyed", actor, key_id))
            self._ring.destroy(key_id)
        return entry

    def rotate_key(self, actor: str) -> LedgerEntry:
        """Make a new digest key the current one and record it, in a transaction of its own."""
        with self._store.begin() as tx:
            return self.append(tx, self._own("key_created", actor, self._ring.rotate()))

    def publish_head(self) -> None:
        """Write the committed head to the head file. Call it after each commit; without a head file it does nothing.

        LedgerError, and nothing is written, when the file says that the database was longer or other than it is now:
        it was put back to an earlier state, and publishing would wipe out the only trace.
        """
        if self._head_file is None:
            return
        before, current = self._compare(self._head_file)
        if current is not None and current != before:
            write_head(self._head_file, current)

    def check_head(self) -> None:
        """LedgerError when the head is not ours, the published one tells of more than there is, or no entry is left.

        An emptied ledger is not begun anew: the first new entry would hide that there were others.
        """
        if self._head_file is not None:
            self._compare(self._head_file)
        with self._store.read() as tx:
            if self._trusted_head(tx) is None and self._chain == JOURNALLED and recorded(tx):
                raise LedgerError(f"chain {self._chain!r} was emptied: the journal has what it no longer records")

    def read(self, since: datetime | None = None) -> Generator[LedgerEntry, None, None]:
        """The entries recorded at `since` or later, oldest first, streamed from one snapshot, unverified.

        Its transaction is open until it is exhausted or closed. LedgerError at an entry that can't be parsed.
        """
        where = None if since is None else table.c.recorded_at >= utc_text(since)
        with (
            self._store.read() as tx,
            closing(raw_rows(tx, table, ("idx", "body"), self._chain, where)) as rows,
        ):
            for index, body in rows:
                try:
                    entry = parse(body if isinstance(body, bytes) else b"")
                except LedgerError as error:
                    raise LedgerError(f"entry {index!r} of chain {self._chain!r} can't be read: {error}") from None
                yield entry

    def _own(self, kind: Kind, actor: str, key_id: str = "") -> LedgerEntry:
        return LedgerEntry("", DRAFT_INDEX, "", kind, utc_text(self._clock()), actor, key_id=key_id)

    def _lock(self, tx: Connection) -> None:
        """SQLite's write transaction is the lock. PostgreSQL: one that also works when there is no head row yet."""
        if tx.dialect.name == "postgresql":
            number = int.from_bytes(hashlib.sha256(f"scrubber ledger {self._chain}".encode()).digest()[:8], signed=True)
            tx.execute(select(func.pg_advisory_xact_lock(number)))

    def _trusted_head(self, tx: Connection) -> Head | None:
        """The stored head, verified; signing what follows on a forged one would make the forgery ours."""
        head = stored_head(tx, self._chain)
        if head is None:
            if tx.execute(select(table.c.idx).where(table.c.chain == self._chain).limit(1)).first() is not None:
                raise LedgerError(f"chain {self._chain!r} has entries and no head: run `scrubber verify`")
            return None
        if head.signer not in self._ring.public_keys:
            self._ring.refresh()  # another process may have rotated it
        if not head.valid(self._ring.public_keys):
            raise LedgerError(f"the head of chain {self._chain!r} does not verify: run `scrubber verify`")
        return head

    def _put_head(self, tx: Connection, index: int, digest: str, seal: str) -> None:
        head = Head(self._chain, index, digest, seal, self._ring.signer, utc_text(self._clock()))
        tx.execute(delete(heads).where(heads.c.chain == self._chain))
        tx.execute(
            insert(heads).values(
                chain=head.chain,
                idx=head.index,
                digest=head.digest,
                seal=head.seal,
                signature=self._ring.sign(head.statement()),
                key_id=head.signer,
                signed_at=head.signed_at,
            )
        )

    def _compare(self, head_file: Path) -> tuple[Head | None, Head | None]:
        """What was published, and what stands. The file is read first: another process may publish meanwhile."""
        try:
            before = published_head(head_file, self._chain, self._ring.public_keys)
        except LedgerError:
            self._ring.refresh()  # another process may have rotated the signing key
            before = published_head(head_file, self._chain, self._ring.public_keys)
        with self._store.read() as tx:
            current = self._trusted_head(tx)
            if before is not None:
                place = (table.c.chain == self._chain) & (table.c.idx == before.index)
                digest = tx.execute(select(table.c.digest).where(place)).scalar()
                if current is None or current.index < before.index or digest != before.digest:
                    raise LedgerError(f"chain {self._chain!r} was longer or other: the database was put back")
        return before, current


def _utc(recorded_at: str) -> str:
    try:
        return utc_text(from_text(recorded_at))
    except ValueError:
        failure = LedgerError("entry.recorded_at: not ISO 8601 with a time zone")
    raise failure
