"""Every case under tests/cases/lookalikes: a value in another dress is found as it stands, and goes as it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from scrubber import bootstrap
from scrubber.answers import lines
from scrubber.evaluation import MUST_GO
from scrubber.pipeline import Tools
from scrubber.policy.source import SourcePolicy

CASES = Path(__file__).parents[2] / "cases" / "lookalikes"
Search = Callable[..., list[tuple[str, str]]]
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def _cases() -> list[tuple[str, str, str, list[str]]]:
    return [
        (path.stem, case["type"], case["text"], case["finds"])
        for path in sorted(CASES.glob("*.yaml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


@pytest.fixture(scope="module")
def tools() -> Tools:
    return bootstrap.default_tools()


@pytest.fixture(scope="module")
def policy() -> SourcePolicy:
    return bootstrap.default_policy()


@pytest.mark.parametrize(("dress", "entity", "text", "finds"), _cases())
def test_found_with_the_offsets_of_the_text_as_it_is(
    search: Search, dress: str, entity: str, text: str, finds: list[str]
) -> None:
    assert [value for kind, value in search(text) if kind == entity] == finds


@pytest.mark.parametrize(("dress", "entity", "text", "finds"), [case for case in _cases() if case[1] in MUST_GO])
def test_nothing_of_it_is_left(
    tools: Tools, policy: SourcePolicy, dress: str, entity: str, text: str, finds: list[str]
) -> None:
    ((answer, answered),) = lines([(1, json.dumps({"body": text}))], tools, policy, NOW)
    record = json.loads(answer)
    assert answered
    actions = {f["action"] for f in record["findings"] if f["entity_type"] == entity}
    if actions == {"redact"}:
        assert not any(value in record["redacted"]["body"] for value in finds)
    else:
        assert actions <= {"defer"}
