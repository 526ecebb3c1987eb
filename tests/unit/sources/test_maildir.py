from __future__ import annotations

import hashlib
import os
import socket
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from scrubber.errors import MessageChanged, MessageGone, SourceError, SourceUnwritable
from scrubber.finding import CopyState
from scrubber.message import SourceRef
from scrubber.sources.base import Replaced, WriteBack
from scrubber.sources.maildir import MaildirSource
from scrubber.sources.maildir_tree import Standing, Tree

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
MAIL = b"From: Sanne <sanne@klant.example>\nMessage-ID: <1@klant.example>\n\nBSN 000000012\n"
CLEAN = b"From: Sanne <sanne@klant.example>\nMessage-ID: <1@klant.example>\n\n[BSN verwijderd]\n"


@dataclass(frozen=True, slots=True)
class Box:
    """A Maildir and a source over it."""

    root: Path
    source: MaildirSource

    def put(self, where: str, payload: bytes = b"From: a@klant.example\n\nx\n", at: datetime = NOON) -> Path:
        """Write `where`, e.g. "cur/1.M1P1.host:2,S" or ".Sent/cur/…"; folders are made."""
        path = self.root / where
        for sub in ("tmp", "new", "cur"):
            (path.parent.parent / sub).mkdir(parents=True, exist_ok=True)
        path.write_bytes(payload)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def tree(self) -> list[str]:
        """All files, relative to the root."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if not path.is_dir())


@pytest.fixture
def make_box(tmp_path: Path) -> Callable[..., Box]:
    def make(**settings: object) -> Box:
        root = tmp_path / "Maildir"
        for sub in ("tmp", "new", "cur"):
            (root / sub).mkdir(parents=True, exist_ok=True)
        return Box(root, MaildirSource("post", root, **settings))  # type: ignore[arg-type]  # passed on as given

    return make


@pytest.fixture
def box(make_box: Callable[..., Box]) -> Box:
    return make_box()


def digest(payload: bytes) -> str:
    return hashlib.sha256(b"key" + payload).hexdigest()


def quiet(step: str) -> None:
    del step


def the_one(box: Box) -> SourceRef:
    (listed,) = box.source.discover(EPOCH)
    return listed.ref


def prepared(box: Box, ref: SourceRef) -> WriteBack:
    message = box.source.fetch(ref)
    return WriteBack("job", ref, digest(message.payload), digest(CLEAN), box.source.plan(message))


def run(box: Box, record: Callable[[str], None] = quiet) -> Replaced:
    return box.source.replace(prepared(box, the_one(box)), CLEAN, digest, record)


# listing and naming


def test_a_name_that_is_not_utf8_survives_a_database(box: Box) -> None:
    path = box.put("cur/plain:2,S", MAIL)
    os.rename(path, os.fsencode(path.parent) + b"/1.caf\xe9 %41:2,S")  # noqa: PTH104 - a name in bytes
    ref = the_one(box)
    (stored,) = sqlite3.connect(":memory:").execute("select ?", (ref.item,)).fetchone()
    assert box.source.fetch(replace(ref, item=stored)).payload == MAIL
    assert run(box).ref
    assert len(box.tree()) == 1


def test_what_is_listed(make_box: Callable[..., Box]) -> None:
    box = make_box(folders=("INBOX", "Archief/2026", ".Leeg", "inbox"))
    box.put("cur/a:2,S", at=NOON)
    box.put("new/b", at=NOON - timedelta(seconds=1))
    box.put(".Archief.2026/cur/c:2,", at=NOON + timedelta(seconds=1))
    box.put(".Anders/cur/d:2,")
    box.put("tmp/e")
    box.put("cur/.f:2,S")
    box.put("cur/g:2,S", at=NOON - timedelta(seconds=2))
    listed = list(box.source.discover(NOON - timedelta(seconds=1)))
    assert [one.ref.item for one in listed] == ["b", "a", "c"]
    assert {one.ref.container for one in listed} == {"."}
    assert [one.size for one in listed] == [len(b"From: a@klant.example\n\nx\n")] * 3


def test_a_name_that_stands_twice_is_listed_once(make_box: Callable[..., Box]) -> None:
    box = make_box(folders=("INBOX", "Archief"))
    box.put("cur/a:2,S", MAIL)
    box.put(".Archief/cur/a:2,S", MAIL)
    assert len(list(box.source.discover(EPOCH))) == 1


@pytest.mark.parametrize("name", ["", ".", "INBOX", "inbox", "/"])
def test_names_of_the_root(make_box: Callable[..., Box], name: str) -> None:
    box = make_box(folders=(name,))
    box.put("cur/a:2,S")
    box.source.check()
    assert the_one(box).item == "a"


def test_a_message_is_followed_to_a_folder_that_is_not_listed(box: Box) -> None:
    path = box.put("new/a", MAIL)
    ref = the_one(box)
    box.put(".Archief/cur/x:2,")
    path.rename(box.root / ".Archief" / "cur" / "a:2,RS")
    assert box.source.fetch(ref).payload == MAIL
    assert box.source.appeared(ref) is not None
    assert list(box.source.discover(EPOCH)) == []


def test_an_item_can_not_lead_outside(box: Box) -> None:
    (box.root.parent / "secret").write_text("x")
    for item in ("../../secret", "%2E%2E/secret", "", ".."):
        with pytest.raises(MessageGone):
            box.source.fetch(SourceRef("post", ".", item))


# check and capabilities


def test_check_names_setting_and_mend(box: Box, tmp_path: Path) -> None:
    box.source.check()
    with pytest.raises(SourceError, match="not a Maildir"):
        MaildirSource("post", tmp_path / "none").check()
    with pytest.raises(SourceError, match="`folders` names Weg, a Maildir folder"):
        MaildirSource("post", box.root, folders=("Weg",)).check()
    (box.root / "tmp").rmdir()
    with pytest.raises(SourceError, match="without tmp/"):
        box.source.check()


def test_a_mailbox_without_sent_mail_says_so(make_box: Callable[..., Box], tmp_path: Path) -> None:
    box = make_box(sent_folders=("Verstuurd",))
    sentence = "alleen uit citaten"
    assert box.source.capabilities.replaces
    assert any(sentence in limit for limit in box.source.capabilities.limits)
    box.put(".Verstuurd/cur/a:2,S")
    assert not any(sentence in limit for limit in box.source.capabilities.limits)
    assert MaildirSource("post", tmp_path / "none").capabilities.limits


def test_a_mailbox_that_went_away_is_not_a_mailbox_without_mail(box: Box) -> None:
    box.put("cur/a:2,S", MAIL)
    ref = the_one(box)
    box.root.rename(box.root.with_name("away"))
    for ask in (box.source.fetch, box.source.last_activity, box.source.appeared):
        with pytest.raises(SourceError) as caught:
            ask(ref)
        assert not isinstance(caught.value, MessageGone)
    with pytest.raises(SourceError):
        list(box.source.discover(EPOCH))


def test_errors_name_no_file(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    path = box.put("cur/Jansen:2,S", MAIL)
    ref = the_one(box)

    def denied(*arguments: object, **options: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(SourceError, match="EACCES") as caught:
        box.source.fetch(ref)
    assert "Jansen" not in str(caught.value)
    assert caught.value.__suppress_context__


# replacing


def test_mode_owner_and_time_are_the_originals(box: Box) -> None:
    path = box.put("cur/a:2,FS", MAIL)
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 1234, 2345)
    os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    before = path.stat()
    ref = run(box).ref
    assert ref
    status = (box.root / "cur" / f"{ref.item}:2,FS").stat()
    assert stat.S_IMODE(status.st_mode) == 0o640
    assert (status.st_uid, status.st_gid) == (before.st_uid, before.st_gid)
    assert status.st_mtime_ns == 1_700_000_000_123_456_789


def test_flags_that_are_no_letters_keep_their_text(box: Box) -> None:
    box.put("cur/a:2,SFa,x", MAIL)
    run(box)
    assert [name.partition(":")[2] for name in box.tree()] == ["2,SFa,x"]


def test_a_file_in_cur_without_flags_gets_an_empty_set(box: Box) -> None:
    box.put("cur/a", MAIL)
    run(box)
    assert box.tree()[0].endswith(":2,")


def test_new_names_are_safe_and_never_the_same(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.put("cur/a:2,S", MAIL)
    message = box.source.fetch(the_one(box))
    names = {box.source.plan(message)["name"] for _ in range(100)}
    assert len(names) == 100
    for host in ("../evil:2,S", "", "m\xe9il/x y", "..."):
        monkeypatch.setattr(socket, "gethostname", lambda host=host: host)
        name = box.source.plan(message)["name"]
        assert not set(name) & set("/:\xe9 ,")
        write = WriteBack("job", message.ref, "", digest(CLEAN), box.source.plan(message))
        assert box.source.recover(write, digest, quiet) is None


@pytest.mark.parametrize(
    "plan", [{}, {"name": "../x", "size": "1"}, {"name": "1.a.b/c", "size": "1"}, {"name": "1.a.b", "size": "x"}]
)
def test_a_plan_that_is_not_ours_is_refused(box: Box, plan: dict[str, str]) -> None:
    box.put("cur/a:2,S", MAIL)
    write = WriteBack("job", the_one(box), digest(MAIL), digest(CLEAN), plan)
    with pytest.raises(SourceError, match="plan"):
        box.source.replace(write, CLEAN, digest, quiet)
    with pytest.raises(SourceError, match="plan"):
        box.source.recover(write, digest, quiet)


@pytest.mark.parametrize("code", [28, 122, 30])
def test_a_disk_that_is_full_stops_before_anything_changes(
    box: Box, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    box.put("cur/a:2,S", MAIL)

    def full(descriptor: int, *, ns: tuple[int, int]) -> None:
        raise OSError(code, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "utime", full)
        with pytest.raises(SourceUnwritable):
            run(box)
    assert box.tree() == ["cur/a:2,S"]
    assert run(box).ref


def test_a_rename_that_fails_leaves_nothing(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.put("cur/a:2,S", MAIL)

    def broken(*arguments: object, **options: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "rename", broken)
    with pytest.raises(SourceError, match="EIO"):
        run(box)
    assert box.tree() == ["cur/a:2,S"]


def test_a_temporary_file_that_another_program_clears_away(box: Box) -> None:
    box.put("cur/a:2,S", MAIL)

    def clear(step: str) -> None:
        for path in (box.root / "tmp").iterdir():
            path.unlink()

    with pytest.raises(SourceError):
        run(box, clear)
    assert box.tree() == ["cur/a:2,S"]


def test_a_folder_that_is_renamed_meanwhile(make_box: Callable[..., Box]) -> None:
    box = make_box(folders=("Werk",))
    box.put(".Werk/cur/a:2,S", MAIL)

    def rename(step: str) -> None:
        if step == "REMOVING":
            (box.root / ".Werk").rename(box.root / ".Klaar")

    ref = run(box, rename).ref
    assert ref
    assert box.tree() == [f".Klaar/cur/{ref.item}:2,S"]


def test_a_folder_that_is_renamed_before_the_placing(make_box: Callable[..., Box]) -> None:
    box = make_box(folders=("Werk",))
    box.put(".Werk/cur/a:2,S", MAIL)

    def rename(step: str) -> None:
        if step == "WRITTEN":
            (box.root / ".Werk").rename(box.root / ".Klaar")

    with pytest.raises(SourceError):
        run(box, rename)
    assert box.tree() == [".Klaar/cur/a:2,S"]


def test_flags_set_on_the_new_message_are_kept(box: Box) -> None:
    original = box.put("cur/a:2,S", MAIL)

    def both(step: str) -> None:
        if step == "REMOVING":
            original.rename(original.with_name("a:2,FS"))
            (new,) = [path for path in (box.root / "cur").iterdir() if path.name != "a:2,FS"]
            new.rename(new.with_name(new.name.replace(":2,S", ":2,RS")))

    ref = run(box, both).ref
    assert ref
    assert box.tree() == [f"cur/{ref.item}:2,FRS"]


@pytest.mark.parametrize(
    ("old", "new", "flags"), [("ST", "S", "S"), ("S", "ST", "S"), ("T", "T", "T"), ("F", "R", "FR")]
)
def test_after_a_crash_a_duplicate_in_the_bin_does_not_take_the_message_along(
    box: Box, old: str, new: str, flags: str
) -> None:
    original = box.put("cur/a:2,", MAIL)
    write = prepared(box, the_one(box))
    box.put(f"cur/{write.plan['name']}:2,{new}", CLEAN)
    original.rename(original.with_name(f"a:2,{old}"))
    replaced = box.source.recover(replace(write, step="PLACED"), digest, quiet)
    assert replaced
    assert box.tree() == [f"cur/{write.plan['name']}:2,{flags}"]


def test_a_copy_under_the_same_name_in_another_folder_stays(box: Box) -> None:
    box.put("cur/a:2,S", MAIL)
    box.put(".Archief/cur/a:2,F", MAIL)
    replaced = run(box)
    assert replaced.ref
    assert box.tree() == [".Archief/cur/a:2,F", f"cur/{replaced.ref.item}:2,S"]
    assert ("folder:Archief", CopyState.REMAINS) in [(copy.place, copy.state) for copy in replaced.copies]


def test_of_two_under_one_name_the_one_that_was_read_is_replaced(make_box: Callable[..., Box]) -> None:
    box = make_box(folders=("Archief",))
    box.put("cur/a:2,S", b"something else")
    box.put(".Archief/cur/a:2,F", MAIL)
    write = prepared(box, the_one(box))
    other = MaildirSource("post", box.root)
    assert other.fetch(write.ref).payload == b"something else"
    ref = other.replace(write, CLEAN, digest, quiet).ref
    assert ref
    assert box.tree() == [f".Archief/cur/{ref.item}:2,F", "cur/a:2,S"]


def test_a_move_in_two_halves_is_followed(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Link in the new folder, then unlink in the old one, with our unlink in between."""
    box.put("cur/a:2,S", MAIL)
    box.put(".Archief/cur/other:2,S")
    remove = Tree.remove

    def linked_first(tree: Tree, place: Standing) -> bool:
        monkeypatch.setattr(Tree, "remove", remove)
        (box.root / ".Archief" / "cur" / "a:2,FS").hardlink_to(box.root / "cur" / "a:2,S")
        return remove(tree, place)

    def interfere(step: str) -> None:
        if step == "REMOVING":
            monkeypatch.setattr(Tree, "remove", linked_first)

    ref = run(box, interfere).ref
    assert ref
    assert box.tree() == [f".Archief/cur/{ref.item}:2,FS", ".Archief/cur/other:2,S"]


