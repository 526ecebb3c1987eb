"""The command that edits in Request Tracker, when it does not do what it should. The real one: integration."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scrubber.errors import SourceUnwritable
from scrubber.sources.desk.rt_command import Edit, ReplaceCommand

VALUE = "123456782"
EDIT = Edit("content", 5, f"BSN {VALUE}", "BSN [weg]")
ANSWER = {"states": ["done"], "also": 2, "index": "renewed", "outside": True}

Made = Callable[..., ReplaceCommand]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """made(program, seconds=30): a command that runs this Python, with what it is asked in `line`."""

    def make(program: str, seconds: float = 30, idle: float = 60) -> ReplaceCommand:
        script = tmp_path / "command.py"
        script.write_text("import json, os, sys, time\n" + program)
        return ReplaceCommand(shlex.join([sys.executable, str(script)]), seconds, idle)

    return make


def test_it_asks_on_standard_input_and_goes_on_running(made: Made, tmp_path: Path) -> None:
    command = made(
        f"file = open({str(tmp_path / 'seen')!r}, 'a')\n"
        "for line in sys.stdin:\n"
        "    print(os.getpid(), sys.argv[1:], line.strip(), sep='\\t', file=file, flush=True)\n"
        f"    print({json.dumps(json.dumps(ANSWER))}, flush=True)\n"
    )
    for ticket in ("7", "8"):
        outcome = command.replace(ticket, [EDIT])
        assert (outcome.states, outcome.also, outcome.index, outcome.outside) == (("done",), 2, "renewed", True)
    command.close()
    command.close()
    rows = [row.split("\t") for row in (tmp_path / "seen").read_text().splitlines()]
    assert len({row[0] for row in rows}) == 1
    assert {row[1] for row in rows} == {"[]"}
    asked = json.loads(rows[0][2])
    assert (asked["ticket"], asked["do"]) == (7, "replace")
    assert asked["edits"] == [{"what": "content", "id": 5, "name": "", "from": EDIT.before, "to": EDIT.after}]
    assert VALUE not in repr(EDIT)


@pytest.mark.parametrize("idle", [60, 0])
def test_one_that_ended_or_was_silent_for_long_is_started_anew(made: Made, idle: float) -> None:
    command = made(f"sys.stdin.readline(); print({json.dumps(json.dumps(ANSWER))}, flush=True)", idle=idle)
    for _ in range(3):
        assert command.look("7", [EDIT]).states == ("done",)
    command.close()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("sys.exit(3)", "status 3"),
        ("sys.stdin.readline(); sys.exit(4)", "status 4"),
        ("sys.stdin.readline(); print('Welcome to the server', flush=True)", "rt_replace.pl"),
        ("sys.stdin.readline(); print('{\"states\": []}', flush=True)", "rt_replace.pl"),
        (
            'sys.stdin.readline(); print(\'{"states": ["fine"], "also": 0, "index": "", "outside": false}\')',
            "rt_replace.pl",
        ),
        ("sys.stdin.readline(); print('[]', flush=True)", "rt_replace.pl"),
    ],
)
def test_an_answer_that_is_none(made: Made, program: str, said: str) -> None:
    command = made(program)
    with pytest.raises(SourceUnwritable, match=said) as raised:
        command.replace("7", [EDIT])
    assert VALUE not in str(raised.value)
    command.close()


def test_one_that_hangs_is_killed(made: Made) -> None:
    command = made("sys.stdin.readline(); time.sleep(600)", seconds=1)
    with pytest.raises(SourceUnwritable, match="more than 1 seconds"):
        command.replace("7", [EDIT])


def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceUnwritable, match="`replace_command` can't be started"):
        ReplaceCommand(str(tmp_path / "nowhere")).look("7", ())
