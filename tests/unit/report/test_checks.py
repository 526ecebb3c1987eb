"""A figure that is changed by hand is noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pytest

from scrubber.ledger.entry import LedgerEntry, Removal, UnreadPart
from scrubber.report.checks import check
from scrubber.report.interface import Figures, Lost, Waiting


@pytest.fixture(name="sound")
def _sound(
    report: Callable[..., Figures],
    entry: Callable[..., LedgerEntry],
    removal: Callable[..., Removal],
    now: datetime,
) -> Figures:
    kept = removal("PERSON", "keep", "contactgegevens")
    return report(
        entry(0, removals=(removal(), kept), unread=(UnreadPart("image/png", "image"),)),
        entry(1, kind="deferred", removals=(removal(),)),
        entry(2, outcome="HELD", reason="encrypted"),
        entry(3, outcome="FAILED", reason="source"),
        entry(4, outcome="OBSERVED", mode="observe", removals=(removal(),)),
        waiting=[Waiting("support", "IBAN_CODE", "gevraagd", now, now)],
    )


def test_sound_figures_have_no_problem(sound: Figures) -> None:
    assert check(sound) == []


@pytest.mark.parametrize("table", ["by_type", "by_rule", "by_channel", "by_source", "by_day"])
def test_a_removal_that_a_table_lacks(sound: Figures, table: str) -> None:
    emptied: dict[str, Any] = {table: ()}
    problems = check(replace(sound, removed=replace(sound.removed, **emptied)))
    assert any(table.removeprefix("by_") in problem for problem in problems)


@pytest.mark.parametrize("field", ["total", "now", "later", "after_review"])
def test_a_total_of_removals_that_is_one_too_many(sound: Figures, field: str) -> None:
    total = sound.removed.total
    changed = replace(total, **{field: getattr(total, field) + 1})
    assert check(replace(sound, removed=replace(sound.removed, total=changed)))


@pytest.mark.parametrize(
    "field",
    [
        "total",
        "in_full",
        "not_in_full",
        "held",
        "failed",
        "with_unread_parts",
        "held_open",
        "would_remove_in",
        "removed_in",
    ],
)
def test_a_number_of_messages_that_is_ten_too_many(sound: Figures, field: str) -> None:
    messages = replace(sound.messages, **{field: getattr(sound.messages, field) + 10})
    assert check(replace(sound, messages=messages))


def test_what_waits_stays_and_was_observed_adds_up_too(sound: Figures) -> None:
    assert check(replace(sound, waiting=replace(sound.waiting, by_type=())))
    assert check(replace(sound, waiting=replace(sound.waiting, by_rule=())))
    assert check(replace(sound, stayed=replace(sound.stayed, kept=9)))
    assert check(replace(sound, observed=replace(sound.observed, by_rule=())))
    assert check(replace(sound, sources=()))
    wrong = replace(sound.unread[0], messages=7)
    assert check(replace(sound, unread=(wrong,)))


def test_a_problem_is_told_with_both_numbers(sound: Figures) -> None:
    problems = check(replace(sound, messages=replace(sound.messages, in_full=99)))
    assert problems == ["read in full and not in full sum to the messages read: 102 is not 4"]


def test_entries_that_could_not_be_read_are_a_problem_also_when_the_chain_is_whole(sound: Figures) -> None:
    read = replace(sound, chain=replace(sound.chain, ok=True, entries=51, read=7))
    assert [problem for problem in check(read) if "44 entries" in problem]
    assert check(replace(sound, chain=replace(sound.chain, entries=5, read=5))) == []


@pytest.mark.parametrize("field", [field.name for field in fields(Lost)])
@pytest.mark.parametrize("number", [1, 2])
def test_what_the_journal_lost_is_a_problem(sound: Figures, field: str, number: int) -> None:
    (problem,) = check(replace(sound, lost=replace(Lost(), **{field: number})))
    assert str(number) in problem
