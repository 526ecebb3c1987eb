"""What every desk promises (sources/desk/interface.py), and the source that is made of it, over all of them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from scrubber.errors import MessageChanged, MessageGone, MessageLocked
from scrubber.finding import CopyState
from scrubber.message import SourceRef
from scrubber.pieces import PIECES_TYPE, Attached, Piece, dump, load
from scrubber.sources.base import Quote, Source, Sweeps, WriteBack
from scrubber.sources.desk.interface import TICKET, Entry
from scrubber.sources.desk.source import QUOTE, REWRITTEN, DeskSource
from tests.desks.worlds import MARKED, WORLDS, World, now, world_of

BSN = "123456782"
PUT = "[BSN verwijderd]"
HOUR = timedelta(hours=1)
JOB = "0123456789abcdef0123456789abcdef"


def digest(payload: bytes) -> str:
    return hmac.new(b"key of these tests", payload, hashlib.sha256).hexdigest()


@pytest.fixture(params=[pytest.param(name, marks=MARKED.get(name, ())) for name in WORLDS])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with world_of(request.param, request) as made:
        yield made


@pytest.fixture
def source(world: World) -> DeskSource:
    return DeskSource("desk", world.desk)


def entry(world: World, ticket: str, item: str) -> Entry:
    (found,) = [one for one in world.desk.ticket(ticket).entries if one.item == item]
    return found


def text(one: Entry) -> str:
    return "\n".join(piece.text for piece in one.pieces if isinstance(piece, Piece))


def put(world: World) -> str:
    return world.desk.abilities.mask or PUT


def without(world: World, one: Entry) -> tuple[Piece | Attached, ...]:
    """The pieces without the value."""
    return tuple(
        replace(piece, text=piece.text.replace(BSN, put(world))) if isinstance(piece, Piece) else piece
        for piece in one.pieces
    )


def redacted(world: World, payload: bytes) -> bytes:
    return dump(
        replace(piece, text=piece.text.replace(BSN, put(world))) if isinstance(piece, Piece) else piece
        for piece in load(payload)
    )


def prepared(world: World, source: DeskSource, ticket: str, item: str) -> tuple[WriteBack, bytes]:
    message = source.fetch(SourceRef("desk", ticket, item))
    wanted = source.kept(message.payload, redacted(world, message.payload)).payload
    return WriteBack(JOB, message.ref, digest(message.payload), digest(wanted), source.plan(message)), wanted


class CrashError(Exception):
    """The process ends here, as far as the source can tell."""


def crash(step: str) -> None:
    raise CrashError(step)


# a desk


def test_it_can_be_reached(world: World) -> None:
    world.desk.check()


def test_a_ticket_has_its_own_texts_and_what_was_said_in_order(world: World) -> None:
    ticket, first = world.open("Vraag over mijn factuur", "Goedemiddag, hoe zit dat?")
    answer = world.say(ticket, "Wat is uw klantnummer?", agent=True)
    second = world.say(ticket, "Dat is 4711.")
    note = world.say(ticket, "Lijkt me een oude klant.", agent=True, public=False)
    found = world.desk.ticket(ticket)
    assert found.head.ticket == ticket
    assert found.head.closed_at is None
    by_item = {one.item: one for one in found.entries}
    assert "Vraag over mijn factuur" in text(by_item[TICKET])
    told = [one for one in found.entries if one.item in (first, answer, second, note)]
    assert [one.item for one in told] == [first, answer, second, note]
    assert [one.author for one in told] == ["customer", "agent", "customer", "agent"]
    assert [one.public for one in told] == [True, True, True, False]
    assert told[0].sender.email == "jan@klant.example"
    assert told[3].agent
    assert "hoe zit dat" in text(told[0])
    assert all(one.created.tzinfo is not None for one in found.entries)


def test_names_of_pieces_are_unique_and_the_same_each_time(world: World) -> None:
    ticket, _ = world.open("Vraag", f"Mijn nummer is {BSN}.")
    first, again = world.desk.ticket(ticket), world.desk.ticket(ticket)
    assert first.entries == again.entries
    for one in first.entries:
        dump(one.pieces)  # refuses two of one name


def test_what_changed_is_told_the_oldest_change_first_and_all_of_it(world: World) -> None:
    before = now()
    tickets = [world.open(f"Vraag {number}", "Hallo")[0] for number in range(8)]
    heads = list(world.desk.changed(before - HOUR))
    assert [head.ticket for head in heads] == tickets
    assert [head.updated for head in heads] == sorted(head.updated for head in heads)


def test_a_ticket_that_is_not_there(world: World) -> None:
    with pytest.raises(MessageGone):
        world.desk.ticket("999999")


@pytest.mark.parametrize("number", ["../users/me", "1/2", "", "1?x=1", "abc"])
def test_a_number_that_is_none_leads_nowhere(world: World, number: str) -> None:
    with pytest.raises(MessageGone):
        world.desk.ticket(number)


def test_closing_and_opening_again_shows(world: World) -> None:
    ticket, _ = world.open("Vraag", "Hallo")
    world.shut(ticket)
    closed = world.desk.ticket(ticket).head.closed_at
    assert closed is not None
    assert abs(closed - now()) < HOUR
    world.reopen(ticket)
    assert world.desk.ticket(ticket).head.closed_at is None


def test_a_merged_ticket_names_the_other(world: World) -> None:
    if not world.merges:
        pytest.skip("tickets can't be merged here")
    ticket, _ = world.open("Vraag", "Hallo")
    other, _ = world.open("Dezelfde vraag", "Hallo")
    world.merge(ticket, other)
    merged = world.desk.ticket(ticket).head
    assert other in (merged.merged_into, merged.ticket)
    assert world.desk.ticket(other).head.merged_into == ""


def test_a_rewrite_changes_what_it_should_and_nothing_else(world: World) -> None:
    ticket, item = world.open("Vraag", f"Mijn nummer is {BSN} & <b> van mij.\nMet dank,\nJan “Proef” é")
    other = world.say(ticket, f"Nogmaals {BSN}")
    before = text(entry(world, ticket, item))
    one = entry(world, ticket, item)
    world.desk.rewrite(ticket, one, without(world, one))
    after = entry(world, ticket, item)
    assert BSN not in text(after)
    left, right = before.split(BSN)
    assert text(after).startswith(left)
    assert text(after).endswith(right)
    assert BSN not in world.reads(ticket, item)
    assert BSN in world.reads(ticket, other)
    assert (after.author, after.created, after.public) == (one.author, one.created, one.public)


def test_a_rewrite_of_the_subject(world: World) -> None:
    ticket, _ = world.open(f"Vraag van {BSN}", "Hallo")
    one = entry(world, ticket, TICKET)
    if not world.subjects:
        with pytest.raises(MessageLocked):
            world.desk.rewrite(ticket, one, without(world, one))
        return
    world.desk.rewrite(ticket, one, without(world, one))
    assert BSN not in text(entry(world, ticket, TICKET))


def test_a_rewrite_of_what_somebody_changed_meanwhile_is_refused(world: World) -> None:
    ticket, item = world.open("Vraag", f"Mijn nummer is {BSN}.")
    one = entry(world, ticket, item)
    world.edit(ticket, item, f"Mijn nummer is {BSN}, en nog iets.")
    with pytest.raises((MessageChanged, MessageLocked)):
        world.desk.rewrite(ticket, one, without(world, one))
    assert "en nog iets" in world.reads(ticket, item)


def test_what_agents_said_can_be_rewritten_or_says_that_it_can_not(world: World) -> None:
    ticket, _ = world.open("Vraag", "Hallo")
    item = world.say(ticket, f"U schreef: {BSN}.", agent=True)
    one = entry(world, ticket, item)
    try:
        world.desk.rewrite(ticket, one, without(world, one))
    except MessageLocked:
        assert BSN in world.reads(ticket, item)
    else:
        assert BSN not in world.reads(ticket, item)


def test_copies_are_told_with_their_state_and_telling_again_says_the_same(world: World) -> None:
    ticket, item = world.open("Vraag", f"Mijn nummer is {BSN}.")
    one = entry(world, ticket, item)
    world.desk.rewrite(ticket, one, without(world, one))
    told = world.desk.copies(ticket, item)
    assert world.desk.copies(ticket, item) == told
    assert all(copy.place and copy.why for copy in told)
    assert BSN not in repr(told)
    if BSN in world.everything(ticket):
        assert {copy.state for copy in told} - {CopyState.CLEANED}, "something remains, and is not told"


def test_a_note_is_internal(world: World) -> None:
    ticket, _ = world.open("Vraag", "Hallo")
    world.desk.note(ticket, "In dit bericht staat een BSN. & <b>")
    (note,) = [one for one in world.desk.ticket(ticket).entries if "staat een BSN" in text(one)]
    assert (note.author, note.public) == ("agent", False)


# the source of it


def test_the_source_is_one_of_matters(source: DeskSource) -> None:
    one: Source = source
    matters: Sweeps = source
    assert isinstance(one, Sweeps)
    assert one.name == "desk"
    assert list(matters.heads(now())) == []


def test_customers_texts_are_messages_and_public_words_of_agents_their_thread(world: World, source: DeskSource) -> None:
    ticket, first = world.open("Vraag", "Hallo")
    answer = world.say(ticket, "Wat is uw IBAN?", agent=True)
    second = world.say(ticket, "Alstublieft")
    world.say(ticket, "verwerkt", agent=True, public=False)
    matter = source.matter(ticket)
    assert matter.closed_at is None
    items = [one.ref.item for one in source.listed(ticket)]
    assert set(items) >= {TICKET, first, second}
    assert answer not in items
    message = source.fetch(SourceRef("desk", ticket, second))
    assert (message.media_type, message.channel) == (PIECES_TYPE, "ticket")
    turns = source.thread(message)
    assert any(turn.from_desk and b"IBAN" in turn.payload for turn in turns)
    assert not any(b"verwerkt" in turn.payload for turn in turns)
    assert {one.ref.item for one in source.beside(message.ref)} >= {answer}
    assert [one.word for one in source.words(ticket)] == ["done"]


def test_discover_lists_what_came_since(world: World, source: DeskSource) -> None:
    before = now() - HOUR
    ticket, item = world.open("Vraag", "Hallo")
    refs = [one.ref for one in source.discover(before)]
    assert SourceRef("desk", ticket, item) in refs
    assert list(source.discover(now() + HOUR)) == []


def test_replaces_in_place_with_quotes_first(world: World, source: DeskSource) -> None:
    ticket, item = world.open("Vraag", f"Mijn nummer is {BSN}.")
    quoting = world.say(ticket, f"U schreef dat het {BSN} is.", agent=True)
    source.matter(ticket)
    write, payload = prepared(world, source, ticket, item)
    (quote,) = [one for one in source.beside(write.ref) if one.ref.item == quoting]
    write = replace(write, quotes=(Quote(quote.ref, quote.payload, redacted(world, quote.payload)),))
    steps: list[str] = []
    replaced = source.replace(write, payload, digest, steps.append)
    assert replaced.ref == write.ref
    assert BSN not in world.reads(ticket, item)
    (state,) = [copy.state for copy in replaced.copies if copy.place == QUOTE]
    assert (BSN in world.reads(ticket, quoting)) == (state is not CopyState.CLEANED)
    assert len(steps) == 2


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("number", [0, 1])
def test_a_crash_at_any_step_ends_well(world: World, source: DeskSource, number: int, early: bool) -> None:
    ticket, item = world.open("Vraag", f"Mijn nummer is {BSN}.")
    write, payload = prepared(world, source, ticket, item)
    steps: list[str] = []

    def record(step: str) -> None:
        if len(steps) == number and early:
            crash(step)
        steps.append(step)
        if len(steps) > number:
            crash(step)

    with pytest.raises(CrashError):
        source.replace(write, payload, digest, record)
    fresh = DeskSource("desk", world.desk)
    write = replace(write, step=steps[-1] if steps else "PREPARED")
    for _ in range(2):
        recovered = fresh.recover(write, digest, lambda _step: None)
        done = BSN not in world.reads(ticket, item)
        assert (recovered is not None) == done
    if recovered is None:
        again, payload = prepared(world, fresh, ticket, item)
        recovered = fresh.replace(again, payload, digest, lambda _step: None)
    assert recovered.ref == write.ref
    assert BSN not in world.reads(ticket, item)


@pytest.mark.parametrize("when", ["before", "between"])
def test_what_somebody_changes_meanwhile_stays(world: World, source: DeskSource, when: str) -> None:
    ticket, item = world.open("Vraag", f"Mijn nummer is {BSN}.")
    write, payload = prepared(world, source, ticket, item)

    def edit(step: str) -> None:
        if step != REWRITTEN:
            world.edit(ticket, item, f"Nee, het is {BSN} hoor.")

    if when == "before":
        edit("")
    with pytest.raises(MessageChanged):
        source.replace(write, payload, digest, edit if when == "between" else lambda _step: None)
    assert "hoor" in world.reads(ticket, item)
    assert DeskSource("desk", world.desk).recover(write, digest, lambda _step: None) is None


def test_a_gone_message(world: World, source: DeskSource) -> None:
    ticket, _ = world.open("Vraag", "Hallo")
    gone = SourceRef("desk", ticket, "999999")
    with pytest.raises(MessageGone):
        source.fetch(gone)
    with pytest.raises(MessageGone):
        source.recover(WriteBack(JOB, gone, "a", "b", {}), digest, lambda _step: None)


def test_a_note_is_written_once(world: World, source: DeskSource) -> None:
    ticket, _ = world.open("Vraag", "Hallo")
    for _ in range(2):
        assert source.note(ticket, "Haal het BSN weg.", "[scrubber 0123456789abcdef]")
    notes = [one for one in world.desk.ticket(ticket).entries if "Haal het BSN weg" in text(one)]
    assert len(notes) == 1
