"""`scrubber serve` in this process: the app from its settings to its answers, with the database that it writes to."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from scrubber import settings
from scrubber.commands.serve import serve
from scrubber.errors import SettingsError, StoreError
from scrubber.journal import Journal, Told
from scrubber.store import Store
from scrubber.web.listen import bound
from tests.serving import SECRET, SETTINGS, TOKEN, signed

Talk = Callable[[httpx.Client], None]


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUBBER_TEST_TOKEN", TOKEN)
    monkeypatch.setenv("SCRUBBER_TEST_SECRET", SECRET)


@pytest.fixture
def as_it_was() -> Iterator[None]:
    """What a command may change for the whole of its process."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi", "asyncio", "concurrent.futures"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


def written(directory: Path, text: str) -> Path:
    file = directory / "scrubber.toml"
    file.write_text(text, encoding="utf-8")
    return file


def talked(file: Path, talk: Talk, capfd: pytest.CaptureFixture[str], *, worker: bool = False) -> str:
    """Serve while `talk` talks; then SIGTERM. What was logged."""
    said: list[str] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            until = time.monotonic() + 60
            while not (found := re.search(r"luistert op (http://\S+)", "".join(said))):
                assert time.monotonic() < until
                time.sleep(0.05)
                said.append(capfd.readouterr().err)
            with httpx.Client(base_url=found[1], timeout=60) as client:
                talk(client)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert serve(settings.load(file), file, worker=worker, lang="nl") == 0
    finally:
        thread.join()
    if failed:
        raise failed[0]
    return "".join(said) + capfd.readouterr().err


def tell(client: httpx.Client, body: bytes, delivery: str = "d") -> httpx.Response:
    headers = {"Content-Type": "application/json", **signed(body, delivery)}
    return client.post("/hooks/rt", content=body, headers=headers)


