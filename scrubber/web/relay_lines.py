"""From the settings: which sources stand in front of a desk, where their deliveries go on, and under which secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from scrubber.errors import SettingsError, SourceError
from scrubber.relay.outbound import DeskDoor, Stamp
from scrubber.relay.parcel import Terms
from scrubber.relay.preset import Preset, load
from scrubber.relay.quarantine import key_of
from scrubber.relay.service import Deletes, Line
from scrubber.relay.telegram import Telegram
from scrubber.settings import Settings
from scrubber.settings_hooks import Scheme
from scrubber.settings_sources import RelaySettings
from scrubber.sources.credentials import Secret, secret
from scrubber.web import given, signing
from scrubber.web.rate import Rate


@dataclass(frozen=True, slots=True)
class Gate:
    """What the routes know of a source. `verify`: Meta's verify tokens; None: no handshake."""

    source: str
    lock: signing.Lock | None
    verify: signing.Lock | None
    rate: Rate
    preset: Preset


def relays(settings: Settings) -> list[RelaySettings]:
    return [row for row in settings.source if isinstance(row, RelaySettings)]


def preset(settings: Settings, row: RelaySettings) -> Preset:
    """SettingsError: there is no such preset, or it is not usable."""
    own = settings.path(row.preset) if row.preset.endswith((".yaml", ".yml")) else None
    return load(row.preset, own)


def terms(settings: Settings, row: RelaySettings) -> Terms:
    return Terms(
        preset=preset(settings, row),
        changes=row.mode == "redact",
        passes=row.deferred == "pass",
        actor=settings.ledger.actor,
        lang=settings.rules.lang,
    )


def gates(settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, Gate]:
    """SettingsError: a secret can't be read, or is none."""
    made: dict[str, Gate] = {}
    for row in relays(settings):
        form = preset(settings, row)
        lock = given.lock(settings, row, row.name, form.signature, environment)
        verify = given.verify_token(settings, row, environment) if form.handshake else None
        made[row.name] = Gate(row.name, lock, verify, Rate(settings.serve.per_minute), form)
    return made


def lines(settings: Settings, stack: ExitStack, environment: Mapping[str, str] = os.environ) -> dict[str, Line]:
    """What passes on, by source. `stack` closes it. SettingsError as for `gates`."""
    made: dict[str, Line] = {}
    for row in relays(settings):
        form = terms(settings, row)
        stamp = _stamp(settings, row, form.preset, environment)
        door = DeskDoor(row.deliver_url, stamp, form.preset.headers, private=row.private)
        stack.callback(door.close)
        channel: Deletes | None = None
        if row.delete:
            if form.preset.deletes != "telegram":
                raise SettingsError(f"source {row.name}: delete: only Telegram deletes a customer's message")
            token = _secret(settings, row, ("bot_token_env", "bot_token_file"), environment)
            telegram = Telegram(token.read, row.channel_url, private=row.private)
            stack.callback(telegram.close)
            channel = telegram
        key: bytes | None = None
        if row.quarantine_days:
            key = quarantine_key(settings, row, environment)
        made[row.name] = Line(
            source=row.name,
            terms=form,
            door=door,
            attempts=row.attempts,
            asked=timedelta(days=row.asked_days),
            channel=channel,
            key=key,
            quarantine=timedelta(days=row.quarantine_days),
        )
    return made


def quarantine_key(settings: Settings, row: RelaySettings, environment: Mapping[str, str] = os.environ) -> bytes:
    """SettingsError: it can't be read, or is no key."""
    given_key = _secret(settings, row, ("quarantine_key_env", "quarantine_key_file"), environment)
    return key_of(_read(row, given_key), f"source {row.name}")


def _stamp(settings: Settings, row: RelaySettings, form: Preset, environment: Mapping[str, str]) -> Stamp | None:
    if row.deliver_signature == "none":
        return None
    scheme: Scheme = row.deliver_signature or form.deliver
    text = _read(row, _secret(settings, row, ("deliver_secret_env", "deliver_secret_file"), environment))
    if scheme in ("bearer", "header", "telegram") and not text.isascii():  # it goes in a header as it is
        raise SettingsError(f"source {row.name}: deliver_secret_env, deliver_secret_file: a secret is plain ASCII")
    header = row.deliver_header or (form.header if not row.deliver_signature else "")
    if scheme == "header" and not header:
        raise SettingsError(f"source {row.name}: deliver_header: name the header in which the desk has its secret")
    if scheme == "standard-webhooks":
        signing.lock(scheme, [text], f"source {row.name}: deliver_secret_env, deliver_secret_file")
    return Stamp(scheme, text, header, row.deliver_user)


def _secret(settings: Settings, row: RelaySettings, keys: tuple[str, ...], environment: Mapping[str, str]) -> Secret:
    found = {key: getattr(row, key) for key in keys}
    if not any(found.values()):
        raise SettingsError(f"source {row.name}: {' or '.join(keys)} is missing")
    return secret(found, settings.path, environment)


def _read(row: RelaySettings, given_secret: Secret) -> str:
    try:
        return given_secret.read()
    except SourceError as error:
        raise SettingsError(f"source {row.name}: {error}") from None
