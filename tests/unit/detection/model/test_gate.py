"""The gate lets signs through that no rule explained, and quiet text not."""

from __future__ import annotations

import pytest

from scrubber.detection.lexicon import Lexicon, deduce_folder, load_lexicon
from scrubber.detection.model.gate import AFTER, BEFORE, ModelGate
from scrubber.detection.name_lists import NameLists
from scrubber.detection.page import Hit, Page
from scrubber.shipped import shipped_rules


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(shipped_rules() / "words", deduce_folder())


@pytest.fixture(scope="module")
def gate(lexicon: Lexicon) -> ModelGate:
    return ModelGate(NameLists.of(lexicon))


@pytest.mark.parametrize(
    "text",
    [
        "hallo met gerald, ik dicteer dit",
        "de inlog is beheer / Leica1954m6 voor straks",
        "hij is geboren op 3-9-2012 dacht ik",
        "mijn dochter heeft epilepsie en kan niet komen",
        "Vraag even naar mevrouw Oyelaran aan de balie",
    ],
)
def test_signs_are_let_through(gate: ModelGate, lexicon: Lexicon, text: str) -> None:
    assert list(gate.stretches(Page(text, lexicon)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ik wacht al drie weken op mijn pakket. Kunt u kijken waar het blijft?",
        "De server geeft een 502 sinds gisteren 21:03. Staat er een storing?",
        "Bestelling 4711 is niet compleet, er ontbreken 2 stuks.",
    ],
)
def test_quiet_text_is_not(gate: ModelGate, lexicon: Lexicon, text: str) -> None:
    assert list(gate.stretches(Page(text, lexicon))) == []


def test_what_was_found_is_no_sign(gate: ModelGate, lexicon: Lexicon) -> None:
    page = Page("Vraag gerust naar Gerald van de balie", lexicon)
    assert list(gate.stretches(page))
    page.taken.append(Hit("PERSON", 18, 24, 0.9))
    assert list(gate.stretches(page)) == []


def test_the_answer_to_a_question_for_a_code_is_looked_at(gate: ModelGate, lexicon: Lexicon) -> None:
    assert list(gate.stretches(Page("Dat is 447128.", lexicon, context="Welke code kreeg u per sms?")))
    assert list(gate.stretches(Page("Dat is 447128.", lexicon))) == []


def test_stretches_are_apart_and_hold_their_signs(gate: ModelGate, lexicon: Lexicon) -> None:
    filler = "en toen gebeurde er verder helemaal niets bijzonders " * 20
    page = Page(f"{filler}hallo met gerald {filler}hallo met gerald {filler}", lexicon)
    stretches = list(gate.stretches(page))
    assert len(stretches) == 2
    for begin, end in stretches:
        assert "gerald" in page.folded[begin:end]
        assert end - begin <= BEFORE + AFTER + 10
