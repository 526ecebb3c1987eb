"""What a person said of a message, as an entry of the record and as the journal takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from scrubber.digests import Digests
from scrubber.finding import Outcome
from scrubber.journal import RELEASED, Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import Kind, LedgerEntry
from scrubber.message import SourceRef
from scrubber.store import utc_text

AGENT = "agent"
"""Who said it, where the source doesn't name them."""

REVIEW = "review"
"""Begins the reason of an entry in which a person decided about what was put to them: "review:keep"."""

Verdict = Literal["keep", "remove"]


@dataclass(frozen=True, slots=True)
class Said:
    """Who said it, and why: a short text without personal data, or ""."""

    who: str
    why: str = ""


def entry(
    source: str,
    ref: str,
    kind: Kind,
    reason: str,
    said: Said,
    now: datetime,
    *,
    digest: str = "",
    key_id: str = "",
    mode: str = "",
) -> LedgerEntry:
    """A draft for the record: nothing was removed, a person decided.

    `ref`: keyed. `digest`: of the message as it was settled.
    """
    return LedgerEntry(
        chain="",
        index=-1,
        previous="",
        kind=kind,
        recorded_at=utc_text(now),
        actor=said.who or AGENT,
        source=source,
        mode=mode,
        ref=ref,
        message_digest=digest,
        reason=reason,
        notes=(f"why: {said.why}",) if said.why else (),
        key_id=key_id,
    )


class People:
    """What persons decide at the command line about messages that wait for them."""

    def __init__(self, journal: Journal, ledger: Ledger, digests: Digests) -> None:
        self._journal = journal
        self._ledger = ledger
        self._digests = digests

    def retry(self, tx: Connection, refs: Sequence[SourceRef], said: Said, now: datetime) -> None:
        """Handle these messages, or what could not be removed of them, again in the worker's next cycle."""
        for ref in refs:
            self._journal.try_again(tx, ref)
            self._journal.retry(tx, ref)
            self._record(tx, ref, "reviewed", "retry", said, now)

    def release(self, tx: Connection, ref: SourceRef, said: Said, now: datetime) -> None:
        """A person vouches for this message: it stays as it is, and nothing looks at it again."""
        self._journal.let_be(tx, ref, now)
        self._journal.resettle(tx, ref, Outcome.CLEAN.value, RELEASED, now)
        self._record(tx, ref, "released", RELEASED, said, now)

    def review(self, tx: Connection, ref: SourceRef, decision: Verdict, said: Said, now: datetime) -> None:
        """What is under review at a message stays, and isn't asked again; or goes in the worker's next cycle."""
        if decision == "keep":
            self._journal.keep(tx, ref, now)
        else:
            self._journal.remove(tx, ref)
        self._record(tx, ref, "reviewed", f"{REVIEW}:{decision}", said, now)

    def _record(self, tx: Connection, ref: SourceRef, kind: Kind, reason: str, said: Said, now: datetime) -> None:
        name = self._journal.name(tx, ref) or self._digests.ref(ref)
        digest = self._journal.digest_of(tx, ref)
        drafted = entry(ref.source, name, kind, reason, said, now, digest=digest, key_id=self._digests.key_id)
        self._ledger.append(tx, drafted)
