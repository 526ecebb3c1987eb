"""Every figure, from hand-made entries; and the sums, over random ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.ledger.entry import CopyLeft, Kind, LedgerEntry, Removal, UnreadPart
from scrubber.report.checks import check
from scrubber.report.figures import STANDINGS, figures
from scrubber.report.interface import (
    ChainState,
    CopyPlace,
    Count,
    Figures,
    InForce,
    KeyLife,
    People,
    Removed,
    Review,
    SourceUse,
    Stays,
    StaysByRule,
    UnreadReason,
    Waiting,
    Would,
)

MakeEntry = Callable[..., LedgerEntry]
MakeRemoval = Callable[..., Removal]
MakeReport = Callable[..., Figures]


def _of(counts: tuple[Count, ...]) -> dict[str, int]:
    return {row.key: row.count for row in counts}


def test_nothing_read_gives_zeros_for_today(report: MakeReport, now: datetime) -> None:
    made = report()
    assert made.messages.total == 0
    assert made.removed.total == Removed("", 0, 0, 0, 0)
    assert made.removed.by_day == (Removed("2026-11-22", 0, 0, 0, 0),)
    assert made.waiting.total.next is None
    assert check(made) == []


def test_each_outcome_is_counted_and_named_even_at_zero(report: MakeReport, entry: MakeEntry) -> None:
    made = report(entry(0), entry(1, outcome="CLEAN"), entry(2, outcome="CLEAN"), entry(3, outcome="HELD", reason="x"))
    named = {"CLEAN": 2, "REDACTED": 1, "HELD": 1}
    assert _of(made.messages.outcomes) == dict.fromkeys(STANDINGS, 0) | named
    assert made.messages.held_by_reason == (Count("x", 1),)


def test_an_outcome_from_a_newer_version_is_counted_too(report: MakeReport, entry: MakeEntry) -> None:
    made = report(entry(0, outcome="MOVED"))
    assert _of(made.messages.outcomes)["MOVED"] == 1
    assert check(made) == []


def test_a_message_counts_once_with_its_latest_entry(
    report: MakeReport, entry: MakeEntry, removal: MakeRemoval
) -> None:
    first = entry(0, 2, ref="same", outcome="OBSERVED", mode="observe", removals=(removal(),))
    last = entry(1, 1, ref="same", removals=(removal(),))
    made = report(first, last)
    assert made.messages.total == 1
    assert _of(made.messages.outcomes)["REDACTED"] == 1
    assert made.observed.total.total == 0
    assert made.removed.total.total == 1


def test_the_same_reference_at_another_source_is_another_message(report: MakeReport, entry: MakeEntry) -> None:
    assert report(entry(0, ref="1"), entry(1, ref="1", source="zaken")).messages.total == 2


def test_entries_without_a_reference_are_never_taken_together(report: MakeReport, entry: MakeEntry) -> None:
    assert report(entry(0, ref=""), entry(1, ref="")).messages.total == 2


def test_a_removal_stays_counted_when_the_message_is_held_later(
    report: MakeReport, entry: MakeEntry, removal: MakeRemoval
) -> None:
    made = report(entry(0, 2, ref="a", removals=(removal(),)), entry(1, 1, ref="a", outcome="HELD", reason="encrypted"))
    assert made.messages.held == 1
    assert made.messages.removed_in == 1
    assert made.removed.total == Removed("", 1, 1, 0, 0)
    assert check(made) == []


@pytest.mark.parametrize("outcome", ["CLEAN", "OBSERVED", "HELD", "FAILED", ""])
def test_only_a_redacted_message_lost_anything(
    report: MakeReport, entry: MakeEntry, removal: MakeRemoval, outcome: str
) -> None:
    made = report(entry(0, outcome=outcome, removals=(removal(),)))
    assert made.removed.total.total == 0
    assert made.messages.removed_in == 0
    assert made.stayed.not_done == (0 if outcome == "OBSERVED" else 1)


def test_an_entry_in_observe_mode_removed_nothing_whatever_it_says(
    report: MakeReport, entry: MakeEntry, removal: MakeRemoval
) -> None:
    assert report(entry(0, mode="observe", removals=(removal(),))).removed.total.total == 0


def test_removals_are_broken_down_five_ways(report: MakeReport, entry: MakeEntry, removal: MakeRemoval) -> None:
    mail = entry(0, 3, removals=(removal(), removal("IBAN_CODE", rule="ongevraagd"), removal("PERSON", "keep", "x")))
    ticket = entry(1, 1, source="zaken", channel="ticket", removals=(removal("IBAN_CODE", rule="ongevraagd"),))
    late = entry(2, 1, kind="deferred", removals=(removal("IBAN_CODE", rule="gevraagd"),))
    seen = entry(3, kind="reviewed", removals=(removal("SPECIAL_CATEGORY", rule="bijzonder"),))
    made = report(mail, ticket, late, seen)
    assert made.removed.total == Removed("", 5, 3, 1, 1)
    assert made.removed.by_type == (
        Removed("IBAN_CODE", 3, 2, 1, 0),
        Removed("NL_BSN", 1, 1, 0, 0),
        Removed("SPECIAL_CATEGORY", 1, 0, 0, 1),
    )
    assert {row.key: row.total for row in made.removed.by_rule} == {
        "ongevraagd": 2,
        "bsn-nooit": 1,
        "gevraagd": 1,
        "bijzonder": 1,
    }
    assert {row.key: row.total for row in made.removed.by_channel} == {"email": 4, "ticket": 1}
    assert {row.key: row.total for row in made.removed.by_source} == {"support": 4, "zaken": 1}
    assert [(row.key, row.total) for row in made.removed.by_day] == [
        ("2026-11-19", 2),
        ("2026-11-20", 0),
        ("2026-11-21", 2),
        ("2026-11-22", 1),
    ]
    assert check(made) == []


def test_a_day_ends_at_midnight_in_the_readers_zone(report: MakeReport, entry: MakeEntry, removal: MakeRemoval) -> None:
    late = entry(0, recorded_at="2026-11-20T23:30:00Z", removals=(removal(),))
    assert {row.key: row.total for row in report(late).removed.by_day}["2026-11-21"] == 1


def test_the_period_has_every_day_and_both_its_ends(
    report: MakeReport, entry: MakeEntry, removal: MakeRemoval, now: datetime
) -> None:
    entries = [entry(n, days, removals=(removal(),)) for n, days in enumerate((6, 5, 2, 0))]
    made = report(*entries, entry(4, -0.001, removals=(removal(),)), since=now - timedelta(days=5))
    assert [row.total for row in made.removed.by_day] == [1, 0, 0, 1, 0, 1]
    assert made.period.entries == 3
    assert made.messages.total == 3


def test_days_over_ten_years_are_listed_only_where_something_was_removed(
    report: MakeReport, entry: MakeEntry, removal: MakeRemoval
) -> None:
    made = report(entry(0, recorded_at="0001-01-02T00:00:00Z", removals=(removal(),)), entry(1, removals=(removal(),)))
    assert len(made.removed.by_day) == 2
    assert check(made) == []


def test_what_has_no_readable_time_is_told_and_counted_nowhere(report: MakeReport, entry: MakeEntry) -> None:
    broken = [
        entry(0, recorded_at="yesterday"),
        entry(1, recorded_at=""),
        entry(2, recorded_at="0001-01-01T00:00+23:00"),
    ]
    made = report(*broken, entry(3))
    assert (made.period.undated, made.messages.total) == (3, 1)


def test_observe_mode_says_what_would_have_gone(report: MakeReport, entry: MakeEntry, removal: MakeRemoval) -> None:
    rows = (removal(), removal("IBAN_CODE", "defer", "gevraagd"), removal("PERSON", "keep", "contactgegevens"))
    made = report(
        entry(0, mode="observe", outcome="OBSERVED", removals=rows), entry(1, mode="observe", outcome="CLEAN")
    )
    assert made.messages.would_remove_in == 1
    assert made.observed.total == Would("", 2, 1, 1)
    assert made.observed.by_type == (Would("IBAN_CODE", 1, 0, 1), Would("NL_BSN", 1, 1, 0))
    assert made.observed.by_rule == (Would("bsn-nooit", 1, 1, 0), Would("gevraagd", 1, 0, 1))
    assert (made.stayed.kept, made.stayed.so_far) == (1, 0)


def test_not_read_in_full_is_the_union_of_unread_held_and_failed(report: MakeReport, entry: MakeEntry) -> None:
    image, pdf = UnreadPart("image/png", "image"), UnreadPart("application/pdf", "pdf")
    made = report(
        entry(0, unread=(image, image, pdf)),
        entry(1, unread=(image,)),
        entry(2, outcome="HELD", reason="encrypted", unread=(UnreadPart("multipart/encrypted", "encrypted"),)),
        entry(3, outcome="FAILED", reason="source"),
        entry(4),
    )
    assert made.unread == (UnreadReason("image", 3, 2), UnreadReason("encrypted", 1, 1), UnreadReason("pdf", 1, 1))
    m = made.messages
    assert (m.in_full, m.not_in_full, m.with_unread_parts, m.held, m.failed) == (1, 4, 3, 1, 1)
    assert m.failed_by_reason == (Count("source", 1),)


def test_a_released_message_is_no_longer_open_unless_it_is_held_again(report: MakeReport, entry: MakeEntry) -> None:
    held = entry(0, 3, ref="a", outcome="HELD", reason="not-verified")
    released = entry(1, 2, ref="a", kind="released", outcome="")
    assert report(held).messages.held_open == 1
    made = report(held, released)
    assert (made.messages.held, made.messages.held_open, made.people) == (1, 0, People(0, 1, 0))
    assert report(held, released, replace(held, index=2)).messages.held_open == 1


def test_a_rewritten_message_is_still_the_same_message_at_its_new_place(
    report: MakeReport, entry: MakeEntry, removal: MakeRemoval
) -> None:
    first = entry(0, 9, ref="old", message_digest="d1", result_digest="d2", removals=(removal(),))
    copy = CopyLeft("prullenbak", "UNKNOWN", "")
    second = entry(1, 5, kind="deferred", ref="new", message_digest="d2", result_digest="d3", removals=(removal(),))
    third = entry(2, 1, kind="deferred", ref="newer", message_digest="d3", removals=(removal(),))
    made = report(replace(first, copies=(copy,)), second, replace(third, copies=(replace(copy, state="CLEANED"),)))
    assert made.messages.removed_in == 1
    assert made.removed.total == Removed("", 3, 1, 2, 0)
    assert made.copies == (CopyPlace("prullenbak", "CLEANED", "", 1),)
    assert made.second_pass == (Count("REDACTED", 2),)


def test_why_something_stayed_comes_from_its_rule(report: MakeReport, entry: MakeEntry, removal: MakeRemoval) -> None:
    rows = (
        removal("PERSON", "keep", "contactgegevens"),
        removal("PERSON", "keep", "contactgegevens"),
        removal("ADDRESS", "keep", "van-organisatie"),
        removal("EMAIL_ADDRESS", "keep", "op-dossier"),
        removal("IBAN_CODE", "defer", "gevraagd"),
        removal("ADDRESS", "defer", "nodig-voor-verzoek"),
        removal("PHONE_NUMBER", "keep", "eigen-regel", data_subject="organisation"),
        removal("PHONE_NUMBER", "keep", "eigen-regel", data_subject="sender"),
        removal("SPECIAL_CATEGORY", "review", "bijzonder"),
        removal("NL_BSN", "erase"),
    )
    stayed = report(entry(0, removals=rows)).stayed
    assert (stayed.kept, stayed.so_far, stayed.to_review, stayed.not_done) == (6, 2, 1, 1)
    assert stayed.by_ground == (
        Stays("contact", 2, 0),
        Stays("organisation", 2, 0),
        Stays("asked", 0, 1),
        Stays("needed", 0, 1),
        Stays("on_file", 1, 0),
        Stays("other", 1, 0),
    )
    assert StaysByRule("organisation", "eigen-regel", 1, 0) in stayed.by_rule
    assert StaysByRule("other", "eigen-regel", 1, 0) in stayed.by_rule
    assert Stays("ADDRESS", 1, 1) in stayed.by_type


def test_what_waits_is_due_or_overdue_by_its_two_dates(report: MakeReport, now: datetime) -> None:
    def wait(kind: str, due: int, latest: int) -> Waiting:
        return Waiting("support", kind, "gevraagd", now + timedelta(days=due), now + timedelta(days=latest))

    waits = (wait("IBAN_CODE", 3, 9), wait("IBAN_CODE", -1, 5), wait("ADDRESS", -9, -1), wait("ADDRESS", 0, 0))
    made = report(waiting=waits, reviews=(Review("support", "SPECIAL_CATEGORY", "bijzonder", now),))
    total = made.waiting.total
    assert (total.total, total.due, total.overdue) == (4, 3, 1)
    assert (total.next, total.last) == (now + timedelta(days=3), now + timedelta(days=9))
    assert [(row.key, row.total, row.due, row.overdue) for row in made.waiting.by_type] == [
        ("ADDRESS", 2, 2, 1),
        ("IBAN_CODE", 2, 1, 0),
    ]
    assert made.waiting.by_type[0].next is None
    assert made.waiting.by_rule[0].total == 4
    assert (made.reviews.total.due, made.reviews.total.overdue) == (1, 0)


def test_copies_show_what_remains_first_and_the_last_word_on_each(report: MakeReport, entry: MakeEntry) -> None:
    def left(state: str, place: str = "index") -> tuple[CopyLeft, ...]:
        return (CopyLeft(place, state, "cache"),)

    made = report(
        entry(0, ref="a", copies=left("REMAINS")),
        entry(1, ref="a", kind="deferred", copies=left("CLEANED")),
        entry(2, ref="b", copies=left("UNKNOWN")),
        entry(3, ref="c", copies=left("REMAINS", "mail")),
        entry(4, ref="d", copies=left("REMAINS", "mail")),
        entry(5, ref="e", copies=left("NEW-STATE")),
    )
    assert made.copies == (
        CopyPlace("mail", "REMAINS", "cache", 2),
        CopyPlace("index", "UNKNOWN", "cache", 1),
        CopyPlace("index", "NEW-STATE", "cache", 1),
        CopyPlace("index", "CLEANED", "cache", 1),
    )


def test_sources_with_their_mode_as_it_is_now(report: MakeReport, entry: MakeEntry) -> None:
    made = report(entry(0, 2, mode="observe"), entry(1, 1), entry(2, 1, source="archief", channel="ticket"))
    assert made.sources == (SourceUse("archief", "ticket", "redact", 1), SourceUse("support", "email", "redact", 2))


def test_policies_and_detectors_with_the_time_they_decided(report: MakeReport, entry: MakeEntry, now: datetime) -> None:
    made = report(
        entry(0, 4, policy_digest="p1", detector_digest="d"),
        entry(1, 3, policy_digest="p1", detector_digest="d"),
        entry(2, 1, policy_digest="p2", detector_digest="d"),
        entry(3, 0, kind="checkpoint"),
    )
    assert made.policies == (
        InForce("p2", now - timedelta(days=1), now - timedelta(days=1), 1),
        InForce("p1", now - timedelta(days=4), now - timedelta(days=3), 2),
    )
    assert [row.entries for row in made.detectors] == [3]


def test_keys_live_over_the_whole_ledger(report: MakeReport, entry: MakeEntry, now: datetime) -> None:
    made = report(
        entry(0, 99, kind="message", key_id="k0"),
        entry(1, 90, kind="key_created", key_id="k1"),
        entry(2, 40, key_id="k1"),
        entry(3, 2, kind="key_destroyed", key_id="k1"),
        since=now - timedelta(days=5),
    )
    assert made.keys == (KeyLife("k0", None, None), KeyLife("k1", now - timedelta(days=90), now - timedelta(days=2)))


def test_a_signature_is_broken_only_by_a_removal(report: MakeReport, entry: MakeEntry, removal: MakeRemoval) -> None:
    signed = {"notes": ("signature",), "removals": (removal(),)}
    made = report(
        entry(0, **signed), entry(1, outcome="OBSERVED", **signed), entry(2, outcome="CLEAN", notes=("signature",))
    )
    assert made.messages.signature_broken == 1


def test_people_are_counted_by_what_they_did(report: MakeReport, entry: MakeEntry) -> None:
    kinds = ("restored", "restored", "released", "reviewed")
    made = report(*(entry(n, kind=kind, outcome="CLEAN") for n, kind in enumerate(kinds)))
    assert made.people == People(2, 1, 1)
    assert made.messages.total == 0


def test_what_people_say_is_counted_by_word_and_finishes_no_review(report: MakeReport, entry: MakeEntry) -> None:
    reasons = ("signal:wrong", "signal:needed", "signal:wrong", "retry", "purge-command", "")
    made = report(*(entry(n, kind="reviewed", outcome="", reason=reason) for n, reason in enumerate(reasons)))
    assert made.people == People(0, 0, 1, retried=1, signals=(Count("wrong", 2), Count("needed", 1)))
    assert made.messages.total == 0
    assert made.removed.total.after_review == 0


def test_a_purge_that_succeeded_cleans_what_the_server_kept_of_that_source_until_then(
    report: MakeReport, entry: MakeEntry
) -> None:
    cache = CopyLeft("dovecot-index-cache", "UNKNOWN", "kan nog bestaan")
    backup = CopyLeft("backup", "UNKNOWN", "onbekend")
    purged = CopyLeft("dovecot-index-cache", "CLEANED", "opgeruimd")
    done = {"kind": "reviewed", "reason": "purge-command", "outcome": "", "ref": ""}
    before = [entry(0, copies=(cache, backup)), entry(1, copies=(cache,)), entry(2, source="ander", copies=(cache,))]
    failed = entry(3, copies=(replace(purged, state="UNKNOWN"),), **done)
    assert {(row.place, row.state): row.messages for row in report(*before, failed).copies} == {
        ("dovecot-index-cache", "UNKNOWN"): 3,
        ("backup", "UNKNOWN"): 1,
    }
    made = report(*before, failed, entry(4, copies=(purged,), **done), entry(5, copies=(cache,)))
    assert {(row.place, row.state): row.messages for row in made.copies} == {
        ("dovecot-index-cache", "CLEANED"): 2,
        ("dovecot-index-cache", "UNKNOWN"): 2,
        ("backup", "UNKNOWN"): 1,
    }


def test_moments_without_a_zone_and_a_period_turned_round_are_refused(report: MakeReport, now: datetime) -> None:
    with pytest.raises(ValueError, match="time zone"):
        report(since=datetime(2026, 11, 1))  # noqa: DTZ001 - that is what is refused
    with pytest.raises(ValueError, match="ends before"):
        report(since=now + timedelta(seconds=1))


_WORDS = st.sampled_from(["", "a", "b", "ongevraagd", "gevraagd", "NL_BSN"])
_REMOVALS = st.builds(
    Removal,
    entity_type=_WORDS,
    rule=_WORDS,
    action=st.sampled_from(["keep", "redact", "defer", "review", "other"]),
    path_kind=st.just("plain"),
    score=st.just(0.5),
    data_subject=st.sampled_from(["sender", "organisation"]),
)
_MOMENTS = st.datetimes(datetime(2026, 10, 1), datetime(2026, 11, 25)).map(  # noqa: DTZ001 - the strategy wants them bare
    lambda at: at.replace(tzinfo=UTC)
)
_KINDS: tuple[Kind, ...] = ("message", "message", "deferred", "restored", "released", "reviewed", "checkpoint")
_REASONS = (
    *("missed", "read-only source", "retry", "purge-command", "not-found", "gone", "review:keep", "review:remove"),
    *("review:", "signal:missed", "signal:keep", "signal:", "deleted-meanwhile"),
)
_ENTRIES = st.builds(
    LedgerEntry,
    chain=st.just("main"),
    index=st.integers(0, 9),
    previous=st.just(""),
    kind=st.sampled_from(_KINDS),
    recorded_at=st.one_of(_MOMENTS.map(datetime.isoformat), st.just("no date")),
    actor=st.just("worker"),
    source=_WORDS,
    channel=_WORDS,
    mode=st.sampled_from(["observe", "redact", ""]),
    ref=_WORDS,
    message_digest=_WORDS,
    result_digest=_WORDS,
    outcome=st.sampled_from(["CLEAN", "REDACTED", "OBSERVED", "HELD", "FAILED", "", "NEW"]),
    reason=_WORDS | st.sampled_from(_REASONS),
    removals=st.lists(_REMOVALS, max_size=4).map(tuple),
    unread=st.lists(st.builds(UnreadPart, st.just("x/y"), _WORDS), max_size=3).map(tuple),
    copies=st.lists(st.builds(CopyLeft, _WORDS, _WORDS, _WORDS), max_size=2).map(tuple),
)


@given(
    entries=st.lists(_ENTRIES, max_size=20),
    waits=st.lists(st.builds(Waiting, _WORDS, _WORDS, _WORDS, _MOMENTS, _MOMENTS), max_size=5),
    asks=st.lists(st.builds(Review, _WORDS, _WORDS, _WORDS, _MOMENTS), max_size=5),
    since=st.none() | st.just(datetime(2026, 10, 20, tzinfo=UTC)),
)
@settings(max_examples=100, deadline=None)
def test_whatever_the_ledger_holds_the_sums_are_right(
    entries: list[LedgerEntry], waits: list[Waiting], asks: list[Review], since: datetime | None
) -> None:
    until = datetime(2026, 11, 22, tzinfo=UTC)
    made = figures(entries, waits, asks, ChainState(True, len(entries)), since=since, until=until, generated_at=until)
    assert check(made) == []
    days = [row.key for row in made.removed.by_day]
    assert days == sorted(set(days))
    assert len(days) == (made.period.last_day - made.period.first_day).days + 1
