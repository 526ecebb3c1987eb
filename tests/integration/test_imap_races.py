"""The worker in a mailbox where other people work: on a real Dovecot, with their hands in between any two of its steps.

Whatever they do: nothing is lost or doubled, flags are as they left them, no original is left, other mail is untouched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from scrubber.sources.imap.box import Box
from scrubber.sources.imap.places import Place
from scrubber.sources.imap.removal import Removal
from scrubber.sources.imap.wire import Wire
from tests.mailservers.at_work import STEPS, Desk, Stands, Value, imap_settings, mail, of, redacted, standing
from tests.mailservers.dovecot import Account, Dovecot

RECEIVED = datetime(2026, 11, 2, 11, 30, 5, tzinfo=UTC)
TARGET = 2
MINE = frozenset({"\\Seen", "klant"})


@dataclass
class Office:
    """A mailbox with a mail that must be redacted between two that are none of our business, and a colleague in it."""

    desk: Desk
    colleague: IMAPClient
    server: Dovecot
    account: Account

    def look(self) -> list[Stands]:
        return standing(self.colleague)

    def target(self) -> list[Stands]:
        return of(TARGET, self.look())

    def bystanders(self) -> list[Stands]:
        return of(1, self.look()) + of(3, self.look())

    def original(self) -> Stands | None:
        """Where the mail stands as it came."""
        return next((one for one in self.target() if not one.clean), None)

    def open(self, one: Stands) -> IMAPClient:
        self.colleague.select_folder(one.folder)
        return self.colleague

    # what a colleague does to one message

    def move(self, one: Stands) -> None:
        self.open(one).move([one.uid], "Archief")

    def copy(self, one: Stands) -> None:
        self.open(one).copy([one.uid], "Archief")

    def delete(self, one: Stands) -> None:
        client = self.open(one)
        client.add_flags([one.uid], ["\\Deleted"])
        client.uid_expunge([one.uid])

    def flag(self, one: Stands) -> None:
        client = self.open(one)
        client.add_flags([one.uid], ["\\Flagged", "spoed"])
        client.remove_flags([one.uid], ["\\Seen"])

    def mark_deleted(self, one: Stands) -> None:
        self.open(one).add_flags([one.uid], ["\\Deleted"])

    def undelete(self, one: Stands) -> None:
        self.open(one).remove_flags([one.uid], ["\\Deleted"])

    # what must be so in the end

    def settle(self) -> None:
        """Run on until nothing changes: two more cycles, the second of which does nothing."""
        self.desk.run()
        self.colleague = self.server.connect(self.account)  # Dovecot breaks with who had a renamed folder open
        before = self.look()
        assert not self.desk.run().outcomes
        assert self.look() == before
        assert self.desk.in_flight() == 0

    def recorded(self) -> list[str]:
        return [entry.outcome for entry in self.desk.entries() if entry.outcome != "CLEAN"]


Open = Callable[..., Office]


@pytest.fixture
def office(dovecot: Dovecot, tmp_path: Path) -> Open:
    def make(flags: frozenset[str] = MINE, storage: str = "maildir", **settings: Value) -> Office:
        account = dovecot.account(storage)  # type: ignore[arg-type]  # the test's parameter
        colleague = dovecot.connect(account)
        colleague.create_folder("Archief")
        colleague.append("INBOX", mail(1, "Dank u wel."), ["\\Deleted"], RECEIVED)  # a colleague may still want it back
        colleague.append("INBOX", mail(TARGET), sorted(flags), RECEIVED)
        colleague.append("INBOX", mail(3, "Tot ziens."), ["\\Flagged", "klant"], RECEIVED)
        usual: dict[str, Value] = {"folders": ["INBOX", "Archief"]}
        where: dict[str, Value] = {"host": dovecot.host, "port": dovecot.port}
        who: dict[str, Value] = {"user": account.name, "password": account.password}
        desk = Desk(tmp_path, imap_settings(**where, **who, **usual | settings))
        return Office(desk, colleague, dovecot, account)

    return make


def once(step: str, do: Callable[[], object]) -> Callable[[str], None]:
    """Do it the first time that this step is written down."""
    left = [do]

    def act(now: str) -> None:
        if now == step and left:
            left.pop()()

    return act


@pytest.mark.parametrize("storage", ["maildir", "mdbox"])
def test_alone(office: Open, storage: str) -> None:
    here = office(storage=storage)
    before = here.bystanders()
    steps: list[str] = []
    here.desk.run(steps.append)
    assert steps == list(STEPS)
    assert [(one.payload, one.flags, one.received) for one in here.target()] == [(redacted(mail(2)), MINE, RECEIVED)]
    assert here.bystanders() == before
    here.settle()
    assert here.recorded() == ["REDACTED"]


@pytest.mark.parametrize("die", [False, True], ids=["alive", "killed"])
@pytest.mark.parametrize("step", STEPS)
class TestSomeoneElse:
    """`die`: our process is killed at the same moment, so that what they did is met by the recovery."""

    @staticmethod
    def between(here: Office, step: str, die: bool, do: Callable[[], object], *, most: int = 1) -> None:
        before = here.bystanders()
        if die:
            assert here.desk.killed_at(step, do)
        else:
            here.desk.run(once(step, do))
        here.settle()
        assert here.bystanders() == before
        assert all(one.clean for one in here.look()), "no original is left"
        assert here.recorded().count("REDACTED") <= most

    def test_moves_it(self, office: Open, step: str, die: bool) -> None:
        here = office()

        def do() -> None:
            here.move(here.original() or here.target()[0])

        self.between(here, step, die, do)
        assert [(one.payload, one.flags) for one in here.target()] == [(redacted(mail(2)), MINE)]
        assert [one.folder for one in here.target()] == ["Archief"]
        assert here.recorded() == ["REDACTED"]

    def test_copies_it(self, office: Open, step: str, die: bool) -> None:
        here = office()
        self.between(here, step, die, lambda: here.copy(here.original() or here.target()[0]), most=2)
        stands = here.target()
        assert {one.payload for one in stands} == {redacted(mail(2))}
        assert "INBOX" in [one.folder for one in stands]
        assert len(stands) <= 2

    def test_deletes_it(self, office: Open, step: str, die: bool) -> None:
        here = office()
        original = here.original()
        assert original
        self.between(here, step, die, lambda: here.delete(original))
        left = here.target()
        if step == "PREPARED" or (not die and step in {"APPENDED", "VERIFIED"}):
            assert left == [], "the deletion is obeyed"
        else:
            assert [one.payload for one in left] in ([], [redacted(mail(2))])
        if step in {"EXPUNGED", "SWEPT", "DONE"}:
            assert left, "there was nothing to delete any more"

    def test_deletes_what_came_in_its_place(self, office: Open, step: str, die: bool) -> None:
        here = office()
        expected = [redacted(mail(2))]

        def do() -> None:
            for one in here.target():
                if one.clean:
                    here.delete(one)
                    if here.original() is None:
                        expected.clear()

        self.between(here, step, die, do)
        assert [one.payload for one in here.target()] == expected

    def test_flags_it(self, office: Open, step: str, die: bool) -> None:
        here = office()

        def do() -> None:
            here.flag(here.original() or here.target()[0])

        self.between(here, step, die, do)
        wanted = frozenset({"\\Flagged", "spoed", "klant"})
        if die:  # who saw both may have meant either: what was put on stays, what was taken off may be back
            assert [one.flags - {"\\Seen"} for one in here.target()] == [wanted]
        else:
            assert [one.flags for one in here.target()] == [wanted]
        assert here.recorded() == ["REDACTED"]

    def test_marks_it_deleted(self, office: Open, step: str, die: bool) -> None:
        """\\Deleted without an expunge: they may yet take it back, so it must not vanish."""
        here = office()
        marked: list[Stands] = []

        def do() -> None:
            marked.append(here.original() or here.target()[0])
            here.mark_deleted(marked[0])

        if step == "PREPARED":  # thrown away before we began: it is left, as it was
            if die:
                here.desk.killed_at(step, do)
            else:
                here.desk.run(once(step, do))
            here.settle()
            assert [(one.payload, one.flags) for one in here.target()] == [(mail(2), MINE | {"\\Deleted"})]
            here.undelete(here.target()[0])
            here.settle()
            assert [(one.payload, one.flags) for one in here.target()] == [(redacted(mail(2)), MINE)]
            return
        self.between(here, step, die, do)
        (one,) = here.target()
        assert one.payload == redacted(mail(2))
        if not die:
            assert "\\Deleted" in one.flags

    def test_takes_back_a_deletion(self, office: Open, step: str, die: bool) -> None:
        """Marked as deleted from the start on, and no longer: then it is a mail like any other."""
        here = office()
        before = here.target()[0]
        here.mark_deleted(before)
        assert not [outcome for outcome in here.desk.run().outcomes if outcome != "CLEAN"]
        assert [one.flags for one in here.target()] == [MINE | {"\\Deleted"}], "a mail that is thrown away is left"
        here.undelete(before)

        def do() -> None:
            one = here.original() or here.target()[0]
            here.mark_deleted(one)
            here.undelete(one)

        self.between(here, step, die, do)
        assert [(one.payload, one.flags) for one in here.target()] == [(redacted(mail(2)), MINE)]

    def test_renames_the_folder(self, office: Open, step: str, die: bool) -> None:
        here = office(folders=["Werk", "Klaar"])
        here.colleague.create_folder("Werk")
        here.colleague.create_folder("Klaar")
        original = here.original()
        assert original
        here.open(original).move([original.uid], "Werk")

        def do() -> None:
            here.colleague.unselect_folder()
            here.colleague.delete_folder("Klaar")
            here.colleague.rename_folder("Werk", "Klaar")
            here.colleague.create_folder("Werk")

        self.between(here, step, die, do)
        assert [(one.payload, one.flags, one.folder) for one in here.target()] == [(redacted(mail(2)), MINE, "Klaar")]

    def test_deletes_the_folder(self, office: Open, step: str, die: bool) -> None:
        here = office(folders=["INBOX", "Werk"])
        here.colleague.create_folder("Werk")
        original = here.original()
        assert original
        here.open(original).move([original.uid], "Werk")

        def do() -> None:
            here.colleague.unselect_folder()
            here.colleague.delete_folder("Werk")
            here.colleague.create_folder("Werk")

        self.between(here, step, die, do)
        assert [one.payload for one in here.target()] in ([], [redacted(mail(2))])

    def test_new_mail_arrives(self, office: Open, step: str, die: bool) -> None:
        here = office()
        self.between(here, step, die, lambda: here.colleague.append("INBOX", mail(4), [], RECEIVED), most=2)
        assert [one.payload for one in here.target()] == [redacted(mail(2))]
        assert [one.payload for one in of(4, here.look())] == [redacted(mail(4))]

    def test_the_folder_is_renumbered(self, office: Open, step: str, die: bool) -> None:
        here = office()
        bystanders = [(one.payload, one.flags) for one in here.bystanders()]

        def do() -> None:
            here.server.renumber(here.account, "INBOX")

        if die:
            assert here.desk.killed_at(step, do)
        else:
            here.desk.run(once(step, do))
        here.colleague = here.server.connect(here.account)
        here.settle()
        assert [(one.payload, one.flags) for one in here.bystanders()] == bystanders
        assert [(one.payload, one.flags) for one in here.target()] == [(redacted(mail(2)), MINE)]


def test_what_we_asked_for_before_we_died_is_done_while_we_look(office: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server gets to our EXPUNGE only now: the original, seen a moment ago, was not moved by anybody."""
    here = office()
    same = Box.same
    late: list[Stands] = []

    def marks() -> None:
        original = here.original()
        assert original is not None
        here.mark_deleted(original)
        late.append(original)

    def looked(box: Box, *what: Any, **more: Any) -> list[Place]:
        found = same(box, *what, **more)
        if late:
            one = late.pop()
            here.open(one).uid_expunge([one.uid])
        return found

    assert here.desk.killed_at("DELETING", marks)
    monkeypatch.setattr(Box, "same", looked)
    here.settle()
    assert not late
    assert [(one.payload, one.flags) for one in here.target()] == [(redacted(mail(2)), MINE)]
    assert here.recorded() == ["REDACTED"]


