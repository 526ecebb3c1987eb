"""What is in hand, what is settled, what is due: the worker's memory, in the same database as the ledger.

States of a message here:

    not listed ──settle()──▶ settled (CLEAN, OBSERVED, HELD, FAILED)
        │                       ▲
        └─prepare()─▶ job: PREPARED ─step()─▶ … ─finish()─▶ settled (REDACTED), and the new message is known as ours
                        └──────────────────────abort()──▶ not listed: handled again

A deferred removal: waiting ─▶ done | gone (the value or the message is no longer there) | held (a person asks for it
again, or takes the mark off a message that is marked as deleted: ─▶ waiting) | released (a person vouches for the
message). A review: open ─▶ removing ─▶ done (back to open where it could not be removed), or kept, or done with a
released message. No row holds text of a message: references, keyed digests, types, rules, dates.
"""

from __future__ import annotations

from scrubber.journal.dues import Dues
from scrubber.journal.hooks import Hooks, Told
from scrubber.journal.jobs import Jobs
from scrubber.journal.matters import Matters
from scrubber.journal.messages import Messages
from scrubber.journal.model import (
    GONE,
    LOCKED,
    MARKED,
    MISSED,
    NOT_FOUND,
    PREPARED,
    READ_ONLY,
    RELEASED,
    RESTORED,
    RETRY,
    TOO_BIG,
    WRONG,
    Due,
    DueMessage,
    Flight,
    Job,
    Open,
    ReviewMessage,
    Rewritten,
    Standing,
    Totals,
    Trouble,
    Unsettled,
    Waiting,
    final,
)
from scrubber.journal.moves import Moves
from scrubber.journal.overview import Load, Overview
from scrubber.journal.relays import Locked, Relays
from scrubber.journal.reviews import Reviews
from scrubber.journal.troubles import DOWN, FOLDER, LEFT_ALONE, PURGE, PURGE_DUE, UNABLE
from scrubber.journal.words import Words
from scrubber.store import Store

__all__ = [
    "DOWN",
    "FOLDER",
    "GONE",
    "LEFT_ALONE",
    "LOCKED",
    "MARKED",
    "MISSED",
    "NOT_FOUND",
    "PREPARED",
    "PURGE",
    "PURGE_DUE",
    "READ_ONLY",
    "RELEASED",
    "RESTORED",
    "RETRY",
    "TOO_BIG",
    "UNABLE",
    "WRONG",
    "Due",
    "DueMessage",
    "Flight",
    "Job",
    "Journal",
    "Load",
    "Locked",
    "Open",
    "ReviewMessage",
    "Rewritten",
    "Standing",
    "Told",
    "Totals",
    "Trouble",
    "Unsettled",
    "Waiting",
    "final",
]


class Journal(Messages, Jobs, Dues, Reviews, Moves, Words, Hooks, Matters, Relays, Overview):
    """All writes that belong together take the caller's transaction, so that they commit with the ledger entry."""

    def __init__(self, store: Store) -> None:
        self._store = store
