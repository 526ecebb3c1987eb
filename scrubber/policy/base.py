"""What the pipeline asks of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from scrubber.finding import Action, Decision, Finding
from scrubber.message import Message, TextView


class Policy(Protocol):
    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the rules, profile and source settings in force."""
        ...

    def decide(
        self, message: Message, views: Sequence[TextView], findings: Sequence[Finding], now: datetime
    ) -> tuple[Decision, ...]:
        """One decision per finding, in the same order. Equal values of one type get one answer over the message."""
        ...

    def actions(self, entity_type: str) -> frozenset[Action]:
        """What may be decided on a finding of this type, whatever the message."""
        ...
