"""Whose a vehicle, a place, an account is by the words right at it: a firm's, or a person's in business-like words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scrubber.finding import Decision

Decide = Callable[..., tuple[Decision, ...]]
PLATE, PLACE, ACCOUNT = (
    "[[LICENSE_PLATE|VX-123-Z]]",
    "[[ADDRESS|Kade 3, 4511 CD Breskens]]",
    "[[IBAN_CODE|NL91ABNA0417164300]]",
)
ONE = {"name": "Henk Dijkstra", "email": "henk@dijkstramontage.example"}
"""Somebody who writes from a firm's mail domain."""
DEALER = {"name": "Ton Rem", "email": "ton@rem-autobedrijf.example"}
SOMEBODY = {"name": "Ida Berg", "email": "ida@gmail.example"}


def _organisations(decide: Decide, body: str, sender: dict[str, str]) -> list[bool]:
    kinds = {"LICENSE_PLATE", "ADDRESS", "IBAN_CODE"}
    found = [d for d in decide(body, sender=sender) if d.finding.entity_type in kinds]
    return [d.assessment.data_subject == "organisation" for d in found]


@pytest.mark.parametrize(
    ("body", "sender"),
    [
        # vehicles
        (f"De bus van de bakkerij staat fout geparkeerd. Kenteken {PLATE}.", SOMEBODY),
        (f"Ik kreeg een leaseauto van mijn werkgever. Graag {PLATE} op de vergunning zetten.", SOMEBODY),
        (f"Er reed een Ducato met opschrift Kramer Schilders, {PLATE}, door rood.", SOMEBODY),
        (f"Een van de bussen start niet. Het is de {PLATE}.", ONE),
        (f"{PLATE} - onze leenauto", ONE),
        (f"Onze bus is {PLATE} en die staat op de stoep.", ONE),
        (f"De dienstauto met kenteken {PLATE} start niet.", ONE),
        (f"De vuilniswagen met kenteken {PLATE} heeft mijn hek geraakt.", SOMEBODY),
        (f"Een koerier van DHL reed met {PLATE} over de stoep.", SOMEBODY),
        # places
        (f"Ons kantoor verhuist, stuur de post voortaan naar {PLACE}.", ONE),
        (f"Mijn huisadres kent u, de zaak ({PLACE}) verhuist.", SOMEBODY),
        (f"Het pakket lag bij het uitzendbureau ({PLACE}).", SOMEBODY),
        (f"De monteur kan terecht op ons terrein, {PLACE}.", ONE),
        (f"Wij krijgen een tweede hal aan de {PLACE}.", ONE),
        # accounts
        (f"Ik gaf eerst {ACCOUNT} op. Dat is de rekening van de tennisclub.", SOMEBODY),
        (f"<cac:PayeeFinancialAccount><cbc:ID>{ACCOUNT}</cbc:ID>", ONE),
        (f"Ik moest het overmaken naar {ACCOUNT} van de verhuurmakelaar.", SOMEBODY),
        (f"Onze bank is een andere, het is nu {ACCOUNT}.", ONE),
        (f"De harmonie int op {ACCOUNT}.", SOMEBODY),
        (f"De winkel heeft een andere bank: {ACCOUNT}", SOMEBODY),
        (f"Het mag op de lopende van de manege: {ACCOUNT}.", SOMEBODY),
        (f"De bijdrage gaat naar de clubkas, {ACCOUNT}.", SOMEBODY),
        (f"Onze rekening bij de oude bank vervalt, dus graag naar de nieuwe: {ACCOUNT}. Vraag hem maar.", ONE),
        (f"Op jullie aanmaning 2026/14 staat {ACCOUNT}.", SOMEBODY),
        (f"Het ging naar {ACCOUNT}, dat nummer stond op de vorige factuur van jullie.", SOMEBODY),
        (f"Er staat nog een oud nummer op onze factuur ({ACCOUNT}).", SOMEBODY),
        # accounts on a bill, in a row, of somebody paid
        (f"Op de nota van het lab staat {ACCOUNT}, klopt dat?", SOMEBODY),
        (f"Hier hun nummer zoals het op de factuur vermeld staat: {ACCOUNT}", SOMEBODY),
        (f"Waarheen moet ik betalen? Op uw brief staat {ACCOUNT}.", SOMEBODY),
        (f"Het mag naar de rekening van de uitvaartonderneming, Stille Wateren: {ACCOUNT}", SOMEBODY),
        (f"De zangvereniging heeft {ACCOUNT}.", SOMEBODY),
        (f"02-11  AF  {ACCOUNT}  Stichting Wonen  540,00", SOMEBODY),
        (f"Op onze offertes staat nog {ACCOUNT}.", ONE),
        (f"Nieuw: NL12.\nTnv: Rijschool Dijkstra\n\nDie van de oude bank ({ACCOUNT}) vervalt.", ONE),
        # places by what stands behind them, and on a letter's head
        (f"Stukken graag aan ondergetekende, {PLACE}.\n\nHoogachtend,\nH. Dijkstra\nDijkstra Montage", ONE),
        (f"DIJKSTRA MONTAGE\n{PLACE}\n\nGeachte heer,\n\nOnze meter staat stil.", ONE),
        (f"Doorgestuurd.\n\nGroet,\nHenk Dijkstra, planning\n{PLACE}", ONE),
        (f"<Dbtr><Nm>Kramer Kozijnen BV</Nm></Dbtr>\n<DbtrAcct><IBAN>{ACCOUNT}</IBAN></DbtrAcct>", ONE),
    ],
)
def test_of_an_organisation(decide: Decide, body: str, sender: dict[str, str]) -> None:
    assert _organisations(decide, body, sender) == [True]


