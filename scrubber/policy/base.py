"""What the pipeline asks of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from scrubber.finding import Action, Decision, Finding
from scrubber.message import Message, TextView


class Case(NamedTuple):
    """A message, its texts, and what was found in them."""

    message: Message
    views: Sequence[TextView]
    findings: Sequence[Finding]


class Policy(Protocol):
    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the rules, profile and source settings in force."""
        ...

    def decide_all(self, cases: Sequence[Case], now: datetime) -> list[tuple[Decision, ...]]:
        """Of each message one decision per finding, in the same order; no message bears on another.

        Equal values of one type get one answer over the message.
        """
        ...

    def actions(self, entity_type: str) -> frozenset[Action]:
        """What may be decided on a finding of this type, whatever the message."""
        ...
