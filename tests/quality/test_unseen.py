"""Floors on messages by a hand that had no part in the rules: what is reached must not be lost.

`unseen-b.jsonl` is for measuring only. Whoever reads its misses to mend a rule makes it a development set, and must
have another one written. `development-*.jsonl` were unseen once, and have been read since.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber import answers, bootstrap
from scrubber.evaluation import Hit, Tally, add, type_scores, unmark

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def tally() -> Tally:
    tools, policy = bootstrap.default_tools(), bootstrap.default_policy()
    counted = Tally()
    for line in (HERE / "unseen-b.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        marked = {}
        for path in ("subject", "body"):
            record[path], marked[path] = unmark(record.get(path) or "")
        ((answer, answered),) = answers.lines([(1, json.dumps(record))], tools, policy, NOW)
        assert answered
        counted.messages += 1
        for path in ("subject", "body"):
            found = [f for f in json.loads(answer)["findings"] if f["path"] == path]
            hits = [Hit(f["start"], f["end"], f["entity_type"], f["action"]) for f in found]
            add(counted, record["id"], path, record[path], marked[path], hits)
    return counted


@pytest.mark.parametrize(
    ("kind", "of", "most"),
    [
        ("leaked", "go", 0.17),
        ("delayed", "go", 0.16),
        ("early", "defer", 0.17),
        ("forever", "defer", 0.13),
    ],
)
def test_decisions(tally: Tally, kind: str, of: str, most: float) -> None:
    assert tally.count(kind) / tally.total[of] <= most


def test_wrong_removals_per_hundred_messages(tally: Tally) -> None:
    assert 100 * tally.count("wrong") / tally.messages <= 11


@pytest.mark.parametrize("entity_type", ["IBAN_CODE", "EMAIL_ADDRESS", "CREDIT_CARD", "IP_ADDRESS", "NL_BSN"])
def test_numbers_with_a_checksum_or_a_fixed_form_are_found(tally: Tally, entity_type: str) -> None:
    score = type_scores(tally)[entity_type]
    assert score.recall >= 0.95
    assert score.precision >= 0.95
