"""Signs of need: words cut short, data blanked, places told apart; none of them holds a value."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scrubber.answers import parse
from scrubber.evaluation import unmark
from scrubber.finding import ENTITY_TYPES, Finding
from scrubber.message import TextView
from scrubber.policy.assess import Cues, load_cues, signs
from scrubber.policy.base import Case
from scrubber.policy.need_signs import Signs, read, words, written
from scrubber.shipped import shipped_rules


@pytest.fixture(scope="module")
def cues() -> Cues:
    return load_cues(shipped_rules() / "words" / "policy", ENTITY_TYPES)


def signs_of(cues: Cues, body: str, subject: str = "") -> list[set[str]]:
    texts = {"subject": unmark(subject), "body": unmark(body)}
    _, message = parse(json.dumps({part: text for part, (text, _) in texts.items()}), datetime.now(UTC))
    views = [TextView(("subject",), texts["subject"][0], "subject"), TextView(("body",), texts["body"][0], "body")]
    found = [
        Finding((part,), mark.entity_type, mark.start, mark.end, 1.0, "mark")
        for part, (_, marks) in texts.items()
        for mark in marks
    ]
    return [set(one.signs) for one in signs(Case(message, views, found), cues)]


def test_words_are_cut_and_numbers_and_data_blanked() -> None:
    assert words(b"graag terugstorten op %%%%%, 12 euro!\nm'n") == [
        "graag", "terugs", "op", "%", ",", "0", "euro", "!", "NL", "m'n",
    ]  # fmt: skip
    assert words(b"") == []


def test_signs_say_where_a_word_stands(cues: Cues) -> None:
    (found,) = signs_of(cues, "Graag terugstorten op [[IBAN_CODE|NL91ABNA0417164300]], dank.", "Te veel betaald")
    assert {"b:terugs", "b1:op", "b2:terugs", "a1:,", "c:op @", "c:terugs .. @", "m:terugs op"} <= found
    assert {"s:veel", "m:betaal", "f:data 1", "f:length 0"} <= found
    assert not any(sign.startswith("b1:terugs") for sign in found)


def test_what_is_written_is_read_again() -> None:
    signs: Signs = [
        ("c", ["graag", ":", "."]), ("c+", [("op", "@"), (".", ".")]), ("c..", [("op", ".")]), ("f", ["data 3", "own"])
    ]  # fmt: skip
    lines = list(written(signs))
    assert lines == ["c:graag", "c::", "c:.", "c:op @", "c:. .", "c:op .. .", "f:data 3", "f:own"]
    assert [read(line) for line in lines] == [(zone, one) for zone, several in signs for one in several]


def test_no_sign_holds_a_value(cues: Cues) -> None:
    body = (
        "Ik ben [[PERSON.own|Wilhelmina Hoogstraten]], [[DATE_OF_BIRTH|03-04-1971]], "
        "wachtwoord [[CREDENTIAL|Zonnebloem]]\nverhuisd naar [[ADDRESS|Lindelaan 7, 1234 AB Rodenrijs]]."
    )
    found = set().union(*signs_of(cues, body))
    for value in ("wilhel", "hoogst", "zonneb", "lindel", "rodenr", "1971", "04", "1234"):
        assert not any(value in sign for sign in found), value


def test_removing_one_datum_leaves_the_signs_of_another(cues: Cues) -> None:
    here = "[[IBAN_CODE|NL91ABNA0417164300]]"
    before = f"BSN [[NL_BSN|123456782]] en {here} graag terugstorten, [[LICENSE_PLATE|XR-482-T]]"
    after = f"BSN [BSN verwijderd] en {here} graag terugstorten, [kenteken verwijderd]"
    assert signs_of(cues, before, "Over [[NL_BSN|123456782]]")[0] == signs_of(cues, after, "Over [BSN verwijderd]")[0]


def test_only_what_may_be_needed_has_signs(cues: Cues) -> None:
    assert signs_of(cues, "BSN [[NL_BSN|123456782]] van [[PERSON|Joost]], kaart [[CREDIT_CARD|4111111111111111]]") == []


def test_a_row_of_data_is_crowded(cues: Cues) -> None:
    row = "[[DATE_OF_BIRTH|01-02-1950]], [[IBAN_CODE|NL91ABNA0417164300]], [[LICENSE_PLATE|XR-482-T]], [[PERSON|Ali]]"
    assert all("f:crowded" in found for found in signs_of(cues, f"Lijst:\n{row}\n"))
    assert not any("f:crowded" in found for found in signs_of(cues, "Kenteken [[LICENSE_PLATE|XR-482-T]] aanmelden"))
