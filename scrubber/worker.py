"""The worker: fetch, scrub, replace, record, defer, stop. All I/O of the flow is here and in what it calls.

Per source and cycle: finish what a crash left, then what is new, then what is due. StoreError ends the run before the
next message is touched; anything else that goes wrong with one message stays with that message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Event

from structlog.typing import FilteringBoundLogger

from scrubber.drafts import Draft
from scrubber.errors import MessageChanged, MessageGone, SourceError, SourceUnwritable, StoreError
from scrubber.finding import Outcome, Scrubbed
from scrubber.journal import RESTORED, Due, Journal, final
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import Kind
from scrubber.ledger.keys import KeyRing
from scrubber.message import Message, SourceRef, Turn
from scrubber.pipeline import read_text, scrub_each
from scrubber.recorder import Recorder
from scrubber.sources.base import Listed, WriteBack
from scrubber.station import Options, Progress, Station, Summary, Watch
from scrubber.store import Store

BATCH_BYTES = 32 * 1024 * 1024

TURN_CHARACTERS = 20_000
"""How much of an earlier message is kept: what it asked stands there, and a thread of big mails must fit in memory."""


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
        options: Options,
        *,
        stop: Event | None = None,
        watch: Watch | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._stations = tuple(stations)
        self._store = store
        self._journal = journal
        self._ring = ring
        self._log = log
        self._clock = clock
        self._options = options
        self._stop = stop or Event()
        self._progress = progress
        self._recorder = Recorder(store, journal, ledger, ring, log, clock, options, watch)
        self._source_failed = False

    @property
    def summary(self) -> Summary:
        """What was done so far."""
        return self._recorder.summary

    @property
    def troubled(self) -> bool:
        """Whether a source or a message failed."""
        return self._source_failed or self._recorder.troubled

    def checkpoint(self) -> None:
        """Sign off what was recorded since the last checkpoint; nothing when there is nothing."""
        self._recorder.checkpoint()

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
                self._source_failed = True
                self._log.error("source_failed", source=station.source.name, why=str(error))

    # what a crash left

    def _recover(self, station: Station) -> None:
        for job in self._journal.open_jobs(station.source.name):
            kept = Draft.from_bytes(job.draft)
            write = WriteBack(job.job, job.ref, job.original_digest, job.result_digest, job.plan, job.step)
            try:
                replaced = station.source.recover(write, self._recorder.digest_for(job), self._recorder.steps(job.job))
            except (MessageGone, MessageChanged):
                replaced = None  # another program took it over: it is looked at like any other message
            except SourceUnwritable:
                raise
            except SourceError as error:
                self._troubled_by(station, error, job=job.job)  # it stays in flight: the next cycle tries again
                continue
            if replaced is None:
                with self._store.begin() as tx:
                    self._journal.abort(tx, job.job, self._clock())
            else:
                self._recorder.finish(job, kept, replaced)
            self._recorder.summary.recovered += 1
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
            elif standing.replaced:
                if standing.reason != RESTORED and not self._restored(station, listed):
                    waiting.append(listed)
            elif not standing.origin and not final(standing, station.mode, self._options.attempts):
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
                station.source.check()  # a source that is down as a whole fails no single message
                self._recorder.failed(station, listed, str(error))
                continue
            weight = len(message.payload) + sum(len(turn.text) for turn in message.thread)
            if batch and (len(batch) >= self._options.batch or size + weight > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(message)
            size += weight
        if batch:
            yield batch

    def _oversized(self, station: Station, listed: Listed) -> None:
        """Too big to be read at all: HELD unread, so that one mail can't take the memory."""
        message = Message(listed.ref, "email", "", b"", listed.received)
        self._recorder.settle(station, message, Scrubbed(listed.ref, Outcome.HELD, "budget: bytes"), "", "message")

    def _with_thread(self, station: Station, message: Message) -> Message:
        """The message with what was said before; received no later than now, whatever a wrong clock says."""
        turns = tuple(
            Turn(
                item.from_desk,
                read_text(station.tools, item.media_type, item.payload)[:TURN_CHARACTERS],
                item.sent,
                item.evidence,
            )
            for item in station.source.thread(message)
        )
        return replace(message, thread=turns, received=min(message.received, self._clock()))

    def _handle(self, station: Station, batch: Sequence[Message]) -> None:
        for message, scrubbed in zip(batch, self._scrub(station, batch), strict=True):
            if self._stop.is_set():
                return
            self._answer(station, message, scrubbed, "message")

    def _answer(self, station: Station, message: Message, scrubbed: Scrubbed, kind: Kind) -> None:
        """Change and record one message; a source that fails on it fails it alone."""
        try:
            self._recorder.answer(station, message, scrubbed, kind)
        except SourceUnwritable:
            raise
        except SourceError as error:
            station.source.check()
            self._troubled_by(station, error, ref=self._recorder.ref(message.ref)[:16])
            self._recover(station)
            if kind == "message" and not self._in_flight(message.ref):
                self._recorder.failed(station, Listed(message.ref, message.received), "source", message)

    def _in_flight(self, ref: SourceRef) -> bool:
        return any(job.ref == ref for job in self._journal.open_jobs(ref.source))

    def _troubled_by(self, station: Station, error: SourceError, **where: str) -> None:
        self._source_failed = True
        self._log.error("source_failed", source=station.source.name, why=str(error), **where)

    def _scrub(self, station: Station, batch: Sequence[Message], *, expire: bool = False) -> list[Scrubbed]:
        return scrub_each(
            batch,
            station.tools,
            station.policy,
            now=self._clock(),
            expire=expire,
            fingerprint=self._recorder.fingerprint,
        )

    # what a person put back

    def _restored(self, station: Station, listed: Listed) -> bool:
        """Whether what stands again where we rewrote a message is what stood there: then a person put it back."""
        try:
            message = station.source.fetch(listed.ref)
        except (MessageGone, MessageChanged):
            return True  # and gone again
        if self._journal.originals(listed.ref).isdisjoint(self._recorder.digests(message.payload)):
            return False
        self._recorder.put_back(station, listed.ref, message)
        return True

    # what is due

    def _due(self, station: Station) -> None:
        if station.mode != "redact":
            return
        for due in self._journal.due(station.source.name, self._today()):
            if self._stop.is_set():
                return
            try:
                self._carry_out(station, due)
            except SourceUnwritable:
                raise
            except SourceError as error:
                station.source.check()
                self._troubled_by(station, error, ref=self._recorder.ref(due.ref)[:16])

    def _carry_out(self, station: Station, due: Due) -> None:
        message = self._wherever(station, due.ref)
        if message is None:
            self._recorder.gone(station, due.ref)
            return
        when = self._when(station, message.ref, due.latest)
        if when is not None and when > self._today():
            self._journal.postpone(message.ref, when)
            return
        message = self._with_thread(station, message)
        (scrubbed,) = self._scrub(station, [message], expire=True)
        self._answer(station, message, scrubbed, "deferred")

    def _wherever(self, station: Station, ref: SourceRef) -> Message | None:
        """The message, where it stands now: a mail program that files a mail may give it another name. None: gone."""
        try:
            return station.source.fetch(ref)
        except MessageGone:
            digest, size = self._journal.standing(ref)
        found = station.source.find(size, lambda payload: digest in self._recorder.digests(payload)) if digest else None
        if found is None:
            return None
        with self._store.begin() as tx:
            self._journal.move(tx, ref, found)
        return station.source.fetch(found)

    def _when(self, station: Station, ref: SourceRef, latest: datetime) -> datetime | None:
        """When the removals of a message may be carried out: after the matter is closed, at the latest at `latest`."""
        if station.source.closed(ref):
            return None
        active = station.source.last_activity(ref)
        if active is None:
            return None
        return min(active + self._options.silent + self._options.grace, latest)

    def _today(self) -> datetime:
        return self._options.as_of or self._clock()
