"""Writes the sample mailbox: settings and a Maildir, with dates that count back from today.

A directory that this module made carries a marker, and may be made again; any other directory that holds something is
refused, because making it again means clearing it.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from scrubber.demo.samples import SampleMail, index
from scrubber.errors import SettingsError

MARKER = ".scrubber-demo"
_MARKER_TEXT = "Gemaakt door `scrubber demo`. Een volgende `scrubber demo` wist alles in deze map.\n"

SETTINGS = """\
# De proefpostbus van `scrubber demo`: verzonnen mail, verzonnen mensen.

[report]
organisation = "HostVoorbeeld (proef)"

[[source]]
name = "voorbeeld"
type = "maildir"
path = "Maildir"
mode = "redact"                # een echte postbus begint met "observe": beslissen en noteren, niets veranderen
since = 2000-01-01             # een echte postbus begint bij nu
desk_addresses = ["support@hostvoorbeeld.example"]
"""


def build(directory: Path, now: datetime) -> None:
    """Make `directory` with scrubber.toml and Maildir/, the newest mail a day before `now` (timezone-aware).

    SettingsError: `directory` holds something and was not made here. OSError: it can't be written.
    """
    if now.tzinfo is None:
        raise ValueError("now must be timezone-aware")
    _clear(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARKER).write_text(_MARKER_TEXT, "utf-8")
    (directory / "scrubber.toml").write_text(SETTINGS, "utf-8")
    maildir = directory / "Maildir"
    for folder in ("", ".Sent"):
        for part in ("cur", "new", "tmp"):
            (maildir / folder / part).mkdir(parents=True)
    (maildir / ".Sent" / "maildirfolder").touch()
    for number, mail in enumerate(index(), 1):
        _deliver(maildir, number, mail, now)


def _clear(directory: Path) -> None:
    """Empty a directory that `build` made; SettingsError for any other that is not empty."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise SettingsError(f"{directory} is a file; give --dir a directory that does not exist yet")
    there = list(directory.iterdir())
    marker = directory / MARKER
    if there and (marker.is_symlink() or not marker.is_file()):
        raise SettingsError(
            f"{directory} is not empty and was not made by `scrubber demo`; give --dir another directory"
        )
    # The marker goes last: a clearing that is cut short can be taken up again.
    for path in sorted(there, key=lambda path: path.name == MARKER):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def unique_name(number: int, mail: SampleMail, now: datetime) -> str:
    """The Maildir name, without flags, that `build` gives the mail that is `number` (from 1) in the index."""
    return f"{int(mail.sent(now).timestamp())}.M{number:06d}P1Q{number}.hostvoorbeeld"


def _deliver(maildir: Path, number: int, mail: SampleMail, now: datetime) -> None:
    sent = int(mail.sent(now).timestamp())
    name = unique_name(number, mail, now)
    where, name = ("new", name) if mail.state == "new" else ("cur", f"{name}:2,{mail.state}")
    path = maildir / mail.folder / where / name
    path.write_bytes(mail.render(now))
    os.utime(path, (sent, sent))
