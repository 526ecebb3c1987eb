"""By which ground a datum is an organisation's, and where it is none's."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scrubber.policy.organisation import Organisations
from tests.unit.policy.conftest import FIRM, HOSTILE, LONG, SOMEBODY, Open

DESK = ("help@desk.example", "@desk.nl")
PLATE, PLACE, ACCOUNT, PHONE, MAIL, IP = (
    "LICENSE_PLATE",
    "ADDRESS",
    "IBAN_CODE",
    "PHONE_NUMBER",
    "EMAIL_ADDRESS",
    "IP_ADDRESS",
)
TEAROOM = {"name": "Theehuis Zuid B.V.", "email": "info@theehuiszuid.example"}
SIGNED = "\n\nGroet,\nHenk Dijkstra\nDijkstra Montage\n"
TOM = "[[PERSON|Tom Vos]]"
QUOTE = "Dank voor uw mail.\n\nOp 3 maart 2025 om 10:22 schreef Klantenservice <help@desk.example>:\n> "
HANDED_ON = (
    "Zie de mail hieronder.\n\n---------- Forwarded message ---------\nVan: Zon <a@zon.example>\nOnderwerp: x\n\n"
)


def _ground(opened: Open, body: str, kind: str, sender: Mapping[str, str]) -> str:
    found = opened(body, kind, sender)
    finding = found.context.finding
    organisations = Organisations(found.page, DESK, found.cues, found.firms, found.people)
    return organisations.ground(found.context, finding.entity_type, found.page.view.text[finding.start : finding.end])


@pytest.mark.parametrize(
    ("body", "ground"),
    [
        ("Mail naar [[EMAIL_ADDRESS|Help@desk.example]].", "desk"),
        ("Mail naar [[EMAIL_ADDRESS|jan@desk.nl]].", "desk"),
        ("Mail naar [[EMAIL_ADDRESS|jan@nodesk.nl]].", ""),
        ("Mail naar [[EMAIL_ADDRESS|info@zon.example]].", "role_mailbox"),
        ("Mail naar [[EMAIL_ADDRESS|ida@zon.example]].", ""),
        ("Mail naar [[EMAIL_ADDRESS|?]].", ""),
        ("Bel [[PHONE_NUMBER|0900-1234]].", "service_number"),
        ("Bel [[PHONE_NUMBER|+31 88 123 45 67]].", "service_number"),
        ("Bel [[PHONE_NUMBER|06-12345678]].", ""),
        ("Stuur naar [[ADDRESS|Postbus 12, 4500 AA Goes]].", "postbox"),
        ("Stuur naar [[ADDRESS|Busweg 12, 4500 AA Goes]].", ""),
        ("Stuur naar [[ADDRESS|Hotel De Zon, Kade 1]].", "trade"),
        ("Stuur naar [[ADDRESS|Hotel De Zon, kamer 4, Kade 1]].", ""),
        ("Ik woon op [[ADDRESS|Hotel De Zon, Kade 1]].", ""),
    ],
)
def test_what_the_value_itself_says(opened: Open, body: str, ground: str) -> None:
    assert _ground(opened, body, "", SOMEBODY) == ground


@pytest.mark.parametrize(
    ("body", "kind", "sender", "ground"),
    [
        # how one is reached
        ("Ik bel jullie nummer @.", PHONE, SOMEBODY, "desk"),
        (f"Vraag.{SIGNED}@", PHONE, FIRM, "handtekening"),
        (f"Vraag.{SIGNED}@", MAIL, FIRM, ""),
        ("Vraag.\n\nGroet,\nIda Berg\n@", PHONE, SOMEBODY, ""),
        ("Kapsalon Zon B.V.\nTel. @", PHONE, SOMEBODY, "legal_form"),
        (f"Kapsalon Zon B.V.\n{TOM}, tel. @", PHONE, SOMEBODY, ""),
        ("Kapsalon Zon B.V.\nMijn zus: @", PHONE, SOMEBODY, ""),
        ("Kapsalon Zon B.V.\nIP: @", IP, SOMEBODY, ""),
        # accounts
        ("Stort op @ t.n.v. Kapsalon Zon.", ACCOUNT, SOMEBODY, "trade"),
        (f"Stort op @ t.n.v. {TOM}.", ACCOUNT, TEAROOM, ""),
        ("<Nm>Vos Kozijnen BV</Nm><IBAN>@</IBAN>", ACCOUNT, SOMEBODY, "trade"),
        (f"<Nm>{TOM}</Nm><IBAN>@</IBAN>", ACCOUNT, TEAROOM, ""),
        ("Stort het op zijn rekening @.", ACCOUNT, TEAROOM, ""),
        ("Ik heb betaald op jullie rekening @.", ACCOUNT, SOMEBODY, "desk"),
        ("Onderaan hun nota stond vermeld: @", ACCOUNT, SOMEBODY, "trade"),
        ("De zakelijke rekening is @.", ACCOUNT, SOMEBODY, "organisation_account"),
        ("De zakelijke rekening is dicht, maar privé heb ik @.", ACCOUNT, SOMEBODY, ""),
        ("De fanfare int op @.", ACCOUNT, SOMEBODY, "organisation_account"),
        ("Overgemaakt naar @ Bakkerij Zon", ACCOUNT, SOMEBODY, ""),
        ("Onze bank is nu @.", ACCOUNT, FIRM, "ours"),
        ("Onze bank is nu @.", ACCOUNT, SOMEBODY, ""),
        ("Mijn gezin en ik: onze rekening is @.", ACCOUNT, SOMEBODY, ""),
        ("Stort op @.", ACCOUNT, TEAROOM, "afzender"),
        ("Stort op mijn eigen @.", ACCOUNT, TEAROOM, ""),
        (f"Stort het voor {TOM} op @.", ACCOUNT, TEAROOM, ""),
        ("Stort op @.", ACCOUNT, SOMEBODY, ""),
        ("Debiteur: Vos, 12, @", ACCOUNT, TEAROOM, ""),
        ("Vraag over Dijkstra Montage. Het nummer is @.", ACCOUNT, FIRM, "afzender"),
        ("Vraag over Dijkstra Montage. Z'n nummer is nu @.", ACCOUNT, FIRM, ""),
        # places
        ("Ons kantoor zit nu op @.", PLACE, SOMEBODY, "organisation_place"),
        ("Het ligt bij de bakkerij hiernaast (@).", PLACE, SOMEBODY, "trade"),
        ("DIJKSTRA MONTAGE\n@\n\nDe meter staat stil.", PLACE, FIRM, "letterhead"),
        ("Bezorg op @. Dat is de nieuwe locatie van De Eik.", PLACE, SOMEBODY, ""),
        ("Naast de school, @, staat water.", PLACE, SOMEBODY, ""),
        ("Ik woon boven de zaak, @.", PLACE, SOMEBODY, ""),
        ("Ons kantoor: @ (ook thuis)", PLACE, FIRM, ""),
        ("Wij renoveren op @.", PLACE, FIRM, ""),
        ("Onze huurster op @ heeft geen stroom.", PLACE, FIRM, ""),
        (f"Vraag.{SIGNED}@", PLACE, FIRM, "handtekening"),
        ("Vraag.\n\nGroet,\nHenk Dijkstra, planning\n@", PLACE, FIRM, "handtekening"),
        ("De stroom op de bouwplaats is weg: @.", PLACE, FIRM, "organisation_place"),
        ("De stroom in het bedrijfspand is weg. Kom naar @.", PLACE, FIRM, "premises"),
        ("De stroom in het bedrijfspand is weg. Mijn privéadres?\nDat is @.", PLACE, FIRM, ""),
        ("Ik ben op mijn werk, [[ADDRESS|Industrieweg 4]].", PLACE, SOMEBODY, "trade"),
        ("Kom langs op [[ADDRESS|Industrieweg 4]].", PLACE, FIRM, "business_park"),
        ("Kom langs op [[ADDRESS|Industrieweg 4]].", PLACE, SOMEBODY, ""),
        # vehicles
        ("Jullie bus, @, staat fout.", PLATE, SOMEBODY, "organisation_vehicle"),
        ("De bus van de bakkerij, @.", PLATE, SOMEBODY, "organisation_vehicle"),
        ("De klant kreeg een leenwagen: @.", PLATE, FIRM, ""),
        ("De bus is @.", PLATE, FIRM, ""),
        ("De bus is stuk, mijn eigen auto is @.", PLATE, FIRM, ""),
        (f"Vraag.{SIGNED}@", PLATE, FIRM, ""),
        ("De auto is @.", PLATE, SOMEBODY, ""),
        # quotes
        (QUOTE + "Betaal op @.", ACCOUNT, SOMEBODY, "quote 1"),
        (QUOTE + "Uw rekening @ klopt.", ACCOUNT, SOMEBODY, ""),
        (QUOTE + "Bel ons op @.", PHONE, SOMEBODY, "quote 1"),
        (QUOTE + "Wij bellen u op uw nummer @.", PHONE, SOMEBODY, ""),
        (HANDED_ON + "Wij incasseren van uw rekening @.", ACCOUNT, SOMEBODY, ""),
        (HANDED_ON + "Wij bellen op uw nummer @.", PHONE, SOMEBODY, ""),
        # no kind of thing that a firm has
        ("Kapsalon Zon B.V.: [[NL_BSN|123456782]]", "", TEAROOM, ""),
        (LONG + "de zakelijke rekening is @.", ACCOUNT, SOMEBODY, "organisation_account"),
    ],
)
def test_the_ground(opened: Open, body: str, kind: str, sender: Mapping[str, str], ground: str) -> None:
    assert _ground(opened, body, kind, sender) == ground


@pytest.mark.parametrize("kind", [PLATE, PLACE, ACCOUNT, PHONE, MAIL, IP, "BANK_ACCOUNT"])
@pytest.mark.parametrize("body", HOSTILE)
def test_no_ground(opened: Open, body: str, kind: str) -> None:
    assert _ground(opened, body, kind, SOMEBODY) == ""


def test_a_cheats_firm_is_none(opened: Open) -> None:
    body = (
        "{}\n\n---------- Forwarded message ---------\nVan: Zon <x@zon.example>\nOnderwerp: x\n\nDe clubrekening is @."
    )
    assert _ground(opened, body.format("Doorgestuurd."), ACCOUNT, SOMEBODY) == "organisation_account"
    assert _ground(opened, body.format("Is dit phishing?"), ACCOUNT, SOMEBODY) == ""
