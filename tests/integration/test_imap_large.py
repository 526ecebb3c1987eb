"""Mailboxes that are large, or full of mails that look alike: what is asked grows no faster than they do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from imapclient import IMAPClient

from scrubber.errors import SourceError
from scrubber.message import Message
from scrubber.sources.base import Replaced, WriteBack
from scrubber.sources.credentials import Secret
from scrubber.sources.imap import likeness, wire
from scrubber.sources.imap.account import Account
from scrubber.sources.imap.folders import Layout
from scrubber.sources.imap.marker import Seals
from scrubber.sources.imap.source import ImapSource
from scrubber.sources.imap.wire import Wire
from tests.mailservers import fake_store
from tests.mailservers.dovecot import Account as Mailbox
from tests.mailservers.dovecot import Dovecot
from tests.mailservers.fake_imap import FakeImap
from tests.mailservers.fake_script import PLAIN, Login

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEALS = Seals(lambda data: data.hex()[:64].ljust(64, "0"), lambda data: (data.hex()[:64].ljust(64, "0"),))
USER, PASSWORD = "desk@shop.example", "geheim-7"


def newsletter(number: int, body: str = "Beste klant, " + "x" * 3000) -> bytes:
    """As long as any other of them."""
    head = (
        f"From: nieuws@winkel.example\r\nDate: Mon, 02 Mar 2026 12:00:00 +0000\r\nMessage-ID: <{number:08d}@n.example>"
    )
    return f"{head}\r\nSubject: nieuws\r\n\r\n{body}\r\n{number:08d}\r\n".encode()


def bare(number: int) -> bytes:
    """Without any header that tells one mail from the other."""
    return f"Subject: nieuws\r\n\r\n{'x' * 3000}\r\n{number:08d}\r\n".encode()


def digest(payload: bytes) -> str:
    return f"{len(payload)}-{hash(payload)}"


def replaced(source: ImapSource, message: Message, job: int) -> Replaced:
    payload = message.payload.replace(b"xxx", b"[X]", 1)
    write = WriteBack(f"{job:032x}", message.ref, digest(message.payload), digest(payload), source.plan(message))
    return source.replace(write, payload, digest, lambda _step: None)


class Server:
    """A fake server with one account, and a source on it."""

    def __init__(self, layout: Layout | None = None) -> None:
        self.mailbox = fake_store.Account({"INBOX": "", "Archief": "", "Sent": "\\Sent"})
        self.fake = FakeImap(PLAIN, {USER: Login(self.mailbox, PASSWORD)})
        self.fake.__enter__()
        account = Account(
            "desk", self.fake.host, self.fake.port, "none", None, USER, Secret("password", False, lambda: PASSWORD)
        )
        self.source = ImapSource(account, layout or Layout(), SEALS)

    def close(self) -> None:
        self.source.close()
        self.fake.stop()

    def wholes(self) -> int:
        """How often a message was asked for as a whole."""
        return sum("BODY.PEEK[]" in said for said in self.fake.script.seen)

    def cost(self, work: Callable[[], object]) -> tuple[int, int]:
        """Messages read whole, and bytes answered, while `work` is done."""
        wholes, sent = self.wholes(), self.fake.script.sent
        work()
        return self.wholes() - wholes, self.fake.script.sent - sent


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


# mails that look alike


def all_replaced(make: Callable[[int], bytes], count: int) -> tuple[int, int]:
    """What it costs to replace every mail of a mailbox."""
    with closing(Server()) as server:
        for number in range(count):
            server.mailbox.add("INBOX", make(number), NOON)
        listed = [one.ref for one in server.source.discover(EPOCH)]

        def work() -> None:
            for job, ref in enumerate(listed):
                replaced(server.source, server.source.fetch(ref), job)

        cost = server.cost(work)
        assert all(b"[X]" in seen.payload for seen in server.mailbox.standing())
        return cost


@pytest.mark.parametrize("make", [newsletter, bare], ids=["newsletters", "without headers"])
def test_replacing_mails_of_one_size_costs_each_the_same(make: Callable[[int], bytes]) -> None:
    few, many = 15, 60
    wholes_of_few, bytes_of_few = all_replaced(make, few)
    wholes, sent = all_replaced(make, many)
    assert wholes / many <= wholes_of_few / few + 1
    assert sent / many <= 1.5 * bytes_of_few / few


def test_copies_are_read_once(server: Server) -> None:
    """A mail that stands many times over: each look counts all of them, and reads what it didn't read before."""
    for folder in ("INBOX", "Archief"):
        for _ in range(10):
            server.mailbox.add(folder, newsletter(1), NOON)
        server.mailbox.add(folder, newsletter(2), NOON)
    messages = [server.source.fetch(one.ref) for one in server.source.discover(EPOCH)]
    wholes, _ = server.cost(lambda: server.source.plan(messages[0]))
    assert wholes == 19
    plans: list[Mapping[str, str]] = []
    wholes, _ = server.cost(lambda: plans.extend(server.source.plan(message) for message in messages))
    assert sorted(plan["twins"] for plan in plans) == ["1", *["19"] * 10]
    assert wholes <= len(messages)


