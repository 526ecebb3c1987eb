"""Training of what is needed: examples from marks, weights that follow them, thresholds that balance, a stable file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.needs import Example, Fit, NeedRecipe, against_rivals, apart, balance, examples, fit, train, write
from scrubber.finding import ENTITY_TYPES
from scrubber.policy.assess import load_cues
from scrubber.policy.need_model import FAMILIES, LEAST, load
from scrubber.shipped import shipped_rules

RECIPE = NeedRecipe(strength=1.0, least=1, lopsided=0.5, slight=1, rival=50, folds=2, fresh=("hand-b",))
PLATE = "[[LICENSE_PLATE{}|XR-482-T]]"


def hand(path: Path, *bodies: str) -> Path:
    rows = [{"id": f"x-{n}", "channel": "email", "subject": "", "body": body} for n, body in enumerate(bodies)]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_examples_are_what_nobody_asked_for(tmp_path: Path) -> None:
    cues = load_cues(shipped_rules() / "words" / "policy", ENTITY_TYPES)
    path = hand(
        tmp_path / "hand-a.jsonl",
        f"Graag een vergunning voor {PLATE.format('.needed')}, mijn vorige was {PLATE.format('')}.",
        f"Firma-auto {PLATE.format('.org')}, uw vraag: {PLATE.format('.asked')}, eigen: {PLATE.format('.own')}",
        "BSN [[NL_BSN|123456782]]",
    )
    found = [one for one in examples(path, cues) if one.counts]
    assert [(one.family, one.needed) for one in found] == [("LICENSE_PLATE", True), ("LICENSE_PLATE", False)]
    assert {one.hand for one in found} == {"hand-a"}


def test_the_same_value_is_no_rival_of_itself(tmp_path: Path) -> None:
    cues = load_cues(shipped_rules() / "words" / "policy", ENTITY_TYPES)
    other = "[[LICENSE_PLATE|G-018-BT]]"
    path = hand(
        tmp_path / "hand-a.jsonl",
        f"Vergunning voor {PLATE.format('.needed')}, dus {PLATE.format('.needed')}, en niet {other}.",
        f"Het gaat om {PLATE.format('.org')}.",
    )
    rows = list(examples(path, cues))
    assert [row.counts for row in rows] == [True, True, True, False]
    assert against_rivals(rows, [2.0, 1.0, 0.5, 3.0], 50) == [1.75, 0.75, -0.5, 3.0]
    assert against_rivals(rows, [2.0, 1.0, -0.5, 3.0], 50) == [2.0, 1.0, -1.5, 3.0]  # a weak rival takes nothing off
    assert against_rivals(rows, [2.0, 1.0, 0.5, 3.0], 0) == [2.0, 1.0, 0.5, 3.0]


def example(sign: str, needed: bool, family: str = "ADDRESS", said: bool = False, hand: str = "h") -> Example:
    return Example(hand, family, (sign, "m:de"), said, needed)


def test_weights_follow_the_marks_and_the_family() -> None:
    rows = [example("m:leg", True)] * 20 + [example("m:oud", False)] * 20
    rows += [example("m:oud", True, "CREDENTIAL")] * 20 + [example("m:leg", False, "CREDENTIAL")] * 20
    made = fit(rows, 1.0, 2, 0.0)
    address, secret = FAMILIES.index("ADDRESS"), FAMILIES.index("CREDENTIAL")
    assert made.weights["m:leg"][address] > 0.5 > -0.5 > made.weights["m:oud"][address]
    assert made.weights["m:oud"][secret] > 0.5 > -0.5 > made.weights["m:leg"][secret]
    assert made.total(example("m:leg", True)) > 0 > made.total(example("m:oud", True))


def test_the_threshold_balances_both_kinds_of_mistake() -> None:
    rows = [example("m:x", needed) for needed in [True] * 100 + [False] * 100]
    totals = [*np.linspace(-0.5, 1.5, 100), *np.linspace(-2.0, 0.4, 100)]
    phrase, least = balance(rows, totals)
    needed = [total * 100 - phrase >= least["ADDRESS"] for total in totals]
    mistakes = sum(not one for one in needed[:100]) + sum(needed[100:])
    assert mistakes <= 1.2 * min(
        sum(t < at for t in totals[:100]) + sum(t >= at for t in totals[100:]) for at in np.arange(-3, 2, 0.05)
    )


def test_however_few_are_needed_they_weigh_as_much_as_the_others() -> None:
    even = [example("m:x", needed) for needed in [True, False] * 50]
    few = [*even, *[example("m:x", False)] * 500]
    spread = np.random.default_rng(1).normal(0, 1, 600)
    totals = [(1.0 if row.needed else -1.0) + float(more) for row, more in zip(few, spread, strict=True)]
    _, of_even = balance(even, totals[:100])
    _, of_few = balance(few, totals)
    assert abs(of_even["ADDRESS"] - of_few["ADDRESS"]) < 40


def test_a_phrase_counts_only_where_it_helps() -> None:
    rows = [example("m:x", needed, said=needed) for needed in [True] * 10 + [False] * 10]
    totals = [0.1 if row.needed else 0.0 for row in rows]
    assert balance(rows, totals)[0] > 0
    rows = [example("m:x", needed, said=not needed) for needed in [True] * 10 + [False] * 10]
    assert balance(rows, [1.0] * 10 + [-1.0] * 10)[0] == 0


def test_the_threshold_hardly_moves_with_a_message() -> None:
    rows = [Example("hand", "IBAN_CODE", (), False, n % 4 > 1, message=n) for n in range(60)]
    totals = [(1.0 if row.needed else -1.0) + n % 7 / 2 for n, row in enumerate(rows)]
    _, all_of_them = balance(rows, totals)
    _, without_one = balance(rows[1:], totals[1:])
    assert abs(all_of_them["IBAN_CODE"] - without_one["IBAN_CODE"]) <= 10


@pytest.mark.parametrize("needed", [[], [True, True], [False]])
def test_nothing_to_choose_on_is_an_error(needed: list[bool]) -> None:
    with pytest.raises(ValueError, match="nothing to choose on"):
        balance([example("m:x", one) for one in needed], [1.0] * len(needed))


def test_weights_that_tell_nothing_are_an_error() -> None:
    rows = [example("m:x", needed) for needed in [True, False] * 10]
    with pytest.raises(ValueError, match="tell nothing"):
        balance(rows, [-1.0 if row.needed else 1.0 for row in rows])


def test_the_file_is_the_same_each_time_and_reads_back(tmp_path: Path) -> None:
    asks = [f"Vergunning aanvragen voor {PLATE.format('.needed')} aub, nummer {n} in de rij." for n in range(6)]
    tells = [f"Iemand reed weg in {PLATE.format('')} zei de buurman van nummer {n}." for n in range(6)]
    hand(tmp_path / "hand-a.jsonl", *asks, *tells)
    hand(tmp_path / "hand-b.jsonl", *asks[:4], *tells[:4])
    first, again = tmp_path / "one.tsv", tmp_path / "two.tsv"
    assert "20 examples of 2 hands" in train(RECIPE, tmp_path, first)
    train(RECIPE, tmp_path, again)
    assert first.read_bytes() == again.read_bytes()
    model = load(first)
    plate = FAMILIES.index("LICENSE_PLATE")
    assert model.sum([("m", ["vergun"])], plate) > 0 > model.sum([("m", ["buurma"])], plate)
    assert first.read_text().splitlines()[2].startswith(LEAST)


def test_slight_and_foreign_signs_are_left_out(tmp_path: Path) -> None:
    made = fit([example("m:leg", True), example("m:oud", False), example("m:\xe9en", True)] * 5, 1.0, 1, 0.0)
    write(tmp_path / "x.tsv", made, 0, dict.fromkeys(FAMILIES, 0), 80, 50)
    rows = [line.split("\t") for line in (tmp_path / "x.tsv").read_text(encoding="ascii").splitlines()[5:]]
    assert "m:oud" in [row[0] for row in rows]
    assert all(max(abs(int(weight)) for weight in row[1:]) >= 80 for row in rows)
    assert len(rows) < len(made.weights)


def test_a_lopsided_sign_is_freer_to_have_a_weight() -> None:
    rows = [example("m:leg", True)] * 20 + [example("m:oud", False)] * 20
    rows += [example("m:vaak", True)] * 12 + [example("m:vaak", False)] * 8
    even, freer = (fit(rows, 1.0, 2, lopsided) for lopsided in (0.0, 1.0))
    column = FAMILIES.index("ADDRESS")

    def share(made: Fit) -> float:
        return float(abs(made.weights["m:vaak"][column]) / abs(made.weights["m:leg"][column]))

    assert share(freer) < share(even)


def test_no_hand_is_judged_by_weights_that_saw_it() -> None:
    hands = {name: [example("m:leg", True, hand=name), example("m:oud", False, hand=name)] * 4 for name in "abcd"}
    hands["d"] = [example("m:leg", False, hand="d"), example("m:oud", True, hand="d")] * 40  # the other way round
    recipe = replace(RECIPE, folds=4, fresh=tuple("abcd"))
    totals = apart(hands, recipe.fresh, recipe)
    right_way = [total for row, total in zip(hands["d"], totals[24:], strict=True) if row.signs[0] == "m:leg"]
    assert min(right_way) > 0, "by the others, though its own marks say the opposite"
    assert totals[0] < 0, "by the others, of which the last is the largest"
    assert apart(hands, recipe.fresh, replace(recipe, folds=9)) == totals
