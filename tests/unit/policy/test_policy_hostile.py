"""Long and nasty messages are answered (how their cost grows: tests/bench)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from scrubber.finding import Finding
from scrubber.message import TextView
from scrubber.policy.source import SourcePolicy

SIZE = 1_000_000
TEXTS = {
    "prose": "graag terug op rekening want ik wil mijn geld van u hebben ",
    "quotes": "> x\n",
    "bare quotes": ">\n",
    "lines": "\n",
    "dots": ".",
    "colons": "a: b\n",
    "headers": "Van: x@y.example\nVerzonden: maandag\nOnderwerp: z\n\nhallo\n",
    "attributions": "Op ma 3 mrt. 2025 om 10:22 schreef A <a@b.example>:\n",
    "open attributions": "Op 3 mrt 2025 ",
    "greetings": "groet\n",
    "spaces": " ",
    "questions": "wat is uw adres? ",
    "deep": ">" * 1000 + " x\n",
    "dashes": "-----Oorspronkelijk bericht-----\n",
    "odd letters": "İß\u200b😀é ",
}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_megabyte_is_answered(name: str, policy: SourcePolicy, marked: Callable[..., Any], now: datetime) -> None:
    unit = TEXTS[name]
    text = unit * (SIZE // len(unit))
    m = marked("", thread=[("agent", "Wat is uw IBAN?")], sender={"name": "Jan Stok", "email": "jan@stok.example"})
    view = TextView(("body",), text, "body")
    middle = len(text) // 2
    findings = [Finding(("body",), "IBAN_CODE", at, at + 8, 1.0, "x") for at in (0, middle, len(text) - 8)]
    decisions = policy.decide(m.message, (view,), findings, now)
    assert len(decisions) == 3


def test_thousands_of_findings(policy: SourcePolicy, marked: Callable[..., Any], now: datetime) -> None:
    line = "Jan Jansen; 12-03-1980; NL91ABNA0417164300; Lindehof 14\n"
    text = line * 1500
    findings = []
    for index in range(1500):
        base = index * len(line)
        findings += [
            Finding(("body",), "PERSON", base, base + 10, 1.0, "x"),
            Finding(("body",), "DATE_OF_BIRTH", base + 12, base + 22, 1.0, "x"),
            Finding(("body",), "IBAN_CODE", base + 24, base + 42, 1.0, "x"),
            Finding(("body",), "ADDRESS", base + 44, base + 55, 1.0, "x"),
        ]
    decisions = policy.decide(marked("").message, (TextView(("body",), text, "body"),), findings, now)
    assert len(decisions) == 6000


def test_many_different_values_of_one_type(policy: SourcePolicy, marked: Callable[..., Any], now: datetime) -> None:
    text = "".join(f"06-{n:08d} " for n in range(5000))
    findings = [Finding(("body",), "BANK_ACCOUNT", n * 12, n * 12 + 11, 1.0, "x") for n in range(5000)]
    assert len(policy.decide(marked("").message, (TextView(("body",), text, "body"),), findings, now)) == 5000


def test_a_thousand_levels_of_quotes(policy: SourcePolicy, marked: Callable[..., Any], now: datetime) -> None:
    text = "".join(">" * level + " regel\n" for level in range(1001))
    finding = Finding(("body",), "ADDRESS", len(text) - 6, len(text) - 1, 1.0, "x")
    assert policy.decide(marked("").message, (TextView(("body",), text, "body"),), [finding], now)
