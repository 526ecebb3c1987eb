"""Changing a message and recording it: both or neither.

A message is changed only after the journal holds what is about to happen, and counts as done only with its ledger
entry: journal and entry commit in one transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from structlog.typing import FilteringBoundLogger

from scrubber.counting import Counting
from scrubber.digests import SHORT, Digests
from scrubber.drafts import Draft, Frame, draft
from scrubber.errors import MessageChanged, MessageGone, MessageLocked
from scrubber.finding import CACHES, Action, Copy, CopyState, Outcome, Scrubbed
from scrubber.journal import LOCKED, MISSED, NOT_FOUND, READ_ONLY, RESTORED, RETRY, TOO_BIG, Job, Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import Kind, LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.message import Message, SourceRef
from scrubber.pipeline import REMAINS
from scrubber.quoted import quotes
from scrubber.sources.base import LEFT, Listed, Replaced, WriteBack, stands
from scrubber.station import Meter, Options, Station, Unmetered, Watch, timed
from scrubber.store import Store, from_text

_NO_DAY = timedelta(days=3_650)


class Recorder:
    """`count` holds what was done; `purged`: the sources whose server clears its caches after a removal."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        ledger: Ledger,
        ring: KeyRing,
        log: FilteringBoundLogger,
        clock: Callable[[], datetime],
        options: Options,
        watch: Watch | None = None,
        meter: Meter | None = None,
        purged: Collection[str] = (),
    ) -> None:
        self._store = store
        self._journal = journal
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._options = options
        self._meter = meter or Unmetered()
        self._purged = frozenset(purged)
        self._recorded = False
        self.digests = Digests(ring)
        self.count = Counting(log, self._meter, watch)

    def answer(
        self, station: Station, message: Message, scrubbed: Scrubbed, kind: Kind, listed_at: datetime | None = None
    ) -> SourceRef | None:
        """Record one answer, after changing the message where that is to be done. Where it stands then; None: nowhere.

        `listed_at`: when it was first seen where it stands, for a source that can't say when it appeared there.
        """
        if scrubbed.outcome is Outcome.FAILED:
            if kind == "message":
                self.failed(station, Listed(message.ref, message.received), scrubbed.reason, message, scrubbed)
            else:  # it stays waiting, and overdue: the next cycle tries again
                self.count.failed(station.source.name, self.name(message.ref), reason=scrubbed.reason)
            return message.ref
        digest = self.digests.message(message.payload)
        if scrubbed.payload is None or station.mode != "redact" or not station.source.capabilities.replaces:
            self.settle(station, message, scrubbed, digest, kind)
        elif kind == "message" and self._came_back(station, message, listed_at):
            self.put_back(station, message.ref, message)
        else:
            return self._replace(station, message, scrubbed, digest, kind)
        return message.ref

    def settle(
        self,
        station: Station,
        message: Message,
        scrubbed: Scrubbed,
        digest: str,
        kind: Kind,
        *,
        first: LedgerEntry | None = None,
        also: Callable[[Connection], None] | None = None,
        size: int = 0,
        why: str = "",
        unable: str = READ_ONLY,
    ) -> None:
        """Nothing changes at the source. `first` is recorded before it, and `also` done with it.

        `size` in bytes, of a message that was not read. `why` what was due is held, where that may pass by itself.
        `unable`: why what must go can't, where the source may redact.
        """
        now = self._clock()
        outcome = scrubbed.outcome
        reason = scrubbed.reason
        if outcome is Outcome.REDACTED:
            outcome = Outcome.OBSERVED
            if station.mode == "redact":
                reason = unable
        elif station.mode == "observe" and outcome is Outcome.CLEAN and _would_wait(scrubbed):
            outcome = Outcome.OBSERVED
        elif kind == "reviewed" and outcome is Outcome.CLEAN:
            reason = NOT_FOUND
        kept = self._draft(station, message, replace(scrubbed, reason=reason), kind, outcome, digest, now)
        with timed(self._meter, station.source.name, "record"), self._store.begin() as tx:
            if first is not None:
                self._append(tx, first)
            if also is not None:
                also(tx)
            self._append(tx, kept.entry)
            if kind == "deferred":
                # What could not be removed stands there still: a person has to look.
                state = "held" if outcome in (Outcome.HELD, Outcome.OBSERVED) else "gone"
                self._journal.carried_out(tx, message.ref, state, why, now)
            elif kind == "reviewed":
                self._journal.reviewed(tx, message.ref, now, done=False)
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
                    size=size or len(message.payload),
                )
                self._journal.defer(tx, message.ref, kept.waiting, now)
                self._journal.review(tx, message.ref, kept.reviews, now)
        self._ledger.publish_head()
        self.count.answered(kept, scrubbed, message.ref)

    def _replace(
        self, station: Station, message: Message, scrubbed: Scrubbed, digest: str, kind: Kind
    ) -> SourceRef | None:
        payload = scrubbed.payload
        assert payload is not None  # noqa: S101 - the caller looked
        matters = station.sweeps
        plan = station.source.plan(message)
        if matters is not None:
            will = matters.kept(message.payload, payload)
            payload = will.payload
            plan = {**plan, LEFT: " ".join(will.left)}
            if payload == message.payload:
                self.settle(station, message, scrubbed, digest, kind, unable=LOCKED)
                return message.ref
        now = self._clock()
        job_id = uuid.uuid4().hex
        result = self.digests.message(payload)
        kept = self._draft(
            station, message, scrubbed, kind, Outcome.REDACTED, digest, now, result_digest=result, job=job_id
        )
        # Both the entry that will follow and the new message need room: stop while nothing is changed.
        self._store.free_space_check(len(payload))
        job = Job(job_id, kind, message.ref, digest, result, plan, "PREPARED", kept.to_bytes())
        beside = () if matters is None else matters.beside(message.ref)
        quoted = quotes(station.tools, message, scrubbed, beside)
        self._journal.prepare(job, now)
        write = WriteBack(job.job, job.ref, digest, result, job.plan, quotes=quoted)
        try:
            with timed(self._meter, station.source.name, "replace"):
                replaced = station.source.replace(write, payload, self.digests.message, self.steps(job.job))
        except (MessageGone, MessageChanged):
            with self._store.begin() as tx:
                self._journal.abort(tx, job.job, self._clock())
            self._log.info("changed_meanwhile", source=station.source.name, job=job.job)
            return None
        except MessageLocked:
            with self._store.begin() as tx:
                self._journal.abort(tx, job.job, self._clock())
            self.settle(station, message, scrubbed, digest, kind, unable=LOCKED)
            return message.ref
        self.finish(job, kept, replaced)
        self.count.answered(kept, scrubbed, message.ref, replaced.ref)
        return replaced.ref

    def finish(self, job: Job, kept: Draft, replaced: Replaced) -> None:
        """The replacement stands: entry, journal and what waits, in one transaction."""
        now = self._clock()
        # Who said that something was missed asks for a person: a removal that was planned before answers nothing.
        stood = self._journal.known(job.ref) if job.kind != "message" else None
        missed = stood is not None and (stood.outcome, stood.reason) == (Outcome.HELD, MISSED)
        copies = replaced.copies
        if REMAINS in kept.entry.notes:
            copies = (*copies, Copy("headers", CopyState.REMAINS, "een technische kopregel van het bericht zelf"))
        entry = kept.with_copies(copies, "" if replaced.ref else "deleted-meanwhile").entry
        with timed(self._meter, job.ref.source, "record"), self._store.begin() as tx:
            self._append(tx, entry)
            self._journal.finish(tx, job.job, replaced.ref, now)
            stays = replaced.ref == job.ref
            self._journal.settle(
                tx,
                job.ref,
                outcome=Outcome.HELD.value if stays and missed else entry.outcome,
                reason=MISSED if stays and missed else entry.reason,
                mode=entry.mode,
                digest=job.result_digest if stays else job.original_digest,
                result_digest=job.result_digest,
                received=kept.received,
                now=now,
                size=kept.size if stays else 0,
            )
            if job.kind == "deferred":
                self._journal.carried_out(tx, job.ref, "done", job.job, now)
            elif job.kind == "reviewed":
                self._journal.reviewed(tx, job.ref, from_text(entry.recorded_at))
            if replaced.ref is not None and stays:
                self._journal.defer(tx, job.ref, kept.waiting, now)
                self._journal.review(tx, job.ref, kept.reviews, now)
            elif replaced.ref is not None:
                self._journal.settle(
                    tx,
                    replaced.ref,
                    outcome=Outcome.HELD.value if missed else entry.outcome,
                    reason=MISSED if missed else "",
                    mode=entry.mode,
                    digest=job.result_digest,
                    received=kept.received,
                    now=now,
                    origin=job.job,
                    size=kept.size,
                    known_as=entry.ref,
                )
                self._journal.move(tx, job.ref, replaced.ref)
                self._journal.defer(tx, replaced.ref, kept.waiting, now)
                self._journal.review(tx, replaced.ref, kept.reviews, now)
            if job.ref.source in self._purged:
                caches = [copy.place for copy in copies if copy.place in CACHES]
                self._journal.purge_due(tx, job.ref.source, caches, now)
        self._ledger.publish_head()

    def gone(self, station: Station, ref: SourceRef, kind: Kind = "deferred") -> None:
        """What was to go is no longer there: a person deleted the message, or moved it out of reach."""
        now = self._clock()
        message = Message(ref, station.channel, "", b"", now)
        answer = Scrubbed(ref, Outcome.CLEAN, "gone")
        kept = self._draft(station, message, answer, kind, Outcome.CLEAN, "", now)
        with self._store.begin() as tx:
            self._append(tx, kept.entry)
            if kind == "reviewed":
                self._journal.reviewed(tx, ref, now)
            else:
                self._journal.carried_out(tx, ref, "gone", "", now)
            self._journal.vanished(tx, ref)
        self._ledger.publish_head()
        self._log.info("due_but_gone", source=station.source.name, ref=kept.entry.ref[:SHORT])

    def failed(
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
        digest = self.digests.message(message.payload) if message else ""
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
                blank = message or Message(listed.ref, station.channel, "", b"", listed.received)
                answer = scrubbed or Scrubbed(listed.ref, Outcome.FAILED, "source")
                kept = self._draft(station, blank, answer, "message", Outcome.FAILED, digest, now)
                self._append(tx, kept.entry)
        self._ledger.publish_head()
        self.count.failed_message(station.source.name, self.name(listed.ref), attempts)

    def _came_back(self, station: Station, message: Message, listed_at: datetime | None) -> bool:
        """Whether a person put the message back under a new name.

        The very bytes that we rewrote, at this source, came to stand here since, while what we made of them is gone;
        and once only. Anything else is a copy, and redacted.
        """
        digests = self.digests.messages(message.payload)
        if station.sweeps is not None:
            known = self._journal.known(message.ref)
            again = known is not None and known.reason == RETRY
            return not again and not self._journal.originals(message.ref).isdisjoint(digests)
        appeared = station.source.appeared(message.ref) or listed_at
        if appeared is None:
            return False
        gone = [
            done
            for done in self._journal.rewritten(station.source.name, digests)
            if done.at < appeared and not self._stands(station, done.new)
        ]
        return len(gone) > self._journal.restored(station.source.name, digests)

    def _stands(self, station: Station, ref: SourceRef | None) -> bool:
        """Whether what we made of a message is still at the source, wherever it was moved."""
        if ref is None:
            return False
        source = station.source
        if stands(source, ref):
            return True
        if source.capabilities.follows:
            return False
        digest, size = self._journal.standing(ref)
        return source.find(size, lambda payload: digest in self.digests.messages(payload)) is not None

    def put_back(self, station: Station, ref: SourceRef, message: Message) -> None:
        """Left as it is, for a person put it back; recorded."""
        digest = self.digests.message(message.payload)
        now = self._clock()
        answer = Scrubbed(ref, Outcome.OBSERVED, RESTORED)
        kept = self._draft(station, message, answer, "restored", Outcome.OBSERVED, digest, now)
        with self._store.begin() as tx:
            self._append(tx, kept.entry)
            self._journal.settle(
                tx,
                ref,
                outcome=Outcome.CLEAN.value,
                reason=RESTORED,
                mode=station.mode,
                digest=digest,
                received=message.received,
                now=now,
            )
        self._ledger.publish_head()
        self.count.restored(station.source.name, kept.entry.ref)

    def name(self, ref: SourceRef) -> str:
        """The keyed reference under which the record knows a message, wherever it stood first."""
        with self._store.read() as tx:
            return self._journal.name(tx, ref) or self.digests.ref(ref)

    def vanished(self, ref: SourceRef) -> None:
        """A message that a person asked for is nowhere any more. One that was never read can't be known by its content
        where it may have been moved: it stays held.
        """
        digest, size = self._journal.standing(ref)
        with self._store.begin() as tx:
            if digest or not size:
                self._journal.vanished(tx, ref)
            else:
                self._journal.resettle(tx, ref, Outcome.HELD.value, TOO_BIG, self._clock())
        self._log.info("retried_but_gone", source=ref.source, ref=self.name(ref)[:SHORT])

    def record(self, entry: LedgerEntry, also: Callable[[Connection], None]) -> None:
        """An entry with nothing removed, and what the journal takes of it."""
        with self._store.begin() as tx:
            self._append(tx, entry)
            also(tx)
        self._ledger.publish_head()

    def _append(self, tx: Connection, entry: LedgerEntry) -> None:
        self._ledger.append(tx, entry)
        self._recorded = True

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
            self.digests.key_id,
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
            due=now + _NO_DAY
            if station.sweeps is not None  # its closing tells; until then each row's last day counts
            else message.received + self._options.silent + self._options.grace,
            ref=self.name(message.ref),
            message_digest=digest,
            result_digest=result_digest,
            job=job,
            expired=kind == "deferred",
            planned=kind == "reviewed",
        )

    def checkpoint(self) -> None:
        """Sign off what was recorded since the last checkpoint; nothing when there is nothing."""
        if self._recorded:
            with self._store.begin() as tx:
                self._ledger.checkpoint(tx, self._options.actor)
            self._ledger.publish_head()
            self._recorded = False

    def steps(self, job: str) -> Callable[[str], None]:
        return lambda step: self._journal.step(job, step, self._clock())


def _would_wait(scrubbed: Scrubbed) -> bool:
    return any(decision.action is Action.DEFER for decision in scrubbed.decisions)
