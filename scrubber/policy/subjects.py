"""What the answers to "whose is it" are, and the cue lists that they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scrubber.finding import DataSubject
from scrubber.policy.cues import read_cues
from scrubber.policy.folded import Pattern
from scrubber.policy.strict import read_yaml

_LISTS = (
    *("relation", "pronoun", "self", "held_by_person", "greeting", "i_am", "legal_form", "trade"),
    *("organisation_account", "organisation_place", "organisation_vehicle", "fleet", "resident", "personal_block"),
    *("desk", "pay_to", "private", "role_mailbox", "service_number", "postbox"),
    *("firm_name", "firm_domain", "for_firm", "ours", "mine", "other_party", "work_vehicle"),
    *("paid_from", "premises", "office_holder", "in_business", "my_own", "lives", "debtor", "profession"),
    "business_park",
    "department",
)
_ORDER: tuple[DataSubject, ...] = ("third_party", "organisation", "sender", "unknown")

Subject = tuple[DataSubject, str]
"""Whose it is, and the ground: "afzender", "handtekening", a cue list's name, "quote N", "naam"."""


@dataclass(frozen=True, slots=True)
class WhoseCues:
    """rules/words/policy/whose.yaml, compiled."""

    lists: Mapping[str, Pattern]

    def found(self, name: str, text: bytes) -> bool:
        return self.lists[name].found(text)


def load_whose(path: Path) -> WhoseCues:
    """SettingsError names the line of whatever is wrong in the file."""
    root = read_yaml(path).mapping(_LISTS, _LISTS)
    lists: dict[str, Pattern] = {}
    for name in _LISTS:
        pattern = read_cues(root[name])
        if pattern is None:
            root[name].refuse("at least one cue is wanted here")
        lists[name] = pattern
    return WhoseCues(lists)


def combine(subjects: Iterable[Subject]) -> Subject:
    """One answer for all places of one value: what the channel says of the sender, else the most careful answer."""
    found = list(dict.fromkeys(subjects))
    if ("sender", "afzender") in found:
        return "sender", "afzender"
    return min(found, key=lambda subject: _ORDER.index(subject[0]), default=("unknown", ""))
