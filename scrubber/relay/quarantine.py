"""What could not be scrubbed, locked away for a while where the settings want that: AES-256-GCM (NIST SP 800-38D).

A sealed delivery: one byte (the version), 12 bytes nonce, the ciphertext with its tag. Source and delivery are bound to
it, so that a row can't be put in another's place.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scrubber.errors import SettingsError, StoreError

SETTING = "quarantine_key_env, quarantine_key_file"
_VERSION = b"\x01"
_NONCE = 12
_KEY = 32


def key_of(text: str, where: str) -> bytes:
    """A key as the settings give it: 32 bytes, in base64 or hexadecimal. SettingsError."""
    for decode in (bytes.fromhex, lambda given: base64.b64decode(given, validate=True)):
        try:
            key = decode(text.strip())
        except (ValueError, binascii.Error):
            continue
        if len(key) == _KEY:
            return key
    raise SettingsError(f"{where}: {SETTING}: a key has 32 bytes; `openssl rand -hex 32` makes one")


def seal(key: bytes, source: str, delivery: str, payload: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, payload, _bound(source, delivery))


def open_sealed(key: bytes, source: str, delivery: str, sealed: bytes) -> bytes:
    """StoreError: another key, or not what was put there."""
    nonce, rest = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    if sealed[:1] == _VERSION and len(nonce) == _NONCE:
        try:
            return AESGCM(key).decrypt(nonce, rest, _bound(source, delivery))
        except InvalidTag:
            pass
    raise StoreError(f"this delivery can't be opened: is {SETTING} of source {source} the key it was sealed with?")


def _bound(source: str, delivery: str) -> bytes:
    return f"{source}\0{delivery}".encode()
