"""What the report takes from the database besides the entries: what waits, reviews, the state of the chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from scrubber.errors import LedgerError
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.verify import Verdict
from scrubber.report.interface import ChainState, Review, Waiting
from scrubber.schema import deferrals, ledger
from scrubber.schema import reviews as reviews_table
from scrubber.store import Store, from_text


def waiting(store: Store) -> list[Waiting]:
    """Removals that are put off and not yet carried out, the first due first."""
    query = select(deferrals).where(deferrals.c.state == "waiting").order_by(deferrals.c.due, deferrals.c.id)
    with store.read() as tx:
        return [
            Waiting(
                row.source,
                row.entity_type,
                row.rule,
                from_text(row.decided_at),
                from_text(row.due),
                from_text(row.latest),
            )
            for row in tx.execute(query)
        ]


def reviews(store: Store) -> list[Review]:
    """Findings that wait for a person, the first due first."""
    table = reviews_table
    query = select(table).where(table.c.state == "open").order_by(table.c.due, table.c.id)
    with store.read() as tx:
        return [
            Review(row.source, row.entity_type, row.rule, from_text(row.decided_at), from_text(row.due))
            for row in tx.execute(query)
        ]


def chain_state(store: Store, verdict: Verdict, chain: str = "main") -> ChainState:
    """A verdict as the report shows it, with the moment of the last entry that its signature proves."""
    query = select(ledger.c.recorded_at).where(ledger.c.chain == chain, ledger.c.idx == verdict.signed_until)
    with store.read() as tx:
        recorded = tx.execute(query).scalar()
    return ChainState(
        verdict.ok,
        verdict.entries,
        verdict.first_bad,
        verdict.why,
        verdict.head_digest,
        from_text(recorded) if recorded and verdict.ok else None,
    )


def readable(entries: Iterable[LedgerEntry]) -> Iterator[LedgerEntry]:
    """The entries up to the first that can't be read: a broken ledger still gives a report, that says it is broken."""
    try:
        yield from entries
    except LedgerError:
        return
