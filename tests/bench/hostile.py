"""What a hostile sender can cost: CPU seconds and memory for texts that hang other tools, and for long honest ones.

    make bench

Each text goes through `analyze` whole. Goal: at most 2 CPU seconds each; answered, or HELD by the counted budget. The
last lines show that cost grows with the text and not faster.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime

from scrubber import answers, bootstrap

SIZE = 100_000
MOST = 2.0
UNITS = {
    "dots": ".",
    "a.a.a.": "a.",
    "an address without end": "a.",
    "quotes": '"',
    "signs": "!#$%",
    "1:1:": "1:",
    "1/1/": "1/",
    "06 06 06": "06 ",
    "telephone numbers": "06-12345678 ",
    "mail addresses": "jan@voorbeeld.example ",
    "postcodes": "8011 AB ",
    "streets": "Kerkstraat 12 ",
    "streets with additions": "Kerkstraat 12 I I I ",
    "capitals": "A ",
    "particles": "van ",
    "labels of secrets": "ww ",
    "secrets": "wachtwoord: Abc123! ",
    "secrets that nothing announces": "Zomer77! ",
    "passwords that are told": "ww is ",
    "codes": "code die ik kreeg: 4-4 ",
    "lines of codes": "pin:\n4417\n",
    "policies": "polis 123456789 ",
    "names and dates": "Jan 08-05-1982 ",
    "signs behind an insurer": "cz ,:(=/- ,:(=/- ,:(=/-4471209388 ",
    "a table": "naam;bsn;geb\nJan;123456782;01-02-1980\n",
    "key headers": "-----BEGIN PRIVATE KEY-----\n",
    "zero width": "\u200b1",
    "quotation marks of mail": "> ",
    "headers of quoted mail": "Van: a\nVerzonden: b\nOnderwerp: c\n\n",
    "placeholders": "[naam verwijderd] ",
    "licences": "12345/12/1234 ",
    "passports": "NXR7K2LD4 ",
    "cells": "A;123456789;",
    "IBANs": "NL91ABNA0417164300 ",
}
LOG = "2026-11-22T09:14:05.112Z INFO  [worker-3] request id=4f1c9a20-77e2-4b0e path=/orders/7785 status=200 in 12 ms\n"
PROSE = "Goedemorgen, de levering van bestelling 4711 is nog niet aangekomen; graag uw hulp. Groet, Joost de Vries\n\n"


def main() -> int:
    tools, policy, now = bootstrap.default_tools(), bootstrap.default_policy(), datetime.now(UTC)

    def cost(body: str) -> tuple[float, str]:
        line = json.dumps({"body": body})
        started = time.process_time()
        ((answer, _),) = answers.lines([(1, line)], tools, policy, now)
        return time.process_time() - started, str(json.loads(answer).get("outcome"))

    cost(PROSE)
    bootstrap.settle()
    texts = {name: (unit * SIZE)[:SIZE] for name, unit in UNITS.items()}
    texts["an address without end"] += "@"
    texts["a log of 1 MB"] = (LOG * (1_000_000 // len(LOG) + 1))[:1_000_000]
    slow = 0
    for name, text in texts.items():
        seconds, outcome = cost(text)
        slow += seconds > MOST
        print(
            f"{name:28} {len(text):>9,} characters {seconds:6.2f} s  {outcome}{'  TOO SLOW' if seconds > MOST else ''}"
        )
    for size in (1_000, 10_000, 100_000, 1_000_000):
        seconds, outcome = cost((PROSE * (size // len(PROSE) + 1))[:size])
        print(
            f"{'honest text':28} {size:>9,} characters {seconds:6.3f} s  {outcome}  {1e6 * seconds / size:.2f} us each"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
