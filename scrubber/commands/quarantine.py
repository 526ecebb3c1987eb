"""`scrubber quarantine`: deliveries that could not be scrubbed, encrypted, until their last day."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from scrubber import bootstrap
from scrubber.errors import SettingsError
from scrubber.journal import Locked
from scrubber.redaction import Language
from scrubber.relay.quarantine import open_sealed
from scrubber.settings import Settings
from scrubber.web import relay_lines

SHORT = 12
"""How much of a delivery's name is enough to call it by."""


def show_all(settings: Settings, lang: Language, console: Console) -> int:
    """What is locked away: where it came in, its name, its last day. Nothing of what stands in it."""
    opened = bootstrap.record(settings)
    try:
        rows = opened.journal.locked(datetime.now(UTC))
    finally:
        opened.close()
    if not rows:
        console.print("De quarantaine is leeg." if lang == "nl" else "The quarantine is empty.")
        return 0
    heads = ("Bezorging", "Bron", "Tot", "Bytes") if lang == "nl" else ("Delivery", "Source", "Until", "Bytes")
    table = Table(*heads, box=None)
    for row in rows:
        table.add_row(row.delivery[:SHORT], row.source, f"{row.until:%Y-%m-%d %H:%M} UTC", str(len(row.sealed)))
    console.print(table)
    return 0


def show(settings: Settings, delivery: str) -> int:
    """Write one delivery, as it came in, to standard output. SettingsError: which one, or its key; StoreError."""
    opened = bootstrap.record(settings)
    try:
        row = _one(opened.journal.locked(datetime.now(UTC)), delivery)
    finally:
        opened.close()
    of = next((each for each in relay_lines.relays(settings) if each.name == row.source), None)
    if of is None:
        raise SettingsError(f"the settings have no source {row.source} any more, and its key stood there")
    payload = open_sealed(relay_lines.quarantine_key(settings, of), row.source, row.delivery, row.sealed)
    sys.stdout.buffer.write(payload)
    sys.stdout.buffer.flush()
    return 0


def purge(settings: Settings, delivery: str, lang: Language, console: Console) -> int:
    """Throw away one delivery, or all of them."""
    opened = bootstrap.record(settings)
    try:
        name = _one(opened.journal.locked(datetime.now(UTC)), delivery).delivery if delivery else ""
        with opened.store.begin() as tx:
            gone = opened.journal.unlock(tx, name)
    finally:
        opened.close()
    console.print(f"{gone} weggegooid." if lang == "nl" else f"{gone} thrown away.")
    return 0


def _one(rows: list[Locked], delivery: str) -> Locked:
    found = [row for row in rows if delivery and row.delivery.startswith(delivery.lower())]
    if len(found) != 1:
        what = "none" if not found else "more than one"
        raise SettingsError(f"{what} in quarantine begins with {delivery!r}; `scrubber quarantine list` names them")
    return found[0]
