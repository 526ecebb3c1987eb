"""In front of the desk, over real HTTP: what goes on, what does not, and that nothing of it is kept."""

from __future__ import annotations

import hmac
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.store import Store
from tests.relaying import APP_SECRET, DESK_SECRET, ENVIRONMENT, LOCK, VERIFY, Desk, Relaying, settings, whatsapp
from tests.serving import signed

BSN, IBAN, STREET = "123456782", "NL91ABNA0417164300", "Lindenlaan 17"
PHONE = "31600000001"
READ = (
    b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"statuses":'
    b'[{"id":"wamid.HBgL","status":"read","timestamp":"1694492482","recipient_id":"31600000002"}]}}]}]}'
)


def entries(directory: Path) -> list[LedgerEntry]:
    with closing(Store.open(f"sqlite:///{directory / 'scrubber.db'}")) as store:
        return list(Ledger(store, KeyRing.open(directory / "scrubber-keys")).read())


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Desk() as made:
        yield made


@pytest.fixture(scope="module")
def relaying(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relaying]:
    directory = tmp_path_factory.mktemp("relay")
    tables = (
        settings(desk.url, verify_token_env="SCRUBBER_TEST_VERIFY"),
        settings(desk.url, name="fb", preset="messenger", deferred="redact"),
        settings(desk.url, name="look", mode="observe"),
    )
    with Relaying(directory, *tables) as server:
        yield server
        report = subprocess.run(
            [sys.executable, "-m", "scrubber.cli", "report", "--format", "json", "--out", "report.json"],
            cwd=directory,
            env={**os.environ, **ENVIRONMENT},
            check=False,
            timeout=120,
        )
        assert report.returncode == 0
        lost = json.loads((directory / "report.json").read_text())["lost"]
        assert not any(lost.values()), "what is left to the desk is not missing here"
        kept = server.kept()
        assert not [value for value in (BSN, IBAN, STREET, PHONE) if value.encode() in kept]


@pytest.fixture(autouse=True)
def _fresh(desk: Desk) -> None:
    desk.answers = [200]
    desk.got.clear()


def refused(answer: object, status: int, error: str) -> None:
    code, text = getattr(answer, "status_code", None), getattr(answer, "text", "")
    assert (code, json.loads(text)["error"]) == (status, error)
    assert not any(value in text for value in (BSN, IBAN, STREET, PHONE))


def test_only_what_must_go_is_changed_on_its_way(relaying: Relaying, desk: Desk) -> None:
    payload = whatsapp(f"Hoi, mijn BSN is {BSN} \u00e9n tot ziens", number="wamid.a")
    answer = relaying.hub(payload)
    assert (answer.status_code, answer.json()) == (200, {"result": "relayed"})
    (got,) = desk.got
    assert got.path == "/in?x=1"
    assert BSN.encode() not in got.body
    before, _, after = payload.partition(BSN.encode())
    assert got.body.startswith(before)
    assert got.body.endswith(after)
    proof = hmac.new(DESK_SECRET.encode(), got.body, "sha256").hexdigest()
    assert got.headers["x-hub-signature-256"] == f"sha256={proof}"
    assert APP_SECRET not in str(got.headers)
    last = entries(relaying.directory)[-1]
    assert (last.source, last.channel, last.outcome, last.mode) == ("wa", "social", "REDACTED", "redact")
    assert [(r.entity_type, r.action) for r in last.removals if r.action == "redact"] == [("NL_BSN", "redact")]
    assert [(copy.place, copy.state) for copy in last.copies] == [("channel", "REMAINS")]


def test_what_has_nothing_in_it_goes_on_byte_for_byte(relaying: Relaying, desk: Desk) -> None:
    for payload in (
        whatsapp("Hoe laat zijn jullie open?", number="wamid.b"),
        READ,
    ):
        assert relaying.hub(payload).json() == {"result": "relayed"}
        assert desk.got[-1].body == payload


def test_a_repeat_is_answered_and_goes_nowhere(relaying: Relaying, desk: Desk) -> None:
    payload = whatsapp("Tot morgen", number="wamid.c")
    assert relaying.hub(payload).json() == {"result": "relayed"}
    assert relaying.hub(payload).json() == {"result": "repeat"}
    assert len(desk.got) == 1


