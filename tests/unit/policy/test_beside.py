"""Which person is spoken of right beside a datum."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scrubber.policy.beside import Beside
from scrubber.policy.wording import line_of
from tests.unit.policy.conftest import FIRM, HOSTILE, SOMEBODY, Open, Opened

TOM = "[[PERSON|Tom Vos]]"
IDA = "[[PERSON|Ida Berg]]"


def _beside(found: Opened) -> Beside:
    return Beside(found.page, found.cues, found.firms, found.people)


@pytest.mark.parametrize(
    ("body", "sender", "human"),
    [
        ("Boek het op mijn privérekening @.", SOMEBODY, True),
        ("De rekening van mijn zus: @", SOMEBODY, True),
        ("Hij heeft nu @.", SOMEBODY, True),
        ("Het is voor hem, @.", SOMEBODY, True),
        ("Boek hem maar terug op @.", SOMEBODY, False),  # the amount
        ("U mag ze laten bezorgen op @.", SOMEBODY, False),
        ("Ik heb betaald van mijn rekening @.", SOMEBODY, True),
        ("Er is betaald vanaf @.", SOMEBODY, True),
        ("Ons betaalbewijs: overgemaakt vanaf @.", FIRM, False),
        ("Betaald vanaf @, mijn collega weet ervan.", FIRM, True),
        ("Betaald vanaf @. Vraag een collega.", FIRM, False),
        ("Stort op @.", SOMEBODY, False),
        ("De spaarrekening @.", SOMEBODY, True),
    ],
)
def test_a_person_is_spoken_of(opened: Open, body: str, sender: Mapping[str, str], human: bool) -> None:
    found = opened(body, sender=sender)
    assert _beside(found).human(found.context, line_of(found.context)) is human


@pytest.mark.parametrize(
    ("body", "row"),
    [
        (f"{TOM}; 3-4-1980; @", True),
        (f"- {TOM} | Goes | @", True),
        (f'"{TOM}","Goes","@"', True),
        (f"1. {TOM}, Goes, @", True),
        ("Debiteur: Vos, @", True),
        (f"{TOM}, @", False),
        (f"Goes; 3-4-1980; {TOM}; @", False),
        (f"{IDA}; 3-4-1980; @", False),
        (f"t.a.v. {TOM}, Goes, 2e deur, @", False),
        ("Vos; 3-4-1980; @", False),
        (f"{TOM}\nGoes; 3-4-1980; @", False),
    ],
)
def test_a_row_of_a_person(opened: Open, body: str, row: bool) -> None:
    found = opened(body, sender=SOMEBODY)
    assert _beside(found).row_of_person(found.context, line_of(found.context)) is row


@pytest.mark.parametrize(
    ("body", "foreign"),
    [
        (f"De kaart van {TOM}: @", True),
        (f"Stuur het t.a.v. {TOM}, @", False),
        (f"Stuur het tav {TOM}, @", False),
        (f"Ik heet {IDA}: @", False),
        ("De kaart: @", False),
    ],
)
def test_somebody_else_is_named(opened: Open, body: str, foreign: bool) -> None:
    found = opened(body, sender=SOMEBODY)
    assert _beside(found).foreign_name(found.context) is foreign


@pytest.mark.parametrize("body", [body for body in HOSTILE if "[[" not in body])
def test_nobody_is_spoken_of(opened: Open, body: str) -> None:
    found = opened(body, sender=SOMEBODY)
    beside, clause = _beside(found), line_of(found.context)
    assert not any((beside.human(found.context, clause), beside.row_of_person(found.context, clause)))
    assert not beside.foreign_name(found.context)


def test_thousands_of_names(opened: Open) -> None:
    found = opened(TOM * 3000 + "; ; @", sender=SOMEBODY)
    assert _beside(found).foreign_name(found.context)
    assert not _beside(found).row_of_person(found.context, line_of(found.context))
