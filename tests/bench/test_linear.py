"""Work grows with the text, not faster: each ratio is measured in one run, so the machine does not matter."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from scrubber import bootstrap, pipeline
from scrubber.detection.base import Request
from scrubber.finding import Finding
from scrubber.message import Message, SourceRef, TextView
from scrubber.pipeline import Tools
from scrubber.spread import spread

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SLACK = 0.05
"""Seconds below which a ratio is noise."""

SENTENCE = "Goedemorgen, de levering van bestelling 4711 is nog niet aangekomen; graag uw hulp. "


@pytest.fixture(scope="module")
def tools() -> Tools:
    return bootstrap.default_tools()


def seconds(work: Callable[[], object]) -> float:
    """The least of three: what else the machine does can only make it more."""
    times = []
    for _ in range(3):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def test_spreading_many_values_over_a_long_text() -> None:
    def work(size: int) -> Callable[[], object]:
        numbers = [f"{n:09d}" for n in range(100_000_000, 100_000_000 + size)]
        view = TextView(("body",), " ".join(numbers))
        findings = [Finding(view.path, "NL_BSN", i * 10, i * 10 + 9, 0.9, "bench") for i in range(0, size, 2)]
        return lambda: spread([view], findings)

    assert seconds(work(8_000)) < 10 * seconds(work(2_000))


def test_scrubbing_a_long_mail(tools: Tools) -> None:
    policy = bootstrap.default_policy()

    def work(size: int) -> Callable[[], object]:
        body = "Subject: x\n\n" + "\n".join([SENTENCE] * size) + "\nMijn BSN is 123456782.\n"
        message = Message(SourceRef("bench", ".", "x"), "email", "message/rfc822", body.encode(), NOW)
        return lambda: pipeline.scrub([message], tools, policy, now=NOW)

    assert seconds(work(1_000)) < 10 * seconds(work(250))


DETECTION = (
    ".",
    "a.",
    '"',
    "!#$%",
    "1:",
    "1/",
    "06 ",
    "06-12345678 ",
    "Kerkstraat 12 I I I ",
    "A ",
    "van ",
    "ww ",
    "wachtwoord: Abc123! ",
    "naam;bsn;geb\n",
    "-----BEGIN PRIVATE KEY-----",
    "\u200b1",
    "1 ",
    "NL91",
)


@pytest.mark.parametrize("unit", DETECTION)
def test_detecting_in_hostile_text(tools: Tools, unit: str) -> None:
    def work(size: int) -> Callable[[], object]:
        request = Request(TextView(("body",), unit * (size // len(unit))))
        return lambda: tools.detector.detect([request])

    assert seconds(work(32_000)) < 10 * seconds(work(8_000)) + SLACK


POLICY = (
    "graag terug op rekening want ik wil mijn geld van u hebben ",
    "> x\n",
    "\n",
    "a: b\n",
    "Van: x@y.example\nVerzonden: maandag\nOnderwerp: z\n\nhallo\n",
    "Op ma 3 mrt. 2025 om 10:22 schreef A <a@b.example>:\n",
    "Op 3 mrt 2025 ",
    "groet\n",
    " ",
    "wat is uw adres? ",
    "-----Oorspronkelijk bericht-----\n",
)


@pytest.mark.parametrize("unit", POLICY)
def test_deciding_in_hostile_text(unit: str) -> None:
    policy = bootstrap.default_policy()
    message = Message(SourceRef("bench", ".", "x"), "email", "text/plain", b"", NOW)

    def work(size: int) -> Callable[[], object]:
        text = unit * (size // len(unit))
        places = (0, len(text) // 2, len(text) - 8)
        findings = [Finding(("body",), "IBAN_CODE", at, at + 8, 1.0, "bench") for at in places]
        return lambda: policy.decide(message, (TextView(("body",), text),), findings, NOW)

    assert seconds(work(200_000)) < 10 * seconds(work(50_000)) + SLACK
