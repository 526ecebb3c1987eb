"""Work that is left undone because it can find nothing: with and without it the answers are equal.

Over generated texts, and over every message that the model was trained on.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban

from scrubber.detection import checksums, fold, page
from scrubber.detection.analyzer import PresidioDetector
from scrubber.detection.credentials import (
    accounts,
    afterwards,
    alone,
    around,
    chosen,
    odd,
    plain_words,
    questions,
)
from scrubber.detection.credentials.forms import made_up
from scrubber.detection.lexicon import Lexicon
from scrubber.detection.model.gate import ModelGate, _chunks
from scrubber.detection.name_lists import NameLists
from scrubber.detection.page import BLANK, Page
from scrubber.detection.placeholders import placeholders

ROOT = Path(__file__).parents[3]
_MARK = re.compile(r"\[\[[A-Z_]+(?:\.[a-z,]+)?\|([^\[\]|]+)\]\]")
SOUP = st.text(st.sampled_from("aegnrstwAEW1290 .,:;-_/|@#*[](){}<>'\"`\n\t\r\xa0\u200b\xe9\xb2"), max_size=160)
SLOW = {
    afterwards: {
        "whose": ["_WHOSE"],
        "paper": ["_ON_PAPER"],
        "texted": ["_TEXTED"],
        "switch": ["_ON_OFF"],
        "bracketed": ["_BRACKETED"],
        "combination": ["_COMBINATION"],
        "locked": ["_WITH"],
        "opens": ["_OPENS_WITH"],
        "spelt": ["_SPELT"],
        "noted": ["_NOTED"],
        "network": ["_NETWORK"],
        "access": ["_ACCESS"],
    },
    around: {
        "digits": ["_NUMBER"],
        "talk": ["_TALK", "_KEYS", "_PLAIN"],
        "sent": ["_SENT"],
        "network": ["_NETWORK"],
        "texted": ["_TEXTED"],
        "mysql": ["_MYSQL"],
        "written": ["_WRITTEN_UP"],
        "user": ["_USER"],
        "phrase": ["_WITH_PHRASE"],
    },
    plain_words: {
        "quotes": ["_IN_QUOTES"],
        "network": ["_NETWORK"],
        "written": ["_WRITTEN"],
        "word": ["_WORD"],
        "login": ["_LOGIN"],
        "user": ["_USER"],
        "noted": ["_NOTED"],
        "reset": ["_RESET"],
        "guarded": ["_GUARDED"],
        "by_heart": ["_BY_HEART"],
        "given_by": ["_GIVEN_BY"],
    },
}
"""The patterns that each tell of a module stands for."""
ODD_ANYHOW = re.compile("")
ODD = {
    (afterwards, "paper"): re.compile(r"[\d!@#$%^&*+]"),
    (afterwards, "texted"): re.compile(r"[\d!@#$%^&*+]"),
    (afterwards, "network"): re.compile(r"\d"),
    (around, "network"): re.compile(r"\d"),
}
"""Without one of these in it, what the pattern matches is refused."""
TEXTS = st.one_of(st.text(max_size=120), SOUP)


@cache
def written() -> list[str]:
    """The texts of the training messages."""
    return [
        _MARK.sub(r"\1", text)
        for path in sorted((ROOT / "models" / "training").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for record in [json.loads(line)]
        for text in (
            record.get("subject") or "",
            record["body"],
            *(turn["text"] for turn in record.get("thread") or []),
        )
    ]


@pytest.fixture(scope="module")
def lexicon(detector: PresidioDetector) -> Lexicon:
    return detector.configuration.lexicon


def folded_by_table(text: str) -> str:
    return text.translate(fold._TABLE)


@given(TEXTS)
def test_plain_text_is_its_own_folding(text: str) -> None:
    assert fold.fold(text) == folded_by_table(text)


def test_folding_every_written_text() -> None:
    assert all(fold.fold(text) == folded_by_table(text) for text in written())


@given(text=SOUP, label=st.sampled_from(["BSN", "wachtwoord of code", "x"]), number=st.sampled_from(["", " 2"]))
def test_a_text_without_a_first_sign_holds_no_placeholder(text: str, label: str, number: str) -> None:
    known = placeholders(ROOT / "rules" / "entities.yaml")
    for candidate in (text, f"{text}[{label}{number} verwijderd]{text}", f"{text}****1234{text}"):
        assert known.blanked(candidate, BLANK) == known.pattern.sub(lambda match: BLANK * len(match[0]), candidate)


def test_a_placeholder_that_begins_with_its_label_is_found_in_any_text(tmp_path: Path) -> None:
    shipped = (ROOT / "rules" / "entities.yaml").read_text(encoding="utf-8")
    path = tmp_path / "entities.yaml"
    path.write_text(shipped.replace('"[{label} verwijderd]"', '"{label} weg"'), encoding="utf-8")
    assert placeholders(path).blanked("mijn BSN weg", BLANK) == "mijn " + 7 * BLANK


@given(TEXTS)
def test_chunks_with_a_digit_begin_where_the_plain_pattern_finds_them(text: str) -> None:
    plain = re.compile(r"[^\s\d]{0,40}\d\S{2,60}")
    assert list(_chunks(text)) == [match.start() for match in plain.finditer(text)]


def test_cues_are_not_passed_over(lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    class All(frozenset[str]):
        def __contains__(self, _: object) -> bool:
            return True

    texts = written()
    quick = [Page(text, lexicon).cues for text in texts]
    monkeypatch.setattr(page, "_CUE_LAST", All())
    assert quick == [Page(text, lexicon).cues for text in texts]
    assert sum(map(len, quick)) > len(texts)


def test_words_that_stand_out_are_not_passed_over() -> None:
    every = re.compile(r"(?<![^\s\"'(\[>])[^\s\"'()\[\]<>/;]{6,40}(?![^\s\"')\]<,;])")
    for text in written():
        folded = fold.fold(text)
        lower = folded.lower()
        assert alone._talks(lower) == (alone._TALK.search(lower) is not None)
        found = [(m.start(), m[0]) for m in alone._WORD.finditer(folded) if made_up(m[0].rstrip(".,:"))]
        assert found == [(m.start(), m[0]) for m in every.finditer(folded) if made_up(m[0].rstrip(".,:"))]


@pytest.mark.parametrize("module", SLOW, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_tell_stands_wherever_its_pattern_matches(module: ModuleType) -> None:
    slow = {name: [getattr(module, pattern) for pattern in patterns] for name, patterns in SLOW[module].items()}
    assert slow.keys() == set(module._TELLS._names)
    missed = [
        (name, match[0])
        for folded in map(fold.fold, written())
        for name in slow.keys() - module._TELLS.of(folded.encode("latin-1"))
        for pattern in slow[name]
        for cased in (folded, folded.lower())
        for match in pattern.finditer(cased)
        if ODD.get((module, name), ODD_ANYHOW).search(match[match.lastindex or 0])
    ]
    assert missed == []


def test_a_looser_pattern_stands_wherever_the_slow_ones_match() -> None:
    for text in written():
        folded = fold.fold(text)
        data, lower = folded.encode("latin-1"), folded.lower()
        assert accounts._MAY_PAIR.found(data) or not accounts._COLON_PAIR.search(folded)
        assert odd._MAY_OPEN.found(data) or not odd._OPENS.search(lower)
        asked = questions._QUESTION.search(lower) and questions._ASKS.search(lower)
        assert questions._MAY_ASK.found(data) or not asked
        places = chosen._MAY_SET.spans(data)
        for match in chosen._SET.finditer(lower):
            assert any(match.start() <= start and end <= match.end() for start, end in places), match[0]


def test_what_is_said_afterwards_is_not_passed_over(lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [Page(text, lexicon) for text in written()]
    quick = [list(afterwards.afterwards(page)) for page in pages]
    monkeypatch.setattr(afterwards, "_MAY_SPEAK", ("",))
    assert quick == [list(afterwards.afterwards(page)) for page in pages]


def test_the_models_gate_sees_what_a_look_at_every_word_sees(lexicon: Lexicon) -> None:
    gate = ModelGate(NameLists.of(lexicon))
    for text in written():
        folded = fold.fold(text)
        assert gate.signs(folded) == _signs_word_by_word(gate, folded)


def _signs_word_by_word(gate: ModelGate, text: str) -> list[int]:
    found: list[int] = []
    secret = born = announced = False
    for match in re.finditer(r"[A-Za-z]{3,40}", text):
        word, lower = match[0], match[0].lower()
        sign = gate._signs.get(lower)
        if sign is None:
            if announced and word[0].isupper() and lower not in gate._refused:
                found.append(match.start())
            elif len(lower) > 7 and lower.endswith(("wachtwoord", "paswoord", "password", "code", "login", "inlog")):
                secret = True
        elif sign == "secret":
            secret = True
        elif sign == "born":
            born = True
        elif sign == "special" or (sign == "name" and (word[0].isupper() or len(lower) > 3)):
            found.append(match.start())
        announced = sign == "announces"
    if secret:
        found += [match.start() for match in re.finditer(r"[^\s\d]{0,40}\d\S{2,60}", text)]
    if born:
        found += [match.start() for match in re.finditer(r"\d[\d./ -]{2,}\d", text)]
    return sorted(found)


@given(st.sampled_from(["NL", "BE", "DE", "FR", "GB", "MT", "XX", "nl"]), st.text("0123456789ABZabz", max_size=30))
def test_an_iban_is_what_stdnum_calls_one(country: str, rest: str) -> None:
    for value in (country + rest, _checked(country, rest)):
        assert checksums.iban(value) == stdnum_iban.is_valid(value, check_country=False)


def _checked(country: str, rest: str) -> str:
    """With the check digits that it should have, and a length that may be right."""
    size = checksums.IBAN_LENGTH.get(country.upper(), 18) - 4
    bban = (rest + "0" * size)[:size]
    return f"{country}{stdnum_iban.calc_check_digits(f'{country}00{bban}')}{bban}"
