"""django-helpdesk itself, and what the adapter leaves in its database and on its disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scrubber.errors import MessageChanged, MessageGone, SourceError, SourceUnwritable
from scrubber.finding import CopyState
from scrubber.pieces import Attached, Piece
from scrubber.sources.desk import helpdesk as module
from scrubber.sources.desk.helpdesk import HelpdeskDesk
from scrubber.sources.desk.http import Client, HttpError
from scrubber.sources.desk.interface import TICKET
from tests.desks.helpdesk_server import Helpdesk
from tests.desks.listener import listening
from tests.desks.mails import VALUES, Values, clean, entry_of, mail, without
from tests.mailservers.private import free_ports

pytestmark = [pytest.mark.helpdesk, pytest.mark.xdist_group("helpdesk")]


Connect = Callable[..., HelpdeskDesk]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """connect(server, user="scrubber", token="", agents=frozenset())"""
    with ExitStack() as open_ones:

        def made(
            server: Helpdesk, user: str = "scrubber", token: str = "", agents: frozenset[int] = frozenset()
        ) -> HelpdeskDesk:
            said = {"Authorization": f"Token {token or server.tokens[user]}"}
            client = Client(server.url, lambda: said, private=True, attempts=1)
            open_ones.callback(client.close)
            return HelpdeskDesk(client, server.url, agents)

        yield made


@pytest.fixture
def desk(helpdesk: Helpdesk, connect: Connect) -> HelpdeskDesk:
    return connect(helpdesk)


def _own(number: int) -> Values:
    """Values of one test, so that a search through the whole desk finds no other test's."""
    return Values(
        f"9{number:08d}",
        f"NL00TEST{number:010d}",
        f"Proefweg {number}, 1234 ZZ Nergens",
        f"<b>9{number:04d}</b>{number:04d}",
    )


