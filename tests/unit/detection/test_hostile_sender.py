"""What a sender may write to slip through or to stall, each once found."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scrubber import bootstrap
from scrubber.answers import parse
from scrubber.finding import Outcome, Scrubbed
from scrubber.pipeline import scrub

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def answer(body: str) -> Scrubbed:
    _, message = parse(json.dumps({"id": "1", "body": body}), NOW)
    (done,) = scrub([message], bootstrap.default_tools(), bootstrap.default_policy(), now=NOW)
    return done


@pytest.mark.parametrize("body", ["inlog: jan / geheim123", "inlog: p.jansen / Zomer2024\nGroet, Jan"])
def test_a_login_pair_is_redacted_and_its_placeholder_is_no_secret(body: str) -> None:
    assert answer(body).outcome is Outcome.REDACTED


def test_a_body_that_could_not_be_searched_is_never_clean() -> None:
    done = answer("Mijn BSN is 123456782. " + "192.0.2.1 a@b.nl " * 12_000)
    assert (done.outcome, done.reason) == (Outcome.HELD, "not-searched")
