"""The second look asks only for what could still have to go; it must decide as a whole second search does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scrubber import answers, bootstrap, pipeline
from scrubber.evaluation import unmark

NOW = datetime(2026, 1, 5, tzinfo=UTC)
QUALITY = Path(__file__).parents[2] / "quality"


def _messages() -> list[str]:
    rows = [json.loads(line) for line in (QUALITY / "development-a.jsonl").read_text("utf-8").splitlines()[:60]]
    plain = [row | {key: unmark(row.get(key) or "")[0] for key in ("subject", "body")} for row in rows]
    bodies = [row["body"] for row in plain]
    plain += [row | {"body": row["body"] + "\n\n" + other} for row, other in zip(plain, reversed(bodies), strict=True)]
    plain += [row | {"body": row["body"].upper()} for row in plain[:60]]
    hostile = ["BSN 123456782 " * 60, "[BSN verwijderd] " * 60 + "123456782", "12345678 2 123456782 12 34 56 782 " * 20]
    return [json.dumps(row) for row in plain + [{"body": body} for body in hostile]]


def _answers(profile: str) -> list[str]:
    tools, policy = bootstrap.default_tools(), bootstrap.default_policy(profile=profile)
    return [line for line, _ in answers.lines(list(enumerate(_messages(), 1)), tools, policy, NOW)]


@pytest.mark.parametrize("profile", ["default", "strict"])
def test_it_answers_as_a_whole_second_search(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    short = _answers(profile)

    def everything(pairs: Sequence[Any], *_: Any) -> list[Any]:
        return list(pairs)

    monkeypatch.setattr(pipeline, "_doubtful", everything)
    assert short == _answers(profile)


def test_recognizers_find_only_the_types_they_name() -> None:
    """What they are left out by."""
    tools = bootstrap.default_tools()
    detector: Any = tools.detector
    for line in _messages():
        body = json.loads(line)["body"]
        for recognizer in detector._recognizers:
            found = {result.entity_type for result in recognizer.analyze(body, [])}
            assert found <= set(recognizer.supported_entities)
