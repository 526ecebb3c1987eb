"""Builders for entries and reports. All names are invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scrubber.ledger.entry import LedgerEntry, Removal
from scrubber.report.figures import figures
from scrubber.report.interface import ChainState, Figures

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 22, 14, 5, tzinfo=AMSTERDAM)


@pytest.fixture(name="now")
def _now() -> datetime:
    """Sunday 22 November 2026, 14:05 in Amsterdam."""
    return NOW


@pytest.fixture(name="removal")
def _removal() -> Callable[..., Removal]:
    def make(entity_type: str = "NL_BSN", action: str = "redact", rule: str = "bsn-nooit", **more: Any) -> Removal:
        return Removal(entity_type, rule, action, "plain", 0.9, **more)

    return make


@pytest.fixture(name="entry")
def _entry() -> Callable[..., LedgerEntry]:
    """Entry number `index`, `days` before NOW, of a redacted mail unless told otherwise."""

    def make(index: int, days: float = 0, **fields: Any) -> LedgerEntry:
        at = (NOW - timedelta(days=days)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        values: dict[str, Any] = {
            "kind": "message",
            "actor": "worker",
            "source": "support",
            "channel": "email",
            "mode": "redact",
        }
        values |= {"ref": f"ref-{index}", "outcome": "REDACTED", "recorded_at": at} | fields
        return LedgerEntry(chain="main", index=index, previous="", **values)

    return make


@pytest.fixture(name="report")
def _report() -> Callable[..., Figures]:
    """Figures over entries, from the first one to NOW, with a sound chain."""

    def make(*entries: LedgerEntry, **options: Any) -> Figures:
        values: dict[str, Any] = {"since": None, "until": NOW, "generated_at": NOW} | options
        chain = values.pop("chain", ChainState(True, len(entries), head_digest="ab" * 32, signed_at=NOW))
        return figures(entries, values.pop("waiting", ()), values.pop("reviews", ()), chain, **values)

    return make
