"""The worker over a real mailbox that people work in: moves, new numbers, words, an intake, waiting, a lost server."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient
from rich.console import Console
from sqlalchemy import select

from scrubber import bootstrap, logs, schema, settings
from scrubber.commands import persons
from scrubber.commands.overview import check
from scrubber.commands.standing import Standing, as_json
from scrubber.digests import Digests
from scrubber.errors import SettingsError
from scrubber.journal import Unsettled
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.verify import verify
from scrubber.message import SourceRef
from scrubber.people import People, Said
from scrubber.sources.imap.answers import Look
from scrubber.sources.imap.wire import Wire
from tests.mailservers.dovecot import Account as Mailbox
from tests.mailservers.dovecot import Dovecot, Storage

pytestmark = [pytest.mark.dovecot, pytest.mark.xdist_group("dovecot")]

DAY = timedelta(days=1)
SECONDS = 60
BSN = "123456782"
IBAN = "NL91ABNA0417164300"
REFUND = f"Ik heb dubbel betaald. Kunt u het bedrag terugstorten op IBAN {IBAN}?"
WORDS = ("Nodig", "Klaar", "Onterecht", "Gemist")
FOLDERS = """
folders = ["INBOX", "Werk"]
needed_folder = "Nodig"
done_folder = "Klaar"
wrong_folder = "Onterecht"
missed_folder = "Gemist"
"""
INTAKE = """
folders = ["Intake"]
deliver_to = "INBOX"
"""
ENCRYPTED = b"From: jan@klant.example\r\nContent-Type: multipart/encrypted; boundary=x\r\n\r\n--x--\r\n"


def mail(body: str, number: int = 1) -> bytes:
    who = "From: Jan Proef <jan@klant.example>\r\nTo: support@desk.example"
    return f"{who}\r\nSubject: vraag\r\nMessage-ID: <m{number}@klant.example>\r\n\r\n{body}\r\n".encode()


def toml(dovecot: Dovecot, mailbox: Mailbox, folders: str, mode: str = "redact", poll: float = 3600) -> str:
    return f"""\
[worker]
log = "json"
poll_seconds = {poll}

