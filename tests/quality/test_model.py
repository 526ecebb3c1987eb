"""Floors of the trained model: what models/scores.json says, in the card's words, and that it is worth having."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.card import table

MODELS = Path(__file__).parents[2] / "models"
SCORES: dict[str, Any] = json.loads((MODELS / "scores.json").read_text(encoding="utf-8"))["cross"]
FLOORS = {
    "PERSON": 0.95,
    "ADDRESS": 0.97,
    "CREDENTIAL": 0.75,
    "DATE_OF_BIRTH": 0.91,
    "SPECIAL_CATEGORY": 0.72,
    "all": 0.93,
}
"""Recall, gated, on hands that the model was not trained on."""


def test_the_scores_are_of_several_hands() -> None:
    """Of those whose messages the rules had not been mended on when they were measured."""
    assert len(list((MODELS / "training").glob("*.jsonl"))) >= SCORES["hands"] >= 5
    assert SCORES["messages"] >= 1_500


@pytest.mark.parametrize(("kind", "floor"), FLOORS.items())
def test_recall(kind: str, floor: float) -> None:
    assert SCORES["rows"]["+ model, gated"][kind]["recall"] >= floor


def test_it_finds_more_and_errs_little_more_than_the_rules_alone() -> None:
    before, after = SCORES["rows"]["+ lists"]["all"], SCORES["rows"]["+ model, gated"]["all"]
    assert after["recall"] > before["recall"] + 0.02
    assert after["exact_f1"] > before["exact_f1"]
    assert after["precision"] > before["precision"] - 0.015


def test_the_card_shows_these_scores() -> None:
    assert table(SCORES["rows"]) in (MODELS / "README.md").read_text(encoding="utf-8")
