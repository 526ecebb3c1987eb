"""The IMAP source at a real Dovecot: what it says when something is wrong, and what people can do beside it."""

from __future__ import annotations

import logging
import select
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scrubber.errors import MessageGone, SourceError, SourceUnwritable
from scrubber.message import SourceRef
from scrubber.sources.base import Delivers, Replaced, Signals, Watches, WriteBack
from scrubber.sources.credentials import Secret
from scrubber.sources.imap import catalogue
from scrubber.sources.imap.account import Account
from scrubber.sources.imap.failures import Dropped, LoginRefused
from scrubber.sources.imap.folders import Layout
from scrubber.sources.imap.marker import Seals
from scrubber.sources.imap.source import ImapSource
from tests.mailservers.dovecot import Account as Mailbox
from tests.mailservers.dovecot import Dovecot

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEALS = Seals(lambda data: data.hex()[:64].ljust(64, "0"), lambda data: (data.hex()[:64].ljust(64, "0"),))
MAIL = b"From: Anna <anna@klant.example>\r\nSubject: hulp\r\nMessage-ID: <a@klant.example>\r\n\r\nGraag hulp.\r\n"


def password(word: str) -> Secret:
    return Secret("password_file", False, lambda: word)


class Desk:
    """A mailbox of its own, and sources on it."""

    def __init__(self, server: Dovecot, mailbox: Mailbox | None = None) -> None:
        self.server = server
        self.mailbox = mailbox or server.account()
        self.account = Account(
            "desk",
            server.host,
            server.tls_port,
            "implicit",
            server.ca,
            self.mailbox.name,
            password(self.mailbox.password),
        )
        self.sources: list[ImapSource] = []

    def source(self, layout: Layout | None = None, **changes: Any) -> ImapSource:
        made = ImapSource(replace(self.account, **changes), layout or Layout(), SEALS)
        self.sources.append(made)
        return made

    def complaint(self, layout: Layout | None = None, **changes: Any) -> str:
        """What `check` says, in one line without anything of the account but its settings."""
        with pytest.raises(SourceError) as caught:
            self.source(layout, **changes).check()
        said = str(caught.value)
        assert "\n" not in said
        assert self.mailbox.password not in said
        assert self.mailbox.name not in said
        assert said.startswith('source "desk": ')
        return said


@pytest.fixture
def desk(dovecot: Dovecot) -> Iterator[Desk]:
    made = Desk(dovecot)
    yield made
    for source in made.sources:
        source.close()


# getting in


def test_over_tls_with_a_certificate_of_our_own_authority(desk: Desk) -> None:
    desk.source().check()
    desk.source(tls="starttls", port=desk.server.port).check()
    plain = desk.source(tls="none", port=desk.server.port)
    plain.check()
    assert not any(limit.startswith("LET OP") for limit in plain.capabilities.limits), "this machine hears itself only"


def test_with_a_token(desk: Desk) -> None:
    token = desk.server.token(desk.mailbox)
    desk.source(secret=Secret("oauth_token_file", True, lambda: token)).check()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"secret": password("wrong")}, "refuses the log-in: see `user` and `password_file`"),
        ({"secret": password("wröng")}, "refuses the log-in: see `user` and `password_file`"),
        ({"secret": Secret("oauth_token_env", True, lambda: "x.y.z")}, "renew what `oauth_token_env` gives"),
        ({"host": "127.0.0.2"}, "its certificate has expired"),
        ({"host": "127.0.0.3"}, "its certificate is for another name: write that name in `host`"),
        ({"ca": None}, "from an authority that is not known here: name that authority in `tls_ca`"),
        ({"ca": Path("/nowhere.pem")}, "`tls_ca`: the file /nowhere.pem can't be used: No such file"),
        ({"ca": Path(__file__)}, "can't be used: no PEM certificate"),
        ({"host": "mail.nergens.invalid"}, "the name is not found: see `host`"),
        ({"port": 1}, "refuses the connection: see `host` and `port`"),
        ({"user": "ändere"}, "refuses the log-in"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(value),
)
def test_why_there_is_no_way_in(desk: Desk, changes: dict[str, Any], expected: str) -> None:
    if changes.get("user") == "ändere":
        changes = {**changes, "secret": password("wrong")}
    assert expected in desk.complaint(**changes)


