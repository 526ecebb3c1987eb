"""Floors of models/scores.json, on messages by hands that had no part in rules or model: what is reached stays.

`unseen-*.jsonl` are for measuring only. Whoever reads their misses to mend a rule makes them a development set, and
must have others written. `development-*.jsonl` were unseen once, and have been read since.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber import answers, bootstrap
from scrubber.evaluation import PATHS, Tally, add, hits_in, read_corpus, type_scores

HERE = Path(__file__).parent
FLOORS = json.loads((HERE.parents[1] / "models" / "scores.json").read_text(encoding="utf-8"))["floors"]
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def tally() -> Tally:
    """All unseen corpora together."""
    tools, policy = bootstrap.default_tools(), bootstrap.default_policy()
    counted = Tally()
    for corpus in sorted(HERE.glob("unseen-*.jsonl")):
        for record, marked in read_corpus(corpus.read_text(encoding="utf-8"), corpus):
            ((answer, answered),) = answers.lines([(1, json.dumps(record))], tools, policy, NOW)
            assert answered
            counted.messages += 1
            hits = hits_in(answer)
            for path in PATHS:
                add(counted, record["id"], path, record[path], marked[path], hits[path])
    return counted


def test_there_are_enough_of_them(tally: Tally) -> None:
    assert tally.messages >= 200


@pytest.mark.parametrize(
    ("kind", "of"), [("leaked", "go"), ("delayed", "go"), ("early", "defer"), ("forever", "defer")]
)
def test_decisions(tally: Tally, kind: str, of: str) -> None:
    assert tally.count(kind) / tally.total[of] <= FLOORS["decisions"][kind]


def test_wrong_removals_per_hundred_messages(tally: Tally) -> None:
    assert 100 * tally.count("wrong") / tally.messages <= FLOORS["decisions"]["wrong per 100 messages"]


@pytest.mark.parametrize("entity_type", sorted(FLOORS["exact F1"]))
def test_exact_spans(tally: Tally, entity_type: str) -> None:
    assert type_scores(tally)[entity_type].exact_f1 >= FLOORS["exact F1"][entity_type]


def test_special_category(tally: Tally) -> None:
    """Only ever reviewed by a person, so its exact span matters less than that it is seen."""
    score = type_scores(tally)["SPECIAL_CATEGORY"]
    assert score.recall >= FLOORS["SPECIAL_CATEGORY"]["recall"]
    assert score.precision >= FLOORS["SPECIAL_CATEGORY"]["precision"]
