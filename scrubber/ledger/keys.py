"""The keys of the record, in a directory of their own, apart from the database.

Digest keys (HMAC-SHA256) make digests that nobody without the key can guess a BSN from; rotating keeps the old ones for
comparing until they are destroyed. The signing key (Ed25519, RFC 8032) says that this installation wrote an entry;
after its rotation the old private key is gone and the old public key stays, so that old signatures verify.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scrubber.errors import LedgerError
from scrubber.ledger.files import read_private, replace_file, require_private, shred, sync_directory
from scrubber.ledger.signatures import PublicKeys, key_name
from scrubber.store import utc_text

Purpose = Literal["message", "ref", "value", "thread", "marker"]

SETTING = "[ledger] keys"
_MANIFEST = "ring.json"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What may be told of a key. Moments as `utc_text`; `ended` is "" while it lives (destroyed, or signer retired)."""

    key_id: str
    created: str
    ended: str = ""


@dataclass(frozen=True, slots=True)
class _Manifest:
    """Which keys there are. The last of each kind is the current one."""

    digest: tuple[KeyInfo, ...]
    signers: tuple[KeyInfo, ...]


class KeyRing:
    """The keys, open. Another process sees a rotation after `refresh`; a directory is for one installation."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.refresh()

    @classmethod
    def create(cls, path: Path) -> KeyRing:
        """Make the directory (0700) with a digest key and a signing key. LedgerError when keys are there already."""
        with _key_errors():
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            require_private(path.stat(), path)
            with _locked(path):
                if (path / _MANIFEST).exists():
                    raise LedgerError(f"{SETTING}: {path} holds keys already; new ones would orphan the record")
                now = utc_text(datetime.now(UTC))
                _write(path, _Manifest((_new_digest_key(path, now),), (_new_signer(path, now),)))
            sync_directory(path.parent)
        return cls(path)

    @staticmethod
    def made(path: Path) -> bool:
        """Whether `create` came to its end there: what it left when it was cut short was never used for anything."""
        with _key_errors():
            return (path / _MANIFEST).exists()

    @classmethod
    def open(cls, path: Path) -> KeyRing:
        """The keys in `path`. LedgerError, naming the setting: missing, damaged, or readable by others."""
        return cls(path)

    def refresh(self) -> None:
        """Read the directory again, and finish a destruction that was cut short."""
        with _key_errors():
            if not (self._path / _MANIFEST).exists():
                raise LedgerError(f"{SETTING}: no keys in {self._path}")
            require_private(self._path.stat(), self._path)
            with _locked(self._path):
                self._load()

    def _load(self) -> None:
        self._manifest = _read(self._path)
        ended = [key for key in (*self._manifest.digest, *self._manifest.signers) if key.ended]
        for key in ended:
            shred(_secret(self._path, key.key_id))
        living = [key.key_id for key in reversed(self._manifest.digest) if not key.ended]
        self._digest_keys = {key_id: _read_digest_key(self._path, key_id) for key_id in living}
        self._signing_key = _read_signing_key(self._path, self.signer)
        pems = [read_private(_public(self._path, key.key_id)) for key in self._manifest.signers]
        self._public = PublicKeys.from_pem(b"".join(pems))

    @property
    def key_id(self) -> str:
        """The digest key in use."""
        return self._manifest.digest[-1].key_id

    @property
    def signer(self) -> str:
        """The signing key in use."""
        return self._manifest.signers[-1].key_id

    @property
    def digest_keys(self) -> tuple[KeyInfo, ...]:
        """Every digest key there ever was, oldest first."""
        return self._manifest.digest

    @property
    def public_keys(self) -> PublicKeys:
        """Every public key there ever was: what an auditor needs to verify, and all they need."""
        return self._public

    def digest(self, purpose: Purpose, data: bytes) -> str:
        """HMAC-SHA256 (hex) under the current key. Digests for two purposes never compare equal."""
        return self._digest(self.key_id, purpose, data)

    def digest_all(self, purpose: Purpose, data: bytes) -> tuple[str, ...]:
        """The digests under every living key, the current one first: one of them was written, whenever that was."""
        return tuple(self._digest(key_id, purpose, data) for key_id in self._digest_keys)

    def _digest(self, key_id: str, purpose: Purpose, data: bytes) -> str:
        return hmac.digest(self._digest_keys[key_id], b"scrubber/1/%b\0" % purpose.encode() + data, "sha256").hex()

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature (64 bytes) by `signer`. The caller puts what it is a signature of in `data`."""
        return self._signing_key.sign(data)

    def rotate(self) -> str:
        """A new digest key becomes the current one; the old ones stay for comparing. Gives its id."""
        with self._changing() as now:
            made = _new_digest_key(self._path, now)
            _write(self._path, _Manifest((*self._manifest.digest, made), self._manifest.signers))
        return made.key_id

    def rotate_signer(self) -> str:
        """A new signing key; the old private key is shredded, its public key kept. Gives the new id."""
        with self._changing() as now:
            made = _new_signer(self._path, now)
            *before, last = self._manifest.signers
            retired = KeyInfo(last.key_id, last.created, now)
            _write(self._path, _Manifest(self._manifest.digest, (*before, retired, made)))
        return made.key_id

    def destroy(self, key_id: str) -> None:
        """Shred an old digest key: what was digested under it can never be compared again. Twice is once.

        LedgerError for the current key (rotate first) or an unknown one. The caller records it (`Ledger.destroy_key`).
        """
        with self._changing() as now:
            if key_id == self.key_id:
                raise LedgerError("the digest key in use can't be destroyed: rotate first")
            if key_id not in {key.key_id for key in self._manifest.digest}:
                raise LedgerError("no digest key of that id")
            digest = tuple(
                KeyInfo(key.key_id, key.created, key.ended or now) if key.key_id == key_id else key
                for key in self._manifest.digest
            )
            _write(self._path, _Manifest(digest, self._manifest.signers))

    @contextmanager
    def _changing(self) -> Iterator[str]:
        """The manifest names an end before the file is shredded: `_load` finishes what a crash leaves."""
        with _key_errors(), _locked(self._path):
            self._load()
            yield utc_text(datetime.now(UTC))
            self._load()


