"""How fast a mailbox is cleaned through a local Dovecot, of what that time is made, and whether memory stays flat.

The mails are generated: a third holds nothing, the rest a value that must go or that waits. Each run is a process of
its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from scrubber import bootstrap, logs, settings
from scrubber.station import Stage, Unmetered
from tests.integration.conftest import _make
from tests.mailservers.dovecot import Account, Dovecot
from tests.mailservers.private import give

_SETTINGS = """\
[worker]
log = "json"

[[source]]
name = "post"
type = "imap"
host = "{host}"
port = {port}
tls = "none"
user = "{user}"
password = "{password}"
folders = ["INBOX"]
mode = "redact"
since = 2000-01-01
desk_addresses = ["support@hostvoorbeeld.example"]
idle = false
"""


def filled(server: Dovecot, count: int) -> Account:
    """A Maildir of so many mails, put where the server keeps it."""
    account = server.account()
    _make(account.home / "mail", count, 7, datetime.now(UTC))
    user, group = server.owner
    give(account.home, user, group)
    return account


class Clock(Unmetered):
    """Seconds that each stage took, all messages together."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def took(self, source: str, stage: Stage, seconds: float) -> None:
        self.seconds[stage] += seconds


def resident() -> int:
    """MiB of this process that are in memory now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def work(server: Dovecot, account: Account, marks: Sequence[int]) -> None:
    """Clean the mailbox and print what it took."""
    directory = Path(tempfile.mkdtemp(prefix="scrubber-bench-"))
    file = directory / "scrubber.toml"
    file.write_text(_SETTINGS.format(host=server.host, port=server.port, user=account.name, password=account.password))
    given = settings.load(file, {})
    built = bootstrap.engine(given)
    opened = bootstrap.record(given, create=True)
    clock = Clock()
    memory: dict[int, int] = {}

    def progress(_source: str, done: int, total: int) -> None:
        for mark in marks:
            if done >= min(mark, total) and mark not in memory:
                memory[mark] = resident()

    with (directory / "log").open("w") as quiet:
        sys.stderr, kept = quiet, sys.stderr
        worker = bootstrap.worker(given, built, opened, logs.configure("json"), progress=progress, meter=clock)
        sys.stderr = kept
        began, cpu = time.perf_counter(), time.process_time()
        worker.cycle()
        seconds, own = time.perf_counter() - began, time.process_time() - cpu
    outcomes = worker.summary.outcomes
    handled = sum(outcomes.values())
    rest = seconds - sum(clock.seconds.values())
    parts = ", ".join(f"{name} {each:.1f}" for name, each in sorted(clock.seconds.items(), key=lambda item: -item[1]))
    print(
        f"{handled} mails in {seconds:.1f} s: {handled / seconds:.0f} a second ({dict(outcomes)})\n"
        f"  own CPU {own:.1f} s; seconds: {parts}, the rest {rest:.1f}\n"
        f"  memory: {', '.join(f'{mib} MiB after {mark:,}' for mark, mib in sorted(memory.items()))}",
        flush=True,
    )
    opened.close()
    shutil.rmtree(directory)


def in_a_process(job: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            job()
            status = 0
        finally:
            sys.stdout.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mails", type=int, nargs="*", default=[1_000, 10_000])
    status = 0
    for count in parser.parse_args().mails:
        with Dovecot() as server:
            account = filled(server, count)
            marks = [mark for mark in (1_000, 2_500, 5_000, 7_500, 10_000, count) if mark <= count]
            status |= in_a_process(partial(work, server, account, marks))
    return status


if __name__ == "__main__":
    sys.exit(main())
