"""What a process of the pool does with one request: messages in, answers out, as `scrubber analyze` gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from scrubber import answers, bootstrap, logs
from scrubber import settings as settings_
from scrubber.answers import BadLine, Parsed
from scrubber.pipeline import Tools
from scrubber.policy.base import Policy
from scrubber.web.body import too_deep
from scrubber.web.pool import Work

MOST = 100
"""Messages in one request."""


def build(settings: Path | None, profile: str) -> Work:
    """For pool.Pool. ScrubberError: settings or rules are not usable."""
    logs.silence()
    built = bootstrap.engine(settings_.load(settings) if settings else None)
    policy = bootstrap.call_policy(built, profile)
    bootstrap.settle()
    return lambda body: work(body, built.tools, policy, datetime.now(UTC))


def work(body: bytes, tools: Tools, policy: Policy, now: datetime) -> tuple[str, bytes]:
    """("", JSON of the answer), or (a key of problems.KINDS, what is wrong)."""
    try:
        given = json.loads(body.decode("utf-8"), parse_constant=_refused)
    except (ValueError, RecursionError):
        return "json", b""
    if too_deep(given):
        return "json", b"nested too deep"
    rows = given if isinstance(given, list) else [given]
    if len(rows) > MOST:
        return "message", b"more than %d messages in one request" % MOST
    parsed = [_read(row, now) for row in rows]
    records = list(answers.each(parsed, range(1, len(rows) + 1), tools, policy, now))
    if isinstance(given, list):
        return "", answers.dump(records).encode()
    if isinstance(parsed[0], str):
        return "message", parsed[0].encode()
    if "error" in records[0]:
        return "broken", str(records[0]["error"]).encode()
    return "", answers.dump(records[0]).encode()


def _read(row: object, now: datetime) -> Parsed:
    try:
        return answers.read(row, now)
    except BadLine as error:
        return str(error)


def _refused(_: str) -> object:
    """NaN and Infinity, which are no JSON (RFC 8259, 6)."""
    raise ValueError
