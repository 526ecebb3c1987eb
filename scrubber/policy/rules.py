"""The table that decides: rules read strictly from YAML, and a look-up without any text."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from scrubber.errors import SettingsError
from scrubber.finding import ENTITY_TYPES, Action, Assessment, DataSubject
from scrubber.policy.assess import TRAITS
from scrubber.policy.strict import Value, plain, read_yaml

PROFILES = ("default", "strict")
_SUBJECTS: tuple[DataSubject, ...] = get_args(DataSubject)
_CONDITIONS = ("entity_types", "data_subject", "asked", "on_file", "needed", "legal_basis", "profile", "traits")
_KEYS = ("name", *_CONDITIONS, "action", "operator", "because", "due")
_DATED = frozenset({Action.DEFER, Action.REVIEW})


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a rule may know of a finding."""

    entity_type: str
    data_subject: DataSubject
    asked: bool
    on_file: bool
    needed: bool
    legal_basis: bool
    profile: str
    traits: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, entity_type: str, assessment: Assessment, traits: frozenset[str], legal_basis: bool, profile: str
    ) -> Facts:
        return cls(
            entity_type,
            assessment.data_subject,
            assessment.asked,
            assessment.on_file,
            assessment.needed,
            legal_basis,
            profile,
            traits,
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. None as a condition: any. `traits` must all be there. `due` counts days."""

    name: str
    action: Action
    because: str
    operator: str = ""
    due: int | None = None
    entity_types: frozenset[str] = frozenset(ENTITY_TYPES)
    data_subject: frozenset[str] = frozenset(_SUBJECTS)
    profile: frozenset[str] = frozenset(PROFILES)
    asked: bool | None = None
    on_file: bool | None = None
    needed: bool | None = None
    legal_basis: bool | None = None
    traits: frozenset[str] = frozenset()

    def matches(self, facts: Facts) -> bool:
        return (
            facts.entity_type in self.entity_types
            and facts.data_subject in self.data_subject
            and facts.profile in self.profile
            and self.asked in (None, facts.asked)
            and self.on_file in (None, facts.on_file)
            and self.needed in (None, facts.needed)
            and self.legal_basis in (None, facts.legal_basis)
            and self.traits <= facts.traits
        )


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in order; every combination of facts meets one. `path` is where they come from."""

    rules: tuple[Rule, ...]
    path: Path

    def decide(self, facts: Facts) -> Rule:
        """The first rule that matches."""
        for rule in self.rules:
            if rule.matches(facts):
                return rule
        raise SettingsError(f"{self.path}: no rule decides on {facts.entity_type}")

    def extended(self, extra: Sequence[Mapping[str, object]], origin: str = "extra_rules") -> RuleSet:
        """This set with a source's own rules before it, checked alike. SettingsError names the rule's number."""
        if not extra:
            return self
        own = [_rule(plain(dict(rule), f"{origin}, rule {number}")) for number, rule in enumerate(extra, 1)]
        rules = (*own, *((rule, value) for rule, value in ((r, plain({}, str(self.path))) for r in self.rules)))
        _check(rules, shadowed_is_error=len(own))
        return RuleSet(tuple(rule for rule, _ in rules), self.path)


def load_policy(path: Path) -> RuleSet:
    """The rules of a policy file.

    SettingsError names file, line and nearest valid key: unknown key, action, entity type or value, a name twice, a
    missing `because`, `due` where nothing waits, a rule that can never be reached, facts that no rule decides on, and
    any rule that would keep an NL_BSN without a legal basis.
    """
    root = read_yaml(path).mapping(("rules",), ("rules",))
    pairs = [_rule(item) for item in root["rules"].items()]
    if not pairs:
        root["rules"].refuse("at least one rule is wanted here")
    _check(pairs)
    return RuleSet(tuple(rule for rule, _ in pairs), path)


def _rule(item: Value) -> tuple[Rule, Value]:
    keys = item.mapping(_KEYS, ("name", "action", "because"))
    action = Action(keys["action"].choice(a.value for a in Action))
    if action in _DATED and "due" not in keys:
        item.refuse(f"the key 'due' is missing: {action.value} wants a number of days")
    if action not in _DATED and "due" in keys:
        keys["due"].refuse(f"'due' has no meaning for {action.value}")
    flags = {name: keys[name].flag() for name in ("asked", "on_file", "needed", "legal_basis") if name in keys}
    rule = Rule(
        name=keys["name"].text(),
        action=action,
        because=keys["because"].text(),
        operator=keys["operator"].text() if "operator" in keys else "",
        due=keys["due"].days() if "due" in keys else None,
        entity_types=keys["entity_types"].choices(ENTITY_TYPES) if "entity_types" in keys else frozenset(ENTITY_TYPES),
        data_subject=keys["data_subject"].choices(_SUBJECTS) if "data_subject" in keys else frozenset(_SUBJECTS),
        profile=keys["profile"].choices(PROFILES) if "profile" in keys else frozenset(PROFILES),
        traits=keys["traits"].choices(TRAITS) if "traits" in keys else frozenset(),
        asked=flags.get("asked"),
        on_file=flags.get("on_file"),
        needed=flags.get("needed"),
        legal_basis=flags.get("legal_basis"),
    )
    return rule, item


def _check(pairs: Sequence[tuple[Rule, Value]], shadowed_is_error: int | None = None) -> None:
    """Names, reach and cover. Of a set with extra rules only the first `shadowed_is_error` must be reachable."""
    names: set[str] = set()
    for rule, item in pairs:
        if rule.name in names:
            item.refuse(f"the rule {rule.name!r} stands here twice")
        names.add(rule.name)
    reached: set[str] = set()
    for facts in _all_facts({trait for rule, _ in pairs for trait in rule.traits}):
        first = next(((rule, item) for rule, item in pairs if rule.matches(facts)), None)
        if first is None:
            pairs[-1][1].refuse(
                f"no rule decides on {facts.entity_type} (data_subject {facts.data_subject}, profile {facts.profile})"
            )
        rule, item = first
        reached.add(rule.name)
        if facts.entity_type == "NL_BSN" and not facts.legal_basis and rule.action is not Action.REDACT:
            item.refuse(f"the rule {rule.name!r} would {rule.action.value} an NL_BSN without a legal basis")
    for rule, item in pairs[:shadowed_is_error]:
        if rule.name not in reached:
            item.refuse(f"the rule {rule.name!r} is never reached: rules above it decide all its cases")


def _all_facts(traits: Iterable[str]) -> Iterator[Facts]:
    ordered = sorted(traits)
    sets = [frozenset(c) for size in range(len(ordered) + 1) for c in itertools.combinations(ordered, size)]
    flags = (False, True)
    for values in itertools.product(ENTITY_TYPES, _SUBJECTS, flags, flags, flags, flags, PROFILES, sets):
        yield Facts(*values)
