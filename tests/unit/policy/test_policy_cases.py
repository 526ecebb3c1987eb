"""One file a case: what each rule decides, and its near misses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from scrubber.finding import Action
from scrubber.policy.rules import RuleSet
from scrubber.policy.source import SourcePolicy

CASES = sorted((Path(__file__).parents[3] / "tests" / "cases" / "policy").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, ruleset: RuleSet, policy: SourcePolicy, marked: Callable[..., Any], now: datetime) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    m = marked(
        case["body"],
        subject=case["subject"],
        sender=case["sender"],
        thread=[(turn["from"], turn["text"]) for turn in case["thread"]],
        on_file=[(entry["entity_type"], entry["value"]) for entry in case.get("on_file", ())],
        channel=case["channel"],
    )
    if "profile" in case or "legal_basis" in case:
        policy = SourcePolicy(ruleset, case.get("profile", "default"), case.get("legal_basis", {}))
    decisions = policy.decide(m.message, m.views, m.findings, now)
    assert [f"{d.finding.entity_type}: {d.action} {d.rule}" for d in decisions] == case["expect"]
    assert policy.decide(m.message, m.views, m.findings, now) == decisions
    for decision in decisions:
        assert (decision.due is not None) == (decision.action in {Action.DEFER, Action.REVIEW})
        a = decision.assessment
        evidence = (a.data_subject_evidence, a.asked_evidence, a.on_file_evidence, a.needed_evidence)
        value = m.text_of(decision.finding).lower()
        assert not any(value in text.lower() for text in evidence)
        assert all(len(text) <= 40 for text in evidence)


def test_every_rule_has_a_case(ruleset: RuleSet) -> None:
    met = {line.split()[-1] for path in CASES for line in yaml.safe_load(path.read_text(encoding="utf-8"))["expect"]}
    assert met == {rule.name for rule in ruleset.rules}


def test_there_are_near_misses_for_what_keeps_data() -> None:
    names = [path.stem for path in CASES]
    assert len(names) >= 60
    assert sum(name.startswith("ongevraagd--") for name in names) >= 25
