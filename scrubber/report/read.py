"""What the report takes from the database besides the entries: what waits, reviews, the state of the chain.

A row that somebody put there by hand may hold anything: what is no moment is left out here, and found by `reconcile`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, func, select

from scrubber.errors import LedgerError
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.verify import Verdict
from scrubber.report.interface import ChainState, Planned, Plans, Review, Waiting
from scrubber.schema import deferrals as deferrals_table
from scrubber.schema import ledger
from scrubber.schema import reviews as reviews_table
from scrubber.store import Store, from_text


def plans(store: Store, chain: str = "main") -> Plans:
    """Everything that was ever put off or left to a person. Read it before the entries: those may only be more."""
    length = select(func.count()).where(ledger.c.chain == chain)
    with store.read() as tx:
        return Plans(tx.execute(length).scalar_one(), _deferrals(tx), _reviews(tx))


def _deferrals(tx: Connection) -> tuple[Planned, ...]:
    c = deferrals_table.c
    names = (c.source, c.entity_type, c.rule, c.fingerprint, c.due, c.latest, c.state, c.finished_at, c.job)
    return tuple(
        Planned(
            row.source,
            row.entity_type,
            row.rule,
            row.fingerprint,
            _moment(row.due),
            _moment(row.latest),
            row.state,
            row.finished_at or "",
            row.job,
        )
        for row in tx.execute(select(*names).order_by(c.id))
    )


def _reviews(tx: Connection) -> tuple[Planned, ...]:
    c = reviews_table.c
    names = (c.source, c.entity_type, c.rule, c.due, c.state, c.finished_at)
    return tuple(
        Planned(
            row.source,
            row.entity_type,
            row.rule,
            "",
            _moment(row.due),
            _moment(row.due),
            row.state,
            row.finished_at or "",
        )
        for row in tx.execute(select(*names).order_by(c.id))
    )


def waiting(planned: Sequence[Planned]) -> list[Waiting]:
    """Removals that are put off and not yet carried out, the first due first."""
    rows = [
        Waiting(row.source, row.entity_type, row.rule, row.due, row.latest)
        for row in planned
        if row.state == "waiting" and row.due and row.latest
    ]
    return sorted(rows, key=lambda row: row.due)


def reviews(planned: Sequence[Planned]) -> list[Review]:
    """Findings that wait for a person, the first due first."""
    rows = [
        Review(row.source, row.entity_type, row.rule, row.due)
        for row in planned
        if row.state in ("open", "removing") and row.due
    ]
    return sorted(rows, key=lambda row: row.due)


def chain_state(store: Store, verdict: Verdict, read: int | None = None, chain: str = "main") -> ChainState:
    """A verdict as the report shows it, with the moment of the last entry that its signature proves.

    `read`: how many entries the figures are made from.
    """
    query = select(ledger.c.recorded_at).where(ledger.c.chain == chain, ledger.c.idx == verdict.signed_until)
    signed_at = None
    if verdict.ok:
        with store.read() as tx:
            signed_at = _moment(tx.execute(query).scalar())
    return ChainState(
        verdict.ok,
        verdict.entries,
        verdict.first_bad,
        verdict.why,
        verdict.head_digest,
        signed_at,
        read,
        verdict.published,
    )


def readable(entries: Iterable[LedgerEntry], most: int) -> list[LedgerEntry]:
    """At most `most` entries, those that were verified, up to the first that can't be read.

    A broken ledger still gives a report, and that says that it is broken: fewer than `most` is a problem to be shown.
    """
    found: list[LedgerEntry] = []
    try:
        for entry in islice(entries, most):
            found.append(entry)  # noqa: PERF402 - what came before the one that can't be read is kept
    except LedgerError:
        pass  # who counts sees it
    return found


def _moment(text: object) -> datetime | None:
    """None where it is no moment."""
    try:
        return from_text(text) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
