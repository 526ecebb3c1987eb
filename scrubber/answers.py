"""`scrubber analyze`: JSON Lines in, JSON Lines out, one answer a line, in order.

A line that is no message object gives an error object with its line number, and the rest goes on. Error texts name
what is wrong with the line, never what stands in it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast, get_args

from scrubber.finding import Decision, Outcome, Scrubbed
from scrubber.message import Channel, Message, OnFile, Path, Sender, SourceRef, Turn
from scrubber.pipeline import Tools, scrub_each
from scrubber.policy.base import Policy

FIELDS = {"fields": "/subject /body"}
_CHANNELS = get_args(Channel)
BATCH, BATCH_SIZE = 256, 200_000
"""Lines and characters that are answered together: what a step needs stays in the processor's cache for all of them."""


class BadLine(ValueError):
    """A line that is no message object; the text says why, without quoting it."""


Parsed = tuple[object, Message] | str
"""(id, message), or what is wrong with the object that should have been one."""


def parse(line: str, now: datetime) -> tuple[object, Message]:
    """(id, message) of one line. BadLine when it is no such object."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise BadLine("not JSON") from None
    return read(record, now)


def read(record: object, now: datetime) -> tuple[object, Message]:
    """(id, message) of what was parsed from JSON. BadLine when it is no such object."""
    if not isinstance(record, dict):
        raise BadLine("not a JSON object")
    body, subject = record.get("body"), _text(record, "subject", "subject")
    if not isinstance(body, str):
        raise BadLine("`body` is missing or no text")
    identifier = record.get("id")
    odd = isinstance(identifier, bool) or (isinstance(identifier, float) and not math.isfinite(identifier))
    if odd or not isinstance(identifier, str | int | float | None):
        raise BadLine("`id` is neither text nor number")
    channel = _text(record, "channel", "channel") or "email"
    if channel not in _CHANNELS:
        raise BadLine(f"`channel` must be one of {', '.join(_CHANNELS)}")
    sender = _object(record, "sender")
    payload = _payload({"subject": subject, "body": body})
    message = Message(
        ref=SourceRef("analyze", "", str(identifier)),
        channel=cast("Channel", channel),
        media_type="application/json",
        payload=payload,
        received=now,
        sender=Sender(*(_text(sender, f"sender.{key}", key) for key in ("name", "email", "phone"))),
        thread=tuple(_turn(turn) for turn in _objects(record, "thread")),
        on_file=tuple(
            OnFile(_text(row, "on_file.entity_type", "entity_type"), _text(row, "on_file.value", "value"))
            for row in _objects(record, "on_file")
        ),
    )
    return identifier, message


def _payload(fields: Mapping[str, str]) -> bytes:
    """As it is written, for an escape costs every look at it; escaped where a lone surrogate has no UTF-8."""
    try:
        return json.dumps(fields, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(fields).encode()


def _object(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = record.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadLine(f"`{key}` is no object")
    return value


def _objects(record: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise BadLine(f"`{key}` is no list of objects")
    return value


def _text(row: Mapping[str, Any], name: str, key: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadLine(f"`{name}` is no text")
    return value


def _turn(row: Mapping[str, Any]) -> Turn:
    if row.get("from") not in ("agent", "customer"):
        raise BadLine("`thread.from` must be agent or customer")
    return Turn(row["from"] == "agent", _text(row, "thread.text", "text"))


def answer(identifier: object, scrubbed: Scrubbed, payload: bytes) -> dict[str, object]:
    """The answer object for one message. `payload`: the redacted JSON, or the original where nothing went."""
    held = scrubbed.outcome in (Outcome.HELD, Outcome.FAILED)
    order: dict[Path, int] = {("subject",): 0, ("body",): 1}
    decisions = sorted(scrubbed.decisions, key=lambda d: (order[d.finding.path], d.finding.start))
    return {
        "id": identifier,
        "outcome": scrubbed.outcome.value,
        "reason": scrubbed.reason,
        "findings": [_finding(decision) for decision in decisions],
        "redacted": None if held else json.loads(payload),
    }


def _finding(decision: Decision) -> dict[str, object]:
    finding, assessment = decision.finding, decision.assessment
    return {
        "path": finding.path[0],
        "entity_type": finding.entity_type,
        "start": finding.start,
        "end": finding.end,
        "score": round(finding.score, 4),
        "recognizer": finding.recognizer,
        "action": decision.action.value,
        "rule": decision.rule,
        "because": decision.because,
        "data_subject": assessment.data_subject,
        "asked": assessment.asked,
        "needed": assessment.needed,
        "on_file": assessment.on_file,
        "evidence": {
            "data_subject": assessment.data_subject_evidence,
            "asked": assessment.asked_evidence,
            "needed": assessment.needed_evidence,
            "on_file": assessment.on_file_evidence,
        },
    }


def lines(
    numbered: Iterable[tuple[int, str]], tools: Tools, policy: Policy, now: datetime, batch: int = BATCH
) -> Iterator[tuple[str, bool]]:
    """(answer line, whether it was answered) for every (line number, line); blank lines are passed over.

    At most `batch` of them are answered together.
    """
    waiting: list[tuple[int, str]] = []
    size = 0
    for row in numbered:
        if row[1].strip():
            waiting.append(row)
            size += len(row[1])
        if len(waiting) >= batch or size > BATCH_SIZE:
            yield from _batch(waiting, tools, policy, now)
            waiting, size = [], 0
    yield from _batch(waiting, tools, policy, now)


def _batch(rows: Sequence[tuple[int, str]], tools: Tools, policy: Policy, now: datetime) -> Iterator[tuple[str, bool]]:
    parsed: list[Parsed] = []
    for _, line in rows:
        try:
            parsed.append(parse(line, now))
        except BadLine as error:
            parsed.append(str(error))
    records = each(parsed, [number for number, _ in rows], tools, policy, now)
    for record in records:
        yield dump(record), "error" not in record


def each(
    parsed: Sequence[Parsed], numbers: Sequence[int], tools: Tools, policy: Policy, now: datetime
) -> Iterator[dict[str, object]]:
    """The answer to every message, in order; `numbers`: what an error is called by."""
    messages = [row[1] for row in parsed if not isinstance(row, str)]
    answers = iter(scrub_each(messages, tools, policy, now=now, parameters=FIELDS))
    for number, row in zip(numbers, parsed, strict=True):
        if isinstance(row, str):
            yield {"id": None, "error": row, "line": number}
            continue
        scrubbed = next(answers)
        if scrubbed.outcome is Outcome.FAILED:
            yield {"id": row[0], "error": scrubbed.reason, "line": number}
        else:
            yield answer(row[0], scrubbed, scrubbed.payload or row[1].payload)


def dump(record: object) -> str:
    """As JSON that has UTF-8."""
    text = json.dumps(record, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate in the input has no UTF-8
        text = json.dumps(record)
    return text