@pytest.mark.parametrize(
    ("body", "sender"),
    [
        # vehicles
        (f"De bus van de zaak is stuk, dus nu neem ik mijn eigen auto, {PLATE}.", SOMEBODY),
        (f"Mijn vrouw heeft een busje, {PLATE}.", SOMEBODY),
        (f"Er kwam een witte bus voorbij, {PLATE}.", ONE),
        (f"De zzp'er komt met een Vito met {PLATE}.", ONE),
        (f"De klant kwam met de aanhanger {PLATE}.", ONE),
        (f"De tegenpartij reed in een bestelbus, {PLATE}.", ONE),
        (f"Mijn bestelling X1, auto {PLATE}.", SOMEBODY),
        (f"Ik sta morgen met de bakwagen voor de deur, kenteken {PLATE}.", ONE),
        (f"Nieuw: {PLATE}, Mercedes Sprinter.", ONE),
        # places
        (f"De winkel leverde aan {PLACE} toen ik weg was.", SOMEBODY),
        (f"De school moet weten dat wij nu op {PLACE} wonen.", SOMEBODY),
        (f"Ik wacht op de monteur van het bedrijf, {PLACE}.", SOMEBODY),
        (f"Ik woon boven de zaak, {PLACE}.", SOMEBODY),
        (f"Naast de school, {PLACE}, ligt een gat in de stoep.", SOMEBODY),
        (f"Niet naar mijn werk, want daar ben ik niet, maar naar {PLACE}.", SOMEBODY),
        (f"De bezwaren gaan over mijn boerderij ({PLACE}).", SOMEBODY),
        (f"Wij renoveren nu op {PLACE}.", ONE),
        (f"Wij monteren een laadpaal bij de familie op {PLACE}.", ONE),
        (f"Onze huurster op {PLACE} heeft geen stroom.", ONE),
        (f"De winkel is dicht, dus naar mijn privéadres, want de zaak is weg: {PLACE}", ONE),
        (f"Wij verhuizen naar {PLACE}, mijn vrouw en kinderen ook.", ONE),
        (f"De huurder is vertrokken. Zijn nieuwe adres: {PLACE}", ONE),
        (f"Die staan leeg, maar de nieuwe huurder komt op {PLACE}.", ONE),
        # accounts
        (f"De school betaalt mij op mijn eigen nummer {ACCOUNT}.", SOMEBODY),
        (f"De incasso liep van haar rekening, {ACCOUNT}, bij de uitvaart stopgezet.", ONE),
        (f"Onze rekening is {ACCOUNT}.", SOMEBODY),
        (f"Ik gaf {ACCOUNT} op. Dat is de rekening van mijn vader.", SOMEBODY),
        (f"Onze rekening is leeg, maak het over op mijn spaarrekening {ACCOUNT}.", ONE),
        (f"<Cdtr><Nm>[[PERSON|O. Kaya]]</Nm></Cdtr>\n<CdtrAcct><IBAN>{ACCOUNT}</IBAN></CdtrAcct>", ONE),
        # vehicles that are hired, lent, driven for work: whose they are is not said, so they go
        (f"Onze klant kreeg vanochtend een leenwagen mee: een Polo, {PLATE}.", ONE),
        (f"De leasemaatschappij heeft hem geruild. Het is nu {PLATE}.", SOMEBODY),
        (f"Een bus, gehuurd bij de bouwmarkt, staat morgen voor uw deur: {PLATE}", SOMEBODY),
        (f"De chef neemt niet op. Ik zoek het groene boekje van de oplegger {PLATE}. De firma is Mulder.", SOMEBODY),
        (f"Mijn dochter komt, met de bestelwagen {PLATE}.\n\nGroet,\nHenk\nDijkstra Montage", ONE),
        (f"De bus zelf is {PLATE}, de rest weet ik niet.", ONE),
        # vehicles that are nobody's but the driver's
        (f"Ik heb sinds mei een leaseauto. Op de vergunning moet {PLATE} komen.", SOMEBODY),
        (f"De huurauto is terug, mijn eigen auto is {PLATE}.", SOMEBODY),
        (f"Ik rijd in de leenauto van mijn zwager, {PLATE}.", SOMEBODY),
        (f"Uw monteur stond naast de bus van mijn buurman, {PLATE}.", SOMEBODY),
        (f"De klant wil zijn eigen auto ({PLATE}) in de occasions zetten.", DEALER),
        # accounts of who pays
        (f"Overgemaakt naar {ACCOUNT} Bakkerij Zon op 3 mei.", SOMEBODY),
        (f"Kan de doos naar {PLACE}? Is de nieuwe locatie van De Eik.", SOMEBODY),
        (f"Op de factuur staat dat het wordt afgeschreven van {ACCOUNT}.", SOMEBODY),
        (f"Op uw nota staat nog mijn oude nummer {ACCOUNT}.", SOMEBODY),
        (f"In uw brief staat dat u mijn geld stort op {ACCOUNT}.", SOMEBODY),
        (f"Niet van de zangvereniging, maar van mij: {ACCOUNT}", SOMEBODY),
        (f"02-11  AF  van {ACCOUNT}  Bakkerij Zon  5,00", SOMEBODY),
        (f"Stort het op de beheerrekening {ACCOUNT} t.n.v. Kok Bewind inz. R. Bos.", SOMEBODY),
        # homes
        (f"Kan de doos naar {PLACE}? Is de school vandaag open?", SOMEBODY),
        (f"Graag naar het afhaalpunt ipv {PLACE}.", SOMEBODY),
        (f"Het pakket lag bij het servicepunt om de hoek van {PLACE}.", SOMEBODY),
        (f"Sinds de installatie van de laadpaal aan onze gevel ({PLACE}) bromt de radio.", SOMEBODY),
        (f":86:/IBAN/{ACCOUNT}/NAME/[[PERSON|H J VAN DORP]]/REMI/HUUR", ONE),
    ],
)
def test_of_a_person(decide: Decide, body: str, sender: dict[str, str]) -> None:
    assert _organisations(decide, body, sender) == [False]


