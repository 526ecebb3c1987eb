"""`analyze --jobs N`: the same lines through several processes, answers in the order of the lines.

Each process builds its own engine once; what passes between them are chunks of lines and of answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from scrubber import answers, bootstrap, settings
from scrubber.errors import ScrubberError
from scrubber.pipeline import Tools
from scrubber.policy.source import SourcePolicy

CHUNK = 128

_built: tuple[Tools, SourcePolicy] | ScrubberError | None = None


def build(settings_path: Path | None, profile: str) -> tuple[Tools, SourcePolicy]:
    """Tools and policy for calls that belong to no source: the settings' rules and limits, the given profile."""
    chosen = settings.load(settings_path) if settings_path else None
    built = bootstrap.engine(chosen)
    policy = bootstrap.call_policy(built, profile)
    bootstrap.settle()
    return built.tools, policy


def _start(settings_path: Path | None, profile: str) -> None:
    global _built  # one engine a process is the point
    try:
        _built = build(settings_path, profile)
    except ScrubberError as error:  # raised here it would break the pool and be lost
        _built = error


def _work(chunk: list[tuple[int, str]], now: datetime) -> list[tuple[str, bool]]:
    assert _built is not None  # noqa: S101 - the pool's initializer ran
    if isinstance(_built, ScrubberError):
        raise _built
    return list(answers.lines(chunk, *_built, now))


def lines(
    numbered: Iterable[tuple[int, str]], settings_path: Path | None, profile: str, now: datetime, jobs: int
) -> Iterator[tuple[str, bool]]:
    """As answers.lines, over `jobs` processes. At most two chunks a process are under way, so memory stays flat."""
    source = iter(numbered)
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(settings_path, profile)) as pool:
        under_way: list[Future[list[tuple[str, bool]]]] = []
        while True:
            while len(under_way) < 2 * jobs and (chunk := list(islice(source, CHUNK))):
                under_way.append(pool.submit(_work, chunk, now))
            if not under_way:
                return
            yield from under_way.pop(0).result()
