"""The worker over a mailbox whose numbers don't follow a message, whose folders say something, or that delivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from scrubber import bootstrap, logs, schema
from scrubber.budget import Limits
from scrubber.digests import Digests
from scrubber.errors import SourceError, StoreError
from scrubber.journal import DOWN, Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.ledger.verify import verify
from scrubber.message import SourceRef
from scrubber.people import People, Said
from scrubber.pipeline import Tools
from scrubber.report import read
from scrubber.report.checks import check
from scrubber.report.figures import figures
from scrubber.report.interface import ChainState, Figures, Lost
from scrubber.sources.base import Listed, Word
from scrubber.sources.memory_mailbox import MemoryMailbox
from scrubber.station import Options, Station
from scrubber.store import Store
from scrubber.worker import Worker

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DESK = "support@desk.example"
BSN = "123456782"
IBAN = "NL91ABNA0417164300"
WORDS: dict[str, Word] = {"Nodig": "needed", "Klaar": "done", "Onterecht": "wrong", "Gemist": "missed"}
REFUND = f"Ik heb dubbel betaald. Kunt u het bedrag terugstorten op IBAN {IBAN}?"
ENCRYPTED = b"From: jan@klant.example\r\nContent-Type: multipart/encrypted; boundary=x\r\n\r\n--x--\r\n"


class Crash(BaseException):
    """A crash in the middle: nothing may catch it."""


def mail(body: str, identifier: str = "a") -> bytes:
    who = f"From: Jan Proef <jan@klant.example>\r\nTo: {DESK}"
    head = f"{who}\r\nSubject: vraag\r\nMessage-ID: <{identifier}@klant.example>"
    return f"{head}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()


@dataclass
class Post:
    """A mailbox with everything around it; `run` is one cycle at a moment."""

    path: Path
    tools: Tools
    mode: str = "redact"
    source: MemoryMailbox = field(
        default_factory=lambda: MemoryMailbox(folders=("INBOX", "Werk"), desk_addresses=[DESK], words=WORDS)
    )
    now: datetime = NOW
    purge: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.store = Store.open(f"sqlite:///{self.path}/scrubber.db")
        self.ring = KeyRing.create(self.path / "keys")
        self.ledger = Ledger(self.store, self.ring, head_file=self.path / "head")
        self.journal = Journal(self.store)
        self.policy = bootstrap.default_policy([DESK])

    def worker(self) -> Worker:
        station = Station(
            self.source,
            self.policy,
            self.tools,
            self.mode,
            NOW - 60 * DAY,
            folders=("Intake",) if self.source.delivers else ("INBOX",),
            purge=self.purge,
        )
        return Worker(
            [station],
            self.store,
            self.journal,
            self.ledger,
            self.ring,
            logs.configure("json"),
            lambda: self.now,
            Options(batch=4),
        )

    def run(self, after: timedelta = timedelta(minutes=1)) -> Worker:
        self.now += after
        worker = self.worker()
        worker.cycle()
        worker.checkpoint()
        assert verify(self.store, self.ring.public_keys, head_file=self.path / "head").ok
        return worker

    def said(self) -> list[tuple[str, str, str]]:
        """(kind, outcome, reason) of every entry."""
        return [(entry.kind, entry.outcome, entry.reason) for entry in self.entries()]

    def entries(self) -> list[LedgerEntry]:
        return [entry for entry in self.ledger.read() if entry.kind != "checkpoint"]

    def bodies(self, folder: str = "") -> list[str]:
        return [
            stored.payload.decode().split("\r\n\r\n", 1)[1].strip()
            for stored in self.source.stored.values()
            if not folder or stored.folder == folder
        ]

    def folders(self) -> dict[str, int]:
        folders = [stored.folder for stored in self.source.stored.values()]
        return {folder: folders.count(folder) for folder in sorted(set(folders))}

    def item(self, text: str = "") -> str:
        (found,) = [item for item, stored in self.source.stored.items() if text.encode() in stored.payload]
        return found

    def due(self) -> list[str]:
        return [one.known_as or "itself" for one in self.journal.open().due]

    def people(self) -> People:
        return People(self.journal, self.ledger, Digests(self.ring))

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


@pytest.fixture(scope="module")
def tools() -> Tools:
    return bootstrap.default_tools()


MakePost = Callable[..., Post]


@pytest.fixture
def make(tmp_path: Path, tools: Tools) -> Iterator[MakePost]:
    made: list[Post] = []

    def post(**values: Any) -> Post:
        made.append(Post(tmp_path, tools, **values))
        return made[-1]

    yield post
    for one in made:
        one.store.close()


@pytest.fixture
def post(make: MakePost) -> Post:
    return make()


# the same message under another reference


@pytest.mark.parametrize("body", ["Hoe laat bent u open?", f"Mijn BSN is {BSN}.", REFUND])
def test_a_message_that_is_filed_elsewhere_is_the_same_message(post: Post, body: str) -> None:
    post.source.add(mail(body), NOW - DAY)
    post.run()
    before = post.entries()
    post.source.moved(post.item(), "Werk")
    post.run()
    post.source.moved(post.item(), "INBOX")
    post.run()
    assert post.entries() == before
    assert post.figures().messages.total == 1


def test_what_waits_goes_along_and_is_carried_out(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.source.moved(post.item(), "Werk")
    post.source.renumber("Werk")
    post.run()
    post.run(after=40 * DAY)
    assert IBAN not in post.bodies("Werk")[0]
    assert post.said() == [("message", "CLEAN", ""), ("deferred", "REDACTED", "")]
    assert len({entry.ref for entry in post.entries()}) == 1
    assert post.journal.totals(post.now).waiting == 0


def test_what_waits_is_found_in_a_folder_that_is_not_listed(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.source.moved(post.item(), "Archief")
    post.run()
    post.run(after=40 * DAY)
    assert IBAN not in post.bodies("Archief")[0]
    assert post.said() == [("message", "CLEAN", ""), ("deferred", "REDACTED", "")]


def test_a_folder_that_is_numbered_anew_costs_one_fetch_a_message_and_no_entry(post: Post) -> None:
    bodies = ["Hoe laat bent u open?", f"Mijn BSN is {BSN}.", REFUND]
    for number in range(60):
        post.source.add(mail(f"{bodies[number % 3]} {number}", f"m{number}"), NOW - DAY)
    post.source.add(ENCRYPTED, NOW - DAY)
    post.run()
    before = post.entries()
    waiting = post.journal.totals(post.now).waiting
    post.source.renumber("INBOX")
    post.source.fetched = 0
    post.run()
    assert post.source.fetched == 61
    post.run()
    assert post.source.fetched == 61
    assert post.entries() == before
    assert post.journal.totals(post.now).waiting == waiting
    known = post.journal.standings("mailbox")
    assert sum(one.outcome == "HELD" for one in known.values()) == 1


def test_a_mail_too_big_to_read_keeps_its_place_when_the_folder_is_numbered_anew(post: Post, tools: Tools) -> None:
    post.tools = replace(tools, limits=Limits(bytes=2_000))
    post.source.add(mail("x" * 3_000), NOW - DAY)
    post.source.add(mail("y" * 3_000), NOW - DAY)
    post.run()
    post.source.renumber("INBOX")
    post.run()
    assert post.said() == [("message", "HELD", "budget: bytes")] * 2


def test_twins_stay_two(post: Post) -> None:
    for _ in range(2):
        post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.source.renumber("INBOX")
    post.run()
    first = next(iter(post.source.stored))
    post.source.moved(first, "Werk")
    post.run()
    assert post.said() == [("message", "CLEAN", "")] * 2
    assert len(post.journal.standings("mailbox")) == 2
    post.run(after=40 * DAY)
    assert IBAN not in "".join(post.bodies())
    assert post.said()[2:] == [("deferred", "REDACTED", "")] * 2


def test_a_copy_beside_the_message_is_a_message(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.source.add(mail(REFUND), NOW - DAY, folder="Werk")
    post.run()
    assert post.said() == [("message", "CLEAN", "")] * 2


def test_a_message_that_is_moved_while_the_folders_are_listed_is_no_copy(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was listed where it stood, and again where it went."""
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    discover = post.source.discover

    def moved_meanwhile(since: datetime) -> Iterator[Listed]:
        yield from list(discover(since))
        post.source.moved(post.item(), "Werk")
        yield from discover(since)

    with monkeypatch.context() as patched:
        patched.setattr(post.source, "discover", moved_meanwhile)
        post.run()
    post.run()
    assert post.said() == [("message", "CLEAN", "")]


