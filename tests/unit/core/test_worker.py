"""The worker over a source in memory and a real database: modes, what waits, what fails, what a person put back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from scrubber import bootstrap, logs
from scrubber.errors import SourceError, SourceUnwritable, StoreError
from scrubber.finding import Decision
from scrubber.journal import Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.ledger.verify import verify
from scrubber.message import Message, SourceRef
from scrubber.pipeline import Tools
from scrubber.policy.base import Case
from scrubber.sources.base import Listed, Replaced, WriteBack
from scrubber.sources.memory import MemorySource
from scrubber.station import Handled, Options, Station
from scrubber.store import Store
from scrubber.worker import Worker

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DESK = "support@desk.example"
BSN = "123456782"
IBAN = "NL91ABNA0417164300"


class Crash(BaseException):
    """A crash in the middle: nothing may catch it."""


def mail(
    body: str,
    *,
    subject: str = "vraag",
    identifier: str = "a",
    sender: str = "Jan Proef <jan@klant.example>",
    answers: str = "",
) -> bytes:
    lines = [f"From: {sender}", f"To: {DESK}", f"Subject: {subject}", f"Message-ID: <{identifier}@klant.example>"]
    if answers:
        lines += [f"In-Reply-To: <{answers}@klant.example>", f"References: <{answers}@klant.example>"]
    head = "\r\n".join([*lines, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"])
    return f"{head}\r\n\r\n{body}\r\n".encode()


@dataclass
class Desk:
    """A source with everything around it; `run` is one cycle at a moment."""

    path: Path
    tools: Tools
    mode: str = "redact"
    source: MemorySource = field(default_factory=lambda: MemorySource("desk", desk_addresses=[DESK]))
    now: datetime = NOW
    as_of: datetime | None = None
    handled: list[Handled] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Store.open(f"sqlite:///{self.path}/scrubber.db")
        self.ring = KeyRing.create(self.path / "keys")
        self.ledger = Ledger(self.store, self.ring, head_file=self.path / "head")
        self.journal = Journal(self.store)
        self.policy = bootstrap.default_policy([DESK])

    def worker(self, stop: Event | None = None) -> Worker:
        station = Station(self.source, self.policy, self.tools, self.mode, NOW - 60 * DAY)
        options = Options(batch=4, as_of=self.as_of)
        log = logs.configure("json")
        return Worker(
            [station],
            self.store,
            self.journal,
            self.ledger,
            self.ring,
            log,
            lambda: self.now,
            options,
            stop=stop,
            watch=self.handled.append,
        )

    def run(self) -> Worker:
        worker = self.worker()
        worker.cycle()
        worker.checkpoint()
        assert verify(self.store, self.ring.public_keys, head_file=self.path / "head").ok
        return worker

    def entries(self, kind: str = "") -> list[LedgerEntry]:
        return [
            entry for entry in self.ledger.read() if entry.kind == kind or (not kind and entry.kind != "checkpoint")
        ]

    def bodies(self) -> list[str]:
        return [stored.payload.decode().split("\r\n\r\n", 1)[1].strip() for stored in self.source.stored.values()]


@pytest.fixture(scope="module")
def tools() -> Tools:
    return bootstrap.default_tools()


@pytest.fixture
def desk(tmp_path: Path, tools: Tools) -> Iterator[Desk]:
    made = Desk(tmp_path, tools)
    yield made
    made.store.close()


def test_a_mail_is_redacted_in_its_place_and_recorded(desk: Desk) -> None:
    ref = desk.source.add(mail(f"Mijn BSN is {BSN}, waarom weet ik niet."), NOW - DAY, flags="RS")
    worker = desk.run()
    assert desk.bodies() == ["Mijn BSN is [BSN verwijderd], waarom weet ik niet."]
    (stored,) = desk.source.stored.values()
    assert (stored.flags, stored.received) == ("RS", NOW - DAY)
    (entry,) = desk.entries()
    assert (entry.kind, entry.outcome, entry.source, entry.mode) == ("message", "REDACTED", "desk", "redact")
    assert [(r.entity_type, r.rule, r.action) for r in entry.removals if r.action == "redact"] == [
        ("NL_BSN", "bsn-nooit", "redact")
    ]
    assert worker.summary.outcomes == {"REDACTED": 1}
    assert desk.handled[0].ref == ref


def test_a_value_left_in_a_technical_header_is_said(desk: Desk) -> None:
    desk.source.add(mail(f"Mijn BSN is {BSN}.", identifier=BSN), NOW - DAY)
    desk.run()
    (entry,) = desk.entries()
    assert ("headers", "REMAINS") in [(copy.place, copy.state) for copy in entry.copies]


def test_a_second_run_changes_nothing_and_records_nothing(desk: Desk) -> None:
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    desk.source.add(mail("Goedemorgen, wanneer zijn jullie open?", identifier="b"), NOW - DAY)
    desk.run()
    before, entries = dict(desk.source.stored), desk.entries()
    desk.run()
    assert desk.source.stored == before
    assert desk.entries() == entries


def test_observing_changes_nothing_and_says_what_would_go(desk: Desk) -> None:
    desk.mode = "observe"
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    desk.run()
    assert BSN in desk.bodies()[0]
    (entry,) = desk.entries()
    assert (entry.outcome, entry.mode) == ("OBSERVED", "observe")

    desk.mode = "redact"  # a person wrote it: what was only observed is handled now
    desk.run()
    assert BSN not in desk.bodies()[0]
    assert [entry.outcome for entry in desk.entries()] == ["OBSERVED", "REDACTED"]


def ask(desk: Desk, at: datetime) -> None:
    """A thread: the desk asks for an account number (in Sent), the customer gives it."""
    question = mail("Op welk IBAN mogen wij het bedrag terugstorten?", identifier="q", sender=f"Desk <{DESK}>")
    desk.source.add(question, at - timedelta(hours=1), folder="Sent")
    desk.source.add(mail(f"Dat mag op {IBAN}, alvast dank.", identifier="r", answers="q"), at)


def test_what_was_asked_for_waits_until_the_thread_has_been_silent(desk: Desk) -> None:
    ask(desk, NOW - DAY)
    desk.run()
    assert IBAN in desk.bodies()[1]
    (entry,) = desk.entries()
    assert (entry.outcome, [r.action for r in entry.removals if r.entity_type == "IBAN_CODE"]) == ("CLEAN", ["defer"])
    assert desk.journal.totals(desk.now).waiting == 1

    desk.now = NOW + 19 * DAY  # the mail is 20 days old
    desk.run()
    assert IBAN in desk.bodies()[1]

    desk.now = NOW + 20 * DAY + timedelta(minutes=1)
    desk.run()
    assert desk.bodies()[1] == "Dat mag op [IBAN verwijderd], alvast dank."
    deferred = desk.entries("deferred")
    assert [(e.outcome, [r.action for r in e.removals if r.entity_type == "IBAN_CODE"]) for e in deferred] == [
        ("REDACTED", ["redact"])
    ]
    assert desk.journal.totals(desk.now).waiting == 0


def test_a_thread_that_goes_on_puts_it_off_but_never_beyond_thirty_days(desk: Desk) -> None:
    ask(desk, NOW - DAY)
    desk.run()
    desk.source.add(mail("Is het al gestort?", identifier="s", answers="r"), NOW + 15 * DAY)
    desk.now = NOW + 21 * DAY
    desk.run()
    assert IBAN in desk.bodies()[1]
    desk.now = NOW + 29 * DAY + timedelta(minutes=1)
    desk.run()
    assert IBAN not in "".join(desk.bodies())


def test_as_of_looks_ahead_and_the_record_says_so(desk: Desk) -> None:
    ask(desk, NOW - DAY)
    desk.run()
    desk.as_of = NOW + 60 * DAY
    desk.run()
    assert IBAN not in "".join(desk.bodies())
    (entry,) = desk.entries("deferred")
    assert entry.notes[-1] == "as-of 2027-01-21"
    assert entry.recorded_at.startswith("2026-11-22")


def test_a_mail_that_is_gone_when_its_day_comes(desk: Desk) -> None:
    ask(desk, NOW - DAY)
    desk.run()
    (item,) = [item for item, stored in desk.source.stored.items() if IBAN.encode() in stored.payload]
    desk.source.delete(item)
    desk.now = NOW + 40 * DAY
    desk.run()
    assert desk.journal.totals(desk.now).waiting == 0
    assert [(entry.outcome, entry.reason) for entry in desk.entries("deferred")] == [("CLEAN", "gone")]


@pytest.mark.parametrize("step", ["WRITTEN", "PLACED", "REMOVING", "REMOVED"])
@pytest.mark.parametrize("again", [False, True])
def test_a_crash_at_any_step_is_finished_or_begun_anew(desk: Desk, step: str, again: bool) -> None:
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY, flags="S")

    def crash(at: str) -> None:
        if at == step:
            raise Crash

    desk.source.on_step = crash
    with pytest.raises(Crash):
        desk.worker().cycle()
    if again:  # and once more while the first crash is being cleared up, where that passes the same step
        with suppress(Crash):
            desk.worker().cycle()
    desk.source.on_step = None
    desk.run()
    assert desk.bodies() == ["Mijn BSN is [BSN verwijderd]."]
    assert desk.source.written == {}
    assert [entry.outcome for entry in desk.entries()] == ["REDACTED"]
    assert desk.journal.totals(desk.now).in_flight == 0


def test_a_crash_before_the_ledger_commits_leaves_one_entry(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(desk.ledger, "append", crash)
        with pytest.raises(Crash):
            desk.worker().cycle()
    assert desk.bodies() == ["Mijn BSN is [BSN verwijderd]."]
    assert desk.entries() == []
    desk.run()
    assert [entry.outcome for entry in desk.entries()] == ["REDACTED"]


def test_keys_rotated_between_crash_and_recovery(desk: Desk) -> None:
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)

    def crash(at: str) -> None:
        if at == "REMOVING":
            raise Crash

    desk.source.on_step = crash
    with pytest.raises(Crash):
        desk.worker().cycle()
    desk.source.on_step = None
    desk.ledger.rotate_key("test")
    desk.run()
    assert desk.bodies() == ["Mijn BSN is [BSN verwijderd]."]


def test_a_message_deleted_while_it_is_replaced_stays_deleted(desk: Desk) -> None:
    ref = desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    desk.source.on_step = lambda step: desk.source.delete(ref.item) if step == "WRITTEN" else None
    desk.run()
    assert desk.source.stored == {}
    assert desk.entries() == []

    ref = desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    desk.source.on_step = lambda step: desk.source.delete(ref.item) if step == "REMOVING" else None
    desk.run()
    assert desk.source.stored == {}
    assert [entry.reason for entry in desk.entries()] == ["deleted-meanwhile"]


def test_an_original_that_a_person_put_back_stays(desk: Desk) -> None:
    desk.now = datetime.now(UTC) - timedelta(hours=1)  # rewritten an hour ago, put back now
    payload = mail(f"Mijn BSN is {BSN}.")
    ref = desk.source.add(payload, NOW - DAY)
    desk.run()
    desk.source.add(payload, NOW - DAY, item=ref.item)  # under its old name, from a backup
    desk.run()
    desk.run()
    assert sum(BSN in body for body in desk.bodies()) == 1
    assert [entry.kind for entry in desk.entries()] == ["message", "restored"]


def test_an_original_put_back_under_a_new_name_stays_when_ours_is_gone_and_once(desk: Desk) -> None:
    desk.now = datetime.now(UTC) - timedelta(hours=1)
    payload = mail(f"Mijn BSN is {BSN}.")
    desk.source.add(payload, NOW - DAY)
    desk.run()
    desk.source.stored.clear()  # a person deletes what we made, and imports the original
    desk.source.add(payload, NOW - DAY)
    desk.run()
    assert BSN in desk.bodies()[0]
    assert [entry.kind for entry in desk.entries()] == ["message", "restored"]
    desk.source.add(payload, NOW - DAY)  # the same mail once more is a mail like any other
    desk.run()
    assert [BSN in body for body in desk.bodies()] == [True, False]


def test_the_same_mail_sent_again_is_redacted_again(desk: Desk) -> None:
    desk.now = datetime.now(UTC) - timedelta(hours=1)
    payload = mail(f"Mijn BSN is {BSN}.")
    desk.source.add(payload, NOW - DAY)
    desk.run()
    desk.source.add(payload, NOW - DAY)
    desk.run()
    assert BSN not in "".join(desk.bodies())
    assert [entry.kind for entry in desk.entries()] == ["message", "message"]


def test_another_mail_under_a_name_that_we_rewrote_is_a_new_mail(desk: Desk) -> None:
    ref = desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    desk.run()
    desk.source.add(mail(f"Onze buurman heeft IBAN {IBAN}.", identifier="x"), NOW - DAY, item=ref.item)
    desk.run()
    assert IBAN not in "".join(desk.bodies())
    assert desk.entries("restored") == []


def test_nothing_counts_as_put_back_while_observing(desk: Desk) -> None:
    desk.now = datetime.now(UTC) - timedelta(hours=1)
    payload = mail(f"Mijn BSN is {BSN}.")
    desk.source.add(payload, NOW - DAY)
    desk.run()
    desk.mode = "observe"
    desk.source.stored.clear()
    desk.source.add(payload, NOW - DAY)
    worker = desk.run()
    assert desk.entries("restored") == []
    assert worker.summary.removed == {}
    assert worker.summary.would == {"NL_BSN": 1}


def test_a_message_that_cannot_be_replaced_fails_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = desk.source.add(mail(f"Mijn BSN is {BSN}.", identifier="bad"), NOW - 2 * DAY)
    desk.source.add(mail(f"Mijn BSN is {BSN}.", identifier="good"), NOW - DAY)
    real = desk.source.replace

    def replace(write: WriteBack, *rest: object) -> Replaced:
        if write.ref == bad:
            raise SourceError("EACCES")
        return real(write, *rest)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(desk.source, "replace", replace)
    for _ in range(4):
        desk.run()
    assert sorted(BSN in body for body in desk.bodies()) == [False, True]
    assert sorted((entry.outcome, entry.reason) for entry in desk.entries()) == [("FAILED", "source"), ("REDACTED", "")]
    assert desk.journal.totals(desk.now).in_flight == 0


def test_a_recovery_that_fails_leaves_its_job_and_the_rest_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.source.add(mail(f"Mijn BSN is {BSN}.", identifier="bad"), NOW - 2 * DAY)

    def crash(at: str) -> None:
        raise Crash

    desk.source.on_step = crash
    with pytest.raises(Crash):
        desk.worker().cycle()
    desk.source.on_step = None
    desk.source.add(mail("IBAN van de buurman: " + IBAN, identifier="good"), NOW - DAY)

    def fail(*_: object) -> None:
        raise SourceError("EIO")

    with monkeypatch.context() as patched:
        patched.setattr(desk.source, "recover", fail)
        assert desk.run().troubled
    assert IBAN not in "".join(desk.bodies())
    assert desk.journal.totals(desk.now).in_flight == 1
    desk.run()
    assert BSN not in "".join(desk.bodies())


def test_a_source_that_is_down_as_a_whole_fails_no_message(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)

    def fail(*_: object) -> None:
        raise SourceError("ENOENT")

    with monkeypatch.context() as patched:
        patched.setattr(desk.source, "fetch", fail)
        patched.setattr(desk.source, "check", fail)
        for _ in range(5):
            assert desk.run().troubled
    assert desk.entries() == []
    desk.run()
    assert BSN not in "".join(desk.bodies())


def test_a_due_removal_that_fails_stays_waiting_and_the_others_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(desk, NOW - DAY)
    desk.source.add(mail(f"Storten mag ook op {IBAN}.", identifier="u", answers="q"), NOW - DAY)
    desk.run()
    desk.now = NOW + 40 * DAY
    first = desk.journal.due("desk", desk.now)[0].ref
    real = desk.source.fetch

    def fetch(ref: SourceRef) -> Message:
        if ref == first:
            raise SourceError("EIO")
        return real(ref)

    with monkeypatch.context() as patched:
        patched.setattr(desk.source, "fetch", fetch)
        assert desk.run().troubled
    assert desk.journal.totals(desk.now).waiting == 1
    desk.run()
    assert IBAN not in "".join(desk.bodies())


def test_a_due_removal_whose_scrub_breaks_stays_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(desk, NOW - DAY)
    desk.run()
    desk.now = NOW + 40 * DAY

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.policy), "decide_all", broken)
        assert desk.run().troubled
    assert desk.journal.totals(desk.now).waiting == 1
    desk.run()
    assert IBAN not in "".join(desk.bodies())


def test_a_mail_filed_under_another_name_is_found_when_its_day_comes(desk: Desk) -> None:
    ask(desk, NOW - DAY)
    desk.run()
    (item,) = [item for item, stored in desk.source.stored.items() if IBAN.encode() in stored.payload]
    desk.source.stored["filed"] = dataclasses.replace(desk.source.stored.pop(item), folder="Archive")
    desk.now = NOW + 40 * DAY
    desk.run()
    assert IBAN not in "".join(desk.bodies())
    assert [entry.outcome for entry in desk.entries("deferred")] == ["REDACTED"]


def test_a_mail_from_the_future_sets_no_due_date_that_never_comes(desk: Desk) -> None:
    desk.source.add(mail(f"Graag het bedrag terugstorten op {IBAN}."), datetime(9999, 12, 1, tzinfo=UTC))
    desk.run()
    desk.now = NOW + 31 * DAY
    desk.run()
    assert IBAN not in "".join(desk.bodies())


def test_a_copy_that_was_there_all_along_is_redacted_too(desk: Desk) -> None:
    desk.now = datetime.now(UTC) + DAY
    payload = mail(f"Mijn BSN is {BSN}.")
    desk.source.add(payload, NOW - DAY)
    desk.source.add(payload, NOW - DAY)
    desk.run()
    assert BSN not in "".join(desk.bodies())
    assert desk.entries("restored") == []


def test_what_cannot_be_opened_is_held_and_stays(desk: Desk) -> None:
    held = b"From: a@klant.example\r\nContent-Type: multipart/encrypted; boundary=x\r\n\r\n--x\r\n\r\nabc\r\n--x--\r\n"
    desk.source.add(held, NOW - DAY)
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    worker = desk.run()
    assert held in [stored.payload for stored in desk.source.stored.values()]
    assert worker.summary.held == {"encrypted": 1}
    assert worker.summary.outcomes == {"HELD": 1, "REDACTED": 1}


def test_a_mail_too_big_to_read_is_held_unread(desk: Desk, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.source.add(b"Subject: x\r\n\r\n" + b"a" * (tools.limits.bytes + 1), NOW - DAY)

    def never(ref: SourceRef) -> Message:
        raise AssertionError("it must not be read")

    monkeypatch.setattr(desk.source, "fetch", never)
    desk.run()
    assert [(entry.outcome, entry.reason) for entry in desk.entries()] == [("HELD", "budget: bytes")]


def test_one_message_that_fails_does_not_stop_the_rest_and_is_tried_three_times(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = desk.source.add(mail("kapot", identifier="bad"), NOW - 2 * DAY)
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    real = desk.policy.decide_all

    def decide_all(cases: Sequence[Case], now: datetime) -> list[tuple[Decision, ...]]:
        if any(case.message.ref == bad for case in cases):
            raise ZeroDivisionError(f"geheim {BSN}")
        return real(cases, now)

    monkeypatch.setattr(type(desk.policy), "decide_all", lambda _self, *rest: decide_all(*rest))
    for attempt in range(1, 5):
        worker = desk.run()
        assert worker.troubled is (attempt <= 3)
    assert BSN not in "".join(desk.bodies())
    failed = [entry for entry in desk.entries() if entry.outcome == "FAILED"]
    assert [entry.reason for entry in failed] == ["error: ZeroDivisionError"]


def test_a_source_that_cannot_be_read_fails_message_by_message(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.source.add(mail("x"), NOW - DAY)

    def fail(ref: SourceRef) -> Message:
        raise SourceError("EIO")

    monkeypatch.setattr(desk.source, "fetch", fail)
    assert desk.run().summary.outcomes == {"FAILED": 1}


def test_a_source_that_cannot_be_listed_leaves_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(since: datetime) -> Iterator[Listed]:
        raise SourceError("ENOENT")

    monkeypatch.setattr(desk.source, "discover", fail)
    assert desk.run().troubled


@pytest.mark.parametrize("where", ["plan", "replace"])
def test_a_source_that_is_full_is_left_as_it_is_and_tried_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)

    def full(*_: object) -> None:
        raise SourceUnwritable("ENOSPC")

    with monkeypatch.context() as patched:
        patched.setattr(desk.source, where, full)
        assert desk.worker().cycle() == {desk.source.name}
    assert BSN in desk.bodies()[0]
    desk.run()
    assert BSN not in desk.bodies()[0]


def test_a_ledger_that_cannot_be_written_stops_the_worker_before_it_changes_a_message(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)

    def fail(*_: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(desk.journal, "prepare", fail)
    with pytest.raises(StoreError):
        desk.worker().cycle()
    assert BSN in desk.bodies()[0]


def test_a_stop_finishes_the_message_in_hand(desk: Desk) -> None:
    for number in range(6):
        desk.source.add(mail(f"Mijn BSN is {BSN}.", identifier=f"m{number}"), NOW - DAY)
    stop = Event()
    desk.source.on_step = lambda step: stop.set() if step == "PLACED" else None
    worker = desk.worker(stop)
    worker.cycle()
    assert sum(BSN in body for body in desk.bodies()) == 5
    assert desk.journal.totals(desk.now).in_flight == 0


def test_no_log_line_and_no_row_holds_a_value(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    ask(desk, NOW - DAY)
    desk.source.add(mail(f"Mijn BSN is {BSN}.", subject="over Jan Proef", identifier="z"), NOW - DAY)
    desk.run()
    desk.store.close()
    stored = b"".join(path.read_bytes() for path in desk.path.glob("scrubber.db*"))
    shown = capsys.readouterr()
    for value in (BSN, IBAN, "Jan Proef", "jan@klant.example"):
        assert value not in shown.out + shown.err
        assert value.encode() not in stored
