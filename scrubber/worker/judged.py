"""What a person decided to keep stays, and is not asked again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from scrubber.finding import Action, Decision, Scrubbed

PERSON = "person"
"""The evidence of a datum that stays because a person judged that it is needed."""


def judged(scrubbed: Scrubbed, kept: Collection[tuple[str, str]]) -> Scrubbed:
    """`kept`: entity type and rule of what a person kept in this message."""
    if not kept:
        return scrubbed

    def stays(decision: Decision) -> Decision:
        if decision.action is not Action.REVIEW or (decision.finding.entity_type, decision.rule) not in kept:
            return decision
        assessment = replace(decision.assessment, needed=True, needed_evidence=PERSON)
        return replace(decision, assessment=assessment, action=Action.KEEP, due=None)

    return replace(scrubbed, decisions=tuple(map(stays, scrubbed.decisions)))
