"""A linear model of whether a datum is needed: trained weights, one readable line a sign (models/needed.tsv).

The chance is 1 / (1 + exp(-sum of the weights)). What no phrase of needed.yaml says is found so, from many weak signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scrubber.errors import SettingsError

FILE = "needed.tsv"
FAMILIES = ("IBAN_CODE", "ADDRESS", "CREDENTIAL", "DATE_OF_BIRTH", "ID_DOCUMENT", "LICENSE_PLATE")
FAMILY_OF = {kind: kind for kind in FAMILIES} | {"BANK_ACCOUNT": "IBAN_CODE", "HEALTH_ID": "ID_DOCUMENT"}
"""Types that some request may need, and the column of weights each is judged by."""
SCALE = 100
"""Weights are kept as whole hundredths."""
START, LEAST, RULE = "(start)", "(least)", "(rule)"
"""Rows that are no signs: what the sum begins with; from which sum on a datum is needed; what a phrase counts for."""


@dataclass(frozen=True, slots=True)
class NeedModel:
    """Weights by sign: `rows` says which row of `table` is a sign's, a column of it is a family."""

    rows: Mapping[str, int] = field(repr=False)
    table: NDArray[np.int32] = field(repr=False)

    def sums(self, signs: Iterable[str]) -> NDArray[np.int32]:
        """The weights of these signs added up, a column a family."""
        total: NDArray[np.int32] = self.table[self._rows_of(signs)].sum(0, dtype=np.int32)
        return total

    def sum(self, signs: Iterable[str], column: int) -> int:
        """The weights of these signs for one family, added up."""
        return int(self.table[self._rows_of(signs), column].sum())

    def apart(self, signs: Iterable[str], column: int) -> dict[str, int]:
        """The weight of each of these signs for one family, where it has any."""
        known = {sign: int(self.table[self.rows[sign], column]) for sign in signs if sign in self.rows}
        return {sign: weight for sign, weight in known.items() if weight}

    def weight(self, name: str, column: int) -> int:
        return int(self.table[self.rows[name], column])

    def _rows_of(self, signs: Iterable[str]) -> list[int]:
        return [row for row in map(self.rows.get, signs) if row is not None]


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
        try:
            weights[sign] = tuple(map(int, row))
        except ValueError:
            raise SettingsError(f"{path}:{number}: a weight is a whole number") from None
        if len(row) != len(FAMILIES):
            raise SettingsError(f"{path}:{number}: {len(FAMILIES)} weights are wanted")
    for name in (START, LEAST, RULE):
        if name not in weights:
            raise SettingsError(f"{path}: the line {name} is missing")
    return NeedModel({name: at for at, name in enumerate(weights)}, np.array(list(weights.values()), np.int32))
