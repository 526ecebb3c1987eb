"""What the policy's tests share: the shipped rules, and messages from marked text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scrubber.finding import Decision, Finding
from scrubber.message import Message, OnFile, Sender, SourceRef, TextView, Turn
from scrubber.policy.rules import RuleSet, load_policy
from scrubber.policy.source import SourcePolicy

ROOT = Path(__file__).parents[3]
_MARK = re.compile(r"\[\[([A-Z_]+)(?:\.[a-z,]+)?\|([^\[\]|]+)\]\]")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Marked:
    """A message, its views, and the marked values as findings."""

    message: Message
    views: tuple[TextView, ...]
    findings: tuple[Finding, ...]

    def text_of(self, finding: Finding) -> str:
        view = next(v for v in self.views if v.path == finding.path)
        return view.text[finding.start : finding.end]


def read_marks(path: tuple[str, ...], marked: str) -> tuple[str, list[Finding]]:
    parts, findings, at, last = [], [], 0, 0
    for match in _MARK.finditer(marked):
        parts += [marked[last : match.start()], match[2]]
        at += match.start() - last
        findings.append(Finding(path, match[1], at, at + len(match[2]), 1.0, "case"))
        at += len(match[2])
        last = match.end()
    return "".join([*parts, marked[last:]]), findings


def build(
    body: str,
    *,
    subject: str = "",
    sender: Mapping[str, str] | None = None,
    thread: Sequence[tuple[str, str]] = (),
    on_file: Sequence[tuple[str, str]] = (),
    channel: Any = "email",
) -> Marked:
    views, findings = [], []
    for name, marked in (("subject", subject), ("body", body)):
        text, found = read_marks((name,), marked)
        views.append(TextView((name,), text, "subject" if name == "subject" else "body"))
        findings += found
    message = Message(
        SourceRef("test", "INBOX", "1"),
        channel,
        "text/plain",
        b"",
        NOW,
        Sender(**(sender or {})),
        tuple(Turn(who == "agent", text) for who, text in thread),
        tuple(OnFile(kind, value) for kind, value in on_file),
    )
    return Marked(message, tuple(views), tuple(findings))


@pytest.fixture(scope="session")
def ruleset() -> RuleSet:
    return load_policy(ROOT / "rules" / "policy.yaml")


@pytest.fixture(scope="session")
def policy(ruleset: RuleSet) -> SourcePolicy:
    return SourcePolicy(ruleset)


@pytest.fixture(scope="session")
def marked() -> Callable[..., Marked]:
    return build


@pytest.fixture(scope="session")
def decide(policy: SourcePolicy) -> Callable[..., tuple[Decision, ...]]:
    """Decisions of the default policy on a marked body."""

    def run(body: str, **rest: Any) -> tuple[Decision, ...]:
        m = build(body, **rest)
        return policy.decide(m.message, m.views, m.findings, NOW)

    return run


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def rules_dir() -> Path:
    return ROOT / "rules"


@pytest.fixture(scope="session")
def case_files() -> Path:
    return ROOT / "tests" / "cases" / "policy"
