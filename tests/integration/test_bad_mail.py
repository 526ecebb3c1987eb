"""Mail that is broken, huge, deep or hostile: held or handled, never a crash, never lost."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

SETTINGS = """\
[worker]
log = "json"

[[source]]
name = "desk"
type = "maildir"
path = "Maildir"
mode = "redact"
since = 2000-01-01
"""
BSN = b"123456782"
SECRET = b"Mijn BSN is " + BSN + b".\r\n"


def nested(depth: int) -> bytes:
    head = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(depth)
    )
    return b"Subject: diep\r\n" + head + b"Content-Type: text/plain\r\n\r\n" + SECRET


def big(text: bytes, size: int) -> bytes:
    """A mail of `size` bytes whose weight is an attachment."""
    blob = base64.encodebytes(os.urandom(1024)) * (size // 1390)
    return (
        b"Subject: groot\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/plain\r\n\r\n" + text + b"\r\n--b\r\nContent-Type: image/png\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + blob + b"\r\n--b--\r\n"
    )


MAILS: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "CLEAN"),
    "only-nul": (b"\0" * 5_000, "CLEAN"),
    "nul-ridden": (b"Subject: x\0y\r\n\r\n\0\0" + SECRET + b"\0", "REDACTED"),
    "no-headers": (SECRET, "REDACTED"),
    "no-body": (b"Subject: " + SECRET, "REDACTED"),
    "cut-in-header": (b"Subject: Mijn BSN is " + BSN, "REDACTED"),
    "cut-in-part": (big(SECRET, 50_000)[:-20_000], "REDACTED"),
    "bare-cr": (b"Subject: x\r\rMijn BSN is " + BSN + b"\r", "REDACTED"),
    "binary": (bytes(range(256)) * 100, "CLEAN"),
    "thousand-deep": (nested(1_000), "HELD"),
    "forty-deep": (nested(40), "REDACTED"),
    "three-thousand-parts": (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 3_000 + SECRET + b"--b--\r\n",
        "HELD",
    ),
    "fifty-megabytes-attached": (big(SECRET, 50_000_000), "REDACTED"),
    "fifty-megabytes-of-text": (b"Subject: x\r\n\r\n" + SECRET + b"Lorem ipsum dolor.\r\n" * 2_600_000, "HELD"),
    "seventy-megabytes": (big(SECRET, 70_000_000), "HELD"),
    "brackets": (b"Content-Type: text/html\r\n\r\n" + b"<" * 100_000 + SECRET, "REDACTED"),
    "dots": (b"Subject: x\r\n\r\n" + b"a." * 50_000 + b"@\r\n" + SECRET, "REDACTED"),
    "header-of-200-kilobytes": (b"Subject: x\r\nTo: " + b"a@b.example, " * 15_000 + b"\r\n\r\n" + SECRET, "REDACTED"),
    "header-of-a-megabyte": (b"Subject: x\r\nTo: " + b"a@b.example, " * 80_000 + b"\r\n\r\n" + SECRET, "HELD"),
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Maildir with all of them, worked through by one process; flat memory is part of it."""
    desk = tmp_path_factory.mktemp("bad")
    for sub in ("cur", "new", "tmp"):
        (desk / "Maildir" / sub).mkdir(parents=True)
    for number, (name, (payload, _)) in enumerate(MAILS.items()):
        (desk / "Maildir" / "new" / f"{1_700_000_000 + number}.{name}.host").write_bytes(payload)
    (desk / "scrubber.toml").write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "scrubber.cli", "run", "--once"]
    done = subprocess.run(command, cwd=desk, capture_output=True, text=True, timeout=400, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr[-2000:]
    (desk / "log").write_text(done.stderr, encoding="utf-8")
    return desk


def test_none_is_lost_and_each_ends_as_it_should(outcome: Path) -> None:
    assert len(list((outcome / "Maildir" / "new").iterdir())) == len(MAILS)
    lines = [json.loads(line) for line in (outcome / "log").read_text("utf-8").splitlines() if line.startswith("{")]
    handled = [line["outcome"] for line in lines if line["event"] == "handled"]
    assert sorted(handled) == sorted(expected for _, expected in MAILS.values())


@pytest.mark.parametrize("name", MAILS)
def test_what_was_held_is_untouched_and_what_was_handled_is_clean(outcome: Path, name: str) -> None:
    payload, expected = MAILS[name]
    kept = [path for path in (outcome / "Maildir" / "new").iterdir() if f".{name}." in path.name]
    if expected == "REDACTED":
        assert kept == []
    else:
        assert kept[0].read_bytes() == payload


def test_the_value_stands_only_in_what_was_held(outcome: Path) -> None:
    held = {name for name, (_, expected) in MAILS.items() if expected == "HELD"}
    for path in (outcome / "Maildir" / "new").iterdir():
        if not any(f".{name}." in path.name for name in held):
            assert BSN not in path.read_bytes()
