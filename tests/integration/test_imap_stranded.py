"""A source that is renamed in the settings, taken out of them or pointed elsewhere while a replacement is under way."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from imapclient import IMAPClient
from rich.console import Console

from scrubber import bootstrap
from scrubber.commands import overview, persons, standing, work
from scrubber.errors import SettingsError, StoreError
from scrubber.people import Said
from scrubber.settings import Settings, load
from tests.mailservers.at_work import Desk, Value, imap_settings, mail, redacted
from tests.mailservers.at_work import standing as standing_at
from tests.mailservers.dovecot import Account, Dovecot

pytestmark = [pytest.mark.dovecot, pytest.mark.xdist_group("dovecot")]
MAILDIR = '[[source]]\nname = "{}"\ntype = "maildir"\npath = "Maildir"\nmode = "redact"\n'


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    return dovecot.account()


@pytest.fixture
def client(dovecot: Dovecot, account: Account) -> IMAPClient:
    return dovecot.connect(account)


@pytest.fixture
def desk(dovecot: Dovecot, account: Account, client: IMAPClient, tmp_path: Path) -> Desk:
    """Killed when the new mail stands beside the original."""
    where: dict[str, Value] = {"host": dovecot.host, "port": dovecot.port}
    made = Desk(tmp_path, imap_settings(**where, user=account.name, password=account.password))
    client.append("INBOX", mail(2), ["\\Seen"])
    assert made.killed_at("APPENDED")
    assert len(standing_at(client)) == 2
    return made


Change = Callable[[Desk, Dovecot], Settings]


def changed(desk: Desk, **values: Value) -> Settings:
    return load(Desk(desk.home, {**desk.source, **values}).write(), environment={})


def as_maildir(desk: Desk, name: str) -> Settings:
    for part in ("cur", "new", "tmp"):
        (desk.home / "Maildir" / part).mkdir(parents=True, exist_ok=True)
    (desk.home / "scrubber.toml").write_text(MAILDIR.format(name), encoding="utf-8")
    return load(desk.home / "scrubber.toml", environment={})


CHANGES: dict[str, tuple[Change, str]] = {
    "renamed": (lambda desk, _: changed(desk, name="balie"), 'source "desk" is not in the settings any more'),
    "removed": (lambda desk, _: as_maildir(desk, "archief"), 'source "desk" is not in the settings any more'),
    "user": (lambda desk, dovecot: changed(desk, user=dovecot.account().name), 'source "desk" is another mailbox now'),
    "host": (lambda desk, _: changed(desk, host="localhost"), 'source "desk" is another mailbox now'),
    "type": (lambda desk, _: as_maildir(desk, "desk"), 'source "desk" is another mailbox now'),
}


def run(settings: Settings) -> int:
    return work.run(settings, once=True, as_of=None, lang="nl")


def said(command: Callable[[Console], int]) -> str:
    out = StringIO()
    command(Console(file=out, width=10_000))
    return out.getvalue()


@pytest.mark.parametrize("change", list(CHANGES))
def test_run_refuses_until_the_settings_are_as_they_were(
    desk: Desk, client: IMAPClient, dovecot: Dovecot, change: str
) -> None:
    how, sentence = CHANGES[change]
    before = standing_at(client)
    settings = how(desk, dovecot)
    with pytest.raises(SettingsError) as caught:
        run(settings)
    assert str(caught.value).startswith(sentence)
    assert ": 1. Put " in str(caught.value)
    assert "until `scrubber status` shows 0 in flight" in str(caught.value)
    assert str(desk.source["user"]) not in str(caught.value)
    assert standing_at(client) == before
    assert desk.in_flight() == 1
    assert sentence in said(lambda console: standing.status(settings, "nl", console, "text"))
    assert sentence in said(lambda console: overview.check(settings, "nl", console))
    desk.run()
    (one,) = standing_at(client)
    assert one.payload == redacted(mail(2))
    assert [entry.outcome for entry in desk.entries()] == ["REDACTED"]
    assert desk.in_flight() == 0
    settings = how(desk, dovecot)
    assert sentence not in said(lambda console: standing.status(settings, "nl", console, "text"))


def test_another_port_or_secret_is_the_same_mailbox(desk: Desk, client: IMAPClient, dovecot: Dovecot) -> None:
    desk.source = {**desk.source, "port": dovecot.tls_port, "tls": "implicit", "tls_ca": str(dovecot.ca)}
    desk.run()
    (one,) = standing_at(client)
    assert one.clean


@pytest.mark.parametrize("change", ["removed", "user"])
def test_a_mailbox_that_is_no_more_is_given_up_by_a_person(
    desk: Desk, client: IMAPClient, dovecot: Dovecot, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = CHANGES[change][0](desk, dovecot)
    before = standing_at(client)
    standing.status(settings, "nl", Console(), "json")
    ref = json.loads(capsys.readouterr().out)["in_flight"][0]["ref"]
    who = Said("Sanne de Wit", "postvak bestaat niet meer")
    assert persons.release(settings, ref, who, "nl", Console()) == 0
    if change == "removed":
        assert run(settings) == 0
    assert standing_at(client) == before, "nobody looks there any more"
    released = [entry for entry in desk.entries() if entry.kind == "released"]
    assert [(entry.actor, entry.ref[:16]) for entry in released] == [("Sanne de Wit", ref)]
    assert desk.in_flight() == 0


def test_what_a_source_can_still_finish_is_not_given_up(desk: Desk) -> None:
    settings = load(desk.write(), environment={})
    with pytest.raises(SettingsError, match="no message that waits for a person"):
        persons.release(settings, "0000", Said("Sanne", "weg"), "nl", Console())


def test_nothing_is_given_up_while_a_worker_is_at_work(desk: Desk) -> None:
    settings = changed(desk, name="balie")
    with bootstrap.only_worker(settings), pytest.raises(StoreError, match="another `scrubber run` is at work"):
        persons.release(settings, "0000", Said("Sanne", "weg"), "nl", Console())
