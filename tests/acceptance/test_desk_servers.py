"""A whole case at a real ticket system, by web hook, with `scrubber serve` as a process that is killed on the way.

A mail with a BSN, an IBAN and a home address that nobody asked for, then an IBAN that an agent asked for. What nobody
asked for goes at once, what was asked for when the ticket is closed, and every copy that the desk keeps is named.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scrubber.sources.desk.rt_command import SCRIPT
from tests.desks.helpdesk_server import Helpdesk
from tests.desks.mails import Values, mail
from tests.desks.rt_server import RequestTracker
from tests.mailservers.private import free_ports
from tests.serving import SECRET, Serving

VALUES = Values("731200007", "NL56RABO0310099123", "Zeemanlaan 7, 2313 SX Leiden", "<b>7312</b>00007")
ASKED = "NL85INGB0007654021"

SETTINGS = """\
[serve]
listen = "127.0.0.1:{port}"

[worker]
log = "json"
grace_days = 0

[[source]]
name = "desk"
mode = "redact"
since = 2000-01-01
desk_addresses = ["support@proef.example"]
hook_secret_env = "SCRUBBER_TEST_SECRET"
sweep_minutes = 1440
private = true
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One desk. `hook`: have it send its web hooks to this port (0: nowhere); `say`: an agent's public answer."""

    home: Path
    settings: str
    hook: Callable[[int], None]
    receive: Callable[[bytes], str]
    say: Callable[[str, str], Any]
    close: Callable[[str], Any]
    reply: str
    places: Callable[[str], set[str]]
    copies: dict[str, str]


@pytest.fixture
def at_helpdesk(helpdesk: Helpdesk) -> Case:
    return Case(
        helpdesk.home,
        f'type = "helpdesk"\nurl = "{helpdesk.url}"\ntoken = "{helpdesk.tokens["scrubber"]}"\n',
        lambda port: helpdesk.hook(
            *[f"http://scrubber:{quote(SECRET, safe='')}@127.0.0.1:{port}/hooks/desk"] * bool(port)
        ),
        helpdesk.receive,
        lambda ticket, text: helpdesk.act(ticket, comment=text, public=True),
        lambda ticket: helpdesk.act(ticket, comment="Opgelost.", new_status=3),
        "Re: [vragen-{}] Vraag",
        helpdesk.places,
        {
            "helpdesk-database": "UNKNOWN",
            "helpdesk-changes": "UNKNOWN",
            "helpdesk-mailbox": "UNKNOWN",
            "helpdesk-mail-sent": "REMAINS",
            "helpdesk-file": "CLEANED",
        },
    )


@pytest.fixture
def at_request_tracker(request_tracker: RequestTracker) -> Case:
    def say(ticket: str, text: str) -> None:
        said = {"ContentType": "text/plain", "Content": text}
        request_tracker.rest("POST", f"ticket/{ticket}/correspond", json=said)

    return Case(
        request_tracker.home,
        f'type = "rt"\nurl = "{request_tracker.url}"\ntoken = "{request_tracker.tokens["scrubber"]}"\n'
        f"replace_command = '''{request_tracker.command(SCRIPT)}'''\n"
        'hook_ignore = "scrubber"\n',
        lambda port: request_tracker.hook(f"http://127.0.0.1:{port}/hooks/desk" if port else "", SECRET),
        request_tracker.receive,
        say,
        lambda ticket: request_tracker.rest("PUT", f"ticket/{ticket}", json={"Status": "resolved"}),
        "Re: [proef.example #{}] Vraag",
        request_tracker.places,
        {"rt-database": "UNKNOWN", "rt-sessions": "UNKNOWN", "rt-mail-sent": "REMAINS", "desk-quote": "CLEANED"},
    )


@pytest.fixture(
    params=[
        pytest.param("helpdesk", marks=[pytest.mark.helpdesk, pytest.mark.xdist_group("helpdesk")]),
        pytest.param(
            "request_tracker", marks=[pytest.mark.request_tracker, pytest.mark.xdist_group("request-tracker")]
        ),
    ]
)
def case(request: pytest.FixtureRequest) -> Case:
    made = request.getfixturevalue(f"at_{request.param}")
    assert isinstance(made, Case)
    return made


def until(what: Callable[[], bool], why: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.1)


def ran(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrubber.cli", *words]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=120)


def handled(serving: Serving) -> list[tuple[str, str]]:
    """(kind, outcome) of every message that the log says was handled."""
    lines = [json.loads(line) for line in serving.log().splitlines() if line.startswith("{")]
    return [(line["kind"], line["outcome"]) for line in lines if line["event"] == "handled"]


def test_a_case_from_its_first_mail_to_its_end(case: Case, tmp_path: Path) -> None:
    assert not any(map(case.places, (*VALUES.all(), ASKED))), "another test left it"
    (port,) = free_ports(1)
    serving = Serving(tmp_path, SETTINGS.format(port=port) + case.settings, "--worker")
    case.hook(port)
    with serving:
        (case.home / "hold").touch()
        ticket = case.receive(mail(subject="Vraag {bsn}", values=VALUES))
        until((case.home / "held").exists, "nothing was changed at the desk")
        serving.kill()  # it never hears that its change was made
        (case.home / "hold").unlink()
        assert any(case.places(value) - {"mail"} for value in VALUES.all()), "everything was done before it was killed"
        serving.start()
        until(
            lambda: not any(case.places(value) - {"mail"} for value in VALUES.all()), "what nobody asked for is there"
        )
        case.say(ticket, "Wat is uw rekeningnummer? Dan storten we het terug.")
        case.receive(mail(f"Mijn rekeningnummer is {ASKED}.", case.reply.format(ticket)))
        until(lambda: ("message", "CLEAN") in handled(serving), "the answer was not looked at")
        assert case.places(ASKED) - {"mail"}, "what was asked for went too early"
        case.close(ticket)
        until(lambda: not case.places(ASKED) - {"mail"}, "what was asked for stays")
        until(lambda: ("deferred", "REDACTED") in handled(serving), "that was not recorded")
        assert serving.stop() == 0
    case.hook(0)
    assert ran(tmp_path, "verify").returncode == 0
    report = json.loads(ran(tmp_path, "report", "--format", "json").stdout)
    outcomes = {row["key"]: row["count"] for row in report["messages"]["outcomes"] if row["count"]}
    assert outcomes == {"LATER": 1, "REDACTED": 2}
    assert {row["place"]: row["state"] for row in report["copies"]} == case.copies
    assert report["waiting"]["total"]["total"] == 0
    wrote = serving.kept()
    for value in (*VALUES.all(), ASKED):
        assert value.encode() not in wrote
