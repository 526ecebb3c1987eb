"""The worker over a fake server, where something happens before each of its commands in turn.

Other people's hands, a line that breaks, an answer that is lost, a server that says no: whichever of the commands it
meets, in the end one redacted message stands with its flags and date, and nothing else has changed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from tests.mailservers.at_work import BSN, Desk, Value, imap_settings, mail, redacted
from tests.mailservers.fake_imap import FakeImap
from tests.mailservers.fake_script import PLAIN, Doing, Fault, Login, Profile
from tests.mailservers.fake_store import Account, Entry, Folder, Seen

USER, PASSWORD = "desk@shop.example", "geheim-7"
RECEIVED = datetime(2026, 11, 2, 11, 30, 5, tzinfo=UTC)
MINE = frozenset({"\\Seen", "klant"})
MOST_COMMANDS = 120
MOST_RUNS = 6


@contextmanager
def office(home: Path, profile: Profile = PLAIN, *faults: Fault, **settings: Value) -> Iterator[tuple[Desk, FakeImap]]:
    """A mailbox as in the races: one mail that must be redacted, and two that are none of our business."""
    account = Account({"INBOX": "", "Archief": "", "Sent": "\\Sent", "Trash": "\\Trash"})
    account.add("INBOX", mail(1, "Dank u wel."), RECEIVED, ["\\Deleted"])
    account.add("INBOX", mail(2), RECEIVED, MINE)
    account.add("INBOX", mail(3, "Tot ziens."), RECEIVED, ["\\Flagged", "klant"])
    shutil.copytree(founded(), home)
    with FakeImap(profile, {USER: Login(account, PASSWORD)}, *faults) as server:
        usual: dict[str, Value] = {"folders": ["INBOX", "Archief"], "user": USER, "password": PASSWORD}
        where: dict[str, Value] = {"host": server.host, "port": server.port}
        yield Desk(home, imap_settings(**usual | where | settings)), server


@cache
def founded() -> Path:
    """A database and keys as the first start makes them: copied, for making them costs more than a run."""
    home = Path(tempfile.mkdtemp(prefix="scrubber-founded-"))
    with FakeImap(PLAIN, {USER: Login(Account(), PASSWORD)}) as server:
        Desk(home, imap_settings(host=server.host, port=server.port, user=USER, password=PASSWORD)).run()
    return home


def account_of(server: FakeImap) -> Account:
    return server.script.logins[USER].account


def target(account: Account) -> list[Seen]:
    line = b"Message-ID: <m2@klant.example>\r\n"
    return [seen for seen in account.standing() if line in seen.payload]


def bare(payload: bytes) -> bytes:
    """Without our marker."""
    return payload.partition(b"\r\n")[2] if payload.startswith(b"X-Scrubber: ") else payload


def bystanders(account: Account) -> list[tuple[int, frozenset[str], bytes]]:
    folder = account.folder("INBOX")
    others = [(uid, entry) for uid, entry in folder.entries.items() if b"<m2@" not in entry.mail.payload]
    return [(uid, entry.flags, entry.mail.payload) for uid, entry in others]


def settled(desk: Desk, server: FakeImap) -> None:
    """Run on, as long as something is in flight, and once more to see that nothing changes."""
    desk.run()
    while desk.in_flight() and desk.runs < MOST_RUNS:
        desk.run()
    desk.run()
    assert desk.in_flight() == 0
    before = account_of(server).standing()
    desk.run()
    assert account_of(server).standing() == before


def each_command(home: Path, make: Callable[[Path, int], bool]) -> int:
    """make(home, n) has something happen before command n; False: there were not so many.

    Those before the first that writes are all of a kind, looking: some of them are enough.
    """
    with office(home / "alone") as (desk, server):
        desk.run()
        writes = int(server.script.verbs().index("APPEND"))
    for number in (*range(0, writes - 2, 6), *range(writes - 2, MOST_COMMANDS)):
        if not make(home / str(number), number):
            return int(number)
    raise AssertionError("there is no end to its commands")


# other people


def original(account: Account) -> tuple[Folder, Entry] | None:
    """The mail as it came, else what was made of it."""
    found = [(folder, entry) for folder in account.folders.values() for entry in folder.entries.values()]
    ours = [(folder, entry) for folder, entry in found if b"<m2@" in entry.mail.payload]
    return next(iter(sorted(ours, key=lambda one: BSN not in one[1].mail.payload)), None)


def moves(account: Account) -> None:
    if found := original(account):
        account.move(found[1], found[0], account.folder("Archief"))


def copies(account: Account) -> None:
    if found := original(account):
        account.copy(found[1], account.folder("Archief"))


def deletes(account: Account) -> None:
    if found := original(account):
        account.expunge(found[0], found[1].uid)


def flags(account: Account) -> None:
    if found := original(account):
        account.mark(*found, (found[1].flags | {"\\Flagged", "spoed"}) - {"\\Seen"})


def nothing(_account: Account) -> None:
    """The control."""


def arrives(account: Account) -> None:
    account.add("INBOX", mail(4, "Nog iets."), RECEIVED)


def renumbers(account: Account) -> None:
    account.renumber("INBOX")


@pytest.mark.parametrize("does", [nothing, moves, copies, deletes, flags, arrives, renumbers])
def test_other_people_before_each_command(tmp_path: Path, does: Callable[[Account], None]) -> None:
    def make(home: Path, number: int) -> bool:
        with office(home) as (desk, server):
            account = account_of(server)
            before = bystanders(account)
            left = number

            def at(_verb: str) -> None:
                nonlocal left
                if left == 0:
                    with account.lock:
                        does(account)
                left -= 1

            server.script.at = at
            desk.run()
            met = left < 0
            server.script.at = None
            settled(desk, server)
            where = f"before command {number}"
            stands = target(account)
            assert account.holds(BSN) == [], where
            assert {bare(seen.payload) for seen in stands} <= {redacted(mail(2))}, where
            assert {seen.received for seen in stands} <= {RECEIVED}, where
            if does is copies:
                assert len(stands) in {1, 2}, where
            elif does is deletes:
                assert len(stands) in {0, 1}, where
            else:
                assert len(stands) == 1, where
            if does in {nothing, moves, copies, arrives, renumbers}:
                assert {seen.flags for seen in stands} == {MINE}, where
            if does is flags and met and server.script.verbs()[number] != "UID EXPUNGE":  # no command does both at once
                assert [seen.flags for seen in stands] == [{"\\Flagged", "spoed", "klant"}], where
            if does is moves and met:
                assert [seen.folder for seen in stands] == ["Archief"], where
            if does not in {arrives, renumbers}:
                assert bystanders(account) == before, where
            assert len([one for one in desk.entries() if one.outcome == "REDACTED"]) <= 1 + (does is copies), where
            return met

    assert each_command(tmp_path, make) > 10


# the server and the line to it


@pytest.mark.parametrize(
    ("doing", "text"),
    [
        ("drop", ""),
        ("drop-after", ""),
        ("drop-in-literal", ""),
        ("untagged", "* BYE Server is shutting down"),
        ("answer", "NO [UNAVAILABLE] try later"),
        ("answer", "NO [INUSE] locked"),
        ("answer", "NO [LIMIT] too much"),
        ("answer", "NO [OVERQUOTA] full"),
        ("answer", "NO [SERVERBUG] oops"),
        ("answer", "BAD what?"),
        ("answer", "OK done"),  # a lie
    ],
)
def test_something_goes_wrong_at_each_command(tmp_path: Path, doing: Doing, text: str) -> None:
    def make(home: Path, number: int) -> bool:
        with office(home) as (desk, server):
            account = account_of(server)
            before = bystanders(account)
            fault = Fault("*", doing, text, skip=number)
            server.script.faults.append(fault)
            desk.tried()
            met = fault.met > number
            server.script.faults.clear()
            settled(desk, server)
            where = f"at command {number}: {server.script.verbs()[number : number + 1]}"
            stands = target(account)
            assert [(bare(seen.payload), seen.flags, seen.received) for seen in stands] == [
                (redacted(mail(2)), MINE, RECEIVED)
            ], where
            assert bystanders(account) == before, where
            assert [one.outcome for one in desk.entries()].count("REDACTED") == 1, where
            return met

    each_command(tmp_path, make)
