"""Whether a datum is needed, judged by weights: several weak signs together where no single phrase says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from scrubber.policy.clauses import Context
from scrubber.policy.cues import read_cues
from scrubber.policy.folded import Pattern
from scrubber.policy.strict import Value, read_yaml

_KEYS = ("name", "entity_types", "least", "start", "serves_old", "circumstances", "signs")
_SIGN = ("weight", "where", "any")
_PLACES = ("clause", "paragraph", "message")
CIRCUMSTANCES = ("third", "many", "labelled", "short", "crowded", "question", "deed", "poured", "sample", "own")
"""What may count beside words: whose it is ("own": the sender's), a row of values of its type ("many"), a form label,
few words before it, three other data on its line, a message that only asks or that asks for a deed, all there is."""

_MANY_OTHERS = 3
_SHORT = 4
_OTHER = re.compile(rb"%+")


@dataclass(frozen=True, slots=True)
class Sign:
    """Cues and what they count for, in the clause, the paragraph or the whole message."""

    weight: int
    where: str
    pattern: Pattern


class _Step(NamedTuple):
    """One weight, with what it and all that come after it can add at most (`most`) and at least (`fewest`)."""

    weight: int
    circumstance: str
    number: int
    sign: Sign | None
    most: int
    fewest: int


def _steps(circumstances: Sequence[tuple[str, int]], signs: Sequence[Sign]) -> tuple[_Step, ...]:
    """What speaks for it first: most data are needed for nothing, and then nothing that speaks against it matters."""
    rows: list[tuple[int, str, int, Sign | None]] = [(weight, name, -1, None) for name, weight in circumstances]
    rows += [(sign.weight, "", number, sign) for number, sign in enumerate(signs)]
    rows.sort(key=lambda row: row[0] < 0)
    steps: list[_Step] = []
    most = fewest = 0
    for weight, name, number, sign in reversed(rows):
        most += max(0, weight)
        fewest += min(0, weight)
        steps.append(_Step(weight, name, number, sign, most, fewest))
    return tuple(reversed(steps))


@dataclass(frozen=True, slots=True)
class Weighing:
    """Signs and their weights for some types. See rules/words/policy/weighed.yaml."""

    name: str
    entity_types: frozenset[str]
    least: int
    start: int
    circumstances: tuple[tuple[str, int], ...]
    signs: tuple[Sign, ...]
    serves_old: bool = False
    steps: tuple[_Step, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", _steps(self.circumstances, self.signs))

    def reaches(self, context: Context, holds: Callable[[str], bool], says: Callable[[int, Pattern], bool]) -> bool:
        """Whether the weights add up to `least`; what can't change that any more is not looked at.

        `holds` answers for a circumstance, `says` for the pattern of the sign with this number in the whole message.
        """
        total, least = self.start, self.least
        for step in self.steps:
            if total + step.most < least:
                return False
            if total + step.fewest >= least:
                return True
            sign = step.sign
            if sign is None:
                found = holds(step.circumstance)
            elif sign.where == "message":
                found = says(step.number, sign.pattern)
            else:
                found = sign.pattern.found(context.clause if sign.where == "clause" else context.paragraph)
            if found:
                total += step.weight
        return total >= least


Weighings = Mapping[str, tuple[Weighing, ...]]
"""Per entity type."""


def labelled(context: Context) -> bool:
    return context.labelled


def short(context: Context) -> bool:
    """Whether a label or at most four words stand before the datum in its sentence."""
    return context.labelled or len(context.before.split()) <= _SHORT


def crowded(context: Context) -> bool:
    """Whether three or more other data stand on its line."""
    row = context.line + context.after.split(b"\n", 1)[0]
    return sum(1 for _ in _OTHER.finditer(row)) >= _MANY_OTHERS


def load_weighed(path: Path, entity_types: tuple[str, ...], never: frozenset[str]) -> Weighings:
    """The weighings of each type. SettingsError names the line of whatever is wrong in the file."""
    root = read_yaml(path).mapping(("weighings",), ("weighings",))
    found = [_weighing(item, entity_types, never) for item in root["weighings"].items()]
    kinds = sorted({kind for weighing in found for kind in weighing.entity_types})
    return {kind: tuple(w for w in found if kind in w.entity_types) for kind in kinds}


def _weighing(item: Value, entity_types: tuple[str, ...], never: frozenset[str]) -> Weighing:
    keys = item.mapping(_KEYS, ("name", "entity_types", "least", "signs"))
    types = keys["entity_types"].choices(entity_types)
    if types & never:
        keys["entity_types"].refuse(f"{', '.join(sorted(types & never))} can't be needed")
    circumstances = keys["circumstances"].mapping(CIRCUMSTANCES) if "circumstances" in keys else {}
    return Weighing(
        keys["name"].text(),
        types,
        keys["least"].weight(),
        keys["start"].weight() if "start" in keys else 0,
        tuple((name, value.weight()) for name, value in circumstances.items()),
        tuple(_sign(sign) for sign in keys["signs"].items()),
        keys["serves_old"].flag() if "serves_old" in keys else False,
    )


def _sign(item: Value) -> Sign:
    keys = item.mapping(_SIGN, _SIGN)
    pattern = read_cues(keys["any"])
    if pattern is None:
        keys["any"].refuse("at least one cue is wanted here")
    return Sign(keys["weight"].weight(), keys["where"].choice(_PLACES), pattern)
