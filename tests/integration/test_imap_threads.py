"""Threads over the folders of a real Dovecot: what was asked stands in Sent, the answer in INBOX; and quotes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.mailservers.at_work import BSN, Desk, Value, imap_settings, standing
from tests.mailservers.dovecot import Dovecot

IBAN = b"NL91ABNA0417164300"
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
QUESTION = "Goedemiddag,\r\n\r\nOp welk IBAN mogen wij de terugbetaling overmaken?\r\n\r\nGroet,\r\nSanne\r\nDe desk"
ANSWER = f"Goedemiddag,\r\n\r\n{IBAN.decode()}\r\n\r\nGroet,\r\nJan Proef"


def letter(identifier: str, text: str, *, desk: bool = False, answers: str = "", age: timedelta = DAY) -> bytes:
    customer, support = "Jan Proef <jan@klant.example>", "De desk <support@desk.example>"
    lines = [
        f"From: {support if desk else customer}",
        f"To: {customer if desk else support}",
        "Subject: Uw bericht",
        f"Date: {format_datetime(NOW - age)}",
        f"Message-ID: <{identifier}@thread.example>",
        *([f"In-Reply-To: <{answers}@thread.example>", f"References: <{answers}@thread.example>"] if answers else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{text}\r\n").encode()


@dataclass
class Office:
    desk: Desk
    client: IMAPClient

    def put(self, folder: str, payload: bytes, *flags: str, age: timedelta = DAY) -> None:
        self.client.append(folder, payload, flags, NOW - age)

    def holding(self, value: bytes) -> list[str]:
        return [one.folder for one in standing(self.client) if value in one.payload]

    def decided(self, entity_type: str) -> set[tuple[str, str]]:
        """(rule, action) for this type, over all the record."""
        return {
            (removal.rule, removal.action)
            for entry in self.desk.entries()
            for removal in entry.removals
            if removal.entity_type == entity_type
        }

    def asked(self) -> bool:
        """Whether the IBAN, which was found, counts as asked for."""
        rules = {rule for rule, _ in self.decided("IBAN_CODE")}
        assert rules
        return "gevraagd" in rules

    def evidence(self, rule: str) -> list[str]:
        entries = self.desk.entries()
        return [one.evidence for entry in entries for one in entry.removals if one.rule == rule]


Open = Callable[..., Office]


@pytest.fixture
def office(dovecot: Dovecot, tmp_path: Path) -> Open:
    def make(**settings: Value) -> Office:
        account = dovecot.account()
        client = dovecot.connect(account)
        for folder in ("Drafts", "Archief", "Gestuurd"):
            client.create_folder(folder)
        where: dict[str, Value] = {"host": dovecot.host, "port": dovecot.port}
        who: dict[str, Value] = {"user": account.name, "password": account.password}
        return Office(Desk(tmp_path, imap_settings(**where, **who, **settings)), client)

    return make


def test_what_was_asked_in_sent_waits(office: Open) -> None:
    here = office()
    here.put("Sent", letter("vraag", QUESTION, desk=True, age=2 * DAY), "\\Seen", age=2 * DAY)
    here.put("INBOX", letter("antwoord", ANSWER, answers="vraag"))
    here.desk.run()
    assert here.decided("IBAN_CODE") == {("gevraagd", "defer")}
    assert here.holding(IBAN) == ["INBOX"]
    assert not any("quote" in one or "claimed" in one for one in here.evidence("gevraagd"))


def test_what_nobody_asked_was_not_asked(office: Open) -> None:
    here = office()
    here.put("INBOX", letter("antwoord", ANSWER, answers="vraag"))
    here.desk.run()
    assert not here.asked()


def test_a_folder_that_is_named_is_the_sent_one(office: Open) -> None:
    here = office(sent_folders=["Gestuurd"])
    here.put("Gestuurd", letter("vraag", QUESTION, desk=True, age=2 * DAY), age=2 * DAY)
    here.put("INBOX", letter("antwoord", ANSWER, answers="vraag"))
    here.desk.run()
    assert here.decided("IBAN_CODE") == {("gevraagd", "defer")}


@pytest.mark.parametrize("folder", ["Drafts", "INBOX", "Archief"])
def test_a_question_that_was_not_sent_counts_less(office: Open, folder: str) -> None:
    """A draft was never sent; a mail in INBOX with the desk's address may be anybody's: recorded as "claimed"."""
    here = office()
    here.put(folder, letter("vraag", QUESTION, desk=True, age=2 * DAY), age=2 * DAY)
    here.put("INBOX", letter("antwoord", ANSWER, answers="vraag"))
    here.desk.run()
    if folder == "INBOX":
        assert here.decided("IBAN_CODE") == {("gevraagd", "defer")}
        assert any("claimed" in one for one in here.evidence("gevraagd"))
    else:
        assert not here.asked()


def test_a_stranger_can_not_ask_in_the_desk_s_name(office: Open) -> None:
    """A thread is joined by identifiers that a stranger can write too: without the desk's address it is no question."""
    here = office()
    forged = letter("vraag", QUESTION, age=2 * DAY)
    here.put("INBOX", forged, age=2 * DAY)
    here.put("INBOX", letter("antwoord", ANSWER, answers="vraag"))
    here.desk.run()
    assert not here.asked()


