"""A delivery through the relay's pure part, with the real rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber.bootstrap import default_policy, default_tools
from scrubber.digests import Digests
from scrubber.ledger.keys import KeyRing
from scrubber.pipeline import Tools
from scrubber.policy.source import SourcePolicy
from scrubber.relay.parcel import Given, Parcel, Terms, parcel
from scrubber.relay.preset import load

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

Scrub = Callable[..., Parcel]


@pytest.fixture(scope="session")
def tools() -> Tools:
    return default_tools("off")


@pytest.fixture(scope="session")
def policy() -> SourcePolicy:
    return default_policy(learned=False)


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.create(Path(tmp_path_factory.mktemp("ring")) / "keys")


@pytest.fixture(scope="session")
def scrub(tools: Tools, policy: SourcePolicy, ring: KeyRing) -> Scrub:
    def scrubbed(
        payload: bytes,
        preset: str = "generic",
        *,
        asked: tuple[frozenset[str], ...] = (),
        changes: bool = True,
        passes: bool = True,
        used: Tools | None = None,
    ) -> Parcel:
        given = Given("s", "d" * 64, NOW, asked)
        terms = Terms(load(preset), changes, passes)
        made = parcel(payload, given, terms, used or tools, policy, Digests(ring), NOW)
        assert Parcel.from_bytes(made.to_bytes()) == made
        return made

    return scrubbed
