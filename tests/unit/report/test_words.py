"""Every text in both languages, and every code with a name or as it is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

import scrubber.report
from scrubber.finding import CACHES, ENTITY_TYPES, CopyState, Outcome
from scrubber.formats.reasons import unread_reason
from scrubber.ledger.verify import Why
from scrubber.report import labels, typography
from scrubber.report.figures import STANDINGS
from scrubber.report.words import Words, texts
from scrubber.sources.base import Word

_PACKAGE = Path(scrubber.report.__file__ or "").parent


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(texts()))
def test_both_languages_say_the_same_with_the_same_fields(key: str) -> None:
    assert set(texts()[key]) == {"nl", "en"}
    assert all(text and text == text.strip() for text in texts()[key].values())
    assert _fields(texts()[key]["nl"]) == _fields(texts()[key]["en"]) or key.endswith(".one")
    if key.endswith(".one"):
        assert key.removesuffix(".one") in texts()


def test_every_text_is_used_and_every_used_text_exists() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in _PACKAGE.rglob("*") if path.suffix in {".py", ".j2"}
    )
    used = set(re.findall(r'\b(?:t|words)\(\s*"([a-z_]+)"[,)]', source))
    assert used - set(texts()) == set()
    made = {f"{stem}{step}" for stem in ("chart_", "unit_") for step in ("day", "week", "month", "year")}
    made |= {f"{step}_column" for step in ("day", "week", "month", "year")}
    made |= {f"problem_{what}" for what in ("entries", "waiting_missing", "waiting_late")}
    made |= {f"problem_{what}" for what in ("reviews_missing", "reviews_late")}
    assert {key for key in texts() if not key.endswith(".one")} - used - made == set()


def test_one_is_told_apart_from_more() -> None:
    assert Words("nl")("chain_entries", n=1) == "1 vermelding"
    assert Words("nl")("chain_entries", n=1512) == "1.512 vermeldingen"
    assert Words("en")("chain_entries", n=1512) == "1,512 entries"


def test_braces_in_what_is_filled_in_are_left_alone() -> None:
    assert "{n} {0.__class__}" in Words("nl")("observing", n=2, names="{n} {0.__class__}")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_type_outcome_state_and_fault_has_a_name(language: typography.Language) -> None:
    assert set(labels.ENTITIES) == set(ENTITY_TYPES)
    assert set(labels.OUTCOMES) == {outcome.value for outcome in Outcome} | set(STANDINGS)
    assert set(labels.STATES) == {state.value for state in CopyState}
    assert set(labels.CHAIN) == set(get_args(Why)) - {""}
    assert all(labels.entity(code, language, {}) != code for code in ENTITY_TYPES)


def test_given_labels_go_before_the_built_in_ones() -> None:
    assert labels.entity("IBAN_CODE", "nl", {"IBAN_CODE": "bankrekening"}) == "Bankrekening"
    assert labels.entity("NL_BSN", "nl", {"IBAN_CODE": "bankrekening"}) == "BSN"
    assert labels.entity("SHOE_SIZE", "nl", {}) == "SHOE_SIZE"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("image", "Afbeelding"),
        ("budget: depth", "Te veel werk voor één bericht (diepte)"),
        ("not-verified: budget: depth", "Controle na verwijderen mislukt (te veel werk voor één bericht: diepte)"),
        ("error: KeyError", "Onverwachte fout (keyError)"),
        ("", "Geen reden vermeld"),
        ("brand-new", "brand-new"),
        ("brand: new", "brand: new"),
        ("budget:" * 9999, None),
    ],
)
def test_reasons(code: str, shown: str | None) -> None:
    made = labels.reason(code, "nl")
    assert made == shown if shown is not None else len(made) < 300


def test_the_reasons_of_the_formats_have_names() -> None:
    names = ("a.png", "a.pdf", "a.doc", "a.zip", "a.mp3", "winmail.dat", "a.???")
    codes = {unread_reason("application/octet-stream", name) for name in names} | {unread_reason("multipart/encrypted")}
    assert codes - set(labels.REASONS) == set()


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("backup", "Back-ups"),
        ("folder:Archief/2026", "Map Archief/2026"),
        ("folder:\u202ea", "Map \ufffda"),
        ("kluis: drie", "kluis: drie"),
    ],
)
def test_places(code: str, shown: str) -> None:
    assert labels.place(code, "nl") == shown


@pytest.mark.parametrize(
    ("value", "nl", "en"),
    [(0, "0", "0"), (999, "999", "999"), (1234, "1.234", "1,234"), (10**6, "1.000.000", "1,000,000")],
)
def test_numbers(value: int, nl: str, en: str) -> None:
    assert (typography.number(value, "nl"), typography.number(value, "en")) == (nl, en)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, "–"), (0, 5, "0%"), (1, 3, "33%"), (1, 900, "<1%"), (899, 900, ">99%"), (5, 5, "100%")],
)
def test_shares(part: int, whole: int, shown: str) -> None:
    assert typography.share(part, whole, "en") == shown
    assert typography.share(part, whole, "nl") == shown.replace("%", "\u00a0%")


def test_dates() -> None:
    assert typography.day(date(2026, 3, 1), "nl") == "1\u00a0maart 2026"
    assert typography.short_day(date(2026, 3, 1), "nl") == "1\u00a0mrt"
    assert typography.short_month(date(2026, 11, 1), "en") == "Nov\u00a02026"
    assert typography.moment(datetime(2026, 11, 22, 9, 5, tzinfo=UTC), "nl") == "22\u00a0november 2026, 09:05\u00a0uur"
    assert typography.moment(datetime(2026, 11, 22, 9, 5, tzinfo=UTC), "en") == "22\u00a0November 2026, 09:05"


@pytest.mark.parametrize("bad", ["\u202e", "\x00", "\n", "\x1b", "\ud800", "\u200b", "\u2028"])
def test_what_can_not_be_seen_is_made_visible(bad: str) -> None:
    assert typography.plain(f"a{bad}b") == "a\ufffdb"


def test_long_names_keep_their_ends() -> None:
    shown = typography.plain("begin" + "x" * 500 + "end")
    assert len(shown) <= 120
    assert shown.startswith("begin")
    assert shown.endswith("end")


def test_every_way_a_chain_can_be_broken_has_a_sentence() -> None:
    assert set(labels.CHAIN) == set(get_args(Why)) - {""}
    assert all(sentence.endswith(".") for pair in labels.CHAIN.values() for sentence in pair)


def test_every_word_of_people_has_a_name_in_the_report_and_each_server_copy_too() -> None:
    assert set(labels.SIGNALS) == set(get_args(Word))
    assert set(labels.PLACES) >= CACHES
