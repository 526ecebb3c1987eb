"""The worker over one IMAP mailbox, in this process, with other people's hands in it between any two of its steps.

desk = Desk(tmp_path, imap_settings(host=..., port=..., user=..., password=...))
desk.run(lambda step: colleague.moves() if step == "APPENDED" else None)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import structlog
from imapclient import IMAPClient
from sqlalchemy import Connection

from scrubber import bootstrap
from scrubber.errors import ScrubberError, SourceError
from scrubber.journal import Job, Journal
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.verify import verify
from scrubber.message import SourceRef
from scrubber.policy.source import SourcePolicy
from scrubber.settings import Settings, load
from scrubber.settings_sources import SourceSettings
from scrubber.sources.base import Lacks
from scrubber.sources.imap import connection

if TYPE_CHECKING:
    from scrubber.station import Summary

BSN = b"123456782"
STEPS = ("PREPARED", "APPENDED", "VERIFIED", "DELETING", "EXPUNGED", "SWEPT", "DONE")
"""What the journal is told of one replacement, in order; DONE is when all of it stands."""

INTAKE_STEPS = (*STEPS, "CARRIED")
"""The same in an intake: CARRIED is when the mail was moved on to the desk, and not yet written down."""

Act = Callable[[str], None]

Value = str | int | bool | Sequence[str]


class Killed(BaseException):
    """The process dies here: nothing may catch it."""


class WatchedJournal(Journal):
    """Calls `act` after each step was written down."""

    act: Act = staticmethod(lambda _step: None)

    def prepare(self, job: Job, now: datetime) -> None:
        super().prepare(job, now)
        self.act("PREPARED")

    def step(self, job: str, step: str, now: datetime) -> None:
        super().step(job, step, now)
        self.act(step)

    def finish(self, tx: Connection, job: str, new: SourceRef | None, now: datetime) -> None:
        self.act("DONE")
        super().finish(tx, job, new, now)

    def carry(self, tx: Connection, old: SourceRef, new: SourceRef, known_as: str) -> None:
        self.act("CARRIED")
        super().carry(tx, old, new, known_as)


@cache
def engine() -> bootstrap.Engine:
    """The shipped rules and recognisers; built once, for they cost seconds."""
    return bootstrap.engine()


@cache
def _policy_of(desk_addresses: tuple[str, ...]) -> SourcePolicy:
    return bootstrap.default_policy(desk_addresses)


def _policy(_built: bootstrap.Engine, _settings: Settings, row: SourceSettings) -> SourcePolicy:
    """As bootstrap builds it, once: reading its cues costs most of a second."""
    return _policy_of(row.desk_addresses)


def imap_settings(**values: Value) -> dict[str, Value]:
    """A source that redacts everything in INBOX; values as in scrubber.toml."""
    usual: dict[str, Value] = {
        "name": "desk",
        "type": "imap",
        "mode": "redact",
        "tls": "none",
        "idle": False,
        "desk_addresses": ["support@desk.example"],
    }
    return {**usual, **values}


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"[{', '.join(_toml(one) for one in value)}]"


@dataclass
class Desk:
    """A worker with its own database and keys in `home`; every `run` is a process of its own, as far as it can tell."""

    home: Path
    source: Mapping[str, Value]
    log: list[structlog.types.EventDict] = field(default_factory=list)
    """The log lines of the last run."""
    runs: int = 0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self, act: Act = lambda _step: None) -> Summary:
        """One cycle over the mailbox."""
        with self._record() as opened:
            journal = WatchedJournal(opened.store)
            journal.act = act
            self.log = []
            self.runs += 1
            logger = structlog.wrap_logger(
                structlog.ReturnLogger(),
                processors=[self._heard],
                wrapper_class=structlog.make_filtering_bound_logger(0),
            )
            settings = load(self.write())
            with patch.object(bootstrap, "policy", _policy), patch.object(connection, "PAUSES", (0.0, 0.0, 0.0)):
                worker = bootstrap.worker(
                    settings, engine(), replace(opened, journal=journal), logger, clock=self.clock
                )
                try:
                    worker.cycle()
                finally:
                    for station in worker._stations:
                        station.source.close()
            return worker.summary

    def killed_at(self, step: str, before: Callable[[], object] = lambda: None) -> bool:
        """Run until the step is written down, act, and die. False: it never came to that."""

        def die(now: str) -> None:
            if now == step:
                before()
                raise Killed

        try:
            self.run(die)
        except Killed:
            return True
        return False

    def tried(self) -> str:
        """A cycle that what goes wrong may end: why it did, "" it came to its end. Only our own errors may come out."""
        try:
            self.run()
        except ScrubberError as error:
            return str(error)
        return ""

    def entries(self) -> list[LedgerEntry]:
        """The record, oldest first, when it verifies."""
        with self._record() as opened:
            found = verify(opened.store, opened.ring.public_keys)
            assert found.ok, found
            return [entry for entry in opened.ledger.read() if entry.kind != "checkpoint"]

    def failures(self) -> list[str]:
        """Why a source or a message failed, as the log of the last run tells it."""
        return [str(event["why"]) for event in self.log if "why" in event]

    def check(self) -> str:
        """What `scrubber check` would say is wrong; "" nothing."""
        settings = load(self.write())
        source = bootstrap.source(settings, settings.source[0])
        try:
            source.check()
            return "; ".join(source.lacking()) if isinstance(source, Lacks) else ""
        except SourceError as error:
            return str(error)
        finally:
            source.close()

    def limits(self) -> str:
        """What `scrubber check` says of what is not possible there."""
        settings = load(self.write())
        source = bootstrap.source(settings, settings.source[0])
        try:
            return " ".join(source.capabilities.limits)
        finally:
            source.close()

    def in_flight(self) -> int:
        with self._record() as opened:
            return len(opened.journal.open_jobs(str(self.source["name"])))

    @contextmanager
    def _record(self) -> Iterator[bootstrap.Record]:
        opened = bootstrap.record(load(self.write()), create=True)
        try:
            yield opened
        finally:
            opened.close()

    def _heard(self, _logger: object, _method: str, event: structlog.types.EventDict) -> str:
        self.log.append(dict(event))
        return ""

    def write(self, **worker: Value) -> Path:
        """The settings file; `worker`: keys of [worker]."""
        file = self.home / "scrubber.toml"
        rows = "".join(f"{key} = {_toml(value)}\n" for key, value in self.source.items())
        options = "".join(f"{key} = {_toml(value)}\n" for key, value in worker.items())
        file.write_text(f"[worker]\n{options}\n[[source]]\n{rows}since = 2000-01-01\n", encoding="utf-8")
        return file


# mail


def mail(
    number: int,
    text: str = "Mijn BSN is 123456782, wilt u dat in orde maken?",
    *,
    sender: str = "Jan Proef <jan@klant.example>",
    answers: str = "",
    subject: str = "",
) -> bytes:
    lines = [
        f"From: {sender}",
        "To: support@desk.example",
        f"Subject: {subject or f'Vraag {number}'}",
        "Date: Mon, 02 Nov 2026 10:00:00 +0000",
        f"Message-ID: <m{number}@klant.example>",
        *([f"In-Reply-To: {answers}", f"References: {answers}"] if answers else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{text}\r\n").encode()


def redacted(original: bytes) -> bytes:
    return original.replace(BSN, b"[BSN verwijderd]")


_MARKER = re.compile(rb"\AX-Scrubber: v=1; job=[0-9a-f]{32}; mac=[0-9a-f]{64}\r\n")


@dataclass(frozen=True, slots=True, order=True)
class Stands:
    """A message as any client sees it; `payload` without a marker of ours, `flags` without \\Recent."""

    folder: str
    uid: int
    payload: bytes = field(repr=False)
    flags: frozenset[str]
    received: datetime
    marked: bool = False

    @property
    def clean(self) -> bool:
        return BSN not in self.payload


def standing(client: IMAPClient) -> list[Stands]:
    """Every message in every folder."""
    found = []
    for attributes, _, folder in client.list_folders():
        if b"\\Noselect" in attributes or b"\\NonExistent" in attributes:
            continue
        client.select_folder(folder, readonly=True)
        uids = client.search()
        for uid, data in client.fetch(uids, ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]).items() if uids else ():
            raw = data[b"BODY[]"]
            bare = _MARKER.sub(b"", raw)
            flags = frozenset(flag.decode() for flag in data[b"FLAGS"]) - {"\\Recent"}
            found.append(Stands(folder, uid, bare, flags, data[b"INTERNALDATE"], bare != raw))
    return sorted(found)


def of(number: int, all_of_them: Iterable[Stands]) -> list[Stands]:
    """Those with the Message-ID of `mail(number)`."""
    line = f"Message-ID: <m{number}@klant.example>\r\n".encode()
    return [one for one in all_of_them if line in one.payload]
