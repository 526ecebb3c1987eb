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
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from scrubber import bootstrap, logs, settings
from scrubber.station import Stage, Unmetered
from tests.integration.conftest import _make
from tests.mailservers.dovecot import Account, Dovecot, Storage
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


def filled(server: Dovecot, storage: Storage, count: int) -> Account:
    """A mailbox of so many mails."""
    account = server.account(storage)
    made = server.home / "made"
    _make(made, count, 7, datetime.now(UTC))
    give(made, *server.owner)
    server.doveadm("import", "-u", account.name, f"maildir:{made}", "", "ALL", seconds=1_800)
    shutil.rmtree(made)
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


EVERY = 500
"""Mails after which it is said how far it is."""


def work(server: Dovecot, account: Account) -> None:
    """Clean the mailbox and print what it took."""
    directory = Path(tempfile.mkdtemp(prefix="scrubber-bench-"))
    file = directory / "scrubber.toml"
    file.write_text(_SETTINGS.format(host=server.host, port=server.port, user=account.name, password=account.password))
    given = settings.load(file, {})
    built = bootstrap.engine(given)
    opened = bootstrap.record(given, create=True)
    clock = Clock()
    told = 0

    def progress(_source: str, done: int, total: int) -> None:
        nonlocal told
        if done // EVERY > told or done == total:
            told = done // EVERY
            speed = done / (time.perf_counter() - began)
            print(f"  {done:,} of {total:,} mails, {speed:.1f} a second, {resident()} MiB in memory", flush=True)

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
        f"  {handled} mails in {seconds:.1f} s: {handled / seconds:.0f} a second ({dict(outcomes)})\n"
        f"  own CPU {own:.1f} s; seconds: {parts}, the rest {rest:.1f}",
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
    parser.add_argument("--mails", type=int, default=1_000, help="how many for the speed, in either kind of storage")
    parser.add_argument("--many", type=int, default=10_000, help="how many for the memory")
    asked = parser.parse_args()
    status = 0
    runs: list[tuple[Storage, int]] = [("maildir", asked.mails), ("mdbox", asked.mails), ("mdbox", asked.many)]
    for storage, count in runs:
        if count == 0:
            continue
        with Dovecot() as server:
            account = filled(server, storage, count)
            print(f"{storage}, {count:,} mails", flush=True)
            status |= in_a_process(partial(work, server, account))
    return status


if __name__ == "__main__":
    sys.exit(main())
