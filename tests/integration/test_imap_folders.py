"""Folders that the settings name and that a person deletes, renames or makes again while the worker runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from imapclient import IMAPClient
from rich.console import Console

from scrubber import bootstrap
from scrubber.commands import overview, record, standing
from scrubber.metrics import Metrics, served
from scrubber.settings import load
from tests.mailservers.at_work import Desk, Value, imap_settings, mail, of
from tests.mailservers.at_work import standing as standing_at
from tests.mailservers.dovecot import Account, Dovecot

pytestmark = [pytest.mark.dovecot, pytest.mark.xdist_group("dovecot")]

WORDS: dict[str, Value] = {
    "needed_folder": "Nodig",
    "done_folder": "Klaar",
    "wrong_folder": "Onterecht",
    "missed_folder": "Gemist",
}
NAMED = [("folders", "Werk"), *((key, str(folder)) for key, folder in WORDS.items())]
PERSON = "Klanten Jansen"
"""A folder that a person made, named after a customer."""


@dataclass
class Office:
    desk: Desk
    client: IMAPClient

    def works(self, number: int) -> bool:
        """Whether what comes in the INBOX is handled."""
        self.client.append("INBOX", mail(number))
        self.desk.run()
        return [one.clean for one in of(number, standing_at(self.client))] == [True]

    def troubles(self, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
        capsys.readouterr()
        standing.status(load(self.desk.write(), environment={}), "nl", Console(), "json")
        found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["troubles"]
        return found


@pytest.fixture
def office(dovecot: Dovecot, tmp_path: Path) -> Office:
    account = dovecot.account()
    client = dovecot.connect(account)
    for _, folder in NAMED:
        client.create_folder(folder)
    where: dict[str, Value] = {"host": dovecot.host, "port": dovecot.port}
    who: dict[str, Value] = {"user": account.name, "password": account.password}
    return Office(Desk(tmp_path, imap_settings(**where, **who, folders=["INBOX", "Werk"], **WORDS)), client)


@pytest.mark.parametrize("what", ["deleted", "renamed"])
@pytest.mark.parametrize(("key", "folder"), NAMED)
def test_the_other_folders_go_on(
    office: Office, capsys: pytest.CaptureFixture[str], key: str, folder: str, what: str
) -> None:
    office.client.append(folder, mail(9, "Hoe laat bent u open?"))
    assert office.works(1)
    assert office.desk.failures() == []
    if what == "deleted":
        office.client.delete_folder(folder)
    else:
        office.client.rename_folder(folder, PERSON)
    assert office.works(2)
    (why,) = office.desk.failures()
    assert why.startswith(f'`{key}` names "{folder}", which is not there: make it, or ')
    (trouble,) = office.troubles(capsys)
    assert (trouble["what"], trouble["why"]) == ("folder", why)
    if what == "renamed":
        assert "Jansen" not in str(office.desk.log)
        office.client.rename_folder(PERSON, folder)
    else:
        office.client.create_folder(folder)
    assert office.works(3)
    assert office.desk.failures() == []
    assert "source_complete_again" in [event["event"] for event in office.desk.log]
    assert office.troubles(capsys) == []
    before = standing_at(office.client)
    office.desk.run()
    assert standing_at(office.client) == before


def test_a_folder_that_is_taken_while_a_worker_runs_over_one_connection(office: Office) -> None:
    """Also in the middle of a cycle: between two steps of a replacement in another folder."""
    office.client.append("INBOX", mail(1))

    def taken(step: str) -> None:
        if step == "APPENDED":
            office.client.delete_folder("Klaar")
            office.client.rename_folder("Werk", PERSON)

    office.desk.run(taken)
    assert office.works(2)
    assert [one.clean for one in standing_at(office.client)] == [True, True]
    (why,) = office.desk.failures()
    assert '`folders` names "Werk"' in why
    assert '`done_folder` names "Klaar"' in why


def test_a_word_folder_that_is_made_again_is_heard(office: Office) -> None:
    refund = "Ik heb dubbel betaald. Kunt u het bedrag terugstorten op IBAN NL91ABNA0417164300?"
    office.client.append("INBOX", mail(1, refund))
    office.client.delete_folder("Klaar")
    office.desk.run()
    office.client.create_folder("Klaar")
    office.client.select_folder("INBOX")
    office.client.move(office.client.search(), "Klaar")
    office.desk.run()
    (one,) = standing_at(office.client)
    assert (one.folder, b"NL91ABNA0417164300" in one.payload) == ("Klaar", False)
    assert "signal:done" in [entry.reason for entry in office.desk.entries()]


@pytest.mark.parametrize("key", ["sent_folders", "deliver_to"])
def test_without_some_folders_nothing_is_done(office: Office, key: str) -> None:
    """What the desk asked can't be seen, or mail can't go on."""
    office.client.create_folder("Bijzonder")
    office.desk.source = {**office.desk.source, key: ["Bijzonder"] if key == "sent_folders" else "Bijzonder"}
    office.client.append("Werk", mail(1))
    office.desk.run()
    office.client.delete_folder("Bijzonder")
    office.client.append("Werk", mail(2))
    office.desk.run()
    (why,) = office.desk.failures()
    assert why == (
        f'source "desk": `{key}` names "Bijzonder", which is not there: make it, or name another as the server has '
        "it; until then nothing is done"
    )
    assert [one.clean for one in of(2, standing_at(office.client))] == [False]
    office.client.create_folder("Bijzonder")
    office.desk.run()
    assert [one.clean for one in of(2, standing_at(office.client))] == [True]


def test_a_folder_that_may_not_be_opened(office: Office, dovecot: Dovecot) -> None:
    user = str(office.desk.source["user"])
    assert office.works(1)
    dovecot.doveadm("acl", "set", "-u", user, "Werk", "owner", "lookup")
    office.client.append("INBOX", mail(2))
    assert office.desk.run().outcomes == {"REDACTED": 1}
    (why,) = office.desk.failures()
    assert '`folders` names "Werk", which `user` may not open: give that right' in why
    dovecot.doveadm("acl", "delete", "-u", user, "Werk", "owner")
    assert office.works(3)
    assert office.desk.failures() == []


def test_the_name_of_a_folder_that_a_person_made_is_told_nowhere(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in the log, an error, the record, the report, status, check or the figures for Prometheus."""
    office.desk.source = {**office.desk.source, "folders": ["INBOX", "Werk", "Klanten/Jan"]}
    refund = "Ik heb dubbel betaald. Kunt u het bedrag terugstorten op IBAN NL91ABNA0417164300?"
    other = "Klanten/Jansen"
    log: list[str] = []

    def run(act: Callable[[str], None] = lambda _step: None) -> None:
        office.desk.run(act)
        log.extend(map(str, office.desk.log))

    for folder in (other, PERSON, "Klanten/Jansens"):
        office.client.create_folder(folder)
    office.client.append(PERSON, mail(1))  # a twin of what is redacted: the copy that remains is told of
    office.client.append("INBOX", mail(1))
    office.client.append("INBOX", mail(2, refund))
    office.client.append("INBOX", mail(3, "Content-Type: x"))
    run()
    office.client.select_folder("INBOX")
    for number in (2, 3):
        office.client.move(office.client.search(["HEADER", "Message-ID", f"<m{number}@"]), PERSON)
    run()
    office.desk.clock = lambda: datetime.now(UTC) + timedelta(days=40)
    run(lambda step: office.client.rename_folder(PERSON, "Klanten de Wit") if step == "VERIFIED" else None)
    run()
    office.client.delete_folder("Klanten de Wit")
    office.client.append("Werk", mail(4, refund))
    run()
    office.client.rename_folder("Werk", PERSON)
    run()
    settings = load(office.desk.write(), environment={})
    console = Console(width=10_000)
    capsys.readouterr()
    for form in ("text", "json"):
        standing.status(settings, "nl", console, form)
    overview.check(settings, "nl", console)
    told = capsys.readouterr().out
    assert '"Klanten/Jan", which is not there' in told, "what the settings name is"
    told += "".join(record.render(settings, form, None, "nl") for form in ("html", "json", "csv"))
    told += "".join(map(repr, office.desk.entries())) + "".join(log)
    with closing(bootstrap.record(settings)) as opened:
        figures = Metrics(["desk"], opened.journal, lambda: datetime.now(UTC))
        with served(figures, "127.0.0.1:0") as port, urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            told += answer.read().decode()
    assert "andere map" in told
    for name in ("Klanten Jansen", "Klanten de Wit", "Jansens", "Wit", other):
        assert name not in told


