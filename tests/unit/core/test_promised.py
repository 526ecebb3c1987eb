"""A removal that waits is carried out, whatever is thought of its value by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from scrubber.finding import Action, Assessment, Decision, Finding
from scrubber.message import Message, SourceRef, TextView
from scrubber.policy.base import Case
from scrubber.worker.promised import Promised

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = "NL91 ABNA 0417 1643 00"
VIEW = TextView(("1",), TEXT)
MESSAGE = Message(SourceRef("desk", "INBOX", "1", "1"), "email", "message/rfc822", b"", NOW)


@dataclass
class Says:
    """A policy that decides one thing."""

    action: Action
    on_file: bool = False
    digest: str = "0" * 64

    def decide_all(self, cases: Sequence[Case], now: datetime) -> list[tuple[Decision, ...]]:
        whose = Assessment("organisation", asked=False, on_file=self.on_file, needed=False)
        return [
            tuple(Decision(one, whose, self.action, "van-organisatie", "") for one in case.findings) for case in cases
        ]

    def actions(self, entity_type: str) -> frozenset[Action]:
        return frozenset({self.action})


def decided(policy: Says, value: str = "NL91ABNA0417164300", entity_type: str = "IBAN_CODE") -> tuple[Action, str]:
    """With that value waiting under an older key."""
    waiting = {(entity_type, f"old {entity_type} {value}"): "gevraagd"}
    promised = Promised(policy, waiting, lambda kind, text: (f"new {kind} {text}", f"old {kind} {text}"))
    finding = Finding(("1",), "IBAN_CODE", 0, len(TEXT), 1.0, "iban")
    ((decision,),) = promised.decide_all([Case(MESSAGE, [VIEW], [finding])], NOW)
    assert decision.action in promised.actions("IBAN_CODE")
    assert promised.digest == policy.digest
    return decision.action, decision.rule


def test_what_would_be_kept_today_goes_by_the_rule_it_waited_by() -> None:
    assert decided(Says(Action.KEEP)) == (Action.DEFER, "gevraagd")


def test_what_came_on_file_stays() -> None:
    assert decided(Says(Action.KEEP, on_file=True)) == (Action.KEEP, "van-organisatie")


@pytest.mark.parametrize("action", [Action.REDACT, Action.DEFER, Action.REVIEW])
def test_what_is_not_kept_is_as_the_policy_says(action: Action) -> None:
    assert decided(Says(action)) == (action, "van-organisatie")


def test_another_value_and_another_type_do_not_wait() -> None:
    assert decided(Says(Action.KEEP), value="NL02RABO0123456789") == (Action.KEEP, "van-organisatie")
    assert decided(Says(Action.KEEP), entity_type="NL_BSN") == (Action.KEEP, "van-organisatie")