def test_an_answer_that_an_agent_filed_is_still_of_its_thread(office: Open) -> None:
    here = office(folders=["INBOX", "Archief"])
    here.put("Sent", letter("vraag", QUESTION, desk=True, age=2 * DAY), age=2 * DAY)
    here.put("Archief", letter("antwoord", ANSWER, answers="vraag"))
    here.put("INBOX", letter("nog-een", f"Of anders {IBAN.decode()}.", answers="antwoord", age=DAY / 2), age=DAY / 2)
    here.desk.run()
    assert here.decided("IBAN_CODE") == {("gevraagd", "defer")}
    assert here.holding(IBAN) == ["Archief", "INBOX"]


def test_a_reply_in_sent_that_quotes_the_customer_is_cleaned(office: Open) -> None:
    here = office(folders=["INBOX", "Sent"])
    said = f"Mijn BSN is {BSN.decode()}."
    quoting = f"Dank voor uw bericht.\r\n\r\nJan Proef schreef:\r\n> {said}\r\n> Groet, Jan"
    here.put("INBOX", letter("bericht", said, age=2 * DAY), "\\Answered", "\\Seen", age=2 * DAY)
    here.put("Sent", letter("antwoord", quoting, desk=True, answers="bericht"), "\\Seen")
    here.desk.run()
    assert here.holding(BSN) == []
    flags = {one.folder: one.flags for one in standing(here.client)}
    assert flags == {"INBOX": {"\\Answered", "\\Seen"}, "Sent": {"\\Seen"}}
    assert all(b"[BSN verwijderd]" in one.payload for one in standing(here.client))


def test_a_draft_that_quotes_the_customer_is_cleaned_and_stays_a_draft(office: Open) -> None:
    here = office(folders=["INBOX", "Drafts"])
    here.put(
        "Drafts", letter("concept", f"> Mijn BSN is {BSN.decode()}.\r\n\r\nDank u.", desk=True), "\\Draft", "\\Seen"
    )
    here.desk.run()
    assert here.holding(BSN) == []
    (draft,) = standing(here.client)
    assert draft.folder == "Drafts"
    assert draft.flags == {"\\Draft", "\\Seen"}


def test_the_answer_goes_when_the_thread_has_been_silent(office: Open) -> None:
    """In both folders: the answer, and the desk's thanks in Sent that quote it.

    When the thanks are looked at again, the answer they quote is redacted already: nothing says any more whose it is.
    """
    here = office(folders=["INBOX", "Sent"])
    quoting = f"Dank u, wij maken het over.\r\n\r\n> {IBAN.decode()}\r\n"
    here.put("Sent", letter("vraag", QUESTION, desk=True, age=3 * DAY), age=3 * DAY)
    here.put("INBOX", letter("antwoord", ANSWER, answers="vraag", age=2 * DAY), "\\Flagged", age=2 * DAY)
    here.put("Sent", letter("dank", quoting, desk=True, answers="antwoord"), "\\Seen")
    here.desk.run()
    assert here.holding(IBAN) == ["INBOX", "Sent"]
    here.desk.clock = lambda: NOW + 10 * DAY
    here.desk.run()
    assert here.holding(IBAN) == ["INBOX", "Sent"], "only silent for eleven days"
    here.desk.clock = lambda: NOW + 40 * DAY
    here.desk.run()
    assert here.holding(IBAN) == []
    assert len(standing(here.client)) == 3
