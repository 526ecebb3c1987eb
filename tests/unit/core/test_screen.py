"""What a person sees: nothing cropped in a narrow terminal, one word list with the report, no word too many."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime

import pytest
from rich.console import Console

from scrubber import screen
from scrubber.finding import ENTITY_TYPES, Action, Assessment, Decision, Finding, Outcome, Scrubbed, Unread
from scrubber.message import SourceRef, TextView
from scrubber.policy.rules import load_policy
from scrubber.redaction import Entities, Language, load_entities
from scrubber.report import labels
from scrubber.shipped import shipped_rules
from scrubber.station import Summary

RULES = load_policy(shipped_rules() / "policy.yaml").rules
VIEW = TextView(path=("body",), text="Mijn BSN is 123456782", kind="body")
DUE = datetime(2026, 12, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def entities() -> Entities:
    return load_entities(shipped_rules() / "entities.yaml", ENTITY_TYPES)


def decision(rule: str, because: str, action: Action = Action.REDACT, kind: str = "CREDENTIAL") -> Decision:
    finding = Finding(("1.2", "html", "body"), kind, 12, 21, 1.0, "x")
    return Decision(finding, Assessment("organisation"), action, rule, because, "", DUE)


def every_rule() -> tuple[Decision, ...]:
    """A finding per shipped rule and one that a long rule decided, each rule twice."""
    long = decision("een-regel-met-een-naam-die-niet-in-een-kolom-past-hoe-breed-ook", "Omdat het moet " * 12)
    return (*(decision(r.name, r.because, r.action) for r in RULES for _ in range(2)), long)


def console(width: int) -> Console:
    return Console(file=io.StringIO(), width=width, color_system=None)


def printed(at: Console) -> str:
    assert isinstance(at.file, io.StringIO)
    return at.file.getvalue()


def squeezed(text: str) -> str:
    """Without the white space that wrapping puts in and takes out."""
    return "".join(text.split())


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("width", [60, 80, 100, *range(119, 160, 4), 200, 400])
def test_try_crops_nothing(entities: Entities, width: int, short: bool) -> None:
    decisions = every_rule()[: -1 if short else None]
    at = console(width)
    screen.show_try(
        at, [VIEW], Scrubbed(SourceRef("a", "", "b"), Outcome.REDACTED, decisions=decisions), entities, "nl"
    )
    out = printed(at)
    assert max(len(line) for line in out.splitlines()) <= width
    assert "…" not in out
    for d in decisions:
        assert squeezed(d.because) in squeezed(out)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_try_at_80_columns_keeps_words_whole_and_says_each_reason_once(entities: Entities, lang: Language) -> None:
    decisions = every_rule()[:-1]
    at = console(80)
    screen.show_try(
        at, [VIEW], Scrubbed(SourceRef("a", "", "b"), Outcome.REDACTED, decisions=decisions), entities, lang
    )
    out = printed(at)
    table, reasons = out.split("\n\n")[1:3]
    for rule in RULES:
        assert rule.name in table
        assert f"{rule.name}: " in reasons
        assert " ".join(reasons.split()).count(" ".join(rule.because.split())) == 1
    for word in ("1.2/html/body", screen.word("organisation", lang), screen.word("defer", lang)):
        assert word in table


def test_try_in_a_wide_terminal_has_the_reasons_in_the_table(entities: Entities) -> None:
    at = console(200)
    found = (decision("bsn-nooit", "Art. 87 AVG"),)
    screen.show_try(at, [VIEW], Scrubbed(SourceRef("a", "", "b"), Outcome.REDACTED, decisions=found), entities, "nl")
    assert "waarom" in printed(at)
    assert "bsn-nooit: " not in printed(at)


def test_try_speaks_the_words_of_the_report(entities: Entities) -> None:
    at = console(80)
    held = Scrubbed(
        SourceRef("a", "", "b"), Outcome.HELD, "budget: depth", unread=(Unread(("2",), "application/pdf", "pdf"),)
    )
    screen.show_try(at, [VIEW], held, entities, "nl")
    out = " ".join(printed(at).split())
    assert f"{labels.label(labels.OUTCOMES, 'HELD', 'nl')}: {labels.reason('budget: depth', 'nl')}" in out
    assert f"({labels.reason('pdf', 'nl')})" in out
    assert "application/pdf" in out


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_outcomes_are_called_what_the_report_calls_them(outcome: Outcome, lang: Language) -> None:
    assert screen.word(outcome.value, lang) == labels.label(labels.OUTCOMES, outcome.value, lang)


def summary_of(summary: Summary, entities: Entities, waiting: int | None = None) -> list[str]:
    at = console(100)
    screen.show_summary(at, summary, entities, "nl", waiting)
    return [" ".join(line.split()) for line in printed(at).splitlines()]


def test_summary(entities: Entities) -> None:
    lines = summary_of(
        Summary(
            outcomes=Counter(REDACTED=2, HELD=1),
            removed=Counter(NL_BSN=2),
            deferred=Counter(IBAN_CODE=3),
            later=Counter(IBAN_CODE=1),
            unread=Counter(pdf=2),
            held=Counter({"encrypted": 1, "budget: depth": 1}),
            restored=1,
        ),
        entities,
        waiting=2,
    )
    assert lines[:3] == ["3 berichten", "2 Opgeschoond", "1 Aangehouden"]
    assert "2 verwijderd: BSN 2" in lines
    assert "2 onderdelen die niet gelezen konden worden: Pdf-document 2" in lines
    assert f"1 Aangehouden: {labels.reason('encrypted', 'nl')}" in lines
    assert f"1 Aangehouden: {labels.reason('budget: depth', 'nl')}" in lines
    assert "3 later te verwijderen: IBAN 3" in lines
    assert "2 wachten nu nog op verwijdering" in lines
    assert not any("zou" in line for line in lines)


def test_summary_of_observing_says_nothing_was_removed(entities: Entities) -> None:
    lines = summary_of(Summary(outcomes=Counter(OBSERVED=1), would=Counter(NL_BSN=1)), entities)
    assert lines == ["1 berichten", "1 Alleen meegekeken", "1 zou verwijderd worden: BSN 1"]


def demo_rows() -> list[screen.Row]:
    went = decision("eigen-paneelwachtwoord", "x")
    waits = decision("gevraagd", "x", Action.DEFER, "IBAN_CODE")
    stays = decision("contactgegevens", "x", Action.KEEP, "EMAIL_ADDRESS")
    looks = decision("bijzonder", "x", Action.REVIEW, "SPECIAL_CATEGORY")
    return [
        screen.Row("Wachtwoord in een lange beschrijving van een bericht", "REDACTED", (went, stays)),
        screen.Row("IBAN dat wacht", "CLEAN", (waits, stays)),
        screen.Row("IBAN dat al weg is", "CLEAN", (waits, stays), (waits,)),
        screen.Row("Gezondheid", "CLEAN", (looks,)),
        screen.Row("Versleuteld", "HELD"),
    ]


@pytest.mark.parametrize("width", [80, 100, 120, 159, 160, 220])
def test_the_table_of_the_demo_is_readable(entities: Entities, width: int) -> None:
    at = console(width)
    at.print(screen.demo_table(demo_rows(), entities, "nl", width))
    out = printed(at)
    assert max(len(line) for line in out.splitlines()) <= width
    assert "…" not in out
    for word in (
        "uitkomst",
        "Opgeschoond",
        "Aangehouden",
        "(eigen-paneelwachtwoord)",
        "(contactgegevens)",
        "18-12-2026",
    ):
        assert word in out
    for words in ("Later verwijderd", "bijzonder gegeven"):
        assert all(word in out for word in words.split())


def test_a_row_whose_deferred_value_went_in_the_same_run(entities: Entities) -> None:
    at = console(300)
    at.print(screen.demo_table(demo_rows()[1:3], entities, "nl", 300))
    waits, gone = (line for line in printed(at).splitlines() if "IBAN dat" in line)
    assert labels.label(labels.OUTCOMES, "CLEAN", "nl") in waits
    assert "tot uiterlijk 18-12-2026" in waits
    assert "Later verwijderd" in gone
    assert "tot uiterlijk" not in gone
    assert labels.label(labels.OUTCOMES, "CLEAN", "nl") not in gone


def test_a_message_writes_nothing_on_the_terminal() -> None:
    assert screen.safe("a\x1b[31m\u202eb\x9b") == "a\ufffd[31m\ufffdb\ufffd"
    assert screen.date(None) == "?"
