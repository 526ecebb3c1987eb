"""Whose place an address is by the words around it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scrubber.policy.clauses import Context
from scrubber.policy.seats import (
    also_home,
    at_home,
    at_home_before,
    beside_one,
    elsewhere,
    firms_place,
    new_seat,
    post_to_us,
    sent_there,
    where_people_work,
    works_there,
)
from tests.unit.policy.conftest import HOSTILE, LONG, Open

SAID: list[tuple[Callable[[Context], bool], str]] = [
    (firms_place, "Mijn huis is leeg, want de bakkerij zit op @."),
    (firms_place, "Het kantoor (@) is dicht."),
    (firms_place, "Bel aan bij mijn werk, dat is @."),
    (firms_place, "De meter hangt op ons terrein, @."),
    (firms_place, LONG + "de winkel op @."),
    (firms_place, "De verhuurder is Stichting Woonzicht, @."),
    (firms_place, "De klacht gaat over woningcorporatie De Brug, @."),
    (beside_one, "Naast de kerk, @, staat water."),
    (beside_one, "Tegenover de oude garage, aan de @, is een gat."),
    (beside_one, "Ik sta om de hoek van de @."),
    (sent_there, "De drogisterij bezorgt niets meer, maar de winkel stuurde het naar @."),
    (sent_there, "De school vroeg of ze naar @ mag."),
    (sent_there, "Ik ben de eigenaar van de hond, @."),
    (sent_there, "Weet u of op @ woont wie ik zoek? Vroeger wel, @ woont nu een ander."),
    (new_seat, "Wij tekenden voor een tweede pand aan de @."),
    (new_seat, "Onze nieuwe hal, @, heeft stroom nodig."),
    (post_to_us, "Reactie graag aan ons kantoor, @."),
    (post_to_us, "De facturen mogen aan ondergetekende, op @."),
    (works_there, "Wij renoveren een badkamer op @."),
    (works_there, "Ik werk morgen aan de gevel bij @."),
    (works_there, "Er staat een steiger voor @."),
    (works_there, "Voor de werkzaamheden aan de @ zoek ik een vergunning."),
    (also_home, "Kantoor: @ (ook thuis)"),
    (also_home, "Praktijk: @, tevens mijn woonadres."),
    (also_home, "Praktijk: @ / privé"),
    (where_people_work, "De pakketten gaan naar het magazijn. Adres: @."),
    (where_people_work, "Ik ben overdag op mijn werk. Bezorg het op @."),
]
UNSAID: list[tuple[Callable[[Context], bool], str]] = [
    (firms_place, "Ik woon boven de bakkerij, @."),
    (firms_place, "De monteur van de garage, @, belde."),
    (firms_place, "Ik ben lid van vereniging De Eik, @."),
    (firms_place, "Wij huren bij Stichting Woonzicht, @."),
    (firms_place, "Mijn moeder woont in woonzorgcentrum De Linde, @."),
    (firms_place, "Mijn moeder zit in WZC Ter Linde, @."),
    (firms_place, "Geachte Stichting Woonzicht, @ heeft een lekkende kraan."),
    (firms_place, "Mijn oude boerderij, @, lekt."),
    (firms_place, "De bakkerij is dicht. Ik zit op @."),
    (firms_place, "Graag naar @ sturen."),
    (beside_one, "De kerk ligt op @."),
    (beside_one, "Naast de deur hangt een bel. Het is @."),
    (sent_there, "De winkel zit op @."),
    (sent_there, "De eigenaar belt. Adres: @."),
    (new_seat, "Mijn nieuwe huis, @, heeft stroom nodig."),
    (new_seat, "Dat is een nieuwe hal. Ik zit op @."),
    (post_to_us, "De post komt niet aan op @."),
    (post_to_us, "Ons kantoor, @, krijgt geen post."),
    (works_there, "Wij eten met oud en nieuw op @."),
    (works_there, "Ik werk niet meer. Stuur het naar @."),
    (also_home, "Kantoor: @ (bezoek op afspraak)"),
    (also_home, "Kantoor: @. Thuis ben ik er niet."),
    (where_people_work, "Ik werk veel. Bezorg het op @."),
    (where_people_work, "Het magazijn is dicht.\n\nDat is lang geleden.\n\nBezorg het op @."),
]


@pytest.mark.parametrize(("asks", "body"), SAID)
def test_said(opened: Open, asks: Callable[[Context], bool], body: str) -> None:
    assert asks(opened(body, "ADDRESS").context)


@pytest.mark.parametrize(("asks", "body"), UNSAID)
def test_unsaid(opened: Open, asks: Callable[[Context], bool], body: str) -> None:
    assert not asks(opened(body, "ADDRESS").context)


@pytest.mark.parametrize("asks", list(dict.fromkeys(asks for asks, _ in SAID)))
@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_is_said(opened: Open, asks: Callable[[Context], bool], body: str) -> None:
    assert not asks(opened(body, "ADDRESS").context)


@pytest.mark.parametrize(
    ("asks", "words", "said"),
    [
        (at_home_before, b"mijn prive-adres staat onder: ", True),
        (at_home_before, b"het woonadres is ", True),
        (at_home_before, b"het adres is ", False),
        (elsewhere, b"het pand op @ staat te koop", True),
        (elsewhere, b"de bezorging op @", True),
        (elsewhere, b"wij zitten op @", False),
        (at_home, b"ik ben thuis op ", True),
        (at_home, b"het adres van onze klant: ", True),
        (at_home, b"er is niemand thuis, dus naar ", False),
        (at_home, b"in plaats van thuis naar ", False),
        (at_home, b"naar mijn werk, ", False),
        (at_home, b"op kantoor, ", False),
        (at_home, b"niet meer naar mijn huisadres, maar naar mijn salon, ", False),
        *((asks, text, False) for asks in (at_home_before, elsewhere, at_home) for text in (b"", b"%" * 9000)),
        (at_home, b"niemand thuis " * 9000 + b"mijn ", True),
    ],
)
def test_words(asks: Callable[[bytes], bool], words: bytes, said: bool) -> None:
    assert asks(words) is said
