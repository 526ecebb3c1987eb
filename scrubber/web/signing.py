"""Whether a request comes from who may send it: its signature or secret, over the raw bytes, in constant time.

Several secrets count at once, so that one can be replaced without a gap. Sources: Standard Webhooks 1.0.0; Zendesk,
"Verifying webhooks"; W3C WebSub (X-Hub-Signature), as Meta, Jira, Zammad and Intercom use it; Telegram Bot API
(setWebhook); RFC 6750 (bearer); RFC 7617 (basic).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, NamedTuple

from scrubber.errors import SettingsError
from scrubber.settings_hooks import Scheme

TOLERANCE = timedelta(minutes=5)
"""How far a signed moment may be from now, either way."""

LEAST = 16
"""Characters of a secret that we or the operator make up."""


class Refused(Exception):
    """Not from who may send this. `why`: missing | forged | stale."""

    def __init__(self, why: Literal["missing", "forged", "stale"]) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Lock:
    """How requests to one place are proved. `header`: the name for scheme "header", or another than a scheme's own.

    `user`: for scheme "basic"; "": any.
    """

    scheme: Scheme
    secrets: tuple[bytes, ...] = field(repr=False)
    header: str = ""
    user: str = ""


def lock(scheme: Scheme, secrets: Sequence[str], setting: str, header: str = "", user: str = "") -> Lock:
    """A lock with at least one secret. SettingsError, which begins with `setting`, when a secret can't be one."""
    if not secrets:
        raise SettingsError(f"{setting}: there is no secret")
    if scheme == "header" and not header:
        raise SettingsError(f"{setting}: say in which header the secret comes")
    if scheme == "standard-webhooks":
        keys = [_standard_key(secret, setting) for secret in secrets]
    else:
        keys = [secret.encode() for secret in secrets]
    if any(len(key) < LEAST for key in keys):
        raise SettingsError(f"{setting}: a secret has at least {LEAST} characters; `openssl rand -hex 32` makes one")
    return Lock(scheme, tuple(keys), header, user)


def _standard_key(secret: str, setting: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise SettingsError(f"{setting}: a Standard Webhooks secret is base64, mostly after `whsec_`") from None


def prove(lock: Lock, headers: Mapping[str, str], body: bytes, now: datetime) -> bytes:
    """The bytes that tell this delivery from another, as far as they were proved. Refused.

    `headers`: names in any case. `body`: as it came, byte for byte.
    """
    return _SCHEMES[lock.scheme](lock, _Given(headers, body, now))


class _Given(NamedTuple):
    headers: Mapping[str, str]
    body: bytes
    now: datetime


def _standard(lock: Lock, given: _Given) -> bytes:
    identifier = _header(given, "webhook-id")
    stamp = _header(given, "webhook-timestamp")
    signatures = _header(given, "webhook-signature").split(" ")
    signed = b".".join((_bytes(identifier), _bytes(stamp), given.body))
    proofs = [_base64(each[3:]) for each in signatures if each.startswith("v1,")]
    _signed(lock, signed, proofs, "sha256")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 10):
        raise Refused("stale")
    _fresh(datetime.fromtimestamp(int(stamp), UTC), given.now)
    return _bytes(identifier)


def _zendesk(lock: Lock, given: _Given) -> bytes:
    stamp = _header(given, "x-zendesk-webhook-signature-timestamp")
    signature = _header(given, "x-zendesk-webhook-signature")
    signed = _bytes(stamp) + given.body
    _signed(lock, signed, [_base64(signature)], "sha256")
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        raise Refused("stale") from None
    _fresh(moment if moment.tzinfo else moment.replace(tzinfo=UTC), given.now)
    return signed


def _hub_sha256(lock: Lock, given: _Given) -> bytes:
    names = (lock.header,) if lock.header else ("x-hub-signature-256", "x-hub-signature")
    return _hub(lock, given, names, "sha256")


def _hub_sha1(lock: Lock, given: _Given) -> bytes:
    return _hub(lock, given, (lock.header or "x-hub-signature",), "sha1")


def _hub(lock: Lock, given: _Given, names: Sequence[str], algorithm: Literal["sha256", "sha1"]) -> bytes:
    signature = next((value for name in names if (value := given.headers.get(name))), "")
    if not signature:
        raise Refused("missing")
    kind, _, proof = signature.partition("=")
    try:
        proofs = [bytes.fromhex(proof)] if kind == algorithm else []
    except ValueError:
        proofs = []
    _signed(lock, given.body, proofs, algorithm)
    return given.body


def _telegram(lock: Lock, given: _Given) -> bytes:
    return _secret(lock, _header(given, "x-telegram-bot-api-secret-token"), given.body)


def _named(lock: Lock, given: _Given) -> bytes:
    return _secret(lock, _header(given, lock.header), given.body)


def _bearer(lock: Lock, given: _Given) -> bytes:
    return _secret(lock, _authorization(given, "bearer"), given.body)


def _basic(lock: Lock, given: _Given) -> bytes:
    user, _, password = _base64(_authorization(given, "basic")).partition(b":")
    right = not lock.user or hmac.compare_digest(user, lock.user.encode())
    if not (_same(lock, password) and right):
        raise Refused("forged")
    return given.body


_SCHEMES: Mapping[Scheme, Callable[[Lock, _Given], bytes]] = {
    "standard-webhooks": _standard,
    "zendesk": _zendesk,
    "hub-sha256": _hub_sha256,
    "hub-sha1": _hub_sha1,
    "telegram": _telegram,
    "bearer": _bearer,
    "header": _named,
    "basic": _basic,
}


def _header(given: _Given, name: str) -> str:
    value = given.headers.get(name)
    if not value:
        raise Refused("missing")
    return value


def _authorization(given: _Given, scheme: str) -> str:
    kind, _, value = _header(given, "authorization").partition(" ")
    if kind.lower() != scheme:
        raise Refused("missing")
    return value.strip()


def _bytes(text: str) -> bytes:
    """As they stood on the wire: a server gives header values as Latin-1 (RFC 9110, 5.5)."""
    return text.encode("latin-1", "replace")


def _base64(text: str) -> bytes:
    """Empty where it is none: what no signature equals."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _signed(lock: Lock, signed: bytes, proofs: Sequence[bytes], algorithm: Literal["sha256", "sha1"]) -> None:
    right = False
    for secret in lock.secrets:
        expected = hmac.digest(secret, signed, algorithm)
        for proof in proofs:
            right |= hmac.compare_digest(expected, proof)
    if not right:
        raise Refused("forged")


def _secret(lock: Lock, given: str, body: bytes) -> bytes:
    if not _same(lock, _bytes(given)):
        raise Refused("forged")
    return body


def _same(lock: Lock, given: bytes) -> bool:
    """Digests are compared, for the length of a secret is nobody's business either."""
    shown, right = sha256(given).digest(), False
    for secret in lock.secrets:
        right |= hmac.compare_digest(sha256(secret).digest(), shown)
    return right


def _fresh(moment: datetime, now: datetime) -> None:
    if abs(now - moment) > TOLERANCE:
        raise Refused("stale")