def test_forged_and_malformed_deliveries_go_nowhere(relaying: Relaying, desk: Desk) -> None:
    payload = whatsapp(f"BSN {BSN}", number="wamid.d")
    refused(relaying.post("/relay/wa", payload), 401, "missing")
    refused(relaying.hub(payload, secret="x" * 20), 401, "forged")
    refused(relaying.hub(b'{"object":'), 422, "json")
    refused(relaying.hub(b"[" * 200 + b"]" * 200), 422, "json")
    refused(relaying.hub(payload, "nowhere"), 404, "unknown")
    refused(relaying.post("/relay/wa", b"{}", {"Content-Type": "text/plain"}), 415, "type")
    assert desk.got == []


def test_the_handshake_of_meta(relaying: Relaying) -> None:
    def ask(token: str, challenge: str = "1158201444", source: str = "wa") -> tuple[int, str]:
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        with httpx.Client() as client:
            answer = client.get(f"{relaying.url}/relay/{source}", params=query)
        return answer.status_code, answer.text

    assert ask(VERIFY) == (200, "1158201444")
    assert ask("x" * 20)[0] == 401
    assert ask(VERIFY, "<script>")[0] == 401
    assert ask(VERIFY, source="fb")[0] == 404


def test_what_the_desk_asked_for_passes_and_is_left_to_the_desk(relaying: Relaying, desk: Desk) -> None:
    text = f"Dat is {IBAN}, groet Sanne"
    relaying.hub(whatsapp(text, number="wamid.e1"))
    assert IBAN.encode() not in desk.got[-1].body
    asked = json.dumps({"conversation": f"+31 6 {PHONE[3:]}", "text": "Mogen we uw rekeningnummer (IBAN)?"}).encode()
    answer = relaying.hub(asked, path="/sent")
    assert (answer.status_code, answer.json()) == (200, {"asked": 1})
    relaying.hub(whatsapp(text, number="wamid.e2"))
    assert IBAN.encode() in desk.got[-1].body
    last = entries(relaying.directory)[-1]
    assert "left-to-desk" in last.notes
    (row,) = [r for r in last.removals if r.entity_type == "IBAN_CODE"]
    assert (row.action, row.evidence.partition(";")[0]) == ("defer", "asked: register")
    relaying.hub(whatsapp(text, sender="31600000009", number="wamid.e3"))  # another customer was not asked
    assert IBAN.encode() not in desk.got[-1].body


def test_an_echo_asks_and_goes_on_as_it_is(relaying: Relaying, desk: Desk) -> None:
    def event(message: dict[str, object], sender: str, recipient: str) -> bytes:
        row = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": 1458692752478, "message": message}
        return json.dumps(
            {"object": "page", "entry": [{"id": "77", "time": 1458692752478, "messaging": [row]}]}
        ).encode()

    echo = event(
        {"mid": "m_1", "is_echo": True, "app_id": 1517776481860111, "text": "Wat is uw geboortedatum?"}, "77", "88"
    )
    assert relaying.hub(echo, "fb").json() == {"result": "relayed"}
    assert desk.got[-1].body == echo
    relaying.hub(event({"mid": "m_2", "text": "Geboortedatum 3 maart 1981."}, "88", "77"), "fb")
    assert b"maart 1981" not in desk.got[-1].body  # asked for, but this desk can remove nothing later
    assert {r.rule for r in entries(relaying.directory)[-1].removals} == {"gevraagd"}


def test_observing_changes_nothing(relaying: Relaying, desk: Desk) -> None:
    payload = whatsapp(f"Mijn BSN is {BSN}", number="wamid.f")
    relaying.hub(payload, "look")
    assert desk.got[-1].body == payload
    last = entries(relaying.directory)[-1]
    assert (last.outcome, last.mode, last.copies) == ("OBSERVED", "observe", ())