[[source]]
name = "post"
type = "imap"
host = "{dovecot.host}"
port = {dovecot.port}
tls = "starttls"
tls_ca = "{dovecot.ca}"
user = "{mailbox.name}"
password = "{mailbox.password}"
mode = "{mode}"
since = 2000-01-01
desk_addresses = ["support@desk.example"]
{folders}"""


@dataclass
class Post:
    """A mailbox, its worker at any moment, and another client."""

    path: Path
    dovecot: Dovecot
    storage: Storage = "maildir"
    folders: str = FOLDERS
    ahead: timedelta = timedelta(0)
    limit: int = 64_000_000
    client: IMAPClient = field(init=False)

    def __post_init__(self) -> None:
        self.mailbox = self.dovecot.account(self.storage)
        self.client = self.dovecot.connect(self.mailbox)
        for folder in ("Werk", "Archief", "Intake", *WORDS):
            self.client.create_folder(folder)
        self.limited(self.limit)

    def limited(self, size: int) -> None:
        """What one mail may take, from the next run on."""
        file = self.path / "scrubber.toml"
        text = toml(self.dovecot, self.mailbox, self.folders) + f"\n[limits]\nbytes = {size}\n"
        file.write_text(text, encoding="utf-8")
        self.settings = settings.load(file, environment={})
        self.engine = bootstrap.engine(self.settings)

    def add(self, payload: bytes, folder: str = "INBOX") -> None:
        self.client.append(folder, payload, [b"\\Seen"], datetime.now(UTC) - DAY)

    def run(self, after: timedelta = timedelta(0)) -> None:
        self.ahead += after
        opened = bootstrap.record(self.settings, create=True)
        try:
            worker = bootstrap.worker(
                self.settings,
                self.engine,
                opened,
                logs.configure("json"),
                clock=lambda: datetime.now(UTC) + self.ahead,
            )
            worker.cycle()
            worker.checkpoint()
            for station in worker.stations:
                station.source.close()
            assert not worker.troubled
            assert verify(opened.store, opened.ring.public_keys, head_file=self.settings.head_path).ok
        finally:
            opened.close()

    def said(self) -> list[tuple[str, str, str]]:
        return [(entry.kind, entry.outcome, entry.reason) for entry in self.entries()]

    def entries(self) -> list[LedgerEntry]:
        opened = bootstrap.record(self.settings)
        try:
            return [entry for entry in opened.ledger.read() if entry.kind != "checkpoint"]
        finally:
            opened.close()

    def unsettled(self) -> tuple[Unsettled, ...]:
        opened = bootstrap.record(self.settings)
        try:
            return opened.journal.open().unsettled
        finally:
            opened.close()

    def name(self, ref: SourceRef) -> str:
        opened = bootstrap.record(self.settings)
        try:
            return Digests(opened.ring).ref(ref)
        finally:
            opened.close()

    def status(self) -> dict[str, Any]:
        """What `scrubber status --format json` says."""
        opened = bootstrap.record(self.settings)
        try:
            now = datetime.now(UTC) + self.ahead
            journal = opened.journal
            return as_json(Standing(journal.totals(now), journal.open(), Digests(opened.ring), now))
        finally:
            opened.close()

    def check(self) -> str:
        """What `scrubber check` says."""
        said = StringIO()
        assert check(self.settings, "nl", Console(file=said, width=200)) == 0
        return said.getvalue()

    def jobs(self) -> list[str]:
        """How each replacement that was begun ended."""
        opened = bootstrap.record(self.settings)
        try:
            with opened.store.read() as tx:
                return list(tx.execute(select(schema.jobs.c.end)).scalars())
        finally:
            opened.close()

    def release(self) -> None:
        opened = bootstrap.record(self.settings)
        try:
            (held,) = opened.journal.open().unsettled
            with opened.store.begin() as tx:
                people = People(opened.journal, opened.ledger, Digests(opened.ring))
                people.release(tx, held.ref, Said("Sanne", "nagekeken"), datetime.now(UTC))
            opened.ledger.publish_head()
        finally:
            opened.close()

    def bodies(self, folder: str) -> list[str]:
        self.client.select_folder(folder, readonly=True)
        found = self.client.fetch(uids, ["BODY.PEEK[TEXT]"]) if (uids := self.client.search("ALL")) else {}
        return [one[b"BODY[TEXT]"].decode().strip() for one in found.values()]

    def renumber(self, folder: str) -> None:
        self.client.logout()
        self.dovecot.renumber(self.mailbox, folder)
        self.client = self.dovecot.connect(self.mailbox)

    def move(self, old: str, new: str) -> None:
        """Everything in a folder to another one."""
        self.client.select_folder(old)
        self.client.move(self.client.search("ALL"), new)


@pytest.fixture
def make(tmp_path: Path, dovecot: Dovecot) -> Callable[..., Post]:
    return lambda **values: Post(tmp_path, dovecot, **values)


@pytest.fixture(params=["maildir", "mdbox"])
def post(make: Callable[..., Post], request: pytest.FixtureRequest) -> Post:
    return make(storage=request.param)


def test_moves_and_new_numbers_make_no_new_message(post: Post) -> None:
    for number, body in enumerate(("Hoe laat bent u open?", f"Mijn BSN is {BSN}.", REFUND)):
        post.add(mail(body, number))
    post.add(ENCRYPTED)
    post.run()
    before = post.entries()
    assert sorted(entry.outcome for entry in before) == ["CLEAN", "CLEAN", "HELD", "REDACTED"]
    post.move("INBOX", "Werk")
    post.run()
    post.renumber("Werk")
    post.run()
    assert post.entries() == before
    post.move("Werk", "Archief")
    post.run()
    post.run(after=40 * DAY)
    assert post.said()[4:] == [("deferred", "REDACTED", "")]
    assert IBAN not in "".join(post.bodies("Archief"))
    assert len(post.bodies("Archief")) == 4


def test_twins_and_copies(post: Post) -> None:
    for _ in range(2):
        post.add(mail(REFUND))
    post.run()
    post.client.select_folder("INBOX")
    post.client.copy(post.client.search("ALL")[:1], "Werk")
    post.run()
    assert post.said() == [("message", "CLEAN", "")] * 3
    post.run(after=40 * DAY)
    assert IBAN not in "".join((*post.bodies("INBOX"), *post.bodies("Werk")))
    assert (len(post.bodies("INBOX")), len(post.bodies("Werk"))) == (2, 1)


def test_an_original_that_a_person_put_back_stays(post: Post) -> None:
    post.add(mail(f"Mijn BSN is {BSN}."))
    post.run(after=-timedelta(seconds=5))  # SAVEDATE knows whole seconds
    post.ahead = timedelta(0)
    post.client.select_folder("INBOX")
    uids = post.client.search("ALL")
    post.client.add_flags(uids, [b"\\Deleted"])
    post.client.uid_expunge(uids)
    post.add(mail(f"Mijn BSN is {BSN}."))
    post.run()
    post.move("INBOX", "Werk")
    post.run()
    assert BSN in post.bodies("Werk")[0]
    assert [entry.kind for entry in post.entries()] == ["message", "restored"]


@pytest.mark.parametrize("folder", WORDS)
def test_a_word_is_heard_once_and_acted_on(post: Post, folder: str) -> None:
    post.add(mail(f"{REFUND} Mijn BSN is {BSN}."))
    post.run()
    post.move("INBOX", folder)
    for _ in range(2):
        post.run()
    post.renumber(folder)
    post.run(after=25 * DAY)
    assert (IBAN in post.bodies(folder)[0]) is (folder in {"Nodig", "Onterecht"})
    post.run(after=10 * DAY)
    assert (IBAN in post.bodies(folder)[0]) is (folder == "Onterecht")
    assert len(post.bodies(folder)) == 1
    word = {"Nodig": "needed", "Klaar": "done", "Onterecht": "wrong", "Gemist": "missed"}[folder]
    assert [row for row in post.said() if row[0] == "reviewed"] == [("reviewed", "", f"signal:{word}")]
    assert len({entry.ref for entry in post.entries()}) == 1


def test_what_is_due_in_a_mail_that_is_marked_as_deleted(post: Post) -> None:
    """Left alone and told of, until it's expunged, or the mark is off again."""
    post.add(mail(REFUND))
    post.add(mail(REFUND.replace("dubbel", "driemaal"), 2))
    post.run()
    post.client.select_folder("INBOX")
    post.client.add_flags([1, 2], [b"\\Deleted"])
    for _ in range(3):
        post.run(after=20 * DAY)
    assert post.said() == [("message", "CLEAN", "")] * 2 + [("deferred", "HELD", "marked-deleted")] * 2
    assert post.status()["marked_deleted"] == 2
    assert [one["reason"] for one in post.status()["stuck"]] == ["marked-deleted"] * 2
    assert "als verwijderd gemarkeerd en met rust gelaten: 2." in post.check()
    post.client.uid_expunge([1])
    post.client.remove_flags([2], [b"\\Deleted"])
    post.run()
    assert sorted(post.said()[4:]) == [("deferred", "CLEAN", "gone"), ("deferred", "REDACTED", "")]
    assert [IBAN in body for body in post.bodies("INBOX")] == [False]
    assert post.status()["marked_deleted"] == 0
    assert post.status()["stuck"] == []
    assert "gemarkeerd" not in post.check()
    assert post.jobs() == ["DONE"]


