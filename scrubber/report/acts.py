"""What persons did: one row an entry in which one of them says something."""

from __future__ import annotations

from scrubber.ledger.entry import LedgerEntry
from scrubber.report.entries import PURGE, REVIEW, SIGNAL, Dated, Selection
from scrubber.report.interface import Act

_SHORT = 16
"""How much of a keyed reference is shown elsewhere too."""

_WHY = "why: "
_UNNAMED = "agent"
_BY_ITSELF = frozenset({PURGE, "not-found", "gone"})


def acts(selection: Selection) -> tuple[Act, ...]:
    """In the order of the chain."""
    return tuple(_act(dated) for dated in selection.of("restored", "released", "reviewed") if kind(dated.entry))


def kind(entry: LedgerEntry) -> str:
    """What a person did, as `interface.Act` names it; "" where nobody did anything."""
    if entry.kind in ("restored", "released"):
        return entry.kind
    if entry.kind != "reviewed" or entry.job or entry.removals or entry.reason in _BY_ITSELF:
        return ""  # what followed from a decision, or a command that was run
    head, _, word = entry.reason.partition(":")
    if head == "retry":
        return head
    return word if head in (SIGNAL, REVIEW) else "reviewed"


def _act(dated: Dated) -> Act:
    entry = dated.entry
    # That a mail was put back is seen by the worker, under its own name.
    who = "" if entry.kind == "restored" or entry.actor == _UNNAMED else entry.actor
    why = next((note.removeprefix(_WHY) for note in entry.notes if note.startswith(_WHY)), "")
    return Act(entry.index, dated.at, kind(entry), who, why, entry.source, entry.ref[:_SHORT])
