"""The signs of an organisation on a page: it is spoken of, writes, signs, holds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.policy.conftest import FIRM, HOSTILE, LONG, SOMEBODY, Open

NOBODY: Mapping[str, str] = {}
TEAROOM = {"name": "Theehuis Zuid B.V.", "email": "info@theehuiszuid.example"}
VOS = {"name": "Erik Vos", "email": "erik@drievossen.example"}
"""Somebody whose mail domain may be a firm's, or a household's of its own making."""
GARAGE = {"name": "Ton Rem", "email": "ton@rem-garage.example"}
LETS = {"name": "Ton Rem", "email": "ton@remverhuur.example"}


@pytest.mark.parametrize(
    ("sender", "one"),
    [
        (TEAROOM, True),
        ({"name": "", "email": "info@theehuiszuid.example"}, True),
        ({"name": "Rosa Winkel", "email": "rosa.winkel@post.example"}, False),
        ({"name": "Rosa Winkel", "email": "r.winkel@post.example"}, False),
        ({"name": "Winkel Rosa", "email": "winkel.rosa@post.example"}, True),
        ({"name": "Kees van der Kerk", "email": "k@gmail.example"}, False),
        ({"name": "Ida", "email": "info@gmail.example"}, False),
        (FIRM, False),
        (SOMEBODY, False),
        (NOBODY, False),
        ({"name": "\u0130" * 9000, "email": "@" * 9000}, False),
    ],
)
def test_the_sender_is_one(opened: Open, sender: Mapping[str, str], one: bool) -> None:
    assert opened("@", sender=sender).firms.sender_is_one is one


@pytest.mark.parametrize(
    ("body", "sender", "writes", "presents"),
    [
        ("Vraag.", TEAROOM, True, True),
        ("Vraag.", FIRM, True, False),
        ("Vraag over Dijkstra Montage.", FIRM, True, True),
        ("Vraag.\n\nGroet,\nHenk Dijkstra\nDijkstra Montage", FIRM, True, True),
        ("Wij wachten op onze monteur.", FIRM, True, True),
        ("Ik wacht op onze monteur.", FIRM, True, False),
        ("Onze leerlingen wachten op de bus.", SOMEBODY, True, True),
        ("Ik wacht op onze leerlingen.", SOMEBODY, True, False),
        ("Vraag.\n\nGroet,\nIda Berg\nKapsalon Zon", SOMEBODY, True, True),
        ("Vraag.\n\nGroet,\nIda Berg\npenningmeester", SOMEBODY, True, False),
        ("Vraag.\n\nGroet,\nIda Berg\nwww.zon.example", SOMEBODY, True, True),
        ("Vraag.\n\nGroet,\nErik Vos\nDrie Vossen", VOS, True, True),
        ("Wij, de Drie Vossen, hebben een vraag.", VOS, True, True),
        ("Vraag.", VOS, False, False),
        ("Ik wacht op de monteur van de kapsalon.", SOMEBODY, False, False),
        ("Vraag.\n\nGroet,\nIda Berg\nGoes", SOMEBODY, False, False),
        ("Vraag.", NOBODY, False, False),
    ],
)
def test_writes_for_one(opened: Open, body: str, sender: Mapping[str, str], writes: bool, presents: bool) -> None:
    firms = opened(body + "\n\n@" if "Groet" not in body else "@ " + body, sender=sender).firms
    assert (firms.sender_writes_for_one, firms.presents_one) == (writes, presents)


@pytest.mark.parametrize(
    ("sender", "domain", "by_domain"),
    [
        (FIRM, b"dijkstramontage", True),
        (VOS, b"drievossen", False),
        ({"name": "Erik Vos", "email": "erik@vosklompen.example"}, b"vosklompen", True),
        ({"name": "Erik Vos", "email": "erik@familievos.example"}, b"", False),
        (SOMEBODY, b"", False),
        (NOBODY, b"", False),
    ],
)
def test_the_mail_domain(opened: Open, sender: Mapping[str, str], domain: bytes, by_domain: bool) -> None:
    firms = opened("@", sender=sender).firms
    assert (firms.domain, firms.by_domain) == (domain, by_domain)


def test_a_town_within_an_address_names_no_firm(opened: Open) -> None:
    sender = {"name": "Hans Dop", "email": "hans@montagezuidplas.example"}
    assert not opened("Naar [[ADDRESS|Montage Zuidplas 3]].", sender=sender).firms.named
    assert opened("Naar Montage Zuidplas, [[ADDRESS|Kade 3]].", sender=sender).firms.named


def test_text_without_its_addresses(opened: Open) -> None:
    firms = opened("Van [[ADDRESS|Kade 3]] naar [[ADDRESS|Dijk 4]] toe.").firms
    assert firms.unplaced(0, 100) == b"van  naar  toe."
    assert firms.unplaced(6, 17) == b" naar "
    assert firms.unplaced(0, 0) == b""


@pytest.mark.parametrize(
    ("sign", "body", "sender", "answer"),
    [
        ("speaks_as_one", "Wij wachten.", NOBODY, True),
        ("speaks_as_one", "Wij wachten op mijn zoon.", NOBODY, False),
        ("household", "Mijn vrouw wacht.", FIRM, True),
        ("household", "Wij wonen hier sinds mei.", FIRM, True),
        ("household", "Mijn vrouw wacht.\n\nGroet,\nHenk\nDijkstra Montage", FIRM, False),
        ("household", "Mijn baas wacht.", FIRM, False),
        ("premises", "De stroom op de bouwplaats is weg.", FIRM, True),
        ("premises", "De stroom op de bouwplaats is weg.", SOMEBODY, False),
        ("premises", "De stroom is weg.", FIRM, False),
        ("fleet", "De tachograaf is stuk.", NOBODY, True),
        ("fleet", "De auto is stuk.", NOBODY, False),
        ("tends_vehicles", "Vraag.", GARAGE, True),
        ("tends_vehicles", "Vraag.", FIRM, False),
        ("tends_vehicles", "Ik sta bij de garage.", SOMEBODY, False),
        ("drives", "Onze witte bus staat hier.", NOBODY, True),
        ("drives", "Onze buurt wacht op de bus.", NOBODY, False),
        ("fraud", "Het lijkt een nepmail.", NOBODY, True),
        ("fraud", "Is dit echt van jullie?", NOBODY, True),
        ("fraud", "Mijn echtgenoot is van adel.", NOBODY, False),
        ("fraud", "Wij zijn op reis in Nepal.", NOBODY, False),
        ("fraud", "De politie zegt nep-facturen.", NOBODY, True),
        ("in_own_words", "Wij zijn Vos B.V. en wachten.", NOBODY, True),
        ("in_own_words", "Ik kreeg een brief.\nIncassant: Vos B.V.", NOBODY, False),
        ("in_own_words", "Beste Vos B.V., waar blijft u?", NOBODY, False),
        ("holds_any", "De rekening t.n.v. Kapsalon Zon.", NOBODY, True),
        ("holds_any", "De rekening t.n.v. Ida Berg.", NOBODY, False),
        ("staffed", "Mijn collega belt u.", NOBODY, True),
        ("staffed", "Mijn zus belt u.", NOBODY, False),
    ],
)
def test_signs(opened: Open, sign: str, body: str, sender: Mapping[str, str], answer: bool) -> None:
    assert getattr(opened("@ " + body, sender=sender).firms, sign) is answer


@pytest.mark.parametrize(
    ("line", "sender", "heads"),
    [
        (b"dijkstra montage", FIRM, True),
        (b"d i j k s t r a montage | goes", FIRM, True),
        (b"kapsalon zon", FIRM, True),
        (b"henk dijkstra", FIRM, False),
        (b"", FIRM, False),
        (b"%" * 9000, FIRM, False),
        (b"kapsalon zon", SOMEBODY, False),
    ],
)
def test_heads_a_letter(opened: Open, line: bytes, sender: Mapping[str, str], heads: bool) -> None:
    assert opened("@", sender=sender).firms.heads(line) is heads


@pytest.mark.parametrize(
    ("name", "firms"),
    [("Kapsalon Zon", True), ("Dijkstra Montage", True), ("Kees van der Kerk", False), ("Ida", False)],
)
def test_a_firm_taken_for_a_person(opened: Open, name: str, firms: bool) -> None:
    found = opened(f"Namens [[PERSON|{name}]]: @", sender=FIRM)
    person = found.contexts[0].finding
    assert found.firms.is_name(person.start, person.end) is firms
    assert found.firms.is_called(name.lower().encode()) is (firms and name != "Dijkstra Montage")


@pytest.mark.parametrize(
    ("signature", "sender", "alone", "signs"),
    [
        ("Henk\nDijkstra Montage", FIRM, True, True),
        ("Ida Berg\nKapsalon Zon", SOMEBODY, False, True),
        ("Ida Berg\nKvK 12345678", SOMEBODY, False, True),
        ("Ida Berg\nfysiotherapeut", SOMEBODY, False, True),
        ("Ida Berg\nBerg Klokken", SOMEBODY, False, True),
        ("Ida Berg\nBerg bedankt", SOMEBODY, False, False),
        ("Ida Berg-Klokken", SOMEBODY, False, False),
        ("Erik\nDrievossen", VOS, True, True),
        ("Erik\nDrievossen", VOS, False, False),
        ("Erik\nerik@drievossen.example", VOS, True, False),
        ("Ida Berg\n[[ADDRESS|Bosweg 8, 5741 SV Donk]]", SOMEBODY, True, False),
        ("Ida Berg", SOMEBODY, True, False),
        ("", SOMEBODY, True, False),
        (LONG, SOMEBODY, True, False),
    ],
)
def test_a_signature(opened: Open, signature: str, sender: Mapping[str, str], alone: bool, signs: bool) -> None:
    found = opened("@\n" + signature, sender=sender)
    start = found.page.folded.index(b"\n")
    assert found.firms.signs(start, len(found.page.folded), alone=alone) is signs


@pytest.mark.parametrize("body", HOSTILE)
def test_no_firm_is_seen(opened: Open, body: str) -> None:
    firms = opened(body, sender=SOMEBODY).firms
    assert not any((firms.sender_writes_for_one, firms.presents_one, firms.named, firms.premises, firms.fleet))
    assert not any((firms.drives, firms.fraud, firms.in_own_words, firms.holds_any, firms.staffed))
