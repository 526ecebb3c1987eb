from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber.errors import MessageChanged, MessageGone, SourceError
from scrubber.message import SourceRef
from scrubber.sources.base import WriteBack
from scrubber.sources.mbox import READ_ONLY, MboxSource

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = b"From a@klant.example Mon Mar  2 12:00:00 2026\nFrom: a@klant.example\nMessage-ID: <1@x.test>\n\n"


def source(tmp_path: Path, content: bytes, **settings: str) -> MboxSource:
    path = tmp_path / "post.mbox"
    path.write_bytes(content)
    return MboxSource("archief", path, **settings)  # type: ignore[arg-type]  # quoting, passed on as given


def payloads(mbox: MboxSource) -> list[bytes]:
    return [mbox.fetch(listed.ref).payload for listed in mbox.discover(EPOCH)]


def test_only_a_dated_from_line_after_an_empty_line_begins_a_message(tmp_path: Path) -> None:
    body = b"text\nFrom here on Mon Mar  2 12:00:00 2026\n\nFrom here on, no date\nend\n"
    second = b"From - Tue Mar  3 12:00:00 2026\nSubject: b\n\nb\n"
    mbox = source(tmp_path, FIRST + body + b"\n" + second)
    assert payloads(mbox) == [FIRST.partition(b"\n")[2] + body, b"Subject: b\n\nb\n"]


@pytest.mark.parametrize(
    ("quoting", "expected"), [("mboxrd", b"From x\n>From y\n>> z\n"), ("mboxo", b"From x\n>>From y\n>> z\n")]
)
def test_quoted_from_lines_are_unquoted(tmp_path: Path, quoting: str, expected: bytes) -> None:
    mbox = source(tmp_path, FIRST + b">From x\n>>From y\n>> z\n", quoting=quoting)
    assert payloads(mbox) == [FIRST.partition(b"\n")[2] + expected]


def test_crlf_files_and_lines_longer_than_a_read(tmp_path: Path) -> None:
    long = b"x" * 150_000 + b"From a Mon Mar  2 12:00:00 2026"
    second = b"From b Tue Mar  3 12:00:00 2026\r\n\r\nb\r\n"
    mbox = source(tmp_path, FIRST.replace(b"\n", b"\r\n") + long + b"\r\n\r\n" + second)
    first, last = payloads(mbox)
    assert first.endswith(long + b"\r\n")
    assert last == b"\r\nb\r\n"


def test_what_is_appended_changes_no_reference(tmp_path: Path) -> None:
    mbox = source(tmp_path, FIRST + b"a\n")
    (before,) = mbox.discover(EPOCH)
    with (tmp_path / "post.mbox").open("ab") as file:
        file.write(b"\n" + FIRST.replace(b"<1@", b"<2@") + b"b\n\n")
    refs = [listed.ref for listed in mbox.discover(EPOCH)]
    assert before.ref in refs
    assert len(set(refs)) == 2


def test_another_message_in_its_place_is_noticed(tmp_path: Path) -> None:
    mbox = source(tmp_path, FIRST + b"a\n\n" + FIRST.replace(b"<1@", b"<2@") + b"b\n")
    first, second = mbox.discover(EPOCH)
    source(tmp_path, FIRST.replace(b"<1@", b"<3@") + b"a\n")
    with pytest.raises(MessageChanged):
        mbox.fetch(first.ref)
    with pytest.raises(MessageGone):
        mbox.fetch(second.ref)
    source(tmp_path, b"x" * 10_000)
    with pytest.raises(MessageChanged):
        mbox.fetch(first.ref)


@pytest.mark.parametrize("item", ["", "../etc", "1-", "-1-5", "99999999999999999999-1", "١-٢"])
def test_a_reference_that_is_none_is_gone(tmp_path: Path, item: str) -> None:
    with pytest.raises(MessageGone):
        source(tmp_path, FIRST).fetch(SourceRef("archief", ".", item))


def test_when_it_came(tmp_path: Path) -> None:
    strange = FIRST.replace(b"12:00:00 2026", b"12:00:00 MET DST 2026")
    dated = strange.replace(b"\n\n", b"\nDate: Sun, 01 Mar 2026 10:00:00 +0100\n\n").replace(b"<1@", b"<2@")
    mbox = source(tmp_path, strange + b"a\n\n" + dated + b"b\n\n" + FIRST + b"c\n")
    os.utime(tmp_path / "post.mbox", (1_000_000_000, 1_000_000_000))
    assert [listed.received for listed in mbox.discover(EPOCH)] == [
        datetime.fromtimestamp(1_000_000_000, UTC),
        datetime(2026, 3, 1, 9, tzinfo=UTC),
        datetime(2026, 3, 2, 12, tzinfo=UTC),
    ]


def test_nothing_is_ever_changed(tmp_path: Path) -> None:
    mbox = source(tmp_path, FIRST + b"a\n")
    (listed,) = mbox.discover(EPOCH)
    write = WriteBack("job", listed.ref, "x", "y", mbox.plan(mbox.fetch(listed.ref)))
    with pytest.raises(SourceError, match="read only"):
        mbox.replace(write, b"", lambda _payload: "", lambda _step: None)
    assert mbox.recover(write, lambda _payload: "", lambda _step: None) is None
    assert (tmp_path / "post.mbox").read_bytes() == FIRST + b"a\n"
    assert not mbox.capabilities.replaces
    assert mbox.capabilities.limits == (READ_ONLY,)
    assert mbox.appeared(listed.ref) is None


def test_check_says_what_is_wrong(tmp_path: Path) -> None:
    source(tmp_path, b"").check()
    with pytest.raises(SourceError, match="no mbox"):
        source(tmp_path, b"From: a@klant.example\n\n").check()
    with pytest.raises(SourceError, match="ENOENT"):
        MboxSource("archief", tmp_path / "none").check()
    with pytest.raises(SourceError, match="EISDIR"):
        list(MboxSource("archief", tmp_path).discover(EPOCH))


def test_an_index_of_threads_follows_the_file(tmp_path: Path) -> None:
    mbox = source(tmp_path, FIRST + b"a\n")
    (listed,) = mbox.discover(EPOCH)
    assert mbox.last_activity(listed.ref) == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert mbox.last_activity(listed.ref) == datetime(2026, 3, 2, 12, tzinfo=UTC)
    with (tmp_path / "post.mbox").open("ab") as file:
        file.write(b"\nFrom b Tue Mar  3 12:00:00 2026\nReferences: <1@x.test>\n\nb\n")
    assert mbox.last_activity(listed.ref) == datetime(2026, 3, 3, 12, tzinfo=UTC)
