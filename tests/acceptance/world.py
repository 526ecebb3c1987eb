"""A mailbox with a worker's settings, runs of that worker as processes, and what must be so afterwards."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path
from typing import Protocol

from imapclient import IMAPClient
from rich.console import Console

from scrubber import bootstrap, cli, settings
from scrubber.commands import record, work
from scrubber.message import Message, SourceRef
from scrubber.pipeline import scrub
from scrubber.policy.source import SourcePolicy
from tests.acceptance.points import put
from tests.mailservers.dovecot import Account

SECONDS = 60
"""A run that takes longer hangs."""

_SETTINGS = """\
[worker]
log = "json"

[[source]]
name = "post"
type = "imap"
host = "{host}"
port = {port}
tls = "none"
user = "{user}"
password = "{password}"
folders = {folders}
mode = "redact"
since = 2000-01-01
desk_addresses = ["support@desk.example"]
idle = false
deliver_to = "{deliver_to}"
"""

_MAIL = """\
From: Anke Ruiter <anke{number}@anke.example>
To: support@desk.example
Subject: Vraag {number}
Message-ID: {message_id}
Date: Mon, 02 Nov 2026 09:30:00 +0100
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{body}"""


@dataclass(frozen=True, slots=True)
class Built:
    """What takes a second to build and is the same in every run: made once, before any worker is forked off."""

    engine: bootstrap.Engine
    policy: SourcePolicy


def build() -> Built:
    engine = bootstrap.engine()
    built = Built(engine, bootstrap.call_policy(engine, "default"))
    tools = engine.tools
    scrub([_message(b"Subject: x\r\n\r\nBSN 123456782\r\n")], tools, built.policy, now=datetime.now(UTC))  # and loaded
    for module in ("scrubber.worker", "scrubber.sources.imap.source", "cryptography.hazmat.backends.openssl.backend"):
        import_module(module)
    gc.collect()
    gc.freeze()
    return built


def _message(payload: bytes) -> Message:
    return Message(
        SourceRef("post", "INBOX", "1", "1"), "email", "message/rfc822", payload, datetime(2026, 11, 2, tzinfo=UTC)
    )


class MailServer(Protocol):
    host: str
    port: int

    @property
    def group(self) -> int: ...
    def connect(self, account: Account) -> IMAPClient: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was put into the mailbox. `redacted`: as it must read in the end; None: it must never change."""

    number: int
    folder: str
    payload: bytes = field(repr=False)
    flags: tuple[bytes, ...]
    date: datetime
    redacted: bytes | None = field(repr=False, default=None)
    values: tuple[bytes, ...] = field(repr=False, default=())

    @property
    def message_id(self) -> bytes:
        return _MESSAGE_ID.search(self.payload)[1]  # type: ignore[index] # every one of ours has one


@dataclass(frozen=True, slots=True)
class Stands:
    """A mail as an IMAP client finds it."""

    folder: str
    uid: int
    payload: bytes = field(repr=False)
    flags: frozenset[bytes]
    date: datetime


_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")
_MARKER = re.compile(rb"X-Scrubber: v=1; job=[0-9a-f]{32}; mac=[0-9a-f]{64}\r\n")
_OURS = re.compile(rb"(?i)^\$?x?-?scrub")
"""A keyword of the worker's own, if it sets one."""


