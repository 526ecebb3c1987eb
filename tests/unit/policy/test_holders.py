"""Which firm a datum is of by the name beside it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scrubber.policy.holders import Holders
from scrubber.policy.wording import line_of
from tests.unit.policy.conftest import FIRM, HOSTILE, LONG, SOMEBODY, Open, Opened

NOBODY: Mapping[str, str] = {}


def _holders(found: Opened) -> Holders:
    return Holders(found.page, found.cues, found.firms)


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        ("Stort op @ t.n.v. Kapsalon Zon.", True),
        ("Stort op @ t.n.v. [[PERSON|Kapsalon Zon]].", True),
        ("Stort op @\nt.n.v. Kapsalon Zon", True),
        ("IBAN: @\n- Tenaamstelling: Dijkstra Montage", True),
        ("Rekeninghouder Kapsalon Zon, @", True),
        ("Stort op @ (Dijkstra Montage).", True),
        ("Stort op @ Dijkstra Montage", True),
        ("Stort op @ t.n.v. Ida Berg.", False),
        ("Stort op @ t.n.v. Kok Bewindvoering inz. R. Bos.", False),
        ("Stort op @ t.n.v. Kees van der Kerk.", False),
        ("Stort op @\nDe kast is t.n.v. Kapsalon Zon", False),
        ("Kapsalon Zon is dicht. Stort op @.", False),
        (f"Stort op @ t.n.v. {LONG}", False),
    ],
)
def test_the_holder(opened: Open, body: str, holds: bool) -> None:
    found = opened(body, sender=FIRM)
    assert _holders(found).holds(found.context) is holds


@pytest.mark.parametrize(
    ("body", "has"),
    [
        ("Rekening praktijk: @", True),
        ("Het IBAN van de winkel is @.", True),
        ("Ik zoek de bankrekening van onze kerk. Dat is @.", True),
        ("Ik las de rekening van de buren. Dat is @.", False),
        ("Rekening Ida: @", False),
        ("De winkel heeft mijn rekening, @.", False),
        ("De rekening van de winkel klopt. Bel mij. Mijn nummer is @.", False),
    ],
)
def test_has_the_account(opened: Open, body: str, has: bool) -> None:
    found = opened(body)
    assert _holders(found).has_account(found.context) is has


@pytest.mark.parametrize(
    ("body", "firms"),
    [
        ("Kapsalon Zon; Goes; @", True),
        ("3 mei\tVos B.V.\t@", True),
        ("| Bakkerij Zon | @ |", True),
        ("Ida Berg; Goes; @", False),
        ("Kapsalon Zon; @", False),
        ("Kapsalon Zon;\nGoes; Ida; @", False),
        (";" * 9000 + "@", False),
    ],
)
def test_a_row(opened: Open, body: str, firms: bool) -> None:
    found = opened(body)
    assert _holders(found).in_row(found.context) is firms


@pytest.mark.parametrize(
    ("body", "kind", "firms"),
    [
        ("Stort op @ (bakkerij Zon)", "IBAN_CODE", True),
        ("Stort op @ / Vos B.V.", "IBAN_CODE", True),
        ("Kapsalon Zon, @", "IBAN_CODE", True),
        ("De gegevens: Vos Kozijnen, @", "IBAN_CODE", True),
        ("Ida Berg, @", "IBAN_CODE", False),
        ("Stort op @ (spaarpot)", "IBAN_CODE", False),
        ("Stort op @ t.n.v. garage Kok inz. R. Bos", "IBAN_CODE", False),
        ("Bakkerij Zon, @", "ADDRESS", True),
        ("Verkoper is Garage Kok, @", "ADDRESS", True),
        ("Ik lag bij de Zonneschool op @", "ADDRESS", True),
        ("Bakkerij Zon\nTel. 0118\n@", "ADDRESS", True),
        ("Dijkstra Montage, @", "ADDRESS", True),
        ("Ik woon bij de bakkerij, @", "ADDRESS", False),
        ("Sinds de installatie van de laadpaal, @", "ADDRESS", False),
        ("Ida Berg, @", "ADDRESS", False),
        ("Mijn huis, @", "ADDRESS", False),
        ("Ik ga naar de bakkerij.\nIk ben er niet.\n@", "ADDRESS", False),
    ],
)
def test_by_trade(opened: Open, body: str, kind: str, firms: bool) -> None:
    found = opened(body, kind, FIRM)
    assert _holders(found).by_trade(found.context, kind) is firms


@pytest.mark.parametrize(
    ("body", "kind", "sender", "firms"),
    [
        ("Vos Kozijnen B.V.\nDijk 1\n@", "ADDRESS", NOBODY, True),
        ("KvK 12345678, @", "IBAN_CODE", NOBODY, True),
        ("Ik ben Vos B.V. Stort op @.", "IBAN_CODE", NOBODY, True),
        ("Vos B.V. zit op [[ADDRESS|Dijk 1]]. Stort op @.", "IBAN_CODE", NOBODY, False),
        ("Vos B.V. zit op [[ADDRESS|Dijk 1]]. Stort op @.", "IBAN_CODE", FIRM, True),
        ("Ik heb iets gekocht bij Vos B.V. Stort op @.", "IBAN_CODE", NOBODY, False),
        ("Beste Vos B.V., stort op @.", "IBAN_CODE", NOBODY, False),
        ("Vos B.V.\nBel mij.\nMijn rekening is @.", "IBAN_CODE", NOBODY, False),
        ("Vos B.V.\nPaspoort: X1\n@", "ADDRESS", NOBODY, False),
        ("Vos B.V.\n\nIets anders.\n\nStort op @.", "IBAN_CODE", NOBODY, False),
        ("Zaak 7714-BV, stort op @.", "IBAN_CODE", NOBODY, False),
        ("Stort op @ t.n.v. Ida.", "IBAN_CODE", NOBODY, False),
    ],
)
def test_by_legal_form(opened: Open, body: str, kind: str, sender: Mapping[str, str], firms: bool) -> None:
    found = opened(body, kind, sender)
    assert _holders(found).by_legal_form(found.context, line_of(found.context)) is firms


@pytest.mark.parametrize("kind", ["IBAN_CODE", "ADDRESS"])
@pytest.mark.parametrize("body", HOSTILE)
def test_no_firm_holds_it(opened: Open, body: str, kind: str) -> None:
    found = opened(body, kind, SOMEBODY)
    holders, context = _holders(found), found.context
    assert not any((holders.holds(context), holders.has_account(context), holders.in_row(context)))
    assert not any((holders.by_trade(context, kind), holders.by_legal_form(context, line_of(context))))