@pytest.mark.parametrize("step", ["PREPARED", "APPENDED", "DELETING", "EXPUNGED"])
def test_a_replacement_is_finished_when_its_folder_is_seen_again(dovecot: Dovecot, office: Office, step: str) -> None:
    """A worker dies, and may not see the folder when it is back: who can't see a mail says nothing of it."""
    user = office.desk.source["user"]
    office.client.append("Werk", mail(1))
    assert office.desk.killed_at(step)
    office.client.shutdown()
    dovecot.doveadm("acl", "set", "-u", str(user), "Werk", "owner", "insert")
    office.desk.run()
    assert office.desk.in_flight() == 1
    assert "make that folder, or name it no longer" in office.desk.failures()[0]
    dovecot.doveadm("acl", "delete", "-u", str(user), "Werk", "owner")
    for _ in range(2):
        office.desk.run()
    client = dovecot.connect(Account(str(user), dovecot.home))
    assert [(one.folder, one.clean) for one in standing_at(client)] == [("Werk", True)]
    assert [(entry.outcome, entry.reason) for entry in office.desk.entries()] == [("REDACTED", "")]


def test_a_replacement_is_forgotten_when_its_folder_was_deleted_and_made_again(office: Office) -> None:
    office.client.append("Werk", mail(1))
    assert office.desk.killed_at("APPENDED")
    office.client.delete_folder("Werk")
    office.desk.run()
    assert office.desk.in_flight() == 1
    office.client.create_folder("Werk")
    office.desk.run()
    assert office.desk.in_flight() == 0
    assert office.works(2)
