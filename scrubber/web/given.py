"""From the settings: which sources may be told of by webhooks, and how it is proved who asks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from scrubber.errors import SettingsError, SourceError
from scrubber.settings import Settings
from scrubber.settings_hooks import Scheme, SignedSettings
from scrubber.settings_sources import DeskSettings, RelaySettings
from scrubber.sources.credentials import secret
from scrubber.web import signing
from scrubber.web.hooks import Hook
from scrubber.web.named import PLACES, Places
from scrubber.web.rate import Rate

USUAL: Mapping[str, Scheme] = {"zendesk": "zendesk", "helpdesk": "basic", "rt": "standard-webhooks"}
"""How each desk proves its webhooks where the settings don't say."""


def hooks(settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, Hook]:
    """The desks, by the name of their source. SettingsError: a secret can't be read, or is none."""
    made: dict[str, Hook] = {}
    for row in settings.source:
        if isinstance(row, DeskSettings):
            usual = PLACES[row.type]
            places = Places(row.hook_ticket, usual.actor) if row.hook_ticket else usual
            ours = frozenset(name.lower() for name in row.hook_ignore or (row.user,) if name)
            proved = lock(settings, row, row.name, USUAL[row.type], environment)
            made[row.name] = Hook(row.name, places, proved, Rate(settings.serve.per_minute), ours)
    return made


def lock(
    settings: Settings, row: SignedSettings, name: str, usual: Scheme, environment: Mapping[str, str] = os.environ
) -> signing.Lock | None:
    """How the webhooks of one source are proved; None: the settings give no secret."""
    setting = f"source {name}: hook_secret_env, hook_secret_file"
    found = _read(
        settings, {"hook_secret_env": row.hook_secret_env, "hook_secret_file": row.hook_secret_file}, name, environment
    )
    if not found:
        return None
    return signing.lock(row.hook_signature or usual, found, setting, row.hook_header, row.hook_user)


def verify_token(
    settings: Settings, row: RelaySettings, environment: Mapping[str, str] = os.environ
) -> signing.Lock | None:
    """For the handshake in which Meta asks whether it may send; None: the settings give none."""
    keys = {"verify_token_env": row.verify_token_env, "verify_token_file": row.verify_token_file}
    found = _read(settings, keys, f"source {row.name}", environment)
    return signing.lock("bearer", found, f"source {row.name}: verify_token_env, verify_token_file") if found else None


def token(settings: Settings, environment: Mapping[str, str] = os.environ) -> signing.Lock | None:
    """For `/v1/scrub`; None: the settings give no token."""
    serve = settings.serve
    found = _read(settings, {"token_env": serve.token_env, "token_file": serve.token_file}, "[serve]", environment)
    return signing.lock("bearer", found, "[serve] token_env, token_file") if found else None


def _read(
    settings: Settings, keys: Mapping[str, Sequence[str]], where: str, environment: Mapping[str, str]
) -> list[str]:
    try:
        return [secret({key: name}, settings.path, environment).read() for key, names in keys.items() for name in names]
    except SourceError as error:
        raise SettingsError(f"{where}: {error}") from None
