"""Each sample mail shows what the index says it shows, by the whole pipeline."""

from __future__ import annotations

import email
import email.message
import html
import re
from datetime import UTC, datetime

import pytest

from scrubber import bootstrap, demo, pipeline
from scrubber.commands import look
from scrubber.finding import Outcome, Scrubbed
from scrubber.message import Message, SourceRef, Turn
from scrubber.sources.mailheaders import parse

NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
INBOX = [mail for mail in demo.index() if not mail.folder]
SENT = [mail for mail in demo.index() if mail.folder]


def header(payload: bytes, name: str) -> str:
    return str(email.message_from_bytes(payload)[name] or "")


@pytest.fixture(scope="module")
def tools() -> pipeline.Tools:
    return bootstrap.default_tools()


@pytest.fixture(scope="module")
def answers(tools: pipeline.Tools) -> dict[str, tuple[Message, Scrubbed, Scrubbed]]:
    """Per file: the message, what is done at once, and what is done when everything that waits is due."""
    policy = bootstrap.default_policy(desk_addresses=["support@hostvoorbeeld.example"])
    asked = {header(mail.render(NOW), "Message-ID"): mail.render(NOW) for mail in SENT}
    messages = []
    for mail in INBOX:
        payload = mail.render(NOW)
        question = asked.get(header(payload, "In-Reply-To"))
        text = pipeline.read_text(tools, "message/rfc822", question) if question else ""
        messages.append(
            Message(
                SourceRef("voorbeeld", ".", mail.file),
                "email",
                "message/rfc822",
                payload,
                mail.sent(NOW),
                parse(payload).sender,
                (Turn(True, text),) if text else (),
            )
        )
    now = pipeline.scrub(messages, tools, policy, now=NOW)
    later = pipeline.scrub(messages, tools, policy, now=NOW, expire=True)
    return {m.ref.item: (m, *both) for m, *both in zip(messages, now, later, strict=True)}  # type: ignore[misc]  # zip of three


def text_of(tools: pipeline.Tools, message: Message, answer: Scrubbed) -> str:
    payload = message.payload if answer.payload is None else answer.payload
    parts = [
        header(payload, "Subject"),
        payload.decode("latin-1"),
        pipeline.read_text(tools, "message/rfc822", payload),
    ]
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", "", " ".join(parts))).split())


@pytest.mark.parametrize("mail", INBOX, ids=[mail.file for mail in INBOX])
def test_sample(
    mail: demo.SampleMail, tools: pipeline.Tools, answers: dict[str, tuple[Message, Scrubbed, Scrubbed]]
) -> None:
    message, now, later = answers[mail.file]
    if mail.held:
        assert now.outcome is Outcome.HELD
        assert later.outcome is Outcome.HELD
        return
    assert now.outcome is (Outcome.REDACTED if mail.gone else Outcome.CLEAN)
    assert later.outcome is (Outcome.REDACTED if mail.gone or mail.waiting else Outcome.CLEAN)
    assert [part.reason for part in now.unread] == list(mail.unread)
    text = text_of(tools, message, now)
    assert [value for value in mail.gone if value in text] == []
    assert [value for value in (*mail.waiting, *mail.stays) if " ".join(value.split()) not in text] == []
    text = text_of(tools, message, later)
    assert [value for value in (*mail.gone, *mail.waiting) if value in text] == []
    assert [value for value in mail.stays if " ".join(value.split()) not in text] == []


def answer_of(scrubbed: Scrubbed) -> list[tuple[object, ...]]:
    """All but the evidence: that an address is the desk's, only the settings of a source can say."""
    return [
        (d.finding, d.action, d.rule, d.assessment.data_subject, d.assessment.asked, d.assessment.needed)
        for d in scrubbed.decisions
    ]


def test_try_decides_as_the_worker_does(
    tools: pipeline.Tools, answers: dict[str, tuple[Message, Scrubbed, Scrubbed]]
) -> None:
    """Of a mail that answers no question of the desk: `try` sees one mail, the worker its thread too."""
    alone = [(message, now) for message, now, _ in answers.values() if not message.thread]
    assert len(alone) > 40
    policy = bootstrap.call_policy(bootstrap.engine(), "default")
    shown = [look.as_message(message.payload, message.media_type, message.received) for message, _ in alone]
    assert any(message.sender.name for message in shown)
    for (message, now), tried in zip(alone, pipeline.scrub(shown, tools, policy, now=NOW), strict=True):
        assert answer_of(tried) == answer_of(now), message.ref.item
        assert (tried.outcome, tried.reason) == (now.outcome, now.reason), message.ref.item
