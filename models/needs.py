"""Trains models/needed.tsv: whether a datum is needed, from the marks of the training messages.

A logistic regression over the signs of scrubber.policy.need_signs, once for all families together and once for each,
added up. From which sum on a datum counts as needed, and what a phrase of needed.yaml counts for beside it, is chosen
on hands that took no part in writing the phrases, each judged by weights trained on the others.
"""

from __future__ import annotations

import json
import random
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from models.name_like import holds_one, name_like
from models.recipe import HERE, TRAINING
from scrubber.answers import parse
from scrubber.evaluation import PATHS, read_corpus
from scrubber.finding import ENTITY_TYPES, Finding
from scrubber.message import TextView, ViewKind
from scrubber.policy.assess import Cues, load_cues, signs
from scrubber.policy.base import Case
from scrubber.policy.need_model import FAMILIES, FAMILY_OF, FILE, LEAST, RIVAL, RULE, SCALE, START
from scrubber.shipped import shipped_rules

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One marked datum that some request may need. `said`: a phrase calls it needed; `needed`: its mark does.

    `message` and `value` tell apart which data are each other's rivals; `counts`: whether anything is learned from it.
    """

    hand: str
    family: str
    signs: tuple[str, ...] = field(repr=False)
    said: bool
    needed: bool
    message: int = 0
    value: int = 0
    counts: bool = True


def examples(path: Path, cues: Cues) -> Iterator[Example]:
    """The data of one hand. Those that count nobody asked for, and they are no firm's: for the others it makes no
    difference, but they may be rivals."""
    now = datetime.now(UTC)
    for number, (record, marks) in enumerate(read_corpus(path.read_text(encoding="utf-8"), path)):
        _, message = parse(json.dumps(record), now)
        views = [TextView((part,), record[part], cast("ViewKind", part)) for part in PATHS if record[part]]
        marked: dict[Finding, frozenset[str]] = {
            Finding((part,), mark.entity_type, mark.start, mark.end, 1.0, "mark"): mark.attributes
            for part in PATHS
            for mark in marks[part]
        }
        for finding, found, said, value in signs(Case(message, views, list(marked)), cues):
            attributes = marked[finding]
            counts = not attributes & {"org", "own", "asked"}
            family = FAMILY_OF[finding.entity_type]
            yield Example(path.stem, family, found, said, "needed" in attributes, number, value, counts)


_SAMPLE = {
    "IBAN_CODE": "NL91ABNA0417164300",
    "ADDRESS": "Lindelaan 12, 1234 AB Ede",
    "CREDENTIAL": "Zomer77kast",
    "DATE_OF_BIRTH": "03-04-1971",
    "ID_DOCUMENT": "NX8B2P4R6",
    "LICENSE_PLATE": "XR-482-T",
}
"""What stands for "@": any will do, for signs hold no value."""


def statements(cues: Cues, seed: int, path: Path = HERE / "statements.toml") -> list[Example]:
    """Bare statements beside other sentences: those of `wanted` are needed, those of `said` are not."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    beside, chance = table["beside"], random.Random(seed)  # noqa: S311  # nothing secret is drawn
    made = []
    rows = [(family, said, key == "wanted") for key in ("said", "wanted") for family, said in table[key].items()]
    for family, said, needed in rows:
        value = _SAMPLE[family]
        for sentence in [one for one in said for _ in range(table["copies"])]:
            parts = [sentence, *chance.sample(beside["sentences"], chance.choice((0, 0, 1, 1, 2)))]
            chance.shuffle(parts)
            body = f"{chance.choice(beside['openings'])}{' '.join(parts)}{chance.choice(beside['closings'])}"
            start = body.index("@")
            text = body.replace("@", value)
            finding = Finding(("body",), family, start, start + len(value), 1.0, "mark")
            _, message = parse(json.dumps({"body": text}), datetime.now(UTC))
            case = Case(message, [TextView(("body",), text, "body")], [finding])
            made += [Example("statements", family, one.signs, one.said, needed) for one in signs(case, cues)]
    return made


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights by sign, a column a family; `start` the same for no sign at all."""

    weights: Mapping[str, Floats]
    start: Floats

    def total(self, example: Example) -> float:
        column = FAMILIES.index(example.family)
        return float(self.start[column] + sum(self.weights[s][column] for s in example.signs if s in self.weights))


def fit(rows: Sequence[Example], strength: float, least: int, lopsided: float) -> Fit:
    """Signs that stand in `least` examples or more. `strength`: the inverse of the regularisation; `lopsided`: see
    NeedRecipe."""
    counted = Counter(name for row in rows for name in _features(row))
    index = {name: at for at, name in enumerate(sorted(n for n, times in counted.items() if times >= least))}
    places: list[int] = []
    ends = [0]
    for row in rows:
        places += sorted(index[name] for name in _features(row) if name in index)
        ends.append(len(places))
    table = csr_matrix(
        (np.ones(len(places)), np.array(places, np.int32), np.array(ends, np.int32)), shape=(len(rows), len(index))
    )
    needed = np.array([row.needed for row in rows])
    trust = (1 - lopsided) + lopsided * _lopsidedness(table, needed)
    model = LogisticRegression(C=strength, max_iter=500, solver="liblinear", random_state=0)
    model.fit(table.multiply(trust).tocsr(), needed)
    learned = model.coef_[0] * trust
    weights: dict[str, Floats] = {}
    start = np.full(len(FAMILIES), float(model.intercept_[0]))
    for name, at in index.items():
        head, bar, tail = name.partition("|")
        family, sign = (head, tail) if bar and head in FAMILIES else ("", name)
        row_of = weights.setdefault(sign, np.zeros(len(FAMILIES)))
        if family:
            row_of[FAMILIES.index(family)] += learned[at]
        else:
            row_of += learned[at]
    return Fit(weights, start + weights.pop("", np.zeros(len(FAMILIES))))


def _lopsidedness(table: csr_matrix, needed: NDArray[np.bool_]) -> Floats:
    """Of each sign how much more often than the others it stands with what is needed, or with what is not: the absolute
    logarithm of the two shares (Wang and Manning 2012, "Baselines and Bigrams")."""
    shares = []
    for some in (table[needed], table[~needed]):
        times = 1 + np.asarray(some.sum(0)).ravel()
        shares.append(times / times.sum())
    uneven: Floats = np.abs(np.log(shares[0] / shares[1]))
    return uneven


def _features(row: Example) -> Iterable[str]:
    """Each sign by itself and for its family, and the family by itself ("")."""
    return {*row.signs, *(f"{row.family}|{sign}" for sign in row.signs), f"{row.family}|"}


def against_rivals(rows: Sequence[Example], totals: Sequence[float], share: int) -> list[float]:
    """The totals, each less `share` hundredths of the highest of another value of its family in the same message,
    where that is above 0."""
    best: dict[tuple[str, int, str], dict[int, float]] = {}
    for row, total in zip(rows, totals, strict=True):
        values = best.setdefault((row.hand, row.message, row.family), {})
        values[row.value] = max(total, values.get(row.value, total))
    lowered = []
    for row, total in zip(rows, totals, strict=True):
        others = best[row.hand, row.message, row.family]
        highest = max([0.0, *(other for value, other in others.items() if value != row.value)])
        lowered.append(total - share / SCALE * highest)
    return lowered


IN_VAIN = 1.1
"""What a removal that waits in vain counts beside one that comes too early: the promise is to remove."""


def balance(fresh: Sequence[Example], totals: Sequence[float]) -> tuple[int, dict[str, int]]:
    """(what a phrase counts for, per family the sum from which on a datum is needed), both in hundredths.

    `totals`: of each of the fresh examples, by weights that never saw its hand. A logistic regression on the total, the
    phrase and the family, in which the needed ones weigh as much as the others together, and the others IN_VAIN times
    that: where it is in doubt is the sum that counts. What is best on just these messages would jump by a whole point
    when a few of them change.
    """
    needed = np.array([row.needed for row in fresh])
    if needed.all() or not needed.any():
        raise ValueError("nothing to choose on: some examples must be needed and some not")
    said = [1.0 if row.said else -1.0 for row in fresh]
    families = np.array([[row.family == family for family in FAMILIES] for row in fresh], float)
    cost = np.where(needed, 1 / needed.sum(), IN_VAIN / (~needed).sum()) * len(fresh)
    model = LogisticRegression(max_iter=500, random_state=0)
    model.fit(np.column_stack([totals, said, families]), needed, sample_weight=cost)
    of_total, of_phrase, *of_family = (float(value) / SCALE for value in model.coef_[0])
    if of_total <= 0:
        raise ValueError("the weights tell nothing of the fresh examples")
    starts = [float(model.intercept_[0]) / SCALE + value for value in of_family]
    phrase = max(0, round(of_phrase / of_total * SCALE))
    return phrase, {family: round(-start / of_total * SCALE) for family, start in zip(FAMILIES, starts, strict=True)}


@dataclass(frozen=True, slots=True)
class NeedRecipe:
    """[needs] of models/config.toml.

    `fresh`: hands that no phrase was written after; `least`: examples of a sign; `slight`: a sign whose weights all
    stay under it (hundredths) is left out; `rival`: what share of a rival's sum is taken off, in hundredths;
    `lopsided`: what part of a sign's freedom to have a weight goes by how unevenly it stands with what is needed and
    what is not, 0 to 1; `folds`: parts of the fresh hands, of which each is judged by weights of the rest.
    """

    strength: float
    least: int
    lopsided: float
    slight: int
    rival: int
    folds: int
    fresh: Sequence[str]
    seed: int = 1

    @staticmethod
    def read(path: Path = HERE / "config.toml") -> NeedRecipe:
        """TypeError names a key that is missing or unknown."""
        return NeedRecipe(**tomllib.loads(path.read_text(encoding="utf-8"))["needs"])


def apart(hands: Mapping[str, Sequence[Example]], fresh: Sequence[str], recipe: NeedRecipe) -> list[float]:
    """The totals of the fresh hands' examples, less their rivals'. Each hand's are by weights that never saw it: the
    fresh hands fall in `folds` parts, and each part's weights are fitted to all other hands."""
    totals: dict[str, list[float]] = {}
    for part in range(min(recipe.folds, len(fresh))):
        away = set(fresh[part :: recipe.folds])
        others = [row for name, rows in hands.items() if name not in away for row in rows if row.counts]
        made = fit(others, recipe.strength, recipe.least, recipe.lopsided)
        for name in away:
            totals[name] = against_rivals(hands[name], [made.total(row) for row in hands[name]], recipe.rival)
    return [total for name in fresh for total in totals[name]]