def test_a_copy_that_is_gone_counts_no_more(server: Server) -> None:
    uids = [server.mailbox.add("INBOX", newsletter(1), NOON) for _ in range(3)]
    message = server.source.fetch(next(iter(server.source.discover(EPOCH))).ref)
    assert [server.source.plan(message)["twins"] for _ in range(2)] == ["2", "2"]
    server.mailbox.expunge(server.mailbox.folder("INBOX"), uids[2])
    assert server.source.plan(message)["twins"] == "1"
    server.mailbox.add("Archief", newsletter(1), NOON)
    assert server.source.plan(message)["twins"] == "2"


def test_equal_heads_are_no_equal_mails(server: Server) -> None:
    """A sender writes what headers he likes: only the whole text says whether two mails are the same."""
    mails = [newsletter(1, body) for body in ("a" * 500, "b" * 500, "a" * 500)]
    for one in mails:
        server.mailbox.add("INBOX", one, NOON)
    messages = [server.source.fetch(one.ref) for one in server.source.discover(EPOCH)]
    for _ in range(2):
        assert [server.source.plan(message)["twins"] for message in messages] == ["1", "0", "1"]


def test_what_is_remembered_has_a_bound_and_ends_with_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "MOST", 5)
    for number in range(20):
        server.mailbox.add("INBOX", newsletter(number // 2), NOON)
    messages = [server.source.fetch(one.ref) for one in server.source.discover(EPOCH)]
    for _ in range(2):
        assert [server.source.plan(message)["twins"] for message in messages] == ["1"] * 20
        server.fake.drop()


STRANGE = [
    b"Subject: x\r\n\r\n" + b"y" * 40 + b"\r\n",
    b"From: =?utf-8?Q?J=C3=A9?=\r\n <je@klant.example>\r\nMessage-ID:\r\n\t<a@klant.example>\r\n\r\nhoi\r\n",
    b"From: a@klant.example\r\nFROM: b@klant.example\r\nDate: gisteren\r\nDate: Mon\r\n\r\nhoi\r\n",
    b"From: J\xe9 \xff\xfe<je@klant.example>\r\nMessage-Id: <\xe9@x>\r\n\r\nhoi\r\n",
    b"From a@klant.example Mon Mar  2\r\nMessage-ID: <b@klant.example>\r\n no colon here\r\n\r\nhoi\r\n",
    b"Message-ID: " + b"<" + b"z" * 5000 + b"@klant.example>\r\n\r\nhoi\r\n",
    b"\r\nGeen kop.\r\n",
    b"From: a@klant.example\r\n",
]


@pytest.mark.dovecot
@pytest.mark.xdist_group("dovecot")
@pytest.mark.parametrize("storage", ["maildir", "mdbox"])
@pytest.mark.parametrize("mail", STRANGE, ids=range(len(STRANGE)))
def test_copies_with_strange_headers_are_found(dovecot: Dovecot, mail: bytes, storage: Any) -> None:
    mailbox = dovecot.account(storage)
    other = dovecot.connect(mailbox)
    other.create_folder("Archief")
    other.append("INBOX", mail, (), NOON)
    other.append("INBOX", mail[:-3] + b"?\r\n", (), NOON)
    other.select_folder("INBOX")
    other.copy([1], "Archief")
    other.append("Archief", mail, (), NOON)
    other.fetch([1], ["BODY.PEEK[HEADER.FIELDS (FROM DATE MESSAGE-ID)]"])  # one is cached, the others are not
    source = source_on(dovecot, mailbox)
    with closing(source):
        message = next(source.fetch(one.ref) for one in source.discover(EPOCH) if one.ref.item == "1")
        for _ in range(2):
            assert source.plan(message)["twins"] == "2"


# nothing new


def test_a_look_at_a_mailbox_with_nothing_new_costs_the_same_whatever_its_size() -> None:
    costs = []
    for count in (10, 400):
        with closing(Server(Layout(folders=("INBOX", "Archief"), done="Sent"))) as server:
            for number in range(count):
                server.mailbox.add("INBOX", newsletter(number, "hoi"), NOON)
                server.mailbox.add("Archief", newsletter(number, "hoi"), NOON)
            message = server.source.fetch(next(iter(server.source.discover(EPOCH))).ref)
            server.source.plan(message)
            server.source.last_activity(message.ref)
            seen, sent = len(server.fake.script.seen), server.fake.script.sent
            assert len(list(server.source.discover(EPOCH))) == 2 * count
            assert list(server.source.signals()) == []
            server.source.last_activity(message.ref)
            costs.append((len(server.fake.script.seen) - seen, (server.fake.script.sent - sent) // 100))
    assert costs[0] == costs[1]
    assert costs[0][0] <= 10, "a few commands"


# answers that are long


def source_on(dovecot: Dovecot, mailbox: Mailbox, layout: Layout | None = None) -> ImapSource:
    secret = Secret("password", False, lambda: mailbox.password)
    account = Account("desk", dovecot.host, dovecot.port, "none", None, mailbox.name, secret)
    return ImapSource(account, layout or Layout(), SEALS)


def asked(source: ImapSource, *criteria: str, folder: str = "INBOX") -> list[int]:
    def work(over: Wire) -> list[int]:
        over.select(folder)
        return over.uids(*criteria)

    return source._connection.reading(work)


MANY = 150_000


@pytest.fixture(scope="module")
def crowded() -> Iterator[Server]:
    made = Server(Layout(missed="Archief"))
    folder = made.mailbox.folder("Archief")
    folder.uidnext = 4_000_000_000
    for number in range(MANY):
        made.mailbox.add("Archief", b"Subject: %d\r\n\r\nhoi\r\n" % (number % 10), NOON)
    yield made
    made.close()


def test_more_uids_than_fit_a_line(crowded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    every = sorted(crowded.mailbox.folder("Archief").entries)
    before = len(crowded.fake.script.seen)
    assert asked(crowded.source, "ALL", folder="Archief") == every
    assert sum("SEARCH" in said for said in crowded.fake.script.seen[before:]) == 3
    assert len(list(crowded.source.signals())) == MANY
    monkeypatch.setattr(wire, "WINDOW", MANY)
    with pytest.raises(SourceError):  # all in one line: what imaplib refuses
        asked(crowded.source, "ALL", folder="Archief")


def test_sizes_of_more_messages_than_fit_an_answer(crowded: Server) -> None:
    def work(over: Wire, first: int) -> list[tuple[int, int]]:
        over.select("Archief")
        return list(over.sizes(first))

    every = sorted(crowded.mailbox.folder("Archief").entries)
    before = len(crowded.fake.script.seen)
    told = crowded.source._connection.reading(lambda over: work(over, 1))
    assert [uid for uid, _ in told] == every
    assert {size for _, size in told} == {19}
    assert len(crowded.fake.script.seen) - before < MANY / wire.SPAN + 10
    last = crowded.source._connection.reading(lambda over: work(over, every[-3]))
    assert [uid for uid, _ in last] == every[-3:]
    assert crowded.source._connection.reading(lambda over: work(over, every[-1] + 1)) == []


def filled(client: IMAPClient, count: int) -> None:
    for number in range(count):
        client.append("INBOX", b"Subject: %d\r\n\r\nhoi\r\n" % number, (), NOON + timedelta(days=number))


@pytest.mark.dovecot
@pytest.mark.xdist_group("dovecot")
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7, 20])
def test_windows_leave_nothing_out_and_nothing_twice(
    dovecot: Dovecot, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "WINDOW", 3)
    monkeypatch.setattr(wire, "SPAN", 2)
    mailbox = dovecot.account()
    other = dovecot.connect(mailbox)
    filled(other, count)
    other.select_folder("INBOX")
    if count > 6:  # gaps, at a border too
        other.delete_messages([1, 4, 5])
        other.expunge()
        other.add_flags([3, count], [b"\\Deleted"])
    with closing(source_on(dovecot, mailbox)) as source:
        assert asked(source, "ALL") == other.search("ALL")
        assert asked(source, "DELETED") == other.search("DELETED")
        assert asked(source, "UID", "4:*", "UNDELETED") == other.search(["UID", "4:*", "UNDELETED"])
        assert asked(source, "SINCE", "10-Mar-2026") == other.search(["SINCE", "10-Mar-2026"])

        def sizes(over: Wire) -> list[int]:
            over.select("INBOX")
            return [uid for uid, _ in over.sizes(2)]

        assert source._connection.reading(sizes) == [uid for uid in other.search("ALL") if uid >= 2]


@pytest.mark.dovecot
@pytest.mark.xdist_group("dovecot")
def test_numbers_far_apart_cost_no_more_commands(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "WINDOW", 3)
    mailbox = dovecot.account()
    other = dovecot.connect(mailbox)
    filled(other, 4)
    other.logout()
    dovecot.doveadm("mailbox", "update", "-u", mailbox.name, "--min-next-uid", str(2**31), "INBOX")
    other = dovecot.connect(mailbox)
    filled(other, 4)
    commands = []
    simple = Wire._simple

    def counted(self: Wire, name: str, *arguments: str | bytes) -> tuple[str, list[Any]]:
        commands.append(arguments)
        return simple(self, name, *arguments)

    monkeypatch.setattr(Wire, "_simple", counted)
    with closing(source_on(dovecot, mailbox)) as source:
        assert asked(source, "ALL") == [1, 2, 3, 4, *range(2**31, 2**31 + 4)]
        assert len(commands) == 3
        assert len(list(source.discover(EPOCH))) == 8


@pytest.mark.dovecot
@pytest.mark.xdist_group("dovecot")
@pytest.mark.parametrize("seed", range(6))
def test_what_others_remove_and_add_meanwhile_hides_nothing(
    dovecot: Dovecot, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A removal between two windows brings down the messages above it: none may fall between them."""
    chance = random.Random(seed)
    monkeypatch.setattr(wire, "WINDOW", 4)
    mailbox = dovecot.account()
    other = dovecot.connect(mailbox)
    filled(other, 30)
    other.select_folder("INBOX")
    simple = Wire._simple

    def between(self: Wire, name: str, *arguments: str | bytes) -> tuple[str, list[Any]]:
        said = simple(self, name, *arguments)
        if "SEARCH" in arguments and (standing := other.search("ALL")):
            other.delete_messages(chance.sample(standing, min(len(standing), chance.choice([0, 1, 3, 9]))))
            other.expunge()
            if chance.random() < 0.3:
                filled(other, 1)
        return said

    with closing(source_on(dovecot, mailbox)) as source:
        source.check()
        monkeypatch.setattr(Wire, "_simple", between)
        told = asked(source, "ALL")
        monkeypatch.setattr(Wire, "_simple", simple)
        assert len(told) == len(set(told))
        assert {uid for uid in other.search("ALL") if uid <= 30} <= set(told)