def _secret(path: Path, key_id: str) -> Path:
    return path / f"{key_id}.key"


def _public(path: Path, key_id: str) -> Path:
    return path / f"{key_id}.pub"


def _new_digest_key(path: Path, now: str) -> KeyInfo:
    key_id = f"h-{secrets.token_hex(4)}"
    replace_file(_secret(path, key_id), secrets.token_bytes(_SECRET_BYTES))
    return KeyInfo(key_id, now)


def _new_signer(path: Path, now: str) -> KeyInfo:
    key = Ed25519PrivateKey.generate()
    key_id = key_name(key.public_key())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    replace_file(_public(path, key_id), public)
    replace_file(_secret(path, key_id), private)
    return KeyInfo(key_id, now)


def _read_digest_key(path: Path, key_id: str) -> bytes:
    secret = read_private(_secret(path, key_id))
    if len(secret) != _SECRET_BYTES:
        raise LedgerError(f"{SETTING}: {key_id}.key is damaged")
    return secret


def _read_signing_key(path: Path, key_id: str) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(read_private(_secret(path, key_id)), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey) or key_name(key.public_key()) != key_id:
        raise LedgerError(f"{SETTING}: {key_id}.key is damaged")
    return key


def _read(path: Path) -> _Manifest:
    content = read_private(path / _MANIFEST)
    try:
        given: dict[str, Any] = json.loads(content)
        if given["v"] != 1:
            raise LedgerError(f"{SETTING}: {_MANIFEST} was written by a newer scrubber")
        manifest = _Manifest(
            *(
                tuple(KeyInfo(key["id"], key["created"], key["ended"]) for key in given[kind])
                for kind in ("digest", "signers")
            )
        )
        usable = all(keys and not keys[-1].ended for keys in (manifest.digest, manifest.signers))
    except (ValueError, KeyError, TypeError, RecursionError):
        usable = False
    if not usable:
        raise LedgerError(f"{SETTING}: {_MANIFEST} is damaged")
    return manifest


def _write(path: Path, manifest: _Manifest) -> None:
    def listed(keys: tuple[KeyInfo, ...]) -> list[dict[str, str]]:
        return [{"id": key.key_id, "created": key.created, "ended": key.ended} for key in keys]

    content = {"v": 1, "digest": listed(manifest.digest), "signers": listed(manifest.signers)}
    replace_file(path / _MANIFEST, json.dumps(content, indent=1).encode() + b"\n")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time changes the ring."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _key_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LedgerError(f"{SETTING}: {error.strerror or type(error).__name__}: {error.filename or ''}") from None
