"""The worker over a desk in memory and a real database: nudges, sweeps, closing, merging, quotes, what agents say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from scrubber import bootstrap, logs
from scrubber.errors import MessageGone, SourceError
from scrubber.finding import CopyState
from scrubber.journal import LOCKED, Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.ledger.verify import verify
from scrubber.message import Sender, SourceRef
from scrubber.pieces import Attached, Piece
from scrubber.pipeline import Tools
from scrubber.sources.desk.interface import TICKET, Abilities
from scrubber.sources.desk.memory import MemoryDesk
from scrubber.sources.desk.source import QUOTE, DeskSource
from scrubber.station import Options, Station
from scrubber.store import Store
from scrubber.worker import Worker

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
BSN = "123456782"
IBAN = "NL91ABNA0417164300"
JAN = Sender("Jan Proef", "jan@klant.example")
MASK = "▇"


@dataclass
class Desk:
    """A desk with everything around it; `run` is one cycle at a moment."""

    path: Path
    tools: Tools
    mode: str = "redact"
    abilities: Abilities = field(default_factory=lambda: Abilities(edits=True))
    cleans: bool = True
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.store = Store.open(f"sqlite:///{self.path}/scrubber.db")
        self.ring = KeyRing.create(self.path / "keys")
        self.ledger = Ledger(self.store, self.ring, head_file=self.path / "head")
        self.journal = Journal(self.store)
        self.policy = bootstrap.default_policy(["support@desk.example"])
        self.desk = MemoryDesk(self.abilities, cleans=self.cleans)
        self.desk.clock = lambda: self.now
        self.since = NOW - 60 * DAY

    def worker(self, stop: Event | None = None) -> Worker:
        self.source = DeskSource("desk", self.desk, ["support@desk.example"])
        tools = self.tools
        if self.abilities.mask:
            tools = replace(tools, redactor=replace(tools.redactor, mask=self.abilities.mask))
        station = Station(self.source, self.policy, tools, self.mode, self.since)
        log = logs.configure("json")
        options = Options(batch=4)
        return Worker(
            [station], self.store, self.journal, self.ledger, self.ring, log, lambda: self.now, options, stop=stop
        )

    def run(self, later: timedelta = timedelta()) -> Worker:
        self.now += later
        worker = self.worker()
        worker.cycle()
        worker.checkpoint()
        assert verify(self.store, self.ring.public_keys, head_file=self.path / "head").ok
        return worker

    def nudge(self, ticket: str) -> None:
        with self.store.begin() as tx:
            self.journal.nudge(tx, "desk", ticket, self.now)

    def entries(self, kind: str = "") -> list[LedgerEntry]:
        return [e for e in self.ledger.read() if e.kind == kind or (not kind and e.kind != "checkpoint")]

    def ask(self, ticket: str, text: str) -> str:
        return self.desk.say(ticket, text, author="agent", agent="Kim")

    def waits(self) -> list[datetime]:
        return [one.due for one in self.journal.open().due]

    def ref(self, ticket: str, item: str) -> SourceRef:
        return SourceRef("desk", ticket, item)


@pytest.fixture(scope="module")
def tools() -> Tools:
    return bootstrap.default_tools()


Make = Callable[..., Desk]


@pytest.fixture
def make(tmp_path: Path, tools: Tools) -> Iterator[Make]:
    made: list[Desk] = []

    def one(**given: object) -> Desk:
        made.append(Desk(tmp_path, tools, **given))  # type: ignore[arg-type]  # a test says what it wants
        return made[-1]

    yield one
    for desk in made:
        desk.store.close()


@pytest.fixture
def desk(make: Make) -> Desk:
    return make()


def ticket(desk: Desk, *texts: str, subject: str = "Vraag over mijn rekening") -> tuple[str, list[str]]:
    number = desk.desk.open(Piece("subject", subject, kind="subject"), sender=JAN)
    return number, [desk.desk.say(number, text, sender=JAN) for text in texts]


def test_what_was_not_asked_for_goes_where_it_stands(desk: Desk) -> None:
    number, (item,) = ticket(desk, f"Mijn BSN is {BSN}, klopt dat?", subject=f"Vraag over {BSN}")
    desk.nudge(number)
    desk.run()
    assert desk.desk.text(number, item) == "Mijn BSN is [BSN verwijderd], klopt dat?"
    assert desk.desk.text(number) == "Vraag over [BSN verwijderd]"
    entries = desk.entries("message")
    assert [entry.outcome for entry in entries] == ["REDACTED", "REDACTED"]
    assert {entry.channel for entry in entries} == {"ticket"}
    assert [(copy.place, copy.state) for copy in entries[0].copies] == [("desk-log", "CLEANED")]
    assert desk.journal.nudged("desk") == {}


def test_our_own_edit_and_a_second_look_change_nothing(desk: Desk) -> None:
    number, _ = ticket(desk, f"Mijn BSN is {BSN}.")
    desk.run()
    before = len(desk.entries())
    desk.desk.calls.clear()
    for _ in range(2):
        desk.nudge(number)
        desk.run(20 * MINUTE)
    assert not [call for call in desk.desk.calls if call.startswith("rewrite")]
    assert len(desk.entries()) == before


def test_a_sweep_finds_what_nobody_told_of(desk: Desk) -> None:
    first, (item,) = ticket(desk, f"BSN {BSN}")
    desk.run()
    assert BSN not in desk.desk.text(first, item)
    desk.now += MINUTE
    number, (late,) = ticket(desk, f"Mijn BSN is {BSN}.")
    desk.run(MINUTE)
    assert BSN in desk.desk.text(number, late)  # not yet time for it
    desk.run(15 * MINUTE)
    assert BSN not in desk.desk.text(number, late)
    calls = [call for call in desk.desk.calls if call == "changed"]
    assert len(calls) == 2


def test_only_a_nudged_ticket_is_read(desk: Desk) -> None:
    ticket(desk, "Goedemiddag")
    number, _ = ticket(desk, "Goedemiddag")
    desk.run()
    desk.desk.calls.clear()
    desk.nudge(number)
    desk.run(MINUTE)
    assert {call for call in desk.desk.calls if call.startswith("ticket")} == {f"ticket {number}"}


def test_what_came_before_since_stays(desk: Desk) -> None:
    number = desk.desk.open(Piece("subject", "Oud", kind="subject"), at=NOW - 90 * DAY)
    item = desk.desk.say(number, f"Mijn BSN is {BSN}.", at=NOW - 90 * DAY)
    new = desk.desk.say(number, f"Nogmaals: {BSN}.", at=NOW - DAY)
    desk.run()
    assert BSN in desk.desk.text(number, item)
    assert BSN not in desk.desk.text(number, new)


def test_observing_changes_nothing_and_redacts_later(make: Make) -> None:
    desk = make(mode="observe")
    number, (item,) = ticket(desk, f"Mijn BSN is {BSN}.")
    desk.run()
    assert BSN in desk.desk.text(number, item)
    assert [entry.outcome for entry in desk.entries("message")] == ["CLEAN", "OBSERVED"]
    desk.mode = "redact"
    desk.run(MINUTE)
    assert BSN not in desk.desk.text(number, item)


def test_what_was_asked_for_goes_days_after_the_ticket_is_closed(desk: Desk) -> None:
    number, _ = ticket(desk, "Ik wil mijn geld terug.")
    desk.ask(number, "Wat is uw rekeningnummer (IBAN)?")
    item = desk.desk.say(number, f"Dat is {IBAN}.", sender=JAN)
    desk.run()
    assert IBAN in desk.desk.text(number, item)
    assert desk.waits() == [NOW + 30 * DAY]
    desk.now += DAY
    desk.desk.shut(number)
    desk.nudge(number)
    desk.run()
    assert desk.waits() == [NOW + 8 * DAY]
    desk.now += DAY
    desk.desk.reopen(number)
    desk.nudge(number)
    desk.run()
    assert desk.waits() == [NOW + 30 * DAY]
    desk.desk.shut(number)
    desk.run(20 * MINUTE)
    desk.run(6 * DAY)
    assert IBAN in desk.desk.text(number, item)
    desk.run(2 * DAY)
    assert IBAN not in desk.desk.text(number, item)
    assert [entry.outcome for entry in desk.entries("deferred")] == ["REDACTED"]


def test_a_ticket_that_was_opened_again_unseen_keeps_what_waits(desk: Desk) -> None:
    number, _ = ticket(desk, "Ik wil mijn geld terug.")
    desk.ask(number, "Wat is uw IBAN?")
    item = desk.desk.say(number, f"Dat is {IBAN}.", sender=JAN)
    desk.desk.shut(number)
    desk.run()
    assert desk.waits() == [NOW + 7 * DAY]
    desk.now += 8 * DAY
    kept = desk.desk.tickets[number]
    kept.head = replace(kept.head, closed_at=None)  # and neither web hook nor sweep told
    desk.run()
    assert IBAN in desk.desk.text(number, item)
    assert desk.waits() == [NOW + 30 * DAY]


def test_what_waits_in_a_merged_ticket_follows_the_other(desk: Desk) -> None:
    number, _ = ticket(desk, "Ik wil mijn geld terug.")
    desk.ask(number, "Wat is uw IBAN?")
    item = desk.desk.say(number, f"Dat is {IBAN}.", sender=JAN)
    other, (last,) = ticket(desk, f"Ook nog: mijn BSN is {BSN}.")
    desk.run()
    desk.now += DAY
    desk.desk.merge(number, other)
    desk.nudge(number)
    desk.run()
    assert BSN not in desk.desk.text(other, last)
    assert desk.waits() == [NOW + 30 * DAY]  # the ticket is closed, the matter is not
    desk.now += DAY
    desk.desk.shut(other)
    desk.nudge(other)
    desk.run()
    assert desk.waits() == [NOW + 9 * DAY]
    desk.run(8 * DAY)
    assert IBAN not in desk.desk.text(number, item)


def test_what_moves_into_another_ticket_is_known_there(desk: Desk) -> None:
    number, (first,) = ticket(desk, f"Mijn BSN is {BSN}.")
    desk.ask(number, "Wat is uw IBAN?")
    item = desk.desk.say(number, f"Dat is {IBAN}.", sender=JAN)
    other, _ = ticket(desk, "Hallo")
    desk.run()
    before = len(desk.entries())
    desk.now += DAY
    desk.desk.merge(number, other, moves=True)
    desk.nudge(number)
    desk.run()
    assert len(desk.entries()) == before
    assert [one.ref for one in desk.journal.open().due] == [desk.ref(other, item)]
    desk.desk.shut(other)
    desk.nudge(other)
    desk.run(8 * DAY)
    assert IBAN not in desk.desk.text(other, item)
    assert [entry.outcome for entry in desk.entries("deferred")] == ["REDACTED"]
    assert "[BSN verwijderd]" in desk.desk.text(other, first)


def test_quotes_of_what_goes_are_cleaned_in_what_agents_and_the_desk_wrote(desk: Desk) -> None:
    number, (item,) = ticket(desk, f"Hallo,\nMijn BSN is {BSN} en mijn wachtwoord is Zomer!2026x.\nGroet, Jan")
    quoted = f"Mijn BSN is {BSN[:3]} {BSN[3:6]} {BSN[6:]} en mijn wachtwoord is Zomer!2026x."
    said = f"<p>Dank u.</p><blockquote>{quoted}</blockquote>"
    answer = desk.desk.say(number, Piece("html", said, "text/html"), author="agent", agent="Kim")
    auto = desk.desk.say(number, f"Wij ontvingen: Mijn BSN is {BSN}", author="system")
    free = desk.ask(number, "Uw bestelling 123456783 is onderweg.")
    desk.run()
    for one in (item, answer, auto):
        assert BSN not in desk.desk.text(number, one).replace(" ", "")
        assert "Zomer" not in desk.desk.text(number, one)
    assert desk.desk.text(number, free) == "Uw bestelling 123456783 is onderweg."
    (entry,) = [entry for entry in desk.entries("message") if entry.outcome == "REDACTED"]
    assert [copy.state for copy in entry.copies if copy.place == QUOTE] == ["CLEANED", "CLEANED"]
    rewrites = [call for call in desk.desk.calls if call.startswith("rewrite")]
    assert rewrites[-1] == f"rewrite {number} {item}"  # the message itself comes last


def test_a_quote_that_nobody_may_edit_is_named(desk: Desk) -> None:
    number, (item,) = ticket(desk, f"Mijn BSN is {BSN}.")
    answer = desk.ask(number, f"U schreef: Mijn BSN is {BSN}.")
    desk.desk.fixed.add((number, answer))
    desk.run()
    assert BSN not in desk.desk.text(number, item)
    (entry,) = [entry for entry in desk.entries("message") if entry.outcome == "REDACTED"]
    assert [copy.state for copy in entry.copies if copy.place == QUOTE] == [CopyState.REMAINS]


def test_a_desk_with_its_own_mask(make: Make) -> None:
    desk = make(abilities=Abilities(edits=True, mask=MASK))
    number, _ = ticket(desk, "Hallo")
    html = f"<p>Mijn BSN is <b>{BSN[:3]}</b>{BSN[3:]} en IBAN {IBAN}.</p>"
    item = desk.desk.say(number, Piece("html", html, "text/html"), sender=JAN)
    desk.run()
    mask = MASK * 3
    assert desk.desk.text(number, item) == f"<p>Mijn BSN is <b>{mask}</b>{mask} en IBAN {mask}.</p>"
    assert not desk.journal.open().unsettled
    before = len(desk.entries())
    desk.nudge(number)
    desk.run(MINUTE)
    assert len(desk.entries()) == before


def test_where_nobody_may_edit_the_agent_is_asked_once_and_without_the_value(make: Make) -> None:
    desk = make(abilities=Abilities(edits=False))
    number, (item,) = ticket(desk, f"Mijn BSN is {BSN}.")
    desk.run()
    desk.nudge(number)
    desk.run(MINUTE)
    desk.run(20 * MINUTE)
    assert BSN in desk.desk.text(number, item)
    ((to, text),) = desk.desk.notes
    assert to == number
    assert "BSN" in text
    assert BSN not in text
    entries = desk.entries("message")
    assert [(entry.outcome, entry.reason) for entry in entries] == [("CLEAN", ""), ("OBSERVED", "read-only source")]


def test_a_text_that_is_locked_is_listed_and_left(desk: Desk) -> None:
    number, (item,) = ticket(desk, f"Mijn BSN is {BSN}.")
    desk.desk.fixed.add((number, item))
    desk.run()
    desk.nudge(number)
    desk.run(MINUTE)
    assert [(e.outcome, e.reason) for e in desk.entries("message")] == [("CLEAN", ""), ("OBSERVED", LOCKED)]
    assert not desk.journal.open().flights
    assert len(desk.desk.notes) == 1


def test_what_is_due_where_nobody_may_edit_is_asked_of_the_agent(make: Make) -> None:
    desk = make(abilities=Abilities(edits=False))
    number, _ = ticket(desk, "Ik wil mijn geld terug.")
    desk.ask(number, "Wat is uw IBAN?")
    desk.desk.say(number, f"Dat is {IBAN}.", sender=JAN)
    desk.run()
    assert desk.desk.notes == []
    desk.desk.shut(number)
    desk.nudge(number)
    desk.run(8 * DAY)
    ((_, text),) = desk.desk.notes
    assert "IBAN" in text
    assert IBAN not in text
    assert desk.journal.totals(desk.now).stuck == 1


def test_an_edit_by_somebody_is_looked_at_and_one_that_puts_back_is_left(desk: Desk) -> None:
    number, (item,) = ticket(desk, f"Mijn BSN is {BSN}.")
    desk.run()
    desk.desk.change(number, item, f"Mijn BSN was weg, nu: {BSN}.")
    desk.nudge(number)
    desk.run(MINUTE)
    assert desk.desk.text(number, item) == "Mijn BSN was weg, nu: [BSN verwijderd]."
    desk.desk.change(number, item, f"Mijn BSN is {BSN}.")
    for _ in range(2):
        desk.nudge(number)
        desk.run(MINUTE)
    assert desk.desk.text(number, item) == f"Mijn BSN is {BSN}."
    assert len(desk.entries("restored")) == 1


def test_somebody_writes_while_it_is_rewritten(desk: Desk) -> None:
    number, (item,) = ticket(desk, f"Mijn BSN is {BSN}.")
    once = [True]

    def between(call: str) -> None:
        if call.startswith("rewrite") and once:
            once.pop()
            desk.desk.change(number, item, f"Mijn BSN is {BSN}, zei ik al.")

    desk.desk.on_call = between
    desk.nudge(number)
    desk.run()
    assert list(desk.journal.nudged("desk")) == [number]
    desk.run(MINUTE)
    assert desk.desk.text(number, item) == "Mijn BSN is [BSN verwijderd], zei ik al."
    assert desk.journal.nudged("desk") == {}


def test_a_ticket_that_fails_is_looked_at_again_and_the_others_go_on(desk: Desk) -> None:
    bad, (stuck,) = ticket(desk, f"Mijn BSN is {BSN}.")
    good, (item,) = ticket(desk, f"Mijn BSN is {BSN}.")

    def fails(call: str) -> None:
        if call == f"ticket {bad}":
            raise SourceError("this ticket can't be read now")

    desk.desk.on_call = fails
    desk.run()
    assert BSN not in desk.desk.text(good, item)
    assert list(desk.journal.nudged("desk")) == [bad]
    desk.desk.on_call = lambda _: None
    desk.run(MINUTE)
    assert BSN not in desk.desk.text(bad, stuck)
    assert desk.journal.nudged("desk") == {}


def test_a_ticket_that_is_gone_is_forgotten(desk: Desk) -> None:
    desk.nudge("404")
    desk.run()
    assert desk.journal.nudged("desk") == {}
    number, _ = ticket(desk, "Ik wil mijn geld terug.")
    desk.ask(number, "Wat is uw IBAN?")
    desk.desk.say(number, f"Dat is {IBAN}.", sender=JAN)
    desk.run(20 * MINUTE)
    assert desk.waits()
    del desk.desk.tickets[number]
    desk.run(40 * DAY)
    assert desk.waits() == []
    assert [(entry.outcome, entry.reason) for entry in desk.entries("deferred")] == [("CLEAN", "gone")]


def test_a_name_of_an_attachment_can_not_be_changed_and_is_named(desk: Desk) -> None:
    number, _ = ticket(desk, "Hallo")
    item = desk.desk.say(
        number, Piece("body", f"BSN {BSN}"), Attached("attachment/1", "image/png", f"{BSN}.png"), sender=JAN
    )
    desk.run()
    assert desk.desk.text(number, item) == "BSN [BSN verwijderd]"
    (entry,) = [entry for entry in desk.entries("message") if entry.outcome == "REDACTED"]
    assert ("desk-filename", "REMAINS") in [(copy.place, copy.state) for copy in entry.copies]
    assert [part.reason for part in entry.unread] == ["image"]


# what agents say


def test_asked_by_telephone(desk: Desk) -> None:
    number, (item,) = ticket(desk, f"Hier is hij: {IBAN}.")
    desk.desk.say(number, "gevraagd (telefoon)", author="agent", public=False, agent="Kim")
    desk.run()
    assert IBAN in desk.desk.text(number, item)
    assert desk.waits() == [NOW + 30 * DAY]
    assert [(e.reason, e.actor) for e in desk.entries("reviewed")] == [("signal:asked", "Kim")]
    (entry,) = [entry for entry in desk.entries("message") if entry.removals]
    assert "asked: agent" in entry.removals[0].evidence


def test_needed_until_a_day(desk: Desk) -> None:
    number, (item,) = ticket(desk, f"Zet het maar op {IBAN}.")
    desk.desk.say(number, "nodig tot 2026-12-01 (terugbetaling)", author="agent", public=False, agent="Kim")
    desk.run()
    assert desk.waits() == [datetime(2026, 12, 2, tzinfo=UTC)]
    desk.desk.shut(number)
    desk.nudge(number)
    desk.run(MINUTE)
    assert desk.waits() == [datetime(2026, 12, 2, tzinfo=UTC)]  # closed, and needed until then all the same
    desk.run(10 * DAY)
    assert IBAN not in desk.desk.text(number, item)


def test_dealt_with_goes_now_and_is_heard_once(desk: Desk) -> None:
    number, _ = ticket(desk, "Ik wil mijn geld terug.")
    desk.ask(number, "Wat is uw IBAN?")
    item = desk.desk.say(number, f"Dat is {IBAN}.", sender=JAN)
    desk.run()
    desk.now += DAY
    desk.desk.tickets[number].tags.append("verwerkt")
    for _ in range(3):
        desk.nudge(number)
        desk.run(MINUTE)
    assert IBAN not in desk.desk.text(number, item)
    assert [entry.reason for entry in desk.entries("reviewed")] == ["signal:done"]


def test_wrongly_removed_leaves_the_ticket_alone(desk: Desk) -> None:
    number, (item,) = ticket(desk, f"BSN {BSN}")
    desk.run()
    desk.now += DAY
    desk.desk.say(number, "Fout verwijderd.", author="agent", public=False, agent="Kim")
    desk.desk.change(number, item, f"BSN {BSN} hoort er te staan")
    desk.nudge(number)
    desk.run()
    assert BSN in desk.desk.text(number, item)
    assert [entry.reason for entry in desk.entries("reviewed")] == ["signal:wrong"]


def test_missed_is_looked_at_again_and_held(desk: Desk) -> None:
    number, (item,) = ticket(desk, "Mijn nummer is zoals bekend.")
    desk.run()
    desk.now += DAY
    desk.desk.say(number, "gemist", author="agent", public=False, agent="Kim")
    desk.nudge(number)
    desk.run()
    (held,) = desk.journal.open().unsettled
    assert (held.ref, held.reason) == (desk.ref(number, item), "missed")
    desk.nudge(number)
    desk.run(MINUTE)
    assert [entry.reason for entry in desk.entries("reviewed")] == ["signal:missed"]


@pytest.mark.parametrize("author", ["customer", "agent", "system"])
def test_a_public_text_or_that_of_a_customer_never_steers(desk: Desk, author: str) -> None:
    number, (item,) = ticket(desk, f"Hier is hij: {IBAN}.")
    public = author != "customer"
    desk.desk.say(number, "gevraagd (telefoon)", author=author, public=public, agent="Kim")  # type: ignore[arg-type]  # a parameter
    desk.run()
    assert IBAN not in desk.desk.text(number, item)
    assert desk.entries("reviewed") == []


def test_stopped_in_the_middle_it_goes_on_later(desk: Desk) -> None:
    numbers = [ticket(desk, f"Mijn BSN is {BSN}.")[0] for _ in range(3)]
    for number in numbers:
        desk.nudge(number)
    stop = Event()
    desk.desk.on_call = lambda call: stop.set() if call.startswith("rewrite") else None
    desk.worker(stop).cycle()
    assert desk.journal.nudged("desk")
    desk.desk.on_call = lambda _: None
    desk.run(MINUTE)
    assert all(BSN not in desk.desk.text(number, str(int(number) + 1)) for number in numbers)
    assert len([e for e in desk.entries("message") if e.outcome == "REDACTED"]) == 3


def test_no_such_item() -> None:
    source = DeskSource("desk", MemoryDesk())
    with pytest.raises(MessageGone):
        source.fetch(SourceRef("desk", "1", TICKET))


def test_a_message_that_was_not_read_is_one_of_a_ticket(desk: Desk) -> None:
    number, _ = ticket(desk, "Ik wil mijn geld terug.")
    desk.ask(number, "Wat is uw IBAN?")
    desk.desk.say(number, f"Dat is {IBAN}.", sender=JAN)
    desk.run()
    del desk.desk.tickets[number]
    desk.run(40 * DAY)
    assert {entry.channel for entry in desk.entries()} == {"ticket"}
