"""What a person has to decide on, and what they decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from scrubber import schema as tables
from scrubber.journal.model import ReviewMessage
from scrubber.journal.rows import at, columns, same
from scrubber.message import SourceRef
from scrubber.store import Store, from_text, utc_text

OPEN = "open"
REMOVING = "removing"
"""A person decided that it goes, and the worker has still to do it."""
KEPT = "kept"

PENDING = (OPEN, REMOVING)
"""What is not over."""
STANDING = (OPEN, REMOVING, KEPT)
"""What stays with its message wherever that goes: what a person decided to keep is not asked again."""

What = tuple[str, str]
"""Entity type and rule."""


class Reviews:
    _store: Store

    def review(
        self, tx: Connection, ref: SourceRef, reviews: Sequence[tuple[str, str, datetime]], now: datetime
    ) -> None:
        """Something a person must look at: (entity type, rule, due). What was put to them is not asked twice."""
        r = tables.reviews
        query = select(r.c.entity_type, r.c.rule).where(at(r, ref), r.c.state.in_(STANDING))
        known = {(row[0], row[1]) for row in tx.execute(query)}
        for entity_type, rule, due in reviews:
            if (entity_type, rule) in known:
                continue
            tx.execute(
                r.insert().values(
                    **columns(ref),
                    entity_type=entity_type,
                    rule=rule,
                    decided_at=utc_text(now),
                    due=utc_text(due),
                    state=OPEN,
                )
            )

    def keep(self, tx: Connection, ref: SourceRef, now: datetime) -> None:
        """A person decided: what is under review at this message stays."""
        r = tables.reviews
        tx.execute(r.update().where(at(r, ref), r.c.state.in_(PENDING)).values(state=KEPT, finished_at=utc_text(now)))

    def remove(self, tx: Connection, ref: SourceRef) -> None:
        """A person decided: what is under review at this message goes, in the worker's next cycle."""
        r = tables.reviews
        tx.execute(r.update().where(at(r, ref), r.c.state == OPEN).values(state=REMOVING))

    def reviewed(self, tx: Connection, ref: SourceRef, now: datetime, *, done: bool = True) -> None:
        """What was to go is gone; not `done`: it could not be removed, and is put to a person again."""
        r = tables.reviews
        values = {"state": "done", "finished_at": utc_text(now)} if done else {"state": OPEN}
        tx.execute(r.update().where(at(r, ref), r.c.state == REMOVING).values(**values))

    def to_remove(self, source: str) -> dict[SourceRef, frozenset[What]]:
        """What persons decided to remove and is still there, by message; the first asked first."""
        return self._by_message(source, REMOVING)

    def kept(self, source: str, refs: Iterable[SourceRef]) -> dict[SourceRef, frozenset[What]]:
        """What persons decided to keep in these messages."""
        wanted = set(refs)
        return {ref: what for ref, what in self._by_message(source, KEPT).items() if ref in wanted}

    def _by_message(self, source: str, state: str) -> dict[SourceRef, frozenset[What]]:
        r = tables.reviews
        query = select(r.c.container, r.c.item, r.c.version, r.c.entity_type, r.c.rule).where(
            r.c.source == source, r.c.state == state
        )
        found: dict[SourceRef, frozenset[What]] = {}
        with self._store.read() as tx:
            for container, item, version, entity_type, rule in tx.execute(query.order_by(r.c.id)):
                ref = SourceRef(source, container, item, version)
                found[ref] = found.get(ref, frozenset()) | {(entity_type, rule)}
        return found


def pending(tx: Connection) -> tuple[ReviewMessage, ...]:
    """Every message with something under review, the first due first."""
    r, m = tables.reviews, tables.messages
    rows = tx.execute(
        select(
            r.c.source, r.c.container, r.c.item, r.c.version,
            r.c.entity_type, r.c.decided_at, r.c.due, r.c.state, m.c.known_as,
        )
        .outerjoin(m, same(r, m))
        .where(r.c.state.in_(PENDING))
        .order_by(r.c.due, r.c.source, r.c.item, r.c.id)
    )  # fmt: skip
    found: dict[SourceRef, ReviewMessage] = {}
    for *place, entity_type, decided_at, due, state, known_as in rows:
        ref, since = SourceRef(*place), from_text(decided_at)
        before = found.get(ref)
        types = (*before.entity_types, entity_type) if before else (entity_type,)
        found[ref] = ReviewMessage(
            ref,
            tuple(dict.fromkeys(types)),
            min(before.since, since) if before else since,
            before.due if before else from_text(due),
            state == REMOVING and (before is None or before.removing),
            known_as or "",
        )
    return tuple(found.values())
