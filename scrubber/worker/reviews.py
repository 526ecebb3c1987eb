"""Removals that a person decided on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from scrubber.finding import Action, Decision
from scrubber.message import SourceRef
from scrubber.policy.base import Case, Policy
from scrubber.station import Station
from scrubber.worker.hand import Hand
from scrubber.worker.marked import is_marked

What = tuple[str, str]
"""Entity type and rule."""


class Reviews:
    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def work(self, station: Station) -> None:
        """Remove what a person decided to remove, by the way of every other removal."""
        hand = self._hand
        if station.mode != "redact":
            return
        for ref, what in hand.journal.to_remove(station.source.name).items():
            if hand.stop.is_set() or not station.source.capabilities.replaces:
                return
            with hand.apart(station, ref):
                self._carry_out(station, ref, what)

    def _carry_out(self, station: Station, ref: SourceRef, what: Collection[What]) -> None:
        hand = self._hand
        message = hand.wherever(station, ref)
        if message is None:
            hand.recorder.gone(station, ref, "reviewed")
            return
        if is_marked(station, message.ref):
            return  # left alone, and counted: it stays to be removed until the mark is off, or the message gone
        message = hand.with_thread(station, message)
        (scrubbed,) = hand.scrub(replace(station, policy=Decided(station.policy, what)), [message])
        hand.answer(station, message, scrubbed, "reviewed")


class Decided:
    """`policy`, but that a person decided to remove `what` it would put to one."""

    def __init__(self, policy: Policy, what: Collection[What]) -> None:
        self._policy = policy
        self._what = frozenset(what)
        self._types = frozenset(entity_type for entity_type, _ in what)

    @property
    def digest(self) -> str:
        return self._policy.digest

    def decide_all(self, cases: Sequence[Case], now: datetime) -> list[tuple[Decision, ...]]:
        answers = self._policy.decide_all(cases, now)
        return [tuple(self._decided(decision) for decision in decisions) for decisions in answers]

    def _decided(self, decision: Decision) -> Decision:
        if decision.action is Action.REVIEW and (decision.finding.entity_type, decision.rule) in self._what:
            return replace(decision, action=Action.REDACT, due=None)
        return decision

    def actions(self, entity_type: str) -> frozenset[Action]:
        possible = self._policy.actions(entity_type)
        return possible | {Action.REDACT} if entity_type in self._types else possible
