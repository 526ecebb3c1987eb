"""The persons whom a page names: who each is, and who is the last one named before a datum."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scrubber.policy.named import REACH
from tests.unit.policy.conftest import FIRM, LONG, SOMEBODY, Open

IDA = "[[PERSON|Ida Berg]]"
TOM = "[[PERSON|Tom Vos]]"
NOBODY: Mapping[str, str] = {}


@pytest.mark.parametrize(
    ("body", "sender", "subject"),
    [
        (f"Ik, {IDA}, vraag iets.", SOMEBODY, ("sender", "afzender")),
        ("Ik, [[PERSON|I. Berg]], vraag iets.", SOMEBODY, ("sender", "afzender")),
        ("De kaart van [[PERSON|Berg]].", SOMEBODY, ("sender", "afzender")),
        ("De kaart van [[PERSON|IDA]].", SOMEBODY, ("sender", "afzender")),
        ("De kaart van [[PERSON|T. Berg]].", SOMEBODY, ("third_party", "naam")),
        ("De kaart van [[PERSON|Tom Berg]].", SOMEBODY, ("third_party", "naam")),
        ("De kaart van [[PERSON|Idá Bérg-Vos]].", SOMEBODY, ("sender", "afzender")),
        (f"De kaart van {TOM}.", SOMEBODY, ("third_party", "naam")),
        ("Vraag.\n\nGroet,\n[[PERSON|Tom Vos]]", SOMEBODY, ("sender", "handtekening")),
        (f"Ik ben {TOM}.", NOBODY, ("sender", "i_am")),
        (f"Mijn buurman {TOM}.", NOBODY, ("third_party", "relation")),
        (f"Beste {TOM}, een vraag.", NOBODY, ("third_party", "relation")),
        (f"De kaart van {TOM}.", NOBODY, ("unknown", "")),
        ("De kaart van [[PERSON|???]].", SOMEBODY, ("third_party", "naam")),
        (f"{LONG}{TOM}", NOBODY, ("unknown", "")),
    ],
)
def test_who_it_is(opened: Open, body: str, sender: Mapping[str, str], subject: tuple[str, str]) -> None:
    found = opened(body, sender=sender)
    assert found.people.subject(found.context) == subject


@pytest.mark.parametrize(
    ("body", "sender", "subject"),
    [
        (f"De kaart van {TOM}, @.", SOMEBODY, ("third_party", "naam")),
        (f"{TOM} is mijn oom. Ik heet {IDA}, @.", SOMEBODY, ("sender", "afzender")),
        (f"{IDA} hier. De kaart van {TOM}: @", SOMEBODY, ("third_party", "naam")),
        (f"Beste {TOM},\nMijn kaart: @", SOMEBODY, None),
        ("De kaart van [[PERSON|Kapsalon Zon]]: @", SOMEBODY, None),
        ("De kaart van [[PERSON|Dijkstra Montage]]: @", FIRM, None),
        (f"@ is van {TOM}.", SOMEBODY, None),
        (f"{TOM} belt.\n\nMijn kaart is @.", SOMEBODY, None),
        (f"{TOM} belt.\n \nMijn kaart is @.", SOMEBODY, None),
        (f"Naam: {TOM}\n\nKaart: @", SOMEBODY, ("third_party", "naam")),
        (f"Naam: {IDA}\nOuder: {TOM}\nA: 1\nB: 2\nC: 3\nKaart: @", SOMEBODY, ("sender", "afzender")),
        (f"Naam: {IDA}\nOuder: {TOM}\nA: 1\nKaart: @", SOMEBODY, ("third_party", "naam")),
        (f"{TOM}{'-' * (REACH - 1)}@", SOMEBODY, ("third_party", "naam")),
        (f"{TOM}{'-' * (REACH + 1)}@", SOMEBODY, None),
        (f"{TOM}{LONG}@", SOMEBODY, None),
        (TOM * 3000 + " @", SOMEBODY, ("third_party", "naam")),
        ("@", SOMEBODY, None),
    ],
)
def test_who_is_nearest(opened: Open, body: str, sender: Mapping[str, str], subject: tuple[str, str] | None) -> None:
    found = opened(body, sender=sender)
    assert found.people.nearest(found.context) == subject


def test_the_last_before(opened: Open) -> None:
    found = opened(f"Beste [[PERSON|Bo]], {IDA} en {TOM} en @", sender=SOMEBODY)
    _, ida, tom, datum = (context.finding.start for context in found.contexts)
    assert [last and last.start for last in map(found.people.last_before, (datum, tom, ida, 0))] == [
        tom,
        ida,
        None,
        None,
    ]
