"""The deterministic budget of one message: counted work, not seconds: the same mail always ends the same way."""

from __future__ import annotations

from dataclasses import dataclass

from scrubber.errors import BudgetExceeded


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message may cost. Bytes of the payload, parts, nesting, code points of text, findings."""

    bytes: int = 64 * 1024 * 1024
    parts: int = 2_000
    depth: int = 50
    characters: int = 5_000_000
    findings: int = 20_000


class Budget:
    """Counts down from `limits`; raises BudgetExceeded with the name of what ran out."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.parts = 0
        self.characters = 0
        self.findings = 0

    def take_parts(self, count: int) -> None:
        self.parts += count
        if self.parts > self.limits.parts:
            raise BudgetExceeded("parts")

    def take_characters(self, count: int) -> None:
        self.characters += count
        if self.characters > self.limits.characters:
            raise BudgetExceeded("characters")

    def take_findings(self, count: int) -> None:
        self.findings += count
        if self.findings > self.limits.findings:
            raise BudgetExceeded("findings")

    def check_depth(self, depth: int) -> None:
        if depth > self.limits.depth:
            raise BudgetExceeded("depth")

    def check_bytes(self, size: int) -> None:
        if size > self.limits.bytes:
            raise BudgetExceeded("bytes")