def write(path: Path, made: Fit, phrase: int, least: Mapping[str, int], slight: int, rival: int) -> int:
    """The file of weights, signs in order; how many signs it holds."""
    lines = ["sign\t" + "\t".join(FAMILIES)]
    lines.append(f"{START}\t" + "\t".join(str(round(value * SCALE)) for value in made.start))
    lines.append(f"{LEAST}\t" + "\t".join(str(least[family]) for family in FAMILIES))
    lines.append(f"{RULE}\t" + "\t".join([str(phrase)] * len(FAMILIES)))
    lines.append(f"{RIVAL}\t" + "\t".join([str(rival)] * len(FAMILIES)))
    kept = 0
    for sign, row in sorted(made.weights.items()):
        whole = [round(float(value) * SCALE) for value in row]
        if sign.isascii() and max(map(abs, whole)) >= slight:
            lines.append(f"{sign}\t" + "\t".join(map(str, whole)))
            kept += 1
    path.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
    return kept


def _texts(directory: Path) -> Iterator[str]:
    """Subjects and bodies of the training messages, without marks."""
    for path in sorted(directory.glob("*.jsonl")):
        for record, _ in read_corpus(path.read_text(encoding="utf-8"), path):
            yield from (record[part] for part in PATHS)


def _without(row: Example, names: frozenset[str]) -> Example:
    """The example without the signs that hold one of these names."""
    return replace(row, signs=tuple(sign for sign in row.signs if not holds_one(sign, names)))