def test_an_original_that_stands_beside_ours_is_redacted_and_one_that_took_its_place_stays(post: Post) -> None:
    payload = mail(f"Mijn BSN is {BSN}.")
    post.source.add(payload, NOW - DAY)
    post.run()
    post.source.add(payload, NOW - DAY, folder="Werk")
    post.run()
    assert BSN not in "".join(post.bodies())

    post.source.stored.clear()
    post.source.add(payload, NOW - DAY)
    post.run()
    post.source.moved(post.item(BSN), "Werk")
    post.source.renumber("Werk")
    post.run()
    assert BSN in post.bodies()[0]
    assert [entry.kind for entry in post.entries()] == ["message", "message", "restored"]


def test_ours_in_a_folder_that_is_not_listed_still_stands(post: Post) -> None:
    payload = mail(f"Mijn BSN is {BSN}.")
    post.source.add(payload, NOW - DAY)
    post.run()
    post.source.moved(post.item(), "Archief")
    post.run()
    post.source.add(payload, NOW - DAY)
    post.run()
    assert BSN not in "".join(post.bodies())


def test_what_was_observed_is_redacted_once_wherever_it_stands_by_then(make: MakePost) -> None:
    post = make(mode="observe")
    for number in range(3):
        post.source.add(mail(f"Mijn BSN is {BSN}. {number}", f"m{number}"), NOW - DAY)
    post.run()
    post.mode = "redact"
    post.source.renumber("INBOX")
    post.run()
    post.run()
    assert BSN not in "".join(post.bodies())
    assert [entry.outcome for entry in post.entries()] == ["OBSERVED"] * 3 + ["REDACTED"] * 3
    assert post.figures().messages.total == 3


@pytest.mark.parametrize("step", ["WRITTEN", "PLACED", "REMOVING", "REMOVED"])
def test_a_crash_and_a_new_numbering_leave_one_redacted_copy(post: Post, step: str) -> None:
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)

    def crash(at: str) -> None:
        if at == step:
            raise Crash

    post.source.on_step = crash
    with pytest.raises(Crash):
        post.worker().cycle()
    post.source.on_step = None
    post.run()
    post.source.renumber("INBOX")
    post.run()
    assert post.bodies() == ["Mijn BSN is [BSN verwijderd]."]
    assert post.said() == [("message", "REDACTED", "")]


