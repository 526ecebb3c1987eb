"""What the pipeline asks of a detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from scrubber.errors import DetectionError
from scrubber.finding import Finding
from scrubber.message import Sender, TextView


@dataclass(frozen=True, slots=True)
class Request:
    """One view to search. The sender's own name and address help to find them.

    `own_numbers` are re2 patterns of numbers that the desk itself hands out (orders, invoices, customers): never
    personal data. `context` is what stands around the view and is not searched itself (the thread, the subject): a bare
    date that answers "wat is uw geboortedatum?" is a birth date. `only` are the types that matter (empty: all):
    findings of others may be missing, and of these there may be more, for nothing else takes their place. The model
    then looks only where something speaks of these.
    """

    view: TextView
    sender: Sender = field(default_factory=Sender, repr=False)
    own_numbers: tuple[str, ...] = ()
    context: str = field(default="", repr=False)
    only: frozenset[str] = frozenset()


class Detector(Protocol):
    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the recognisers' configuration, word lists and versions: what decided, in the record."""
        ...

    def detect(self, requests: Sequence[Request]) -> list[tuple[Finding, ...] | DetectionError]:
        """Findings per view, in order of start, not overlapping. A bad view fails alone, as a DetectionError."""
        ...
