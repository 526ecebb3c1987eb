"""A help desk that fetches the same mailbox: how many tickets one mail gives, and what stands in them.

In place, a mail gets a new UID when it is rewritten, so a desk may take it for another one; the figures here are those
of the README. With an intake folder the desk never sees a mail before it is clean, and each exactly once.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from pathlib import Path
from threading import Event, Thread
from typing import Literal

import pytest
from imapclient import IMAPClient

from tests.mailservers.at_work import BSN, INTAKE_STEPS, STEPS, Desk, Value, imap_settings, mail, standing
from tests.mailservers.dovecot import Account, Dovecot

Cursor = Literal["unseen", "uid"]
Takes = Literal["leaves", "deletes", "archives"]
RECEIVED = datetime(2026, 11, 2, 11, 30, 5, tzinfo=UTC)


@dataclass
class HelpDesk:
    """Polls INBOX as desks do: what is unseen, which it then marks as read, or what is beyond the last UID it saw.

    Each mail becomes a ticket, and gets an automatic reply that quotes it, of which Sent keeps a copy. What it fetched
    it leaves, deletes at once, or files in an archive.
    """

    client: IMAPClient
    cursor: Cursor
    replies: bool = False
    takes: Takes = "leaves"
    tickets: list[tuple[str, bytes]] = field(default_factory=list)
    last: int = 0

    def poll(self) -> None:
        self.client.select_folder("INBOX", readonly=self.cursor == "uid" and self.takes == "leaves")
        criteria = ["UNSEEN"] if self.cursor == "unseen" else ["UID", f"{self.last + 1}:*"]
        uids = [uid for uid in self.client.search(criteria) if self.cursor == "unseen" or uid > self.last]
        for uid in uids:
            got = self.client.fetch([uid], ["BODY.PEEK[]"])
            if uid not in got:
                continue  # gone again: a desk skips it
            raw = got[uid][b"BODY[]"]
            self.tickets.append((str(BytesHeaderParser().parsebytes(raw)["Message-ID"]), raw))
            if self.cursor == "unseen":
                self.client.add_flags([uid], ["\\Seen"])
            if self.replies:
                self.client.append("Sent", self._reply(raw), ["\\Seen"], datetime.now(UTC))
            if self.takes == "deletes":
                self.client.add_flags([uid], ["\\Deleted"])
                self.client.uid_expunge([uid])
            elif self.takes == "archives":
                self.client.move([uid], "Archief")
            self.last = max(self.last, uid)

    @staticmethod
    def _reply(raw: bytes) -> bytes:
        said = raw.partition(b"\r\n\r\n")[2].decode()
        identifier = BytesHeaderParser().parsebytes(raw)["Message-ID"]
        quoted = "".join(f"> {line}\r\n" for line in said.splitlines())
        number = time.monotonic_ns()
        head = f"From: support@desk.example\r\nTo: jan@klant.example\r\nMessage-ID: <r{number}@desk.example>\r\n"
        return f"{head}In-Reply-To: {identifier}\r\n\r\nWij hebben uw bericht ontvangen.\r\n\r\n{quoted}".encode()

    def counts(self) -> dict[str, int]:
        """Tickets per Message-ID."""
        found: dict[str, int] = {}
        for identifier, _ in self.tickets:
            found[identifier] = found.get(identifier, 0) + 1
        return found

    def dirty(self) -> int:
        return sum(BSN in raw for _, raw in self.tickets)


@dataclass
class Office:
    worker: Desk
    person: IMAPClient
    account: Account
    server: Dovecot

    def helpdesk(self, cursor: Cursor, *, replies: bool = False, takes: Takes = "leaves") -> HelpDesk:
        return HelpDesk(self.server.connect(self.account), cursor, replies, takes)

    def arrives(self, number: int, text: str | None = None, folder: str = "INBOX") -> None:
        self.person.append(folder, mail(number, text) if text else mail(number), [], RECEIVED)


Open = Callable[..., Office]


@pytest.fixture
def office(dovecot: Dovecot, tmp_path: Path) -> Open:
    def make(**settings: Value) -> Office:
        account = dovecot.account()
        person = dovecot.connect(account)
        person.create_folder("Intake")
        person.create_folder("Archief")
        where: dict[str, Value] = {"host": dovecot.host, "port": dovecot.port}
        who: dict[str, Value] = {"user": account.name, "password": account.password}
        return Office(Desk(tmp_path, imap_settings(**where, **who, **settings)), person, account, dovecot)

    return make


# in place


@pytest.mark.parametrize(
    ("cursor", "first", "tickets", "dirty"),
    [
        ("unseen", "worker", 1, 0),
        ("uid", "worker", 1, 0),
        ("unseen", "desk", 1, 1),  # read by the desk, and so the rewritten mail stays read: no second ticket
        ("uid", "desk", 2, 1),  # the rewritten mail has a UID the desk has not seen: imported again
    ],
)
def test_in_place_who_goes_first_decides(office: Open, cursor: Cursor, first: str, tickets: int, dirty: int) -> None:
    here = office()
    helpdesk = here.helpdesk(cursor)
    here.arrives(1)
    if first == "desk":
        helpdesk.poll()
    here.worker.run()
    helpdesk.poll()
    here.worker.run()
    helpdesk.poll()
    assert helpdesk.counts() == {"<m1@klant.example>": tickets}
    assert helpdesk.dirty() == dirty
    assert [one.clean for one in standing(here.person)] == [True]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("cursor", ["unseen", "uid"])
def test_in_place_a_desk_that_polls_in_between_may_see_both(office: Open, cursor: Cursor, step: str) -> None:
    here = office()
    helpdesk = here.helpdesk(cursor)
    here.arrives(1)
    here.worker.run(lambda now: helpdesk.poll() if now == step else None)
    helpdesk.poll()
    counted = helpdesk.counts()["<m1@klant.example>"]
    if step in {"EXPUNGED", "SWEPT", "DONE"}:
        assert (counted, helpdesk.dirty()) == (1, 0)
    elif step == "PREPARED":
        assert (counted, helpdesk.dirty()) == ({"unseen": 1, "uid": 2}[cursor], 1)
    else:
        assert (counted, helpdesk.dirty()) == (2, 1), "the mail and its rewritten version stood there together"
    assert [one.clean for one in standing(here.person)] == [True]


def test_in_place_an_automatic_reply_in_sent_is_cleaned_too(office: Open) -> None:
    """Where the desk went first its reply quotes the original: Sent belongs in `folders`."""
    here = office(folders=["INBOX", "Sent"])
    helpdesk = here.helpdesk("unseen", replies=True)
    here.arrives(1)
    helpdesk.poll()
    assert [one.clean for one in standing(here.person)] == [False, False]
    here.worker.run()
    assert [(one.folder, one.clean) for one in standing(here.person)] == [("INBOX", True), ("Sent", True)]


# intake


@pytest.mark.parametrize("cursor", ["unseen", "uid"])
def test_with_an_intake_folder_each_mail_is_one_clean_ticket(office: Open, cursor: Cursor) -> None:
    """The desk polls between any two steps of the worker."""
    here = office(folders=["Intake"], deliver_to="INBOX")
    helpdesk = here.helpdesk(cursor, replies=True)
    texts = [None, "Dank u wel.", None, "Wat kost een domeinnaam?"]
    for number, text in enumerate(texts, 1):
        here.arrives(number, text, "Intake")
    for _ in range(3):
        here.worker.run(lambda _step: helpdesk.poll())
        helpdesk.poll()
    assert helpdesk.counts() == {f"<m{number}@klant.example>": 1 for number in range(1, 5)}
    assert helpdesk.dirty() == 0
    assert all(one.clean for one in standing(here.person))
    assert [one.folder for one in standing(here.person) if one.folder != "Sent"] == ["INBOX"] * 4


@pytest.mark.parametrize("step", INTAKE_STEPS)
@pytest.mark.parametrize("cursor", ["unseen", "uid"])
def test_with_an_intake_folder_a_killed_worker_gives_no_second_ticket(office: Open, cursor: Cursor, step: str) -> None:
    here = office(folders=["Intake"], deliver_to="INBOX")
    helpdesk = here.helpdesk(cursor)
    here.arrives(1, folder="Intake")
    assert here.worker.killed_at(step, helpdesk.poll)
    helpdesk.poll()
    for _ in range(2):
        here.worker.run(lambda _step: helpdesk.poll())
        helpdesk.poll()
    assert helpdesk.counts() == {"<m1@klant.example>": 1}
    assert helpdesk.dirty() == 0
    assert [(one.folder, one.clean) for one in standing(here.person)] == [("INBOX", True)]


@pytest.mark.parametrize("takes", ["deletes", "archives"])
@pytest.mark.parametrize("cursor", ["unseen", "uid"])
def test_with_an_intake_folder_a_desk_that_takes_what_it_fetches(office: Open, cursor: Cursor, takes: Takes) -> None:
    """What reaches the desk is finished: that it is gone the same instant is nothing to mend."""
    here = office(folders=["Intake"], deliver_to="INBOX")
    helpdesk = here.helpdesk(cursor, takes=takes)
    texts = [None, "Dank u wel.", None, "Wat kost een domeinnaam?"]
    for number, text in enumerate(texts, 1):
        here.arrives(number, text, "Intake")
    for _ in range(3):
        here.worker.run(lambda _step: helpdesk.poll())
        helpdesk.poll()
    assert helpdesk.counts() == {f"<m{number}@klant.example>": 1 for number in range(1, 5)}
    assert helpdesk.dirty() == 0
    taken = [] if takes == "deletes" else [("Archief", True)] * 4
    assert [(one.folder, one.clean) for one in standing(here.person)] == taken
    assert sorted(entry.outcome for entry in here.worker.entries()) == ["CLEAN", "CLEAN", "REDACTED", "REDACTED"]
    assert here.worker.in_flight() == 0


@pytest.mark.parametrize(("step", "text"), [*((step, None) for step in INTAKE_STEPS), ("CARRIED", "Dank u wel.")])
@pytest.mark.parametrize("takes", ["deletes", "archives"])
@pytest.mark.parametrize("cursor", ["unseen", "uid"])
def test_with_an_intake_folder_such_a_desk_and_a_killed_worker(
    office: Open, cursor: Cursor, takes: Takes, step: str, text: str | None
) -> None:
    here = office(folders=["Intake"], deliver_to="INBOX")
    helpdesk = here.helpdesk(cursor, takes=takes)
    here.arrives(1, text, folder="Intake")
    assert here.worker.killed_at(step, helpdesk.poll)
    helpdesk.poll()
    for _ in range(2):
        here.worker.run(lambda _step: helpdesk.poll())
        helpdesk.poll()
    assert helpdesk.counts() == {"<m1@klant.example>": 1}
    assert helpdesk.dirty() == 0
    taken = [] if takes == "deletes" else [("Archief", True)]
    assert [(one.folder, one.clean) for one in standing(here.person)] == taken
    assert [entry.outcome for entry in here.worker.entries()] == ["CLEAN" if text else "REDACTED"]
    assert here.worker.in_flight() == 0


@pytest.mark.parametrize(("cursor", "tickets"), [("unseen", 1), ("uid", 2)])
def test_what_waited_is_removed_where_the_desk_reads(office: Open, cursor: Cursor, tickets: int) -> None:
    """In place by then: a desk that goes by UIDs takes the mail for a new one."""
    here = office(folders=["Intake"], deliver_to="INBOX")
    helpdesk = here.helpdesk(cursor)
    here.arrives(1, "Ik heb dubbel betaald. Kunt u het bedrag terugstorten op IBAN NL91ABNA0417164300?", "Intake")
    here.worker.clock = lambda: RECEIVED + timedelta(hours=1)
    here.worker.run()
    helpdesk.poll()
    here.worker.clock = lambda: RECEIVED + timedelta(days=40)
    here.worker.run()
    helpdesk.poll()
    assert helpdesk.counts() == {"<m1@klant.example>": tickets}
    assert [b"NL91ABNA0417164300" in raw for _, raw in helpdesk.tickets] == [True, False][:tickets]
    assert [b"NL91ABNA0417164300" in one.payload for one in standing(here.person)] == [False]


def test_what_waited_is_gone_with_the_mail_that_the_desk_deleted(office: Open) -> None:
    here = office(folders=["Intake"], deliver_to="INBOX")
    helpdesk = here.helpdesk("unseen", takes="deletes")
    here.arrives(1, "Ik heb dubbel betaald. Kunt u het bedrag terugstorten op IBAN NL91ABNA0417164300?", "Intake")
    here.worker.clock = lambda: RECEIVED + timedelta(hours=1)
    here.worker.run()
    helpdesk.poll()
    here.worker.clock = lambda: RECEIVED + timedelta(days=40)
    for _ in range(2):
        here.worker.run()
        helpdesk.poll()
    assert helpdesk.counts() == {"<m1@klant.example>": 1}
    assert [(one.kind, one.reason) for one in here.worker.entries()] == [("message", ""), ("deferred", "gone")]


@contextmanager
def running(home: Path) -> Iterator[subprocess.Popen[str]]:
    """`scrubber run`, a process of its own."""
    command = [sys.executable, "-m", "scrubber.cli", "run"]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            said = process.communicate(timeout=60)[1]
    assert "Traceback" not in said
    assert BSN.decode() not in said


@pytest.mark.parametrize("takes", ["leaves", "deletes", "archives"])
def test_a_desk_beside_a_worker_that_keeps_running(office: Open, takes: Takes) -> None:
    """Two programs at once over one mailbox, each as fast as it can, while mail comes in."""
    here = office(folders=["Intake"], deliver_to="INBOX", idle=True)
    here.worker.write(poll_seconds=1)
    helpdesk = here.helpdesk("unseen", takes=takes)
    enough = Event()

    def poll() -> None:
        while not enough.is_set():
            helpdesk.poll()
            enough.wait(0.02)

    poller = Thread(target=poll)
    count = 24
    with running(here.worker.home):
        poller.start()
        try:
            for number in range(1, count + 1):
                here.arrives(number, None if number % 3 else "Dank u wel.", "Intake")
            end = time.monotonic() + 60
            while len(helpdesk.tickets) < count and time.monotonic() < end:
                time.sleep(0.1)
            time.sleep(1)
        finally:
            enough.set()
            poller.join()
    assert helpdesk.counts() == {f"<m{number}@klant.example>": 1 for number in range(1, count + 1)}
    assert helpdesk.dirty() == 0
    wanted = {"leaves": {"INBOX"}, "deletes": set[str](), "archives": {"Archief"}}
    assert {one.folder for one in standing(here.person)} == wanted[takes]
