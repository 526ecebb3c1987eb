"""`analyze` lines: what is no message object gives an error object, and the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from scrubber import answers
from scrubber.answers import BadLine, parse

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Answer = Callable[..., list[tuple[dict[str, object], bool]]]


@pytest.fixture(scope="session")
def ask() -> Answer:
    from scrubber import bootstrap

    tools, policy = bootstrap.default_tools(), bootstrap.default_policy()

    def run(*lines: str) -> list[tuple[dict[str, object], bool]]:
        numbered = enumerate(lines, 1)
        return [(json.loads(line), good) for line, good in answers.lines(numbered, tools, policy, NOW, batch=2)]

    return run


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "`body` is missing or no text"),
        ('{"body": 5}', "`body` is missing or no text"),
        ('{"body": "x", "subject": 5}', "`subject` is no text"),
        ('{"body": "x", "id": {}}', "`id` is neither text nor number"),
        ('{"body": "x", "id": true}', "`id` is neither text nor number"),
        ('{"body": "x", "id": NaN}', "`id` is neither text nor number"),
        ('{"body": "x", "id": 1e999}', "`id` is neither text nor number"),
        ('{"body": "x", "subject": false}', "`subject` is no text"),
        ('{"body": "x", "sender": []}', "`sender` is no object"),
        ('{"body": "x", "thread": {}}', "`thread` is no list of objects"),
        ('{"body": "x", "channel": 0}', "`channel` is no text"),
        ('{"body": "x", "channel": "fax"}', "`channel` must be one of"),
        ('{"body": "x", "sender": "Jan"}', "`sender` is no object"),
        ('{"body": "x", "sender": {"name": 5}}', "`sender.name` is no text"),
        ('{"body": "x", "thread": "hallo"}', "`thread` is no list of objects"),
        ('{"body": "x", "thread": [{"from": "geheim", "text": "x"}]}', "`thread.from` must be agent or customer"),
        ('{"body": "x", "on_file": [{"entity_type": "NL_BSN", "value": 1}]}', "`on_file.value` is no text"),
    ],
)
def test_what_is_no_message_object(line: str, why: str) -> None:
    with pytest.raises(BadLine) as caught:
        parse(line, NOW)
    assert str(caught.value).startswith(why)
    assert "geheim" not in str(caught.value)


def test_everything_but_the_body_may_be_missing() -> None:
    identifier, message = parse('{"body": "hallo", "subject": null, "thread": null, "sector": "x"}', NOW)
    assert identifier is None
    assert message.channel == "email"
    assert message.thread == ()


def test_a_bad_line_does_not_stop_the_rest_and_order_is_kept(ask: Answer) -> None:
    rows = ask('{"id": 1, "body": "hallo"}', "geheim 123456782", "", '{"id": "b", "body": "tot ziens"}')
    assert [(row.get("id"), good) for row, good in rows] == [(1, True), (None, False), ("b", True)]
    assert rows[1][0] == {"id": None, "error": "not JSON", "line": 2}


def test_offsets_count_code_points_and_redacted_is_the_text(ask: Answer) -> None:
    body = "😀 Mijn BSN is 123456782, groet"
    ((row, _),) = ask(json.dumps({"id": "x", "subject": "BSN 123456782", "body": body}))
    findings = [f for f in row["findings"] if f["entity_type"] == "NL_BSN"]  # type: ignore[attr-defined]  # JSON
    assert [f["path"] for f in findings] == ["subject", "body"]
    assert body[findings[1]["start"] : findings[1]["end"]] == "123456782"
    assert {f["action"] for f in findings} == {"redact"}
    assert {f["rule"] for f in findings} == {"bsn-nooit"}
    assert row["redacted"] == {"subject": "BSN [BSN verwijderd]", "body": "😀 Mijn BSN is [BSN verwijderd], groet"}
    assert row["outcome"] == "REDACTED"


def test_a_number_that_fails_the_eleven_test_stays(ask: Answer) -> None:
    ((row, _),) = ask(json.dumps({"body": "Mijn BSN is 123456783"}))
    assert row["redacted"]["body"] == "Mijn BSN is 123456783"  # type: ignore[index]  # JSON


def test_what_is_on_file_stays(ask: Answer) -> None:
    body = "mijn rekening NL91ABNA0417164300 klopt"
    on_file = [{"entity_type": "IBAN_CODE", "value": "nl91 abna 0417 1643 00"}]
    (gone, _), (kept, _) = ask(json.dumps({"body": body}), json.dumps({"body": body, "on_file": on_file}))
    assert "verwijderd" in gone["redacted"]["body"]  # type: ignore[index]  # JSON
    assert kept["redacted"]["body"] == body  # type: ignore[index]  # JSON
    assert kept["findings"][0]["rule"] == "op-dossier"  # type: ignore[index]  # JSON


def test_a_lone_surrogate_is_answered(ask: Answer) -> None:
    ((row, good),) = ask('{"body": "Mijn BSN is 123456782 \\ud800"}')
    assert good
    assert "[BSN verwijderd] \ud800" in row["redacted"]["body"]  # type: ignore[index]  # JSON
