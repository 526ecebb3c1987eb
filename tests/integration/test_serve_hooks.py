"""`POST /hooks/{source}` over real HTTP: what is taken, what is refused and how, and that nothing of it is kept."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.serving import SETTINGS, Serving, request, signed

BSN, MAIL = "123456782", "anke@anke.example"
"""Planted: in no answer, log line or row."""


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving(tmp_path_factory.mktemp("serve")) as server:
        yield server
        kept = server.kept()
        assert not any(value.encode() in kept for value in (BSN, MAIL))


def refused(answer: object, status: int, error: str) -> None:
    """With a code, a sentence in both languages, and nothing of what was sent."""
    status_code, text = getattr(answer, "status_code", None), getattr(answer, "text", "")
    assert (status_code, json.loads(text)["error"]) == (status, error)
    told = json.loads(text)
    assert set(told) <= {"error", "nl", "en", "detail"}
    assert told["nl"] != told["en"]
    assert not any(value in text for value in (BSN, MAIL))


def test_a_delivery_is_on_disk_when_it_is_answered(serving: Serving) -> None:
    before = time.time()
    answer = serving.tell("35")
    assert (answer.status_code, answer.json()) == (202, {"result": "noted"})
    assert serving.nudged()["35"].timestamp() >= before - 1


def test_a_repeat_is_dropped(serving: Serving) -> None:
    assert serving.tell("36", "once").status_code == 202
    first = serving.nudged()["36"]
    again = serving.tell("36", "once")
    assert (again.status_code, again.json()) == (200, {"result": "repeat"})
    assert serving.nudged()["36"] == first
    assert serving.tell("36", "twice").status_code == 202
    assert serving.nudged()["36"] > first


def test_what_scrubber_did_itself_is_ignored(serving: Serving) -> None:
    body = json.dumps({"ticket": 37, "actor": "Scrubber"}).encode()
    answer = serving.post("/hooks/rt", body, signed(body, "own"))
    assert (answer.status_code, answer.json()) == (200, {"result": "own"})
    assert "37" not in serving.nudged()


def test_forged(serving: Serving) -> None:
    body = json.dumps({"ticket": "40", "text": BSN}).encode()
    headers = signed(body, "x")
    refused(serving.post("/hooks/rt", body), 401, "missing")
    refused(serving.post("/hooks/rt", body + b" ", headers), 401, "forged")
    refused(serving.post("/hooks/rt", body, {**headers, "webhook-id": "y"}), 401, "forged")
    refused(serving.post("/hooks/rt", body, signed(body, "x", secret="Z2Vzc2VnZXNzZWdlc3NlZ2U=")), 401, "forged")
    answer = serving.post("/hooks/rt", body, signed(body, "x", time.time() - 301))
    refused(answer, 401, "stale")
    assert answer.headers["WWW-Authenticate"]
    assert "40" not in serving.nudged()


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_what_is_no_json(serving: Serving, headers: dict[str, str]) -> None:
    body = b'{"ticket": "41"}'
    refused(serving.post("/hooks/rt", body, {**signed(body, "x"), **headers}), 415, "type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        '{"ticket": "41", "text": "é"}'.encode("latin-1"),
        b"[" * 30_000,
        b'{"a":' * 100 + b"1" + b"}" * 100,
        b"9" * 5_000,
        b'{"ticket": "41"} x',
    ],
)
def test_malformed(serving: Serving, body: bytes) -> None:
    refused(serving.post("/hooks/rt", body, signed(body, "x")), 422, "json")


@pytest.mark.parametrize(
    "told",
    [
        None, [], "41", {}, {"ticket": None}, {"ticket": ""}, {"ticket": True}, {"ticket": -1}, {"ticket": 0},
        {"ticket": 1.5}, {"ticket": "../41"}, {"ticket": MAIL}, {"ticket": {"id": 4}}, {"ticket": "4" * 30},
        {"ticket": 10**30}, {"id": 41}, {"ticket": "٤١"},
    ],
)  # fmt: skip
def test_a_payload_that_names_no_ticket(serving: Serving, told: object) -> None:
    body = json.dumps(told).encode()
    refused(serving.post("/hooks/rt", body, signed(body, "x")), 422, "ticket")


def test_too_large(serving: Serving) -> None:
    body = json.dumps({"ticket": "42", "text": BSN * 10_000}).encode()
    refused(serving.post("/hooks/rt", body, signed(body, "x")), 413, "large")
    # without a length, and one byte too many
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (b" " * 65_000, b" " * 537)) + b"0\r\n\r\n"
    headers = ["Transfer-Encoding: chunked", "Content-Type: application/json"]
    assert b" 413 " in serving.raw(request("POST", "/hooks/rt", chunks, headers)).split(b"\r\n")[0]
    exact = chunks.replace(b"219\r\n" + b" " * 537, b"218\r\n" + b" " * 536)
    assert b" 401 " in serving.raw(request("POST", "/hooks/rt", exact, headers)).split(b"\r\n")[0]


def test_an_endless_body_is_not_read(serving: Serving) -> None:
    """The answer comes while the sender goes on; then the connection is closed."""
    head = request("POST", "/hooks/rt", b"", ["Content-Length: 1000000000", "Content-Type: application/json"])
    assert b" 413 " in serving.raw(head, b" " * 1_000).split(b"\r\n")[0]


def test_places_that_are_not_there(serving: Serving) -> None:
    body = b'{"ticket": "43"}'
    for path in ("/hooks/other", "/hooks/", "/hooks/rt/", "/hooks/rt%2F", f"/hooks/{MAIL}", "/", "/docs", f"/{BSN}"):
        refused(serving.post(path, body, signed(body, "x")), 404, "unknown")
    answer = serving.raw(request("GET", "/hooks/rt"))
    assert b" 405 " in answer
    assert b"allow: POST" in answer
    assert b'"error":"method"' in answer


def test_hostile_bytes(serving: Serving) -> None:
    for bytes_ in (b"\x16\x03\x01\x00", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"POST /hooks/rt\r\n\r\n"):
        assert b" 400 " in serving.raw(bytes_).split(b"\r\n")[0]
    smuggled = ["Content-Length: 5", "Transfer-Encoding: chunked", "Content-Type: application/json"]
    serving.raw(request("POST", "/hooks/rt", b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n", smuggled))
    serving.raw(request("GET", "/" + BSN * 20_000))
    assert serving.tell("44").status_code == 202


def test_who_is_slow_is_not_waited_for_for_ever(serving: Serving) -> None:
    """A head that never ends, a body that drips, and a connection that says nothing: each is ended."""
    dripping = request("POST", "/hooks/rt", b"", ["Content-Length: 100", "Content-Type: application/json"])
    answers: dict[str, bytes] = {}

    def talk(name: str, *pieces: bytes) -> None:
        answers[name] = serving.raw(*pieces, pause=1.0)

    threads = [
        threading.Thread(target=talk, args=("body", dripping, b"{", b" ")),
        threading.Thread(target=talk, args=("head", b"POST /hooks/rt HTTP/1.1\r\nHost: x\r\nX-A: ", b"b")),
        threading.Thread(target=talk, args=("nothing",)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b" 408 " in answers["body"].split(b"\r\n")[0]
    assert (answers["head"], answers["nothing"]) == (b"", b"")


def test_the_database_is_down(serving: Serving) -> None:
    """Nobody hears 2xx for what is not on disk, and all goes on when the database is back."""
    with closing(sqlite3.connect(serving.directory / "scrubber.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = serving.tell("45", "held up")
        refused(answer, 503, "store")
        assert int(answer.headers["Retry-After"]) > 0
        assert "45" not in serving.nudged()
        other.execute("ROLLBACK")
    answer = serving.tell("45", "held up")  # written meanwhile, or now
    assert answer.status_code in (200, 202)
    assert "45" in serving.nudged()


def test_the_log_says_what_was_asked_and_nothing_of_it(serving: Serving) -> None:
    serving.post(f"/hooks/{MAIL}?bsn={BSN}", json.dumps({"ticket": BSN}))
    serving.tell("46")
    lines = [json.loads(line) for line in serving.log().splitlines() if line.startswith("{")]
    asked = [line for line in lines if line["event"] == "request"]
    assert asked[-1]["route"] == "/hooks/{source}"
    assert asked[-1]["source"] == "rt"
    assert asked[-1]["status"] == 202
    assert asked[-2]["reason"] == "unknown"
    assert all(
        set(line) <= {"event", "level", "timestamp", "method", "route", "source", "status", "reason", "ms"}
        for line in asked
    )
    assert not re.search("Traceback|Error", serving.log())


def test_a_sender_that_tells_too_often_waits(tmp_path: Path) -> None:
    with Serving(tmp_path, SETTINGS.replace("max_bytes", "per_minute = 3\nmax_bytes")) as serving:
        assert [serving.tell("1").status_code for _ in range(3)] == [202] * 3
        body = b'{"ticket": "1"}'
        refused(serving.post("/hooks/rt", body), 401, "missing")  # who forges takes nobody's turn
        answer = serving.tell("1")
        refused(answer, 429, "many")
        assert int(answer.headers["Retry-After"]) > 0
