"""Whose datum it is, and by which ground."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scrubber.policy.whose import Whose
from tests.unit.policy.conftest import FIRM, HOSTILE, LONG, SOMEBODY, Open

TOM = "[[PERSON|Tom Vos]]"
IDA = "[[PERSON|Ida Berg]]"
NOBODY: Mapping[str, str] = {}
REACHED = {**SOMEBODY, "phone": "06-12345678"}
FORWARD = "Doorgestuurd.\n\n---------- Forwarded message ---------\nVan: Tom Vos <t@vos.example>\nOnderwerp: x\n\n"


def _of(opened: Open, body: str, kind: str, sender: Mapping[str, str]) -> tuple[str, str]:
    found = opened(body, kind, sender)
    return Whose(found.page, found.contexts, found.sender, (), found.cues).of(found.context)


@pytest.mark.parametrize(
    ("body", "kind", "sender", "subject"),
    [
        # how the channel reaches the sender
        ("Mail mij op [[EMAIL_ADDRESS|IDA@gmail.example]].", "", SOMEBODY, ("sender", "afzender")),
        ("Bel mijn zus op [[PHONE_NUMBER|+31 6 1234 5678]].", "", REACHED, ("sender", "afzender")),
        ("Bel mijn zus op @.", "PHONE_NUMBER", SOMEBODY, ("third_party", "relation")),
        ("Bel [[PHONE_NUMBER|?]].", "", NOBODY, ("unknown", "")),
        # persons and firms
        (f"De kaart van {TOM}.", "", SOMEBODY, ("third_party", "naam")),
        ("Stort op @ t.n.v. Kapsalon Zon.", "IBAN_CODE", SOMEBODY, ("organisation", "trade")),
        # the sender
        ("Mijn rekening is @.", "IBAN_CODE", SOMEBODY, ("sender", "self")),
        ("Geb. datum van mij: [[DATE_OF_BIRTH|3-4-1980]]", "", SOMEBODY, ("sender", "self")),
        ("Vraag.\n\nGroet,\nIda Berg\n@", "PHONE_NUMBER", SOMEBODY, ("sender", "handtekening")),
        (f"{IDA}, @", "ADDRESS", SOMEBODY, ("sender", "afzender")),
        ("De heer Vos zegt: mijn rekening is @.", "IBAN_CODE", SOMEBODY, ("sender", "self")),
        (f"Geachte heer {TOM}, mijn rekening is @.", "IBAN_CODE", SOMEBODY, ("sender", "self")),
        ("Hij zegt dat het op rekening @ moet.", "IBAN_CODE", SOMEBODY, ("unknown", "")),
        # somebody else
        ("De rekening van mijn broer is @.", "IBAN_CODE", SOMEBODY, ("third_party", "relation")),
        ("Stort op @ van mijn broer.", "IBAN_CODE", SOMEBODY, ("third_party", "relation")),
        ("Stort op @ (dat is van mijn broer).", "IBAN_CODE", SOMEBODY, ("third_party", "relation")),
        ("Hij woont op @.", "ADDRESS", SOMEBODY, ("third_party", "pronoun")),
        ("Mijn broer belt. Stort op @.", "IBAN_CODE", SOMEBODY, ("third_party", "relation")),
        (f"{TOM} belt. Stort op @.", "IBAN_CODE", SOMEBODY, ("third_party", "naam")),
        (f"Naam: {TOM}\nIBAN: @", "IBAN_CODE", SOMEBODY, ("third_party", "naam")),
        (FORWARD + "Stort op @.", "IBAN_CODE", SOMEBODY, ("third_party", "quote 1")),
        ("Vraag.\n\nGroet,\nIda Berg\nBel mijn man op @", "PHONE_NUMBER", SOMEBODY, ("third_party", "relation")),
        # nobody is spoken of
        ("Stort op @.", "IBAN_CODE", SOMEBODY, ("unknown", "")),
        ("Stort op @ van de bon.", "IBAN_CODE", SOMEBODY, ("unknown", "")),
        (LONG + "de rekening van mijn broer is @.", "IBAN_CODE", SOMEBODY, ("third_party", "relation")),
    ],
)
def test_whose(opened: Open, body: str, kind: str, sender: Mapping[str, str], subject: tuple[str, str]) -> None:
    assert _of(opened, body, kind, sender) == subject


@pytest.mark.parametrize("kind", ["IBAN_CODE", "ADDRESS", "PHONE_NUMBER", "LICENSE_PLATE"])
@pytest.mark.parametrize("sender", [SOMEBODY, FIRM])
@pytest.mark.parametrize("body", [body for body in HOSTILE if "[[" not in body])
def test_nothing_is_said(opened: Open, body: str, kind: str, sender: Mapping[str, str]) -> None:
    assert _of(opened, body, kind, sender) == ("unknown", "")


def test_thousands_of_names(opened: Open) -> None:
    assert _of(opened, TOM * 3000 + " @", "IBAN_CODE", SOMEBODY) == ("third_party", "naam")
