"""The quarantine opens with its own key, at its own place, and no other way."""

from __future__ import annotations

import base64

import pytest

from scrubber.errors import SettingsError, StoreError
from scrubber.relay.quarantine import key_of, open_sealed, seal

KEY = bytes(range(32))


def test_what_is_sealed_opens_again() -> None:
    sealed = seal(KEY, "wa", "d1", b"BSN 123456782")
    assert b"123456782" not in sealed
    assert open_sealed(KEY, "wa", "d1", sealed) == b"BSN 123456782"
    assert seal(KEY, "wa", "d1", b"x") != seal(KEY, "wa", "d1", b"x")


@pytest.mark.parametrize("change", ["key", "source", "delivery", "bytes", "version", "short", "empty"])
def test_nothing_else_opens_it(change: str) -> None:
    sealed = seal(KEY, "wa", "d1", b"x")
    damaged = {
        "bytes": sealed[:-1] + bytes([sealed[-1] ^ 1]),
        "version": b"\x02" + sealed[1:],
        "short": sealed[:9],
        "empty": b"",
    }
    with pytest.raises(StoreError, match="quarantine_key"):
        open_sealed(
            KEY[::-1] if change == "key" else KEY,
            "fb" if change == "source" else "wa",
            "d2" if change == "delivery" else "d1",
            damaged.get(change, sealed),
        )


def test_keys() -> None:
    assert key_of(KEY.hex() + "\n", "x") == key_of(base64.b64encode(KEY).decode(), "x") == KEY
    for text in ("", "00", "geheim" * 8, KEY.hex()[:-2]):
        with pytest.raises(SettingsError, match="openssl rand"):
            key_of(text, "source wa")