@pytest.mark.parametrize("die", [False, True], ids=["alive", "killed"])
def test_who_moves_what_we_marked_and_expunges_that_folder(
    office: Open, die: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Just before our mark comes off again: their EXPUNGE took the original because of it, so the new message stays."""
    here = office()
    unmark, expunge = Removal.unmark, Wire.expunge
    moved: list[bool] = []

    def moves() -> None:
        if not moved and (original := here.original()):
            here.open(original).add_flags([original.uid], ["\\Deleted"])  # our mark, where we are killed before it
            here.move(original)
            moved.append(True)

    def expunged(wire: Wire, uid: int) -> None:
        moves()
        expunge(wire, uid)

    def unmarked(removal: Removal, place: Place) -> None:
        assert place.folder == "Archief"
        here.colleague.select_folder(place.folder)
        here.colleague.expunge()
        unmark(removal, place)

    monkeypatch.setattr(Removal, "unmark", unmarked)
    if die:
        assert here.desk.killed_at("DELETING", moves)
    else:
        monkeypatch.setattr(Wire, "expunge", expunged)
        here.desk.run()
    here.settle()
    assert moved
    assert [(one.payload, one.flags) for one in here.target()] == [(redacted(mail(2)), MINE)]
    assert here.recorded() == ["REDACTED"]