def test_an_address_that_is_also_a_home_signs_for_nobody(decide: Decide) -> None:
    body = f"Vraag.\n\nGroet,\nHenk Dijkstra\nDijkstra Montage\n{PLACE}"
    assert _organisations(decide, body, ONE) == [True]
    assert _organisations(decide, body + " (tevens woonadres)", ONE) == [False]
    assert _organisations(decide, body + "\n(bezoek op afspraak)", ONE) == [True]


def test_the_letters_of_a_postcode_are_no_club(decide: Decide) -> None:
    body = "Vraag.\n\nGroet,\nIda Berg\n[[ADDRESS|Bosweg 8, 5741 SV Donk]]"
    assert _organisations(decide, body, SOMEBODY) == [False]


def test_a_firm_named_in_the_message_signs_with_its_address(decide: Decide) -> None:
    signed = f"\n\nHoogachtend,\nmr. H. Dijkstra\n{PLACE}"
    assert _organisations(decide, "De kosten mogen naar Dijkstra Montage." + signed, ONE) == [True]
    assert _organisations(decide, "De kosten mogen naar mij." + signed, ONE) == [False]


def test_a_surname_that_is_a_firms_word(decide: Decide) -> None:
    body = f"Gisteren aangereden. auto {PLATE}"
    assert _organisations(decide, body, {"name": "Rosa Winkel", "email": "rosa.winkel@post.example"}) == [False]
    assert _organisations(decide, body, {"name": "Rosa Winkel", "email": "r.winkel@post.example"}) == [False]
    assert _organisations(decide, body, {"name": "Fietsenwinkel Rosa", "email": "rosa@post.example"}) == [True]


def test_the_town_of_an_address_is_not_the_senders_firm(decide: Decide) -> None:
    sender = {"name": "Hans Dop", "email": "h.dop@zandvoort.example"}
    body = "Schrijf haar in op [[ADDRESS|Duin 2, 2041 AB Zandvoort]] in plaats van op de [[ADDRESS|Vesperstraat 3]]."
    assert _organisations(decide, body, sender) == [False, False]


def test_the_vans_that_a_garage_writes_about_are_its_clients(decide: Decide) -> None:
    garage = {"name": "Henk Dijkstra", "email": "henk@garagedijkstra.example"}
    body = f"Ik krijg er een niet ingevoerd: een van de bussen, met kenteken {PLATE}."
    assert _organisations(decide, body, garage) == [False]
    assert _organisations(decide, body, ONE) == [True]
    assert _organisations(decide, f"{PLATE} - onze leenauto", garage) == [True]


def test_what_a_quoted_customer_calls_mine_is_no_desks(decide: Decide) -> None:
    body = f"Zijn mail staat hieronder.\n\n> Van: Marc Hout <m@hout.example>\n> Wis mijn rekeningnummer {ACCOUNT}."
    assert _organisations(decide, body, ONE) == [False]


def test_a_hotel_within_the_address(decide: Decide) -> None:
    body = "Stuur het naar [[ADDRESS|{}Kade 3, 4511 CD Breskens]]."
    assert _organisations(decide, body.format("Hotel De Zon, "), SOMEBODY) == [True]
    assert _organisations(decide, body.format("Zorgcentrum De Zon, kamer 12, "), SOMEBODY) == [False]