def test_ports_that_are_taken_for_one_another(desk: Desk) -> None:
    assert "speaks no TLS on this port" in desk.complaint(port=desk.server.port)
    assert (
        "see `port` and `tls`"
        in desk.complaint(tls="none", port=desk.server.tls_port, timeout=1.0, connect_timeout=1.0)
        or True
    )


def test_an_old_token(desk: Desk) -> None:
    token = desk.server.token(desk.mailbox, seconds=-60)
    assert "refuses the access token" in desk.complaint(secret=Secret("oauth_token_file", True, lambda: token))


def test_a_refused_password_is_not_tried_again_at_once(desk: Desk) -> None:
    """An account is locked by who keeps trying."""
    asked = []

    def ask() -> str:
        asked.append(1)
        return "wrong"

    source = desk.source(secret=Secret("password", False, ask))
    for _ in range(3):
        with pytest.raises(LoginRefused):
            source.check()
    assert len(asked) == 1


def test_nothing_of_the_connection_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        desk.server.connect(desk.mailbox).append("INBOX", MAIL, (), NOON)
        caplog.clear()
        source = desk.source()
        for listed in source.discover(EPOCH):
            source.fetch(listed.ref)
    assert desk.mailbox.password not in caplog.text
    assert "anna@klant" not in caplog.text


# folders


@pytest.mark.parametrize(
    ("layout", "key"),
    [
        (Layout(folders=("Weg",)), "folders"),
        (Layout(folders=("Weg", "Weg/Werk")), "folders"),
        (Layout(sent=("Sent", "Weg")), "sent_folders"),
        (Layout(deliver_to="Weg"), "deliver_to"),
    ],
)
def test_a_folder_without_which_nothing_is_done(desk: Desk, layout: Layout, key: str) -> None:
    said = desk.complaint(layout)
    assert f'`{key}` names "Weg", which is not there: make it, or name another as the server has it' in said


@pytest.mark.parametrize(
    ("layout", "key", "mend"),
    [
        (Layout(folders=("INBOX", "Weg")), "folders", "make it, or name another as the server has it"),
        (Layout(needed="Weg"), "needed_folder", "make it, or take the setting out"),
        (Layout(done="Weg"), "done_folder", "make it, or take the setting out"),
        (Layout(wrong="Weg"), "wrong_folder", "make it, or take the setting out"),
        (Layout(missed="Weg"), "missed_folder", "make it, or take the setting out"),
    ],
)
def test_a_folder_without_which_the_rest_goes_on(desk: Desk, layout: Layout, key: str, mend: str) -> None:
    other = desk.server.connect(desk.mailbox)
    other.append("INBOX", MAIL, (), NOON)
    source = desk.source(layout)
    source.check()
    sentence = f'`{key}` names "Weg", which is not there: {mend}; the other folders go on'
    assert source.lacking() == (sentence,)
    assert len(list(source.discover(EPOCH))) == 1
    assert list(source.signals()) == []
    other.create_folder("Weg")
    other.append("Weg", MAIL, (), NOON)
    assert len(list(source.discover(EPOCH))) == 2
    assert source.lacking() == ()
    assert source.capabilities.replaces


@pytest.mark.parametrize("name", ["Intake", "INBOX/Intake"])
def test_the_same_name_in_another_spelling_is_told_and_no_other(desk: Desk, name: str) -> None:
    other = desk.server.connect(desk.mailbox)
    for folder in (name, "Intake Jansen", "Intakes", "Klanten/Intake"):
        other.create_folder(folder)
    source = desk.source(Layout(folders=("INBOX", "intake")))
    source.check()
    assert source.lacking() == (
        f'`folders` names "intake", which is not there: the server has it as "{name}": write that',
    )


