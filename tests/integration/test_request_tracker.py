"""Request Tracker 5 itself, and what the adapter with its command leaves in the database and on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scrubber.errors import MessageChanged, MessageGone, MessageLocked, SourceError, SourceUnwritable
from scrubber.finding import CopyState
from scrubber.pieces import Attached, Piece
from scrubber.sources.desk import rt as module
from scrubber.sources.desk.http import Client
from scrubber.sources.desk.interface import TICKET
from scrubber.sources.desk.rt import RtDesk
from scrubber.sources.desk.rt_command import Edit, ReplaceCommand
from tests.desks.mails import Values, clean, entry_of, mail, without
from tests.desks.rt_server import RequestTracker

pytestmark = [pytest.mark.request_tracker, pytest.mark.xdist_group("request-tracker")]

Connect = Callable[..., RtDesk]


@pytest.fixture
def connect(request_tracker: RequestTracker, rt_command: ReplaceCommand) -> Iterator[Connect]:
    """connect(edits=True, token="")"""
    with ExitStack() as open_ones:

        def made(*, edits: bool = True, token: str = "") -> RtDesk:
            said = {"Authorization": f"token {token or request_tracker.tokens['scrubber']}"}
            client = Client(request_tracker.url, lambda: said, private=True, attempts=1)
            open_ones.callback(client.close)
            return RtDesk(client, rt_command if edits else None)

        yield made


@pytest.fixture
def desk(connect: Connect) -> RtDesk:
    return connect()


def _own(number: int) -> Values:
    """Values of one test, so that a search through the whole desk finds no other test's."""
    return Values(
        f"9{number:08d}",
        f"NL00TEST{number:010d}",
        f"Proefweg {number}, 1234 ZZ Nergens",
        f"<b>9{number:04d}</b>{number:04d}",
    )


def _places(server: RequestTracker, values: Values) -> set[str]:
    return set().union(*map(server.places, values.all()))


def test_nothing_is_left_of_a_mail_but_what_was_sent(request_tracker: RequestTracker, desk: RtDesk) -> None:
    values = _own(1)
    ticket = request_tracker.receive(mail(values=values, extra=f"Thread-Topic: Vraag over BSN {values.bsn}"))
    written = _places(request_tracker, values)
    assert written >= {"Tickets.Subject", "Attachments.Subject", "Attachments.Headers", "Attachments.Content", "mail"}
    kept = request_tracker.rows("SELECT MessageId, ContentType, Created, Creator FROM Attachments ORDER BY id")
    done = clean(desk, ticket, values)
    assert done[0] == TICKET
    assert len(done) == 3  # the ticket, the mail, and the answer that RT sent and kept
    assert _places(request_tracker, values) == {"mail"}
    assert request_tracker.rows("SELECT MessageId, ContentType, Created, Creator FROM Attachments ORDER BY id") == kept
    states = {copy.place: copy.state for copy in desk.copies(ticket, done[1])}
    assert states["rt-mail-sent"] is CopyState.REMAINS
    assert states["rt-database"] is CopyState.UNKNOWN
    assert clean(desk, ticket, values) == []


def test_the_database_file_holds_nothing_more(request_tracker: RequestTracker, desk: RtDesk) -> None:
    """Debian's SQLite overwrites what is deleted; another database keeps it for a while, and "rt-database" says so."""
    values = _own(2)
    ticket = request_tracker.receive(mail(values=values))
    clean(desk, ticket, values)
    raw = (request_tracker.home / "var/rt.sqlite3").read_bytes()
    assert values.bsn.encode() not in raw
    assert values.iban.encode() not in raw


def test_old_subjects_and_field_values_go_too(request_tracker: RequestTracker, desk: RtDesk) -> None:
    values = _own(3)
    ticket = request_tracker.receive(mail(values=values))
    for change in (
        {"CustomFields": {"Rekening": values.iban}},
        {"CustomFields": {"Rekening": "geen"}},
        {"Subject": f"BSN {values.bsn}!"},
        {"Subject": "Vraag"},
    ):
        request_tracker.rest("PUT", f"ticket/{ticket}", json=change)
    kept = {"Transactions.OldValue", "Transactions.NewValue", "ObjectCustomFieldValues.Content"}
    assert _places(request_tracker, values) >= kept
    clean(desk, ticket, values)
    assert _places(request_tracker, values) == {"mail"}


def test_a_long_field_value_and_the_one_before_it(request_tracker: RequestTracker, desk: RtDesk) -> None:
    values = _own(4)
    ticket = request_tracker.receive(mail("Hallo.", "Vraag"))
    for text in (f"{values.iban} " + "x" * 300, f"{values.bsn} é€ " + "y" * 300):
        request_tracker.rest("PUT", f"ticket/{ticket}", json={"CustomFields": {"Rekening": text}})
    assert "ObjectCustomFieldValues.LargeContent" in _places(request_tracker, values)
    clean(desk, ticket, values)
    assert _places(request_tracker, values) == set()


