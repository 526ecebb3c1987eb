"""The laws of every redaction, on every case file of tests/cases/redaction.

What a reader can still find is judged by the standard library's mail parser and not by scrubber's own formats, so that
a part which scrubber overlooks is seen here.
"""

from __future__ import annotations

import base64
import email.header
import email.message
import email.utils
import html
import logging
import quopri
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import structlog
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.nl import bsn as bsn_numbers

from scrubber import bootstrap, pipeline
from scrubber.budget import Budget
from scrubber.finding import Action, Scrubbed
from scrubber.formats.registry import Opened
from scrubber.message import Message, OnFile, Sender, SourceRef, Turn
from scrubber.policy.base import Policy

DIRECTORY = Path(__file__).parents[1] / "cases" / "redaction"
NAMES = sorted(path.stem for path in DIRECTORY.glob("*.eml"))
NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
DESK = "support@hostvoorbeeld.example"


@dataclass(frozen=True)
class Case:
    name: str
    message: Message
    outcome: str
    gone: list[str]
    waiting: list[str]
    stays: list[str]
    unread: list[str]

    @property
    def planted(self) -> list[str]:
        return self.gone + self.waiting


@dataclass(frozen=True)
class Passes:
    """The case after the first pass, after the second (what was deferred is due), and what each pass answered."""

    case: Case
    first: Scrubbed
    after_first: Message
    second: Scrubbed
    after_second: Message


def load(name: str) -> Case:
    payload = (DIRECTORY / f"{name}.eml").read_bytes()
    data: dict[str, Any] = yaml.safe_load((DIRECTORY / f"{name}.yaml").read_text("utf-8"))
    display, address = email.utils.parseaddr(str(email.message_from_bytes(payload)["From"] or ""))
    sender = data.get("sender", {"name": display, "email": address})
    message = Message(
        SourceRef("cases", ".", name),
        "email",
        "message/rfc822",
        payload,
        NOW,
        Sender(**sender),
        tuple(Turn(turn["from"] == "desk", turn["text"]) for turn in data.get("thread", ())),
        tuple(OnFile(**held) for held in data.get("on_file", ())),
    )
    lists = {key: list(data[key]) for key in ("gone", "waiting", "stays", "unread")}
    return Case(name, message, data["outcome"], **lists)


@pytest.fixture(scope="module")
def tools() -> pipeline.Tools:
    return bootstrap.default_tools()


@pytest.fixture(scope="module")
def policy() -> Policy:
    """With the word lists alone: what a case expects must not turn with each training of the weights."""
    return bootstrap.default_policy(desk_addresses=[DESK], learned=False)


@pytest.fixture(scope="module")
def all_passes(tools: pipeline.Tools, policy: Policy) -> dict[str, Passes]:
    """Every case scrubbed twice, all cases in one call: a bad one among them may not harm the others."""
    cases = [load(name) for name in NAMES]
    first = pipeline.scrub([case.message for case in cases], tools, policy, now=NOW)
    after_first = [after(case.message, answer) for case, answer in zip(cases, first, strict=True)]
    second = pipeline.scrub(after_first, tools, policy, now=NOW, expire=True)
    after_second = [after(message, answer) for message, answer in zip(after_first, second, strict=True)]
    rows = zip(cases, first, after_first, second, after_second, strict=True)
    return {row[0].name: Passes(*row) for row in rows}


@pytest.fixture(params=NAMES)
def passes(request: pytest.FixtureRequest, all_passes: dict[str, Passes]) -> Passes:
    return all_passes[request.param]


def after(message: Message, answer: Scrubbed) -> Message:
    return message if answer.payload is None else replace(message, payload=answer.payload)


# --- what a reader finds, by the standard library


def readable(payload: bytes) -> list[str]:
    """Every text in a mail, in every spelling a reader or a search could meet: raw, headers, names, bodies."""
    found = [payload.decode("latin-1")]
    found += _of_part(email.message_from_bytes(payload))
    return [text for base in found for text in _spellings(base)]


def _children(part: email.message.Message) -> list[email.message.Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, email.message.Message)] if isinstance(payload, list) else []


def _of_part(part: email.message.Message) -> Iterator[str]:
    for value in part.values():
        pairs = email.header.decode_header(str(value))
        yield "".join(_decoded(data, charset) if isinstance(data, bytes) else data for data, charset in pairs)
    yield part.get_filename() or ""
    if part.is_multipart():
        children = _children(part)
        encoding = part.get("Content-Transfer-Encoding", "").lower()
        if part.get_content_type() == "message/rfc822" and encoding == "base64":
            yield from _of_part(email.message_from_bytes(base64.b64decode(children[0].as_bytes())))
        for child in children:
            yield from _of_part(child)
        return
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    if part.get("Content-Transfer-Encoding", "").strip().lower() == "base64":  # leniently: the library gives up early
        sextets = re.sub(rb"[^A-Za-z0-9+/]", b"", str(part.get_payload()).encode("ascii", "replace"))
        sextets = sextets[:-1] if len(sextets) % 4 == 1 else sextets
        body = base64.b64decode(sextets + b"=" * (-len(sextets) % 4))
    yield _decoded(body, part.get_content_charset())
    yield body.decode("latin-1")


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8")
    except (LookupError, ValueError):
        return data.decode("latin-1")


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield unquote(text)
    yield html.unescape(re.sub(r"<[^<>]*>", "", text))


