"""What was done, counted: for the summary of a run, the log, the metrics, and who watches."""

from __future__ import annotations

from collections import Counter

from structlog.typing import FilteringBoundLogger

from scrubber.digests import SHORT
from scrubber.drafts import Draft
from scrubber.finding import Action, Outcome, Scrubbed
from scrubber.message import SourceRef
from scrubber.station import Handled, Meter, Summary, Watch


class Counting:
    """`summary` counts what was done; `troubled`: whether a message failed."""

    def __init__(self, log: FilteringBoundLogger, meter: Meter, watch: Watch | None) -> None:
        self._log = log
        self._meter = meter
        self._watch = watch
        self.summary = Summary()
        self.troubled = False

    def answered(self, kept: Draft, scrubbed: Scrubbed, ref: SourceRef, now_at: SourceRef | None = None) -> None:
        """One message was handled and recorded."""
        entry = kept.entry
        went = Counter(r.entity_type for r in entry.removals if r.action == Action.REDACT.value)
        observed = entry.outcome == Outcome.OBSERVED.value
        self._sum(kept, went, observed=observed)
        self._meter.handled(entry.source, entry.outcome)
        if entry.outcome == Outcome.REDACTED.value:
            for entity_type, number in went.items():
                self._meter.removed(entry.source, entity_type, number)
        self._log.info(
            "handled",
            kind=entry.kind,
            source=entry.source,
            ref=entry.ref[:SHORT],
            outcome=entry.outcome,
            reason=entry.reason,
            removed=0 if observed else went.total(),
            waiting=len(kept.waiting),
            unread=len(entry.unread),
        )
        if self._watch:
            self._watch(Handled(entry.kind, ref, entry.outcome, scrubbed, now_at))

    def _sum(self, kept: Draft, went: Counter[str], *, observed: bool) -> None:
        entry, summary = kept.entry, self.summary
        if entry.kind in ("deferred", "reviewed"):
            summary.later.update(went)
            return
        summary.outcomes[entry.outcome] += 1
        (summary.would if observed else summary.removed).update(went)
        summary.deferred.update(r.entity_type for r in entry.removals if r.action == Action.DEFER.value)
        summary.reviews.update(r.entity_type for r in entry.removals if r.action == Action.REVIEW.value)
        summary.unread.update(u.reason for u in entry.unread)
        if entry.outcome == Outcome.HELD.value:
            summary.held[entry.reason] += 1

    def failed(self, source: str, ref: str, **what: object) -> None:
        """One attempt at one message failed. `ref` is keyed."""
        self.troubled = True
        self._log.warning("failed", source=source, ref=ref[:SHORT], **what)

    def failed_message(self, source: str, ref: str, attempts: int) -> None:
        self.summary.outcomes[Outcome.FAILED.value] += 1
        self._meter.handled(source, Outcome.FAILED.value)
        self.failed(source, ref, attempt=attempts)

    def restored(self, source: str, ref: str) -> None:
        self.summary.restored += 1
        self._log.info("restored_left_alone", source=source, ref=ref[:SHORT])

    def recovered(self, source: str, job: str, *, finished: bool) -> None:
        self.summary.recovered += 1
        self._log.info("recovered", source=source, job=job, finished=finished)

    def heard(self, source: str, ref: str, word: str) -> None:
        """A person said something about a message."""
        self.summary.heard[word] += 1
        self._log.info("heard", source=source, ref=ref[:SHORT], word=word)
