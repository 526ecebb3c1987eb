"""Changing a message and recording it: both or neither.

A message is changed only after the journal holds what is about to happen, and counts as done only with its ledger
entry: journal and entry commit in one transaction.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection
from structlog.typing import FilteringBoundLogger

from scrubber.drafts import Draft, Frame, draft
from scrubber.errors import MessageChanged, MessageGone
from scrubber.finding import Action, Copy, CopyState, Outcome, Scrubbed
from scrubber.journal import READ_ONLY, RESTORED, Job, Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import Kind, LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.message import Message, SourceRef
from scrubber.pipeline import REMAINS
from scrubber.sources.base import Listed, Replaced, WriteBack
from scrubber.station import Handled, Options, Station, Summary, Watch
from scrubber.store import Store


class Recorder:
    """`summary` counts what was done; `troubled`: whether a message failed."""

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
    ) -> None:
        self._store = store
        self._journal = journal
        self._ledger = ledger
        self._ring = ring
        self._log = log
        self._clock = clock
        self._options = options
        self._watch = watch
        self._recorded = False
        self.summary = Summary()
        self.troubled = False

    def answer(self, station: Station, message: Message, scrubbed: Scrubbed, kind: Kind) -> None:
        """Record one answer, after changing the message where that is to be done."""
        if scrubbed.outcome is Outcome.FAILED:
            if kind == "message":
                self.failed(station, Listed(message.ref, message.received), scrubbed.reason, message, scrubbed)
            else:  # it stays waiting, and overdue: the next cycle tries again
                self.troubled = True
                self._log.warning(
                    "failed", source=station.source.name, ref=self.ref(message.ref)[:16], reason=scrubbed.reason
                )
            return
        digest = self._ring.digest("message", message.payload)
        if kind == "message" and station.mode == "redact" and scrubbed.payload and self._came_back(station, message):
            return
        if scrubbed.payload is None or station.mode != "redact" or not station.source.capabilities.replaces:
            self.settle(station, message, scrubbed, digest, kind)
        else:
            self._replace(station, message, scrubbed, digest, kind)

    def settle(self, station: Station, message: Message, scrubbed: Scrubbed, digest: str, kind: Kind) -> None:
        """Nothing changes at the source."""
        now = self._clock()
        outcome = scrubbed.outcome
        reason = scrubbed.reason
        if outcome is Outcome.REDACTED:
            outcome = Outcome.OBSERVED
            if station.mode == "redact":
                reason = READ_ONLY
        elif station.mode == "observe" and outcome is Outcome.CLEAN and _would_wait(scrubbed):
            outcome = Outcome.OBSERVED
        kept = self._draft(station, message, replace(scrubbed, reason=reason), kind, outcome, digest, now)
        with self._store.begin() as tx:
            self._append(tx, kept.entry)
            if kind == "deferred":
                state = "held" if outcome is Outcome.HELD else "gone"
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
                    size=len(message.payload),
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
            replaced = station.source.replace(write, payload, self._digest, self.steps(job.job))
        except (MessageGone, MessageChanged):
            with self._store.begin() as tx:
                self._journal.abort(tx, job.job, self._clock())
            self._log.info("changed_meanwhile", source=station.source.name, job=job.job)
            return
        self.finish(job, kept, replaced)
        self._count(kept, scrubbed, message.ref, replaced.ref)

    def finish(self, job: Job, kept: Draft, replaced: Replaced) -> None:
        """The replacement stands: entry, journal and what waits, in one transaction."""
        now = self._clock()
        copies = replaced.copies
        if REMAINS in kept.entry.notes:
            copies = (*copies, Copy("headers", CopyState.REMAINS, "een technische kopregel van het bericht zelf"))
        entry = kept.with_copies(copies, "" if replaced.ref else "deleted-meanwhile").entry
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
                    size=kept.size,
                )
                self._journal.move(tx, job.ref, replaced.ref)
                self._journal.defer(tx, replaced.ref, kept.waiting, now)
                self._journal.review(tx, replaced.ref, kept.reviews, now)
        self._ledger.publish_head()

    def gone(self, station: Station, ref: SourceRef) -> None:
        """What waited is no longer there: a person deleted the message, or moved it out of reach."""
        now = self._clock()
        message = Message(ref, "email", "", b"", now)
        answer = Scrubbed(ref, Outcome.CLEAN, "gone")
        kept = self._draft(station, message, answer, "deferred", Outcome.CLEAN, "", now)
        with self._store.begin() as tx:
            self._append(tx, kept.entry)
            self._journal.carried_out(tx, ref, "gone", "", now)
        self._ledger.publish_head()
        self._log.info("due_but_gone", source=station.source.name, ref=kept.entry.ref[:16])

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
        self._log.warning("failed", source=station.source.name, ref=self.ref(listed.ref)[:16], attempt=attempts)

    def _came_back(self, station: Station, message: Message) -> bool:
        """Whether a person put the message back under a new name.

        The very bytes that we rewrote, at this source, came to stand here since, while what we made of them is gone;
        and once only. Anything else is a copy, and redacted.
        """
        digests = self.digests(message.payload)
        appeared = station.source.appeared(message.ref)
        if appeared is None:
            return False
        gone = [
            done
            for done in self._journal.rewritten(station.source.name, digests)
            if done.at < appeared and not _stands(station, done.new)
        ]
        if len(gone) <= self._journal.restored(station.source.name, digests):
            return False
        self.put_back(station, message.ref, message)
        return True

    def put_back(self, station: Station, ref: SourceRef, message: Message) -> None:
        """Left as it is, for a person put it back; recorded."""
        digest = self._ring.digest("message", message.payload)
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
        self.summary.restored += 1
        self._log.info("restored_left_alone", source=station.source.name, ref=kept.entry.ref[:16])

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
            ref=self.ref(message.ref),
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
            if entry.outcome == Outcome.OBSERVED.value:
                summary.would.update(went)
            else:
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
            removed=0 if entry.outcome == Outcome.OBSERVED.value else went.total(),
            waiting=len(kept.waiting),
            unread=len(entry.unread),
        )
        if self._watch:
            self._watch(Handled(entry.kind, ref, entry.outcome, scrubbed, now_at))

    def ref(self, ref: SourceRef) -> str:
        name = f"{ref.source}\0{ref.container}\0{ref.item}\0{ref.version}"
        return self._ring.digest("ref", name.encode("utf-8", "surrogateescape"))

    def fingerprint(self, entity_type: str, value: str) -> str:
        return self._ring.digest("value", f"{entity_type}\0{value}".encode())

    def _digest(self, payload: bytes) -> str:
        return self._ring.digest("message", payload)

    def digests(self, payload: bytes) -> tuple[str, ...]:
        """Under every living key: a message may have been recorded under an older one."""
        return self._ring.digest_all("message", payload)

    def digest_for(self, job: Job) -> Callable[[bytes], str]:
        """As the job's own digests where one of the living keys gives them: the key may have been rotated since."""

        def digest(payload: bytes) -> str:
            under_all = self._ring.digest_all("message", payload)
            for known in (job.original_digest, job.result_digest):
                if known in under_all:
                    return known
            return under_all[0]

        return digest

    def steps(self, job: str) -> Callable[[str], None]:
        return lambda step: self._journal.step(job, step, self._clock())


def _stands(station: Station, ref: SourceRef | None) -> bool:
    if ref is None:
        return False
    try:
        station.source.fetch(ref)
    except MessageGone:
        return False
    return True


def _would_wait(scrubbed: Scrubbed) -> bool:
    return any(decision.action is Action.DEFER for decision in scrubbed.decisions)