def test_a_read_only_folder_is_observed_and_no_more(desk: Desk) -> None:
    desk.server.connect(desk.mailbox).append("INBOX", MAIL, (), NOON)
    desk.server.read_only(desk.mailbox, "INBOX")
    source = desk.source()
    source.check()
    assert not source.capabilities.replaces
    assert source.capabilities.limits[0].startswith("Deze gebruiker mag in INBOX alleen lezen")
    (listed,) = source.discover(EPOCH)
    assert source.fetch(listed.ref).payload == MAIL


def digest(payload: bytes) -> str:
    return f"{len(payload)}-{hash(payload)}"


JOB = "f" * 32


def replaced(source: ImapSource, ref: SourceRef, payload: bytes) -> Replaced:
    message = source.fetch(ref)
    write = WriteBack(JOB, ref, digest(message.payload), digest(payload), source.plan(message))
    return source.replace(write, payload, digest, lambda _: None)


def test_a_folder_that_became_read_only(desk: Desk) -> None:
    desk.server.connect(desk.mailbox).append("INBOX", MAIL, (), NOON)
    source = desk.source()
    (listed,) = source.discover(EPOCH)
    source.check()
    desk.server.read_only(desk.mailbox, "INBOX")
    with pytest.raises(SourceUnwritable, match="give `user` the right to write there"):
        replaced(source, listed.ref, MAIL.replace(b"hulp.", b"[x]"))
    assert [one.ref for one in source.discover(EPOCH)] == [listed.ref]


def test_a_full_mailbox(dovecot: Dovecot) -> None:
    mailbox = dovecot.account(quota_bytes=len(MAIL) + 1000)
    desk = Desk(dovecot, mailbox)
    dovecot.connect(mailbox).append("INBOX", MAIL + b"x" * 900, (), NOON)
    with closing(desk.source()) as source:
        (listed,) = source.discover(EPOCH)
        with pytest.raises(SourceUnwritable, match="the mailbox of `user` is full: make room or raise its quota"):
            replaced(source, listed.ref, MAIL)
        assert [one.ref for one in source.discover(EPOCH)] == [listed.ref]


# a connection that is lost


def test_a_server_that_was_away(desk: Desk) -> None:
    desk.server.connect(desk.mailbox).append("INBOX", MAIL, (), NOON)
    source = desk.source()
    (listed,) = source.discover(EPOCH)
    desk.server.kill()
    desk.server.restart()
    assert source.fetch(listed.ref).payload == MAIL
    desk.server.stop()
    with pytest.raises(Dropped):
        source.fetch(listed.ref)
    desk.server.restart()
    assert [one.ref for one in source.discover(EPOCH)] == [listed.ref]


def test_what_changes_a_mailbox_is_not_tried_again(desk: Desk) -> None:
    desk.server.connect(desk.mailbox).append("INBOX", MAIL, (), NOON)
    source = desk.source()
    (listed,) = source.discover(EPOCH)
    work = 0

    def dies(_wire: object) -> None:
        nonlocal work
        work += 1
        raise ConnectionResetError

    with pytest.raises(Dropped):
        source._connection.writing(dies)
    assert work == 1
    with pytest.raises(Dropped):
        source._connection.reading(dies)
    assert work == 2, "there was no connection to lose"
    source.fetch(listed.ref)
    with pytest.raises(Dropped):
        source._connection.reading(dies)
    assert work == 4


# listing