def train(recipe: NeedRecipe, directory: Path = TRAINING, path: Path = HERE / FILE) -> str:
    """Train and write the file; a sentence for who waits."""
    cues = load_cues(shipped_rules() / "words" / "policy", ENTITY_TYPES)
    hands = {file.stem: list(examples(file, cues)) for file in sorted(directory.glob("*.jsonl"))}
    bare = statements(cues, recipe.seed)
    hands["statements"] = bare
    like = name_like(_texts(directory))
    hands = {name: [_without(row, like) for row in rows] for name, rows in hands.items()}
    fresh = [name for name in recipe.fresh if name in hands]
    totals = apart(hands, fresh, recipe)
    judged = [row for name in fresh for row in hands[name]]
    counted = [(row, total) for row, total in zip(judged, totals, strict=True) if row.counts]
    rows_of, totals_of = [row for row, _ in counted], [total for _, total in counted]
    phrase, least = balance(rows_of, totals_of)
    rows = [row for some in hands.values() for row in some if row.counts]
    made = fit(rows, recipe.strength, recipe.least, recipe.lopsided)
    kept = write(path, made, phrase, least, recipe.slight, recipe.rival)
    marked = f"{len(rows) - len(bare)} examples of {len(hands) - 1} hands, {len(bare)} bare statements"
    return f"{path.name}: {marked}, {kept} signs, phrase {phrase}, least {least}"
