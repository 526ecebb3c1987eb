"""The table: what is refused, and what a look-up answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scrubber.errors import SettingsError
from scrubber.finding import ENTITY_TYPES, Action, Assessment
from scrubber.policy.rules import Facts, RuleSet, load_policy

END = """
  - name: rest
    action: redact
    because: "x"
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "policy.yaml"
    path.write_text("rules:\n" + text + END, encoding="utf-8")
    return path


def test_the_shipped_rules_load_and_decide_everything(ruleset: RuleSet) -> None:
    for entity_type in ENTITY_TYPES:
        facts = Facts.of(entity_type, Assessment(), frozenset(), legal_basis=False, profile="default")
        assert ruleset.decide(facts).because


@pytest.mark.parametrize(
    ("rule", "line", "problem"),
    [
        ("  - name: a\n    action: redact\n    becuase: x\n", 4, "unknown key 'becuase'; nearest is 'because'"),
        ("  - name: a\n    action: redcat\n    because: x\n", 3, "unknown value 'redcat'; nearest is 'redact'"),
        ("  - name: a\n    action: redact\n", 2, "the key 'because' is missing"),
        ("  - action: redact\n    because: x\n", 2, "the key 'name' is missing"),
        (
            "  - name: a\n    entity_types: [NL_BNS]\n    action: redact\n    because: x\n",
            3,
            "unknown value 'NL_BNS'; nearest is 'NL_BSN'",
        ),
        ("  - name: a\n    profile: strikt\n    action: redact\n    because: x\n", 3, "nearest is 'strict'"),
        (
            "  - name: a\n    traits: [zzz]\n    action: redact\n    because: x\n",
            3,
            "known are card_secret, own_password",
        ),
        ("  - name: a\n    entity_types: []\n    action: redact\n    because: x\n", 3, "at least one value"),
        ("  - name: a\n    asked: 'yes'\n    action: redact\n    because: x\n", 3, "true or false"),
        ("  - name: a\n    action: defer\n    because: x\n    entity_types: ADDRESS\n", 2, "'due' is missing"),
        ("  - name: a\n    action: redact\n    because: x\n    due: 3\n", 5, "no meaning for redact"),
        (
            "  - name: a\n    action: defer\n    because: x\n    due: 0\n    entity_types: ADDRESS\n",
            5,
            "a whole number of days",
        ),
        ("  - name: a\n    action: redact\n    because: ' '\n", 4, "a text is wanted"),
        ("  - name: a\n    name: b\n    action: redact\n    because: x\n", 3, "'name' stands here twice"),
        (
            "  - name: rest\n    entity_types: ADDRESS\n    action: redact\n    because: x\n",
            7,
            "'rest' stands here twice",
        ),
        ("  - name: a\n    action: redact\n    because: x\n", 6, "'rest' is never reached"),
        (
            "  - name: a\n    entity_types: NL_BSN\n    action: keep\n    because: x\n",
            2,
            "would keep an NL_BSN without a legal basis",
        ),
        ("  - name: a\n    action: keep\n    because: x\n    asked: true\n", 2, "without a legal basis"),
        ("  - nonsense\n", 2, "a mapping is wanted"),
    ],
)
def test_refused_with_file_line_and_mend(tmp_path: Path, rule: str, line: int, problem: str) -> None:
    path = _write(tmp_path, rule)
    with pytest.raises(SettingsError) as caught:
        load_policy(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("rules: []\n", "at least one rule"),
        ("rules: 5\n", "a list is wanted"),
        ("regels: []\n", "unknown key 'regels'; nearest is 'rules'"),
        ("rules:\n  - name: [\n", "no valid YAML"),
        ("rules:\n  - name: a\n    action: redact\n    because: x\n    entity_types: ADDRESS\n", "no rule decides on"),
        ("a: &x [*x]\n", "line"),
        ("\x00", "no valid YAML"),
    ],
)
def test_refused_files(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=problem):
        load_policy(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        load_policy(tmp_path / "none.yaml")


def test_a_rule_with_a_legal_basis_may_keep_a_bsn(tmp_path: Path) -> None:
    rule = "  - name: a\n    entity_types: NL_BSN\n    legal_basis: true\n    action: keep\n    because: x\n"
    rules = load_policy(_write(tmp_path, rule))
    facts = Facts.of("NL_BSN", Assessment(asked=True), frozenset(), legal_basis=True, profile="strict")
    assert rules.decide(facts).action is Action.KEEP
    facts = Facts.of("NL_BSN", Assessment(asked=True), frozenset(), legal_basis=False, profile="strict")
    assert rules.decide(facts).name == "rest"


def test_extra_rules_come_first(ruleset: RuleSet) -> None:
    extra = {"name": "geen-kentekens", "entity_types": ["LICENSE_PLATE"], "action": "redact", "because": "eigen beleid"}
    facts = Facts.of("LICENSE_PLATE", Assessment(asked=True), frozenset(), legal_basis=False, profile="default")
    assert ruleset.decide(facts).name == "gevraagd"
    assert ruleset.extended([extra]).decide(facts).name == "geen-kentekens"
    assert ruleset.extended([]) is ruleset


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (
            {"name": "x", "action": "keep", "because": "y", "entity_types": ["NL_BSN"]},
            "rule 1: .*NL_BSN without a legal",
        ),
        ({"name": "gevraagd", "action": "redact", "because": "y"}, "stands here twice"),
        ({"name": "x", "action": "redact", "because": "y", "colour": "red"}, "unknown key 'colour'"),
    ],
)
def test_extra_rules_are_checked_alike(ruleset: RuleSet, extra: dict[str, object], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        ruleset.extended([extra])


def test_an_unreachable_extra_rule_is_refused(ruleset: RuleSet) -> None:
    one = {"name": "x", "action": "redact", "because": "y"}
    with pytest.raises(SettingsError, match=r"rule 2: the rule 'z' is never reached"):
        ruleset.extended([one, {"name": "z", "action": "redact", "because": "y"}])


def test_a_hand_made_set_without_cover_is_refused_when_asked(rules_dir: Path) -> None:
    with pytest.raises(SettingsError, match="no rule decides"):
        RuleSet((), rules_dir).decide(
            Facts.of("PERSON", Assessment(), frozenset(), legal_basis=False, profile="strict")
        )


def test_decide_is_a_function_of_the_facts(ruleset: RuleSet, decide: Callable[..., object]) -> None:
    assert decide("Mijn IBAN") == ()
