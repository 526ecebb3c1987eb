"""What differs by channel and desk, over real HTTP: Telegram's deletion, a desk's API, quarantine and its commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_relay import BSN, IBAN, STREET, entries, refused
from tests.relaying import APP_SECRET, BOT, DESK_SECRET, ENVIRONMENT, LOCK, Desk, Relaying, settings, whatsapp

SECRET = {"X-Telegram-Bot-Api-Secret-Token": APP_SECRET}


@pytest.fixture(scope="module")
def channel() -> Iterator[Desk]:
    with Desk() as made:
        yield made


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Desk() as made:
        yield made


@pytest.fixture(scope="module")
def relaying(desk: Desk, channel: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relaying]:
    directory = tmp_path_factory.mktemp("channels")
    tables = (
        settings(
            desk.url,
            name="tg",
            preset="telegram",
            delete=True,
            bot_token_env="SCRUBBER_TEST_BOT",
            channel_url=channel.url,
        ),
        settings(desk.url, name="zammad", preset="zammad", deferred="redact"),
        settings(desk.url, name="roundup", preset="roundup", deferred="redact", deliver_user="scrubber"),
    )
    with Relaying(directory, *tables) as server:
        yield server
        kept = server.kept()
        assert not [value for value in (BSN, IBAN, STREET, BOT, "1111111") if value.encode() in kept]


@pytest.fixture(autouse=True)
def _fresh(desk: Desk, channel: Desk) -> None:
    for one in (desk, channel):
        one.answers = [200]
        one.got.clear()


def update(number: int, text: str, *, age: float = 0, kind: str = "private", **more: Any) -> bytes:
    message = {
        "message_id": number,
        "date": int(time.time() - age),
        "from": {"id": 1111111, "is_bot": False, "first_name": "Anke"},
        "chat": {"id": 1111111, "type": kind},
        "text": text,
        **more,
    }
    return json.dumps({"update_id": number, "message": message}).encode()


def test_telegram_deletes_what_was_redacted(relaying: Relaying, desk: Desk, channel: Desk) -> None:
    answer = relaying.post("/relay/tg", update(1, f"Mijn BSN is {BSN}"), SECRET)
    assert answer.json() == {"result": "relayed"}
    assert BSN.encode() not in desk.got[0].body
    assert desk.got[0].headers["x-telegram-bot-api-secret-token"] == DESK_SECRET
    (asked,) = channel.got
    assert (asked.path, asked.json) == (f"/bot{BOT}/deleteMessage", {"chat_id": 1111111, "message_id": 1})
    assert [(copy.place, copy.state) for copy in entries(relaying.directory)[-1].copies] == [("channel", "CLEANED")]


@pytest.mark.parametrize(
    ("payload", "asked"),
    [
        (update(2, "Hoe laat zijn jullie open?"), 0),
        (update(3, f"BSN {BSN}", age=48 * 3600), 0),
        (update(4, f"BSN {BSN}", kind="group"), 0),
        (update(5, f"BSN {BSN}", business_connection_id="x"), 0),
    ],
)
def test_telegram_is_asked_for_nothing_it_does_not_do(
    relaying: Relaying, channel: Desk, payload: bytes, asked: int
) -> None:
    assert relaying.post("/relay/tg", payload, SECRET).json() == {"result": "relayed"}
    assert len(channel.got) == asked
    assert {copy.state for copy in entries(relaying.directory)[-1].copies} <= {"REMAINS"}


def test_telegram_that_refuses_or_is_away_holds_nothing_up(relaying: Relaying, channel: Desk) -> None:
    for number, (status, state) in enumerate([(400, "UNKNOWN"), (403, "REMAINS"), (500, "REMAINS")], 10):
        channel.answers = [status]
        assert relaying.post("/relay/tg", update(number, f"BSN {BSN}"), SECRET).json() == {"result": "relayed"}
        (copy,) = entries(relaying.directory)[-1].copies
        assert (copy.place, copy.state) == ("channel", state)
        assert BOT not in copy.why


def test_telegrams_repeat_is_known_by_its_update(relaying: Relaying, desk: Desk) -> None:
    first = update(20, "Hallo")
    assert relaying.post("/relay/tg", first, SECRET).json() == {"result": "relayed"}
    assert relaying.post("/relay/tg", first.replace(b": ", b":"), SECRET).json() == {"result": "repeat"}
    assert len(desk.got) == 1
    refused(relaying.post("/relay/tg", first, {"X-Telegram-Bot-Api-Secret-Token": "y" * 20}), 401, "forged")


def test_into_zammad_with_its_own_credentials_and_html(relaying: Relaying, desk: Desk) -> None:
    ticket = {
        "title": f"Vraag van {BSN}, mijn BSN",
        "group": "Users",
        "customer": "anke@klant.example",
        "article": {"subject": "Vraag", "body": f"<p>BSN: <b>{BSN[:4]}</b>{BSN[4:]} &amp; groet</p>", "type": "note"},
    }
    answer = relaying.post("/relay/zammad", json.dumps(ticket), {"Authorization": f"Bearer {APP_SECRET}"})
    assert answer.json() == {"result": "relayed"}
    (got,) = desk.got
    assert got.headers["authorization"] == DESK_SECRET
    made = got.json
    assert BSN not in made["title"]
    assert made["article"]["body"].startswith("<p>BSN: <b>")
    assert made["article"]["body"].endswith("&amp; groet</p>")
    assert BSN[:4] not in made["article"]["body"]
    assert BSN[4:] not in made["article"]["body"]
    assert entries(relaying.directory)[-1].channel == "ticket"


def test_into_roundup_with_basic_and_its_header(relaying: Relaying, desk: Desk) -> None:
    body = json.dumps({"content": "Hallo", "author": "3"})
    assert relaying.post("/relay/roundup", body, {"Authorization": f"Bearer {APP_SECRET}"}).status_code == 200
    assert desk.got[0].headers["x-requested-with"] == "rest"
    assert desk.got[0].headers["authorization"].startswith("Basic ")


def command(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "scrubber.cli", *arguments],
        cwd=directory,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        check=False,
        timeout=120,
    )


def test_the_quarantine_and_what_persons_do_with_a_relay(tmp_path: Path) -> None:
    payload = whatsapp(f"BSN {BSN}")
    with Desk() as desk:
        desk.answers = [lambda got: 200 if b"Dit bericht kon niet" in got.body else 400]
        table = settings(desk.url, attempts=1, quarantine_days=1, quarantine_key_env="SCRUBBER_TEST_LOCK")
        with Relaying(tmp_path, table) as server:
            assert server.hub(payload).json() == {"result": "stub"}
            server.stop()
        listed = command(tmp_path, "quarantine", "list").stdout.decode()
        assert "wa" in listed
        name = listed.splitlines()[1].split()[0]
        shown = command(tmp_path, "quarantine", "show", name)
        assert shown.stdout == payload
        (tmp_path / "other.toml").write_text((tmp_path / "scrubber.toml").read_text().replace("TEST_LOCK", "TEST_APP"))
        for arguments in (("show", "ffffff"), ("show", name, "--settings", "other.toml")):
            wrong = command(tmp_path, "quarantine", *arguments)
            assert wrong.returncode
            assert not wrong.stdout
            assert b"quarantine" in wrong.stderr
        held = json.loads(command(tmp_path, "status", "--format", "json").stdout)
        assert held["settled"] == {"HELD": 1}
        (stuck,) = held["held"]
        again = command(tmp_path, "retry", stuck["ref"], "--who", "Sanne")
        assert again.returncode == 2
        assert b"relay" in again.stderr
        assert command(tmp_path, "release", stuck["ref"], "--who", "Sanne", "--why", "opnieuw gevraagd").returncode == 0
        assert command(tmp_path, "quarantine", "purge").stdout == b"1 weggegooid.\n"
        assert b"leeg" in command(tmp_path, "quarantine", "list").stdout
        assert command(tmp_path, "verify").returncode == 0
        assert command(tmp_path, "report", "--format", "json").returncode == 0
        checked = command(tmp_path, "check")
        assert checked.returncode == 0
        assert "WhatsApp" in checked.stdout.decode()
        assert command(tmp_path, "run", "--once").returncode == 2
        assert LOCK.encode() not in server.kept()


def test_what_expired_is_gone(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    from scrubber.relay.quarantine import seal

    with Desk() as desk, Relaying(tmp_path, settings(desk.url)) as server:
        with server.journal() as journal, journal._store.begin() as tx:
            past = datetime.now(UTC) - timedelta(seconds=1)
            journal.lock_up(tx, "wa", "a" * 64, seal(bytes.fromhex(LOCK), "wa", "a" * 64, b"x"), past)
            journal.ask(tx, "wa", "c", {"IBAN_CODE"}, past)
        server.stop()
        server.start()
        until = time.monotonic() + 30
        while "quarantine_expired" not in server.log() and time.monotonic() < until:
            time.sleep(0.1)
        with server.journal() as journal, journal._store.read() as tx:
            from sqlalchemy import text

            counts = [tx.execute(text(f"select count(*) from {name}")).scalar() for name in ("quarantine", "asked")]  # noqa: S608 - names of our own
        assert counts == [0, 0]
