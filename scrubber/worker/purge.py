"""The command that clears what a mail server keeps of removed mail, where the settings name one."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace

from sqlalchemy import Connection

from scrubber.journal import PURGE, PURGE_DUE
from scrubber.ledger.entry import CopyLeft, LedgerEntry
from scrubber.station import Station
from scrubber.store import utc_text
from scrubber.worker.hand import Hand

_CLEARED = "opgeruimd met de ingestelde purge_command"

SECONDS = 600
"""How long it may take."""


class Purge:
    """Run after a cycle in which something was removed, and again in each next one until it succeeds."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def work(self, station: Station) -> None:
        hand, name = self._hand, station.source.name
        if not station.purge:
            return
        due = [one for one in hand.journal.troubles() if (one.source, one.what) == (name, PURGE_DUE)]
        if not due or hand.stop.is_set():
            return
        status = _run(station)
        done = status == "exit 0"
        hand.meter.purged(name, done=done)
        known = [one.why for one in hand.journal.troubles() if (one.source, one.what) == (name, PURGE)]
        entry = self._entry(station, due[0].why.split(), status, "CLEANED" if done else "UNKNOWN")

        def kept(tx: Connection) -> None:
            if done:
                hand.journal.over(tx, name, PURGE_DUE)
                hand.journal.over(tx, name, PURGE)
            else:
                hand.journal.trouble(tx, name, PURGE, status, hand.clock())

        if done or known != [status]:  # a failure that goes on is recorded once
            hand.recorder.record(entry, kept)
        if done:
            hand.log.info("purge_command", source=name, status=status)
        else:
            hand.source_failed = True
            hand.log.error("purge_command_failed", source=name, status=status)

    def _entry(self, station: Station, caches: list[str], status: str, state: str) -> LedgerEntry:
        hand = self._hand
        plain = LedgerEntry("", -1, "", "reviewed", utc_text(hand.clock()), hand.options.actor)
        return replace(
            plain,
            source=station.source.name,
            mode=station.mode,
            reason=PURGE,
            copies=tuple(CopyLeft(place, state, _CLEARED) for place in caches),
            notes=(status,),
            key_id=hand.recorder.digests.key_id,
        )


def _run(station: Station) -> str:
    """How it ended, in words without anything that it printed."""
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    environment |= {"SCRUBBER_SOURCE": station.source.name, "SCRUBBER_FOLDERS": "\n".join(station.folders)}
    quiet = subprocess.DEVNULL
    try:
        ran = subprocess.run(  # noqa: S603 - the command is the operator's own, and no shell reads it
            station.purge, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no end within {SECONDS} seconds"
    except OSError as error:
        return f"not started: {error.strerror or type(error).__name__}"
    return f"exit {ran.returncode}"
