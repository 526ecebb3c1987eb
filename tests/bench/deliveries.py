"""How many webhooks a second `scrubber serve` takes with SQLite, each on disk before its answer, and how long it waits.

The senders are processes beside it on the same machine, so they take their share of it.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import quantiles

from tests.integration.conftest import _make
from tests.load import Told, load
from tests.serving import SETTINGS, Serving

RUNS = (1, 16, 64)
"""Senders at once."""

MAILS = 5_000
"""In a mailbox, so that a worker beside it has work for as long as the run takes."""

_MAILDIR = """
[[source]]
name = "post"
type = "maildir"
path = "Maildir"
since = 2000-01-01
"""


def sent(address: tuple[str, int], senders: int, seconds: float, first: int) -> list[Told]:
    return asyncio.run(load(address, senders, seconds, count(first)))


def run(senders: int, seconds: float, *, worker: bool = False) -> bool:
    """One run on a database of its own; whether each delivery was taken. `worker`: over a mailbox, beside it."""
    directory = Path(tempfile.mkdtemp(prefix="scrubber-bench-"))
    settings = SETTINGS.replace("max_bytes", "per_minute = 100000000\nmax_bytes")
    if worker:
        _make(directory / "Maildir", MAILS, 7, datetime.now(UTC))
        settings += _MAILDIR
    serving = Serving(directory, settings, "--worker" if worker else "--no-worker")
    with serving, ProcessPoolExecutor(1) as pool:
        pool.submit(sent, serving.address, senders, 1.0, 10**9).result()  # warm
        told = pool.submit(sent, serving.address, senders, seconds, 1).result()
        serving.stop()
        noted = len([ticket for ticket in serving.nudged() if int(ticket) < 10**9])
    shutil.rmtree(directory)
    statuses = Counter(each.status for each in told)
    took = sorted(each.took * 1000 for each in told)
    cuts = quantiles(took, n=100)
    beside = ", the worker at work" if worker else ""
    print(f"{senders:3} senders{beside}: {len(told) / seconds:,.0f} deliveries a second, {noted:,} on disk")
    print(f"    ms: median {cuts[49]:.1f}, p99 {cuts[98]:.1f}, longest {took[-1]:.1f}; {dict(statuses)}", flush=True)
    return set(statuses) == {202} and noted >= len(told)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each run takes")
    seconds = parser.parse_args().seconds
    good = [run(senders, seconds) for senders in RUNS]
    good.append(run(RUNS[1], seconds, worker=True))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