def test_needed_of_a_mail_that_nobody_saw_before(post: Post) -> None:
    post.add(mail(f"Onze buurman heeft IBAN {IBAN} en ik BSN {BSN}."), "Nodig")
    post.run()
    post.run()
    assert post.bodies("Nodig") == [f"Onze buurman heeft IBAN {IBAN} en ik BSN [BSN verwijderd]."]
    assert post.said() == [("message", "REDACTED", ""), ("reviewed", "", "signal:needed")]


def test_wrong_of_a_mail_that_nobody_saw_before(post: Post) -> None:
    body = f"Onze buurman heeft IBAN {IBAN} en ik BSN {BSN}."
    post.add(mail(body), "Onterecht")
    post.run()
    post.renumber("Onterecht")
    post.run(after=40 * DAY)
    post.move("Onterecht", "INBOX")
    post.run()
    assert post.bodies("INBOX") == [body]
    assert post.said() == [("reviewed", "", "signal:wrong"), ("message", "OBSERVED", "wrong")]
    assert {entry.actor for entry in post.entries()} == {"agent", "scrubber"}


BEFORE = datetime(1999, 5, 4, 12, tzinfo=UTC)
"""From before the source starts: it stands in no list of what came in."""


@pytest.mark.parametrize(
    ("folder", "received"),
    [("INBOX", None), *((folder, when) for folder in WORDS if folder != "Onterecht" for when in (None, BEFORE))],
)
def test_a_mail_too_big_to_read(
    make: Callable[..., Post], folder: str, received: datetime | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size is asked before it is read. Who wants it tried again hears of the limit, and with a higher one it is."""
    post = make(limit=20_000)
    big = mail(f"Mijn BSN is {BSN}. {'x ' * 15_000}")
    post.client.append(folder, big, (), received or datetime.now(UTC) - DAY)
    asked = []
    look = Wire.look

    def watched(self: Wire, uid: int, items: str) -> Look | None:
        asked.append(items)
        return look(self, uid, items)

    monkeypatch.setattr(Wire, "look", watched)
    post.run()
    post.run()
    assert not [items for items in asked if "BODY.PEEK[]" in items]
    (held,) = post.unsettled()
    assert held.reason in {"budget: bytes", "missed"}
    said = io.StringIO()
    console = Console(file=said, width=500)
    name = held.known_as or post.name(held.ref)
    with pytest.raises(SettingsError, match=r"more than `\[limits\] bytes` allows \(20000\): raise that"):
        persons.retry(post.settings, name, Said("Sanne"), "nl", console)
    assert persons.retry(post.settings, None, Said("Sanne"), "nl", console) == 0
    assert "groter dan `[limits] bytes` toestaat (20000)" in said.getvalue()
    post.run()
    assert [one.reason for one in post.unsettled()] == [held.reason]
    assert not [items for items in asked if "BODY.PEEK[]" in items]
    post.limited(100_000)
    assert persons.retry(post.settings, name, Said("Sanne"), "nl", console) == 0
    post.run()
    assert BSN not in post.bodies(folder)[0]
    assert post.unsettled() == ()


@pytest.mark.parametrize("received", [None, BEFORE])
def test_a_mail_too_big_to_read_that_stays_as_it_is(make: Callable[..., Post], received: datetime | None) -> None:
    post = make(limit=20_000)
    body = f"Mijn BSN is {BSN}. {'x ' * 15_000}"
    post.client.append("Onterecht", mail(body), (), received or datetime.now(UTC) - DAY)
    post.run()
    post.limited(100_000)
    post.run()
    assert BSN in post.bodies("Onterecht")[0]
    assert post.said() == [("reviewed", "", "signal:wrong"), ("message", "OBSERVED", "wrong")]


@pytest.mark.parametrize("storage", ["maildir", "mdbox"])
def test_an_intake(make: Callable[..., Post], storage: Storage) -> None:
    post = make(storage=storage, folders=INTAKE)
    for number, body in enumerate(("Hoe laat bent u open?", f"Mijn BSN is {BSN}.", REFUND)):
        post.add(mail(body, number), "Intake")
    post.add(ENCRYPTED, "Intake")
    post.run()
    assert (len(post.bodies("Intake")), len(post.bodies("INBOX"))) == (1, 3)
    assert BSN not in "".join(post.bodies("INBOX"))
    post.release()
    post.run()
    assert (len(post.bodies("Intake")), len(post.bodies("INBOX"))) == (0, 4)
    post.run(after=40 * DAY)
    assert IBAN not in "".join(post.bodies("INBOX"))
    assert sorted(post.said()) == sorted(
        [
            ("message", "CLEAN", ""),
            ("message", "REDACTED", ""),
            ("message", "CLEAN", ""),
            ("message", "HELD", "encrypted"),
            ("released", "", "released"),
            ("deferred", "REDACTED", ""),
        ]
    )


class Running:
    """`scrubber run` as a process; its log can be waited for."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-m", "scrubber.cli", "run"]
        self.process = subprocess.Popen(command, cwd=path, stderr=subprocess.PIPE, text=True)
        self.log: list[str] = []

    def wait_for(self, what: str) -> None:
        """The next line with it; a worker that says nothing for too long is killed."""
        assert self.process.stderr is not None
        timer = threading.Timer(SECONDS, self.process.kill)
        timer.start()
        try:
            for line in self.process.stderr:
                self.log.append(line)
                if what in line:
                    return
        finally:
            timer.cancel()
        pytest.fail(f"no {what}: {''.join(self.log[-5:])}")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stderr is not None
        self.log += self.process.stderr.readlines()
        return self.process.wait(60)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[[], Running]]:
    started: list[Running] = []

    def start() -> Running:
        started.append(Running(tmp_path))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        assert one.process.stderr is not None
        one.process.stderr.close()
        one.process.wait()


