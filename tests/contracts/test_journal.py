"""The journal on every database: what is known, in hand, due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from scrubber.errors import StoreError
from scrubber.journal import READ_ONLY, Job, Journal, Rewritten, Standing, Waiting, final
from scrubber.message import SourceRef
from scrubber.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
REF = SourceRef("desk", ".", "mail-1")
NEW = SourceRef("desk", ".", "mail-2")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store.open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)


def settle(store: Store, journal: Journal, ref: SourceRef = REF, outcome: str = "CLEAN", mode: str = "redact") -> None:
    with store.begin() as tx:
        journal.settle(tx, ref, outcome=outcome, reason="", mode=mode, digest="d", received=NOW, now=NOW)


def job(name: str = "job-1", ref: SourceRef = REF, kind: str = "message") -> Job:
    return Job(name, kind, ref, "original", "result", {"new": "x"}, "PREPARED", b"draft")


def waiting(due: datetime, latest: datetime | None = None) -> Waiting:
    return Waiting("IBAN_CODE", "gevraagd", "f1", due, latest or due + 30 * DAY)


def test_a_source_starts_where_it_was_first_seen(journal: Journal) -> None:
    assert journal.since("desk", None, "observe", NOW) == NOW
    assert journal.since("desk", None, "redact", NOW + DAY) == NOW
    assert journal.since("desk", NOW - DAY, "redact", NOW) == NOW - DAY
    assert journal.since("desk", None, "redact", NOW + DAY) == NOW


def test_a_settled_message_is_known_with_its_attempts(store: Store, journal: Journal) -> None:
    assert journal.standings("desk") == {}
    settle(store, journal, outcome="FAILED")
    settle(store, journal, outcome="FAILED")
    settle(store, journal, NEW)
    assert journal.attempts(REF) == 2
    assert journal.attempts(SourceRef("desk", ".", "other")) == 0
    known = journal.standings("desk")
    assert known[REF] == Standing("FAILED", "", "redact", 2, "", replaced=False)
    assert known[NEW].outcome == "CLEAN"
    assert journal.standings("other") == {}


@pytest.mark.parametrize(
    ("outcome", "attempts", "mode", "expected"),
    [
        ("CLEAN", 1, "redact", True),
        ("HELD", 1, "redact", True),
        ("FAILED", 2, "redact", False),
        ("FAILED", 3, "redact", True),
        ("OBSERVED", 1, "observe", True),
        ("OBSERVED", 1, "redact", False),
    ],
)
def test_what_needs_nothing_more(outcome: str, attempts: int, mode: str, expected: bool) -> None:
    assert final(Standing(outcome, "", "observe", attempts, "", replaced=False), mode, 3) is expected


def test_what_can_only_be_read_is_not_handled_again() -> None:
    standing = Standing("OBSERVED", READ_ONLY, "redact", 1, "", replaced=False)
    assert final(standing, "redact", 3)
    assert not final(standing, "redact", 3, replaces=True), "until it can be written"
    assert final(standing, "observe", 3, replaces=True)


def test_an_open_review_is_opened_once(store: Store, journal: Journal) -> None:
    for _ in range(2):
        with store.begin() as tx:
            journal.review(tx, REF, [("SPECIAL_CATEGORY", "bijzonder", NOW)], NOW)
    assert journal.totals(NOW).reviews == 1


def test_a_job_from_prepared_to_done(store: Store, journal: Journal) -> None:
    journal.prepare(job(), NOW)
    journal.step("job-1", "PLACED", NOW)
    (opened,) = journal.open_jobs("desk")
    assert (opened.step, opened.draft, opened.plan, opened.ref) == ("PLACED", b"draft", {"new": "x"}, REF)
    assert journal.open_jobs("other") == []
    assert journal.rewritten("desk", ["original"]) == []

    with store.begin() as tx:
        journal.finish(tx, "job-1", NEW, NOW)
        journal.settle(tx, REF, outcome="REDACTED", reason="", mode="redact", digest="o", received=NOW, now=NOW)
        journal.settle(
            tx, NEW, outcome="REDACTED", reason="", mode="redact", digest="r", received=NOW, now=NOW, origin="job-1"
        )

    assert journal.open_jobs("desk") == []
    known = journal.standings("desk")
    assert known[REF].replaced
    assert (known[NEW].replaced, known[NEW].origin) == (False, "job-1")
    assert journal.rewritten("desk", ["x", "original"]) == [Rewritten(NOW, NEW)]
    assert journal.rewritten("other", ["original"]) == []
    assert journal.originals(REF) == {"original"}
    assert journal.standing(NEW) == ("r", 0)
    assert journal.totals(NOW).settled == {"REDACTED": 1}


def test_an_aborted_job_leaves_the_message_unknown(store: Store, journal: Journal) -> None:
    journal.prepare(job(), NOW)
    with store.begin() as tx:
        journal.abort(tx, "job-1", NOW)
    assert journal.open_jobs("desk") == []
    assert journal.standings("desk") == {}
    assert journal.rewritten("desk", ["original"]) == []
    assert journal.originals(REF) == frozenset()
    assert journal.standing(REF) == ("", 0)


def test_a_step_of_a_job_that_is_not_there_is_an_error(journal: Journal) -> None:
    with pytest.raises(StoreError):
        journal.step("nothing", "PLACED", NOW)


def test_what_waits_becomes_due_is_put_off_and_carried_out(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.defer(tx, REF, [waiting(NOW + 21 * DAY)], NOW)
    assert journal.due("desk", NOW + 20 * DAY) == []
    assert [due.ref for due in journal.due("desk", NOW + 21 * DAY)] == [REF]

    journal.postpone(REF, NOW + 25 * DAY)
    assert journal.due("desk", NOW + 21 * DAY) == []
    assert [due.ref for due in journal.due("desk", NOW + 25 * DAY)] == [REF]

    with store.begin() as tx:
        journal.carried_out(tx, REF, "done", "job-1", NOW)
    assert journal.due("desk", NOW + 99 * DAY) == []
    assert journal.totals(NOW).waiting == 0


def test_nothing_is_put_off_beyond_its_latest_day(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.defer(tx, REF, [waiting(NOW + DAY, NOW + 30 * DAY)], NOW)
    journal.postpone(REF, NOW + 365 * DAY)
    assert journal.due("desk", NOW + 30 * DAY)[0].latest == NOW + 30 * DAY


def test_what_waits_moves_with_the_message(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.defer(tx, REF, [waiting(NOW)], NOW)
        journal.review(tx, REF, [("SPECIAL_CATEGORY", "bijzonder", NOW + DAY)], NOW)
        journal.move(tx, REF, NEW)
    assert [due.ref for due in journal.due("desk", NOW)] == [NEW]


def test_totals(store: Store, journal: Journal) -> None:
    settle(store, journal)
    journal.prepare(job(ref=NEW), NOW)
    with store.begin() as tx:
        journal.defer(tx, REF, [waiting(NOW - DAY), waiting(NOW + DAY)], NOW)
        journal.review(tx, REF, [("SPECIAL_CATEGORY", "bijzonder", NOW)], NOW)
    totals = journal.totals(NOW)
    assert (totals.settled, totals.in_flight, totals.waiting, totals.overdue, totals.reviews) == (
        {"CLEAN": 1},
        1,
        2,
        1,
        1,
    )
    assert totals.next_due == NOW - DAY


def test_names_that_are_no_utf8_survive(store: Store, journal: Journal) -> None:
    odd = SourceRef("desk", ".", "caf\udce9:%25\x00")
    settle(store, journal, odd)
    assert odd in journal.standings("desk")