def test_a_message_whose_replacement_hangs_is_not_begun_anew_under_another_number(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)

    def crash(at: str) -> None:
        if at == "WRITTEN":
            raise Crash

    post.source.on_step = crash
    with pytest.raises(Crash):
        post.worker().cycle()
    post.source.on_step = None
    post.source.moved(post.item(BSN), "Werk")

    def fail(*_: object) -> None:
        raise SourceError("not now")

    with monkeypatch.context() as patched:
        patched.setattr(post.source, "recover", fail)
        post.run()
    assert post.entries() == []
    post.run()
    post.run()
    assert post.bodies() == ["Mijn BSN is [BSN verwijderd]."]
    assert post.said() == [("message", "REDACTED", "")]


# what people say


def test_needed_puts_off_what_waits_to_its_last_day(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.source.moved(post.item(), "Nodig")
    post.run()
    post.run(after=22 * DAY)  # silent 14 days and 7 more
    assert IBAN in post.bodies()[0]
    post.run(after=8 * DAY)
    assert IBAN not in post.bodies()[0]
    assert post.said() == [
        ("message", "CLEAN", ""),
        ("reviewed", "", "signal:needed"),
        ("deferred", "REDACTED", ""),
    ]
    assert post.entries()[1].actor == "agent"
    people = post.figures().people
    assert ([(row.key, row.count) for row in people.signals], people.reviewed) == ([("needed", 1)], 0)


def test_needed_of_a_mail_that_just_came_keeps_what_nobody_asked_for_but_never_a_bsn(post: Post) -> None:
    post.source.add(mail(f"Onze buurman heeft IBAN {IBAN} en ik BSN {BSN}."), NOW - DAY, folder="Nodig")
    post.run()
    assert IBAN in post.bodies()[0]
    assert BSN not in post.bodies()[0]
    assert post.said() == [("message", "REDACTED", ""), ("reviewed", "", "signal:needed")]
    (evidence,) = {r.evidence for r in post.entries()[0].removals if r.entity_type == "IBAN_CODE"}
    assert "needed: agent" in evidence
    post.run()
    assert len(post.entries()) == 2
    post.run(after=31 * DAY)
    assert IBAN not in post.bodies()[0]


def test_the_same_mail_without_that_word_loses_both(post: Post) -> None:
    post.source.add(mail(f"Onze buurman heeft IBAN {IBAN} en ik BSN {BSN}."), NOW - DAY)
    post.run()
    assert IBAN not in post.bodies()[0]


def test_done_removes_what_waits_at_once(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.source.moved(post.item(), "Klaar")
    post.run()
    assert IBAN not in post.bodies("Klaar")[0]
    assert post.said() == [("message", "CLEAN", ""), ("reviewed", "", "signal:done"), ("deferred", "REDACTED", "")]


def test_done_of_a_mail_that_just_came(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY, folder="Klaar")
    post.run()
    assert IBAN not in post.bodies("Klaar")[0]
    post.run()
    assert post.said() == [("message", "CLEAN", ""), ("reviewed", "", "signal:done"), ("deferred", "REDACTED", "")]


def test_wrong_is_recorded_and_the_message_left_alone(post: Post) -> None:
    post.source.add(mail(f"{REFUND} Mijn BSN is {BSN}."), NOW - DAY)
    post.run()
    post.source.moved(post.item(), "Onterecht")
    post.run()
    post.run(after=60 * DAY)
    assert IBAN in post.bodies("Onterecht")[0]
    assert post.said() == [("message", "REDACTED", ""), ("reviewed", "", "signal:wrong")]
    made = post.figures()
    assert made.lost.waiting_missing == 0
    assert made.waiting.total.total == 0


@pytest.mark.parametrize("mode", ["redact", "observe"])
def test_wrong_of_a_mail_that_nobody_saw_before_leaves_it_as_it_came(make: MakePost, mode: str) -> None:
    post = make(mode=mode)
    body = f"{REFUND} Mijn BSN is {BSN}."
    post.source.add(mail(body), NOW - DAY, folder="Onterecht")
    post.run()
    post.mode = "redact"
    post.run(after=60 * DAY)
    assert post.said() == [("reviewed", "", "signal:wrong"), ("message", "OBSERVED", "wrong")]
    assert (post.entries()[0].actor, post.entries()[0].recorded_at) == ("agent", post.entries()[1].recorded_at)
    post.source.renumber("Onterecht")
    post.source.moved(post.item(), "INBOX")
    post.run()
    assert post.bodies("INBOX") == [body]
    assert len(post.said()) == 2
    made = post.figures()
    assert (made.messages.total, made.waiting.total.total, made.lost.waiting_missing) == (1, 0, 0)


def test_wrong_of_a_mail_that_was_only_observed_leaves_it(make: MakePost) -> None:
    post = make(mode="observe")
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    post.run()
    post.mode = "redact"
    post.source.moved(post.item(), "Onterecht")
    for _ in range(2):
        post.run()
    assert BSN in post.bodies("Onterecht")[0]
    assert post.said() == [("message", "OBSERVED", ""), ("reviewed", "", "signal:wrong")]


@pytest.mark.parametrize("folder", ["Nodig", "Onterecht"])
def test_what_a_word_protects_waits_until_the_word_can_be_heard(
    post: Post, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = f"Onze buurman heeft IBAN {IBAN}."
    post.source.add(mail(body), NOW - DAY, folder=folder)
    post.source.add(mail(f"Mijn BSN is {BSN}.", "b"), NOW - DAY)
    fetch = post.source.fetch

    def once(ref: SourceRef) -> Any:
        if ref.container == folder:
            monkeypatch.setattr(post.source, "fetch", fetch)
            raise SourceError("not now")
        return fetch(ref)

    monkeypatch.setattr(post.source, "fetch", once)
    post.run()
    assert post.said() == [("message", "REDACTED", "")], "the other mail is not kept waiting"
    post.run()
    assert post.bodies(folder) == [body]


def test_a_word_about_a_mail_whose_replacement_hangs_waits_for_it(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)

    def crash(at: str) -> None:
        if at == "WRITTEN":
            raise Crash

    post.source.on_step = crash
    with pytest.raises(Crash):
        post.worker().cycle()
    post.source.on_step = None
    post.source.moved(post.item(BSN), "Onterecht")

    def fail(*_: object) -> None:
        raise SourceError("not now")

    with monkeypatch.context() as patched:
        patched.setattr(post.source, "recover", fail)
        post.run()
    assert post.entries() == []
    for _ in range(2):
        post.run()
    assert post.said() == [("reviewed", "", "signal:wrong"), ("message", "OBSERVED", "wrong")]
    assert post.bodies() == [f"Mijn BSN is {BSN}."]


def test_missed_is_looked_at_again_and_held(make: MakePost) -> None:
    post = make(mode="observe")
    post.source.add(mail("Hoe laat bent u open?", "b"), NOW - DAY)
    post.run()
    post.mode = "redact"
    post.source.moved(post.item(), "Gemist")
    post.run()
    post.run()
    assert post.said() == [
        ("message", "CLEAN", ""),
        ("reviewed", "", "signal:missed"),
        ("message", "HELD", "missed"),
    ]
    (held,) = post.journal.open().unsettled
    assert (held.outcome, held.reason) == ("HELD", "missed")
    made = post.figures().messages
    assert (made.total, made.missed, made.held, made.not_in_full) == (1, 1, 0, 0)  # it was read
    assert post.journal.totals(post.now).settled == {"MISSED": 1}
    with post.store.begin() as tx:
        post.people().release(tx, held.ref, Said("Sanne", "naam van een straat"), post.now)
    post.run()
    made = post.figures().messages
    assert (made.missed, made.released) == (0, 1)
    assert post.journal.totals(post.now).settled == {"RELEASED": 1}
    assert post.journal.open().unsettled == ()


def test_missed_removes_what_todays_rules_find(post: Post, tools: Tools) -> None:
    post.tools = replace(tools, own_numbers=(r"\d{9}",))  # yesterday's rules took it for a number of our own
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    post.run()
    post.tools = tools
    post.source.moved(post.item(), "Gemist")
    post.run()
    post.run()
    assert post.bodies("Gemist") == ["Mijn BSN is [BSN verwijderd]."]
    assert post.said() == [
        ("message", "CLEAN", ""),
        ("message", "REDACTED", ""),
        ("reviewed", "", "signal:missed"),
        ("message", "HELD", "missed"),
    ]
    assert post.figures().messages.total == 1


@pytest.mark.parametrize("folder", list(WORDS))
@pytest.mark.parametrize("body", [REFUND, f"Mijn BSN is {BSN}."])
def test_a_word_is_heard_once(post: Post, folder: str, body: str) -> None:
    post.source.add(mail(body), NOW - DAY)
    post.run()
    post.source.moved(post.item(), folder)
    post.run()
    heard = post.said()
    assert sum(kind == "reviewed" for kind, _, _ in heard) == 1
    for _ in range(2):
        post.run()
        post.source.renumber(folder)
    post.run()
    assert post.said() == heard
    post.source.moved(post.item(), "INBOX")  # taken back, and put there again: said again
    post.run()
    assert post.said() == heard
    post.source.moved(post.item(), folder)
    post.run()
    assert sum(kind == "reviewed" for kind, _, _ in post.said()) == 2


@pytest.mark.parametrize("folder", list(WORDS))
def test_a_crash_before_a_word_is_recorded_hears_it_again(
    post: Post, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.source.add(mail(f"{REFUND} Mijn BSN is {BSN}."), NOW - DAY, folder=folder)
    append = post.ledger.append

    def crash(tx: Any, draft: LedgerEntry) -> LedgerEntry:
        if draft.reason.startswith("signal:"):
            raise Crash
        return append(tx, draft)

    with monkeypatch.context() as patched:
        patched.setattr(post.ledger, "append", crash)
        with pytest.raises(Crash):
            post.worker().cycle()
    post.run()
    post.run()
    assert len(post.source.stored) == 1
    left = folder == "Onterecht"
    assert (BSN in post.bodies()[0]) is left
    assert sum(kind == "reviewed" for kind, _, _ in post.said()) == 1
    assert sum(row[:2] == ("message", "OBSERVED" if left else "REDACTED") for row in post.said()) == 1
    assert post.figures().messages.total == 1


def test_a_word_while_observing_is_recorded_and_kept_for_later(make: MakePost) -> None:
    post = make(mode="observe")
    post.source.add(mail(f"Onze buurman heeft IBAN {IBAN}."), NOW - DAY, folder="Nodig")
    post.run()
    assert post.said() == [("message", "OBSERVED", ""), ("reviewed", "", "signal:needed")]
    post.mode = "redact"
    post.run()
    assert IBAN in post.bodies()[0]
    assert post.said()[2:] == [("message", "CLEAN", "")]


# retry and release


def _only(post: Post) -> SourceRef:
    (held,) = post.journal.open().unsettled
    return held.ref


def test_a_released_message_stays_as_it_is_wherever_it_goes(post: Post) -> None:
    post.source.add(ENCRYPTED, NOW - DAY)
    post.run()
    with post.store.begin() as tx:
        post.people().release(tx, _only(post), Said("Sanne", "nagekeken"), post.now)
    post.source.moved(post.item(), "Werk")
    post.source.renumber("Werk")
    post.run()
    assert post.said() == [("message", "HELD", "encrypted"), ("released", "", "released")]
    assert (post.entries()[1].actor, post.entries()[1].notes) == ("Sanne", ("why: nagekeken",))
    assert post.figures().messages.held_open == 0


@pytest.mark.parametrize("folder", ["INBOX", "Werk", "Archief"])
def test_a_held_message_is_handled_again_where_it_stands_by_then(post: Post, tools: Tools, folder: str) -> None:
    post.tools = replace(tools, limits=Limits(characters=10))
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    post.run()
    post.tools = tools
    post.run()
    assert BSN in post.bodies()[0]
    with post.store.begin() as tx:
        post.people().retry(tx, [_only(post)], Said("Sanne"), post.now)
    if folder != "INBOX":
        post.source.moved(post.item(), folder)
    post.run()
    assert BSN not in post.bodies(folder)[0]
    post.run()
    assert post.said() == [
        ("message", "HELD", "budget: characters"),
        ("reviewed", "", "retry"),
        ("message", "REDACTED", ""),
    ]
    assert post.figures().messages.total == 1


@pytest.mark.parametrize("age", [DAY, 400 * DAY], ids=["listed", "from before the start"])
def test_a_mail_too_big_to_read_is_handled_again_under_a_higher_limit(post: Post, tools: Tools, age: timedelta) -> None:
    post.tools = replace(tools, limits=Limits(bytes=2_000))
    post.source.add(mail(f"Mijn BSN is {BSN}. {'x' * 3_000}"), NOW - age, folder="Klaar")
    for _ in range(2):
        post.run()
    held = _only(post)
    for _ in range(2):  # asked for in vain: said once, and held as before
        with post.store.begin() as tx:
            post.people().retry(tx, [held], Said("Sanne"), post.now)
        for _ in range(2):
            post.run()
        (stands,) = post.journal.open().unsettled
        assert (stands.reason, stands.outcome) == ("budget: bytes", "HELD")
    assert [outcome for kind, outcome, _ in post.said() if kind == "message"] == ["HELD"] * 3
    post.tools = tools
    with post.store.begin() as tx:
        post.people().retry(tx, [held], Said("Sanne"), post.now)
    post.run()
    assert BSN not in post.bodies()[0]
    assert post.journal.open().unsettled == ()


def test_what_waits_already_waits_once_when_its_message_is_handled_again(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.source.moved(post.item(), "Gemist")
    post.run()
    with post.store.begin() as tx:
        post.people().retry(tx, [_only(post)], Said("Sanne"), post.now)
    post.run()
    assert post.said()[-1] == ("message", "CLEAN", "")
    assert post.journal.totals(post.now).waiting == 1
    assert post.figures().lost.waiting_missing == 0


def test_a_message_that_is_gone_when_it_is_tried_again(post: Post) -> None:
    post.source.add(ENCRYPTED, NOW - DAY)
    post.run()
    with post.store.begin() as tx:
        post.people().retry(tx, [_only(post)], Said("Sanne"), post.now)
    post.source.stored.clear()
    post.run()
    post.run()
    assert post.journal.open().unsettled == ()
    assert post.said() == [("message", "HELD", "encrypted"), ("reviewed", "", "retry")]


def test_a_mail_that_nobody_read_stays_held_when_it_is_not_found(post: Post, tools: Tools) -> None:
    """It may stand in another folder, and is known by no content."""
    post.tools = replace(tools, limits=Limits(bytes=2_000))
    post.source.add(mail("x" * 3_000), NOW - DAY)
    post.run()
    post.source.moved(post.item(), "Archief")
    with post.store.begin() as tx:
        post.people().retry(tx, [_only(post)], Said("Sanne"), post.now)
    for _ in range(2):
        post.run()
    (stands,) = post.journal.open().unsettled
    assert (stands.outcome, stands.reason) == ("HELD", "budget: bytes")
    assert post.said() == [("message", "HELD", "budget: bytes"), ("reviewed", "", "retry")]


def test_what_could_not_be_removed_is_tried_again(post: Post, tools: Tools) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.tools = replace(tools, limits=Limits(characters=10))
    post.run(after=40 * DAY)
    assert post.said()[1:] == [("deferred", "HELD", "budget: characters")]
    (stuck,) = post.journal.open().stuck
    post.tools = tools
    post.run()
    assert IBAN in post.bodies()[0]
    with post.store.begin() as tx:
        post.people().retry(tx, [stuck.ref], Said("Sanne"), post.now)
    post.run()
    assert IBAN not in post.bodies()[0]
    assert post.journal.open().stuck == ()
    assert post.figures().lost.waiting_missing == 0


def test_what_could_not_be_removed_is_released(post: Post, tools: Tools) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    post.tools = replace(tools, limits=Limits(characters=10))
    post.run(after=40 * DAY)
    (stuck,) = post.journal.open().stuck
    with post.store.begin() as tx:
        post.people().release(tx, stuck.ref, Said("Sanne", "mag"), post.now)
    post.tools = tools
    post.run(after=DAY)
    assert IBAN in post.bodies()[0]
    assert post.journal.open().stuck == ()
    assert post.figures().lost.waiting_missing == 0


def test_a_mail_that_was_gone_on_its_day_and_turns_up_again_loses_what_it_had_to(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    stored = post.source.stored.pop(post.item())
    post.run(after=40 * DAY)
    assert post.said()[-1] == ("deferred", "CLEAN", "gone")
    post.source.add(stored.payload, stored.received, folder="Werk")
    post.run()
    assert IBAN not in post.bodies()[0]
    assert post.journal.totals(post.now).waiting == 0
    assert post.figures().messages.total == 1


@pytest.mark.parametrize("age", [DAY, 400 * DAY], ids=["listed", "from before the start"])
@pytest.mark.parametrize("folder", list(WORDS))
def test_a_word_about_a_mail_too_big_to_read(post: Post, tools: Tools, folder: str, age: timedelta) -> None:
    post.tools = replace(tools, limits=Limits(bytes=2_000))
    ref = post.source.add(mail("x" * 3_000), NOW - age, folder=folder)
    post.source.fetched = 0
    post.run()
    post.run()
    post.run()
    assert post.source.fetched == 0
    assert sum(kind == "reviewed" for kind, _, _ in post.said()) == 1
    held = {"Gemist": ["budget: bytes", "missed"], "Onterecht": []}.get(folder, ["budget: bytes"])
    assert [entry.reason for entry in post.entries() if entry.outcome == "HELD"] == held
    assert ref.item in post.source.stored


# an intake


@pytest.fixture
def intake(make: MakePost) -> Post:
    return make(source=MemoryMailbox(folders=("Intake",), desk_addresses=[DESK], deliver_to="INBOX"))


def test_an_intake_delivers_what_is_settled_and_keeps_what_is_held(intake: Post) -> None:
    for number, body in enumerate(("Hoe laat bent u open?", f"Mijn BSN is {BSN}.", REFUND)):
        intake.source.add(mail(body, f"m{number}"), NOW - DAY, folder="Intake")
    intake.source.add(ENCRYPTED, NOW - DAY, folder="Intake")
    intake.run()
    assert intake.folders() == {"INBOX": 3, "Intake": 1}
    assert BSN not in "".join(intake.bodies("INBOX"))
    with intake.store.begin() as tx:
        intake.people().release(tx, _only(intake), Said("Sanne", "nagekeken"), intake.now)
    intake.run()
    assert intake.folders() == {"INBOX": 4}
    intake.run(after=40 * DAY)
    assert IBAN not in "".join(intake.bodies())
    assert [entry.outcome for entry in intake.entries()] == ["CLEAN", "REDACTED", "CLEAN", "HELD", "", "REDACTED"]


def test_what_comes_back_as_it_was_is_not_delivered(intake: Post) -> None:
    """A desk that deletes what it fetched, and a backup that brings the original in once more."""
    payload = mail(f"Mijn BSN is {BSN}.")
    intake.source.add(payload, NOW - DAY, folder="Intake")
    intake.run()
    assert intake.folders() == {"INBOX": 1}
    intake.source.stored.clear()
    intake.source.add(payload, NOW - DAY, folder="Intake")
    intake.run()
    intake.run()
    assert BSN not in "".join(intake.bodies("INBOX"))


def test_what_a_person_took_out_of_the_intake_stays_where_they_put_it(make: MakePost) -> None:
    source = MemoryMailbox(folders=("Intake",), desk_addresses=[DESK], deliver_to="INBOX", words=WORDS)
    post = make(source=source)
    post.source.add(mail("Hoe laat bent u open?"), NOW - DAY, folder="Gemist")
    post.source.add(mail(REFUND, "b"), NOW - DAY, folder="Nodig")
    assert not post.run().troubled
    assert not post.run().troubled
    assert post.folders() == {"Gemist": 1, "Nodig": 1}


def test_an_intake_does_not_pass_on_what_a_person_left_as_it_came(make: MakePost) -> None:
    words = {"Onterecht": WORDS["Onterecht"]}
    post = make(source=MemoryMailbox(folders=("Intake",), desk_addresses=[DESK], deliver_to="INBOX", words=words))
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY, folder="Onterecht")
    post.run()
    post.source.moved(post.item(), "Intake")
    post.run()
    post.run()
    assert (post.bodies("Intake"), post.bodies("INBOX")) == ([f"Mijn BSN is {BSN}."], [])


def test_an_intake_that_only_observes_keeps_nothing_from_the_desk(make: MakePost) -> None:
    post = make(mode="observe", source=MemoryMailbox(folders=("Intake",), desk_addresses=[DESK], deliver_to="INBOX"))
    payloads = {mail("Hoe laat bent u open?", "a"), mail(f"Mijn BSN is {BSN}.", "b"), ENCRYPTED}
    for payload in payloads:
        post.source.add(payload, NOW - DAY, folder="Intake")
    post.run()
    assert post.folders() == {"INBOX": 3}
    assert {stored.payload for stored in post.source.stored.values()} == payloads


def test_a_crash_between_settling_and_delivering(intake: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.source.add(mail("Hoe laat bent u open?"), NOW - DAY, folder="Intake")

    def crash(_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(intake.source, "deliver", crash)
        with pytest.raises(Crash):
            intake.worker().cycle()
    assert intake.folders() == {"Intake": 1}
    intake.run()
    assert intake.folders() == {"INBOX": 1}
    assert intake.said() == [("message", "CLEAN", "")]


def test_a_crash_between_delivering_and_writing_it_down(intake: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.source.add(mail(REFUND), NOW - DAY, folder="Intake")

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(intake.journal, "carry", crash)
        with pytest.raises(Crash):
            intake.worker().cycle()
    assert intake.folders() == {"INBOX": 1}
    intake.run(after=40 * DAY)
    assert IBAN not in intake.bodies()[0]


def test_a_delivery_that_fails_is_done_in_the_next_cycle(intake: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        intake.source.add(mail("Hoe laat bent u open?", f"m{number}"), NOW - DAY, folder="Intake")

    def fail(_: object) -> None:
        raise SourceError("quota")

    with monkeypatch.context() as patched:
        patched.setattr(intake.source, "deliver", fail)
        assert intake.run().troubled
    intake.run()
    assert intake.folders() == {"INBOX": 2}
    assert len(intake.entries()) == 2


@pytest.mark.parametrize("step", ["WRITTEN", "PLACED", "REMOVING", "REMOVED"])
def test_a_crash_while_an_intake_redacts(intake: Post, step: str) -> None:
    intake.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY, folder="Intake")

    def crash(at: str) -> None:
        if at == step:
            raise Crash

    intake.source.on_step = crash
    with pytest.raises(Crash):
        intake.worker().cycle()
    intake.source.on_step = None
    intake.run()
    assert intake.folders() == {"INBOX": 1}
    assert intake.bodies() == ["Mijn BSN is [BSN verwijderd]."]
    assert len(intake.entries()) == 1


# marked as deleted


def marked(post: Post, text: str = "") -> str:
    """A person marks a mail as deleted, and doesn't expunge it."""
    item = post.item(text)
    post.source.flag(item, "ST")
    return item


def jobs(post: Post) -> int:
    with post.store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(schema.jobs)).scalar_one())


def test_what_is_due_in_a_mail_that_is_marked_is_recorded_once_and_begun_never(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    marked(post)
    post.run(after=40 * DAY)
    for _ in range(3):
        assert not post.run().troubled
    assert post.said() == [("message", "CLEAN", ""), ("deferred", "HELD", "marked-deleted")]
    assert jobs(post) == 0
    assert IBAN in post.bodies()[0]
    (stuck,) = post.journal.open().stuck
    assert stuck.why == "marked-deleted"
    assert post.journal.totals(post.now).marked == 1
    assert post.figures().lost == Lost()


def test_what_was_held_for_its_mark_goes_when_the_mark_is_off(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    item = marked(post)
    post.run(after=40 * DAY)
    post.source.flag(item, "S")
    assert not post.run().troubled
    assert IBAN not in post.bodies()[0]
    assert post.said()[1:] == [("deferred", "HELD", "marked-deleted"), ("deferred", "REDACTED", "")]
    assert post.journal.open().stuck == ()
    assert post.journal.totals(post.now).marked == 0
    assert post.figures().lost == Lost()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_was_held_for_its_mark_and_moved_or_removed(post: Post, *, elsewhere: bool) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    item = marked(post)
    post.run(after=40 * DAY)
    if elsewhere:  # its mark goes along
        post.source.moved(item, "Archief")
        post.run()
        assert len(post.said()) == 2
        post.source.flag(post.item(), "S")
        post.run()
        assert IBAN not in post.bodies("Archief")[0]
    else:
        post.source.delete(item)
        post.run()
    assert post.said()[2:] == [("deferred", *(("REDACTED", "") if elsewhere else ("CLEAN", "gone")))]
    post.run()
    assert len(post.said()) == 3
    assert post.journal.open().stuck == ()


def test_what_was_held_for_its_mark_and_a_person_asks_for_it_or_lets_it_be(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    item = marked(post)
    post.run(after=40 * DAY)
    ref = post.journal.open().stuck[0].ref
    with post.store.begin() as tx:
        post.people().retry(tx, [ref], Said("Sanne", "nog eens"), post.now)
    post.run()
    assert [reason for kind, _, reason in post.said() if kind == "deferred"] == ["marked-deleted"] * 2
    with post.store.begin() as tx:
        post.people().release(tx, ref, Said("Sanne", "wordt opgeruimd"), post.now)
    post.source.flag(item, "S")
    post.run()
    assert IBAN in post.bodies()[0]
    assert post.journal.open().stuck == ()
    assert jobs(post) == 0


def test_a_mail_that_is_marked_before_its_thread_falls_silent_only_waits(post: Post) -> None:
    post.source.add(mail(REFUND), NOW - DAY)
    post.run()
    marked(post)
    post.run(after=10 * DAY)
    assert post.said() == [("message", "CLEAN", "")]
    assert len(post.due()) == 1


def test_a_held_mail_that_is_marked_and_asked_for_waits_until_the_mark_is_off(post: Post) -> None:
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    post.source.moved(post.item(), "Gemist")
    post.run()
    ref = post.journal.open().unsettled[0].ref
    payload = post.source.stored[ref.item].payload.replace(b"[BSN verwijderd]", BSN.encode())
    post.source.rewrite(ref.item, payload)  # as if today's rules found more
    post.source.flag(ref.item, "T")
    with post.store.begin() as tx:
        post.people().retry(tx, [ref], Said("Sanne", "nog eens"), post.now)
    began = jobs(post)
    for _ in range(3):
        post.run()
    assert jobs(post) == began
    assert BSN in post.bodies()[0]
    post.source.flag(ref.item, "")
    post.run()
    assert BSN not in post.bodies()[0]


def test_how_many_are_marked_is_counted_where_mail_is_worked_through(post: Post) -> None:
    for number, folder in enumerate(("INBOX", "INBOX", "Werk", "Archief")):
        post.source.add(mail("Hoe laat bent u open?", f"m{number}"), NOW - DAY, folder=folder, flags="T")
    post.run()
    assert post.journal.totals(post.now).marked == 3
    assert post.entries() == []
    assert not [one for one in post.journal.troubles() if one.what == DOWN]
    for item in list(post.source.stored):
        post.source.flag(item, "")
    post.run()
    assert post.journal.totals(post.now).marked == 0
    assert len(post.entries()) == 3


# troubles and the purge command


def test_a_source_that_is_down_is_told_of_until_it_works_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise SourceError("mailbox: host: no answer")

    with monkeypatch.context() as patched:
        patched.setattr(post.source, "discover", fail)
        worker = post.worker()
        assert worker.cycle() == {"mailbox"}
        first = post.journal.troubles()
        post.now += DAY
        worker.cycle()
    assert [(one.what, one.why) for one in post.journal.troubles()] == [("source", "mailbox: host: no answer")]
    assert post.journal.troubles() == first  # since when it is so
    assert post.worker().cycle() == frozenset()
    assert post.journal.troubles() == []


def _script(path: Path, status: int) -> tuple[str, ...]:
    script = path / "purge"
    script.write_text(
        f'#!/bin/sh\nprintf "%s|%s\\n" "$SCRUBBER_SOURCE" "$SCRUBBER_FOLDERS" >> {path}/ran\nexit {status}\n'
    )
    script.chmod(0o755)
    return (str(script),)


def test_the_purge_command_runs_after_a_removal_and_only_then(make: MakePost, tmp_path: Path) -> None:
    post = make(purge=_script(tmp_path, 0))
    post.source.add(mail("Hoe laat bent u open?"), NOW - DAY)
    post.run()
    assert not (tmp_path / "ran").exists()
    post.source.add(mail(f"Mijn BSN is {BSN}.", "b"), NOW - DAY)
    post.run()
    post.run()
    assert (tmp_path / "ran").read_text() == "mailbox|INBOX\n"
    assert post.said()[-1] == ("reviewed", "", "purge-command")
    assert post.entries()[-1].notes == ("exit 0",)
    assert post.figures().people.reviewed == 0


def test_a_purge_command_that_fails_is_said_once_and_tried_again(make: MakePost, tmp_path: Path) -> None:
    post = make(purge=_script(tmp_path, 3))
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    assert post.run().troubled
    post.run()
    assert (tmp_path / "ran").read_text().count("\n") == 2
    assert [entry.notes for entry in post.entries() if entry.reason == "purge-command"] == [("exit 3",)]
    assert ("purge-command", "exit 3") in [(one.what, one.why) for one in post.journal.troubles()]
    _script(tmp_path, 0)
    post.run()
    assert post.journal.troubles() == []


def test_a_purge_command_that_is_not_there(make: MakePost, tmp_path: Path) -> None:
    post = make(purge=(str(tmp_path / "nergens"),))
    post.source.add(mail(f"Mijn BSN is {BSN}."), NOW - DAY)
    post.run()
    assert [entry.notes for entry in post.entries() if entry.reason] == [("not started: No such file or directory",)]


def test_no_row_holds_what_was_said_by_whom_or_a_value(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    for number, folder in enumerate(WORDS):
        post.source.add(mail(f"Mijn BSN is {BSN}, IBAN {IBAN}.", f"m{number}"), NOW - DAY, folder=folder)
    post.run()
    post.store.close()
    stored = b"".join(path.read_bytes() for path in post.path.glob("scrubber.db*"))
    shown = capsys.readouterr()
    for value in (BSN, IBAN, "Jan Proef", "jan@klant.example"):
        assert value not in shown.out + shown.err
        assert value.encode() not in stored


def test_a_database_that_fails_while_a_word_is_heard_stops_the_worker(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.source.add(mail(REFUND), NOW - DAY, folder="Nodig")

    def fail(*_: object, **__: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(post.journal, "hear", fail)
    with pytest.raises(StoreError):
        post.worker().cycle()