@pytest.mark.usefixtures("secrets", "as_it_was")
def test_from_the_settings_to_the_answers(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def talk(client: httpx.Client) -> None:
        body = b'{"ticket": "5"}'
        assert tell(client, body).json() == {"result": "noted"}
        assert tell(client, body).json() == {"result": "repeat"}
        own = tell(client, b'{"ticket": "5", "actor": "Scrubber"}')
        assert own.json() == {"result": "own"}
        for answer, status in (
            (client.post("/hooks/rt", content=body), 415),
            (client.post("/hooks/rt", json={}), 401),
            (client.post("/hooks/x", json={}), 404),
            (client.get("/hooks/rt"), 405),
            (tell(client, b"x" * 70_000), 413),
            (tell(client, b"{"), 422),
            (tell(client, b"{}"), 422),
            (tell(client, b"[" * 1_000), 422),
            (client.post("/v1/scrub", json={}), 401),
        ):
            assert answer.status_code == status
            assert {"error", "nl", "en"} <= set(answer.json())
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        answer = client.post("/v1/scrub", json={"body": "BSN 123456782"}, headers=bearer)
        assert answer.json()["redacted"]["body"] == "BSN [BSN verwijderd]"
        assert client.post("/v1/scrub", json={}, headers=bearer).status_code == 422
        assert client.get("/healthz").json() == {"status": "ok", "store": "ok", "worker": "off"}
        assert "MessageIn" in client.get("/openapi.json").text

    log = talked(written(tmp_path, SETTINGS), talk, capfd)
    with closing(Store.open(f"sqlite:///{tmp_path / 'scrubber.db'}")) as store:
        assert list(Journal(store).nudged("rt")) == ["5"]
    events = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert [line["status"] for line in events if line["event"] == "request"][:5] == [202, 200, 200, 415, 401]
    assert "123456782" not in log


@pytest.mark.usefixtures("secrets", "as_it_was")
def test_when_the_database_fails(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> list[bool]:
        raise StoreError("the database can't be written: OperationalError SQLITE_FULL")

    def broken(*_: object) -> list[bool]:
        raise ValueError("Anke, 123456782")

    def talk(client: httpx.Client) -> None:
        for fault in (full, broken):
            monkeypatch.setattr(Journal, "tell", fault)
            answer = tell(client, b'{"ticket": "5"}')
            assert (answer.status_code, answer.json()["error"]) == (503, "store")
            assert answer.headers["Retry-After"] == "30"
        monkeypatch.setattr(Journal, "nudges", full)
        assert client.get("/healthz").status_code == 503
        monkeypatch.setattr(Journal, "nudges", broken)
        assert client.get("/healthz").json()["error"] == "broken"
        monkeypatch.undo()
        monkeypatch.setenv("SCRUBBER_TEST_SECRET", SECRET)
        assert tell(client, b'{"ticket": "5"}').status_code == 202

    log = talked(written(tmp_path, SETTINGS), talk, capfd)
    assert "SQLITE_FULL" in log
    assert "ValueError" in log
    assert "Anke" not in log


@pytest.mark.usefixtures("secrets", "as_it_was")
def test_with_the_worker(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    (tmp_path / "Maildir" / "new" / "1.here").write_bytes(b"Subject: x\n\nMijn BSN is 123456782\n")
    maildir = '[[source]]\nname = "post"\ntype = "maildir"\npath = "Maildir"\nmode = "redact"\nsince = 2000-01-01\n'

    def talk(client: httpx.Client) -> None:
        until = time.monotonic() + 60
        while any(b"123456782" in file.read_bytes() for file in (tmp_path / "Maildir").rglob("*.here*")):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert client.get("/healthz").json()["worker"] == "working"

    log = talked(written(tmp_path, SETTINGS.split("[[source]]")[0] + maildir), talk, capfd, worker=True)
    assert "worker_stopped" not in log


@pytest.mark.usefixtures("secrets", "as_it_was")
def test_a_worker_that_fails_begins_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from scrubber import bootstrap
    from scrubber.commands import attendant

    real, faults = bootstrap.worker, iter([StoreError("the database can't be read"), ValueError("Anke")])

    def failing(*given: object, **more: object) -> object:
        for fault in faults:
            raise fault
        return real(*given, **more)  # type: ignore[arg-type] # passed on as they came

    monkeypatch.setattr(bootstrap, "worker", failing)
    monkeypatch.setattr(attendant, "AGAIN_SECONDS", 0.2)

    def talk(client: httpx.Client) -> None:
        until = time.monotonic() + 60
        seen = set()
        while "working" not in seen:
            seen.add(client.get("/healthz").json()["worker"])
            assert time.monotonic() < until
        assert "failed" in seen

    log = talked(written(tmp_path, SETTINGS), talk, capfd, worker=True)
    assert "the database can't be read" in log
    assert "ValueError" in log
    assert "Anke" not in log


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (
            SETTINGS.replace("127.0.0.1:0", "0.0.0.0:0").replace("token_env", "# ").replace("hook_secret_env", "# "),
            "listen",
        ),
        (SETTINGS.replace("SCRUBBER_TEST_TOKEN", "SCRUBBER_TEST_NONE"), "SCRUBBER_TEST_NONE, which is not set"),
        (SETTINGS.replace('hook_secret_env = "', 'hook_secret_env = "PA'), "rt: `hook_secret_env`"),
        (SETTINGS.replace('hook_secret_env = "SCRUBBER_TEST_SECRET"', 'hook_secret_env = "SHORT"'), "at least 16"),
    ],
)
@pytest.mark.usefixtures("secrets", "as_it_was")
def test_what_can_not_be_served(tmp_path: Path, given: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT", "Z2VoZWlt")
    file = written(tmp_path, given)
    with pytest.raises(SettingsError, match=re.escape(why)):
        serve(settings.load(file), file, worker=False, lang="nl")


def test_an_address_that_is_taken() -> None:
    with bound("127.0.0.1", 0) as first, pytest.raises(SettingsError, match="choose another port"):
        bound("127.0.0.1", first.getsockname()[1])
    with pytest.raises(SettingsError, match=r"\[2001:db8::1\]:1 can't be opened"):
        bound("2001:db8::1", 1)


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("hook_ticket", '"ticket"', "begins with `/`"),
        ("hook_signature", '"header"', "hook_header"),
        ("hook_signature", '"md5"', "hook_signature"),
        ("hook_header", '"X: y"', "hook_header"),
    ],
)
def test_settings_of_a_hook_that_can_not_be(tmp_path: Path, key: str, value: str, why: str) -> None:
    file = written(tmp_path, f"{SETTINGS}{key} = {value}\n")
    with pytest.raises(SettingsError, match=why):
        settings.load(file)


def test_told_holds_no_text() -> None:
    assert set(Told.__slots__) == {"source", "container", "digests"}
