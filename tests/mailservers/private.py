"""What every private server needs: a directory, an ordinary user, free ports, and an end when the test ends."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from random import SystemRandom

_RANDOM = SystemRandom()


class ServerMissing(Exception):
    """The server's programs are not installed."""


def ordinary_user() -> tuple[list[str], str, str]:
    """How to run a program as someone who may do little, and their user and group: nobody where we are root."""
    dies_with_us = ["setpriv", "--pdeathsig", "KILL"]
    if os.geteuid() != 0:
        user = pwd.getpwuid(os.geteuid())
    else:
        user = pwd.getpwnam("nobody")
        dies_with_us += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return dies_with_us, user.pw_name, _group(user.pw_gid)


def _group(number: int) -> str:
    return grp.getgrgid(number).gr_name


def new_home(prefix: str) -> Path:
    """A directory with a short path: a socket's is at most 107 bytes, and nobody but root could enter pytest's own."""
    home = Path(tempfile.mkdtemp(prefix=prefix))
    home.chmod(0o755)
    return home


def give(path: Path, user: str, group: str) -> None:
    """Hand a directory and all in it to the user that the server runs as."""
    if os.geteuid() == 0:
        for each in (path, *path.rglob("*")):
            shutil.chown(each, user, group)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nothing listens on now.

    They are below those that connections take, so that a server finds its own free when it's started again.
    """
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            one = socket.socket()
            try:
                one.bind(("127.0.0.1", _RANDOM.randrange(20_000, 32_000)))
            except OSError:
                one.close()
                continue
            held.append(one)
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def answers(port: int) -> bool:
    """Whether something on this port greets us the way an IMAP server does."""
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=5)) as connection:
            return connection.recv(5).startswith(b"* OK")
    except OSError:
        return False


def wait_until(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Ask until it is so. TimeoutError, with `what`, when it is not in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)


def start(command: Sequence[str], log: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a server in a process group of its own; what it prints goes to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the server and every process that it started, at once; returns when none of them runs any more."""
    group = process.pid
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    process.wait(timeout=30)
    wait_until(lambda: not _lives(group), "the server's processes don't end")


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    for entry in Path("/proc").iterdir() if Path("/proc").exists() else ():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":  # a zombie runs no more, whoever reaps it
            return True
    return False
