"""The worker as a process over a whole mailbox, killed at random moments: law 5 of the design.

Nothing lost, nothing doubled, nothing left, clean mail byte-identical, and a record that verifies and adds up.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

COUNT = 500
KILLS = 20
SEED = 20261122

SETTINGS = """\
[worker]
log = "json"
batch = 8

[[source]]
name = "desk"
type = "maildir"
path = "Maildir"
mode = "redact"
since = 2000-01-01
desk_addresses = ["support@desk.example"]
"""


def scrubber(*arguments: str, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrubber.cli", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=check, timeout=300)


def killed_after(handled: int, pause: float, cwd: Path) -> tuple[bool, str]:
    """Start the worker, kill it once it has handled so many messages. False: it was done before that. And its log."""
    command = [sys.executable, "-m", "scrubber.cli", "run", "--once"]
    with subprocess.Popen(command, cwd=cwd, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        seen = 0
        log = []
        for line in process.stderr:
            log.append(line)
            seen += '"event": "handled"' in line
            if seen >= handled:
                time.sleep(pause)
                process.send_signal(signal.SIGKILL)
                log.append(process.stderr.read())
                break
        process.wait(timeout=60)
        return process.returncode == -signal.SIGKILL, "".join(log)


_PLAIN = re.compile(rb"\d{9}|NL\d\d[A-Z]{4}\d{10}|\d\d-\d\d-\d{4}")
_TELLING = 8
"""Fewer characters of a value may stand in a digest by chance."""


def spoken(planted: Sequence[Any]) -> set[bytes]:
    """The planted values as a person reads them, however the mails spell them; of some that are in base64 a piece."""
    found = set()
    for spelling in (value for mail in planted for value in (*mail.must_go, *mail.deferred)):
        plain = spelling.replace(b"=\n", b"").replace(b"<b>", b"").replace(b"</b>", b"")
        if not _PLAIN.fullmatch(plain):
            plain = base64.b64decode(spelling)
        if len(plain) >= _TELLING:
            found.add(plain)
    return found


def files(maildir: Path) -> dict[str, Path]:
    """Message-ID -> file, for every mail in new and cur; two files with one Message-ID fail."""
    found = identifiers(maildir)
    assert not [paths for paths in found.values() if len(paths) > 1], "a mail stands there twice"
    return {identifier: path for identifier, (path,) in found.items()}


def identifiers(maildir: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for sub in ("new", "cur"):
        for path in (maildir / sub).iterdir():
            head = path.read_bytes().split(b"\n\n", 1)[0].split(b"\r\n\r\n", 1)[0]
            (line,) = [row for row in head.splitlines() if row.lower().startswith(b"message-id:")]
            found.setdefault(line.split(b":", 1)[1].strip().decode(), []).append(path)
    return found


def snapshot(root: Path) -> dict[str, tuple[int, int, str]]:
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(root)): (
            path.stat().st_mtime_ns,
            path.stat().st_ino,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in paths
    }


@pytest.mark.xdist_group("killed")
def test_killed_twenty_times_over_five_hundred_mails(
    tmp_path: Path, make_maildir: Callable[[Path, int, int, datetime], list[Any]]
) -> None:
    now = datetime.now(UTC)
    maildir = tmp_path / "Maildir"
    planted = make_maildir(maildir, COUNT, SEED, now)
    (tmp_path / "scrubber.toml").write_text(SETTINGS, encoding="utf-8")
    rng = random.Random(SEED)

    said: list[str] = []

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = scrubber(*arguments, cwd=tmp_path)
        said.extend((done.stdout, done.stderr))
        return done

    kills = 0
    for _ in range(KILLS):
        killed, log = killed_after(rng.randrange(1, 36), rng.uniform(0, 0.03), tmp_path)
        kills += killed
        said.append(log)
        assert len(identifiers(maildir)) == COUNT  # at every moment at least one copy of each
    assert kills >= KILLS * 3 // 4, "the worker was done too soon for this to be a test"
    ran("run", "--once")

    standing = files(maildir)
    assert len(standing) == len(planted) == COUNT
    assert list((maildir / "tmp").iterdir()) == []
    for mail in planted:
        path = standing[mail.message_id]
        raw = path.read_bytes()
        flags = path.name.rpartition(":2,")[2] if ":2," in path.name else ""
        assert (flags, path.stat().st_mtime_ns) == (mail.flags, mail.mtime_ns)
        assert path.parent.name == ("new" if mail.new else "cur")
        assert not [value for value in mail.must_go if value in raw]
        if mail.clean:
            assert hashlib.sha256(raw).hexdigest() == mail.digest
    waiting = [mail for mail in planted if mail.deferred]
    assert waiting

    before = snapshot(maildir)
    again = ran("run", "--once")
    assert snapshot(maildir) == before
    assert '"event": "handled"' not in again.stderr
    assert ran("verify").returncode == 0

    report = json.loads(ran("report", "--format", "json").stdout)
    assert report["problems"] == []
    assert report["messages"]["total"] == COUNT
    outcomes = {row["key"]: row["count"] for row in report["messages"]["outcomes"] if row["count"]}
    redacted = sum(1 for mail in planted if mail.must_go)
    assert outcomes == {"REDACTED": redacted, "CLEAN": COUNT - redacted}

    later = (now + timedelta(days=60)).date().isoformat()
    ran("run", "--once", "--as-of", later)
    standing = files(maildir)
    assert len(standing) == COUNT
    for mail in waiting:
        raw = standing[mail.message_id].read_bytes()
        assert not [value for value in mail.deferred if value in raw]
    assert ran("verify").returncode == 0
    after = json.loads(ran("report", "--format", "json").stdout)
    assert after["problems"] == []
    assert after["waiting"]["total"]["total"] == 0
    assert after["messages"]["total"] == COUNT

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("scrubber.db*"))
    for mail in planted:
        assert not [value for value in (*mail.must_go, *mail.deferred) if value in stored]
    values = spoken(planted)
    assert len(values) > COUNT // 2
    told = "".join(said).encode()
    assert told.count(b'"event": "handled"') >= COUNT
    assert not [value for value in values if value in stored or value in told]


@pytest.mark.xdist_group("killed")
def test_sigterm_finishes_the_message_in_hand(
    tmp_path: Path, make_maildir: Callable[[Path, int, int, datetime], list[Any]]
) -> None:
    make_maildir(tmp_path / "Maildir", 60, SEED, datetime.now(UTC))
    (tmp_path / "scrubber.toml").write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "scrubber.cli", "run"]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if '"event": "handled"' in line:
                process.send_signal(signal.SIGTERM)
                break
        rest = process.stderr.read()
        assert process.wait(timeout=60) == 0
    assert "Traceback" not in rest
    assert len(files(tmp_path / "Maildir")) == 60
    handled = 1 + rest.count('"event": "handled"')
    assert handled < 60, "the worker was done too soon for this to be a test"
    assert scrubber("verify", cwd=tmp_path).returncode == 0
    status = scrubber("status", "--lang", "en", cwd=tmp_path).stdout
    assert re.findall(r"^\s*(\d+)\s+in flight\s*$", status, re.MULTILINE) == ["0"]
    report = json.loads(scrubber("report", "--format", "json", cwd=tmp_path).stdout)
    assert (report["messages"]["total"], report["problems"]) == (handled, [])


def test_a_second_worker_is_told_why_it_must_wait(tmp_path: Path) -> None:
    maildir = tmp_path / "Maildir"
    for sub in ("cur", "new", "tmp"):
        (maildir / sub).mkdir(parents=True)
    (tmp_path / "scrubber.toml").write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "scrubber.cli", "run"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        second = scrubber("run", "--once", cwd=tmp_path, check=False)
        process.terminate()
        process.stderr.read()
    assert second.returncode == 1
    assert "another `scrubber run` is at work" in second.stderr
    assert "Traceback" not in second.stderr


LIMITED = """\
import os, resource, sys
size = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
os.execv(sys.executable, [sys.executable, "-m", "scrubber.cli", *sys.argv[2:]])
"""
"""Every file the process writes may be so long: a write beyond it fails for real (EFBIG), as on a disk that is full."""


def limited(size: int, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LIMITED, str(size), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


def mounted(disk: Path) -> bool:
    """Whether a disk of 8 MB could be put there; not everybody may."""
    disk.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_full_disk_stops_the_worker_before_it_changes_a_message(
    tmp_path: Path, make_maildir: Callable[[Path, int, int, datetime], list[Any]]
) -> None:
    disk = tmp_path / "disk"
    small = mounted(disk)
    try:
        make_maildir(tmp_path / "Maildir", 20, SEED, datetime.now(UTC))
        before = snapshot(tmp_path / "Maildir")
        (tmp_path / "scrubber.toml").write_text(SETTINGS + '[store]\nurl = "disk/scrubber.db"\n', encoding="utf-8")
        if small:
            done = scrubber("run", "--once", cwd=tmp_path, check=False)
        else:
            done = limited(4096, "run", "--once", cwd=tmp_path)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        changed = {name for name, row in snapshot(tmp_path / "Maildir").items() if before.get(name) != row}
        assert changed == set()
    finally:
        if small:
            subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.xdist_group("killed")
def test_a_disk_that_fills_up_loses_nothing_and_leaves_nothing_unrecorded(
    tmp_path: Path, make_maildir: Callable[[Path, int, int, datetime], list[Any]]
) -> None:
    """At another moment each time: what was changed is in the journal, and a run with room ends it."""
    maildir = tmp_path / "Maildir"
    planted = make_maildir(maildir, 40, SEED, datetime.now(UTC))
    written = {mail.message_id: mail.digest for mail in planted}
    (tmp_path / "scrubber.toml").write_text(SETTINGS, encoding="utf-8")
    database = tmp_path / "scrubber.db"
    stopped = []
    for size in (4096, 400_000, 480_000, 560_000):
        done = limited(size, "run", "--once", cwd=tmp_path)
        assert "Traceback" not in done.stderr
        assert done.returncode == 1, "the worker had room enough for this to be no test"
        stopped.append(done.stderr.count('"event": "handled"'))
        standing = identifiers(maildir)
        assert set(standing) == set(written)
        changed = sum(
            hashlib.sha256(path.read_bytes()).hexdigest() != written[identifier]
            for identifier, paths in standing.items()
            for path in paths
        )
        journalled = 0
        if size > 4096:
            with closing(sqlite3.connect(database)) as connection:
                (journalled,) = connection.execute("SELECT count(*) FROM jobs").fetchone()
        assert changed <= journalled
    assert stopped[0] == 0
    assert sum(stopped) > 0, "nothing was done before the disk was full"
    scrubber("run", "--once", cwd=tmp_path)
    now = files(maildir)
    assert len(now) == len(planted)
    assert list((maildir / "tmp").iterdir()) == []
    for mail in planted:
        raw = now[mail.message_id].read_bytes()
        assert not [value for value in mail.must_go if value in raw]
        assert not mail.clean or hashlib.sha256(raw).hexdigest() == mail.digest
    assert scrubber("verify", cwd=tmp_path).returncode == 0
    report = json.loads(scrubber("report", "--format", "json", cwd=tmp_path).stdout)
    assert (report["messages"]["total"], report["problems"]) == (40, [])
