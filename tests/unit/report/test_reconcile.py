"""What the ledger says is still to come, held against the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scrubber.ledger.entry import LedgerEntry, Removal
from scrubber.report.interface import Figures, Lost, Planned, Plans
from scrubber.store import utc_text

MakeReport = Callable[..., Figures]
MakeEntry = Callable[..., LedgerEntry]

LATEST = datetime(2026, 12, 20, 9, 30, tzinfo=UTC)
ENDED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
WAITS = Removal("IBAN_CODE", "gevraagd", "defer", "plain", 0.9, fingerprint="f" * 64, due=utc_text(LATEST))
OTHER = replace(WAITS, fingerprint="e" * 64)
ASKS = replace(WAITS, entity_type="SPECIAL_CATEGORY", rule="bijzonder", action="review")
ROW = Planned("support", "IBAN_CODE", "gevraagd", "f" * 64, LATEST - timedelta(days=9), LATEST, "waiting")
REVIEW = Planned("support", "SPECIAL_CATEGORY", "bijzonder", "", LATEST, LATEST, "open")
OTHER_ROW = replace(ROW, fingerprint="e" * 64)


@pytest.fixture(name="lost")
def _lost(report: MakeReport) -> Callable[..., Lost]:
    """lost(entries, deferrals, reviews, length): what the journal lacks."""

    def compare(
        entries: Sequence[LedgerEntry],
        deferrals: Sequence[Planned] = (),
        reviews: Sequence[Planned] = (),
        length: int | None = None,
    ) -> Lost:
        plans = Plans(len(entries) if length is None else length, tuple(deferrals), tuple(reviews))
        return report(*entries, plans=plans).lost

    return compare


def test_a_journal_that_has_it_all(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    entries = [entry(0, removals=(WAITS, OTHER, ASKS)), entry(1, removals=(WAITS,))]
    assert lost(entries, [ROW, OTHER_ROW, ROW], [REVIEW]) == Lost()


def test_without_a_journal_nothing_is_said(report: MakeReport, entry: MakeEntry) -> None:
    assert report(entry(0, removals=(WAITS,))).lost == Lost()


def test_rows_that_were_deleted(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    entries = [entry(0, removals=(WAITS, OTHER, ASKS)), entry(1, removals=(WAITS,))]
    assert lost(entries) == Lost(waiting_missing=3, reviews_missing=1)
    assert lost(entries, [ROW]) == Lost(waiting_missing=2, reviews_missing=1)
    assert lost(entries, [ROW, ROW, OTHER_ROW]) == Lost(reviews_missing=1)


@pytest.mark.parametrize(
    "change",
    [
        {"latest": datetime(2031, 1, 1, tzinfo=UTC)},
        {"due": datetime(2031, 1, 1, tzinfo=UTC)},
        {"latest": LATEST + timedelta(microseconds=1)},
    ],
)
def test_rows_that_were_put_off_for_longer(lost: Callable[..., Lost], entry: MakeEntry, change: dict[str, Any]) -> None:
    assert lost([entry(0, removals=(WAITS,))], [replace(ROW, **change)]) == Lost(waiting_late=1)


def test_a_review_that_was_put_off(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    later = LATEST + timedelta(days=1)
    assert lost([entry(0, removals=(ASKS,))], (), [replace(REVIEW, due=later, latest=later)]) == Lost(reviews_late=1)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "done"},
        {"state": "gone", "finished_at": utc_text(ENDED)},
        {"state": "held", "finished_at": utc_text(ENDED)},
        {"state": "done", "job": "j"},
        {"state": ""},
        {"due": None},
        {"latest": None},
        {"source": "other"},
        {"entity_type": "NL_BSN"},
        {"rule": "bsn-nooit"},
        {"fingerprint": "e" * 64},
    ],
)
def test_rows_that_were_closed_or_changed_without_an_entry_that_says_so(
    lost: Callable[..., Lost], entry: MakeEntry, change: dict[str, Any]
) -> None:
    elsewhere = entry(1, source="other", kind="deferred", outcome="CLEAN", recorded_at=utc_text(ENDED))
    assert lost([entry(0, removals=(WAITS,)), elsewhere], [replace(ROW, **change)]) == Lost(waiting_missing=1)


def test_a_row_that_an_entry_closed_is_no_loss_whatever_the_reference_is_by_then(
    lost: Callable[..., Lost], entry: MakeEntry
) -> None:
    """Filed elsewhere by a mail program, or recorded under another key: job or moment ties the row to the entry."""
    first = entry(0, removals=(WAITS,))
    done = entry(1, ref="elsewhere", kind="deferred", job="j", removals=(replace(WAITS, action="redact"),))
    assert lost([first, done], [replace(ROW, state="done", job="j")]) == Lost()
    gone = entry(1, ref="elsewhere", kind="deferred", outcome="CLEAN", recorded_at=utc_text(ENDED))
    for state in ("gone", "held"):
        assert lost([first, gone], [replace(ROW, state=state, finished_at=utc_text(ENDED))]) == Lost()


def test_what_the_ledger_closed_needs_no_row(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    first = entry(0, ref="a", removals=(WAITS,), message_digest="m", result_digest="r")
    moved = entry(1, ref="b", kind="deferred", message_digest="r", result_digest="s")
    assert lost([first, moved]) == Lost()


def test_one_closed_removal_does_not_stand_for_another(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    """The same value in two messages: the row of the one that was carried out proves nothing for the other."""
    entries = [
        entry(0, ref="a", removals=(WAITS,)),
        entry(1, ref="b", removals=(WAITS,)),
        entry(2, ref="a", kind="deferred", job="j"),
    ]
    assert lost(entries, [replace(ROW, state="done", job="j"), ROW]) == Lost()
    assert lost(entries, [replace(ROW, state="done", job="j")]) == Lost(waiting_missing=1)


def test_one_value_in_several_places_waits_once(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    entries = [entry(0, removals=(WAITS, replace(WAITS, path_kind="html"), ASKS, replace(ASKS, fingerprint="d")))]
    assert lost(entries, [ROW], [REVIEW]) == Lost()


def test_a_message_read_again_counts_by_its_latest_entry(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    observed = entry(0, ref="a", mode="observe", outcome="OBSERVED", removals=(WAITS, OTHER, ASKS))
    redacted = entry(1, ref="a", removals=(WAITS, ASKS))
    assert lost([observed], (), [REVIEW]) == Lost()
    assert lost([observed, redacted], [ROW], [REVIEW]) == Lost()
    assert lost([observed, redacted]) == Lost(waiting_missing=1, reviews_missing=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"mode": "observe", "outcome": "OBSERVED"},
        {"mode": "observe", "outcome": "CLEAN"},
        {"outcome": "FAILED"},
        {"reason": "deleted-meanwhile"},
        {"kind": "restored", "outcome": "OBSERVED"},
    ],
)
def test_entries_with_which_nothing_was_planned(
    lost: Callable[..., Lost], entry: MakeEntry, fields: dict[str, Any]
) -> None:
    assert lost([entry(0, removals=(WAITS,), **fields)]) == Lost()


def test_a_message_that_was_put_back_goes_on_waiting_in_the_journal(
    lost: Callable[..., Lost], entry: MakeEntry
) -> None:
    entries = [entry(0, ref="a", removals=(WAITS,)), entry(1, ref="a", kind="restored", outcome="OBSERVED")]
    assert lost(entries, [ROW]) == Lost()


def test_a_read_only_source_in_redact_mode_waits_too(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    held = entry(0, outcome="OBSERVED", reason="read-only source", removals=(WAITS,))
    assert lost([held], [ROW]) == Lost()
    assert lost([held]) == Lost(waiting_missing=1)


def test_entries_younger_than_the_rows_are_not_held_against_them(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    """A worker goes on while the report is made: rows are read first, entries after."""
    entries = [entry(0, ref="a", removals=(WAITS,)), entry(1, ref="b", removals=(OTHER,))]
    assert lost(entries, [ROW], length=1) == Lost()
    assert lost([*entries, entry(2, ref="a", kind="deferred", job="j")], [], length=1) == Lost()


def test_a_removal_without_a_date_has_no_latest(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    far = replace(ROW, due=LATEST, latest=LATEST + timedelta(days=999))
    assert lost([entry(0, removals=(replace(WAITS, due=""),))], [far]) == Lost()


def test_the_whole_ledger_counts_whatever_the_period(report: MakeReport, entry: MakeEntry, now: datetime) -> None:
    made = report(entry(0, 99, removals=(WAITS,)), since=now - timedelta(days=1), plans=Plans(1, (), ()))
    assert made.period.entries == 0
    assert made.lost == Lost(waiting_missing=1)


@pytest.mark.parametrize(
    "fields", [{"kind": "released", "reason": "released"}, {"kind": "reviewed", "reason": "signal:wrong"}]
)
def test_a_person_who_lets_a_message_be_ends_what_waits_for_it(
    lost: Callable[..., Lost], entry: MakeEntry, fields: dict[str, str]
) -> None:
    said = entry(1, ref="ref-0", outcome="", recorded_at=utc_text(ENDED), **fields)
    entries = [entry(0, removals=(WAITS, ASKS)), said]
    ended = replace(ROW, state="released", finished_at=utc_text(ENDED))
    reviewed = replace(REVIEW, state="done", finished_at=utc_text(ENDED))
    assert lost(entries, [ended], [reviewed]) == Lost()
    assert lost(entries[:1], [ended], [reviewed]) == Lost(waiting_missing=1, reviews_missing=1)


@pytest.mark.parametrize("reason", ["signal:needed", "signal:done", "signal:missed", "retry", "purge-command"])
def test_other_words_of_people_end_nothing(lost: Callable[..., Lost], entry: MakeEntry, reason: str) -> None:
    said = entry(1, ref="ref-0", kind="reviewed", reason=reason, outcome="", recorded_at=utc_text(ENDED))
    ended = replace(ROW, state="released", finished_at=utc_text(ENDED))
    reviewed = replace(REVIEW, state="done", finished_at=utc_text(ENDED))
    entries = [entry(0, removals=(WAITS, ASKS)), said]
    assert lost(entries, [ended], [reviewed]) == Lost(waiting_missing=1, reviews_missing=1)


def test_what_waits_for_a_message_that_is_held_as_missed_still_counts(
    lost: Callable[..., Lost], entry: MakeEntry
) -> None:
    entries = [entry(0, removals=(WAITS,)), entry(1, ref="ref-0", outcome="HELD", reason="missed")]
    assert lost(entries, [ROW]) == Lost()
    assert lost(entries) == Lost(waiting_missing=1)


def test_what_a_relay_left_to_the_desk_waits_there(lost: Callable[..., Lost], entry: MakeEntry) -> None:
    left = {"removals": (WAITS, ASKS), "notes": ("left-to-desk",)}
    assert lost([entry(0, **left)], [], [REVIEW]) == Lost()
    assert lost([entry(0, **left)]) == Lost(reviews_missing=1)