def test_a_running_worker_hears_of_mail_and_survives_its_server(
    make: Callable[..., Post], running: Callable[[], Running]
) -> None:
    post = make()
    post.add(mail(f"Mijn BSN is {BSN}."))
    worker = running()
    worker.wait_for('"event": "handled"')
    post.add(mail(f"Mijn BSN is {BSN}. Nog eens.", 2))  # it looks once an hour, unless it is told
    worker.wait_for('"event": "handled"')
    post.dovecot.kill()
    worker.wait_for('"event": "source_failed"')
    post.dovecot.restart()
    post.client = post.dovecot.connect(post.mailbox)
    post.add(mail(f"Mijn BSN is {BSN}. En weer.", 3))
    worker.wait_for('"event": "handled"')
    assert worker.stop() == 1  # the source failed once
    assert BSN not in "".join(post.bodies("INBOX"))
    assert len(post.bodies("INBOX")) == 3
    assert post.said() == [("message", "REDACTED", "")] * 3
    assert BSN not in "".join(worker.log)


def call(post: Post, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, as a process of its own."""
    command = [sys.executable, "-m", "scrubber.cli", *arguments, "--settings", str(post.path / "scrubber.toml")]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


HEALTH = "Ik kon niet eerder betalen: ik heb een depressie."


def test_what_a_person_decided_to_remove_goes_also_from_a_mail_that_was_moved_since(post: Post) -> None:
    post.add(mail(f"{HEALTH} {REFUND}", 1))
    post.add(mail(f"{HEALTH} Mijn BSN is {BSN}.", 2))
    assert call(post, "run", "--once").returncode == 0
    asked = json.loads(call(post, "reviews", "--json").stdout)
    assert [(row["folder"], row["entity_types"]) for row in asked] == [("INBOX", ["SPECIAL_CATEGORY"])] * 2
    first, second = sorted(asked, key=lambda row: "BSN" in _body(post, row))
    kept = call(post, "review", first["ref"], "--decision", "keep", "--who", "Sanne", "--why", "nodig voor de zaak")
    going = call(post, "review", second["ref"][:8], "--decision", "remove", "--who", "Sanne", "--why", "niet nodig")
    assert (kept.returncode, going.returncode) == (0, 0)
    post.move("INBOX", "Werk")
    post.renumber("Werk")
    assert call(post, "run", "--once").returncode == 0
    bodies = sorted(post.bodies("Werk"), key=lambda body: "BSN" in body)
    assert ["depressie" in body for body in bodies] == [True, False]
    assert (IBAN in bodies[0], BSN in bodies[1]) == (True, False)
    assert call(post, "reviews", "--json").stdout.strip() == "[]"
    done = [entry for entry in post.entries() if entry.kind == "reviewed"]
    assert [(entry.outcome, entry.reason, entry.actor) for entry in done] == [
        ("", "review:keep", "Sanne"),
        ("", "review:remove", "Sanne"),
        ("REDACTED", "", "scrubber"),
    ]
    report = json.loads(call(post, "report", "--format", "json").stdout)
    assert report["problems"] == []
    assert [row["act"] for row in report["acts"]] == ["keep", "remove"]
    assert (report["reviews"]["total"]["total"], report["removed"]["total"]["after_review"] > 0) == (0, True)


def _body(post: Post, row: dict[str, Any]) -> str:
    """What a person reads at the place that `scrubber reviews` names."""
    post.client.select_folder(row["folder"], readonly=True)
    uid = int(row["item"])
    return bytes(post.client.fetch([uid], ["BODY.PEEK[TEXT]"])[uid][b"BODY[TEXT]"]).decode()


def test_a_folder_that_can_only_be_read_is_said_everywhere_until_it_is_mended(make: Callable[..., Post]) -> None:
    post = make()
    post.add(mail(f"Mijn BSN is {BSN}."))
    post.dovecot.read_only(post.mailbox, "INBOX")
    ran = call(post, "run", "--once")
    (warned,) = [line for line in ran.stderr.splitlines() if "cannot_remove" in line]
    assert 'mode = \\"redact\\"' in warned
    assert '"source": "post"' in warned
    stands = json.loads(call(post, "status", "--format", "json").stdout)
    assert [(row["source"], row["what"]) for row in stands["troubles"]] == [("post", "unable")]
    assert stands["settled"] == {"UNABLE": 1}
    assert "kan hier niets verwijderen" in call(post, "status").stdout
    report = json.loads(call(post, "report", "--format", "json").stdout)
    assert (report["unable"], report["messages"]["unable"]) == ([{"key": "post", "count": 1}], 1)
    assert report["problems"] == []
    assert "Kan hier niets verwijderen." in call(post, "report").stdout
    assert "Can remove nothing here." in call(post, "report", "--lang", "en").stdout
    assert BSN in post.bodies("INBOX")[0]
    post.dovecot.writable(post.mailbox, "INBOX")
    assert "cannot_remove" not in call(post, "run", "--once").stderr
    assert BSN not in post.bodies("INBOX")[0]
    assert json.loads(call(post, "status", "--format", "json").stdout)["troubles"] == []
    assert json.loads(call(post, "report", "--format", "json").stdout)["unable"] == []
