"""How an organisation is called: a firm's word in a name, and the forms of a text that tell it."""

from __future__ import annotations

import pytest

from scrubber.policy.called import HELD_BY_NAME, OTHER_PARTY, names_one, plain, squeezed
from scrubber.policy.subjects import WhoseCues


@pytest.mark.parametrize(
    ("name", "one"),
    [
        (b"vos kozijnen b.v.", True),
        (b"stichting de eik", True),
        (b"kapsalon van der berg", True),
        (b"sint-jansschool", True),
        (b"h.o.d.n. vos", True),
        (b"tnv de vos kozijnen", True),
        (b"jan van der kerk", False),
        (b"ida op de kerk", False),
        (b"ida berg", False),
        (b"t.n.v. ida berg", False),
        (b"t. n. v. ida berg", False),
        (b"ida berg 7714-bv", False),
        (b"", False),
        (b"%" * 9000, False),
        (b"van der kerk " * 9000, False),
        (b"ida " * 9000 + b"kapsalon", True),
    ],
)
def test_a_firms_word_in_a_name(whose_cues: WhoseCues, name: bytes, one: bool) -> None:
    assert names_one(whose_cues, name) is one


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (b"t.n.v. vos", b"tnv vos"),
        (b"t. n.v vos n.v.", b"tnv vos n.v."),
        (b"zaak 7714-bv", b"zaak  "),
        (b"ab12/vof", b" "),
        (b"vos b.v.", b"vos b.v."),
        (b"vos bv", b"vos bv"),
        (b"", b""),
    ],
)
def test_no_legal_form_is_read_in_an_abbreviation(text: bytes, kept: bytes) -> None:
    assert plain(text) == kept


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        (b"Vos & Zn".lower(), b"voszn"),
        (b"vos-kozijnen, goes", b"voskozijnengoes"),
        (b"mail vos.k+a@vos-kozijnen.example nu", b"mailnu"),
        (b"", b""),
        (b"%.," * 9000, b""),
    ],
)
def test_the_letters_alone(text: bytes, letters: bytes) -> None:
    assert squeezed(text) == letters


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        (b"op @ t.n.v. vos kozijnen\nmorgen", b"t.n.v. vos kozijnen"),
        (b"rekeninghouder: i. berg", b"rekeninghouder: i. berg"),
        (b"op naam van de club", b"op naam van de club"),
        (b"begunstigde vos", b"begunstigde vos"),
        (b"ter naam van", b""),
        (b"", b""),
        (b"tnv " + b"v" * 9000, b"tnv " + b"v" * 59),
    ],
)
def test_a_holder(text: bytes, holder: bytes) -> None:
    found = HELD_BY_NAME.search(text)
    assert (found.group() if found else b"") == holder


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (b"incassant: vos bv\nmijn adres", b"\nmijn adres"),
        (b"beste vos bv, ik woon hier", b" ik woon hier"),
        (b"er is afgeschreven door vos bv. ik woon hier", b"er is  ik woon hier"),
        (b"ik ben lid van de club", b"ik ben "),
        (b"wij zijn vos bv", b"wij zijn vos bv"),
        (b"", b""),
    ],
)
def test_another_party(text: bytes, left: bytes) -> None:
    assert OTHER_PARTY.replaced(text, b"") == left
