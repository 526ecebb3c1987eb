"""The policy of one source: the rules, its profile, its legal bases, its desk's addresses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from scrubber.code import digest_of
from scrubber.errors import SettingsError
from scrubber.finding import ENTITY_TYPES, Action, Decision, Finding
from scrubber.message import Message, TextView
from scrubber.policy.assess import WORD_FILES, Assessed, asked_kinds, assess_all, explained, load_cues
from scrubber.policy.base import Case
from scrubber.policy.rules import PROFILES, Facts, Rule, RuleSet
from scrubber.policy.strict import nearest


class SourcePolicy:
    """Implements `policy.base.Policy`.

    `legal_basis` maps an entity type to the law and article that lets this source keep it; it becomes the `because`
    of the rule that keeps it. `desk_addresses` are mail addresses or bare domains of the desk. `extra_rules` come
    before the file's own. `words_dir` holds the cue lists (default: words/policy beside the rules file), `learned` is
    the file of weights that judges beside them whether a datum is needed (None: the lists alone do).
    SettingsError: unknown profile or type, an empty basis, a rule or word list that is not usable.
    """

    def __init__(
        self,
        ruleset: RuleSet,
        profile: str = "default",
        legal_basis: Mapping[str, str] | None = None,
        desk_addresses: Sequence[str] = (),
        extra_rules: Sequence[Mapping[str, object]] = (),
        words_dir: Path | None = None,
        learned: Path | None = None,
    ) -> None:
        if profile not in PROFILES:
            raise SettingsError(f"profile: unknown value {profile!r}{nearest(profile, PROFILES)}")
        self._basis = dict(legal_basis or {})
        for entity_type, text in self._basis.items():
            if entity_type not in ENTITY_TYPES:
                raise SettingsError(f"legal_basis: unknown key {entity_type!r}{nearest(entity_type, ENTITY_TYPES)}")
            if not text.strip():
                raise SettingsError(f"legal_basis.{entity_type}: name the law and the article")
        self._rules = ruleset.extended(extra_rules)
        self._profile = profile
        self._desk = tuple(desk_addresses)
        words = words_dir or ruleset.path.parent / "words" / "policy"
        self._cues = load_cues(words, ENTITY_TYPES, learned)
        self._digest = self._fingerprint(words, learned)
        self._decided: dict[tuple[object, ...], Rule] = {}
        rules = [rule for rule in self._rules.rules if profile in rule.profile]
        self._actions = {
            kind: frozenset(rule.action for rule in rules if kind in rule.entity_types) for kind in ENTITY_TYPES
        }

    @property
    def digest(self) -> str:
        return self._digest

    def decide(
        self, message: Message, views: Sequence[TextView], findings: Sequence[Finding], now: datetime
    ) -> tuple[Decision, ...]:
        """One decision per finding, in the same order. Equal values of one type get one answer over the whole message.

        `now` is timezone-aware. A deferred removal is due so many days after receipt, a review after `now`.
        """
        (decisions,) = self.decide_all([Case(message, views, findings)], now)
        return decisions

    def decide_all(self, cases: Sequence[Case], now: datetime) -> list[tuple[Decision, ...]]:
        """As `decide`, of many messages, which costs less than one by one."""
        decide = self._decision
        return [
            tuple(
                [
                    decide(finding, answer, case.message, now)
                    for finding, answer in zip(case.findings, told, strict=True)
                ]
            )
            for case, told in zip(cases, assess_all(cases, self._desk, self._cues), strict=True)
        ]

    def explain(self, case: Case, most: int = 15) -> list[tuple[Finding, tuple[tuple[str, int], ...]]]:
        """What the learned weights call needed, each finding with the signs that weigh most for it (hundredths).

        A sign is written as in the file of weights (see need_signs) and holds words of the message.
        """
        return explained(case, self._desk, self._cues, most)

    def actions(self, entity_type: str) -> frozenset[Action]:
        return self._actions[entity_type]

    def asks(self, text: str) -> frozenset[str]:
        """The entity types that something the desk wrote asks for."""
        return asked_kinds(text, self._cues)

    def _decision(self, finding: Finding, answer: Assessed, message: Message, now: datetime) -> Decision:
        basis = self._basis.get(finding.entity_type, "")
        told = answer.assessment
        if message.needed and not told.needed:
            told = replace(told, needed=True, needed_evidence="agent")
        if message.asked and not told.asked:
            told = replace(told, asked=True, asked_evidence="agent")
        known = (
            finding.entity_type,
            told.data_subject,
            told.asked,
            told.on_file,
            told.needed,
            bool(basis),
            answer.traits,
        )
        rule = self._decided.get(known)
        if rule is None:
            facts = Facts.of(finding.entity_type, told, answer.traits, bool(basis), self._profile)
            rule = self._decided[known] = self._rules.decide(facts)
        due = None
        if rule.due is not None:
            due = (message.received if rule.action is Action.DEFER else now) + timedelta(days=rule.due)
        because = basis if rule.legal_basis and basis else rule.because
        return Decision(finding, told, rule.action, rule.name, because, rule.operator, due)

    def _fingerprint(self, words: Path, learned: Path | None) -> str:
        digest = hashlib.sha256(digest_of(Path(__file__).parent).encode())
        for rule in self._rules.rules:
            digest.update(repr(_canonical(rule)).encode())
        settings = {"profile": self._profile, "legal_basis": self._basis, "desk": sorted(self._desk)}
        digest.update(json.dumps(settings, sort_keys=True, ensure_ascii=True).encode())
        for file in (*(words / name for name in WORD_FILES), *([learned] if learned else [])):
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()


def _canonical(rule: object) -> list[tuple[str, str]]:
    """A rule's fields with sets in order, so that equal rules give equal digests in every process."""
    pairs = []
    for name in rule.__slots__:  # type: ignore[attr-defined]  # a slotted dataclass
        value = getattr(rule, name)
        pairs.append((name, repr(sorted(value) if isinstance(value, frozenset) else value)))
    return pairs
