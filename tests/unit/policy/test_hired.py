"""Vehicles that belong to who lets them, whoever drives."""

from __future__ import annotations

import pytest

from scrubber.policy.hired import given_by_work, hired, let
from tests.unit.policy.conftest import HOSTILE, Open


@pytest.mark.parametrize(
    ("lead", "by_person", "by_firm"),
    [
        (b"de huurauto, een witte yaris van de verhuurder, ", True, True),
        (b"ik rijd in een busje, gehuurd bij de bouwmarkt: ", True, True),
        (b"de leasemaatschappij gaf mij ", True, True),
        (b"ik kreeg een leenauto via de garage, ", True, True),
        (b"een gehuurde rode aanhanger van het verhuurbedrijf, ", True, True),
        (b"een huurbus, ", False, True),  # who lets it is not said
        (b"het vervangend vervoer is ", False, True),
        (b"ik heb een leaseauto, ", False, False),
        (b"zijn leaseauto van de leasemaatschappij, ", False, False),
        (b"de huurauto van de verhuurder is terug, mijn eigen auto is ", False, False),
        (b"ik heb de leenauto van de garage gekocht, ", False, False),
        (b"ik verhuur kamers, mijn auto is ", False, False),
        (b"ik huur een huis, de auto is ", False, False),
        (b"", False, False),
        (b"%" * 9000, False, False),
        (b"huurauto " * 20_000 + b"bij de verhuurder ", True, True),
    ],
)
def test_hired(lead: bytes, by_person: bool, by_firm: bool) -> None:
    assert (hired(lead, for_one=False), hired(lead, for_one=True)) == (by_person, by_firm)


BOSS = "Mijn baas neemt niet op. "


@pytest.mark.parametrize(
    ("body", "given"),
    [
        (BOSS + "Ik sta met de oplegger @ stil.", True),
        (BOSS + "Ik zoek het boekje van de oplegger @.", True),
        (BOSS + "Ik sta langs de weg met de bus (kenteken @).", True),
        ("De firma is Vos. Schade aan de vrachtwagen @.", True),
        ("Ik zoek het boekje van de oplegger @.", False),
        (BOSS + "Ik zoek het boekje van mijn oplegger @.", False),
        (BOSS + "De buurman reed met de bus @.", False),
        (BOSS + "Het boekje van de auto @.", False),
    ],
)
def test_given_by_work(opened: Open, body: str, given: bool) -> None:
    found = opened(body, "LICENSE_PLATE")
    assert given_by_work(found.context, found.page.own) is given


@pytest.mark.parametrize(
    ("clause", "lets"),
    [
        (b"de huurder reed weg met @", True),
        (b"", True),
        (b"mijn auto is @", False),
        (b"de auto van de buurman, @", False),
        (b"de tegenpartij met @", False),
        (b"wij hebben @ verkocht", False),
        (b"%" * 9000 + b"verkocht", False),
    ],
)
def test_let(clause: bytes, lets: bool) -> None:
    assert let(clause) is lets


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_is_said(opened: Open, body: str) -> None:
    found = opened(body, "LICENSE_PLATE")
    assert not given_by_work(found.context, b"mijn baas")
