"""Public keys and what is signed with them. Each kind of statement has its own prefix: none can pass for another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scrubber.errors import LedgerError

ENTRY = b"scrubber-entry/1\n"
HEAD = b"scrubber-head/1\n"
_BLOCK = re.compile(b"-----BEGIN [^-]+-----[^-]*-----END [^-]+-----")


def key_name(key: Ed25519PublicKey) -> str:
    """The id of a signing key: "s-" and the first 16 hex digits of the SHA-256 of its 32 public bytes."""
    return "s-" + hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """Ed25519 public keys by their id."""

    keys: Mapping[str, Ed25519PublicKey]

    @classmethod
    def from_pem(cls, pem: bytes) -> PublicKeys:
        """From one or more PEM blocks (SubjectPublicKeyInfo). LedgerError when one is no Ed25519 public key."""
        keys: dict[str, Ed25519PublicKey] = {}
        for block in _BLOCK.findall(pem) or [pem]:
            try:
                key = serialization.load_pem_public_key(block)
            except (ValueError, UnsupportedAlgorithm):
                key = None
            if not isinstance(key, Ed25519PublicKey):
                raise LedgerError("not an Ed25519 public key in PEM")
            keys[key_name(key)] = key
        return cls(keys)

    def to_pem(self) -> bytes:
        """All of them, one PEM block after the other: what an auditor is given."""
        shape = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return b"".join(key.public_bytes(*shape) for key in self.keys.values())

    def __contains__(self, signer: object) -> bool:
        return signer in self.keys

    def valid(self, signer: str, statement: bytes, signature: bytes) -> bool:
        """Whether `signer`, a known key, signed `statement`."""
        key = self.keys.get(signer)
        if key is None:
            return False
        try:
            key.verify(signature, statement)
        except InvalidSignature:
            return False
        return True