def test_where_the_old_text_may_remain(make_box: Callable[..., Box]) -> None:
    box = make_box(folders=("Werk",))
    box.put(".Werk/cur/a:2,S", MAIL)
    box.put(".Werk/cur/b:2,S", CLEAN)
    box.put(".Werk/tmp/left", MAIL)
    box.put(".Archief/cur/c:2,S", MAIL)
    (box.root / ".Werk" / "dovecot.index.cache").touch()
    (box.root / "xapian-indexes").mkdir()
    write = prepared(box, SourceRef("post", ".", "a"))
    copies = box.source.replace(write, CLEAN, digest, quiet).copies
    assert [(copy.place, copy.state) for copy in copies] == [
        ("folder:Archief", CopyState.REMAINS),
        ("folder:andere map", CopyState.REMAINS),
        ("dovecot-index-cache", CopyState.UNKNOWN),
        ("fts-index", CopyState.UNKNOWN),
        ("backup", CopyState.UNKNOWN),
    ]
    assert box.source.recover(replace(write, step="REMOVED"), digest, quiet)


def test_recover_over_a_mailbox_that_is_not_mounted_decides_nothing(box: Box) -> None:
    box.put("cur/a:2,S", MAIL)
    write = prepared(box, the_one(box))

    def unmount(step: str) -> None:
        if step == "PLACED":
            box.root.rename(box.root.with_name("away"))

    with pytest.raises(SourceError):
        box.source.replace(write, CLEAN, digest, unmount)
    with pytest.raises(SourceError):
        box.source.recover(replace(write, step="PLACED"), digest, quiet)
    box.root.with_name("away").rename(box.root)
    replaced = box.source.recover(replace(write, step="PLACED"), digest, quiet)
    assert replaced
    assert replaced.ref
    assert box.tree() == [f"cur/{replaced.ref.item}:2,S"]


