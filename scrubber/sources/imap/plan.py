"""What a replacement must know after a crash and can't find out any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scrubber.errors import SourceError

DELETED = "\\Deleted"
MAILBOX = "mailbox"
"""The key of a plan under which stands, digested, at which mailbox the replacement was begun."""

NOT_KEPT = frozenset({"\\Recent", DELETED})
"""Flags that a new message doesn't take over."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Numbers, flags and a date of the original: nothing of its text, no name of a folder.

    `size`: as the server counts it. `date`: INTERNALDATE in ISO form, "" where the server gives none. `twins`: other
    messages with the same content; `beside`: how many of these in the same folder; `marked`: how many of the twins are
    marked as deleted. `target_validity`, `target_next`: the UIDVALIDITY of its folder, where the new message is put
    too, and the UID that this gets at least.
    """

    size: int
    flags: frozenset[str]
    date: str
    twins: int
    target_validity: int
    target_next: int
    beside: int = 0
    marked: int = 0

    def to_plan(self) -> dict[str, str]:
        return {
            "size": str(self.size),
            "flags": " ".join(sorted(self.flags)),
            "date": self.date,
            "twins": str(self.twins),
            "target_validity": str(self.target_validity),
            "target_next": str(self.target_next),
            "beside": str(self.beside),
            "marked": str(self.marked),
        }

    @classmethod
    def from_plan(cls, plan: Mapping[str, str]) -> Plan:
        """SourceError for a plan that is not of our making."""
        try:
            size, *rest = [int(plan[key]) for key in ("size", "twins", "target_validity", "target_next")]
            date = plan["date"]
            if date:
                datetime.fromisoformat(date)
            rest += [int(plan.get(key, "0")) for key in ("beside", "marked")]
            return cls(size, frozenset(plan["flags"].split()), date, *rest)
        except (KeyError, ValueError):
            raise SourceError("the plan of this replacement is not one that an IMAP source makes") from None