def test_what_went_into_another_ticket_goes_with_it(request_tracker: RequestTracker, desk: RtDesk) -> None:
    values = _own(5)
    main = request_tracker.receive(mail("Hallo.", "Vraag"))
    other = request_tracker.receive(mail(values=values))
    before = desk.ticket(other)
    request_tracker.rest("PUT", f"ticket/{other}", json={"MergeInto": main})
    assert desk.ticket(other).head.merged_into == main
    assert {entry.item for entry in before.entries} <= {entry.item for entry in desk.ticket(main).entries}
    clean(desk, main, values)
    assert _places(request_tracker, values) == {"mail"}
    copies = {copy.place: copy.state for copy in desk.copies(main, TICKET)}
    assert copies["rt-database"] is CopyState.UNKNOWN


def test_who_wrote_and_who_may_read(request_tracker: RequestTracker, desk: RtDesk) -> None:
    ticket = request_tracker.receive(mail("Hallo.", "Vraag"))
    said = {"ContentType": "text/plain", "Content": "Wat is uw rekeningnummer?"}
    request_tracker.rest("POST", f"ticket/{ticket}/correspond", json=said)
    request_tracker.rest("POST", f"ticket/{ticket}/comment", json={**said, "Content": "verwerkt"})
    request_tracker.receive(mail("Dank.", f"Re: [proef.example #{ticket}] Vraag"))
    found = [
        (entry.author, entry.public, entry.agent) for entry in desk.ticket(ticket).entries if entry.author != "system"
    ]
    assert found == [
        ("customer", True, ""),
        ("customer", True, ""),
        ("agent", True, "bram"),
        ("agent", False, "bram"),
        ("customer", True, ""),
    ]
    assert entry_of(desk, ticket, TICKET).sender.email == "anke@anke.example"
    assert any(entry.author == "system" and entry.pieces for entry in desk.ticket(ticket).entries)


def test_what_an_agent_wrote_down_for_a_customer_is_the_customers(
    request_tracker: RequestTracker, desk: RtDesk
) -> None:
    asked = {"Queue": "General", "Subject": "Gebeld", "Requestor": "cees@cees.example", "Content": "Hij belde."}
    ticket = str(request_tracker.rest("POST", "ticket", json=asked)["id"])
    first = desk.ticket(ticket).entries[1]
    assert (first.author, first.sender.email) == ("customer", "cees@cees.example")


def test_a_ticket_is_closed_and_a_mail_opens_it_again(request_tracker: RequestTracker, desk: RtDesk) -> None:
    ticket = request_tracker.receive(mail("Hallo.", "Vraag"))
    assert desk.ticket(ticket).head.closed_at is None
    request_tracker.rest("PUT", f"ticket/{ticket}", json={"Status": "resolved"})
    closed = desk.ticket(ticket).head.closed_at
    assert closed is not None
    assert abs(closed - datetime.now(UTC)) < timedelta(minutes=5)
    request_tracker.receive(mail("Toch nog iets.", f"Re: [proef.example #{ticket}] Vraag"))
    assert desk.ticket(ticket).head.closed_at is None
    request_tracker.rest("PUT", f"ticket/{ticket}", json={"Status": "rejected"})
    assert desk.ticket(ticket).head.closed_at is not None


