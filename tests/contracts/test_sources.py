"""What every source promises (scrubber/sources/base.py), over all of them."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from scrubber.errors import MessageChanged, MessageGone, SourceError
from scrubber.finding import CopyState
from scrubber.message import SourceRef
from scrubber.sources.base import Replaced, Source, WriteBack
from scrubber.sources.credentials import Secret
from scrubber.sources.imap.account import Account
from scrubber.sources.imap.folders import Layout
from scrubber.sources.imap.marker import Seals, open_mail
from scrubber.sources.imap.source import ImapSource
from scrubber.sources.maildir import MaildirSource
from scrubber.sources.mbox import MboxSource
from scrubber.sources.memory import MemorySource
from tests.mailservers.cyrus import Cyrus
from tests.mailservers.dovecot import Dovecot

NOON = datetime(2026, 3, 2, 12, 0, 0, 654321, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
JOB = "0123456789abcdef0123456789abcdef"
STEPS = ("WRITTEN", "PLACED", "REMOVING", "REMOVED")
SWAP_STEPS = ("APPENDED", "VERIFIED", "DELETING", "EXPUNGED", "SWEPT")
IMAP = ("dovecot", "dovecot-mdbox", "cyrus")
STEPS_OF = {"memory": STEPS, "maildir": STEPS, **dict.fromkeys(IMAP, SWAP_STEPS)}
PLACED = {"memory": "PLACED", "maildir": "PLACED", **dict.fromkeys(IMAP, "APPENDED")}
"""The step at which both messages stand."""

FOLLOWING = ("memory", "maildir")
"""Where a message that is moved or rewritten stays the same message."""
DESK = "helpdesk@hosting.test"


def mail(number: int, text: str = "Graag hulp.", sender: str = "Sanne <sanne@klant.example>", refs: str = "") -> bytes:
    references = f"References: {refs}\r\n" if refs else ""
    headers = f"From: {sender}\r\nSubject: vraag {number}\r\nMessage-ID: <m{number}@klant.example>\r\n{references}"
    return f"{headers}\r\n{text}\r\n".encode()


ORIGINAL = mail(1, "Mijn nummer is 000000012 en verder niets.")
REDACTED = mail(1, "Mijn nummer is [BSN verwijderd] en verder niets.")


def digest(payload: bytes) -> str:
    return hmac.new(b"key of these tests", payload, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Survivor:
    payload: bytes
    folder: str
    flags: str
    received: datetime


class World(Protocol):
    """A source, and what other programs do at it."""

    kind: str

    @property
    def source(self) -> Source: ...
    def add(self, payload: bytes, received: datetime, folder: str = "INBOX", flags: str = "S") -> SourceRef: ...
    def flag(self, ref: SourceRef, flags: str) -> None: ...
    def move(self, ref: SourceRef, folder: str) -> None: ...
    def delete(self, ref: SourceRef) -> None: ...
    def rewrite(self, ref: SourceRef, payload: bytes) -> None: ...
    def survivors(self) -> list[Survivor]: ...
    def leftovers(self) -> list[str]: ...
    def new(self, write: WriteBack) -> SourceRef: ...


@dataclass
class MemoryWorld:
    kind = "memory"
    source: MemorySource = field(default_factory=lambda: MemorySource(desk_addresses=(DESK,)))

    def add(self, payload: bytes, received: datetime, folder: str = "INBOX", flags: str = "S") -> SourceRef:
        return self.source.add(payload, received, folder=folder, flags=flags)

    def flag(self, ref: SourceRef, flags: str) -> None:
        self.source.flag(ref.item, flags)

    def move(self, ref: SourceRef, folder: str) -> None:
        self.source.move(ref.item, folder)

    def delete(self, ref: SourceRef) -> None:
        self.source.delete(ref.item)

    def rewrite(self, ref: SourceRef, payload: bytes) -> None:
        self.source.rewrite(ref.item, payload)

    def survivors(self) -> list[Survivor]:
        return [Survivor(one.payload, one.folder, one.flags, one.received) for one in self.source.stored.values()]

    def leftovers(self) -> list[str]:
        return list(self.source.written)

    def new(self, write: WriteBack) -> SourceRef:
        return SourceRef(write.ref.source, ".", write.plan["item"])


class MaildirWorld:
    kind = "maildir"

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("INBOX", "Sent", "Archief"):
            for sub in ("tmp", "new", "cur"):
                (self._folder(folder) / sub).mkdir(parents=True)
        self.source = MaildirSource("maildir", root, sent_folders=(".Sent",), desk_addresses=(DESK,))
        self._number = 0

    def _folder(self, name: str) -> Path:
        return self.root if name == "INBOX" else self.root / f".{name}"

    def add(self, payload: bytes, received: datetime, folder: str = "INBOX", flags: str = "S") -> SourceRef:
        self._number += 1
        base = f"1700000000.M{self._number}P1.host"
        path = self._folder(folder) / "cur" / f"{base}:2,{flags}"
        path.write_bytes(payload)
        changed = (received - EPOCH) // timedelta(microseconds=1) * 1000
        os.utime(path, ns=(changed, changed))
        return SourceRef("maildir", ".", base)

    def add_new(self, payload: bytes) -> SourceRef:
        ref = self.add(payload, NOON, flags="")
        path = self.path(ref)
        path.rename(self.root / "new" / ref.item)
        return ref

    def path(self, ref: SourceRef) -> Path:
        (found,) = [path for path in self.files() if path.name.partition(":2,")[0] == ref.item]
        return found

    def files(self) -> list[Path]:
        folders = (self.root, *self.root.glob(".*"))
        return sorted(path for folder in folders for sub in ("new", "cur") for path in (folder / sub).glob("*"))

    def flag(self, ref: SourceRef, flags: str) -> None:
        path = self.path(ref)
        path.rename(path.parent.parent / "cur" / f"{ref.item}:2,{flags}")

    def move(self, ref: SourceRef, folder: str) -> None:
        path = self.path(ref)
        path.rename(self._folder(folder) / "cur" / path.name)

    def delete(self, ref: SourceRef) -> None:
        self.path(ref).unlink()

    def rewrite(self, ref: SourceRef, payload: bytes) -> None:
        path = self.path(ref)
        other = self.root / "tmp" / "other-program"
        other.write_bytes(payload)
        other.rename(path)

    def survivors(self) -> list[Survivor]:
        found = []
        for path in self.files():
            folder = path.parent.parent
            name = "INBOX" if folder == self.root else folder.name.removeprefix(".")
            received = EPOCH + timedelta(microseconds=path.stat().st_mtime_ns // 1000)
            found.append(Survivor(path.read_bytes(), name, path.name.partition(":2,")[2], received))
        return found

    def leftovers(self) -> list[str]:
        return [path.name for path in (*self.root.glob("tmp/*"), *self.root.glob(".*/tmp/*"))]

    def new(self, write: WriteBack) -> SourceRef:
        return SourceRef(write.ref.source, ".", write.plan["name"])


def seal(data: bytes) -> str:
    return hmac.new(b"key of the marker", data, hashlib.sha256).hexdigest()


SEALS = Seals(seal, lambda data: (seal(data),))
_FLAGS = {"F": b"\\Flagged", "R": b"\\Answered", "S": b"\\Seen", "D": b"\\Draft"}


class ImapWorld:
    """A mailbox of its own on a real server, and another client in it."""

    def __init__(self, kind: str, request: pytest.FixtureRequest) -> None:
        self.kind = kind
        server: Dovecot | Cyrus = request.getfixturevalue(kind.partition("-")[0])
        account = (
            server.account("mdbox") if isinstance(server, Dovecot) and kind.endswith("mdbox") else server.account()
        )
        self.other = server.connect(account)
        for folder in ("Sent", "Archief"):
            if not self.other.folder_exists(folder):
                self.other.create_folder(folder)
        self.source = ImapSource(
            Account(
                "imap",
                server.host,
                server.port,
                "none",
                None,
                account.name,
                Secret("password", False, lambda: account.password),
            ),
            Layout(sent=("Sent",)),
            SEALS,
            (DESK,),
        )
        self._exact: dict[datetime, datetime] = {}

    def add(self, payload: bytes, received: datetime, folder: str = "INBOX", flags: str = "S") -> SourceRef:
        self._exact[received.replace(microsecond=0)] = received  # a server keeps whole seconds
        answer = self.other.append(folder, payload, [_FLAGS[flag] for flag in flags], received)
        validity, uid = answer.split(b"APPENDUID ")[1].split(b"]")[0].split()
        return SourceRef("imap", folder, uid.decode(), validity.decode())

    def flag(self, ref: SourceRef, flags: str) -> None:
        self.other.select_folder(ref.container)
        self.other.set_flags([int(ref.item)], [_FLAGS[flag] for flag in flags])

    def move(self, ref: SourceRef, folder: str) -> None:
        self.other.select_folder(ref.container)
        self.other.move([int(ref.item)], folder)

    def delete(self, ref: SourceRef) -> None:
        self.other.select_folder(ref.container)
        self.other.add_flags([int(ref.item)], [b"\\Deleted"])
        self.other.uid_expunge([int(ref.item)])

    def rewrite(self, ref: SourceRef, payload: bytes) -> None:
        """Nobody can: what looks like it to a reader is another message."""
        self.delete(ref)
        self.add(payload, NOON, ref.container)

    def survivors(self) -> list[Survivor]:
        found = []
        for folder in ("INBOX", "Sent", "Archief"):
            self.other.select_folder(folder, readonly=True)
            uids = self.other.search("ALL")
            for row in self.other.fetch(uids, ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]).values():
                flags = "".join(sorted(letter for letter, flag in _FLAGS.items() if flag in row[b"FLAGS"]))
                received = row[b"INTERNALDATE"].astimezone(UTC)
                payload = open_mail(row[b"BODY[]"], SEALS).payload
                found.append(Survivor(payload, folder, flags, self._exact.get(received, received)))
        return found

    def leftovers(self) -> list[str]:
        found = []
        for folder in ("INBOX", "Sent", "Archief"):
            self.other.select_folder(folder, readonly=True)
            found += [f"{folder}/{uid} is marked as deleted" for uid in self.other.search("DELETED")]
        return found

    def new(self, write: WriteBack) -> SourceRef:
        selected = self.other.select_folder(write.ref.container, readonly=True)
        (uid,) = self.other.search(["HEADER", "X-Scrubber", write.job])
        return SourceRef("imap", write.ref.container, str(uid), str(selected[b"UIDVALIDITY"]))


class MboxWorld:
    def __init__(self, path: Path) -> None:
        path.touch()
        self.path = path
        self.source = MboxSource("mbox", path, desk_addresses=(DESK,))

    def add(self, payload: bytes, received: datetime, folder: str = "INBOX", flags: str = "") -> SourceRef:
        known = {listed.ref for listed in self.source.discover(EPOCH)}
        with self.path.open("ab") as file:
            file.write(f"From sanne@klant.example {received:%a %b %d %H:%M:%S %Y}\n".encode() + payload + b"\n")
        (ref,) = {listed.ref for listed in self.source.discover(EPOCH)} - known
        return ref


class CrashError(Exception):
    """The process ends here, as far as the source can tell."""


@dataclass
class Journal:
    """Keeps the steps. `at` is called with each step, before it is durable when `early`, else after."""

    at: Callable[[str], None] = lambda _step: None
    early: bool = False
    steps: list[str] = field(default_factory=list)

    def record(self, step: str) -> None:
        if self.early:
            self.at(step)
        self.steps.append(step)
        if not self.early:
            self.at(step)


def crash_at(wanted: str, first: Callable[[], None] = lambda: None) -> Callable[[str], None]:
    def at(step: str) -> None:
        if step == wanted:
            first()
            raise CrashError

    return at


def do_at(wanted: str, what: Callable[[], None]) -> Callable[[str], None]:
    return lambda step: what() if step == wanted else None


def prepared(world: World, ref: SourceRef) -> WriteBack:
    message = world.source.fetch(ref)
    plan = json.loads(json.dumps(dict(world.source.plan(message))))
    return WriteBack(JOB, ref, digest(message.payload), digest(REDACTED), plan)


def recovered(world: World, write: WriteBack, journal: Journal) -> Replaced | None:
    write = replace(write, step=journal.steps[-1] if journal.steps else "PREPARED")
    return world.source.recover(write, digest, journal.steps.append)


def _world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    match request.param:
        case "memory":
            return MemoryWorld()
        case "maildir":
            return MaildirWorld(tmp_path / "Maildir")
        case _:
            return ImapWorld(request.param, request)


@pytest.fixture(params=["memory", "maildir", *IMAP])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    world = _world(request, tmp_path)
    yield world
    world.source.close()


following = pytest.mark.parametrize("world", FOLLOWING, indirect=True)


def at_steps(last: int | None = None, worlds: Sequence[str] = tuple(STEPS_OF)) -> pytest.MarkDecorator:
    """Each step of each world, up to `last`."""
    cases = [(kind, step) for kind in worlds for step in STEPS_OF[kind][:last]]
    return pytest.mark.parametrize(("world", "step"), cases, indirect=["world"])


@pytest.fixture
def maildir(tmp_path: Path) -> MaildirWorld:
    return MaildirWorld(tmp_path / "Maildir")


class Readable(Protocol):
    @property
    def source(self) -> Source: ...
    def add(self, payload: bytes, received: datetime, folder: str = "INBOX", flags: str = "S") -> SourceRef: ...


@pytest.fixture(params=["memory", "maildir", "mbox", *IMAP])
def readable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Readable]:
    if request.param == "mbox":
        yield MboxWorld(tmp_path / "mbox")
        return
    world = _world(request, tmp_path)
    yield world
    world.source.close()


# reading


def test_lists_what_came_since_oldest_first(readable: Readable) -> None:
    whole = NOON.replace(microsecond=0)
    late, early, before = (
        readable.add(mail(number), whole + timedelta(hours=hours)) for number, hours in ((1, 2), (2, 1), (3, -1))
    )
    assert [listed.ref for listed in readable.source.discover(whole)] == [early, late]
    listed = list(readable.source.discover(whole - timedelta(hours=1)))
    assert [one.ref for one in listed] == [before, early, late]
    assert [one.received for one in listed] == [whole + timedelta(hours=hours) for hours in (-1, 1, 2)]
    assert all(one.size >= len(mail(1)) - 1 for one in listed)


def test_fetches_the_very_bytes(readable: Readable) -> None:
    ref = readable.add(ORIGINAL, NOON.replace(microsecond=0))
    message = readable.source.fetch(ref)
    assert message.payload == ORIGINAL
    assert (message.ref, message.media_type, message.channel) == (ref, "message/rfc822", "email")
    assert message.received == NOON.replace(microsecond=0)
    assert (message.sender.name, message.sender.email) == ("Sanne", "sanne@klant.example")
    assert message.thread == ()


def test_a_message_is_found_by_its_content_under_another_name(world: World) -> None:
    payload = mail(1)
    world.add(mail(2), NOON)
    ref = world.add(payload, NOON, folder="Archief")
    source = world.source
    assert source.find(len(payload), lambda found: found == payload) == ref
    assert source.find(len(payload), lambda _: False) is None
    assert source.find(len(payload) + 1, lambda _: True) is None


def test_a_message_that_is_not_there_is_gone(readable: Readable) -> None:
    readable.add(ORIGINAL, NOON)
    ref = SourceRef(readable.source.name, ".", "9999999-10", "00000000")
    with pytest.raises(MessageGone):
        readable.source.fetch(ref)
    assert readable.source.last_activity(ref) is None
    assert readable.source.appeared(ref) is None


def test_nothing_shows_a_sender_or_text_in_a_repr(readable: Readable) -> None:
    ref = readable.add(ORIGINAL, NOON)
    shown = repr((readable.source.fetch(ref), list(readable.source.discover(EPOCH)), readable.source))
    assert "sanne" not in shown.lower()
    assert "000000012" not in shown


def test_the_thread_holds_what_was_written_before_by_whom(readable: Readable) -> None:
    start = NOON.replace(microsecond=0)
    first = mail(10)
    claimed = mail(11, "Wat is uw IBAN?", f"Desk <{DESK.upper()}>", "<m10@klant.example>")
    own = mail(12, refs="<m10@klant.example> <m11@klant.example>")
    later = mail(13, refs="<m12@klant.example>")
    readable.add(first, start)
    readable.add(claimed, start + timedelta(hours=1))
    ref = readable.add(own, start + timedelta(hours=2))
    readable.add(later, start + timedelta(hours=3))
    readable.add(mail(14), start)
    turns = readable.source.thread(readable.source.fetch(ref))
    assert [(turn.payload, turn.from_desk, turn.evidence) for turn in turns] == [
        (first, False, "source"),
        (claimed, True, "claimed"),
    ]
    assert [turn.sent for turn in turns] == [start, start + timedelta(hours=1)]
    assert readable.source.last_activity(ref) == start + timedelta(hours=3)
    assert readable.source.closed(ref) is None


def test_a_mail_without_references_has_no_thread(readable: Readable) -> None:
    readable.add(mail(1), NOON)
    ref = readable.add(mail(2), NOON + timedelta(hours=1))
    assert list(readable.source.thread(readable.source.fetch(ref))) == []


def test_check_and_close_are_quiet_where_all_is_well(readable: Readable) -> None:
    readable.add(ORIGINAL, NOON)
    readable.source.check()
    readable.source.close()
    assert readable.source.capabilities.threads


def test_what_stands_in_a_sent_folder_is_the_desks(world: World) -> None:
    asked = mail(21, "Wat is uw adres?", "Joris <joris@elders.example>", "<m20@klant.example>")
    world.add(asked, NOON, folder="Sent")
    ref = world.add(mail(22, refs="<m21@klant.example>"), NOON + timedelta(hours=1))
    (turn,) = world.source.thread(world.source.fetch(ref))
    assert (turn.from_desk, turn.evidence, turn.payload) == (True, "source", asked)


# replacing


def test_a_replaced_message_keeps_flags_folder_and_date(world: World) -> None:
    ref = world.add(ORIGINAL, NOON, flags="FRS")
    other = world.add(mail(2), NOON)
    write = prepared(world, ref)
    journal = Journal()
    replaced = world.source.replace(write, REDACTED, digest, journal.record)
    assert replaced.ref is not None
    assert replaced.ref != ref
    assert world.source.fetch(replaced.ref).payload == REDACTED
    assert journal.steps == list(STEPS_OF[world.kind])
    assert Survivor(REDACTED, "INBOX", "FRS", NOON) in world.survivors()
    assert len(world.survivors()) == 2
    assert world.source.fetch(other).payload == mail(2)
    with pytest.raises(MessageGone):
        world.source.fetch(ref)
    assert [listed.ref for listed in world.source.discover(NOON)] == sorted(
        [other, replaced.ref], key=lambda one: one.item
    )
    assert not world.leftovers()


def test_a_byte_identical_copy_elsewhere_is_reported(world: World) -> None:
    ref = world.add(ORIGINAL, NOON)
    world.add(ORIGINAL, NOON, folder="Archief")
    world.add(ORIGINAL.replace(b"000000012", b"000000013"), NOON, folder="Sent")
    replaced = world.source.replace(prepared(world, ref), REDACTED, digest, Journal().record)
    remains = [copy.place for copy in replaced.copies if copy.state is CopyState.REMAINS]
    assert remains == ["folder:Archief"]
    assert len(world.survivors()) == 3


def test_another_payload_than_announced_is_refused(world: World) -> None:
    ref = world.add(ORIGINAL, NOON)
    with pytest.raises(SourceError):
        world.source.replace(prepared(world, ref), REDACTED + b"x", digest, Journal().record)
    assert [one.payload for one in world.survivors()] == [ORIGINAL]


@following
def test_a_message_that_changed_before_is_left_alone(world: World) -> None:
    ref = world.add(ORIGINAL, NOON)
    write = prepared(world, ref)
    world.rewrite(ref, b"other")
    with pytest.raises(MessageChanged):
        world.source.replace(write, REDACTED, digest, Journal().record)
    assert [one.payload for one in world.survivors()] == [b"other"]
    assert not world.leftovers()


def test_a_message_that_vanished_before_is_gone(world: World) -> None:
    ref = world.add(ORIGINAL, NOON)
    write = prepared(world, ref)
    world.delete(ref)
    with pytest.raises(MessageGone):
        world.source.replace(write, REDACTED, digest, Journal().record)
    assert world.survivors() == []
    assert not world.leftovers()


# other programs, while a message is being replaced


@at_steps(3)
def test_flags_that_change_meanwhile_are_carried_over(world: World, step: str) -> None:
    ref = world.add(ORIGINAL, NOON, flags="FS")
    journal = Journal(do_at(step, lambda: world.flag(ref, "RS")))
    replaced = world.source.replace(prepared(world, ref), REDACTED, digest, journal.record)
    assert replaced.ref
    assert world.survivors() == [Survivor(REDACTED, "INBOX", "RS", NOON)]
    assert not world.leftovers()


@at_steps(3, FOLLOWING)
def test_a_move_meanwhile_is_followed(world: World, step: str) -> None:
    ref = world.add(ORIGINAL, NOON)
    journal = Journal(do_at(step, lambda: world.move(ref, "Archief")))
    replaced = world.source.replace(prepared(world, ref), REDACTED, digest, journal.record)
    assert replaced.ref
    assert world.source.fetch(replaced.ref).payload == REDACTED
    assert world.survivors() == [Survivor(REDACTED, "Archief", "S", NOON)]
    assert not world.leftovers()


@at_steps(3)
def test_a_deletion_meanwhile_is_obeyed(world: World, step: str) -> None:
    ref = world.add(ORIGINAL, NOON)
    journal = Journal(do_at(step, lambda: world.delete(ref)))
    if step == "WRITTEN":
        with pytest.raises(MessageGone):
            world.source.replace(prepared(world, ref), REDACTED, digest, journal.record)
    else:
        assert world.source.replace(prepared(world, ref), REDACTED, digest, journal.record).ref is None
    assert world.survivors() == []
    assert not world.leftovers()


@at_steps(3, FOLLOWING)
def test_a_rewrite_meanwhile_wins(world: World, step: str) -> None:
    ref = world.add(ORIGINAL, NOON)
    journal = Journal(do_at(step, lambda: world.rewrite(ref, b"other")))
    with pytest.raises(MessageChanged):
        world.source.replace(prepared(world, ref), REDACTED, digest, journal.record)
    assert [one.payload for one in world.survivors()] == [b"other"]
    assert not world.leftovers()


@pytest.mark.parametrize("what", ["delete", "rewrite"])
def test_a_new_message_that_is_lost_leaves_the_original(world: World, what: str) -> None:
    ref = world.add(ORIGINAL, NOON)
    write = prepared(world, ref)

    def lose() -> None:
        if what == "delete" or world.kind in IMAP:
            world.delete(world.new(write))
        else:
            world.rewrite(world.new(write), b"half a mess")

    journal = Journal(do_at(PLACED[world.kind], lose))
    with pytest.raises(SourceError):
        world.source.replace(write, REDACTED, digest, journal.record)
    assert [one.payload for one in world.survivors()] == [ORIGINAL]
    assert recovered(world, write, journal) is None
    assert [one.payload for one in world.survivors()] == [ORIGINAL]


@pytest.mark.parametrize("what", ["delete", "both"])
def test_a_new_message_that_another_program_deletes_at_the_end(world: World, what: str) -> None:
    ref = world.add(ORIGINAL, NOON)
    write = prepared(world, ref)

    def remove() -> None:
        world.delete(world.new(write))
        if what == "both":
            world.delete(ref)

    journal = Journal(do_at(PLACED[world.kind], remove))
    with pytest.raises(SourceError):
        world.source.replace(write, REDACTED, digest, journal.record)
    outcome = recovered(world, write, journal)
    if what == "both":
        assert outcome
        assert outcome.ref is None
        assert world.survivors() == []
    else:
        assert outcome is None
        assert [one.payload for one in world.survivors()] == [ORIGINAL]


# crashes


@pytest.mark.parametrize("early", [True, False], ids=["not recorded", "recorded"])
@at_steps()
def test_after_a_crash_exactly_one_copy_stands(world: World, step: str, early: bool) -> None:
    ref = world.add(ORIGINAL, NOON, flags="FS")
    write = prepared(world, ref)
    journal = Journal(crash_at(step), early)
    with pytest.raises(CrashError):
        world.source.replace(write, REDACTED, digest, journal.record)
    assert {one.payload for one in world.survivors()} & {ORIGINAL, REDACTED}
    outcomes = [recovered(world, write, journal) for _ in range(3)]
    assert outcomes[1:] == outcomes[:-1], "recovering again changes nothing"
    assert not world.leftovers()
    if step == "WRITTEN":
        assert outcomes[0] is None
        assert world.survivors() == [Survivor(ORIGINAL, "INBOX", "FS", NOON)]
        assert world.source.replace(write, REDACTED, digest, Journal().record).ref
    else:
        assert outcomes[0]
        assert outcomes[0].ref
        assert world.source.fetch(outcomes[0].ref).payload == REDACTED
    assert world.survivors() == [Survivor(REDACTED, "INBOX", "FS", NOON)]


@pytest.mark.parametrize("early", [True, False], ids=["not recorded", "recorded"])
@at_steps(3, FOLLOWING)
@pytest.mark.parametrize("what", ["flag", "move", "delete", "rewrite"])
def test_other_programs_between_crash_and_recovery(world: World, step: str, early: bool, what: str) -> None:
    ref = world.add(ORIGINAL, NOON, flags="S")
    write = prepared(world, ref)
    interfere: dict[str, Callable[[], None]] = {
        "flag": lambda: world.flag(ref, "FS"),
        "move": lambda: world.move(ref, "Archief"),
        "delete": lambda: world.delete(ref),
        "rewrite": lambda: world.rewrite(ref, b"other"),
    }
    journal = Journal(crash_at(step, interfere[what]), early)
    with pytest.raises(CrashError):
        world.source.replace(write, REDACTED, digest, journal.record)
    outcome = recovered(world, write, journal)
    assert recovered(world, write, journal) == outcome
    assert not world.leftovers()
    placed = step != "WRITTEN"
    content = REDACTED if placed else ORIGINAL
    expected = {
        "flag": [Survivor(content, "INBOX", "FS", NOON)],
        "move": [Survivor(content, "Archief", "S", NOON)],
        "delete": [Survivor(REDACTED, "INBOX", "S", NOON)] if placed else [],
    }
    if what == "rewrite":
        assert [one.payload for one in world.survivors()] == [b"other"]
        assert outcome is None
    else:
        assert world.survivors() == expected[what]
        assert (outcome is not None and outcome.ref is not None) is placed


@pytest.mark.parametrize("early", [True, False], ids=["not recorded", "recorded"])
@at_steps(3, IMAP)
@pytest.mark.parametrize("what", ["flag", "move", "delete"])
def test_other_clients_between_crash_and_recovery(world: World, step: str, early: bool, what: str) -> None:
    """Where a moved message is another one: it is left where it stands, once, to be listed anew."""
    ref = world.add(ORIGINAL, NOON, flags="S")
    write = prepared(world, ref)
    interfere: dict[str, Callable[[], None]] = {
        "flag": lambda: world.flag(ref, "FS"),
        "move": lambda: world.move(ref, "Archief"),
        "delete": lambda: world.delete(ref),
    }
    journal = Journal(crash_at(step, interfere[what]), early)
    with pytest.raises(CrashError):
        world.source.replace(write, REDACTED, digest, journal.record)
    if what == "move":
        for _ in range(2):
            if journal.steps:
                with pytest.raises(MessageGone):
                    recovered(world, write, journal)
            else:
                with suppress(MessageGone):
                    recovered(world, write, journal)
        assert world.survivors() == [Survivor(ORIGINAL, "Archief", "S", NOON)]
    else:
        outcome = recovered(world, write, journal)
        assert outcome
        assert outcome.ref
        assert recovered(world, write, journal) == outcome
        assert world.survivors() == [Survivor(REDACTED, "INBOX", "FS" if what == "flag" else "S", NOON)]
    assert not world.leftovers()


@at_steps(3, IMAP)
def test_a_move_meanwhile_makes_it_another_message(world: World, step: str) -> None:
    ref = world.add(ORIGINAL, NOON)
    journal = Journal(do_at(step, lambda: world.move(ref, "Archief")))
    with pytest.raises(MessageGone):
        world.source.replace(prepared(world, ref), REDACTED, digest, journal.record)
    assert world.survivors() == [Survivor(ORIGINAL, "Archief", "S", NOON)]
    assert not world.leftovers()


def test_both_deleted_after_a_crash(world: World) -> None:
    ref = world.add(ORIGINAL, NOON)
    write = prepared(world, ref)
    journal = Journal(crash_at(PLACED[world.kind]))
    with pytest.raises(CrashError):
        world.source.replace(write, REDACTED, digest, journal.record)
    for listed in list(world.source.discover(EPOCH)):
        world.delete(listed.ref)
    outcome = recovered(world, write, journal)
    assert outcome
    assert outcome.ref is None
    assert world.survivors() == []


@following
@pytest.mark.parametrize("original", [True, False])
def test_a_placed_message_with_other_content(world: World, original: bool) -> None:
    """Cut off by a power failure while the original stands: removed. The only copy: never touched."""
    ref = world.add(ORIGINAL, NOON)
    write = prepared(world, ref)
    journal = Journal(crash_at("REMOVING"))
    with pytest.raises(CrashError):
        world.source.replace(write, REDACTED, digest, journal.record)
    world.rewrite(SourceRef(ref.source, ".", write.plan.get("name") or write.plan["item"]), REDACTED[:20])
    if original:
        assert recovered(world, write, journal) is None
        assert [one.payload for one in world.survivors()] == [ORIGINAL]
        return
    world.delete(ref)
    for _ in range(2):
        with pytest.raises(MessageGone):
            recovered(world, write, journal)
    assert [one.payload for one in world.survivors()] == [REDACTED[:20]]


# a Maildir as a real process meets it


def test_a_new_message_stays_new(maildir: MaildirWorld) -> None:
    ref = maildir.add_new(ORIGINAL)
    replaced = maildir.source.replace(prepared(maildir, ref), REDACTED, digest, Journal().record)
    assert replaced.ref
    assert [path.relative_to(maildir.root).as_posix() for path in maildir.files()] == [f"new/{replaced.ref.item}"]


@pytest.mark.parametrize("step", STEPS[:3])
@pytest.mark.parametrize("crash", [True, False])
def test_a_new_message_that_is_read_meanwhile(maildir: MaildirWorld, step: str, crash: bool) -> None:
    ref = maildir.add_new(ORIGINAL)
    write = prepared(maildir, ref)

    def seen() -> None:
        maildir.flag(ref, "")

    journal = Journal(crash_at(step, seen) if crash else do_at(step, seen))
    if crash:
        with pytest.raises(CrashError):
            maildir.source.replace(write, REDACTED, digest, journal.record)
        recovered(maildir, write, journal)
    else:
        maildir.source.replace(write, REDACTED, digest, journal.record)
    (path,) = maildir.files()
    assert path.parent.name == "cur"
    assert path.name.endswith(":2,")


@pytest.mark.parametrize("crash", [True, False])
@pytest.mark.parametrize("step", STEPS[:3])
def test_a_move_under_a_new_name_is_followed_by_content(maildir: MaildirWorld, step: str, crash: bool) -> None:
    """So Dovecot moves: a link with a new base name in the other folder, then an expunge."""
    ref = maildir.add(ORIGINAL, NOON, flags="S")
    write = prepared(maildir, ref)
    target = maildir.root / ".Archief" / "cur" / "1700000009.M9P9.host:2,FS"

    def rename() -> None:
        maildir.path(ref).rename(target)

    journal = Journal(crash_at(step, rename) if crash else do_at(step, rename))
    outcome: Replaced | None = None
    if crash:
        with pytest.raises(CrashError):
            maildir.source.replace(write, REDACTED, digest, journal.record)
        outcome = recovered(maildir, write, journal)
        assert recovered(maildir, write, journal) == outcome
    elif step == "WRITTEN":
        with pytest.raises(MessageGone):
            maildir.source.replace(write, REDACTED, digest, journal.record)
    else:
        outcome = maildir.source.replace(write, REDACTED, digest, journal.record)
    if step == "WRITTEN":
        assert outcome is None
        assert maildir.survivors() == [Survivor(ORIGINAL, "Archief", "FS", NOON)]
    elif crash and step == "REMOVING":
        # Who removed it can't be known any more; what is left is named.
        assert outcome
        assert "folder:Archief" in {copy.place for copy in outcome.copies}
        assert {one.payload for one in maildir.survivors()} == {ORIGINAL, REDACTED}
    else:
        assert maildir.survivors() == [Survivor(REDACTED, "Archief", "FS", NOON)]


def _changes(event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        flags = arguments[2]
        return isinstance(flags, int) and bool(flags & os.O_CREAT)
    return event in {"os.rename", "os.remove", "os.utime", "os.chmod", "os.chown"}


def killed(work: Callable[[], object], nth: int) -> bool:
    """Run `work` in a child that is gone just before its nth change on disk. False: it got through."""
    child = os.fork()
    if child == 0:
        left = nth

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if _changes(event, arguments):
                if left == 0:
                    os._exit(9)
                left -= 1

        try:
            sys.addaudithook(hook)
            work()
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 9}
    return code == 9


class FileJournal:
    """Steps in a file: what a real process leaves behind."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, step: str) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        os.write(handle, f"{step}\n".encode())
        os.close(handle)

    @property
    def step(self) -> str:
        steps = self._path.read_text().split()
        return steps[-1] if steps else "PREPARED"


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], tuple[MaildirWorld, WriteBack, FileJournal]]:
    number = 0

    def make() -> tuple[MaildirWorld, WriteBack, FileJournal]:
        nonlocal number
        number += 1
        home = tmp_path / str(number)
        world = MaildirWorld(home / "Maildir")
        world.add(mail(2), NOON)
        ref = world.add(ORIGINAL, NOON, flags="FS")
        (home / "journal").touch()
        return world, prepared(world, ref), FileJournal(home / "journal")

    return make


