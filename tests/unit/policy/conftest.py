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
from scrubber.policy.authors import Authors
from scrubber.policy.clauses import Context, Page, open_page
from scrubber.policy.firms import Firms
from scrubber.policy.folded import fold
from scrubber.policy.named import People
from scrubber.policy.rules import RuleSet, load_policy
from scrubber.policy.source import SourcePolicy
from scrubber.policy.subjects import WhoseCues, load_whose

ROOT = Path(__file__).parents[3]
_DATUM = re.compile(r"(?<![\w.])@(?!\w)")
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


@dataclass(frozen=True)
class Opened:
    """A marked body as the policy opens it. `context`: of the last datum that is no person's name."""

    page: Page
    contexts: tuple[Context, ...]
    context: Context
    sender: Sender
    cues: WhoseCues
    firms: Firms
    people: People


Open = Callable[..., Opened]
VALUES = {
    "ADDRESS": "Kade 3, 4511 CD Breskens",
    "BANK_ACCOUNT": "4417164",
    "EMAIL_ADDRESS": "ida@berg.example",
    "IBAN_CODE": "NL91ABNA0417164300",
    "IP_ADDRESS": "192.0.2.7",
    "LICENSE_PLATE": "VX-123-Z",
    "PERSON": "Ida Berg",
    "PHONE_NUMBER": "06-12345678",
}
LONG = "en toen zei men dat het nog even duurde " * 3000
MASKS = "[[PERSON|X]]" * 400
HOSTILE = [
    "@",
    LONG + "@",
    MASKS + "@" + MASKS,
    "@ " + LONG,
    "\n" * 5000 + "@",
    "(" * 5000 + "@" + ")" * 5000,
    "@ " * 400,
]
"""Bodies that say nothing of their datum "@": alone, in an endless line, between names, brackets, its like."""
SOMEBODY = {"name": "Ida Berg", "email": "ida@gmail.example"}
FIRM = {"name": "Henk Dijkstra", "email": "henk@dijkstramontage.example"}
"""Somebody who writes from a firm's mail domain."""


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
def whose_cues() -> WhoseCues:
    return load_whose(ROOT / "rules" / "words" / "policy" / "whose.yaml")


@pytest.fixture(scope="session")
def opened(whose_cues: WhoseCues) -> Open:
    """A marked body, opened, with what is known of its firms and its people. A bare "@" is a datum of `kind`."""

    def run(body: str, kind: str = "IBAN_CODE", sender: Mapping[str, str] | None = None) -> Opened:
        m = build(_DATUM.sub(lambda _: f"[[{kind}|{VALUES[kind]}]]", body), sender=sender)
        view, who = m.views[1], m.message.sender
        authors = Authors.of_message(m.message, (), "", fold(view.text[:1500]))
        page = open_page(view, m.findings, authors)
        contexts = tuple(page.contexts())
        firms = Firms(page, who, whose_cues, b"")
        people = People(page, contexts, who, whose_cues, firms)
        data = [c for c in contexts if c.finding.entity_type != "PERSON"]
        return Opened(page, contexts, (data or contexts)[-1], who, whose_cues, firms, people)

    return run


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
