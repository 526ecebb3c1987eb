"""What a person decided to remove, killed half way; and what could not be removed where nothing can be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scrubber import bootstrap, logs
from scrubber.digests import Digests
from scrubber.journal import LEFT_ALONE, UNABLE, Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.keys import KeyRing
from scrubber.ledger.verify import verify
from scrubber.people import People, Said, Verdict
from scrubber.pipeline import Tools
from scrubber.report import read
from scrubber.report.checks import check
from scrubber.report.figures import figures
from scrubber.report.interface import ChainState, Figures
from scrubber.sources.base import Capabilities
from scrubber.sources.memory_mailbox import MemoryMailbox
from scrubber.station import Options, Station
from scrubber.store import Store
from scrubber.worker import Worker

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
REFUND = "Ik heb dubbel betaald. Kunt u het bedrag terugstorten op IBAN NL91ABNA0417164300?"
SPECIAL = "Ik kon niet eerder betalen: ik heb een depressie."


class Crash(BaseException):
    """A crash in the middle: nothing may catch it."""


class Mailbox(MemoryMailbox):
    """One whose rights somebody may take away."""

    writable = True

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, replaces=self.writable)


def mail(body: str) -> bytes:
    head = "From: Jan Proef <jan@klant.example>\r\nTo: support@desk.example\r\nMessage-ID: <a@klant.example>"
    return f"{head}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()


@dataclass
class Post:
    path: Path
    tools: Tools
    source: Mailbox = field(default_factory=lambda: Mailbox(folders=("INBOX",), words={"Gemist": "missed"}))
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.store = Store.open(f"sqlite:///{self.path}/scrubber.db")
        self.ring = KeyRing.create(self.path / "keys")
        self.ledger = Ledger(self.store, self.ring, head_file=self.path / "head")
        self.journal = Journal(self.store)
        self.policy = bootstrap.default_policy()

    def worker(self) -> Worker:
        station = Station(self.source, self.policy, self.tools, "redact", NOW - 60 * DAY)
        log = logs.configure("json")
        parts = (self.store, self.journal, self.ledger, self.ring, log)
        return Worker([station], *parts, lambda: self.now, Options())

    def run(self, after: timedelta = timedelta(minutes=1)) -> None:
        self.now += after
        worker = self.worker()
        worker.cycle()
        worker.checkpoint()
        assert verify(self.store, self.ring.public_keys, head_file=self.path / "head").ok

    def decide(self, decision: Verdict) -> None:
        (asked,) = self.journal.open().reviews
        with self.store.begin() as tx:
            people = People(self.journal, self.ledger, Digests(self.ring))
            people.review(tx, asked.ref, decision, Said("Sanne", "gelezen"), self.now)

    def said(self) -> list[tuple[str, str, str]]:
        return [(e.kind, e.outcome, e.reason) for e in self.ledger.read() if e.kind != "checkpoint"]

    def figures(self) -> Figures:
        plans = read.plans(self.store)
        entries = list(self.ledger.read())
        made = figures(
            entries,
            read.waiting(plans.deferrals),
            read.reviews(plans.reviews),
            ChainState(True, len(entries)),
            since=None,
            until=self.now,
            generated_at=self.now,
            plans=plans,
        )
        assert check(made) == []
        return made

    def settled(self) -> dict[str, int]:
        """Messages by how they stand, of which status and report say the same."""
        counted = dict(self.journal.totals(self.now).settled)
        assert {row.key: row.count for row in self.figures().messages.outcomes if row.count} == counted
        return counted

    def missed(self) -> None:
        """A person says that something stands there yet."""
        (one,) = self.source.stored
        self.source.move(one, "Gemist")
        self.run()

    def tried_again(self) -> None:
        (held,) = self.journal.open().unsettled
        with self.store.begin() as tx:
            People(self.journal, self.ledger, Digests(self.ring)).retry(tx, [held.ref], Said("Sanne"), self.now)
        self.run()


@pytest.fixture(scope="module")
def tools() -> Tools:
    return bootstrap.default_tools()


@pytest.fixture
def post(tmp_path: Path, tools: Tools) -> Post:
    return Post(tmp_path, tools)


@pytest.mark.parametrize("step", ["WRITTEN", "PLACED", "REMOVING", "REMOVED"])
def test_a_removal_after_review_that_is_killed_ends_once(post: Post, step: str) -> None:
    post.source.add(mail(SPECIAL), NOW - DAY)
    post.run()
    post.decide("remove")

    def crash(at: str) -> None:
        if at == step:
            raise Crash

    post.source.on_step = crash
    with pytest.raises(Crash):
        post.worker().cycle()
    post.source.on_step = None
    post.run()
    post.run()
    assert len(post.source.stored) == 1
    assert [row for row in post.said() if row[0] == "reviewed"] == [
        ("reviewed", "", "review:remove"),
        ("reviewed", "REDACTED", ""),
    ]
    made = post.figures()
    assert (made.reviews.total.total, made.removed.total.after_review, post.journal.open().reviews) == (0, 1, ())
    assert post.journal.totals(post.now).settled == {"LATER": 1}


def test_a_decision_to_remove_stays_open_while_nothing_can_be_removed(post: Post) -> None:
    post.source.add(mail(SPECIAL), NOW - DAY)
    post.run()
    post.decide("remove")
    post.source.writable = False
    post.run()
    assert [row for row in post.said() if row[0] == "reviewed"] == [("reviewed", "", "review:remove")]
    assert (post.figures().reviews.total.total, post.journal.totals(post.now).reviews) == (1, 1)
    assert [one.what for one in post.journal.troubles()] == [UNABLE]
    assert post.journal.totals(post.now + 8 * DAY).reviews_overdue == 1
    post.source.writable = True
    post.run()
    assert post.said()[-1] == ("reviewed", "REDACTED", "")
    assert (post.journal.troubles(), post.figures().reviews.total.total) == ([], 0)


def test_what_was_put_off_and_then_could_not_be_removed_is_no_removal_and_is_not_called_gone(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.source.writable = False
    post.run(40 * DAY)
    assert post.said()[-1] == ("deferred", "OBSERVED", "read-only source")
    totals = post.journal.totals(post.now)
    assert (totals.waiting, totals.stuck) == (0, 1)  # a person has to look
    made = post.figures()
    assert (made.removed.total.total, [(row.key, row.count) for row in made.second_pass]) == (0, [("OBSERVED", 1)])
    (stuck,) = post.journal.open().stuck
    post.source.writable = True
    with post.store.begin() as tx:
        People(post.journal, post.ledger, Digests(post.ring)).retry(tx, [stuck.ref], Said("Sanne"), post.now)
    post.run()
    assert post.said()[-1] == ("deferred", "REDACTED", "")
    assert post.figures().removed.total.later == 1


def test_what_was_missed_stays_with_a_person_when_the_day_of_the_rest_comes(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.missed()
    assert post.settled() == {"MISSED": 1}
    post.run(40 * DAY)
    assert post.said()[-1] == ("deferred", "REDACTED", "")
    assert post.settled() == {"MISSED": 1}
    post.tried_again()
    assert post.settled() == {"LATER": 1}


def test_what_was_missed_stays_with_a_person_when_something_else_goes_after_review(post: Post) -> None:
    post.source.add(mail(SPECIAL), NOW - DAY)
    post.run()
    post.missed()
    post.decide("remove")
    post.run()
    assert post.said()[-1] == ("reviewed", "REDACTED", "")
    assert post.settled() == {"MISSED": 1}


def test_a_mail_that_lost_something_later_and_in_which_something_was_missed_counts_once(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.run(40 * DAY)
    assert post.settled() == {"LATER": 1}
    post.missed()
    assert post.settled() == {"MISSED": 1}


def test_a_redacted_mail_that_is_read_again_stays_redacted(post: Post) -> None:
    post.source.add(mail("Mijn BSN is 123456782."), NOW - DAY)
    post.run()
    post.missed()
    post.tried_again()
    assert post.said()[-1] == ("message", "CLEAN", "")
    assert post.settled() == {"REDACTED": 1}


def test_what_was_wrong_at_a_source_that_is_taken_out_of_the_settings_is_not_told_for_ever(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY, flags="T")
    post.source.writable = False
    post.run()
    assert [one.what for one in post.journal.troubles()] == [LEFT_ALONE, UNABLE]
    assert post.journal.totals(post.now).marked == 1
    post.source = Mailbox("renamed")
    post.run()
    assert (post.journal.troubles(), post.journal.totals(post.now).marked) == ([], 0)
