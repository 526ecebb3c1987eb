"""The command that edits texts in Request Tracker, whose REST API can't: rt_replace.pl, run where RT runs.

The edits go to its standard input, so that no value stands in a list of processes; nothing that it prints on standard
error is read, kept or shown.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import IO, Literal

from scrubber.errors import SourceUnwritable

SECONDS = 120
"""How long an answer may take."""

IDLE = 60
"""Seconds without a question, after which it is started anew."""

ENDING = 5
"""Seconds in which it ends by itself."""

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
    """`line` is run as it stands, without a shell. It goes on running: to start RT's Perl takes seconds.

    A question may be asked twice: what is done already is the "same" then.
    """

    def __init__(self, line: str, seconds: float = SECONDS, idle: float = IDLE) -> None:
        self._words = shlex.split(line)
        self._seconds = seconds
        self._idle = idle
        self._process: subprocess.Popen[bytes] | None = None
        self._used = 0.0

    def look(self, ticket: str, edits: Sequence[Edit]) -> Outcome:
        """What `replace` would find; nothing changes."""
        return self._ask("look", ticket, edits)

    def replace(self, ticket: str, edits: Sequence[Edit]) -> Outcome:
        """Every edit, or none when one of them is "changed" or "gone". SourceUnwritable: the command does not work."""
        return self._ask("replace", ticket, edits)

    def close(self) -> None:
        """Ask it nothing more."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ask(self, do: str, ticket: str, edits: Sequence[Edit]) -> Outcome:
        asked = {"ticket": int(ticket), "do": do, "edits": [edit.said() for edit in edits]}
        line = json.dumps(asked).encode("ascii") + b"\n"
        if time.monotonic() - self._used > self._idle:
            self.close()  # its connection to the database may be gone
        told = self._told(line) if self._process else b""
        if not told:  # none ran, or it ended meanwhile
            self.close()
            told = self._told(line)
        self._used = time.monotonic()
        if not told:
            status = self._process.wait() if self._process else 0
            self.close()
            raise SourceUnwritable(
                f"`replace_command` ended with status {status}: run it yourself once, with "
                '\'{"ticket": 1, "do": "look", "edits": []}\' on its standard input'
            )
        try:
            return _outcome(told, len(edits))
        except SourceUnwritable:
            self.close()
            raise

    def _told(self, line: bytes) -> bytes:
        """What it answers; nothing: it ended."""
        process = self._process = self._process or self._started()
        late = Timer(self._seconds, process.kill)
        late.start()
        try:
            told = _exchanged(process.stdin, process.stdout, line)
        except OSError:  # it reads no more
            told = b""
        finally:
            in_time = late.is_alive()
            late.cancel()
        if not told and not in_time:
            self.close()
            raise SourceUnwritable(f"`replace_command` took more than {self._seconds:g} seconds: run it yourself once")
        return told

    def _started(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - the owner's own command, without a shell
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # it may quote what is replaced
            )
        except OSError as error:
            raise SourceUnwritable(
                f"`replace_command` can't be started: {error.strerror}; name it with its path"
            ) from None


def _exchanged(into: IO[bytes] | None, out: IO[bytes] | None, line: bytes) -> bytes:
    if into is None or out is None:
        return b""
    into.write(line)
    into.flush()
    return out.readline()


def _outcome(printed: bytes, edits: int) -> Outcome:
    try:
        told = json.loads(printed)
        states = tuple(told["states"])
        if len(states) == edits and set(states) <= {"ready", "done", "same", "changed", "gone"}:
            return Outcome(states, int(told["also"]), str(told["index"]), told["outside"] is True)
    except (ValueError, KeyError, TypeError):
        pass
    raise SourceUnwritable("`replace_command` does not answer as rt_replace.pl does: does it run that script?")
