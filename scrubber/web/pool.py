"""Processes that scrub, apart from the one that listens: it stays quick, and what takes too long is killed.

A process reads one request from its pipe, answers, and reads the next; it ends when the pipe does.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue

from scrubber.errors import ScrubberError, SettingsError

START_SECONDS = 120.0
"""How long a process may take to build what it works with."""

NICE = 5
"""Below what listens: a webhook isn't kept waiting by a long text."""

Work = Callable[[bytes], tuple[str, bytes]]
"""A request's body -> ("", the answer), or (a key of problems.KINDS, what is wrong)."""
Build = Callable[[Path | None, str], Work]
"""(settings file, profile) -> what answers. Runs in the process; must be found by its name."""


class TooCostly(Exception):
    """It was killed: it took more than its time."""


class Broken(Exception):
    """The process died, or could not be started. The text says which, for the log."""


@dataclass(frozen=True, slots=True)
class _Child:
    process: BaseProcess
    pipe: Connection


class Pool:
    """`number` processes. `ask` may be called from as many threads as there are processes."""

    def __init__(self, build: Build, settings: Path | None, profile: str, number: int, seconds: float) -> None:
        self._build = build
        self._settings = settings
        self._profile = profile
        self._number = number
        self._seconds = seconds
        self._idle: SimpleQueue[_Child | None] = SimpleQueue()  # None: a process that is still to be started
        self._children: set[_Child] = set()
        for _ in range(number):
            self._idle.put(None)

    @property
    def number(self) -> int:
        return self._number

    def start(self) -> None:
        """Start them now and not with the first request. SettingsError: what they work with can't be built."""
        for child in [self._spawn() for _ in range(self._number)]:
            self._idle.get()
            self._idle.put(child)
            _wait(child)

    def ask(self, body: bytes) -> tuple[str, bytes]:
        """The answer to one request. TooCostly, Broken: the next is for a new process."""
        child = self._idle.get()
        try:
            if child is None:
                child = self._spawn()
                _wait(child)
            return _answer(child, body, self._seconds)
        except (TooCostly, SettingsError, EOFError, OSError) as error:
            if child is not None:
                self._end(child)
                child = None
            if isinstance(error, TooCostly):
                raise
            raise Broken(str(error) if isinstance(error, SettingsError) else "its process died") from None
        finally:
            self._idle.put(child)

    def stop(self) -> None:
        for child in list(self._children):
            self._end(child)

    def _spawn(self) -> _Child:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_run, args=(theirs, self._build, self._settings, self._profile), name="scrub", daemon=True
        )
        process.start()
        theirs.close()
        child = _Child(process, ours)
        self._children.add(child)
        return child

    def _end(self, child: _Child) -> None:
        self._children.discard(child)
        child.process.kill()
        child.process.join()
        child.pipe.close()


def _answer(child: _Child, body: bytes, seconds: float) -> tuple[str, bytes]:
    child.pipe.send_bytes(body)
    if not child.pipe.poll(seconds):
        raise TooCostly
    return child.pipe.recv_bytes().decode(), child.pipe.recv_bytes()


def _wait(child: _Child) -> None:
    try:
        why = child.pipe.recv_bytes().decode() if child.pipe.poll(START_SECONDS) else "it took too long"
    except EOFError:
        why = "its process died"
    if why:
        raise SettingsError(f"nothing can be scrubbed: {why}")


def _run(pipe: Connection, build: Build, settings: Path | None, profile: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # who started it ends it
        signal.signal(number, signal.SIG_IGN)
    os.nice(NICE)
    answer_all(pipe, build, settings, profile)


def answer_all(pipe: Connection, build: Build, settings: Path | None, profile: str) -> None:
    """What a process does until its pipe ends: first it says that it is ready, or what is wrong."""
    try:
        work = build(settings, profile)
    except ScrubberError as error:
        pipe.send_bytes(str(error).encode())
        return
    pipe.send_bytes(b"")
    while True:
        try:
            body = pipe.recv_bytes()
        except EOFError:
            return
        try:
            kind, answer = work(body)
        except Exception as error:  # noqa: BLE001 - whatever it is, it may quote the text: its type only
            kind, answer = "broken", type(error).__name__.encode()
        pipe.send_bytes(kind.encode())
        pipe.send_bytes(answer)
