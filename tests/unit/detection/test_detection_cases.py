"""Every case under tests/cases/detection: what is found of the file's type, exactly, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from scrubber.finding import ENTITY_TYPES

CASES = Path(__file__).parents[2] / "cases" / "detection"
Search = Callable[..., list[tuple[str, str]]]


def _cases() -> list[tuple[str, str, list[str], str]]:
    return [
        (entity, case["text"], case["finds"], case.get("answers", ""))
        for entity in ENTITY_TYPES
        for case in yaml.safe_load((CASES / f"{entity}.yaml").read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("entity", "text", "finds", "answers"), _cases())
def test_case(search: Search, entity: str, text: str, finds: list[str], answers: str) -> None:
    assert [value for kind, value in search(text, answers=answers) if kind == entity] == finds


def test_every_type_has_positives_and_near_misses() -> None:
    cases = _cases()
    for entity in ENTITY_TYPES:
        assert sum(kind == entity and bool(finds) for kind, _, finds, _ in cases) >= 5, entity
        assert sum(kind == entity and not finds for kind, _, finds, _ in cases) >= 4, entity


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
DRESSINGS: dict[str, Callable[[str], str]] = {
    "no-break space": lambda value: value.replace(" ", "\u00a0"),
    "narrow no-break space": lambda value: value.replace(" ", "\u202f"),
    "zero width": lambda value: "\u200b".join(value),
    "soft hyphen": lambda value: value[:3] + "\u00ad" + value[3:],
    "full width": lambda value: value.translate(FULL_WIDTH),
    "Arabic-Indic digits": lambda value: "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in value),
    "non-breaking hyphen": lambda value: value.replace("-", "\u2011"),
    "Cyrillic letters": lambda value: value.translate(str.maketrans("ABEK", "АВЕК")),
}
VALUES = [
    ("NL_BSN", "mijn bsn is {} dus", "123 456 782"),
    ("IBAN_CODE", "stort op {} graag", "NL91 ABNA 0417 1643 00"),
    ("CREDIT_CARD", "met visa {} betaald", "4111 1111 1111 1111"),
    ("PHONE_NUMBER", "bel {} graag", "06-12345678"),
    ("LICENSE_PLATE", "kenteken {} staat hier", "NZ-860-P"),
    ("DATE_OF_BIRTH", "geboren op {} hier", "01-02-1980"),
    ("ADDRESS", "Adres: {}", "Dorpsstraat 12, 8141 AB Heino"),
    ("PERSON", "Beste mevrouw {},", "Van den Berg"),
]


@pytest.mark.parametrize("dressing", DRESSINGS)
@pytest.mark.parametrize(("entity", "sentence", "value"), VALUES)
def test_look_alikes_are_found_with_the_offsets_of_the_text_as_it_is(
    search: Search, entity: str, sentence: str, value: str, dressing: str
) -> None:
    dressed = DRESSINGS[dressing](value)
    assert (entity, dressed) in search(sentence.format(dressed))


def test_accents_do_not_cut_a_name(search: Search) -> None:
    assert ("PERSON", "Ömer Kovačević") in search("Met vriendelijke groet,\nÖmer Kovačević")
    decomposed = "Andre\u0301 Visser"
    assert ("PERSON", decomposed) in search(f"Groet,\n{decomposed}")
