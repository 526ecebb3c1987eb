"""`POST /v1/scrub` over real HTTP: as `scrubber analyze`, for who has a token, and never for long."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import SETTINGS, TOKEN, Serving, request

ROOT = Path(__file__).parents[2]
BEARER = {"Authorization": f"Bearer {TOKEN}"}
MESSAGES: list[dict[str, Any]] = [
    {"id": "a", "subject": "Vraag", "body": "Mijn BSN is 123456782. Groet, Anke"},
    {"id": 2, "channel": "ticket", "thread": [{"from": "agent", "text": "Wat is uw IBAN voor de terugbetaling?"}],
     "body": "Dat is NL91ABNA0417164300"},
    {"body": "", "sender": {"name": "Zoë 🦊", "email": None}, "on_file": [], "extra": 1},
    {"id": 3.5, "body": "lone \ud800 surrogate, geboren 12-03-1980"},
]  # fmt: skip


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving(tmp_path_factory.mktemp("serve")) as server:
        yield server
        assert b"123456782" not in server.kept()


def ask(serving: Serving, given: object, headers: dict[str, str] | None = None) -> httpx.Response:
    return serving.post("/v1/scrub", json.dumps(given), BEARER if headers is None else headers)


def test_as_analyze_answers(serving: Serving) -> None:
    """One by one and all together."""
    lines = "\n".join(json.dumps(message) for message in MESSAGES)
    command = [sys.executable, "-m", "scrubber.cli", "analyze", "-"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, cwd=serving.directory)
    expected = [json.loads(line) for line in done.stdout.splitlines()]
    assert expected[0]["redacted"]["body"] == "Mijn BSN is [BSN verwijderd]. Groet, Anke"
    assert [ask(serving, message).json() for message in MESSAGES] == expected
    assert ask(serving, MESSAGES).json() == expected


def test_what_is_no_message(serving: Serving) -> None:
    for wrong, why in [({}, "`body`"), ({"body": 5}, "`body`"), ("geheim", "object"), ({"body": "", "id": {}}, "`id`")]:
        answer = ask(serving, wrong)
        assert (answer.status_code, answer.json()["error"]) == (422, "message")
        assert why in answer.json()["detail"]
        assert "geheim" not in answer.text
    for body in ("", "{", '{"body": "x", "id": NaN}', "[" * 30_000, '{"body": [' * 1 + "[" * 80 + "]" * 80 + "]}"):
        answer = serving.post("/v1/scrub", body, BEARER)
        assert (answer.status_code, answer.json()["error"]) == (422, "json")


def test_one_wrong_message_in_a_list_leaves_the_others(serving: Serving) -> None:
    answer = ask(serving, [MESSAGES[0], 5, MESSAGES[1]])
    assert answer.status_code == 200
    first, second, third = answer.json()
    assert (first["outcome"], third["id"]) == ("REDACTED", 2)
    assert second == {"id": None, "error": "not a JSON object", "line": 2}


def test_a_list_is_not_endless(serving: Serving) -> None:
    assert len(ask(serving, [{"body": "x"}] * 100).json()) == 100
    assert ask(serving, [{"body": "x"}] * 101).status_code == 422
    assert ask(serving, []).json() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": TOKEN},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer"},
        {"X-Token": TOKEN},
    ],
)
def test_without_the_token(serving: Serving, headers: dict[str, str]) -> None:
    answer = ask(serving, MESSAGES[0], headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_who_has_no_token_is_refused_before_a_body_is_read(serving: Serving) -> None:
    head = request("POST", "/v1/scrub", b"", ["Content-Length: 60000", "Content-Type: application/json"])
    assert b" 401 " in serving.raw(head).split(b"\r\n")[0]


def test_size_type_and_method(serving: Serving) -> None:
    assert ask(serving, {"body": "x" * 70_000}).status_code == 413
    assert ask(serving, {}, {**BEARER, "Content-Type": "text/plain"}).status_code == 415
    assert serving.raw(request("GET", "/v1/scrub")).split(b"\r\n")[0].split()[1] == b"405"


def test_what_takes_too_long_is_killed_and_the_next_is_answered(tmp_path: Path) -> None:
    settings = SETTINGS.replace("max_bytes = 65536", "max_bytes = 8388608\ncall_seconds = 0.4")
    with Serving(tmp_path, settings) as serving:
        long = {"body": "Mijn adres is Dorpsstraat 12, 3512 AB Utrecht. " * 60_000}
        answer = ask(serving, long)
        assert (answer.status_code, answer.json()["error"]) == (422, "costly")
        assert ask(serving, MESSAGES[0]).json()["outcome"] == "REDACTED"


def test_without_a_token_this_machine_alone_is_answered(tmp_path: Path) -> None:
    settings = SETTINGS.replace('token_env = "SCRUBBER_TEST_TOKEN"\n', "").replace(
        'hook_secret_env = "SCRUBBER_TEST_SECRET"\n', ""
    )
    with Serving(tmp_path, settings) as serving:
        assert ask(serving, MESSAGES[0], {}).json()["outcome"] == "REDACTED"
        assert serving.post("/hooks/rt", '{"ticket": 1}').status_code == 202
        for header in (
            {"X-Forwarded-For": "203.0.113.5"},
            {"Forwarded": "for=203.0.113.5"},
            {"Host": "scrubber.example"},
            {"Origin": "https://kwaad.example"},
        ):
            assert ask(serving, MESSAGES[0], header).status_code == 401
            assert serving.post("/hooks/rt", '{"ticket": 2}', header).status_code == 401
        assert set(serving.nudged()) == {"1"}


def test_the_example_of_the_readme(serving: Serving) -> None:
    """The command as it stands there, against this server."""
    if shutil.which("curl") is None and not os.environ.get("CI"):
        pytest.skip("curl is missing: apt install curl")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = (block for block in text.split("```")[1::2] if "/v1/scrub" in block and "curl" in block)
    command = command.removeprefix("sh\n").replace("http://127.0.0.1:8080", serving.url)
    done = subprocess.run(
        ["sh", "-eu", "-c", command],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "SCRUBBER_TOKEN": TOKEN},
    )
    assert json.loads(done.stdout)["redacted"]["body"] == "Mijn BSN is [BSN verwijderd], groet Jan"
