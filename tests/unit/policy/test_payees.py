"""Accounts of a firm that is paid, or that collects."""

from __future__ import annotations

import pytest

from scrubber.policy.payees import billed, named_after, paid_to, printed
from tests.unit.policy.conftest import HOSTILE, LONG, Open


@pytest.mark.parametrize(
    ("body", "is_billed"),
    [
        ("Op de factuur van de loodgieter staat @.", True),
        ("Onderaan hun nota stond vermeld: @", True),
        ("Hun laatste acceptgiro met rekeningnummer, ik lees hier @.", True),
        ("Waar moet ik de boete betalen? In uw brief staat @.", True),
        ("Ik moet 40 euro overmaken. Op de website staat @.", True),
        (LONG + "op de aanmaning staat @.", True),
        ("Op de factuur staat dat het wordt afgeschreven van @.", False),
        ("Op de factuur staat nog mijn oude @.", False),
        ("In uw brief staat @.", False),
        ("De factuur is betaald van @.", False),
        ("Op de factuur staat een fout. Ik heb @.", False),
    ],
)
def test_on_a_bill(opened: Open, body: str, is_billed: bool) -> None:
    assert billed(opened(body).context) is is_billed


@pytest.mark.parametrize(
    ("body", "paid"),
    [
        ("Het mag naar de rekening van de uitvaartonderneming, Stille Wateren: @", True),
        ("Maak het over op de iban van de gemeente: @", True),
        ("De zangvereniging heeft nu @.", True),
        ("Geld voor onze eigen fanfare: @", True),
        ("Niet van de zangvereniging, maar van mij: @", False),
        ("De rekening van de penningmeester: @", False),
        ("De zangvereniging heeft mij gevraagd om @.", False),
        ("De rekening van mijn broer is @.", False),
        ("Ik heb @.", False),
    ],
)
def test_paid_to(opened: Open, body: str, paid: bool) -> None:
    assert paid_to(opened(body).context) is paid


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("02-11  AF  @  Stichting Vos  540,00", b"stichting vos"),
        ("02-11 | @ | Kapper Vos | 25,00", b"kapper vos"),
        ("Overgemaakt naar @ Bakkerij Zon, op 3 mei", b""),
        ("Overgemaakt naar @ op 3 mei", b""),
        ("Overgemaakt van @ Bakkerij Zon", b""),
        ("Mijn rekening | @ | Kapper Vos", b""),
        ("Stort op @ Bakkerij Zon", b""),
        ("Overgemaakt naar @\nBakkerij Zon", b""),
        ("Overgemaakt naar @, Bakkerij Zon", b""),
    ],
)
def test_the_name_behind_it(opened: Open, body: str, name: bytes) -> None:
    found = opened(body)
    assert named_after(found.page, found.context) == name


@pytest.mark.parametrize(
    ("body", "is_printed"),
    [
        ("Op onze facturen staat nog @.", True),
        ("Onderaan ons nieuwe briefpapier prijkt @.", True),
        ("In de webshop tonen wij @.", True),
        ("Bij de klant verschijnt als begunstigde nog @.", True),
        ("Op jullie factuur staat @.", False),
        ("Op onze facturen staat de rekening van mevrouw Vos: @", False),
        ("Op de factuur is afgeschreven van @.", False),
        ("Op onze facturen zit korting. Stort op @.", False),
        ("Onze facturen betalen wij van @.", False),
    ],
)
def test_printed(opened: Open, body: str, is_printed: bool) -> None:
    assert printed(opened(body).context) is is_printed


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_is_said(opened: Open, body: str) -> None:
    found = opened(body)
    context = found.context
    assert not any((billed(context), paid_to(context), printed(context)))
    assert named_after(found.page, context) == b""
