"""No message is held, and a second scrub finds nothing: whatever rules and rows of like data do to each other."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from scrubber import answers, bootstrap

NOW = datetime(2026, 1, 5, tzinfo=UTC)
CASES = Path(__file__).parents[2] / "cases" / "detection"


def scrubbed(bodies: Sequence[str]) -> Iterator[dict[str, Any]]:
    tools, policy = bootstrap.default_tools(), bootstrap.default_policy()
    rows = [(number, json.dumps({"body": body})) for number, body in enumerate(bodies, 1)]
    return (json.loads(line) for line, _ in answers.lines(rows, tools, policy, NOW))


def check(bodies: Sequence[str]) -> None:
    first = list(scrubbed(bodies))
    assert [body for body, answer in zip(bodies, first, strict=True) if answer["outcome"] == "HELD"] == []
    edited = [answer["redacted"]["body"] for answer in first if answer["outcome"] == "REDACTED"]
    assert len(edited) > len(bodies) / 5
    again = scrubbed(edited)
    assert [body for body, answer in zip(edited, again, strict=True) if answer["outcome"] != "CLEAN"] == []


def test_every_case_of_every_recogniser() -> None:
    check([case["text"] for path in sorted(CASES.glob("*.yaml")) for case in yaml.safe_load(path.read_text("utf-8"))])


LEADS = (
    "",
    "De pakketten moeten naar:\n",
    "Wilt u de vergunning voor deze auto's aanvragen? Wij staan elke dag in de straat van de school.\n",
    "Graag deze mensen inschrijven voor de cursus van volgende maand, alvast bedankt.\n",
    "Zie de lijst van de vereniging, kunt u die in het systeem zetten?\n",
)


def _item(kind: str, chance: random.Random) -> str:
    match kind:
        case "address":
            street = chance.choice(("Lindelaan", "Dorpsstraat", "Kerkweg"))
            return (
                f"{street} {chance.randint(1, 200)}, {chance.randint(1000, 9999)} AB {chance.choice(('Ede', 'Goes'))}"
            )
        case "plate":
            return f"{chance.choice('GHJKL')}-{chance.randint(100, 999)}-{chance.choice(('BT', 'KX', 'ZF'))}"
        case _:
            said = chance.choice(("", "geb. "))  # without its word it need not be one
            return f"{said}{chance.randint(1, 28):02}-{chance.randint(1, 12):02}-19{chance.randint(30, 99)}"


@pytest.mark.parametrize("kinds", [("address",), ("plate",), ("birth",), ("address", "plate", "birth")])
def test_rows_of_like_data(kinds: tuple[str, ...]) -> None:
    """The neighbours of a datum say what it is for; each that goes may turn the next."""
    chance = random.Random("-".join(kinds))
    bodies = [
        lead + separator.join(_item(chance.choice(kinds), chance) for _ in range(count))
        for lead in LEADS
        for separator in ("\n", ", ", " en ")
        for count in range(2, 14)
    ]
    check(bodies)


def test_a_long_list_of_addresses() -> None:
    check(["".join(f"Dorpsstraat {number}, 1234 AB Donk\n" for number in range(count)) for count in (5, 6, 9, 60)])
