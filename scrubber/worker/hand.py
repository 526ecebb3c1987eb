"""What every pass over a source does with one message: read it with its thread, scrub it, change and record it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event

from structlog.typing import FilteringBoundLogger

from scrubber.digests import SHORT
from scrubber.drafts import Draft
from scrubber.errors import MessageChanged, MessageGone, MessageTooBig, SourceError, SourceUnwritable
from scrubber.finding import Scrubbed
from scrubber.journal import Journal
from scrubber.ledger.entry import Kind
from scrubber.message import Message, SourceRef, Turn
from scrubber.pipeline import read_text, scrub_each
from scrubber.recorder import Recorder
from scrubber.sources.base import Listed, Measures, WriteBack
from scrubber.station import Meter, Options, Progress, Station, timed
from scrubber.store import Store
from scrubber.worker.judged import judged

TURN_CHARACTERS = 20_000
"""How much of an earlier message is kept: what it asked stands there, and a thread of big mails must fit in memory."""


@dataclass(slots=True)
class Hand:
    """What the passes share. `source_failed`: whether a source, or one message at it, could not be worked on."""

    store: Store
    journal: Journal
    recorder: Recorder
    log: FilteringBoundLogger
    clock: Callable[[], datetime]
    options: Options
    stop: Event
    meter: Meter
    progress: Progress | None = None
    source_failed: bool = field(default=False, init=False)

    def today(self) -> datetime:
        return self.options.as_of or self.clock()

    def fetch(self, station: Station, ref: SourceRef, listed: Listed | None = None) -> Message:
        """The message as it stands now. MessageTooBig: by its size, asked before it is read; `listed` tells it too."""
        source, most = station.source, station.tools.limits.bytes
        with timed(self.meter, source.name, "fetch"):
            if not (listed and listed.size) and isinstance(source, Measures):
                listed = source.measure(ref)
            if listed and listed.size > most:
                raise MessageTooBig(listed.size, most, listed.received)
            return source.fetch(ref)

    def with_thread(self, station: Station, message: Message) -> Message:
        """The message with what was said before; received no later than now, whatever a wrong clock says."""
        with timed(self.meter, station.source.name, "fetch"):
            turns = tuple(
                Turn(
                    item.from_desk,
                    read_text(station.tools, item.media_type, item.payload)[:TURN_CHARACTERS],
                    item.sent,
                    item.evidence,
                )
                for item in station.source.thread(message)
            )
        return replace(message, thread=turns, received=min(message.received, self.clock()))

    def scrub(self, station: Station, batch: Sequence[Message], *, expire: bool = False) -> list[Scrubbed]:
        with timed(self.meter, station.source.name, "scrub"):
            answers = scrub_each(
                batch,
                station.tools,
                station.policy,
                now=self.clock(),
                expire=expire,
                fingerprint=self.recorder.digests.fingerprint,
            )
        kept = self.journal.kept(station.source.name, [message.ref for message in batch])
        return [judged(answer, kept.get(answer.ref, ())) for answer in answers]

    def answer(
        self, station: Station, message: Message, scrubbed: Scrubbed, kind: Kind, listed_at: datetime | None = None
    ) -> SourceRef | None:
        """Change and record one message; a source that fails on it fails it alone. Where it stands then."""
        try:
            return self.recorder.answer(station, message, scrubbed, kind, listed_at)
        except SourceUnwritable:
            raise
        except SourceError as error:
            station.source.check()
            self.troubled_by(station, error, ref=self.recorder.name(message.ref)[:SHORT])
            finished = self.recover(station)
            if kind == "message" and message.ref not in finished and not self._in_flight(message.ref):
                self.recorder.failed(station, Listed(message.ref, message.received), "source", message)
            return None

    def recover(self, station: Station) -> frozenset[SourceRef]:
        """Finish or forget what a crash left. The messages of which the replacement was finished."""
        done: set[SourceRef] = set()
        for job in self.journal.open_jobs(station.source.name):
            kept = Draft.from_bytes(job.draft)
            write = WriteBack(job.job, job.ref, job.original_digest, job.result_digest, job.plan, job.step)
            try:
                digest = self.recorder.digests.for_job(job)
                replaced = station.source.recover(write, digest, self.recorder.steps(job.job))
            except (MessageGone, MessageChanged):
                replaced = None  # another program took it over: it is looked at like any other message
            except SourceUnwritable:
                raise
            except SourceError as error:
                self.troubled_by(station, error, job=job.job)  # it stays in flight: the next cycle tries again
                continue
            if replaced is None:
                with self.store.begin() as tx:
                    self.journal.abort(tx, job.job, self.clock())
            else:
                self.recorder.finish(job, kept, replaced)
                done.add(job.ref)
            self.recorder.count.recovered(job.ref.source, job.job, finished=replaced is not None)
        return frozenset(done)

    def _in_flight(self, ref: SourceRef) -> bool:
        return any(job.ref == ref for job in self.journal.open_jobs(ref.source))

    @contextmanager
    def apart(self, station: Station, ref: SourceRef) -> Iterator[None]:
        """A source that fails on one message fails it alone; one that fails altogether still raises."""
        try:
            yield
        except SourceUnwritable:
            raise
        except SourceError as error:
            station.source.check()
            self.troubled_by(station, error, ref=self.recorder.name(ref)[:SHORT])

    def troubled_by(self, station: Station, error: SourceError, **where: str) -> None:
        self.source_failed = True
        self.log.error("source_failed", source=station.source.name, why=str(error), **where)

    def wherever(self, station: Station, ref: SourceRef) -> Message | None:
        """The message, where it stands now: another program may have filed it elsewhere. None: gone."""
        try:
            return self.fetch(station, ref)
        except MessageGone:
            digest, size = self.journal.standing(ref)
        messages = self.recorder.digests.messages
        found = station.source.find(size, lambda payload: digest in messages(payload)) if digest else None
        if found is None:
            return None
        with self.store.begin() as tx:
            self.journal.carry(tx, ref, found, self.recorder.digests.ref(ref))
        return self.fetch(station, found)
