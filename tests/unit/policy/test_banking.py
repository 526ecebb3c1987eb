"""Whose an account is by the words around it."""

from __future__ import annotations

import pytest

from scrubber.policy.banking import debited, firm_banks, firms_account, holder_in_xml, ones_account, our_account
from tests.unit.policy.conftest import HOSTILE, LONG, Open


@pytest.mark.parametrize(
    ("body", "firms"),
    [
        ("De incasso ging naar de bakkerij (@) en niet naar ons.", True),
        ("Het geld ging vanaf de toko: @", True),
        ("Maak het over naar de rekening van het koor: @", True),
        ("De manege, die gaf @ op.", True),
        ("Betaal op de derdengeldenrekening @.", True),
        ("Storten mag op @, dat is de rekening van de voetbalclub.", True),
        ("Het ging naar @ (van de apotheek).", True),
        ("Overgemaakt naar @, schildersbedrijf in Goes.", True),
        ("Af op 3 mei, naar: @", True),
        ("Ik stond bij de bakkerij en toen bleek @ geblokkeerd.", False),
        ("Mijn spaarrekening is @.", False),
        ("De bakkerij betaalt mij op @ uit.", False),
        ("Overgemaakt naar @, schilder van beroep.", False),
        ("Het ging naar @ van mijn zus.", False),
        (LONG + "naar de kapper: @", True),
    ],
)
def test_the_words_say_of_which_firm(opened: Open, body: str, firms: bool) -> None:
    assert firms_account(opened(body).context) is firms


@pytest.mark.parametrize(
    ("body", "banks"),
    [
        ("De fanfare incasseert op @.", True),
        ("Ons koor heeft een nieuwe bank, namelijk @.", True),
        ("De contributie gaat naar de jeugdkas: @", True),
        ("Op de iban van de kringloop, @, staat niets.", True),
        ("Ik gaf @ door. Maar dat is die van de gemeente.", True),
        ("Ik gaf @ (van de tandarts) door.", True),
        ("Ik gaf @ door. Dat is de rekening van de hovenier.", True),
        ("De fanfare heeft mijn rekening als @ genoteerd.", False),
        ("De fanfare repeteert dinsdag. Mijn rekening is @.", False),
        ("Ik gaf @ door. Dat is de rekening van de buurman.", False),
        ("Ik gaf @ door. De gemeente belt nog.", False),
        ("Het geld van de taart ging naar @.", False),
    ],
)
def test_a_firm_is_said_to_bank_there(opened: Open, body: str, banks: bool) -> None:
    found = opened(body)
    assert firm_banks(found.page, found.context) is banks


@pytest.mark.parametrize(
    ("body", "ours"),
    [
        ("Onze rekening bij de bank is @.", True),
        ("Ons nieuwe banknummer: @", True),
        ("Onze rekening staat leeg, dus graag op mijn rekening @.", False),
        ("Onze hond is ziek: @", False),
        ("Onze rekening is gesloten. Het wordt @.", False),
        ("Jullie rekening is @.", False),
    ],
)
def test_ours(opened: Open, body: str, ours: bool) -> None:
    assert our_account(opened(body).context) is ours


@pytest.mark.parametrize(
    ("body", "ones"),
    [
        ("Stort het op zijn rekening @.", True),
        ("Het moet naar haar oude spaarrekening, @.", True),
        ("Diens giro is @.", True),
        (":86:/IBAN/@/NAME/[[PERSON|B. Vos]]/REMI/huur", True),
        (":86:/IBAN/@/NAME/Stichting Vos/REMI/huur", False),
        ("Zijn er nog vragen over rekening @?", False),
        ("Zijn rekening was leeg en nu is het @.", False),
    ],
)
def test_one_persons(opened: Open, body: str, ones: bool) -> None:
    assert ones_account(opened(body).context) is ones


@pytest.mark.parametrize(
    ("body", "holder"),
    [
        ("<Cdtr><Nm>Vos Kozijnen BV</Nm></Cdtr><CdtrAcct><Id><IBAN>@</IBAN>", b"vos kozijnen bv"),
        ("<Nm>Jan</Nm>\n<Nm>Vos Kozijnen BV</Nm>\n<cbc:ID>@</cbc:ID>", b"vos kozijnen bv"),
        ("<Nm>[[PERSON|O. Kaya]]</Nm><IBAN>@</IBAN>", b"%%%%%%%"),
        ("<Nm>Vos Kozijnen BV</Nm><Ref>@</Ref>", b""),
        ("<Nm>Vos Kozijnen BV</Nm> IBAN @", b""),
        ("<IBAN>@</IBAN><Nm>Vos Kozijnen BV</Nm>", b""),
        ("<Nm>" + "vos" * 100 + "</Nm><IBAN>@</IBAN>", b""),
        ("<Nm></Nm><IBAN>@</IBAN>", b""),
    ],
)
def test_the_holder_in_markup(opened: Open, body: str, holder: bytes) -> None:
    found = opened(body)
    assert holder_in_xml(found.page, found.context) == holder


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        (b"er is geincasseerd van @", True),
        (b"per domiciliering via @", True),
        (b"ik betaalde van @", False),
        (b"leg het neer", False),
        (b"", False),
        (b"%" * 5000, False),
    ],
)
def test_debited(clause: bytes, said: bool) -> None:
    assert debited(clause) is said


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_is_said(opened: Open, body: str) -> None:
    found = opened(body)
    page, context = found.page, found.context
    assert not any((firms_account(context), firm_banks(page, context), our_account(context), ones_account(context)))
    assert holder_in_xml(page, context) == b""