def test_nothing_is_left_of_a_mail_but_what_was_sent(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    values = replace(_own(1), shown="<b>9000</b>00001")
    ticket = helpdesk.receive(mail(values=values))
    helpdesk.api("PATCH", f"tickets/{ticket}/", json={"custom_rekening": values.iban})
    helpdesk.act(ticket, comment=f"U schreef {values.bsn}", public=True)
    helpdesk.act(ticket, comment=f"{values.iban} is terugbetaald", new_status=3)
    assert helpdesk.places(values.bsn) >= {"helpdesk_ticket.title", "helpdesk_followup.comment", "mail"}
    assert helpdesk.places(values.shown) == {"media"}
    assert clean(desk, ticket, values)[0] == TICKET
    for value in values.all():
        assert helpdesk.places(value) <= {"mail"}, value
    first, *_ = (entry for entry in desk.ticket(ticket).entries if entry.item.isdigit())
    states = {copy.place: copy.state for copy in desk.copies(ticket, first.item)}
    assert states["helpdesk-mail-sent"] is CopyState.REMAINS
    assert states["helpdesk-file"] is CopyState.CLEANED
    assert states["helpdesk-mailbox"] is CopyState.UNKNOWN
    assert {copy.place for copy in desk.copies(ticket, TICKET)} >= {"helpdesk-changes", "helpdesk-mail-sent"}


def test_without_cleanup_the_old_file_is_named(request: pytest.FixtureRequest, connect: Connect) -> None:
    request.getfixturevalue("helpdesk")  # skips or fails where it is missing
    with Helpdesk(cleanup=False) as server:
        desk = connect(server)
        ticket = server.receive(mail())
        clean(desk, ticket)
        assert server.places(VALUES.shown) == {"media"}
        assert server.places(VALUES.iban) == {"media"}
        (item,) = (entry.item for entry in desk.ticket(ticket).entries if entry.item.isdigit())
        for again in (desk, connect(server)):  # one that was started since, too
            states = {copy.place: copy.state for copy in again.copies(ticket, item)}
            assert states["helpdesk-file"] is CopyState.REMAINS


def test_an_old_title_is_named_for_it_can_not_be_read(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    values = _own(2)
    ticket = helpdesk.receive(mail("Hallo.", values=values))
    helpdesk.act(ticket, title="Vraag")
    clean(desk, ticket, values)
    assert helpdesk.places(values.bsn) == {"helpdesk_ticketchange.old_value", "mail"}
    assert ("helpdesk-changes", CopyState.UNKNOWN) in {(copy.place, copy.state) for copy in desk.copies(ticket, TICKET)}


def test_white_space_that_the_desk_takes_away_makes_no_difference(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    values = _own(3)
    ticket = helpdesk.receive(mail("\n\n  Mijn BSN:\n\t{bsn}\n\n", values=values))
    entry = desk.ticket(ticket).entries[1]
    desk.rewrite(ticket, entry, without(entry, values))
    assert entry_of(desk, ticket, entry.item).pieces == without(entry, values)


def test_who_wrote_and_who_may_read(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    ticket = helpdesk.receive(mail("Hallo.", "Vraag"))
    helpdesk.act(ticket, comment="Wat is uw rekeningnummer?", public=True)
    helpdesk.act(ticket, comment="nodig tot 2030-01-01 (proef)", public=False)
    own, first, asked, internal = desk.ticket(ticket).entries
    assert (own.item, own.author, own.sender.email) == (TICKET, "customer", "anke@anke.example")
    assert (first.author, first.public, first.sender.email) == ("customer", True, "anke@anke.example")
    assert (asked.author, asked.public, internal.author, internal.public) == ("agent", True, "agent", False)
    assert internal.agent
    assert internal.agent == asked.agent


def test_an_account_that_is_no_agents_is_a_customers(helpdesk: Helpdesk, connect: Connect) -> None:
    ticket = helpdesk.receive(mail("Hallo.", "Vraag"))
    helpdesk.act(ticket, comment="van de medewerker", public=True)
    ((agent,),) = helpdesk.rows("SELECT id FROM auth_user WHERE username = 'bram'")
    assert [entry.author for entry in connect(helpdesk, agents=frozenset({agent})).ticket(ticket).entries][
        -1
    ] == "agent"
    assert [entry.author for entry in connect(helpdesk, agents=frozenset({99})).ticket(ticket).entries][
        -1
    ] == "customer"


def test_a_ticket_is_closed_and_a_mail_opens_it_again(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    before = datetime.now(UTC)
    ticket = helpdesk.receive(mail("Hallo.", "Vraag"))
    assert desk.ticket(ticket).head.closed_at is None
    helpdesk.act(ticket, comment="klaar", new_status=4)
    closed = desk.ticket(ticket).head.closed_at
    assert closed is not None
    assert before <= closed <= datetime.now(UTC)
    helpdesk.receive(mail("Toch nog iets.", f"Re: [vragen-{ticket}] Vraag"))
    assert desk.ticket(ticket).head.closed_at is None


def test_what_went_into_another_ticket_is_reached_from_there(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    values = _own(4)
    main = helpdesk.receive(mail("Hallo.", "Vraag"))
    other = helpdesk.receive(mail(values=values))
    helpdesk.merge(main, other)
    assert desk.ticket(other).head.merged_into == main
    done = clean(desk, main, values)
    assert f"{TICKET}/{other}" in done
    assert helpdesk.places(values.bsn) <= {"mail"}
    assert helpdesk.places(values.iban) == set()
    assert desk.copies(main, f"{TICKET}/{other}")


def test_changes_are_found_from_the_last_back(
    helpdesk: Helpdesk, desk: HelpdeskDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    helpdesk.receive(mail("Hallo.", "Eerder"))
    since = datetime.now(UTC)
    numbers = [helpdesk.receive(mail("Hallo.", "Vraag")) for _ in range(3)]
    helpdesk.act(numbers[0], comment="ja", public=True)
    heads = list(desk.changed(since))
    assert [head.ticket for head in heads] == [numbers[1], numbers[2], numbers[0]]
    assert [head.updated for head in heads] == sorted(head.updated for head in heads)
    assert list(desk.changed(datetime.now(UTC) + timedelta(minutes=1))) == []


def test_a_text_that_changed_in_between_is_left(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    values = _own(5)
    ticket = helpdesk.receive(mail(values=values))
    entry = desk.ticket(ticket).entries[1]
    helpdesk.api("PATCH", f"followups/{entry.item}/", json={"comment": "een ander schreef dit"})
    before = helpdesk.rows("SELECT * FROM helpdesk_followup ORDER BY id")
    with pytest.raises(MessageChanged):
        desk.rewrite(ticket, entry, without(entry, values))
    assert helpdesk.rows("SELECT * FROM helpdesk_followup ORDER BY id") == before


def test_what_is_gone_is_gone(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    ticket = helpdesk.receive(mail())
    entry = desk.ticket(ticket).entries[1]
    helpdesk.api("DELETE", f"followups/{entry.item}/")
    with pytest.raises(MessageGone):
        desk.rewrite(ticket, entry, without(entry))
    for number in ("999999", "../followups/1", "1 ", "", "²"):
        with pytest.raises(MessageGone):
            desk.ticket(number)


def test_other_attachments_are_named_and_a_whole_mail_with_them(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    ticket = helpdesk.receive(mail("Hallo.", "Vraag"))
    (item,) = (entry.item for entry in desk.ticket(ticket).entries if entry.item.isdigit())
    for name, content in (
        ("paspoort.png", b"\x89PNG"),
        ("original_message.eml", b"Subject: x"),
        ("vreemd.txt", b"\xff"),
    ):
        file = {"file": (name, content)}
        helpdesk.api("POST", "followups-attachments/", data={"followup": item, "filename": name}, files=file)
    hanging = {
        piece.filename: piece.media_type for piece in entry_of(desk, ticket, item).pieces if isinstance(piece, Attached)
    }
    assert hanging == {
        "paspoort.png": "image/png",
        "original_message.eml": "message/rfc822",
        "vreemd.txt": "text/plain",
    }
    assert ("helpdesk-original", CopyState.REMAINS) in {(copy.place, copy.state) for copy in desk.copies(ticket, item)}


def test_an_attached_text_is_read_and_cleaned(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    values = _own(6)
    ticket = helpdesk.receive(mail("Zie bijlage.", "Vraag"))
    (item,) = (entry.item for entry in desk.ticket(ticket).entries if entry.item.isdigit())
    file = {"file": ('gegevens "mij".txt', f"BSN {values.bsn}\r\n".encode())}
    helpdesk.api("POST", "followups-attachments/", data={"followup": item, "mime_type": "text/plain"}, files=file)
    assert clean(desk, ticket, values) == [item]
    assert helpdesk.places(values.bsn) == set()


def test_a_note_is_internal_and_leaves_the_title(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    ticket = helpdesk.receive(mail("Hallo.", "Vraag"))
    desk.note(ticket, "In dit bericht staat een BSN dat niet nodig is. {{ ticket.title }} {% if %}")
    note = desk.ticket(ticket).entries[-1]
    assert (note.author, note.public) == ("agent", False)
    assert helpdesk.rows("SELECT title FROM helpdesk_ticket WHERE id = ?", int(ticket)) == [("Vraag",)]


def test_a_title_grows_no_longer_than_the_desk_takes(helpdesk: Helpdesk, desk: HelpdeskDesk) -> None:
    values = _own(7)
    ticket = helpdesk.receive(mail("Hallo.", values.bsn + " " + "x" * 185, values=values))
    own = desk.ticket(ticket).entries[0]
    longer = tuple(
        replace(piece, text=piece.text.replace(values.bsn, "[burgerservicenummer verwijderd]"))
        if isinstance(piece, Piece)
        else piece
        for piece in own.pieces
    )
    desk.rewrite(ticket, own, longer)
    assert helpdesk.places(values.bsn) == {"mail"}


def test_who_may_not_is_told_which_setting_mends_it(helpdesk: Helpdesk, connect: Connect) -> None:
    ticket = helpdesk.receive(mail())
    with pytest.raises(SourceError, match="`token`"):
        connect(helpdesk, token="nee").check()
    with pytest.raises(HttpError, match="403"):
        connect(helpdesk, "klant").check()
    entry = connect(helpdesk).ticket(ticket).entries[1]
    with pytest.raises(SourceError):
        connect(helpdesk, "klant").rewrite(ticket, entry, without(entry))
    with pytest.raises(SourceUnwritable, match="staff"):
        connect(helpdesk, "klant").note(ticket, "x")
    connect(helpdesk).check()


def test_it_tells_a_web_hook_of_new_tickets_and_follow_ups(helpdesk: Helpdesk) -> None:
    with listening() as (address, heard):
        helpdesk.hook(f"{address.replace('//', '//helpdesk:geheim@')}/hooks/helpdesk")
        try:
            ticket = helpdesk.receive(mail("Hallo.", "Vraag"))
            helpdesk.act(ticket, comment="ja", public=True)
        finally:
            helpdesk.hook()
    assert [one.headers["Authorization"] for one in heard] == ["Basic aGVscGRlc2s6Z2VoZWlt"] * 2
    assert [str(json.loads(one.body)["ticket"]["id"]) for one in heard] == [ticket] * 2


def test_a_web_hook_that_nobody_answers_stops_the_desk_itself(helpdesk: Helpdesk) -> None:
    """So the README says to sweep instead: the ticket is there, and its mail would be fetched once more."""
    (port,) = free_ports(1)
    count = "SELECT count(*) FROM helpdesk_ticket"
    ((before,),) = helpdesk.rows(count)
    helpdesk.hook(f"http://127.0.0.1:{port}/hooks/helpdesk")
    try:
        with pytest.raises(AssertionError, match=r"ConnectionError|Connection refused"):
            helpdesk.receive(mail("Hallo.", "Vraag"))
    finally:
        helpdesk.hook()
    assert helpdesk.rows(count) == [(before + 1,)]
