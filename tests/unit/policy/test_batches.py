"""Deciding on many messages at once, and looking at less, change no answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scrubber.finding import Finding
from scrubber.message import TextView
from scrubber.policy.base import Case
from scrubber.policy.clauses import Context
from scrubber.policy.folded import compile_pattern
from scrubber.policy.source import SourcePolicy
from scrubber.policy.thread import Segment
from scrubber.policy.weighed import Sign, Weighing

ROOT = Path(__file__).parents[3]


def test_no_message_bears_on_another(policy: SourcePolicy, marked: Callable[..., Any], now: datetime) -> None:
    cases = []
    for path in sorted((ROOT / "models" / "training").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[::4]:
            record = json.loads(line)
            thread = [(turn["from"], turn["text"]) for turn in record.get("thread") or []]
            sender = {key: value or "" for key, value in (record.get("sender") or {}).items()}
            made = marked(record["body"], subject=record.get("subject") or "", sender=sender, thread=thread)
            cases.append(Case(made.message, made.views, made.findings))
    alone = [policy.decide(*case, now) for case in cases]
    assert policy.decide_all(cases, now) == alone
    assert policy.decide_all([], now) == []


def test_a_message_without_findings_stands_between_others(
    policy: SourcePolicy, marked: Callable[..., Any], now: datetime
) -> None:
    full = marked("Mijn BSN is [[NL_BSN|123456782]].")
    empty = Case(full.message, (TextView(("body",), "niets", "body"),), ())
    one, none, other = policy.decide_all([Case(*_parts(full)), empty, Case(*_parts(full))], now)
    assert none == ()
    assert [d.rule for d in one] == [d.rule for d in other] == ["bsn-nooit"]


def _parts(made: Any) -> tuple[Any, Any, Any]:
    return made.message, made.views, made.findings


PLACES = ("clause", "paragraph", "message")
WEIGHTS = st.integers(-4, 4)
SIGNS = st.lists(st.tuples(WEIGHTS, st.sampled_from(PLACES), st.sampled_from("abcdef")), max_size=6)


@given(
    least=st.integers(-3, 6),
    start=st.integers(-3, 3),
    circumstances=st.lists(st.tuples(st.sampled_from(["third", "many", "short", "deed"]), WEIGHTS), max_size=4),
    signs=SIGNS,
    held=st.sets(st.sampled_from(["third", "many", "short", "deed"])),
    texts=st.fixed_dictionaries({place: st.text("abcdef", max_size=4) for place in PLACES}),
)
def test_what_is_not_looked_at_changes_no_sum(
    least: int, start: int, circumstances: Any, signs: Any, held: set[str], texts: dict[str, str]
) -> None:
    made = tuple(Sign(weight, where, compile_pattern(cue)) for weight, where, cue in signs)
    weighing = Weighing("w", frozenset({"ADDRESS"}), least, start, tuple(circumstances), made)
    total = start + sum(weight for name, weight in circumstances if name in held)
    total += sum(weight for weight, where, cue in signs if cue in texts[where])
    clause, paragraph, message = (texts[place].encode() for place in PLACES)
    finding = Finding(("body",), "ADDRESS", 0, 1, 1.0, "test")
    context = Context(finding, Segment(0, 1, "own"), clause, b"", b"", b"", paragraph, b"", b"", b"")
    reached = weighing.reaches(context, held.__contains__, lambda _, pattern: pattern.found(message))
    assert reached == (total >= least)