def test_killed_before_every_change_on_disk(fresh: Callable[[], tuple[MaildirWorld, WriteBack, FileJournal]]) -> None:
    """Killed in `replace` at each point, and again in `recover` at each point: one copy, the other mail as it was."""
    kills = 0
    for first in range(100):
        again = True
        second = 0
        while again:
            world, write, journal = fresh()
            through = not killed(lambda: world.source.replace(write, REDACTED, digest, journal.record), first)  # noqa: B023 - run at once
            again = not through and killed(
                lambda: world.source.recover(replace(write, step=journal.step), digest, journal.record),  # noqa: B023 - run at once
                second,
            )
            kills += again
            second += 1
            outcome = world.source.recover(replace(write, step=journal.step), digest, journal.record)
            content = REDACTED if outcome and outcome.ref else ORIGINAL
            assert sorted(world.survivors(), key=lambda one: one.payload) == sorted(
                [Survivor(mail(2), "INBOX", "S", NOON), Survivor(content, "INBOX", "FS", NOON)],
                key=lambda one: one.payload,
            )
            assert not world.leftovers()
        if through:
            assert content == REDACTED
            break
    assert first >= 5
    assert kills >= 5


def test_flags_that_never_stop_changing(maildir: MaildirWorld) -> None:
    """Another process flags the messages as fast as it can while they are replaced: none is lost, each has one copy."""
    refs = [maildir.add(mail(number), NOON, flags="S") for number in range(3, 23)]
    child = os.fork()
    if child == 0:
        try:
            while True:
                for path in (maildir.root / "cur").iterdir():
                    base, _, flags = path.name.partition(":2,")
                    try:
                        path.rename(path.with_name(f"{base}:2,{'FS' if flags == 'S' else 'S'}"))
                    except FileNotFoundError:
                        continue
        finally:
            os._exit(0)
    done = 0
    try:
        for ref in refs:
            write = prepared(maildir, ref)
            replaced = maildir.source.replace(write, REDACTED, digest, Journal().record)
            done += replaced.ref is not None
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert done == len(refs)
    assert [one.payload for one in maildir.survivors()] == [REDACTED] * len(refs)
    assert {one.flags for one in maildir.survivors()} <= {"S", "FS"}
    assert not maildir.leftovers()
