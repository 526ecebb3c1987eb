from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.errors import SourceError
from scrubber.sources.maildir_tree import Standing, Tree, base_of, item_of, moment


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("", ".Archief"):
        for sub in ("tmp", "new", "cur"):
            (tmp_path / "Maildir" / folder / sub).mkdir(parents=True)
    return tmp_path / "Maildir"


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1).filter(lambda raw: b"/" not in raw and b"\0" not in raw))
def test_any_file_name_survives_as_printable_ascii(raw: bytes) -> None:
    name = os.fsdecode(raw)
    item = item_of(name)
    assert base_of(item) == name
    assert item.isascii()
    assert item.isprintable()


def test_an_ordinary_name_is_its_own_item() -> None:
    name = "1700000000.M123456P78Q9.mail,S=10,W=11"
    assert item_of(name) == name


def test_file_times() -> None:
    assert moment(1_772_452_800_123_456_789) == datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
    assert moment(-1_000_000_000).year == 1969
    assert moment(10**30) == datetime.max.replace(tzinfo=UTC)
    assert moment(-(10**30)) == datetime.min.replace(tzinfo=UTC)


def test_a_name_is_split_at_its_info() -> None:
    assert (Standing("", "cur", "a:2,FS").base, Standing("", "cur", "a:2,FS").flags) == ("a", "FS")
    assert (Standing("", "new", "a").base, Standing("", "new", "a").flags) == ("a", "")
    assert (Standing("", "cur", "a:1,x").base, Standing("", "cur", "a:1,x").flags) == ("a:1,x", "")


def test_links_pipes_and_directories_are_no_messages(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("elsewhere")
    (root / "cur" / "link:2,S").symlink_to(secret)
    (root / "cur" / "directory").mkdir()
    os.mkfifo(root / "cur" / "pipe")
    (root / "cur" / ".hidden").write_text("x")
    (root / "cur" / "mail:2,S").write_text("x")
    tree = Tree(root)
    assert [place.name for place, _ in tree.scan("")] == ["mail:2,S"]
    assert set(tree.standing()) == {"mail"}
    for name in ("link:2,S", "directory", "pipe"):
        with pytest.raises(FileNotFoundError):
            tree.read(Standing("", "cur", name))
        assert tree.status(Standing("", "cur", name)) is None
    assert tree.find("link") is None
    os.mkfifo(root / "tmp" / "pipe")
    with pytest.raises(FileExistsError):
        tree.write(Standing("", "tmp", "pipe"), b"x", secret.stat())


def test_a_folder_that_is_a_link_is_not_entered(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "cur").mkdir(parents=True)
    (outside / "cur" / "mail").write_text("x")
    (root / ".Buiten").symlink_to(outside)
    (root / ".Half").mkdir()
    (root / ".Half" / "cur").symlink_to(outside / "cur")
    tree = Tree(root)
    assert tree.folders() == ["", ".Archief"]
    assert list(tree.scan(".Buiten")) == []
    assert list(tree.scan(".Half")) == []
    assert tree.status(Standing(".Half", "cur", "mail")) is None
    assert not tree.remove(Standing(".Half", "cur", "mail"))
    assert not tree.exists(".Buiten", "cur")
    with pytest.raises(NotADirectoryError):
        tree.read(Standing(".Buiten", "cur", "mail"))
    assert (outside / "cur" / "mail").exists()


def test_a_tree_that_is_not_mounted_is_no_empty_tree(root: Path) -> None:
    (root / "cur" / "mail").write_text("x")
    tree = Tree(root)
    assert tree.find("mail")
    root.rename(root.with_name("away"))
    with pytest.raises(SourceError):
        tree.folders()
    root.mkdir()
    with pytest.raises(SourceError):
        tree.find("mail")


def test_a_message_is_found_wherever_it_went(root: Path) -> None:
    tree = Tree(root)
    path = root / "new" / "mail"
    path.write_text("x")
    assert tree.find("mail") == Standing("", "new", "mail")
    for target in ("cur/mail:2,", "cur/mail:2,S", ".Archief/cur/mail:2,FS"):
        path = path.rename(root / target)
        found = tree.find("mail")
        assert found
        assert found.name == path.name
    path.unlink()
    assert tree.find("mail") is None


def test_an_old_listing_is_used_until_the_directory_changes(root: Path) -> None:
    tree = Tree(root)
    (root / "cur" / "mail:2,S").write_text("12345")
    old = time.time() - 60
    for sub in ("cur", "new", "tmp"):
        os.utime(root / sub, (old, old))
    assert [place.name for place in tree.same_size(5)] == ["mail:2,S"]
    assert [place.name for place in tree.same_size(5)] == ["mail:2,S"]
    (root / "cur" / "other:2,S").write_text("54321")
    (root / "tmp" / "half").write_text("54321")
    assert sorted(place.name for place in tree.same_size(5)) == ["half", "mail:2,S", "other:2,S"]
    (root / "tmp" / "half").write_text("543210")
    (root / "cur" / "other:2,S").unlink()
    assert [place.name for place in tree.same_size(5)] == ["mail:2,S"]


def test_a_move_never_covers_another_file(root: Path) -> None:
    (root / "tmp" / "a").write_text("a")
    (root / "cur" / "b").write_text("b")
    tree = Tree(root)
    with pytest.raises(FileExistsError):
        tree.move(Standing("", "tmp", "a"), Standing("", "cur", "b"))
    assert (root / "cur" / "b").read_text() == "b"
    with pytest.raises(FileNotFoundError):
        tree.move(Standing("", "tmp", "gone"), Standing("", "cur", "c"))


def test_a_write_that_fails_leaves_no_half_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Tree(root).write(Standing("", "tmp", "a"), b"x", root.stat())
    assert list((root / "tmp").iterdir()) == []


def test_a_change_within_the_same_tick_of_the_clock_is_seen(root: Path) -> None:
    tree = Tree(root)
    (root / "cur" / "a:2,S").write_text("12345")
    before = (root / "cur").stat().st_mtime_ns
    assert [place.name for place in tree.same_size(5)] == ["a:2,S"]
    (root / "cur" / "b:2,S").write_text("54321")
    os.utime(root / "cur", ns=(before, before))
    assert sorted(place.name for place in tree.same_size(5)) == ["a:2,S", "b:2,S"]
