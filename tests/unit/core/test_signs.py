"""What learned weights went by, in words: for who holds the message, and recorded nowhere."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from scrubber.commands import look, signs
from scrubber.drafts import evidence
from scrubber.finding import ENTITY_TYPES, Assessment, Finding
from scrubber.policy.needed import LEARNED
from scrubber.redaction import Entities, load_entities
from scrubber.shipped import shipped_rules

INDIRECT = "Beste, het bedrag dat ik nog krijg van de geannuleerde cursus mag dan naar mijn spaarpot {} toe, dank, Jan"
IBAN = "NL91ABNA0417164300"


@pytest.fixture(scope="module")
def entities() -> Entities:
    return load_entities(shipped_rules() / "entities.yaml", ENTITY_TYPES)


def printed(text: str, lang: str = "nl") -> str:
    console = Console(file=io.StringIO(), width=400, color_system=None)
    look.try_one(text, None, "default", "en" if lang == "en" else "nl", console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("lang", "head"), [("nl", "nodig volgens de geleerde gewichten"), ("en", "needed by the learned weights")]
)
def test_try_says_what_weighed_and_shows_no_value_there(lang: str, head: str) -> None:
    (line,) = [line for line in printed(INDIRECT.format(IBAN), lang).splitlines() if head in line]
    said = line.partition(head)[2]
    assert 3 <= said.count(" +") <= 5
    assert "“" in said
    assert IBAN not in said
    assert "0417" not in said


def test_a_phrase_is_named_by_its_rule_and_nothing_weighed_where_nothing_is_needed() -> None:
    assert "gewichten" not in printed(f"Mijn rekening is {IBAN}.")


def test_the_record_holds_no_sign() -> None:
    told = Assessment("sender", needed=True, needed_evidence=LEARNED)
    assert evidence(told) == "needed: geleerd; sender"


@pytest.mark.parametrize(
    ("sign", "words", "where"),
    [
        ("c:terugs .. @", "“terugs… .. …dit gegeven…”", "in de zin"),
        ("b1::", "“:”", "vlak ervoor"),
        ("m:% NL", "“…een gegeven… ↵”", "in het bericht"),
        ("s:geld", "“geld”", "in het onderwerp"),
        ("f:data 2", "2 gegevens in het bericht", ""),
        ("f:third_party", "van een ander", ""),
    ],
)
def test_signs_are_readable(sign: str, words: str, where: str) -> None:
    assert signs.in_words(sign, "nl") == (words, where)


def test_the_same_words_in_two_places_count_together(entities: Entities) -> None:
    console = Console(file=io.StringIO(), width=400, color_system=None)
    finding = Finding(("body",), "IBAN_CODE", 0, 3, 1.0, "x")
    signs.show(console, [(finding, [("c:mag", 40), ("b:naar", 30), ("c:naar", 20)])], entities, "nl")
    assert isinstance(console.file, io.StringIO)
    out = console.file.getvalue()
    assert "“naar” (ervoor, in de zin) +0.50, “mag” (in de zin) +0.40" in out