def test_an_unknown_field_is_searched(relaying: Relaying, desk: Desk) -> None:
    payload = whatsapp("Hallo", number="wamid.g").replace(
        b'"type":"text"', f'"type":"text","new_thing":{{"deep":["BSN {BSN}"]}}'.encode()
    )
    relaying.hub(payload)
    assert BSN.encode() not in desk.got[-1].body
    odd = json.dumps({"object": "whatsapp_business_account", "surprise": f"BSN: {BSN}"}).encode()
    relaying.hub(odd)
    assert BSN.encode() not in desk.got[-1].body
    assert desk.got[-1].json["object"] == "whatsapp_business_account"


def test_two_customers_in_one_delivery_are_judged_apart(relaying: Relaying, desk: Desk) -> None:
    asked = json.dumps({"conversation": "31600000021", "text": "Wat is uw IBAN?"}).encode()
    relaying.hub(asked, path="/sent")
    first = json.loads(whatsapp(f"IBAN {IBAN}", "31600000021", "wamid.h1"))
    second = json.loads(whatsapp(f"IBAN {IBAN}", "31600000022", "wamid.h2"))
    first["entry"] += second["entry"]
    relaying.hub(json.dumps(first).encode())
    texts = [entry["changes"][0]["value"]["messages"][0]["text"]["body"] for entry in desk.got[-1].json["entry"]]
    assert [IBAN in text for text in texts] == [True, False]


@pytest.mark.parametrize("status", [301, 302, 307, 500, 400, 401, 503])
def test_no_2xx_before_the_desks(relaying: Relaying, desk: Desk, status: int) -> None:
    payload = whatsapp(f"BSN {BSN}", number=f"wamid.i{status}")
    desk.answers = [status, 200]
    answer = relaying.hub(payload)
    refused(answer, 503, "desk")
    assert answer.headers["Retry-After"]
    assert [got.path for got in desk.got] == ["/in?x=1"]  # and no redirect was followed
    assert relaying.hub(payload).json() == {"result": "relayed"}
    assert BSN.encode() not in b"".join(got.body for got in desk.got)


def test_a_desk_that_is_broken_for_all_gets_the_message_when_it_is_back(relaying: Relaying, desk: Desk) -> None:
    payload = whatsapp("Waar blijft mijn pakket?", number="wamid.j")
    desk.answers = [500]
    for _ in range(5):
        refused(relaying.hub(payload), 503, "desk")
    desk.answers = [200]
    assert relaying.hub(payload).json() == {"result": "relayed"}
    assert desk.got[-1].body == payload


def test_what_only_the_desk_refuses_is_held_and_a_stub_goes_on(relaying: Relaying, desk: Desk) -> None:
    payload = whatsapp("Woord dat het systeem niet lust", number="wamid.k")
    desk.answers = [lambda got: 500 if b"niet lust" in got.body else 200]
    refused(relaying.hub(payload), 503, "desk")
    refused(relaying.hub(payload), 503, "desk")
    assert relaying.hub(payload).json() == {"result": "stub"}
    stub = desk.got[-1].json
    message = stub["entry"][0]["changes"][0]["value"]["messages"][0]
    assert message["text"]["body"].startswith("[Dit bericht kon niet worden nagekeken")
    assert (message["from"], message["id"]) == (PHONE, "wamid.k")
    last = entries(relaying.directory)[-1]
    assert (last.outcome, last.reason, last.notes) == ("HELD", "desk-refused", ("stub",))
    assert relaying.hub(payload).json() == {"result": "repeat"}


def test_a_delivery_that_is_in_hand_is_not_begun_again(relaying: Relaying, desk: Desk) -> None:
    """The channel gave up waiting for a slow desk, and sends it again."""
    payload = whatsapp("Traag", number="wamid.l")
    asked, go = threading.Event(), threading.Event()

    def slow() -> None:
        asked.set()
        go.wait(9)

    desk.before = slow
    answers: list[httpx.Response] = []
    first = threading.Thread(target=lambda: answers.append(relaying.hub(payload)))
    first.start()
    assert asked.wait(30)
    refused(relaying.hub(payload), 503, "busy")
    desk.before = lambda: None
    go.set()
    first.join()
    assert answers[0].json() == {"result": "relayed"}
    assert relaying.hub(payload).json() == {"result": "repeat"}
    assert len(desk.got) == 1


