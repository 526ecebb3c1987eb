"""One delivery from channel to desk, in one process: what goes on, what is recorded, in which order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scrubber import logs
from scrubber.digests import Digests
from scrubber.errors import StoreError
from scrubber.finding import Copy, CopyState
from scrubber.journal import Journal
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.pipeline import Tools
from scrubber.policy.source import SourcePolicy
from scrubber.relay.outbound import Away, Refused
from scrubber.relay.parcel import Given, Parcel, Terms, parcel
from scrubber.relay.preset import load
from scrubber.relay.quarantine import open_sealed
from scrubber.relay.service import Books, Line, NotYet, Relay, Unscrubbed, conversations
from scrubber.store import Store

BSN, IBAN = "123456782", "NL91ABNA0417164300"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = bytes(32)


@dataclass(slots=True)
class Door:
    """`answers`: what it raises, in turn; then it takes everything."""

    answers: list[Exception | None] = field(default_factory=list)
    got: list[bytes] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def deliver(self, payload: bytes, content_type: str, delivery: str, now: datetime) -> None:
        self.got.append(payload)
        self.names.append(delivery)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer


@dataclass(slots=True)
class Here:
    """Scrubs in this process, unless it is told to fail."""

    tools: Tools
    policy: SourcePolicy
    ring: KeyRing
    terms: Terms
    fails: int = 0

    def scrub(self, payload: bytes, given: Given) -> Parcel:
        if self.fails:
            self.fails -= 1
            raise Unscrubbed("its process died")
        again, text = Given.from_bytes(given.to_bytes(payload))
        return parcel(text, again, self.terms, self.tools, self.policy, Digests(self.ring), NOW)

    def asks(self, source: str, text: str) -> frozenset[str]:
        return self.policy.asks(text)


class Deleted:
    def delete(self, message: Any, now: datetime) -> Copy:
        return Copy("channel", CopyState.CLEANED, "verwijderd")


@dataclass(slots=True)
class World:
    relay: Relay
    door: Door
    here: Here
    books: Books
    line: Line
    now: datetime = NOW

    def take(self, text: str, conversation: str = "c", identity: bytes = b"1") -> str:
        payload = json.dumps({"conversation": conversation, "text": text}).encode()
        return self.relay.take("s", identity, payload, json.loads(payload), "application/json")

    def entries(self) -> list[LedgerEntry]:
        return list(self.books.ledger.read())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'x.db'}")
    yield opened
    opened.close()


@pytest.fixture
def world(store: Store, ring: KeyRing, tools: Tools, policy: SourcePolicy) -> World:
    return make(store, ring, tools, policy)


def make(store: Store, ring: KeyRing, tools: Tools, policy: SourcePolicy, **more: Any) -> World:
    terms = Terms(load("generic"), changes=more.pop("changes", True), passes=True)
    door, here = Door(), Here(tools, policy, ring, terms)
    line = Line("s", terms, door, **more)
    books = Books(store, Journal(store), Ledger(store, ring), ring, Digests(ring))
    relay = Relay({"s": line}, books, here, lambda: made.now, logs.configure("json"))
    made = World(relay, door, here, books, line)
    return made


def test_scrubbed_passed_on_recorded_and_not_again(world: World) -> None:
    assert world.take(f"BSN {BSN}") == "relayed"
    assert world.take(f"BSN {BSN}") == "repeat"
    assert world.take("Hoi", identity=b"2") == "relayed"
    assert BSN.encode() not in b"".join(world.door.got)
    assert [entry.outcome for entry in world.entries()] == ["REDACTED", "CLEAN"]
    assert [copy.state for copy in world.entries()[0].copies] == ["REMAINS"]


def test_the_same_words_twice_are_two_messages_where_nothing_tells_them_apart(world: World) -> None:
    """Proved by a token, without an identifier: a second "ja" that got 2xx and went nowhere would be lost."""

    def take(**more: str) -> str:
        world.now += timedelta(seconds=1)
        payload = json.dumps({"conversation": "c", "text": "Ja", **more}).encode()
        return world.relay.take("s", payload, payload, json.loads(payload), "application/json")

    assert [take(), take()] == ["relayed", "relayed"]
    assert [take(id="1"), take(id="1"), take(id="2")] == ["relayed", "repeat", "relayed"]
    assert len(world.door.got) == len(world.entries()) == 4
    assert len(set(world.door.names)) == 4, "a desk that drops repeats by their name takes both"


def test_a_question_in_the_register(world: World) -> None:
    assert world.relay.sent("s", [("+31 6 12345678", "Wat is uw IBAN?"), ("c", "Dank u wel.")]) == 1
    world.take(f"Dat is {IBAN}", "31612345678")
    assert IBAN.encode() in world.door.got[-1]
    assert {copy.place for copy in world.entries()[-1].copies} == {"desk-later"}
    world.take(f"Dat is {IBAN}", "c", b"2")
    assert IBAN.encode() not in world.door.got[-1]


def test_what_the_desk_wrote_feeds_the_register_and_is_no_entry(world: World) -> None:
    payload = json.dumps({"conversation": "c", "text": "Mogen we uw IBAN?", "from_desk": True}).encode()
    assert world.relay.take("s", b"1", payload, json.loads(payload), "application/json") == "relayed"
    keyed = conversations(world.books.ring, "s", "c")
    assert world.books.journal.asked("s", keyed, NOW) == {"IBAN_CODE"}
    assert world.entries() == []


def test_a_desk_that_is_away_costs_no_attempt(world: World) -> None:
    world.door.answers = [Away("x")] * 5
    for _ in range(5):
        with pytest.raises(NotYet, match="desk"):
            world.take(f"BSN {BSN}")
    assert world.take(f"BSN {BSN}") == "relayed"
    assert [entry.outcome for entry in world.entries()] == ["REDACTED"]


def test_a_desk_that_refuses_gets_a_stub_at_the_last_attempt(
    store: Store, ring: KeyRing, tools: Tools, policy: SourcePolicy
) -> None:
    world = make(store, ring, tools, policy, attempts=2, key=KEY, quarantine=timedelta(days=1))
    world.door.answers = [Refused(400), Refused(400), Refused(400), Refused(400), None]
    for _ in range(2):  # the second time the stub is refused too
        with pytest.raises(NotYet, match="desk"):
            world.take(f"BSN {BSN}")
    assert world.entries() == []
    assert world.take(f"BSN {BSN}") == "stub"
    assert world.take(f"BSN {BSN}") == "repeat"
    assert b"kon niet worden nagekeken" in world.door.got[-1]
    (entry,) = world.entries()
    assert (entry.outcome, entry.reason) == ("HELD", "desk-refused")
    (locked,) = world.books.journal.locked(NOW)
    assert BSN.encode() in open_sealed(KEY, "s", locked.delivery, locked.sealed)
    assert BSN.encode() not in b"".join(world.door.got)


def test_what_can_not_be_scrubbed_waits_and_then_is_held(world: World) -> None:
    world.here.fails = 3
    for _ in range(2):
        with pytest.raises(NotYet, match="unscrubbed"):
            world.take(f"BSN {BSN}")
    assert world.door.got == []
    assert world.take(f"BSN {BSN}") == "stub"
    assert BSN.encode() not in world.door.got[0]
    assert [(entry.outcome, entry.reason) for entry in world.entries()] == [("HELD", "unscrubbed")]


def test_what_is_only_observed_goes_on_whatever_happens(
    store: Store, ring: KeyRing, tools: Tools, policy: SourcePolicy
) -> None:
    world = make(store, ring, tools, policy, changes=False, attempts=1)
    world.here.fails = 1
    assert world.take(f"BSN {BSN}") == "relayed"
    assert BSN.encode() in world.door.got[0]
    (entry,) = world.entries()
    assert (entry.outcome, entry.mode, entry.copies, entry.notes) == ("HELD", "observe", (), ())
    world.door.answers = [Refused(400)]
    with pytest.raises(NotYet):
        world.take(f"BSN {BSN}", identity=b"2")


def test_a_channel_that_deletes(store: Store, ring: KeyRing, tools: Tools, policy: SourcePolicy) -> None:
    world = make(store, ring, tools, policy, channel=Deleted())
    world.take(f"BSN {BSN}")
    world.take("Hoi", identity=b"2")
    assert [[copy.state for copy in entry.copies] for entry in world.entries()] == [["CLEANED"], []]


def test_what_could_not_be_recorded_comes_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(world.books.journal, "relay", full)
        with pytest.raises(StoreError):
            world.take(f"BSN {BSN}")
    assert world.entries() == []  # both or neither
    assert world.take(f"BSN {BSN}") == "relayed"
    assert len(world.door.got) == 2


def test_in_hand_is_in_hand(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(*_: object) -> None:
        with pytest.raises(NotYet, match="busy"):
            world.take("Hoi")

    monkeypatch.setattr(world, "door", Door())
    door = world.line.door
    assert isinstance(door, Door)
    monkeypatch.setattr(Door, "deliver", again)
    assert world.take("Hoi") == "relayed"


def test_tidying_forgets(world: World) -> None:
    with world.books.store.begin() as tx:
        world.books.journal.lock_up(tx, "s", "d", b"x", NOW)
    world.relay.tidy()
    with world.books.store.begin() as tx:
        assert world.books.journal.unlock(tx) == 0


def test_nothing_of_a_line_is_shown() -> None:
    line = Line("s", Terms(load("generic"), changes=True, passes=True), Door(), key=b"k" * 32)
    assert "kkkk" not in repr(replace(line, attempts=1))
