"""Two addresses in one message: the one that serves better makes the other less likely, and never the other way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber.answers import parse
from scrubber.evaluation import unmark
from scrubber.finding import ENTITY_TYPES, Finding
from scrubber.message import TextView
from scrubber.policy.assess import Cues, assess_all, load_cues
from scrubber.policy.base import Case
from scrubber.policy.need_model import FAMILIES, LEAST, RIVAL, RULE, START
from scrubber.shipped import shipped_rules

OLD, NEW = "[[ADDRESS|Lindelaan 12]]", "[[ADDRESS|Dorpsweg 3]]"
FILLER = "Goedemiddag, hier staat een heel gewoon bericht van een klant die zomaar wat vertelt."


@pytest.fixture
def cues(tmp_path: Path) -> Cues:
    """Sums: 100 for what stands behind "pakket", 60 behind "kelder", 0 elsewhere; from 50 on it is needed."""
    rows = {START: 0, LEAST: 50, RULE: 0, RIVAL: 50, "b:pakket": 100, "b:kelder": 60}
    lines = ["\t".join([name, *[str(weight)] * len(FAMILIES)]) for name, weight in rows.items()]
    path = tmp_path / "needed.tsv"
    path.write_text("\n".join(["sign\t" + "\t".join(FAMILIES), *lines, ""]), encoding="ascii")
    return load_cues(shipped_rules() / "words" / "policy", ENTITY_TYPES, path)


def needed(cues: Cues, *sentences: str) -> list[bool]:
    text, marks = unmark(f"{FILLER} {' '.join(sentences)}")
    found = [Finding(("body",), mark.entity_type, mark.start, mark.end, 1.0, "mark") for mark in marks]
    _, message = parse(json.dumps({"body": text}), datetime.now(UTC))
    (answers,) = assess_all([Case(message, [TextView(("body",), text, "body")], found)], (), cues)
    return [answer.assessment.needed for answer in answers]


PARCEL, CELLAR, NOTHING = "Het pakket: {}.", "De kelder: {}.", "Verder nog iets van vroeger: {}."


def test_alone_each_is_judged_by_itself(cues: Cues) -> None:
    assert needed(cues, PARCEL.format(NEW)) == [True]
    assert needed(cues, CELLAR.format(OLD)) == [True]
    assert needed(cues, NOTHING.format(OLD)) == [False]


def test_the_weaker_of_two_gives_way(cues: Cues) -> None:
    assert needed(cues, PARCEL.format(NEW), CELLAR.format(OLD)) == [True, False]
    assert needed(cues, CELLAR.format(OLD), PARCEL.format(NEW)) == [False, True]


def test_a_rival_that_serves_nothing_takes_nothing_off(cues: Cues) -> None:
    assert needed(cues, CELLAR.format(OLD), NOTHING.format(NEW)) == [True, False]


def test_the_same_value_again_is_no_rival(cues: Cues) -> None:
    assert needed(cues, PARCEL.format(OLD), CELLAR.format(OLD)) == [True, True]


def test_another_family_is_no_rival(cues: Cues) -> None:
    assert needed(cues, PARCEL.format("[[IBAN_CODE|NL91ABNA0417164300]]"), CELLAR.format(OLD)) == [True, True]


def test_what_is_needed_stays_so_when_its_rival_is_gone(cues: Cues) -> None:
    """The second look sees a placeholder where the rival stood."""
    for before in (PARCEL, CELLAR, NOTHING):
        beside = needed(cues, PARCEL.format(NEW), before.format(OLD))
        gone = needed(cues, PARCEL.format(NEW), before.format("[adres verwijderd]"))
        assert gone[0] >= beside[0]