def test_without_a_database_nothing_goes_on(tmp_path: Path) -> None:
    """What could not be recorded is not passed on: the channel keeps it."""
    payload = whatsapp(f"BSN {BSN}")
    with Desk() as desk, Relaying(tmp_path, settings(desk.url)) as server:
        with sqlite3.connect(tmp_path / "scrubber.db", isolation_level=None) as other:
            other.execute("ALTER TABLE relayed RENAME TO elsewhere")
            answer = server.hub(payload)
            refused(answer, 503, "store")
            assert answer.headers["Retry-After"]
            assert desk.got == []
            other.execute("ALTER TABLE elsewhere RENAME TO relayed")
        other.close()
        assert server.hub(payload).json() == {"result": "relayed"}
        assert BSN.encode() not in desk.got[0].body


def test_stale_deliveries_and_a_desk_that_is_down(tmp_path: Path) -> None:
    with Desk() as desk:
        url = desk.url
    table = settings(
        url,
        name="sw",
        preset="standard-webhooks",
        hook_secret_env="SCRUBBER_TEST_SECRET",
        deliver_signature="none",
        deliver_secret_env=None,
    )
    with Relaying(tmp_path, table) as server:
        body = json.dumps(
            {"type": "message", "timestamp": "2026-11-22T10:00:00Z", "data": {"text": f"BSN {BSN}"}}
        ).encode()
        refused(server.post("/relay/sw", body, signed(body, "a", time.time() - 301)), 401, "stale")
        refused(server.post("/relay/sw", body, signed(body, "a")), 503, "desk")
        assert BSN.encode() not in server.kept()


def test_killed_between_the_desks_answer_and_our_record(tmp_path: Path) -> None:
    """The desk has it, we don't know: it gets it again, with the same id, and there is one entry."""
    with Desk() as desk:
        table = settings(desk.url, deliver_signature="standard-webhooks", deliver_secret_env="SCRUBBER_TEST_SECRET")
        with Relaying(tmp_path, table) as server:
            desk.before = server.kill
            payload = whatsapp(f"BSN {BSN}")
            failed = threading.Event()

            def deliver() -> None:
                try:
                    server.hub(payload)
                except Exception:  # noqa: BLE001 - whatever the channel sees, it is no 2xx
                    failed.set()

            channel = threading.Thread(target=deliver)
            channel.start()
            channel.join()
            assert failed.is_set()
            assert entries(tmp_path) == []
            desk.before = lambda: None
            server.start()
            assert server.hub(payload).json() == {"result": "relayed"}
            assert server.hub(payload).json() == {"result": "repeat"}
        one, two = desk.got
        assert one.body == two.body
        assert one.headers["webhook-id"] == two.headers["webhook-id"]
        assert [entry.outcome for entry in entries(tmp_path) if entry.kind == "message"] == ["REDACTED"]


def test_what_takes_too_long_is_held_and_locked_away(tmp_path: Path) -> None:
    head = '[serve]\nlisten = "127.0.0.1:0"\ncall_seconds = 0.000001\n\n[worker]\nlog = "json"\n\n'
    with Desk() as desk:
        table = settings(desk.url, attempts=2, quarantine_days=1, quarantine_key_env="SCRUBBER_TEST_LOCK")
        with Relaying(tmp_path, table, head=head) as server:
            payload = whatsapp(f"BSN {BSN} van {STREET}")
            refused(server.hub(payload), 503, "unscrubbed")
            assert desk.got == []  # the original never goes on
            assert server.hub(payload).json() == {"result": "stub"}
            assert BSN.encode() not in desk.got[0].body
            assert BSN.encode() not in server.kept()
            last = entries(tmp_path)[-1]
            assert (last.outcome, last.reason) == ("HELD", "unscrubbed")
            assert {copy.place for copy in last.copies} == {"channel", "quarantine"}
            with server.journal() as journal:
                from datetime import UTC, datetime

                from scrubber.relay.quarantine import open_sealed

                (locked,) = journal.locked(datetime.now(UTC))
                assert open_sealed(bytes.fromhex(LOCK), "wa", locked.delivery, locked.sealed) == payload
