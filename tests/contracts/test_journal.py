"""The journal on every database: what is known, in hand, due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from scrubber.errors import StoreError
from scrubber.journal import (
    LOCKED,
    MARKED,
    READ_ONLY,
    RELEASED,
    RETRY,
    WRONG,
    Job,
    Journal,
    Load,
    Rewritten,
    Standing,
    Told,
    Trouble,
    Waiting,
    final,
)
from scrubber.message import SourceRef
from scrubber.schema import jobs
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
    assert known[REF] == Standing("FAILED", "", "redact", 2, "", replaced=False, digest="d")
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
    with store.read() as tx:
        assert tx.execute(select(jobs.c.plan, jobs.c.draft)).all() == [("{}", b"")]
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


# a message under another reference

MOVED = SourceRef("desk", "Archief", "9", "2")


def place(store: Store, journal: Journal, ref: SourceRef, digest: str = "d", **more: str) -> None:
    with store.begin() as tx:
        journal.settle(
            tx,
            ref,
            outcome=more.pop("outcome", "CLEAN"),
            reason="",
            mode="redact",
            digest=digest,
            received=NOW,
            now=NOW,
            **more,  # type: ignore[arg-type]  # only the text ones are given
        )


def test_all_that_is_known_of_a_message_is_carried_over(store: Store, journal: Journal) -> None:
    place(store, journal, REF)
    with store.begin() as tx:
        journal.defer(tx, REF, [waiting(NOW)], NOW)
        journal.review(tx, REF, [("SPECIAL_CATEGORY", "bijzonder", NOW)], NOW)
        journal.carry(tx, REF, MOVED, "first")
        journal.carry(tx, MOVED, NEW, "second")
    assert list(journal.standings("desk")) == [NEW]
    assert [due.ref for due in journal.due("desk", NOW)] == [NEW]
    with store.begin() as tx:
        assert journal.name(tx, NEW) == "first"
        journal.review(tx, NEW, [("SPECIAL_CATEGORY", "bijzonder", NOW)], NOW)
    assert journal.totals(NOW).reviews == 1
    assert [one.known_as for one in journal.open().due] == ["first"]


def test_a_message_known_at_its_new_place_only_gets_what_waits(store: Store, journal: Journal) -> None:
    place(store, journal, REF)
    place(store, journal, NEW, outcome="HELD")
    with store.begin() as tx:
        journal.defer(tx, REF, [waiting(NOW)], NOW)
        journal.carry(tx, REF, NEW, "first")
    assert journal.standings("desk")[NEW].outcome == "HELD"
    assert [due.ref for due in journal.due("desk", NOW)] == [NEW]


def test_where_we_put_a_rewritten_message_is_known_after_a_move(store: Store, journal: Journal) -> None:
    journal.prepare(job(), NOW)
    with store.begin() as tx:
        journal.finish(tx, "job-1", NEW, NOW)
    place(store, journal, NEW, "result", origin="job-1")
    with store.begin() as tx:
        journal.carry(tx, NEW, MOVED, "first")
    assert journal.rewritten("desk", ["original"]) == [Rewritten(NOW, MOVED)]


def test_messages_are_found_by_what_they_hold(store: Store, journal: Journal) -> None:
    place(store, journal, REF, "x")
    place(store, journal, NEW, "y")
    place(store, journal, SourceRef("other", ".", "1"), "x")
    assert journal.alike("desk", ["x", "z"]) == [REF]
    assert journal.alike("desk", ["z"]) == []
    with store.begin() as tx:
        journal.settle(
            tx, MOVED, outcome="HELD", reason="budget: bytes", mode="redact", digest="", received=NOW, now=NOW, size=7
        )
    assert journal.alike_unread("desk", 7, NOW) == [MOVED]
    assert journal.alike_unread("desk", 7, NOW + DAY) == []


# what people say and decide


def test_a_word_is_known_by_its_mark_and_where_it_was_said(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.hear(tx, REF, "m1", "needed", NOW)
        journal.hear(tx, REF, "m2", "done", NOW + DAY)
    assert journal.marks("desk") == {"m1", "m2"}
    assert journal.marks("other") == set()
    assert journal.words("desk") == {REF: "done"}
    same_folder, other_folder = SourceRef("desk", ".", "7", "2"), SourceRef("desk", "Archief", "7")
    with store.begin() as tx:
        journal.carry(tx, REF, same_folder, "x")
    assert journal.words("desk") == {same_folder: "done"}
    with store.begin() as tx:
        journal.carry(tx, same_folder, other_folder, "x")
    assert other_folder not in journal.words("desk")
    with pytest.raises(StoreError), store.begin() as tx:
        journal.hear(tx, REF, "m1", "needed", NOW)


def test_needed_and_done(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.defer(tx, REF, [waiting(NOW, NOW + 9 * DAY)], NOW)
        journal.put_off(tx, REF, NOW + 3 * DAY)
    assert journal.due("desk", NOW + 2 * DAY) == []
    with store.begin() as tx:
        journal.put_off(tx, REF, None)
    assert journal.due("desk", NOW + 8 * DAY) == []
    assert len(journal.due("desk", NOW + 9 * DAY)) == 1
    with store.begin() as tx:
        journal.hasten(tx, REF, NOW + DAY)
    (due,) = journal.due("desk", NOW + DAY)
    assert due.latest == NOW + DAY
    with store.begin() as tx:
        journal.hasten(tx, REF, NOW + 5 * DAY)  # never later than it was
    assert journal.due("desk", NOW + DAY) == [due]


def test_what_could_not_be_removed_waits_again_or_is_let_be(store: Store, journal: Journal) -> None:
    place(store, journal, REF)
    with store.begin() as tx:
        journal.defer(tx, REF, [waiting(NOW)], NOW)
        assert not journal.try_again(tx, REF)
        journal.carried_out(tx, REF, "held", "", NOW)
    assert [one.entity_types for one in journal.open().stuck] == [("IBAN_CODE",)]
    with store.begin() as tx:
        assert journal.try_again(tx, REF)
    assert (journal.totals(NOW).overdue, journal.totals(NOW).stuck) == (1, 0)
    with store.begin() as tx:
        journal.let_be(tx, REF, NOW)
    assert (journal.totals(NOW).waiting, journal.totals(NOW).stuck) == (0, 0)


def test_retry_release_and_wrong(store: Store, journal: Journal) -> None:
    place(store, journal, REF, outcome="HELD")
    with store.begin() as tx:
        assert journal.retry(tx, REF)
        assert not journal.retry(tx, NEW)
    assert not final(journal.standings("desk")[REF], "redact", 3)
    assert journal.known(REF) == Standing("HELD", "retry", "redact", 0, "", replaced=False, digest="d")
    with store.begin() as tx:
        journal.resettle(tx, REF, "CLEAN", RELEASED, NOW)
    assert final(journal.standings("desk")[REF], "redact", 3)
    place(store, journal, NEW, outcome="OBSERVED")
    with store.begin() as tx:
        journal.stays(tx, NEW, WRONG, NOW)
    assert final(journal.standings("desk")[NEW], "redact", 3)
    assert journal.known(MOVED) is None


def test_troubles_keep_their_beginning(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.trouble(tx, "desk", "source", "no answer", NOW)
        journal.trouble(tx, "desk", "source", "wrong password", NOW + DAY)
        journal.purge_due(tx, "desk", ["b"], NOW)
        journal.purge_due(tx, "desk", ["a", "b"], NOW + DAY)
    assert journal.troubles() == [
        Trouble("desk", "purge-due", NOW, "a b"),
        Trouble("desk", "source", NOW, "wrong password"),
    ]
    with store.begin() as tx:
        journal.over(tx, "desk", "source")
    assert [one.what for one in journal.troubles()] == ["purge-due"]


def test_what_is_not_over(store: Store, journal: Journal) -> None:
    place(store, journal, REF, outcome="HELD")
    place(store, journal, NEW, outcome="FAILED")
    place(store, journal, MOVED)
    journal.prepare(job(ref=MOVED), NOW)
    with store.begin() as tx:
        journal.defer(tx, MOVED, [waiting(NOW + DAY), Waiting("NL_BSN", "x", "f", NOW, NOW)], NOW)
    stands = journal.open()
    assert [(one.ref, one.outcome, one.attempts) for one in stands.unsettled] == [(REF, "HELD", 1), (NEW, "FAILED", 1)]
    assert [(one.ref, one.step) for one in stands.flights] == [(MOVED, "PREPARED")]
    assert [(one.entity_types, one.due, one.latest) for one in stands.due] == [
        (("NL_BSN", "IBAN_CODE"), NOW, NOW + 31 * DAY)
    ]
    assert dict(journal.loads(NOW)) == {"desk": Load(waiting=2, overdue=1, held=1, in_flight=1)}


def test_deliveries_are_taken_once_and_their_matters_are_to_be_looked_at(store: Store, journal: Journal) -> None:
    def tell(*told: Told, at: datetime = NOW) -> list[bool]:
        with store.begin() as tx:
            return journal.tell(tx, told, at)

    assert tell() == []
    first = [
        Told("desk", "1", ("a",)),
        Told("desk", "1", ("b",)),
        Told("desk", "2", ("a",)),
        Told("other", "1", ("a",)),
    ]
    assert tell(*first) == [True, True, False, True]
    assert (journal.nudged("desk"), journal.nudged("other")) == ({"1": NOW}, {"1": NOW})
    # a repeat tells nothing; one under a key that was rotated since is a repeat too; what has no name counts each time
    later = NOW + DAY
    assert tell(Told("desk", "1", ("a",)), Told("desk", "3", ("new", "b")), at=later) == [False, False]
    assert journal.nudged("desk") == {"1": NOW}
    assert tell(Told("desk", "1"), Told("desk", "1"), at=later) == [True, True]
    assert journal.nudged("desk") == {"1": later}
    with store.begin() as tx:
        assert not journal.take(tx, "desk", "newer", later, ["b"])
        assert journal.take(tx, "desk", "c", later)
        assert journal.forget_deliveries(tx, NOW + 7 * DAY) == 0
        assert journal.forget_deliveries(tx, NOW + 7 * DAY + timedelta(seconds=1)) == 3
    assert tell(Told("desk", "1", ("a",))) == [True]


def test_what_is_told_while_the_matter_is_looked_at_is_not_lost(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.tell(tx, [Told("desk", "1")], NOW)
    ((ticket, seen),) = journal.nudged("desk").items()
    with store.begin() as tx:
        journal.tell(tx, [Told("desk", "1")], NOW + DAY)
    with store.begin() as tx:
        journal.nudges_done(tx, "desk", ticket, seen)
    assert journal.nudged("desk") == {"1": NOW + DAY}


def test_what_is_held_for_a_mark_is_told_from_what_a_person_must_look_at(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        for ref, why in ((REF, MARKED), (NEW, "")):
            journal.defer(tx, ref, [waiting(NOW), waiting(NOW + DAY)], NOW)
            journal.carried_out(tx, ref, "held", why, NOW)
    assert journal.marked("desk") == [REF]
    assert journal.marked("elsewhere") == []
    assert {one.ref: one.why for one in journal.open().stuck} == {REF: MARKED, NEW: ""}
    with store.begin() as tx:
        assert journal.try_again(tx, REF)
    assert journal.marked("desk") == []
    assert [one.ref for one in journal.due("desk", NOW + DAY)] == [REF]


def test_how_many_are_left_alone_is_remembered_a_source(journal: Journal) -> None:
    journal.left_alone("desk", 3, NOW)
    journal.left_alone("post", 2, NOW)
    journal.left_alone("desk", 1, NOW + DAY)
    assert journal.totals(NOW).marked == 3
    journal.left_alone("desk", 0, NOW + DAY)
    assert journal.totals(NOW).marked == 2


# tickets


def test_a_nudge_stays_until_what_it_told_was_done(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        journal.nudge(tx, "desk", "7", NOW)
        journal.nudge(tx, "desk", "8", NOW + DAY)
        journal.nudge(tx, "other", "7", NOW)
    assert journal.nudged("desk") == {"7": NOW, "8": NOW + DAY}
    before = journal.nudges()
    with store.begin() as tx:
        journal.nudge(tx, "desk", "7", NOW + DAY)  # told again while it was looked at
        journal.nudges_done(tx, "desk", "7", NOW)
        journal.nudges_done(tx, "desk", "8", NOW + DAY)
    assert journal.nudged("desk") == {"7": NOW + DAY}
    assert len(journal.nudges() - before) == 1
    assert journal.nudged("other") == {"7": NOW}


def test_how_far_a_sweep_came(store: Store, journal: Journal) -> None:
    assert journal.swept("desk") is None
    for until, at in ((NOW, NOW), (NOW + DAY, NOW)):
        with store.begin() as tx:
            journal.sweep(tx, "desk", until, at)
    assert journal.swept("desk") == (NOW + DAY, NOW)
    assert journal.swept("other") is None


def test_which_matters_went_on_in_another(store: Store, journal: Journal) -> None:
    with store.begin() as tx:
        for container, into in (("1", "2"), ("2", "3"), ("3", ""), ("4", "3"), ("5", "6"), ("6", "5")):
            journal.saw(tx, "desk", container, NOW if into else None, into)
        journal.saw(tx, "desk", "4", None, "")
    assert journal.merged_from("desk", "3") == {"1", "2"}
    assert journal.merged_from("desk", "5") == {"6"}
    assert journal.merged_from("other", "3") == set()


def test_what_waits_turns_with_its_matter(store: Store, journal: Journal) -> None:
    ref, beside = SourceRef("desk", "7", "1"), SourceRef("desk", "8", "2")
    with store.begin() as tx:
        journal.defer(tx, ref, [waiting(NOW + 30 * DAY, NOW + 30 * DAY)], NOW)
        journal.defer(tx, beside, [waiting(NOW + 30 * DAY, NOW + 30 * DAY)], NOW)
    assert journal.waiting_in("desk", ["7", "9"]) == {ref}

    def due(when: datetime | None, *, later: bool = False) -> datetime:
        with store.begin() as tx:
            journal.turn(tx, [ref], when, later=later)
        return next(one.due for one in journal.open().due if one.ref == ref)

    assert due(NOW + 7 * DAY) == NOW + 7 * DAY  # closed
    assert due(NOW + 5 * DAY, later=True) == NOW + 7 * DAY
    assert due(NOW + 9 * DAY, later=True) == NOW + 9 * DAY
    assert due(None) == NOW + 30 * DAY  # opened again
    assert due(NOW + 99 * DAY) == NOW + 30 * DAY
    assert next(one.due for one in journal.open().due if one.ref == beside) == NOW + 30 * DAY


def test_which_containers_have_something_unfinished(store: Store, journal: Journal) -> None:
    def settled(container: str, outcome: str, reason: str = "", times: int = 1, received: datetime = NOW) -> None:
        for _ in range(times):
            with store.begin() as tx:
                journal.settle(
                    tx,
                    SourceRef("desk", container, "1"),
                    outcome=outcome,
                    reason=reason,
                    mode="observe",
                    digest="d",
                    received=received,
                    now=NOW,
                )

    settled("clean", "CLEAN")
    settled("failed", "FAILED", times=2)
    settled("failed-out", "FAILED", times=3)
    settled("observed", "OBSERVED")
    settled("read-only", "OBSERVED", READ_ONLY)
    settled("locked", "OBSERVED", LOCKED)
    settled("released", "OBSERVED", RELEASED)
    settled("old", "OBSERVED", received=NOW - 90 * DAY)
    settled("asked", "HELD", RETRY, received=NOW - 90 * DAY)
    since = NOW - 30 * DAY
    assert journal.unfinished("desk", since, "observe", 3, replaces=True) == {"failed", "asked"}
    assert journal.unfinished("desk", since, "redact", 3, replaces=True) == {"failed", "asked", "observed", "read-only"}
    assert journal.unfinished("desk", since, "redact", 3, replaces=False) == {"failed", "asked", "observed"}
    assert set(journal.standings("desk", ["clean", "nowhere"])) == {SourceRef("desk", "clean", "1")}
