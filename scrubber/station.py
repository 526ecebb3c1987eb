"""What the worker works with and what it tells: a source with what decides over it, options, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scrubber.finding import Scrubbed
from scrubber.message import SourceRef
from scrubber.pipeline import Tools
from scrubber.policy.base import Policy
from scrubber.sources.base import Source


@dataclass(frozen=True, slots=True)
class Station:
    """One source with what decides over it."""

    source: Source
    policy: Policy
    tools: Tools
    mode: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Options:
    batch: int = 16
    attempts: int = 3
    silent: timedelta = timedelta(days=14)
    grace: timedelta = timedelta(days=7)
    actor: str = "scrubber"
    as_of: datetime | None = None
    """Look at what is due as if it were this moment; the record keeps the real time and says so."""


@dataclass(slots=True)
class Summary:
    """What a run did, in counts. `removed`, `would` (observed only) and `deferred` are per entity type."""

    outcomes: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    would: Counter[str] = field(default_factory=Counter)
    deferred: Counter[str] = field(default_factory=Counter)
    reviews: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    later: Counter[str] = field(default_factory=Counter)
    recovered: int = 0
    restored: int = 0


@dataclass(frozen=True, slots=True)
class Handled:
    """For who watches: one message is done. Holds the decisions, so it stays in the process."""

    kind: str
    ref: SourceRef
    outcome: str
    scrubbed: Scrubbed
    now_at: SourceRef | None = None
    """Where the redacted message stands, when it was replaced."""


Watch = Callable[[Handled], None]
Progress = Callable[[str, int, int], None]
"""(source, done, total) while a source is worked through."""
