"""`scrubber serve` as a command: where it dares to listen, the worker beside it, stopping, figures, health."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import urlopen

import httpx
import pytest

from tests.serving import SETTINGS, TOKEN, Serving, signed

MAIL = b"From: anke@anke.example\nSubject: Vraag\nMessage-ID: <1@anke.example>\n\nMijn BSN is 123456782.\n"
MAILDIR = """
[[source]]
name = "post"
type = "maildir"
path = "Maildir"
mode = "redact"
since = 2000-01-01
"""


def mailbox(directory: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (directory / "Maildir" / part).mkdir(parents=True)
    (directory / "Maildir" / "new" / "1.M1P1.here").write_bytes(MAIL)
    return directory / "Maildir"


def holds(maildir: Path, value: bytes) -> bool:
    return any(value in file.read_bytes() for file in maildir.rglob("*") if file.is_file())


def until(what: object, seconds: float = 120) -> None:
    assert callable(what)
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)


def health(serving: Serving) -> dict[str, str]:
    told: dict[str, str] = httpx.get(serving.url + "/healthz", timeout=30).json()
    return told


def refused(directory: Path, settings: str) -> str:
    (directory / "scrubber.toml").write_text(settings, encoding="utf-8")
    command = [sys.executable, "-m", "scrubber.cli", "serve", "--no-worker"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


OPEN = SETTINGS.replace("127.0.0.1:0", "0.0.0.0:0")


def test_it_does_not_listen_to_others_without_any_secret(tmp_path: Path) -> None:
    said = refused(tmp_path, '[serve]\nlisten = "0.0.0.0:8080"\n')
    assert "[serve] listen" in said
    assert "token_env" in said
    assert "hook_secret_env" in said
    said = refused(tmp_path, '[serve]\nlisten = "[::]:8080"\n')
    assert "listen on 127.0.0.1" in said


def test_secrets_that_are_not_there_are_named(tmp_path: Path) -> None:
    assert "SCRUBBER_TEST_SECRET, which is not set" in refused(tmp_path, SETTINGS)
    short = SETTINGS.split("[[source]]")[0].replace("token_env", "token_file").replace("SCRUBBER_TEST_TOKEN", "kort")
    (tmp_path / "kort").write_text("welkom01\n")
    (tmp_path / "kort").chmod(0o600)
    said = refused(tmp_path, short)
    assert "at least 16" in said
    assert "welkom01" not in said


def test_an_address_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        said = refused(tmp_path, f'[serve]\nlisten = "127.0.0.1:{other.getsockname()[1]}"\n')
    assert "can't be opened" in said


def test_others_reach_it_with_a_secret(tmp_path: Path) -> None:
    with Serving(tmp_path, OPEN) as serving:
        assert serving.tell("1").status_code == 202


def test_a_secret_is_changed_without_a_gap(tmp_path: Path) -> None:
    two = SETTINGS.replace('"SCRUBBER_TEST_SECRET"', '["SCRUBBER_TEST_SECRET", "SCRUBBER_TEST_NEW"]')
    new = "bmlldXctZ2VoZWltLTAxMjM0NTY3ODk="
    serving = Serving(tmp_path, two)
    serving.start({"SCRUBBER_TEST_NEW": new})
    with serving:
        body = b'{"ticket": "2"}'
        assert serving.tell("1").status_code == 202
        assert serving.post("/hooks/rt", body, signed(body, "n", secret=new)).status_code == 202


def test_a_worker_works_beside_it(tmp_path: Path) -> None:
    maildir = mailbox(tmp_path)
    with Serving(tmp_path, SETTINGS.split("[[source]]")[0] + MAILDIR, "--worker") as serving:
        until(lambda: not holds(maildir, b"123456782"))
        assert health(serving) == {"status": "ok", "store": "ok", "worker": "working"}
        assert serving.stop() == 0
    assert "Traceback" not in serving.log()


def test_it_waits_while_another_worker_is_at_work(tmp_path: Path) -> None:
    maildir = mailbox(tmp_path)
    settings = SETTINGS.split("[[source]]")[0] + MAILDIR
    with Serving(tmp_path, settings, "--worker") as first:
        until(lambda: health(first)["worker"] == "working")
        until(lambda: not holds(maildir, b"123456782"))
        second = Serving(tmp_path, settings, "--worker")
        second.start()
        with second:
            until(lambda: health(second)["worker"] == "waiting")
            first.kill()
            (maildir / "new" / "2.M2P2.here").write_bytes(MAIL)
            until(lambda: not holds(maildir, b"123456782"))
            assert health(second)["worker"] == "working"


def test_what_is_in_hand_is_answered_before_it_stops(tmp_path: Path) -> None:
    with Serving(tmp_path) as serving:
        answers: list[int] = []
        body = b'{"ticket": "9"}'
        with socket.create_connection(serving.address, timeout=60) as connection:
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **signed(body, "s")}
            head = "\r\n".join(["POST /hooks/rt HTTP/1.1", "Host: x", *(f"{k}: {v}" for k, v in headers.items())])
            connection.sendall(head.encode() + b"\r\n\r\n" + body[:4])
            time.sleep(0.5)  # it is in hand
            stopping = threading.Thread(target=lambda: answers.append(serving.stop()))
            stopping.start()
            time.sleep(0.5)
            connection.sendall(body[4:])
            assert b" 202 " in connection.recv(4_096)
        stopping.join()
    assert answers == [0]
    assert "9" in serving.nudged()


def test_interrupted_at_the_keyboard(tmp_path: Path) -> None:
    with Serving(tmp_path) as serving:
        assert serving._signalled(signal.SIGINT) == 0
    assert "Traceback" not in serving.log()


@pytest.fixture
def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def test_figures(tmp_path: Path, free: int) -> None:
    settings = SETTINGS.replace("max_bytes", f'metrics = "127.0.0.1:{free}"\nmax_bytes')
    with Serving(tmp_path, settings) as serving:
        serving.tell("1", "a")
        serving.tell("1", "a")
        serving.post("/hooks/rt", "{}")
        serving.post("/v1/scrub", "{", {"Authorization": f"Bearer {TOKEN}"})
        wanted = {
            'scrubber_deliveries_total{result="noted",source="rt"} 1.0',
            'scrubber_deliveries_total{result="repeat",source="rt"} 1.0',
            'scrubber_refused_total{reason="missing",route="/hooks/{source}"} 1.0',
            'scrubber_refused_total{reason="json",route="/v1/scrub"} 1.0',
            'scrubber_answer_seconds_count{route="/hooks/{source}"} 3.0',
        }
        end = time.monotonic() + 30
        told: set[str] = set()
        while not wanted <= told and time.monotonic() < end:  # an answer is counted once it was given
            with urlopen(f"http://127.0.0.1:{free}/metrics", timeout=30) as answer:
                told = set(answer.read().decode().splitlines())
            time.sleep(0.1)
        assert wanted <= told


def test_the_description_is_whole(tmp_path: Path) -> None:
    """Every address says what it takes and every status it gives; each reference in it leads somewhere."""
    with Serving(tmp_path) as serving:
        text = httpx.get(serving.url + "/openapi.json", timeout=30).text
    described = json.loads(text)
    assert set(described["paths"]) >= {"/hooks/{source}", "/v1/scrub", "/healthz"}
    hook = described["paths"]["/hooks/{source}"]["post"]
    assert {"200", "202", "401", "404", "408", "413", "415", "422", "429", "503"} == set(hook["responses"])
    for reference in {part.split('"')[0] for part in text.split('"$ref":"#/')[1:]}:
        place = described
        for step in reference.split("/"):
            place = place[step]
