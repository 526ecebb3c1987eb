"""What was to go by now goes, also where it would be judged otherwise today.

A value waits because it was asked for or needed. By its day the thread may read otherwise: the mail that asked for it
is gone, or the one that gave it was redacted first. So the promise stands, unless the value came on file since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scrubber.finding import Action, Decision
from scrubber.policy.base import Case, Policy
from scrubber.values import normalise


class Promised:
    """`policy`, but for the values that wait: `waiting` is (entity type, fingerprint) -> the rule they wait by."""

    def __init__(
        self,
        policy: Policy,
        waiting: Mapping[tuple[str, str], str],
        fingerprints: Callable[[str, str], Sequence[str]],
    ) -> None:
        self._policy = policy
        self._waiting = waiting
        self._types = frozenset(entity_type for entity_type, _ in waiting)
        self._fingerprints = fingerprints

    @property
    def digest(self) -> str:
        return self._policy.digest

    def decide_all(self, cases: Sequence[Case], now: datetime) -> list[tuple[Decision, ...]]:
        answers = self._policy.decide_all(cases, now)
        return [
            tuple(self._kept(decision, texts) for decision in decisions)
            for decisions, texts in zip(answers, ({v.path: v.text for v in case.views} for case in cases), strict=True)
        ]

    def _kept(self, decision: Decision, texts: Mapping[tuple[str, ...], str]) -> Decision:
        finding = decision.finding
        undecided = decision.action is Action.KEEP and not decision.assessment.on_file
        if not undecided or finding.entity_type not in self._types:
            return decision
        value = normalise(finding.entity_type, texts[finding.path][finding.start : finding.end])
        for fingerprint in self._fingerprints(finding.entity_type, value):
            if rule := self._waiting.get((finding.entity_type, fingerprint)):
                return replace(decision, action=Action.DEFER, rule=rule)
        return decision

    def actions(self, entity_type: str) -> frozenset[Action]:
        possible = self._policy.actions(entity_type)
        return possible | {Action.DEFER} if entity_type in self._types else possible