class World:
    """One account with mail in it, and a directory with the settings, database and keys of one worker."""

    def __init__(
        self,
        server: MailServer,
        account: Account,
        directory: Path,
        built: Built,
        *,
        folders: Sequence[str] = ("INBOX",),
        deliver_to: str = "",
    ) -> None:
        self.server = server
        self.account = account
        self.directory = directory
        self.mails: list[Mail] = []
        self._folders = folders
        self._deliver_to = deliver_to
        self._built = built
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / "scrubber.toml"
        file.write_text(
            _SETTINGS.format(
                host=server.host,
                port=server.port,
                user=account.name,
                password=account.password,
                folders=json.dumps(list(folders)),
                deliver_to=deliver_to,
            )
        )
        self.settings = settings.load(file, {})

    # mail

    def put(
        self,
        body: str,
        *,
        values: Sequence[str] = (),
        flags: Sequence[bytes] = (),
        folder: str = "INBOX",
        head: str = "",
        waits: bool = False,
        client: IMAPClient | None = None,
    ) -> Mail:
        """A mail with `values` in it that must go; without them it's a bystander, which must never change.

        `waits`: received now, so that nothing in it is due yet.
        """
        number = len(self.mails)
        zone = timezone(timedelta(hours=number % 5 - 2))
        date = datetime(2026, 11, 1 + number % 20, 9, 30, number % 60, tzinfo=zone)
        if waits:
            date = datetime.now(zone).replace(microsecond=0)
        message_id = f"<{number}.{time.time_ns()}@anke.example>"
        payload = (head + _MAIL.format(number=number, message_id=message_id, body=body)).replace("\n", "\r\n").encode()
        redacted = self._redacted(payload) if values else None
        assert not any(value.encode() in (redacted or b"") for value in values), "the policy lets a value wait"
        mail = Mail(number, folder, payload, tuple(flags), date, redacted, tuple(value.encode() for value in values))
        (client or self.server.connect(self.account)).append(folder, payload, flags=list(flags), msg_time=date)
        self.mails.append(mail)
        return mail

    def _redacted(self, payload: bytes) -> bytes:
        """As the pipeline alone makes it, without any mailbox."""
        tools, policy = self._built.engine.tools, self._built.policy
        (scrubbed,) = scrub([_message(payload)], tools, policy, now=datetime.now(UTC))
        assert scrubbed.payload is not None, scrubbed.reason
        return scrubbed.payload

    def look(self) -> list[Stands]:
        """Every mail in every folder, as another client sees it."""
        client = self.server.connect(self.account)
        found = []
        for flags, _, folder in client.list_folders():
            if b"\\Noselect" in flags or folder.startswith("Gedeeld"):
                continue
            client.select_folder(folder, readonly=True)
            uids = client.search("ALL")
            for uid, each in (client.fetch(uids, ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]) if uids else {}).items():
                kept = frozenset(flag for flag in each[b"FLAGS"] if flag.lower() != b"\\recent")
                found.append(Stands(folder, uid, each[b"BODY[]"], kept, each[b"INTERNALDATE"]))
        client.shutdown()
        return found

    # the worker

    def run(
        self, arm: Callable[[], None] | None = None, *, after: float | None = None, as_of: datetime | None = None
    ) -> int:
        """One `scrubber run --once` in a process of its own, after `arm` in it. Its exit status; -9: it was killed.

        `after` so many seconds it is killed, if it has not ended before. `as_of`: what is due then is due now.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a thread of ours (xdist's) waits, and holds no lock
            child = os.fork()
        if child == 0:
            self._in_child(arm, as_of)
        return _ended(child, after)

    def _in_child(self, arm: Callable[[], None] | None, as_of: datetime | None) -> None:
        status = 70
        sys.settrace(None)  # whoever measures the tests gets nothing out of a process that is killed
        try:
            log = os.open(self.directory / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            sys.stdout, sys.stderr = (os.fdopen(os.dup(number), "w", buffering=1) for number in (1, 2))
            put(bootstrap, "engine", lambda *_: self._built.engine)
            put(bootstrap, "policy", lambda *_: self._built.policy)
            put(cli, "app", lambda: sys.exit(work.run(self.settings, once=True, as_of=as_of, lang="nl")))
            if arm is not None:
                arm()
            cli.main()
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        except BaseException:  # noqa: BLE001 - nothing may get out of the child
            traceback.print_exc()
        finally:
            os._exit(status)

    def log(self) -> str:
        file = self.directory / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def entries(self) -> Counter[str]:
        """How many entries of each kind the ledger holds, without the checkpoints."""
        opened = bootstrap.record(self.settings)
        try:
            with closing(opened.ledger.read()) as stored:
                return Counter(entry.kind for entry in stored if entry.kind != "checkpoint")
        finally:
            opened.close()

    # what must be so

    def violations(self, *, moved: bool = False) -> list[str]:
        """What breaks the law "killed at any point and started again"; nothing: all is well.

        `moved`: UIDs may have changed and other clients may have moved mail, so that bystanders may stand elsewhere.
        """
        return [*self._mail_violations(moved=moved), *self.record_violations()]

    def _mail_violations(self, *, moved: bool) -> Iterator[str]:
        stands = self.look()
        by_id: dict[bytes, list[Stands]] = {}
        for each in stands:
            found = _MESSAGE_ID.search(each.payload)
            by_id.setdefault(found[1] if found else b"", []).append(each)
        for mail in self.mails:
            copies = by_id.pop(mail.message_id, [])
            name = f"mail {mail.number}"
            if len(copies) != 1:
                yield f"{name}: {'lost' if not copies else 'doubled'} ({[(c.folder, c.uid) for c in copies]})"
            goes_on = self._deliver_to and mail.folder in self._folders and b"\\Deleted" not in mail.flags
            there = self._deliver_to if goes_on else mail.folder
            for copy in copies:
                yield from differences(name, replace(mail, folder=there), copy, moved=moved)
        for strays in by_id.values():
            yield f"a mail that nobody put there, in {strays[0].folder}"
        for mail in self.mails:
            for value in mail.values:
                if any(value in each.payload for each in stands):
                    yield f"mail {mail.number}: left: its value stands in the mailbox"

    def record_violations(self, expected: Callable[[Mail], tuple[int, int]] = lambda _: (1, 1)) -> Iterator[str]:
        """What is wrong with journal and ledger. `expected`: how many entries a mail has, at least and at most."""
        opened = bootstrap.record(self.settings)
        try:
            if opened.journal.open_jobs("post"):
                yield "in flight: a job is still open"
            with closing(opened.ledger.read()) as stored:
                counted = Counter((e.message_digest, e.outcome) for e in stored if e.kind == "message")
            for mail in self.mails:
                if mail.folder in self._folders:
                    least, most = expected(mail)
                    if b"\\Deleted" in mail.flags:  # on its way out: not looked at
                        least = 0
                    outcome = "CLEAN" if mail.redacted is None else "REDACTED"
                    found = sum(counted.pop((d, outcome), 0) for d in opened.ring.digest_all("message", mail.payload))
                    # a copy that somebody made of the rewritten mail is a mail of its own
                    result = opened.ring.digest_all("message", mail.redacted or mail.payload)
                    again = sum(counted.pop((d, "CLEAN"), 0) for d in result)
                    if not (least <= found and found + again <= most):
                        yield f"mail {mail.number}: {found} entries {outcome}, {again} about what was made of it"
            others = Counter(outcome for _, outcome in counted.elements())
        finally:
            opened.close()
        if others:
            yield f"entries about messages that nobody put there: {dict(others)}"
        with Path(os.devnull).open("w") as nowhere:
            if record.verify(self.settings, "nl", Console(file=nowhere)) != 0:
                yield "the ledger does not verify"
        for file in (*self.directory.glob("scrubber.db*"), self.directory / "log"):
            if file.exists() and any(value in file.read_bytes() for mail in self.mails for value in mail.values):
                yield f"a value stands in {file.name}"


def differences(name: str, mail: Mail, copy: Stands, *, moved: bool) -> Iterator[str]:
    """In what the mail that stands there is not as it must be: bytes, flags, date, and place unless it was `moved`."""
    payload = copy.payload
    if mail.redacted is not None:
        payload, marked = _MARKER.subn(b"", payload, count=1)
        if not marked:
            yield f"{name}: left: it is not rewritten"
    if payload != (mail.redacted or mail.payload):
        yield f"{name}: its bytes differ"
    if frozenset(flag for flag in copy.flags if not _OURS.match(flag)) != frozenset(mail.flags):
        yield f"{name}: flags {sorted(copy.flags)} for {sorted(mail.flags)}"
    if copy.date != mail.date:
        yield f"{name}: received {copy.date} for {mail.date}"
    if not moved and copy.folder != mail.folder:
        yield f"{name}: in {copy.folder} for {mail.folder}"


def _ended(child: int, after: float | None) -> int:
    began = time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        passed = time.monotonic() - began
        if passed > SECONDS or (after is not None and passed > after):
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if passed > SECONDS:
                raise TimeoutError("the worker hangs")
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.003)
