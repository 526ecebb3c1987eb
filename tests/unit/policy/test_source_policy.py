"""One source's policy: profile, legal basis, due dates, digest, one value one answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scrubber.errors import SettingsError
from scrubber.finding import Action, Decision, Finding
from scrubber.message import TextView, Turn
from scrubber.policy.base import Policy
from scrubber.policy.rules import RuleSet
from scrubber.policy.source import SourcePolicy

IBAN = "NL91ABNA0417164300"
Decide = Callable[..., tuple[Decision, ...]]


def test_it_is_a_policy(policy: SourcePolicy) -> None:
    checked: Policy = policy
    assert len(checked.digest) == 64


def test_due_dates(decide: Decide, marked: Callable[..., Any], policy: SourcePolicy, now: datetime) -> None:
    body = "Stort het bedrag terug op [[IBAN_CODE|NL91ABNA0417164300]], ik heb [[SPECIAL_CATEGORY|griep]]."
    m = marked(body)
    later = now + timedelta(days=3)
    iban, ill = policy.decide(m.message, m.views, m.findings, later)
    assert iban.due == m.message.received + timedelta(days=30)
    assert ill.due == later + timedelta(days=7)


def test_the_legal_basis_is_the_reason(ruleset: RuleSet, marked: Callable[..., Any], now: datetime) -> None:
    m = marked("BSN [[NL_BSN|123456782]]")
    (kept,) = SourcePolicy(ruleset, legal_basis={"NL_BSN": "Wabb art. 10"}).decide(m.message, m.views, m.findings, now)
    assert (kept.action, kept.because) == (Action.KEEP, "Wabb art. 10")


@pytest.mark.parametrize(
    ("kwargs", "problem"),
    [
        ({"profile": "strickt"}, "nearest is 'strict'"),
        ({"legal_basis": {"BSN": "x"}}, "unknown key 'BSN'; nearest is 'NL_BSN'"),
        ({"legal_basis": {"NL_BSN": " "}}, "name the law"),
        ({"words_dir": Path("/nonexistent")}, "can't be read"),
    ],
)
def test_refused_settings(ruleset: RuleSet, kwargs: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        SourcePolicy(ruleset, **kwargs)


def test_the_digest_follows_everything_in_force(ruleset: RuleSet, rules_dir: Path, tmp_path: Path) -> None:
    words = tmp_path / "words"
    shutil.copytree(rules_dir / "words" / "policy", words)
    base = SourcePolicy(ruleset).digest
    assert SourcePolicy(ruleset, words_dir=words).digest == base
    with (words / "asked.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    extra = {"name": "x", "entity_types": "IBAN_CODE", "action": "redact", "because": "y"}
    others = [
        SourcePolicy(ruleset, words_dir=words),
        SourcePolicy(ruleset, profile="strict"),
        SourcePolicy(ruleset, legal_basis={"NL_BSN": "wet"}),
        SourcePolicy(ruleset, desk_addresses=["desk.example"]),
        SourcePolicy(ruleset, extra_rules=[extra]),
    ]
    digests = {policy.digest for policy in others}
    assert len(digests) == len(others)
    assert base not in digests


WEIGHED_WITHOUT_CUES = """weighings:
  - name: x
    entity_types: [ADDRESS]
    least: 1
    signs:
      - {weight: 1, where: clause, any: []}
