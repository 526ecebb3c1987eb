"""How things stand: counts, and each message that is not over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Exists, exists, func, or_, select

from scrubber import schema as tables
from scrubber.finding import Outcome
from scrubber.journal.model import (
    MISSED,
    READ_ONLY,
    RELEASED,
    RESTORED,
    DueMessage,
    Flight,
    Open,
    Totals,
    Unsettled,
)
from scrubber.journal.reviews import PENDING, pending
from scrubber.journal.rows import same
from scrubber.journal.troubles import LEFT_ALONE, Troubles
from scrubber.message import SourceRef
from scrubber.store import from_text, utc_text


@dataclass(frozen=True, slots=True)
class Load:
    """Of one source, for the metrics: removals that wait, that are overdue, messages held, replacements begun."""

    waiting: int = 0
    overdue: int = 0
    held: int = 0
    in_flight: int = 0


class Overview(Troubles):
    def totals(self, now: datetime) -> Totals:
        j, d, r = tables.jobs, tables.deferrals, tables.reviews
        with self._store.read() as tx:
            settled = _settled(tx)
            flight = tx.execute(select(func.count()).select_from(j).where(j.c.finished_at.is_(None))).scalar_one()
            waits = tx.execute(
                select(func.count(), func.min(d.c.due)).select_from(d).where(d.c.state == "waiting")
            ).one()
            overdue = tx.execute(
                select(func.count()).select_from(d).where(d.c.state == "waiting", d.c.due <= utc_text(now))
            ).scalar_one()
            stuck = tx.execute(select(func.count()).select_from(d).where(d.c.state == "held")).scalar_one()
            asked = select(func.count()).select_from(r).where(r.c.state.in_(PENDING))
            reviews = tx.execute(asked).scalar_one()
            late = tx.execute(asked.where(r.c.due <= utc_text(now))).scalar_one()
        marked = sum(int(one.why) for one in self.troubles() if one.what == LEFT_ALONE)
        first = from_text(waits[1]) if waits[1] else None
        return Totals(settled, flight, waits[0], first, overdue, reviews, stuck, late, marked)

    def open(self) -> Open:
        """Everything that waits, is stuck, held, failing, in flight or does not work; by source, the oldest first."""
        m, j = tables.messages, tables.jobs
        with self._store.read() as tx:
            due, stuck = _dues(tx, "waiting"), _dues(tx, "held")
            asked = pending(tx)
            unsettled = tx.execute(
                select(m)
                .where(m.c.outcome.in_((Outcome.HELD.value, Outcome.FAILED.value)))
                .order_by(m.c.source, m.c.settled_at, m.c.item)
            ).all()
            flights = tx.execute(
                select(j, m.c.known_as)
                .outerjoin(m, same(j, m))
                .where(j.c.finished_at.is_(None))
                .order_by(j.c.source, j.c.created_at)
            ).all()
        return Open(
            due,
            stuck,
            tuple(
                Unsettled(
                    SourceRef(row.source, row.container, row.item, row.version),
                    row.outcome,
                    row.reason,
                    from_text(row.settled_at),
                    row.attempts,
                    row.mode,
                    row.known_as,
                )
                for row in unsettled
            ),
            tuple(
                Flight(
                    SourceRef(row.source, row.container, row.item, row.version),
                    row.step,
                    from_text(row.created_at),
                    row.known_as or "",
                )
                for row in flights
            ),
            tuple(self.troubles()),
            asked,
        )

    def loads(self, now: datetime) -> Mapping[str, Load]:
        """The load of each source that has one."""
        m, j, d = tables.messages, tables.jobs, tables.deferrals
        waits = select(d.c.source, func.count()).where(d.c.state == "waiting").group_by(d.c.source)
        with self._store.read() as tx:
            waiting = _counts(tx.execute(waits).all())
            overdue = _counts(tx.execute(waits.where(d.c.due <= utc_text(now))).all())
            held = _counts(
                tx.execute(
                    select(m.c.source, func.count()).where(m.c.outcome == Outcome.HELD.value).group_by(m.c.source)
                ).all()
            )
            flights = _counts(
                tx.execute(select(j.c.source, func.count()).where(j.c.finished_at.is_(None)).group_by(j.c.source)).all()
            )
        return {
            name: Load(waiting.get(name, 0), overdue.get(name, 0), held.get(name, 0), flights.get(name, 0))
            for name in sorted({*waiting, *held, *flights})
        }


_LAST_WORD = {RELEASED: "RELEASED", RESTORED: "RESTORED"}
_WHY = {(Outcome.HELD.value, MISSED): "MISSED", (Outcome.OBSERVED.value, READ_ONLY): "UNABLE"}


def _settled(tx: Connection) -> dict[str, int]:
    """Messages by how they stand: their outcome, unless a person had the last word, or the source can't be changed.

    A message that was rewritten is there twice, as it was and as it is: it counts once, as it stands now.
    """
    m = tables.messages
    rewritten = m.c.origin != ""
    later = _rewritten_later()
    by = (m.c.outcome, m.c.reason, later)
    number: Counter[str] = Counter()
    first = select(*by, func.count()).where(~rewritten).group_by(*by)
    for outcome, reason, after, count in tx.execute(first):
        stands = _stands(outcome, reason)
        number["LATER" if stands == Outcome.REDACTED and after else stands] += count
    usual = (Outcome.REDACTED.value, Outcome.CLEAN.value)
    other = or_(m.c.outcome.not_in(usual), m.c.reason.in_(tuple(_LAST_WORD)))
    for origin, outcome, reason in tx.execute(select(m.c.origin, m.c.outcome, m.c.reason).where(rewritten, other)):
        number[_stands(outcome, reason)] += 1
        number[_counted_as(tx, origin)] -= 1
    return {stands: count for stands, count in number.items() if count}


def _stands(outcome: str, reason: str) -> str:
    return _LAST_WORD.get(reason) or _WHY.get((outcome, reason), outcome)


def _rewritten_later() -> Exists:
    """Of a message: something went from it after it had been read, when its day came or a person decided so."""
    m, j = tables.messages, tables.jobs.alias("rewriting")
    return exists().where(same(m, j), j.c.end == "DONE", j.c.kind.in_(("deferred", "reviewed")))


def _counted_as(tx: Connection, origin: str) -> str:
    """As what a message that job `origin` wrote was counted where it stood first; it may be rewritten several times."""
    m, j = tables.messages, tables.jobs
    before = select(m.c.origin, _rewritten_later()).select_from(m.join(j, same(m, j)))
    after = False
    while origin and (row := tx.execute(before.where(j.c.job == origin)).first()) is not None:
        origin, after = row
    return "LATER" if after else Outcome.REDACTED.value


def _counts(rows: object) -> dict[str, int]:
    return {str(name): int(number) for name, number in rows}  # type: ignore[attr-defined]


def _dues(tx: Connection, state: str) -> tuple[DueMessage, ...]:
    d, m = tables.deferrals, tables.messages
    rows = tx.execute(
        select(
            d.c.source,
            d.c.container,
            d.c.item,
            d.c.version,
            d.c.entity_type,
            d.c.due,
            d.c.latest,
            d.c.job,
            m.c.known_as,
        )
        .outerjoin(m, same(d, m))
        .where(d.c.state == state)
        .order_by(d.c.due, d.c.source, d.c.item, d.c.id)
    )
    found: dict[SourceRef, DueMessage] = {}
    for *place, entity_type, due, latest, why, known_as in rows:
        ref = SourceRef(*place)
        before = found.get(ref)
        types = (*before.entity_types, entity_type) if before else (entity_type,)
        first = before.due if before else from_text(due)
        last = max(before.latest, from_text(latest)) if before else from_text(latest)
        found[ref] = DueMessage(ref, tuple(dict.fromkeys(types)), first, last, known_as or "", why)
    return tuple(found.values())
