"""How much work a message is, beside stock Presidio and beside the floor: one run, one core, ratios.

    make bench

CPU time, the best of three passes over the same messages, each tool in a process of its own. A ratio holds on another
machine; a millisecond does not.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

Mode = Literal["off", "gated", "everywhere"]
Work = Callable[[list[dict[str, Any]]], object]
"""All messages at once, as `scrubber analyze` takes the lines of a file."""
CORPORA = sorted((Path(__file__).parents[1] / "quality").glob("unseen-*.jsonl"))
LEAST = {"times faster than stock Presidio": 40, "times faster than stock Presidio, model everywhere": 15}
MOST = {"peak memory of analyze, MB": 400, "`scrubber try`, cold, s": 3}


def messages() -> list[dict[str, Any]]:
    from scrubber.evaluation import read_corpus

    return [row for path in CORPORA for row, _ in read_corpus(path.read_text(encoding="utf-8"), path)]


def _analyze(model: Mode) -> Work:
    from datetime import UTC, datetime

    from scrubber import answers, bootstrap

    tools, policy, now = bootstrap.default_tools(model), bootstrap.default_policy(), datetime.now(UTC)
    bootstrap.settle()
    return lambda rows: list(answers.lines(list(enumerate(map(json.dumps, rows), 1)), tools, policy, now))


def _stock() -> Work:
    from tests.bench.rivals import stock_presidio

    find = stock_presidio()
    return lambda rows: [find(row["subject"] + "\n" + row["body"]) for row in rows]


def _floor() -> Work:
    from tests.bench.floor import find

    return lambda rows: [find(row["subject"] + "\n" + row["body"]) for row in rows]


TOOLS: Mapping[str, Callable[[], Work]] = {
    "analyze": lambda: _analyze("gated"),
    "analyze, model off": lambda: _analyze("off"),
    "analyze, model everywhere": lambda: _analyze("everywhere"),
    "stock Presidio": _stock,
    "floor": _floor,
}


def measure(name: str) -> dict[str, float]:
    """In this process: ms a message and peak memory."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows = messages()
    work = TOOLS[name]()
    work(rows[:20])
    times = []
    for _ in range(3):
        started = time.process_time()
        work(rows)
        times.append(time.process_time() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"ms": 1000 * min(times) / len(rows), "peak_mb": peak}


def figures() -> dict[str, float]:
    """All of them, each tool in its own process."""
    found = {}
    for name in TOOLS:
        command = [sys.executable, "-m", "tests.bench.ratio", "--only", name]
        found[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [str(Path(sys.executable).parent / "scrubber"), "try", "Mijn BSN is 123456782, groet Joost"]
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    stock = found["stock Presidio"]["ms"]
    return {
        "analyze, ms a message": found["analyze"]["ms"],
        "times faster than stock Presidio": stock / found["analyze"]["ms"],
        "times faster than stock Presidio, model off": stock / found["analyze, model off"]["ms"],
        "times faster than stock Presidio, model everywhere": stock / found["analyze, model everywhere"]["ms"],
        "times the floor": found["analyze"]["ms"] / found["floor"]["ms"],
        "peak memory of analyze, MB": found["analyze"]["peak_mb"],
        "peak memory of stock Presidio, MB": found["stock Presidio"]["peak_mb"],
        "`scrubber try`, cold, s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    }


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--only"]:
        print(json.dumps(measure(arguments[1])))
        return 0
    short = 0
    for name, figure in figures().items():
        goal = ""
        if name in LEAST:
            goal = f"goal: at least {LEAST[name]}"
            short += figure < LEAST[name]
        elif name in MOST:
            goal = f"goal: at most {MOST[name]}"
            short += figure > MOST[name]
        print(f"{name:52} {figure:9.2f}  {goal}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