"""


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("asked.yaml", "partial:", "partiel:", r"nearest is 'partial'"),
        ("asked.yaml", "partial:\n", "partial:\n  - (open\n", "no valid cue"),
        ("asked.yaml", "partial:\n", "partial:\n  - a?*??+\n", "no valid cue"),
        ("asked.yaml", "partial:\n", "partial:\n  - Hoofdletter\n", "lower case"),
        ("needed.yaml", "name: incasso", "naam: incasso", "nearest is 'name'"),
        ("needed.yaml", "name: incasso", "name: terugbetaling", "stands here twice"),
        ("needed.yaml", "      - DATE_OF_BIRTH\n", "      - NL_BSN\n", "NL_BSN can't be needed"),
        ("needed.yaml", "    where: short\n", "    where: lang\n", "unknown value 'lang'"),
        ("weighed.yaml", "least: 2", "least: veel", "a whole number, -9 to 9"),
        ("weighed.yaml", "least: 2", "least: 10", "a whole number, -9 to 9"),
        ("weighed.yaml", "where: message", "where: bericht", "unknown value 'bericht'"),
        ("weighed.yaml", "third: -4", "derde: -4", "unknown key 'derde'"),
        ("weighed.yaml", "[ADDRESS]", "[NL_BSN]", "NL_BSN can't be needed"),
        ("weighed.yaml", "[ADDRESS]", "[CREDIT_CARD]", "CREDIT_CARD can't be needed"),
        ("weighed.yaml", "weight: 1\n", "gewicht: 1\n", "unknown key 'gewicht'"),
        ("whose.yaml", "postbox:", "postbus:", "nearest is 'postbox'"),
    ],
)
def test_broken_word_lists_are_refused(
    ruleset: RuleSet, rules_dir: Path, tmp_path: Path, name: str, old: str, new: str, problem: str
) -> None:
    words = tmp_path / "words"
    shutil.copytree(rules_dir / "words" / "policy", words)
    text = (words / name).read_text(encoding="utf-8")
    assert old in text
    (words / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=problem) as caught:
        SourcePolicy(ruleset, words_dir=words)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("asked.yaml", "partial: []", "missing"),
        ("needed.yaml", "purposes: []\npassing: []", "missing"),
        ("weighed.yaml", "weighings:\n  - name: x\n    entity_types: [ADDRESS]\n    least: 1", "missing"),
        ("weighed.yaml", WEIGHED_WITHOUT_CUES, "at least one cue"),
        ("whose.yaml", "self: []", "missing"),
    ],
)
def test_incomplete_word_lists(
    ruleset: RuleSet, rules_dir: Path, tmp_path: Path, name: str, text: str, problem: str
) -> None:
    words = tmp_path / "words"
    shutil.copytree(rules_dir / "words" / "policy", words)
    (words / name).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=problem):
        SourcePolicy(ruleset, words_dir=words)


@pytest.mark.parametrize("name", ["asked.yaml", "needed.yaml", "whose.yaml"])
def test_an_empty_list_of_cues_is_refused(ruleset: RuleSet, rules_dir: Path, tmp_path: Path, name: str) -> None:
    words = tmp_path / "words"
    shutil.copytree(rules_dir / "words" / "policy", words)
    key = {"asked.yaml": "partial", "needed.yaml": "question", "whose.yaml": "postbox"}[name]
    kept, skip = [], False
    for line in (words / name).read_text(encoding="utf-8").splitlines():
        skip = skip and not (line[:1].isalpha())
        if line.startswith(f"{key}:"):
            kept.append(f"{key}: []")
            skip = True
        elif not skip:
            kept.append(line)
    (words / name).write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(SettingsError, match="at least one cue"):
        SourcePolicy(ruleset, words_dir=words)


def test_a_purpose_without_cues_is_refused(ruleset: RuleSet, rules_dir: Path, tmp_path: Path) -> None:
    words = tmp_path / "words"
    shutil.copytree(rules_dir / "words" / "policy", words)
    text = (words / "needed.yaml").read_text(encoding="utf-8")
    text = text.replace("purposes:\n", "purposes:\n  - name: leeg\n    entity_types: [ADDRESS]\n", 1)
    (words / "needed.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="wants 'near'"):
        SourcePolicy(ruleset, words_dir=words)


def test_one_value_one_answer_over_all_views(policy: SourcePolicy, marked: Callable[..., Any], now: datetime) -> None:
    text, html = "Graag terugstorten op NL91 ABNA 0417 1643 00.", "nl91abna0417164300"
    views = (TextView(("1",), text, "body", "g"), TextView(("2",), html, "body", "g"), TextView(("h",), html, "header"))
    findings = (
        Finding(("2",), "IBAN_CODE", 0, 18, 0.6, "x"),
        Finding(("h",), "IBAN_CODE", 0, 18, 0.6, "x"),
        Finding(("1",), "IBAN_CODE", 22, 44, 1.0, "x"),
    )
    decisions = policy.decide(marked("").message, views, findings, now)
    assert [d.finding for d in decisions] == list(findings)
    assert {d.action for d in decisions} == {Action.DEFER}
    assert len({d.assessment for d in decisions}) == 1


def test_a_claimed_turn_counts_and_says_so(policy: SourcePolicy, marked: Callable[..., Any], now: datetime) -> None:
    m = marked(f"[[IBAN_CODE|{IBAN}]]")
    turn = Turn(from_desk=True, text="Wat is uw rekeningnummer?", evidence="claimed")
    message = type(m.message)(
        m.message.ref, "email", "text/plain", b"", now, thread=(Turn(from_desk=False, text="Hallo"), turn)
    )
    (decision,) = policy.decide(message, m.views, m.findings, now)
    assert decision.assessment.asked_evidence == "turn 2 (claimed)"


def test_the_desks_own_mailbox(ruleset: RuleSet, marked: Callable[..., Any], now: datetime) -> None:
    m = marked("Ik mailde [[EMAIL_ADDRESS|jan@desk.example]] en [[EMAIL_ADDRESS|jan@elders.example]].")
    policy = SourcePolicy(ruleset, desk_addresses=["desk.example"])
    ours, other = policy.decide(m.message, m.views, m.findings, now)
    assert ours.assessment.data_subject == "organisation"
    assert other.assessment.data_subject != "organisation"


def test_odd_findings_are_decided_all_the_same(decide: Decide) -> None:
    decisions = decide("[[IBAN_CODE|---]] [[PERSON|---]] [[ADDRESS|...]] [[CREDENTIAL| ]] [[PHONE_NUMBER|+]]")
    assert len(decisions) == 5


def test_overlapping_and_touching_findings(policy: SourcePolicy, marked: Callable[..., Any], now: datetime) -> None:
    m = marked("abc 123456782 def")
    path = ("body",)
    findings = [
        Finding(path, "NL_BSN", 4, 13, 1.0, "x"),
        Finding(path, "PHONE_NUMBER", 4, 13, 0.4, "x"),
        Finding(path, "BANK_ACCOUNT", 6, 17, 0.4, "x"),
        Finding(path, "ADDRESS", 0, 17, 0.4, "x"),
    ]
    decisions = policy.decide(m.message, m.views, findings, now)
    assert [d.finding for d in decisions] == findings