def test_changes_are_found_page_by_page(
    request_tracker: RequestTracker, desk: RtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    numbers = [request_tracker.receive(mail("Hallo.", "Vraag")) for _ in range(3)]
    since = min(head.updated for head in desk.changed(datetime.now(UTC) - timedelta(hours=1)) if head.ticket in numbers)
    heads = list(desk.changed(since))
    assert [head.ticket for head in heads if head.ticket in numbers] == numbers
    assert [head.updated for head in heads] == sorted(head.updated for head in heads)
    assert list(desk.changed(datetime.now(UTC) + timedelta(minutes=1))) == []
    assert len(desk.ticket(numbers[0]).entries) == 3


def test_one_text_that_changed_in_between_stops_all(request_tracker: RequestTracker, desk: RtDesk) -> None:
    values = _own(6)
    ticket = request_tracker.receive(mail(values=values))
    entry = desk.ticket(ticket).entries[1]
    number = next(piece.name for piece in entry.pieces if piece.name.count("/") == 1).partition("/")[2]
    request_tracker.perl(
        "use RT -init; my $one = RT::Attachment->new(RT->SystemUser); "
        f"$one->Load({number}); $one->ReplaceContent(Search => 'Ik woon', Replacement => 'Wij wonen');"
    )
    before = request_tracker.rows("SELECT * FROM Attachments ORDER BY id")
    with pytest.raises(MessageChanged):
        desk.rewrite(ticket, entry, without(entry, values))
    assert request_tracker.rows("SELECT * FROM Attachments ORDER BY id") == before


def test_a_text_of_another_ticket_is_out_of_reach(
    request_tracker: RequestTracker, desk: RtDesk, rt_command: ReplaceCommand
) -> None:
    mine, other = (request_tracker.receive(mail(values=_own(number))) for number in (7, 8))
    (piece,) = (one for one in desk.ticket(other).entries[1].pieces if one.name.endswith("/subject"))
    assert isinstance(piece, Piece)
    edit = Edit("subject", int(piece.name.split("/")[1]), piece.text, "weg")
    before = request_tracker.rows("SELECT * FROM Attachments ORDER BY id")
    assert rt_command.replace(mine, [edit]).states == ("gone",)
    assert rt_command.look(other, [edit]).states == ("ready",)
    assert request_tracker.rows("SELECT * FROM Attachments ORDER BY id") == before


def test_what_is_gone_is_gone(request_tracker: RequestTracker, desk: RtDesk) -> None:
    for number in ("999999", "../rt", "1 ", "", "²"):
        with pytest.raises(MessageGone):
            desk.ticket(number)


def test_other_attachments_are_named(request_tracker: RequestTracker, desk: RtDesk) -> None:
    values = _own(9)
    ticket = request_tracker.receive(
        b"From: anke@anke.example\nTo: support@proef.example\nSubject: Bijlagen\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\n\nZie \xe9\n"
        b'--b\nContent-Type: image/png; name="paspoort.png"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n'
        b'--b\nContent-Type: text/plain; name="gegevens.txt"\nContent-Disposition: attachment\n\nBSN '
        + values.bsn.encode()
        + b"\n--b--\n"
    )
    first = desk.ticket(ticket).entries[1]
    assert [piece.filename for piece in first.pieces if isinstance(piece, Attached)] == ["paspoort.png"]
    assert any(isinstance(piece, Piece) and "Zie é" in piece.text for piece in first.pieces)
    clean(desk, ticket, values)
    assert _places(request_tracker, values) == set()


def test_a_big_attachment_is_not_read_with_the_texts(
    request_tracker: RequestTracker, desk: RtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = request_tracker.receive(mail())
    together = desk.ticket(ticket)
    monkeypatch.setattr(module, "AT_ONCE", 0)
    assert desk.ticket(ticket) == together


def test_letters_outside_of_latin_stay(request_tracker: RequestTracker, desk: RtDesk) -> None:
    values = _own(10)
    ticket = request_tracker.receive(mail("Ik ben Čeněk, 王, 🙂. BSN {bsn}, graag € 5 terug.", values=values))
    entry = desk.ticket(ticket).entries[1]
    desk.rewrite(ticket, entry, without(entry, values))
    assert entry_of(desk, ticket, entry.item).pieces == without(entry, values)


def test_without_the_command_nothing_can_be_edited(request_tracker: RequestTracker, connect: Connect) -> None:
    desk = connect(edits=False)
    desk.check()
    ticket = request_tracker.receive(mail())
    assert not desk.abilities.edits
    assert "replace_command" in desk.abilities.limits[0]
    entry = desk.ticket(ticket).entries[1]
    with pytest.raises(MessageLocked, match="replace_command"):
        desk.rewrite(ticket, entry, without(entry))
    assert entry_of(desk, ticket, entry.item) == entry
    desk.note(ticket, "In dit bericht staat een BSN dat niet nodig is.")
    note = desk.ticket(ticket).entries[-1]
    assert (note.author, note.public, note.agent) == ("agent", False, "scrubber")


def test_who_may_not_is_told_which_setting_mends_it(connect: Connect, desk: RtDesk) -> None:
    desk.check()
    with pytest.raises(SourceError, match="`token`"):
        connect(token="1-14-00000000000000000000000000000000").check()


def test_a_text_that_can_not_be_written_takes_the_others_back(
    request_tracker: RequestTracker, rt_command: ReplaceCommand
) -> None:
    ticket = request_tracker.receive(mail("Hallo.", "Vraag"))
    ((subject,),) = request_tracker.rows("SELECT Subject FROM Tickets WHERE id = ?", int(ticket))
    first = Edit("ticket", int(ticket), str(subject), "Iets anders")
    assert rt_command.replace(ticket, [first, replace(first, id=-1, what="content")]).states == ("ready", "gone")
    assert request_tracker.rows("SELECT Subject FROM Tickets WHERE id = ?", int(ticket)) == [("Vraag",)]
    with pytest.raises(SourceUnwritable, match="status"):
        rt_command.replace(ticket, [first, Edit("nonsense", 1, "a", "b")])  # type: ignore[arg-type]
    assert rt_command.replace(ticket, [first]).states == ("done",)  # it was started anew
    assert rt_command.replace(ticket, [first]).states == ("same",)
