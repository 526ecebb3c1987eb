"""The worker: fetch, scrub, replace, record, defer, stop. All I/O of the flow is here and in what it calls.

Per source and cycle: finish what a crash left, then what is new, then what is due. A message is changed only after the
journal holds what is about to happen, and counts as done only with its ledger entry: both in one transaction.
StoreError ends the run before the next message is touched; anything else that goes wrong with one message stays with
that message.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import Connection
from structlog.typing import FilteringBoundLogger

from scrubber.drafts import Draft, Frame, draft
from scrubber.errors import MessageChanged, MessageGone, SourceError, SourceUnwritable, StoreError
from scrubber.finding import Action, Outcome, Scrubbed
from scrubber.journal import Due, Job, Journal, final
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import Kind, LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.message import Message, SourceRef, Turn
from scrubber.pipeline import Tools, read_text, scrub
from scrubber.policy.base import Policy
from scrubber.sources.base import Listed, Replaced, Source, WriteBack
from scrubber.store import Store

BATCH_BYTES = 32 * 1024 * 1024


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
    """What a run did, in counts. `removed` and `deferred` are per entity type."""

    outcomes: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
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


class Worker:
    def __init__(
        self,
        stations: Sequence[Station],
        store: Store,
        journal: Journal,
        ledger: Ledger,
        ring: KeyRing,
        log: FilteringBoundLogger,
        clock: Callable[[], datetime],
        options: Options = Options(),
        *,
        stop: Event | None = None,
        watch: Watch | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._stations = tuple(stations)
        self._store = store
        self._journal = journal
        self._ledger = ledger
        self._ring = ring
        self._log = log
        self._clock = clock
        self._options = options
        self._stop = stop or Event()
        self._watch = watch
        self._progress = progress
        self._recorded = False
        self.summary = Summary()
        self.troubled = False
        """Whether a source or a message failed."""

    def cycle(self) -> None:
        """Work through every source once. StoreError: nothing more may be done."""
        self._ring.refresh()  # another process may have rotated a key
        for station in self._stations:
            if self._stop.is_set():
                return
            try:
                self._recover(station)
                self._new(station)
                self._due(station)
            except SourceUnwritable as error:
                raise StoreError(f"{station.source.name}: {error}; nothing was changed") from None
            except SourceError as error:
                self.troubled = True
                self._log.error("source_failed", source=station.source.name, why=str(error))

    # what a crash left

    def _recover(self, station: Station) -> None:
        for job in self._journal.open_jobs(station.source.name):
            kept = Draft.from_bytes(job.draft)
            write = WriteBack(job.job, job.ref, job.original_digest, job.result_digest, job.plan, job.step)
            try:
                replaced = station.source.recover(write, self._digest_for(job), self._recorder(job.job))
            except (MessageGone, MessageChanged):
                replaced = None  # another program took it over: it is looked at like any other message
            if replaced is None:
                with self._store.begin() as tx:
                    self._journal.abort(tx, job.job, self._clock())
            else:
                self._finish(job, kept, replaced)
            self.summary.recovered += 1
            self._log.info("recovered", source=job.ref.source, job=job.job, finished=replaced is not None)

    # what is new

    def _new(self, station: Station) -> None:
        source = station.source
        since = self._journal.since(source.name, station.since, station.mode, self._clock())
        known = self._journal.standings(source.name)
        flying = {job.ref for job in self._journal.open_jobs(source.name)}
        waiting: list[Listed] = []
        for listed in source.discover(since):
            standing = known.get(listed.ref)
            if standing is None:
                if listed.ref not in flying:
                    waiting.append(listed)
            elif standing.replaced and standing.reason != "restored":
                self._restored(station, listed)
            elif (
                not standing.replaced
                and not standing.origin
                and not final(standing, station.mode, self._options.attempts)
            ):
                waiting.append(listed)
        done = 0
        for batch in self._batches(station, waiting):
            self._handle(station, batch)
            done += len(batch)
            if self._progress:
                self._progress(source.name, done, len(waiting))
            if self._stop.is_set():
                return

    def _batches(self, station: Station, waiting: Sequence[Listed]) -> Iterator[list[Message]]:
        batch: list[Message] = []
        size = 0
        for listed in waiting:
            if self._stop.is_set():
                return
            if listed.size > station.tools.limits.bytes:
                self._oversized(station, listed)
                continue
            try:
                message = self._with_thread(station, station.source.fetch(listed.ref))
            except (MessageGone, MessageChanged):
                continue
            except SourceUnwritable:
                raise
            except SourceError as error:
                self._failed(station, listed, str(error))
                continue
            if batch and (len(batch) >= self._options.batch or size + len(message.payload) > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(message)
            size += len(message.payload)
        if batch:
            yield batch

    def _oversized(self, station: Station, listed: Listed) -> None:
        """Too big to be read at all: HELD unread, so that one mail can't take the memory."""
        message = Message(listed.ref, "email", "", b"", listed.received)
        self._settle(station, message, Scrubbed(listed.ref, Outcome.HELD, "budget: bytes"), "", "message")

    def _with_thread(self, station: Station, message: Message) -> Message:
        turns = tuple(
            Turn(item.from_desk, read_text(station.tools, item.media_type, item.payload), item.sent, item.evidence)
            for item in station.source.thread(message)
        )
        return replace(message, thread=turns) if turns else message

    def _handle(self, station: Station, batch: Sequence[Message]) -> None:
        for message, scrubbed in zip(batch, self._scrub(station, batch), strict=True):
            if self._stop.is_set():
                return
            self._one(station, message, scrubbed, "message")

    def _scrub(self, station: Station, batch: Sequence[Message], *, expire: bool = False) -> list[Scrubbed]:
        """Answers for a batch; what breaks on one message (our bug, its luck) fails that message alone."""
        try:
            return scrub(
                batch, station.tools, station.policy, now=self._clock(), expire=expire, fingerprint=self._fingerprint
            )
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad message never stops the rest
            if len(batch) > 1:
                return [self._scrub(station, [message], expire=expire)[0] for message in batch]
            # The text of a foreign exception may quote the message: its type only.
            return [Scrubbed(batch[0].ref, Outcome.FAILED, f"error: {type(error).__name__}")]

    def _one(self, station: Station, message: Message, scrubbed: Scrubbed, kind: Kind) -> None:
        """Record one answer, after changing the message where that is to be done."""
        if scrubbed.outcome is Outcome.FAILED and kind == "message":
            self._failed(station, Listed(message.ref, message.received), scrubbed.reason, message, scrubbed)
            return
        digest = self._ring.digest("message", message.payload)
        if kind == "message" and scrubbed.payload is not None and self._came_back(station, message, digest):
            return
        if scrubbed.payload is None or station.mode != "redact" or not station.source.capabilities.replaces:
            self._settle(station, message, scrubbed, digest, kind)
        else:
            self._replace(station, message, scrubbed, digest, kind)

    def _settle(self, station: Station, message: Message, scrubbed: Scrubbed, digest: str, kind: Kind) -> None:
        """Nothing changes at the source."""
        now = self._clock()
        outcome = scrubbed.outcome
        reason = scrubbed.reason
        if outcome is Outcome.REDACTED:
            outcome = Outcome.OBSERVED
            if station.mode == "redact":
                reason = "read-only source"
        elif station.mode == "observe" and outcome is Outcome.CLEAN and _would_wait(scrubbed):
            outcome = Outcome.OBSERVED
        kept = self._draft(station, message, replace(scrubbed, reason=reason), kind, outcome, digest, now)
        with self._store.begin() as tx:
            self._append(tx, kept.entry)
            if kind == "deferred":
                state = "held" if outcome in (Outcome.HELD, Outcome.FAILED) else "gone"
                self._journal.carried_out(tx, message.ref, state, "", now)
            else:
                self._journal.settle(
                    tx,
                    message.ref,
                    outcome=outcome.value,
                    reason=reason,
                    mode=station.mode,
                    digest=digest,
                    received=message.received,
                    now=now,
                )
                self._journal.defer(tx, message.ref, kept.waiting, now)
                self._journal.review(tx, message.ref, kept.reviews, now)
        self._ledger.publish_head()
        self._count(kept, scrubbed, message.ref)

    def _replace(self, station: Station, message: Message, scrubbed: Scrubbed, digest: str, kind: Kind) -> None:
        payload = scrubbed.payload
        assert payload is not None  # noqa: S101 - the caller looked
        now = self._clock()
        job_id = uuid.uuid4().hex
        result = self._ring.digest("message", payload)
        kept = self._draft(
            station, message, scrubbed, kind, Outcome.REDACTED, digest, now, result_digest=result, job=job_id
        )
        # Both the entry that will follow and the new message need room: stop while nothing is changed.
        self._store.free_space_check(len(payload))
        job = Job(job_id, kind, message.ref, digest, result, station.source.plan(message), "PREPARED", kept.to_bytes())
        self._journal.prepare(job, now)
        write = WriteBack(job.job, job.ref, digest, result, job.plan)
        try:
            replaced = station.source.replace(write, payload, self._digest, self._recorder(job.job))
        except (MessageGone, MessageChanged):
            with self._store.begin() as tx:
                self._journal.abort(tx, job.job, self._clock())
            self._log.info("changed_meanwhile", source=station.source.name, job=job.job)
            return
        self._finish(job, kept, replaced)
        self._count(kept, scrubbed, message.ref, replaced.ref)

    def _finish(self, job: Job, kept: Draft, replaced: Replaced) -> None:
        """The replacement stands: entry, journal and what waits, in one transaction."""
        now = self._clock()
        entry = kept.with_copies(replaced.copies, "" if replaced.ref else "deleted-meanwhile").entry
        with self._store.begin() as tx:
            self._append(tx, entry)
            self._journal.finish(tx, job.job, replaced.ref, now)
            self._journal.settle(
                tx,
                job.ref,
                outcome=entry.outcome,
                reason=entry.reason,
                mode=entry.mode,
                digest=job.original_digest,
                result_digest=job.result_digest,
                received=kept.received,
                now=now,
            )
            if job.kind == "deferred":
                self._journal.carried_out(tx, job.ref, "done", job.job, now)
            if replaced.ref is not None:
                self._journal.settle(
                    tx,
                    replaced.ref,
                    outcome=entry.outcome,
                    reason="",
                    mode=entry.mode,
                    digest=job.result_digest,
                    received=kept.received,
                    now=now,
                    origin=job.job,
                )
                self._journal.move(tx, job.ref, replaced.ref)
                self._journal.defer(tx, replaced.ref, kept.waiting, now)
                self._journal.review(tx, replaced.ref, kept.reviews, now)
        self._ledger.publish_head()

    def _failed(
        self,
        station: Station,
        listed: Listed,
        reason: str,
        message: Message | None = None,
        scrubbed: Scrubbed | None = None,
    ) -> None:
        """One attempt failed. The last one is recorded in the ledger; the message stays as it is."""
        now = self._clock()
        attempts = self._journal.attempts(listed.ref) + 1
        digest = self._ring.digest("message", message.payload) if message else ""
        with self._store.begin() as tx:
            self._journal.settle(
                tx,
                listed.ref,
                outcome=Outcome.FAILED.value,
                reason=reason,
                mode=station.mode,
                digest=digest,
                received=listed.received,
                now=now,
            )
            if attempts >= self._options.attempts:
                blank = message or Message(listed.ref, "email", "", b"", listed.received)
                answer = scrubbed or Scrubbed(listed.ref, Outcome.FAILED, "source")
                kept = self._draft(station, blank, answer, "message", Outcome.FAILED, digest, now)
                self._append(tx, kept.entry)
        self._ledger.publish_head()
        self.summary.outcomes[Outcome.FAILED.value] += 1
        self.troubled = True
        self._log.warning("failed", source=station.source.name, ref=self._ref(listed.ref)[:16], attempt=attempts)

    # what a person put back

    def _came_back(self, station: Station, message: Message, digest: str) -> bool:
        """A byte-identical message that appeared after we rewrote it was put back by a person: left as it is."""
        rewritten = self._journal.redacted_before(self._ring.digest_all("message", message.payload))
        if rewritten is None:
            return False
        appeared = station.source.appeared(message.ref)
        if appeared is None or appeared <= rewritten:
            return False  # a copy that was there before: it is redacted like any other message
        self._put_back(station, message.ref, message, digest)
        return True

    def _restored(self, station: Station, listed: Listed) -> None:
        try:
            message = station.source.fetch(listed.ref)
        except (MessageGone, MessageChanged):
            return
        self._put_back(station, listed.ref, message, self._ring.digest("message", message.payload))

    def _put_back(self, station: Station, ref: SourceRef, message: Message, digest: str) -> None:
        now = self._clock()
        answer = Scrubbed(ref, Outcome.OBSERVED, "restored")
        kept = self._draft(station, message, answer, "restored", Outcome.OBSERVED, digest, now)
        with self._store.begin() as tx:
            self._append(tx, kept.entry)
            self._journal.settle(
                tx,
                ref,
                outcome=Outcome.CLEAN.value,
                reason="restored",
                mode=station.mode,
                digest=digest,
                received=message.received,
                now=now,
            )
        self._ledger.publish_head()
        self.summary.restored += 1
        self._log.info("restored_left_alone", source=station.source.name, ref=kept.entry.ref[:16])

    # what is due

    def _due(self, station: Station) -> None:
        if station.mode != "redact":
            return
        for due in self._journal.due(station.source.name, self._today()):
            if self._stop.is_set():
                return
            self._carry_out(station, due)

    def _carry_out(self, station: Station, due: Due) -> None:
        now = self._clock()
        when = self._when(station, due.ref, due.latest)
        if when is not None and when > self._today():
            self._journal.postpone(due.ref, when)
            return
        try:
            message = self._with_thread(station, station.source.fetch(due.ref))
        except MessageGone:
            with self._store.begin() as tx:
                self._journal.carried_out(tx, due.ref, "gone", "", now)
            self._log.info("due_but_gone", source=station.source.name, ref=self._ref(due.ref)[:16])
            return
        (scrubbed,) = self._scrub(station, [message], expire=True)
        self._one(station, message, scrubbed, "deferred")

    def _when(self, station: Station, ref: SourceRef, latest: datetime) -> datetime | None:
        """When the removals of a message may be carried out: after the matter is closed, at the latest at `latest`."""
        if station.source.closed(ref):
            return None
        active = station.source.last_activity(ref)
        if active is None:
            return None
        return min(active + self._options.silent + self._options.grace, latest)

    def _append(self, tx: Connection, entry: LedgerEntry) -> None:
        self._ledger.append(tx, entry)
        self._recorded = True

    def _today(self) -> datetime:
        return self._options.as_of or self._clock()

    # the record

    def _draft(
        self,
        station: Station,
        message: Message,
        scrubbed: Scrubbed,
        kind: Kind,
        outcome: Outcome,
        digest: str,
        now: datetime,
        *,
        result_digest: str = "",
        job: str = "",
    ) -> Draft:
        frame = Frame(
            self._options.actor,
            station.source.name,
            station.mode,
            station.policy.digest,
            station.tools.detector.digest,
            self._ring.key_id,
        )
        if kind == "deferred" and self._options.as_of:
            scrubbed = replace(scrubbed, notes=(*scrubbed.notes, f"as-of {self._options.as_of.date().isoformat()}"))
        return draft(
            frame,
            message,
            scrubbed,
            kind=kind,
            outcome=outcome.value,
            recorded_at=now,
            due=message.received + self._options.silent + self._options.grace,
            ref=self._ref(message.ref),
            message_digest=digest,
            result_digest=result_digest,
            job=job,
            expired=kind == "deferred",
        )

    def checkpoint(self) -> None:
        """Sign off what was recorded since the last checkpoint; nothing when there is nothing."""
        if self._recorded:
            with self._store.begin() as tx:
                self._ledger.checkpoint(tx, self._options.actor)
            self._ledger.publish_head()
            self._recorded = False

    def _count(self, kept: Draft, scrubbed: Scrubbed, ref: SourceRef, now_at: SourceRef | None = None) -> None:
        entry = kept.entry
        summary = self.summary
        went = Counter(r.entity_type for r in entry.removals if r.action == Action.REDACT.value)
        if entry.kind == "deferred":
            summary.later.update(went)
        else:
            summary.outcomes[entry.outcome] += 1
            summary.removed.update(went)
            summary.deferred.update(r.entity_type for r in entry.removals if r.action == Action.DEFER.value)
            summary.reviews.update(r.entity_type for r in entry.removals if r.action == Action.REVIEW.value)
            summary.unread.update(u.reason for u in entry.unread)
            if entry.outcome == Outcome.HELD.value:
                summary.held[entry.reason] += 1
        self._log.info(
            "handled",
            kind=entry.kind,
            source=entry.source,
            ref=entry.ref[:16],
            outcome=entry.outcome,
            reason=entry.reason,
            removed=sum(went.values()),
            waiting=len(kept.waiting),
            unread=len(entry.unread),
        )
        if self._watch:
            self._watch(Handled(entry.kind, ref, entry.outcome, scrubbed, now_at))

    def _ref(self, ref: SourceRef) -> str:
        name = f"{ref.source}\0{ref.container}\0{ref.item}\0{ref.version}"
        return self._ring.digest("ref", name.encode("utf-8", "surrogateescape"))

    def _fingerprint(self, entity_type: str, value: str) -> str:
        return self._ring.digest("value", f"{entity_type}\0{value}".encode())

    def _digest(self, payload: bytes) -> str:
        return self._ring.digest("message", payload)

    def _digest_for(self, job: Job) -> Callable[[bytes], str]:
        """As the job's own digests where one of the living keys gives them: the key may have been rotated since."""

        def digest(payload: bytes) -> str:
            under_all = self._ring.digest_all("message", payload)
            for known in (job.original_digest, job.result_digest):
                if known in under_all:
                    return known
            return under_all[0]

        return digest

    def _recorder(self, job: str) -> Callable[[str], None]:
        return lambda step: self._journal.step(job, step, self._clock())


def _would_wait(scrubbed: Scrubbed) -> bool:
    return any(decision.action is Action.DEFER for decision in scrubbed.decisions)