def squash(text: str) -> str:
    """Letters and digits alone, so that every spelling of a number is the same."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum()).upper()


def present(value: str, texts: list[str]) -> bool:
    if len(squash(value)) < 6:  # a PIN: a bare word, else it would be found inside other numbers
        return any(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) for text in texts)
    return any(squash(value) in squash(text) for text in texts)


def reads(sentence: str, texts: list[str]) -> bool:
    return any(" ".join(sentence.split()) in " ".join(text.split()) for text in texts)


def left(values: list[str], payload: bytes) -> list[int]:
    """Positions in the case's list of the values that a reader still finds."""
    texts = readable(payload)
    return [number for number, value in enumerate(values) if present(value, texts)]


# --- the case files themselves


def test_there_are_cases() -> None:
    assert len(NAMES) >= 40
    assert {path.stem for path in DIRECTORY.glob("*.yaml")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_case_plants_is_there_before(name: str) -> None:
    case = load(name)
    texts = readable(case.message.payload)
    assert all(present(value, texts) for value in case.planted)
    assert all(reads(sentence, texts) for sentence in case.stays)


# --- the outcome, and law 1


def test_outcome(passes: Passes) -> None:
    assert passes.first.outcome == passes.case.outcome
    assert sorted(part.reason for part in passes.first.unread) == sorted(passes.case.unread)


def test_law_1_what_must_go_is_gone_at_once(passes: Passes) -> None:
    assert left(passes.case.gone, passes.after_first.payload) == []


def test_law_1_what_waits_is_there_until_it_is_due(passes: Passes) -> None:
    everything = list(range(len(passes.case.waiting)))
    assert left(passes.case.waiting, passes.after_first.payload) == everything
    assert left(passes.case.planted, passes.after_second.payload) == []


def test_what_stays_can_still_be_read(passes: Passes) -> None:
    for message in (passes.after_first, passes.after_second):
        texts = readable(message.payload)
        assert [sentence for sentence in passes.case.stays if not reads(sentence, texts)] == []


# --- law 2


def opened(message: Message, tools: pipeline.Tools) -> Opened:
    return tools.formats.open_tree(message.payload, message.media_type, {}, Budget())


def check_law_2(before: Message, answer: Scrubbed, result: Message, tools: pipeline.Tools) -> None:
    """Each view of the result is the view it was with its edits. One that was edited may vanish with its text."""
    if answer.payload is None:
        assert answer.edits == ()
        return
    expected = {}
    for view in opened(before, tools).views:
        text = view.text
        for edit in sorted((e for e in answer.edits if e.path == view.path), key=lambda e: -e.start):
            text = text[: edit.start] + edit.text + text[edit.end :]
        expected[view.path] = text
    found = {view.path: view.text for view in opened(result, tools).views}
    vanished = expected.keys() - found.keys()
    assert vanished <= {edit.path for edit in answer.edits}
    assert found == {path: text for path, text in expected.items() if path not in vanished}


def test_law_2_all_text_outside_the_edits_is_equal(passes: Passes, tools: pipeline.Tools) -> None:
    check_law_2(passes.case.message, passes.first, passes.after_first, tools)
    check_law_2(passes.after_first, passes.second, passes.after_second, tools)


def leaves(part: email.message.Message) -> Iterator[tuple[str, str, list[str]]]:
    """Of every leaf part, in order: its raw headers, its raw body, and every text in it."""
    children = _children(part)
    if children and not (part.get_content_type() == "message/rfc822" and "Content-Transfer-Encoding" in part):
        for child in children:
            yield from leaves(child)
        return
    head = "".join(f"{name}:{value}\n" for name, value in part.raw_items())
    body = "".join(child.as_string() for child in children) or str(part.get_payload())
    yield head, body, [text for base in _of_part(part) for text in _spellings(base)]


def test_law_2_parts_without_an_edit_keep_their_bytes(passes: Passes) -> None:
    before = list(leaves(email.message_from_bytes(passes.case.message.payload)))
    result = list(leaves(email.message_from_bytes(passes.after_second.payload)))
    assert len(result) == len(before)
    for (old_head, old_body, texts), (new_head, new_body, _) in zip(before, result, strict=True):
        if not any(present(value, texts) for value in passes.case.planted):
            assert new_body == old_body
            assert new_head == old_head


def test_law_2_a_clean_mail_is_not_rewritten(passes: Passes) -> None:
    if not passes.case.gone:
        assert passes.first.payload is None
    if not passes.case.planted:
        assert passes.second.payload is None


# --- law 3


def test_law_3_a_second_scrub_changes_nothing(passes: Passes, tools: pipeline.Tools, policy: Policy) -> None:
    (again,) = pipeline.scrub([passes.after_first], tools, policy, now=NOW)
    assert again.payload is None
    assert [decision.rule for decision in again.decisions if decision.action is Action.REDACT] == []
    for expire in (False, True):
        (again,) = pipeline.scrub([passes.after_second], tools, policy, now=NOW, expire=expire)
        assert again.payload is None
        assert again.edits == ()


def test_law_3_also_with_learned_weights(passes: Passes, tools: pipeline.Tools) -> None:
    policy = bootstrap.default_policy(desk_addresses=[DESK])
    message = passes.case.message
    for expire in (False, True):
        (answer,) = pipeline.scrub([message], tools, policy, now=NOW, expire=expire)
        message = after(message, answer)
        (again,) = pipeline.scrub([message], tools, policy, now=NOW, expire=expire)
        assert again.payload is None
        assert again.edits == ()


def _with_check_digit(start: int) -> str:
    """A BSN that starts with these eight digits; "" where there is none."""
    return next((number for number in (f"{start}{last}" for last in range(10)) if bsn_numbers.is_valid(number)), "")


# --- laws 1 to 3 on mails that nobody thought of

_WORDS = st.text(st.characters(codec="cp1252", exclude_categories=["Nd", "Cc", "No"]), max_size=60)
_BSN = st.integers(50_000_000, 89_999_999).map(_with_check_digit).filter(bool)
_CHARSETS = st.sampled_from(["utf-8", "cp1252", "utf-16", "utf-7"])
_ENCODINGS = st.sampled_from(["8bit", "quoted-printable", "base64"])


@given(_WORDS, _WORDS, _BSN, _CHARSETS, _ENCODINGS, st.sampled_from(["plain", "html"]), st.sampled_from(["\n", "\r\n"]))
@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_laws_1_to_3_on_generated_mail(
    tools: pipeline.Tools,
    policy: Policy,
    before: str,
    after_it: str,
    bsn: str,
    charset: str,
    encoding: str,
    kind: str,
    newline: str,
) -> None:
    lines = [before, f"Mijn BSN is {bsn}.", after_it]
    text = newline.join(lines) if kind == "plain" else newline.join(f"<p>{html.escape(line)}</p>" for line in lines)
    body = text.encode(charset)
    if encoding == "8bit" and charset == "utf-16":
        encoding = "base64"  # RFC 2045: NUL and bare line ends can't be written as 8bit
    if encoding == "base64":
        body = base64.encodebytes(body).replace(b"\n", newline.encode())
    elif encoding == "quoted-printable":
        body = quopri.encodestring(body, quotetabs=True)
    head = (
        f"From: a@b.example\nSubject: vraag\nMIME-Version: 1.0\nContent-Type: text/{kind}; charset={charset}\n"
        f"Content-Transfer-Encoding: {encoding}\n\n"
    )
    payload = head.replace("\n", newline).encode() + body
    message = Message(SourceRef("cases", ".", "generated"), "email", "message/rfc822", payload, NOW)
    (answer,) = pipeline.scrub([message], tools, policy, now=NOW)
    result = after(message, answer)
    assert answer.outcome == "REDACTED"
    assert left([bsn], result.payload) == []
    check_law_2(message, answer, result, tools)
    (again,) = pipeline.scrub([result], tools, policy, now=NOW)
    assert again.payload is None


# --- law 4


def test_law_4_no_value_in_logs_or_in_what_is_printed(
    passes: Passes, tools: pipeline.Tools, policy: Policy, caplog: pytest.LogCaptureFixture
) -> None:
    case = passes.case
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as events:
        answers = pipeline.scrub([case.message], tools, policy, now=NOW)
        answers += pipeline.scrub([case.message], tools, policy, now=NOW, expire=True)
    written = [record.getMessage() + str(record.exc_text or "") for record in caplog.records]
    written += [repr(event) for event in events]
    written += [repr(case.message), repr(opened(case.message, tools)) if case.outcome != "HELD" else ""]
    for answer in answers:
        written += [repr(answer), repr(answer.reason), *map(repr, answer.decisions), *map(repr, answer.edits)]
        written += map(repr, answer.unread)
    assert [number for number, value in enumerate(case.planted) if present(value, written)] == []