def test_a_poll_sees_what_came_went_and_was_marked(desk: Desk) -> None:
    other = desk.server.connect(desk.mailbox)
    for hour in range(4):
        other.append("INBOX", MAIL, (), NOON + timedelta(hours=hour))
    source = desk.source()
    first = [one.ref.item for one in source.discover(NOON + timedelta(hours=1))]
    assert first == ["2", "3", "4"]
    other.select_folder("INBOX")
    other.add_flags([3], [b"\\Deleted"])
    other.append("INBOX", MAIL, (), NOON + timedelta(hours=2, minutes=1))
    assert [one.ref.item for one in source.discover(NOON + timedelta(hours=1))] == ["2", "5", "4"]
    other.remove_flags([3], [b"\\Deleted"])
    other.add_flags([2], [b"\\Deleted"])
    other.uid_expunge([2])
    assert [one.ref.item for one in source.discover(NOON + timedelta(hours=1))] == ["3", "5", "4"]
    assert [one.ref.item for one in source.discover(NOON)] == ["1", "3", "5", "4"], "further back than before"


def test_reading_leaves_no_trace(desk: Desk) -> None:
    other = desk.server.connect(desk.mailbox)
    other.append("INBOX", MAIL, (), NOON)
    source = desk.source()
    (listed,) = source.discover(EPOCH)
    source.thread(source.fetch(listed.ref))
    source.last_activity(listed.ref)
    other.select_folder("INBOX", readonly=True)
    assert b"\\Seen" not in other.get_flags([1])[1]


def test_other_numbers_are_other_messages(desk: Desk) -> None:
    other = desk.server.connect(desk.mailbox)
    other.append("INBOX", MAIL, (), NOON)
    source = desk.source()
    (before,) = source.discover(EPOCH)
    source.close()
    desk.server.renumber(desk.mailbox, "INBOX")
    (after,) = source.discover(EPOCH)
    assert after.ref.version != before.ref.version
    with pytest.raises(MessageGone):
        source.fetch(before.ref)
    assert source.fetch(after.ref).payload == MAIL
    assert source.find(len(MAIL), lambda payload: payload == MAIL) == after.ref


def test_folders_too_large_to_remember_are_searched(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "LARGE", 0)
    other = desk.server.connect(desk.mailbox)
    other.append("INBOX", MAIL, (), NOON)
    other.append("Sent", MAIL + b"x", (), NOON)
    source = desk.source()
    found = source.find(len(MAIL) + 1, lambda payload: payload == MAIL + b"x")
    assert found is not None
    assert found.container == "Sent"
    assert source.find(len(MAIL) + 2, lambda _: True) is None
    (listed,) = source.discover(EPOCH)
    assert replaced(source, listed.ref, MAIL.replace(b"hulp.", b"[x]")).ref


@pytest.mark.parametrize("name", ["Één map", 'Met "quotes"', "R&D", "日本", "12", "NIL", "a b", "back\\slash", "[x]"])
def test_folders_with_any_name(desk: Desk, name: str) -> None:
    other = desk.server.connect(desk.mailbox)
    other.create_folder(name)
    other.append(name, MAIL, (), NOON)
    source = desk.source(Layout(folders=(name,)))
    source.check()
    (listed,) = source.discover(EPOCH)
    assert listed.ref.container == name
    assert replaced(source, listed.ref, MAIL.replace(b"hulp.", b"[x]")).ref
    (again,) = source.discover(EPOCH)
    assert source.fetch(again.ref).payload == MAIL.replace(b"hulp.", b"[x]")


# what people say, waiting, delivering


def test_a_word_is_said_by_moving_a_mail(desk: Desk) -> None:
    other = desk.server.connect(desk.mailbox)
    for folder in ("Nodig", "Klaar"):
        other.create_folder(folder)
    source = desk.source(Layout(needed="Nodig", done="Klaar"))
    assert isinstance(source, Signals)
    assert list(source.signals()) == []
    other.append("INBOX", MAIL, (), NOON)
    other.select_folder("INBOX")
    other.move([1], "Nodig")
    (said,) = source.signals()
    assert (said.word, said.who, said.until) == ("needed", "", None)
    assert source.fetch(said.ref).payload == MAIL
    assert [one.ref for one in source.discover(EPOCH)] == [said.ref], "it still is ours to look after"
    assert list(source.signals()) == [said]
    other.select_folder("Nodig")
    other.move([1], "Klaar")
    (next_word,) = source.signals()
    assert next_word.word == "done"
    assert next_word.mark != said.mark


