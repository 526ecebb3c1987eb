"""The generator keeps its promises: the acceptance test rests on them."""

from __future__ import annotations

import email
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
Make = Callable[[Path, int, int, datetime], list[Any]]


def files(root: Path) -> dict[str, Path]:
    return {path.name.split(":2,")[0]: path for part in ("cur", "new") for path in (root / part).iterdir()}


def test_the_same_seed_gives_the_same_mailbox(make_maildir: Make, tmp_path: Path) -> None:
    first = make_maildir(tmp_path / "a", 60, 7, NOW)
    assert make_maildir(tmp_path / "b", 60, 7, NOW) == first
    assert make_maildir(tmp_path / "c", 60, 8, NOW) != first


def test_files_are_as_planted(make_maildir: Make, tmp_path: Path) -> None:
    planted = make_maildir(tmp_path, 140, 3, NOW)
    there = files(tmp_path)
    assert len(planted) == len(there) == 140
    assert not list((tmp_path / "tmp").iterdir())
    for mail in planted:
        path = there[mail.item]
        payload = path.read_bytes()
        assert hashlib.sha256(payload).hexdigest() == mail.digest
        assert path.stat().st_mtime_ns == mail.mtime_ns
        assert path.parent.name == ("new" if mail.new else "cur")
        assert path.name == (mail.item if mail.new else f"{mail.item}:2,{mail.flags}")
        assert all(len(spelling) >= 8 and spelling in payload for spelling in mail.must_go + mail.deferred)
        assert mail.clean == (not mail.must_go and not mail.deferred)
        message = email.message_from_bytes(payload)
        assert message["Message-ID"] == mail.message_id
        assert parsedate_to_datetime(message["Date"]).timestamp() * 10**9 == mail.mtime_ns
        assert not message.defects


def test_shares_and_variety(make_maildir: Make, tmp_path: Path) -> None:
    planted = make_maildir(tmp_path, 200, 11, NOW)
    assert sum(mail.clean for mail in planted) == 70
    assert sum(bool(mail.deferred) for mail in planted) == 40
    assert sum(bool(mail.must_go) for mail in planted) == 90
    assert {"", "S", "F", "RS"} <= {mail.flags for mail in planted}
    raw = b"".join(path.read_bytes() for path in files(tmp_path).values())
    for encoding in (
        b"quoted-printable",
        b"base64",
        b"iso-8859-1",
        b"multipart/alternative",
        b"image/png",
        b"text/html",
    ):
        assert encoding in raw


def test_no_spelling_stands_in_another_mail(make_maildir: Make, tmp_path: Path) -> None:
    planted = make_maildir(tmp_path, 200, 5, NOW)
    payloads = {item: path.read_bytes() for item, path in files(tmp_path).items()}
    for mail in planted:
        for spelling in mail.must_go:
            if len(spelling) > 10:  # two people may share a birth date
                assert [item for item, payload in payloads.items() if spelling in payload] == [mail.item]
