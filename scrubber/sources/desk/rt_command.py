"""The command that edits texts in Request Tracker, whose REST API can't: rt_replace.pl, run where RT runs.

The edits go to its standard input, so that no value stands in a list of processes; nothing that it prints on standard
error is read, kept or shown.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from scrubber.errors import SourceUnwritable

SECONDS = 120
"""How long the command may take."""

SCRIPT = Path(__file__).with_name("rt_replace.pl")
"""What the command runs at RT's own machine; its head says what it takes and answers."""

What = Literal["content", "subject", "header", "old", "new", "ticket", "field"]
State = Literal["ready", "done", "same", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Edit:
    """`id`: of the attachment, transaction, ticket or custom field; `name`: of the header."""

    what: What
    id: int
    before: str = field(repr=False)
    after: str = field(repr=False)
    name: str = ""

    def said(self) -> dict[str, str | int]:
        return {"what": self.what, "id": self.id, "name": self.name, "from": self.before, "to": self.after}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`also`: texts beside those of the edits that were replaced. `index`: what became of the full-text index.

    `outside`: a content stood in external storage, which keeps it.
    """

    states: tuple[State, ...]
    also: int = 0
    index: str = ""
    outside: bool = False


class ReplaceCommand:
    """`line` is run as it stands, without a shell."""

    def __init__(self, line: str, seconds: float = SECONDS) -> None:
        self._words = shlex.split(line)
        self._seconds = seconds

    def look(self, ticket: str, edits: Sequence[Edit]) -> Outcome:
        """What `replace` would find; nothing changes."""
        return self._run("look", ticket, edits)

    def replace(self, ticket: str, edits: Sequence[Edit]) -> Outcome:
        """Every edit, or none when one of them is "changed" or "gone". SourceUnwritable: the command does not work."""
        return self._run("replace", ticket, edits)

    def _run(self, do: str, ticket: str, edits: Sequence[Edit]) -> Outcome:
        asked = {"ticket": int(ticket), "do": do, "edits": [edit.said() for edit in edits]}
        try:
            done = subprocess.run(  # noqa: S603 - the owner's own command, without a shell
                self._words,
                input=json.dumps(asked).encode("ascii"),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # it may quote what is replaced
                timeout=self._seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SourceUnwritable(
                f"`replace_command` took more than {self._seconds:g} seconds: run it yourself once"
            ) from None
        except OSError as error:
            raise SourceUnwritable(
                f"`replace_command` can't be started: {error.strerror}; name it with its path"
            ) from None
        if done.returncode:
            raise SourceUnwritable(
                f"`replace_command` ended with status {done.returncode}: run it yourself once, with "
                '\'{"ticket": 1, "do": "look", "edits": []}\' on its standard input'
            )
        return _outcome(done.stdout, len(edits))


def _outcome(printed: bytes, edits: int) -> Outcome:
    try:
        told = json.loads(printed)
        states = tuple(told["states"])
        if len(states) == edits and set(states) <= {"ready", "done", "same", "changed", "gone"}:
            return Outcome(states, int(told["also"]), str(told["index"]), told["outside"] is True)
    except (ValueError, KeyError, TypeError):
        pass
    raise SourceUnwritable("`replace_command` does not answer as rt_replace.pl does: does it run that script?")
