"""`scrubber analyze`: lines from a file or standard input, answers to standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from rich.console import Console

from scrubber import answers, settings
from scrubber.commands import parallel
from scrubber.errors import SettingsError


def analyze(file: str, settings_path: Path | None, profile: str, jobs: int) -> int:
    """Exit status 1 when some line or message was not answered."""
    chosen = settings.find_optional(settings_path)
    now = datetime.now(UTC)
    failed = False
    with ExitStack() as stack:
        numbered = _numbered(stack.enter_context(_opened(file)) if file != "-" else sys.stdin.buffer)
        if jobs > 1:
            rows = parallel.lines(numbered, chosen, profile, now, jobs)
        else:
            rows = answers.lines(numbered, *parallel.build(chosen, profile), now)
        for line, answered in _counted(rows):
            sys.stdout.buffer.write(line.encode() + b"\n")
            failed = failed or not answered
        sys.stdout.buffer.flush()
    return 1 if failed else 0


def _opened(file: str) -> BinaryIO:
    try:
        return Path(file).open("rb")
    except FileNotFoundError:
        raise SettingsError(f"{file}: there is no such file") from None
    except OSError as error:
        raise SettingsError(f"{file}: can't be read: {error.strerror}") from None


def _numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """(line number, line); a line that is no UTF-8 is passed on as one that can't be parsed."""
    for number, line in enumerate(lines, 1):
        try:
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            yield number, "not UTF-8"


def _counted(rows: Iterator[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """With a counter on standard error while a person waits at a terminal and the answers go elsewhere."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from rows
        return
    with Console(stderr=True).status("analyze") as status:
        for count, row in enumerate(rows, 1):
            if count % 100 == 0:
                status.update(f"analyze: {count}")
            yield row
