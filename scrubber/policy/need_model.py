"""A linear model of whether a datum is needed: trained weights, one readable line a sign (models/needed.tsv).

The chance is 1 / (1 + exp(-sum of the weights)). What no phrase of needed.yaml says is found so, from many weak signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scrubber.errors import SettingsError
from scrubber.policy.need_signs import Signs, Words, read, written

FILE = "needed.tsv"
FAMILIES = ("IBAN_CODE", "ADDRESS", "CREDENTIAL", "DATE_OF_BIRTH", "ID_DOCUMENT", "LICENSE_PLATE", "HEALTH_ID")
FAMILY_OF = {kind: kind for kind in FAMILIES} | {"BANK_ACCOUNT": "IBAN_CODE"}
"""Types that some request may need, and the column of weights each is judged by."""
SCALE = 100
"""Weights are kept as whole hundredths."""
START, LEAST, RULE, RIVAL = "(start)", "(least)", "(rule)", "(rival)"
"""Rows that are no signs: what the sum begins with; from which sum on a datum is needed; what a phrase counts for; what
share, in hundredths, of the highest sum of another value of the family is taken off, where that is above 0."""
_NO_SIGNS = (START, LEAST, RULE, RIVAL)


@dataclass(frozen=True, slots=True)
class NeedModel:
    """Weights by sign. `numbers`: of each zone its words and the number of their sign; `columns`: of each family the
    weight by that number, 0 first, for no sign has the number 0; `others`: the rows that are no signs.
    """

    numbers: Mapping[str, Mapping[Words, int]] = field(repr=False)
    columns: Sequence[Sequence[int]] = field(repr=False)
    others: Mapping[str, int] = field(repr=False)

    def sum(self, signs: Signs, column: int) -> int:
        """The weights of these signs for one family, added up."""
        weights, numbers = self.columns[column].__getitem__, self.numbers
        total = 0
        for zone, several in signs:
            if known := numbers.get(zone):
                total += sum(map(weights, filter(None, map(known.get, several))))
        return total

    def apart(self, signs: Signs, column: int) -> dict[str, int]:
        """The weight of each of these signs for one family, where it has any."""
        each = [(zone, [one]) for zone, several in signs for one in several]
        weights = {next(written([sign])): self.sum([sign], column) for sign in each}
        return {sign: weight for sign, weight in weights.items() if weight}

    def weight(self, name: str, column: int) -> int:
        """Of a row that is no sign."""
        return self.columns[column][self.others[name]]


def load(path: Path) -> NeedModel:
    """Read a file of weights. SettingsError names the line that is none."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"[rules] learned: {path} can't be read ({type(error).__name__}); `make model` builds it"
        ) from None
    if not lines or tuple(lines[0].split("\t")[1:]) != FAMILIES:
        raise SettingsError(f"{path}:1: the first line must name the columns: {', '.join(FAMILIES)}")
    weights: dict[str, tuple[int, ...]] = {}
    for number, line in enumerate(lines[1:], 2):
        sign, *row = line.split("\t")
        if sign in weights or (":" not in sign and sign not in _NO_SIGNS):
            raise SettingsError(f"{path}:{number}: a sign is written 'zone:words', each once")
        try:
            weights[sign] = tuple(map(int, row))
        except ValueError:
            raise SettingsError(f"{path}:{number}: a weight is a whole number") from None
        if len(row) != len(FAMILIES):
            raise SettingsError(f"{path}:{number}: {len(FAMILIES)} weights are wanted")
    for name in _NO_SIGNS:
        if name not in weights:
            raise SettingsError(f"{path}: the line {name} is missing: another version built it; `make model` builds it")
    numbers: dict[str, dict[Words, int]] = {}
    others: dict[str, int] = {}
    for number, name in enumerate(weights, 1):
        if name in _NO_SIGNS:
            others[name] = number
        else:
            zone, said = read(name)
            numbers.setdefault(zone, {})[said] = number
    columns = [(0, *column) for column in zip(*weights.values(), strict=True)]
    return NeedModel(numbers, columns, others)
