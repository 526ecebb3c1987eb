"""What the worker works with and what it tells: a source with what decides over it, options, counts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from scrubber.finding import Scrubbed
from scrubber.message import Channel, SourceRef
from scrubber.pipeline import Tools
from scrubber.policy.base import Policy
from scrubber.sources.base import Source, Sweeps


@dataclass(frozen=True, slots=True)
class Station:
    """One source with what decides over it."""

    source: Source
    policy: Policy
    tools: Tools
    mode: str
    since: datetime | None = None
    folders: tuple[str, ...] = ()
    """As the settings name them: for the purge command."""
    purge: tuple[str, ...] = ()
    """A command that clears what the server keeps of removed mail, run after a cycle that removed something."""
    sweep: timedelta = timedelta(minutes=15)
    """How often every change is looked up at a source that tells of changes."""

    @property
    def channel(self) -> Channel:
        """Of a message that was not read."""
        return "email" if self.sweeps is None else "ticket"

    @property
    def sweeps(self) -> Sweeps | None:
        """The source, where it is one of matters."""
        return self.source if isinstance(self.source, Sweeps) else None


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
    heard: Counter[str] = field(default_factory=Counter)
    """What people said of messages, by word (sources.base.Word)."""
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

Stage = Literal["fetch", "scrub", "replace", "record"]


class Meter(Protocol):
    """Where the worker's figures go while it works. Nothing in them tells one person or message from another."""

    def handled(self, source: str, outcome: str) -> None: ...
    def removed(self, source: str, entity_type: str, number: int) -> None: ...
    def took(self, source: str, stage: Stage, seconds: float) -> None: ...

    def oldest(self, source: str, received: datetime | None) -> None:
        """When the oldest message that is still to be handled came in. None: there is none."""
        ...

    def up(self, source: str, *, up: bool) -> None:
        """Whether the source as a whole could be worked through."""
        ...

    def purged(self, source: str, *, done: bool) -> None:
        """A purge command ran."""
        ...


class Unmetered:
    """Nobody looks."""

    def handled(self, source: str, outcome: str) -> None: ...
    def removed(self, source: str, entity_type: str, number: int) -> None: ...
    def took(self, source: str, stage: Stage, seconds: float) -> None: ...
    def oldest(self, source: str, received: datetime | None) -> None: ...
    def up(self, source: str, *, up: bool) -> None: ...
    def purged(self, source: str, *, done: bool) -> None: ...


@contextmanager
def timed(meter: Meter, source: str, stage: Stage) -> Iterator[None]:
    """Tell the meter how long the block takes, also when it raises."""
    began = time.perf_counter()
    try:
        yield
    finally:
        meter.took(source, stage, time.perf_counter() - began)
