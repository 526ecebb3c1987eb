"""The keys: what they compare, who can read them, and how they end."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrubber.errors import LedgerError
from scrubber.ledger.keys import KeyRing, Purpose
from scrubber.ledger.signatures import ENTRY, HEAD, PublicKeys

PURPOSES: tuple[Purpose, ...] = ("message", "ref", "value", "thread")


def _secrets(keys: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(keys.glob("*.key"))]


def test_a_new_ring_is_private(keys: Path) -> None:
    before = os.umask(0)
    try:
        KeyRing.create(keys)
    finally:
        os.umask(before)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    assert sorted(path.suffix for path in keys.iterdir()) == [".json", ".key", ".key", ".pub"]


def test_the_digest_is_a_keyed_one_and_comes_back_after_opening(ring: KeyRing, keys: Path) -> None:
    secret = (keys / f"{ring.key_id}.key").read_bytes()
    wanted = hmac.new(secret, b"scrubber/1/value\x00NL_BSN", hashlib.sha256).hexdigest()
    assert ring.digest("value", b"NL_BSN") == wanted
    assert KeyRing.open(keys).digest("value", b"NL_BSN") == wanted
    assert wanted != hashlib.sha256(b"NL_BSN").hexdigest()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=40), other=st.binary(max_size=40))
def test_digests_agree_for_equal_data_of_one_purpose_only(ring: KeyRing, data: bytes, other: bytes) -> None:
    digests = {ring.digest(purpose, data) for purpose in PURPOSES}
    assert len(digests) == len(PURPOSES)
    assert (ring.digest("ref", data) == ring.digest("ref", other)) == (data == other)


def test_two_rings_never_agree(tmp_path: Path) -> None:
    one, other = (KeyRing.create(tmp_path / name) for name in ("een", "twee"))
    assert one.digest("value", b"x") != other.digest("value", b"x")
    assert one.key_id != other.key_id
    assert one.signer != other.signer


def test_after_rotation_the_old_digests_are_still_compared(ring: KeyRing, keys: Path) -> None:
    old, old_id = ring.digest("value", b"x"), ring.key_id
    new_id = ring.rotate()
    assert (ring.key_id, ring.key_id == old_id) == (new_id, False)
    assert ring.digest_all("value", b"x") == (ring.digest("value", b"x"), old)
    assert KeyRing.open(keys).digest_all("value", b"x") == ring.digest_all("value", b"x")
    assert [key.key_id for key in ring.digest_keys] == [old_id, new_id]
    assert all(key.created.endswith("Z") and not key.ended for key in ring.digest_keys)


def test_a_destroyed_key_is_gone_from_disk_and_never_compared_again(ring: KeyRing, keys: Path) -> None:
    old, old_id = ring.digest("value", b"x"), ring.key_id
    secret = (keys / f"{old_id}.key").read_bytes()
    ring.rotate()
    ring.destroy(old_id)
    ended = ring.digest_keys[0].ended
    assert ended
    assert old not in ring.digest_all("value", b"x")
    assert all(secret not in path.read_bytes() for path in keys.iterdir())
    ring.destroy(old_id)
    assert ring.digest_keys[0].ended == ended
    assert len(KeyRing.open(keys).digest_all("value", b"x")) == 1


def test_the_file_of_a_destroyed_key_is_overwritten_before_it_goes(ring: KeyRing, keys: Path, tmp_path: Path) -> None:
    """A second name for the same file shows what is left in its blocks."""
    old_id = ring.key_id
    (tmp_path / "elders").hardlink_to(keys / f"{old_id}.key")
    ring.rotate()
    ring.destroy(old_id)
    assert (tmp_path / "elders").read_bytes() == bytes(32)


def test_the_key_in_use_and_an_unknown_key_are_not_destroyed(ring: KeyRing) -> None:
    with pytest.raises(LedgerError, match="rotate first"):
        ring.destroy(ring.key_id)
    with pytest.raises(LedgerError, match="no digest key of that id"):
        ring.destroy(ring.signer)
    assert len(ring.digest_all("value", b"x")) == 1


def test_a_destruction_that_was_cut_short_is_finished_at_opening(ring: KeyRing, keys: Path) -> None:
    old_id = ring.key_id
    ring.rotate()
    manifest = json.loads((keys / "ring.json").read_text())
    manifest["digest"][0]["ended"] = "2026-03-01T13:30:00.000000Z"
    (keys / "ring.json").write_text(json.dumps(manifest))
    KeyRing.open(keys)
    assert not (keys / f"{old_id}.key").exists()


def test_another_process_sees_a_rotation_after_refresh(ring: KeyRing, keys: Path) -> None:
    other = KeyRing.open(keys)
    ring.rotate()
    ring.rotate_signer()
    assert other.key_id != ring.key_id
    other.refresh()
    assert (other.key_id, other.signer) == (ring.key_id, ring.signer)


def test_two_rings_that_rotate_in_turn_lose_no_key(ring: KeyRing, keys: Path) -> None:
    other = KeyRing.open(keys)
    made = [ring.key_id, other.rotate(), ring.rotate(), other.rotate()]
    assert [key.key_id for key in KeyRing.open(keys).digest_keys] == made


def test_a_signature_verifies_with_the_public_key_alone(ring: KeyRing) -> None:
    public = PublicKeys.from_pem(ring.public_keys.to_pem())
    signature = ring.sign(ENTRY + b"body")
    assert public.valid(ring.signer, ENTRY + b"body", signature)
    assert not public.valid(ring.signer, HEAD + b"body", signature)
    assert not public.valid(ring.signer, ENTRY + b"bodi", signature)
    assert not public.valid(ring.signer, ENTRY + b"body", signature[:-1])
    assert not public.valid("s-0000000000000000", ENTRY + b"body", signature)


def test_after_rotating_the_signer_old_signatures_verify_and_the_old_key_is_gone(ring: KeyRing, keys: Path) -> None:
    old, signature = ring.signer, ring.sign(b"x")
    new = ring.rotate_signer()
    assert (ring.signer, old == new) == (new, False)
    assert ring.public_keys.valid(old, b"x", signature)
    assert not ring.public_keys.valid(new, b"x", signature)
    assert not (keys / f"{old}.key").exists()
    assert KeyRing.open(keys).public_keys.valid(old, b"x", signature)
    assert ring.public_keys.to_pem().count(b"BEGIN PUBLIC KEY") == 2
    assert list(PublicKeys.from_pem(ring.public_keys.to_pem()).keys) == [old, new]


def test_keys_are_made_once(ring: KeyRing, keys: Path) -> None:
    before = _secrets(keys)
    with pytest.raises(LedgerError, match=r"\[ledger\] keys: .* holds keys already"):
        KeyRing.create(keys)
    assert _secrets(keys) == before


def test_a_creation_that_was_cut_short_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tmp_path / "keys"

    def cut_short(path: Path, now: str) -> NoReturn:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("scrubber.ledger.keys._new_signer", cut_short)
        with pytest.raises(KeyboardInterrupt):
            KeyRing.create(keys)
    assert any(keys.iterdir())
    assert not KeyRing.made(keys)
    ring = KeyRing.create(keys)
    assert KeyRing.made(keys)
    assert KeyRing.open(keys).key_id == ring.key_id


def test_missing_keys_name_the_setting(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"\[ledger\] keys: no keys in"):
        KeyRing.open(tmp_path / "nergens")


def test_a_place_where_no_directory_can_be(tmp_path: Path) -> None:
    (tmp_path / "bestand").touch()
    with pytest.raises(LedgerError, match=r"\[ledger\] keys: .*bestand"):
        KeyRing.create(tmp_path / "bestand")


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o701])
def test_a_directory_that_others_enter_is_refused(ring: KeyRing, keys: Path, mode: int) -> None:
    keys.chmod(mode)
    with pytest.raises(LedgerError, match="chmod 700"):
        KeyRing.open(keys)
    with pytest.raises(LedgerError, match="chmod 700"):
        KeyRing.create(keys)


@pytest.mark.parametrize("pattern", ["h-*.key", "s-*.key", "s-*.pub", "ring.json"])
def test_a_file_that_others_read_is_refused(ring: KeyRing, keys: Path, pattern: str) -> None:
    next(keys.glob(pattern)).chmod(0o640)
    with pytest.raises(LedgerError, match="chmod 600"):
        KeyRing.open(keys)


def test_a_key_of_another_user_is_refused(ring: KeyRing, keys: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(keys / f"{ring.key_id}.key", 65534, 65534)
    with pytest.raises(LedgerError, match="another user"):
        KeyRing.open(keys)


def test_a_link_is_not_followed(ring: KeyRing, keys: Path, tmp_path: Path) -> None:
    path = keys / f"{ring.key_id}.key"
    path.rename(tmp_path / "elders")
    path.symlink_to(tmp_path / "elders")
    with pytest.raises(LedgerError, match=r"\[ledger\] keys"):
        KeyRing.open(keys)


def _foreign_key(_content: bytes) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    pem, shape = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, shape, serialization.NoEncryption())


@pytest.mark.parametrize(
    ("pattern", "damage", "says"),
    [
        ("h-*.key", lambda content: content[:-1], "h-.*.key is damaged"),
        ("h-*.key", lambda _content: b"", "h-.*.key is damaged"),
        ("s-*.key", lambda content: content[:60], "s-.*.key is damaged"),
        ("s-*.key", _foreign_key, "s-.*.key is damaged"),
        ("s-*.pub", lambda _content: b"", "not an Ed25519 public key"),
        ("s-*.pub", lambda _content: b"-----BEGIN X-----\nAAAA\n-----END X-----", "not an Ed25519 public key"),
        ("ring.json", lambda content: content[:-3], "ring.json is damaged"),
        ("ring.json", lambda _content: b"[" * 100_000, "ring.json is damaged"),
        ("ring.json", lambda _content: b'{"v":1,"digest":[],"signers":[]}', "ring.json is damaged"),
        ("ring.json", lambda content: content.replace(b'"ended": ""', b'"ended": "x"'), "ring.json is damaged"),
        ("ring.json", lambda content: content.replace(b'"v": 1', b'"v": 2'), "newer scrubber"),
    ],
)
def test_damage_is_refused_and_named(
    ring: KeyRing, keys: Path, pattern: str, damage: Callable[[bytes], bytes], says: str
) -> None:
    path = next(keys.glob(pattern))
    secrets = _secrets(keys)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(LedgerError, match=says) as caught:
        KeyRing.open(keys)
    assert not any(secret.hex() in str(caught.value) or str(secret) in str(caught.value) for secret in secrets)


def test_a_swapped_signing_key_is_noticed(tmp_path: Path) -> None:
    one, other = (KeyRing.create(tmp_path / name) for name in ("een", "twee"))
    mine, theirs = tmp_path / "een" / f"{one.signer}.key", tmp_path / "twee" / f"{other.signer}.key"
    mine.write_bytes(theirs.read_bytes())
    with pytest.raises(LedgerError, match="damaged"):
        KeyRing.open(tmp_path / "een")


def test_a_lost_key_file_is_named(ring: KeyRing, keys: Path) -> None:
    (keys / f"{ring.key_id}.key").unlink()
    with pytest.raises(LedgerError, match=r"No such file.*h-"):
        KeyRing.open(keys)


def test_nothing_secret_is_shown(ring: KeyRing, keys: Path) -> None:
    shown = repr(ring) + repr(ring.digest_keys) + repr(ring.public_keys)
    for secret in _secrets(keys):
        assert secret.hex() not in shown
        assert repr(secret) not in shown


def test_a_failed_write_leaves_the_ring_as_it_was(ring: KeyRing, keys: Path) -> None:
    """The directory is gone from under the ring: the new manifest can't take the place of the old one."""
    keys.rename(keys.with_name("weg"))
    with pytest.raises(LedgerError, match=r"\[ledger\] keys"):
        ring.rotate()
    keys.with_name("weg").rename(keys)
    assert KeyRing.open(keys).key_id == ring.key_id
