"""A Zendesk that tells by signed webhooks, and `scrubber serve` with its worker: from a message to the ticket's end."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from scrubber import bootstrap, settings
from scrubber.sources.desk.zendesk import MASK
from tests.desks.zendesk import AGENT, TOKEN, USER, Zendesk
from tests.serving import SECRET, Serving

BSN, IBAN, ASKED = "123456782", "NL56RABO0310099123", "NL91ABNA0417164300"
STREET = "Kerkstraat 12, 3511 AB Utrecht"

SETTINGS = """\
[serve]
listen = "127.0.0.1:0"

[worker]
log = "json"
grace_days = 0

[[source]]
name = "desk"
type = "zendesk"
url = "{url}"
private = true
user = "{user}"
token_env = "SCRUBBER_TEST_TOKEN"
hook_secret_env = "SCRUBBER_TEST_SECRET"
sweep_minutes = 1440
mode = "redact"
since = 2020-01-01
"""


@pytest.fixture
def zendesk() -> Iterator[Zendesk]:
    with closing(Zendesk()) as made:
        yield made


def webhook(serving: Serving, ticket: int, what: str) -> httpx.Response:
    """An event as Zendesk documents it, with a text that scrubber must not use."""
    event = {
        "type": f"zen:event-type:ticket.{what}",
        "account_id": 22129848,
        "id": "2b24ef10-19d4-4740-93cf-8f98ec4776c0",
        "time": datetime.now(UTC).isoformat(),
        "zendesk_event_version": "2022-11-06",
        "subject": f"zen:ticket:{ticket}",
        "detail": {"id": str(ticket), "actor_id": "8447388090494", "status": "OPEN"},
        "event": {"comment": {"id": "1", "body": f"BSN {BSN}"}},
    }
    body = json.dumps(event).encode()
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    proof = base64.b64encode(hmac.digest(SECRET.encode(), stamp.encode() + body, "sha256")).decode()
    headers = {"X-Zendesk-Webhook-Signature": proof, "X-Zendesk-Webhook-Signature-Timestamp": stamp}
    return serving.post("/hooks/desk", body, headers)


def until(what: Callable[[], bool], serving: Serving) -> None:
    end = time.monotonic() + 120
    while not what():
        assert time.monotonic() < end, serving.log()[-4_000:]
        time.sleep(0.1)


def test_from_a_message_to_the_end_of_its_ticket(tmp_path: Path, zendesk: Zendesk) -> None:
    serving = Serving(tmp_path, SETTINGS.format(url=zendesk.url, user=USER), "--worker")
    serving.start({"SCRUBBER_TEST_TOKEN": TOKEN})
    with serving:
        until(lambda: httpx.get(serving.url + "/healthz", timeout=30).json()["worker"] == "working", serving)
        jan = zendesk.customer()
        text = f"<p>De website doet het niet. Mijn BSN is {BSN}, mijn IBAN is {IBAN} en ik woon op {STREET}.</p>"
        number = zendesk.open("Storing", text, author=jan, channel="email")
        zendesk.comment(number, f"<p>Dank. U schreef: BSN is {BSN}.</p>", author=AGENT)
        assert webhook(serving, number, "created").status_code == 202
        until(lambda: not any(value in zendesk.everything(number) for value in (BSN, IBAN, "Kerkstraat")), serving)
        assert f"Mijn BSN is {MASK * 9}, mijn IBAN is {MASK}" in zendesk.comments[number][0]["html_body"]
        zendesk.comment(
            number, "<p>U krijgt geld terug. Op welke rekening (IBAN) mogen wij het storten?</p>", author=AGENT
        )
        item = zendesk.comment(number, f"<p>Op {ASKED} graag, en nog eens: mijn BSN is {BSN}.</p>", author=jan)
        assert webhook(serving, number, "comment_added").status_code == 202
        until(lambda: BSN not in zendesk.everything(number), serving)
        said = next(one["html_body"] for one in zendesk.comments[number] if one["id"] == item)
        assert said == f"<p>Op {ASKED} graag, en nog eens: mijn BSN is {MASK * 9}.</p>"
        zendesk.status(number, "closed")
        assert webhook(serving, number, "status_changed").status_code == 202
        until(lambda: ASKED not in zendesk.everything(number), serving)
        assert serving.stop() == 0
    given = settings.load(tmp_path / "scrubber.toml", {"SCRUBBER_TEST_TOKEN": TOKEN})
    with closing(bootstrap.record(given)) as opened:
        kept = [entry for entry in opened.ledger.read() if entry.outcome == "REDACTED"]
        assert {entry.kind for entry in kept} == {"message", "deferred"}
        # The agent's next comment may come before the message was read back: it is named as one that may quote it.
        copies = {(copy.place, str(copy.state)) for entry in kept for copy in entry.copies}
        assert {("desk-quote", "CLEANED"), ("desk-notifications", "UNKNOWN")} <= copies
    assert not any(value.encode() in serving.kept() for value in (BSN, IBAN, ASKED, "Kerkstraat"))
