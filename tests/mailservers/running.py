"""A real mail server that runs for a test: what every one of them is to the test, whatever program it is."""

from __future__ import annotations

import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from imapclient import IMAPClient

from tests.mailservers.private import answers, kill_group, new_home, ordinary_user, start, wait_until

PASSWORD = "geheim-van-de-test"
"""Every account's."""


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox of its own: the name to log in with, and where its files are."""

    name: str
    home: Path
    password: str = PASSWORD


class Running(ABC):
    """Runs as an ordinary user, in a directory `home` that goes with it. IMAP at `host` and `port`."""

    host = "127.0.0.1"
    port: int
    environment: dict[str, str] | None = None

    def __init__(self, name: str) -> None:
        self._name = name
        self._as_user, user, group = ordinary_user()
        self.owner = (user, group)
        self.home = new_home(f"scrubber-{name.lower()}-")
        self._clients: list[IMAPClient] = []

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program that is the server, and its arguments."""

    @abstractmethod
    def log(self) -> str:
        """What it said so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def begin(self) -> None:
        """Start it the first time; where that fails nothing of it is left."""
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        self._process = start([*self._as_user, *self.command()], self.home / "output", self.environment)
        wait_until(lambda: self._process.poll() is not None or answers(self.port), f"{self._name} does not start")
        if self._process.poll() is not None:
            raise RuntimeError(f"{self._name} does not start: {self.log()[-2000:]}")

    def stop(self) -> None:
        """In an orderly way: connections are closed."""
        self._process.terminate()
        self._process.wait(timeout=30)
        kill_group(self._process)

    def kill(self) -> None:
        """SIGKILL for every process of it at once, in the middle of whatever they do."""
        kill_group(self._process)

    def restart(self) -> None:
        """Start again, on the same ports, after `stop` or `kill`; kills first what still runs."""
        if self._process.poll() is None:
            self.kill()
        self._start()

    @property
    def group(self) -> int:
        """Its process group: for a process that wants to kill the server without this object."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """Kill it and remove its directory."""
        self.hang_up()
        kill_group(self._process)
        shutil.rmtree(self.home, ignore_errors=True)

    def connect(self, account: Account) -> IMAPClient:
        """Another client of this mailbox, logged in; dates come and go with their own time zone.

        It's closed by `hang_up`: the fixture does so after each test.
        """
        client = IMAPClient(self.host, self.port, ssl=False, timeout=60)
        client.normalise_times = False
        client.login(account.name, account.password)
        self._clients.append(client)
        return client

    def hang_up(self) -> None:
        """Close every connection that `connect` made."""
        while self._clients:
            with suppress(OSError):  # it may have logged out
                self._clients.pop().shutdown()


def ask(command: Sequence[str], *, check: bool = True, seconds: float = 60, env: dict[str, str] | None = None) -> str:
    """What one of a server's own programs prints. RuntimeError, with its words, when it fails and `check`."""
    ran = subprocess.run(
        command,
        cwd="/",
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
        check=False,
        text=True,
    )
    if check and ran.returncode != 0:
        raise RuntimeError(f"{command[0]}: {ran.stderr or ran.stdout}")
    return ran.stdout