def test_after_the_end_a_stranger_under_the_old_name_is_left_alone(box: Box) -> None:
    box.put("cur/a:2,S", MAIL)
    write = prepared(box, the_one(box))
    ref = box.source.replace(write, CLEAN, digest, quiet).ref
    assert ref
    box.put("cur/a:2,S", b"put back, and changed")
    replaced = box.source.recover(replace(write, step="REMOVED"), digest, quiet)
    assert replaced
    assert replaced.ref == ref
    assert box.tree() == sorted(["cur/a:2,S", f"cur/{ref.item}:2,S"])


def test_a_message_that_never_stands_still_is_given_up(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.put("cur/a:2,S", MAIL)
    remove = Tree.remove
    turn = 0

    def too_late(tree: Tree, place: Standing) -> bool:
        nonlocal turn
        (path,) = (box.root / "cur").glob("a:2,*")
        turn += 1
        path.rename(path.with_name("a:2,FS" if turn % 2 else "a:2,S"))
        return remove(tree, place)

    def interfere(step: str) -> None:
        if step == "REMOVING":
            monkeypatch.setattr(Tree, "remove", too_late)

    write = prepared(box, the_one(box))
    with pytest.raises(SourceError, match="keeps moving"):
        box.source.replace(write, CLEAN, digest, interfere)
    monkeypatch.setattr(Tree, "remove", remove)
    assert box.source.recover(replace(write, step="REMOVING"), digest, quiet)
    assert len(box.tree()) == 1


@pytest.mark.parametrize("content", [None, b"rewritten"])
def test_the_original_goes_while_the_new_one_is_put_down(
    box: Box, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    box.put("cur/a:2,S", MAIL)
    rename = os.rename

    def interfere(*arguments: object, **options: object) -> None:
        rename(*arguments, **options)  # type: ignore[arg-type]  # passed on as given
        (box.root / "cur" / "a:2,S").unlink(missing_ok=True)
        if content:
            (box.root / "cur" / "a:2,F").write_bytes(content)

    monkeypatch.setattr(os, "rename", interfere)
    with pytest.raises(MessageChanged if content else MessageGone):
        run(box)
    assert box.tree() == (["cur/a:2,F"] if content else [])


# threads


def reply(number: int, *refs: int, sender: str = "sanne@klant.example") -> bytes:
    names = " ".join(f"<{ref}@x.test>" for ref in refs)
    return f"From: {sender}\nMessage-ID: <{number}@x.test>\nReferences: {names}\n\n{number}\n".encode()


def test_the_index_follows_the_tree(make_box: Callable[..., Box]) -> None:
    box = make_box(sent_folders=("Sent",), desk_addresses=("desk@hosting.test",))
    box.put("cur/1:2,S", reply(1))
    asked = box.put(".Sent/cur/2:2,S", reply(2, 1, sender="agent@hosting.test"), NOON + timedelta(hours=1))
    box.put("cur/3:2,S", reply(3, 2), NOON + timedelta(hours=2))
    ref = SourceRef("post", ".", "3")
    turns = box.source.thread(box.source.fetch(ref))
    assert [(turn.payload, turn.from_desk, turn.evidence) for turn in turns] == [
        (reply(1), False, "source"),
        (reply(2, 1, sender="agent@hosting.test"), True, "source"),
    ]
    asked.rename(box.root / "cur" / "2:2,S")
    turns = box.source.thread(box.source.fetch(ref))
    assert [turn.from_desk for turn in turns] == [False, False]
    (box.root / "cur" / "1:2,S").unlink()
    assert len(box.source.thread(box.source.fetch(ref))) == 1
    assert box.source.last_activity(ref) == NOON + timedelta(hours=2)
    box.put("new/4", reply(4, 3), NOON + timedelta(hours=7))
    assert box.source.last_activity(ref) == NOON + timedelta(hours=7)
    assert box.source.last_activity(SourceRef("post", ".", "1")) is None


def test_a_message_that_goes_while_its_thread_is_read(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    first = box.put("cur/1:2,S", reply(1))
    box.put("cur/2:2,S", reply(2, 1), NOON + timedelta(hours=1))
    message = box.source.fetch(SourceRef("post", ".", "2"))
    assert len(box.source.thread(message)) == 1
    read = Tree.read

    def late(tree: Tree, place: Standing) -> tuple[bytes, os.stat_result]:
        first.unlink(missing_ok=True)
        return read(tree, place)

    monkeypatch.setattr(Tree, "read", late)
    assert box.source.thread(message) == ()


def test_a_message_that_moves_or_goes_while_it_is_read(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    path = box.put("cur/1:2,S", reply(1))
    ref = the_one(box)
    opened = Tree.open

    def once(tree: Tree, place: Standing) -> AbstractContextManager[tuple[BinaryIO, os.stat_result]]:
        monkeypatch.setattr(Tree, "open", opened)
        path.rename(path.with_name("1:2,FS"))
        return opened(tree, place)

    monkeypatch.setattr(Tree, "open", once)
    assert box.source.fetch(ref).payload == reply(1)
    path.with_name("1:2,FS").rename(path)
    monkeypatch.setattr(Tree, "open", once)
    assert box.source.last_activity(ref) == NOON

    def gone(tree: Tree, place: Standing) -> AbstractContextManager[tuple[BinaryIO, os.stat_result]]:
        path.with_name("9:2,S").unlink(missing_ok=True)
        return opened(tree, place)

    box.put("cur/9:2,S", reply(9))
    monkeypatch.setattr(Tree, "open", gone)
    assert box.source.last_activity(SourceRef("post", ".", "9")) is None


def test_only_the_header_block_is_read_for_the_index(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.put("cur/1:2,S", reply(1) + b"x" * 3_000_000)
    opened = Tree.open
    sizes: list[int] = []

    @contextmanager
    def counted(tree: Tree, place: Standing) -> Iterator[tuple[BinaryIO, os.stat_result]]:
        with opened(tree, place) as (file, status):
            yield file, status
            sizes.append(file.tell())

    monkeypatch.setattr(Tree, "open", counted)
    assert box.source.last_activity(SourceRef("post", ".", "1")) == NOON
    assert sizes == [8192]


# what hardly ever happens


def test_both_gone_before_the_new_one_was_read_back(box: Box) -> None:
    box.put("cur/a:2,S", MAIL)
    write = prepared(box, the_one(box))

    def clear(step: str) -> None:
        if step == "PLACED":
            for path in (box.root / "cur").iterdir():
                path.unlink()

    with pytest.raises(SourceError):
        box.source.replace(write, CLEAN, digest, clear)
    replaced = box.source.recover(replace(write, step="PLACED"), digest, quiet)
    assert replaced
    assert replaced.ref is None


def test_the_original_gone_and_the_new_one_rewritten(box: Box) -> None:
    box.put("cur/a:2,S", MAIL)

    def spoil(step: str) -> None:
        if step == "PLACED":
            (box.root / "cur" / "a:2,S").unlink()
            for path in (box.root / "cur").iterdir():
                path.write_bytes(b"another program's")

    with pytest.raises(SourceError):
        run(box, spoil)
    (name,) = box.tree()
    assert (box.root / name).read_bytes() == b"another program's"


def test_a_new_message_deleted_at_the_last_moment_leaves_the_original(box: Box) -> None:
    box.put("cur/a:2,S", MAIL)

    def clear(step: str) -> None:
        if step == "REMOVING":
            for path in (box.root / "cur").glob("1*"):
                path.unlink()

    with pytest.raises(SourceError, match="the original is left"):
        run(box, clear)
    assert box.tree() == ["cur/a:2,S"]


def test_an_original_deleted_while_recovering_leaves_the_new_one(box: Box) -> None:
    original = box.put("cur/a:2,S", MAIL)
    write = prepared(box, the_one(box))
    box.put(f"cur/{write.plan['name']}:2,S", CLEAN)
    replaced = box.source.recover(replace(write, step="PLACED"), digest, lambda _step: original.unlink(missing_ok=True))
    assert replaced
    assert replaced.ref
    assert box.tree() == [f"cur/{replaced.ref.item}:2,S"]


def test_an_original_rewritten_while_recovering_wins(box: Box) -> None:
    original = box.put("cur/a:2,S", MAIL)
    write = prepared(box, the_one(box))
    box.put(f"cur/{write.plan['name']}:2,S", CLEAN)

    def rewrite(step: str) -> None:
        original.write_bytes(b"x")

    with pytest.raises(MessageChanged):
        box.source.recover(replace(write, step="PLACED"), digest, rewrite)
    assert box.tree() == ["cur/a:2,S"]
    assert box.source.recover(replace(write, step="REMOVING"), digest, quiet) is None


def test_files_that_are_renamed_each_time_they_are_read(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every third read finds the file renamed: nothing is lost, no copy is left over."""
    box.put("cur/a:2,S", MAIL)
    box.put("cur/b:2,S", MAIL[::-1])
    opened = Tree.open
    count = 0

    def shifting(tree: Tree, place: Standing) -> AbstractContextManager[tuple[BinaryIO, os.stat_result]]:
        nonlocal count
        count += 1
        path = box.root / place.folder / place.sub / place.name
        if count % 3 == 0 and place.sub == "cur" and path.exists():
            base, _, flags = place.name.partition(":2,")
            path.rename(path.with_name(f"{base}:2,{'FS' if flags == 'S' else 'S'}"))
        return opened(tree, place)

    write = prepared(box, SourceRef("post", ".", "a"))
    monkeypatch.setattr(Tree, "open", shifting)
    ref = box.source.replace(write, CLEAN, digest, quiet).ref
    assert ref
    assert [name.partition(":")[0] for name in box.tree()] == [f"cur/{ref.item}", "cur/b"]
    assert count > 5


def test_a_file_that_can_never_be_caught_is_given_up(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.put("cur/a:2,S", MAIL)
    write = prepared(box, the_one(box))

    def gone(tree: Tree, place: Standing) -> tuple[bytes, os.stat_result]:
        raise FileNotFoundError

    monkeypatch.setattr(Tree, "read", gone)
    with pytest.raises(SourceError, match="keeps moving"):
        box.source.replace(write, CLEAN, digest, quiet)
    with pytest.raises(MessageGone):
        box.source.fetch(write.ref)


def test_a_folder_that_goes_just_before_the_placing(
    make_box: Callable[..., Box], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = make_box(folders=("Werk",))
    path = box.put(".Werk/cur/a:2,S", MAIL)
    box.put(".Klaar/cur/x:2,S")
    move = Tree.move

    def late(tree: Tree, source: Standing, target: Standing) -> None:
        if path.exists():
            path.rename(box.root / ".Klaar" / "cur" / "a:2,S")
            path.parent.rmdir()
        move(tree, source, target)

    monkeypatch.setattr(Tree, "move", late)
    ref = run(box).ref
    assert ref
    assert box.tree() == sorted([f".Klaar/cur/{ref.item}:2,S", ".Klaar/cur/x:2,S"])


@pytest.mark.parametrize("locked", ["", "cur", "new", "tmp"])
def test_a_maildir_without_the_right_to_write_says_that_nothing_is_replaced(box: Box, locked: str) -> None:
    for sub in ("tmp", "new", "cur"):
        (box.root / sub).chmod(0o755 if sub == locked else 0o777)
    child = os.fork()
    if not child:  # root may write everywhere: as somebody else, from inside, for what is around belongs to root
        os.chdir(box.root)
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        elif locked:
            (box.root / locked).chmod(0o555)
        can = MaildirSource("post", Path()).capabilities
        os._exit(10 + (0 if can.replaces else 1) + (2 if any("niet schrijven" in limit for limit in can.limits) else 0))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == (13 if locked else 10)
