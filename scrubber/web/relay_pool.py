"""Scrubbing for the relay in processes of their own: what takes too long is killed, and the listener stays quick."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from scrubber import bootstrap, logs
from scrubber import settings as settings_
from scrubber.digests import Digests
from scrubber.errors import SettingsError
from scrubber.ledger.keys import KeyRing
from scrubber.policy.source import SourcePolicy
from scrubber.relay.parcel import Given, Parcel, Terms, parcel
from scrubber.relay.service import Unscrubbed
from scrubber.web import relay_lines
from scrubber.web.pool import Broken, Pool, TooCostly, Work

_PARCEL, _ASKS = b"p", b"a"


class PoolScrubber:
    """relay.service.Scrubber, in the processes of a pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def scrub(self, payload: bytes, given: Given) -> Parcel:
        return Parcel.from_bytes(self._ask(_PARCEL + given.to_bytes(payload)))

    def asks(self, source: str, text: str) -> frozenset[str]:
        asked = json.loads(self._ask(_ASKS + json.dumps([source, text]).encode()))
        return frozenset(asked)

    def _ask(self, work: bytes) -> bytes:
        try:
            kind, answer = self._pool.ask(work)
        except TooCostly:
            raise Unscrubbed("it took more than its time") from None
        except Broken as error:
            raise Unscrubbed(str(error)) from None
        if kind:
            raise Unscrubbed(answer.decode())  # the type of an exception
        return answer


def build(settings: Path | None, profile: str) -> Work:
    """For pool.Pool. ScrubberError: settings or rules are not usable."""
    del profile  # each source has its own
    if settings is None:
        raise SettingsError("a relay stands in the settings")
    logs.silence()
    loaded = settings_.load(settings)
    built = bootstrap.engine(loaded)
    ring = KeyRing.open(loaded.keys_path)
    rows = {row.name: row for row in relay_lines.relays(loaded)}
    policies = {name: bootstrap.policy(built, loaded, row) for name, row in rows.items()}
    terms = {name: relay_lines.terms(loaded, row) for name, row in rows.items()}
    tools = {name: bootstrap.tools_of(built, row) for name, row in rows.items()}
    bootstrap.settle()

    def work(body: bytes) -> tuple[str, bytes]:
        kind, rest = body[:1], body[1:]
        if kind == _ASKS:
            source, text = json.loads(rest)
            return "", json.dumps(sorted(policies[source].asks(text))).encode()
        given, payload = Given.from_bytes(rest)
        return "", _parcel(payload, given, terms[given.source], policies[given.source])

    def _parcel(payload: bytes, given: Given, form: Terms, policy: SourcePolicy) -> bytes:
        ring.refresh()  # a key may have been made or destroyed since
        now = datetime.now(UTC)
        return parcel(payload, given, form, tools[given.source], policy, Digests(ring), now).to_bytes()

    return work