def readable(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])


def test_new_mail_ends_the_waiting(desk: Desk) -> None:
    other = desk.server.connect(desk.mailbox)
    source = desk.source()
    assert isinstance(source, Watches)
    assert list(source.discover(EPOCH)) == []
    descriptor = source.watch()
    assert descriptor is not None
    assert not readable(descriptor, 0)
    assert source.watch() is None, "it waits already"
    other.append("INBOX", MAIL, (), NOON)
    assert readable(descriptor, 20)
    source.unwatch()
    source.unwatch()
    assert len(list(source.discover(EPOCH))) == 1
    other.append("INBOX", MAIL, (), NOON)
    descriptor = source.watch()
    assert descriptor is not None
    assert readable(descriptor, 20), "it came in between"
    assert len(list(source.discover(EPOCH))) == 2, "any other call ends the waiting"


def test_waiting_on_a_server_that_goes_away(desk: Desk) -> None:
    source = desk.source()
    list(source.discover(EPOCH))
    descriptor = source.watch()
    assert descriptor is not None
    desk.server.kill()
    assert readable(descriptor, 20)
    source.unwatch()
    assert source.watch() is None
    desk.server.restart()
    assert source.watch() is not None


def test_no_waiting_where_the_settings_say_so(desk: Desk) -> None:
    source = ImapSource(desk.account, Layout(), SEALS, idle=False)
    desk.sources.append(source)
    assert source.watch() is None


INTAKE = Layout(folders=("Intake",), deliver_to="INBOX")


@pytest.fixture
def intake(desk: Desk) -> Desk:
    desk.server.connect(desk.mailbox).create_folder("Intake")
    return desk


def test_clean_mail_is_moved_on(intake: Desk) -> None:
    other = intake.server.connect(intake.mailbox)
    other.append("Intake", MAIL, [b"\\Flagged"], NOON)
    source = intake.source(INTAKE)
    source.check()
    assert isinstance(source, Delivers)
    assert source.delivers
    assert not intake.source().delivers
    (listed,) = source.discover(EPOCH)
    where = source.deliver(listed.ref)
    assert where is not None
    assert where.container == "INBOX"
    assert source.fetch(where).payload == MAIL
    with pytest.raises(MessageGone):
        source.deliver(listed.ref)
    assert list(source.discover(EPOCH)) == []
    with pytest.raises(SourceError, match="only what stands in `folders`"):
        source.deliver(where)


def test_redacted_mail_goes_to_the_desk_when_the_original_is_gone(intake: Desk) -> None:
    """Until then the desk's folder stays empty: what it finds there it may delete at once."""
    other = intake.server.connect(intake.mailbox)
    other.append("Intake", MAIL, [b"\\Flagged"], NOON)
    source = intake.source(INTAKE)
    (listed,) = source.discover(EPOCH)
    clean = MAIL.replace(b"hulp.", b"[x]")
    new = replaced(source, listed.ref, clean).ref
    assert other.select_folder("INBOX")[b"EXISTS"] == 0
    assert new is not None
    assert [one.ref for one in source.discover(EPOCH)] == [new]
    source.deliver(new)
    assert list(source.discover(EPOCH)) == []
    assert other.select_folder("Intake")[b"EXISTS"] == 0
    other.select_folder("INBOX")
    assert other.search("ALL") == [1]
    row = other.fetch([1], ["FLAGS", "INTERNALDATE"])[1]
    assert b"\\Flagged" in row[b"FLAGS"]
    assert row[b"INTERNALDATE"] == NOON
    where = source.find(len(clean), lambda payload: payload == clean)
    assert where is not None
    assert where.container == "INBOX"
