"""scrubber and other tools on one marked corpus: what each leaves, what each takes wrongly, how well, how fast.

    make compare                        on the messages of tests/quality that no rule was made with
    python -m tests.bench.compare CORPUS.jsonl [CORPUS.jsonl ...]

Each tool runs in a process of its own, on one core. Times are CPU time a message, the better of two passes, so a ratio
holds on another machine. Memory is the process's peak.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrubber.evaluation import MUST_GO, PATHS, Hit, Tally, add, hits_in, read_corpus, type_scores
from tests.bench.rivals import RIVALS

OURS = "scrubber"
COLUMNS = ("PERSON", "ADDRESS", "IBAN_CODE", "NL_BSN", "PHONE_NUMBER", "DATE_OF_BIRTH", "CREDENTIAL", "ID_DOCUMENT")
Answer = Callable[[dict[str, Any]], dict[str, list[Hit]]]


def ours() -> Answer:
    from scrubber import answers, bootstrap

    tools, policy = bootstrap.default_tools(), bootstrap.default_policy()
    now = datetime.now(UTC)

    def answer(message: dict[str, Any]) -> dict[str, list[Hit]]:
        ((line, _),) = answers.lines([(1, json.dumps(message))], tools, policy, now)
        return hits_in(line)

    return answer


def theirs(name: str) -> Answer:
    find = RIVALS[name]()

    def answer(message: dict[str, Any]) -> dict[str, list[Hit]]:
        return {
            path: [
                Hit(start, end, kind, "redact" if kind in MUST_GO else "keep")
                for start, end, kind in find(message.get(path) or "")
            ]
            for path in PATHS
        }

    return answer


def measure(name: str, corpora: Sequence[str]) -> dict[str, Any]:
    """The figures of one tool, in this process."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows = [row for path in corpora for row in read_corpus(Path(path).read_text(encoding="utf-8"), path)]
    messages, marks = [row[0] for row in rows], [row[1] for row in rows]
    started = time.process_time()
    answer = ours() if name == OURS else theirs(name)
    loaded = time.process_time() - started
    answer(messages[0])
    times = []
    for _ in range(2):
        started = time.process_time()
        answered = [answer(message) for message in messages]
        times.append(time.process_time() - started)
    tally = Tally(messages=len(messages))
    for message, marked, hits in zip(messages, marks, answered, strict=True):
        for path in PATHS:
            add(tally, str(message.get("id")), path, message[path], marked[path], hits[path])
    go, defer = tally.total["go"], tally.total["defer"]
    return {
        "tool": name,
        "messages": len(messages),
        "leaked": tally.count("leaked") / go,
        "delayed": tally.count("delayed") / go,
        "early": tally.count("early") / defer,
        "forever": tally.count("forever") / defer,
        "wrong": 100 * tally.count("wrong") / len(messages),
        "f1": {kind: score.exact_f1 for kind, score in type_scores(tally).items()},
        "ms": 1000 * min(times) / len(messages),
        "load_s": loaded,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown. `times` is the cost of a message in ms, and how often scrubber's fits into it."""
    own = next(row["ms"] for row in rows if row["tool"] == OURS)
    head = ["tool", "leaked", "delayed", "early", "for ever", "wrong per 100", *COLUMNS, "ms/message", "cost", "MB"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = [
            row["tool"],
            *(f"{row[k]:.1%}" for k in ("leaked", "delayed", "early", "forever")),
            f"{row['wrong']:.1f}",
        ]
        cells += [f"{row['f1'].get(kind, 0):.2f}" for kind in COLUMNS]
        cells += [f"{row['ms']:.2f}", f"{row['ms'] / own:.1f} x", f"{row['peak_mb']:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["--only"]:
        print(json.dumps(measure(arguments[1], arguments[2:])))
        return 0
    rows = []
    for name in (OURS, *RIVALS):
        print(f"{name} ...", file=sys.stderr)
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.compare", "--only", name, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{name}: did not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            return 1
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    print(f"{rows[0]['messages']} messages; exact-span F1 a type\n")
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
