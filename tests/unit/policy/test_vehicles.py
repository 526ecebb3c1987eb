"""Whose a vehicle is by the words around its plate."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scrubber.policy.vehicles import Vehicles, desks_vehicle, other_vehicle, seen
from scrubber.policy.wording import line_of
from tests.unit.policy.conftest import FIRM, HOSTILE, LONG, SOMEBODY, Open, Opened

GARAGE = {"name": "Ton Rem", "email": "ton@rem-garage.example"}
LETS = {"name": "Ton Rem", "email": "ton@remverhuur.example"}
SIGNED = "\n\nGroet,\nHenk\nDijkstra Montage"


def _vehicles(found: Opened) -> Vehicles:
    return Vehicles(found.page, found.cues, found.firms)


@pytest.mark.parametrize(
    ("body", "others"),
    [
        ("De bus is stuk, ik neem mijn eigen auto, @.", True),
        ("De tegenpartij reed in @.", True),
        ("Haar rode scooter is @.", True),
        ("De aanhanger van mijn zwager, @.", True),
        ("De zzp'er rijdt met @.", True),
        ("Zijn de bussen klaar? Het gaat om @.", False),
        ("Mijn bus van de zaak is @.", False),
        ("Mijn leaseauto is @.", False),
        ("De bus is @.", False),
        ("Mijn afspraak is met @.", False),
    ],
)
def test_a_persons(opened: Open, body: str, others: bool) -> None:
    assert other_vehicle(opened(body, "LICENSE_PLATE").context) is others


@pytest.mark.parametrize(
    ("body", "desks"),
    [
        ("Uw witte busje met @ staat fout.", True),
        ("Jullie vrachtwagen, @.", True),
        ("De auto van de zaak: @", True),
        ("Uw monteur belde over @.", False),
        ("Mijn bus staat bij de zaak. Ik rijd @.", False),
    ],
)
def test_the_desks(opened: Open, body: str, desks: bool) -> None:
    assert desks_vehicle(opened(body, "LICENSE_PLATE").context) is desks


@pytest.mark.parametrize(
    ("body", "was_seen"),
    [
        ("Er reed een witte bestelbus voorbij, @.", True),
        ("Een scooter met @ reed door rood.", True),
        ("De bus is @.", False),
        ("Een afspraak voor @.", False),
    ],
)
def test_seen(opened: Open, body: str, was_seen: bool) -> None:
    assert seen(opened(body, "LICENSE_PLATE").context) is was_seen


@pytest.mark.parametrize(
    ("body", "sender", "firms"),
    [
        ("De bus van de bakkerij staat fout, @.", SOMEBODY, True),
        ("De wagen van mijn werk is @.", SOMEBODY, True),
        ("Een bus met opschrift Kok Schilders, @.", SOMEBODY, True),
        ("Onze koelwagen heeft kenteken @.", FIRM, True),
        ("@, onze aanhanger", FIRM, True),
        ("@ - de bus van ons", FIRM, True),
        ("@, een van onze bussen", FIRM, True),
        ("Een van de bussen start niet. Het is de @.", FIRM, True),
        (LONG + "onze bus is @.", FIRM, True),
        ("Onze koelwagen heeft kenteken @.", SOMEBODY, False),
        ("Onze koelwagen heeft kenteken @.", GARAGE, False),
        ("De tegenpartij belt. Onze koelwagen is @.", FIRM, False),
        ("Onze bus van de klant, @.", FIRM, False),
        ("Er reed een bus voorbij, @.", FIRM, False),
        ("De bus van de bakkerij is stuk, dus ik nam mijn auto, @.", SOMEBODY, False),
        ("Naast de bus van de bakkerij stond haar @.", SOMEBODY, False),
        ("Het is de @.", FIRM, False),
    ],
)
def test_a_firms(opened: Open, body: str, sender: Mapping[str, str], firms: bool) -> None:
    found = opened(body, "LICENSE_PLATE", sender)
    assert _vehicles(found).firms_one(found.context) is firms


@pytest.mark.parametrize(
    ("body", "sender", "driven"),
    [
        ("Ik sta met mijn taxi @.", SOMEBODY, True),
        ("Zijn eigen bestelbus @.", SOMEBODY, True),
        ("De tegenpartij zat in een vrachtwagen, @.", SOMEBODY, True),
        ("Ik sleep een aanhanger, @.", SOMEBODY, True),
        ("Onze aanhanger, @.", FIRM, False),
        ("Mijn bus van de zaak, @.", SOMEBODY, False),
        ("Mijn leasewagen, @.", SOMEBODY, False),
        ("De taxi @.", SOMEBODY, False),
        ("De vrachtwagen van de tegenpartij, Vos B.V., @.", SOMEBODY, False),
    ],
)
def test_driven(opened: Open, body: str, sender: Mapping[str, str], driven: bool) -> None:
    found = opened(body, "LICENSE_PLATE", sender)
    assert _vehicles(found).driven(found.context, line_of(found.context)) is driven


@pytest.mark.parametrize(
    ("body", "sender", "foreign", "works"),
    [
        ("De bakwagen @ moet erop." + SIGNED, FIRM, False, True),
        ("De tachograaf van @ is stuk.", SOMEBODY, False, True),
        ("De tankpas van @ is stuk." + SIGNED, FIRM, False, False),
        ("Onze bus staat stil. Het gaat om @.", FIRM, False, True),
        ("Onze bus staat stil. Het gaat om @.", FIRM, True, False),
        ("Onze bus staat stil. Het gaat om @.", SOMEBODY, False, False),
        ("Het gaat om @.", FIRM, False, False),
        ("Ik rijd zelf met de bakwagen @.", FIRM, False, False),
        ("De bakwagen van onze klant, @.", FIRM, False, False),
        ("Er reed een bakwagen met @.", FIRM, False, False),
        ("Hij reed met de bakwagen: zijn @.", FIRM, False, False),
        ('Hij schreef: "de bakwagen @"', FIRM, False, False),
        ("> de bakwagen @", FIRM, False, False),
    ],
)
def test_works_with(opened: Open, body: str, sender: Mapping[str, str], foreign: bool, works: bool) -> None:
    found = opened(body, "LICENSE_PLATE", sender)
    assert _vehicles(found).works_with(found.context, line_of(found.context), foreign=foreign) is works


@pytest.mark.parametrize("sender", [FIRM, SOMEBODY])
@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_is_said(opened: Open, body: str, sender: Mapping[str, str]) -> None:
    found = opened(body, "LICENSE_PLATE", sender)
    vehicles, context, clause = _vehicles(found), found.context, line_of(found.context)
    assert not any((other_vehicle(context), desks_vehicle(context), seen(context), vehicles.firms_one(context)))
    assert not vehicles.driven(context, clause)
    assert not vehicles.works_with(context, clause, foreign=False)
