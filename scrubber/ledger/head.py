"""The signed end of a chain: in the database, replaced with every entry, and published to a file outside it.

The head commits to every entry (`digest` is the last link of the hash chain) and to every signature (`seal`). The file
is what shows that the database was put back to an earlier state: such a database is consistent in itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from scrubber.errors import LedgerError
from scrubber.ledger.canonical import dumps, loads
from scrubber.ledger.files import replace_file
from scrubber.ledger.rows import as_text, raw_rows
from scrubber.ledger.signatures import HEAD, PublicKeys
from scrubber.schema import heads

_MAX_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Head:
    """`digest` of the entry at `index`; `seal` as `sealed` makes it; `signer` and `signed_at` of `signature`."""

    chain: str
    index: int
    digest: str
    seal: str
    signer: str
    signed_at: str
    signature: bytes = b""

    def statement(self) -> bytes:
        """What is signed."""
        content = {"v": 1, "chain": self.chain, "idx": self.index, "digest": self.digest, "seal": self.seal}
        return HEAD + dumps({**content, "key_id": self.signer, "signed_at": self.signed_at})

    def valid(self, keys: PublicKeys) -> bool:
        return keys.valid(self.signer, self.statement(), self.signature)


def sealed(seal: str, digest: str, signature: bytes) -> str:
    """The seal after one more entry: SHA-256 (hex) over the seal before ("" at first), its digest and its signature."""
    return hashlib.sha256(f"{seal}\n{digest}\n".encode() + signature).hexdigest()


def stored_head(tx: Connection, chain: str) -> Head | None:
    """The head in the database, not verified. LedgerError when the row is not of a head's shape."""
    names = ("idx", "digest", "seal", "key_id", "signed_at", "signature")
    found = list(raw_rows(tx, heads, names, chain))
    if not found:
        return None
    index, digest, seal, signer, signed_at, signature = found[0]
    if type(index) is not int or not isinstance(signature, bytes):
        raise LedgerError(f"the head of chain {chain!r} is damaged")
    return Head(chain, index, as_text(digest), as_text(seal), as_text(signer), as_text(signed_at), signature)


def published_head(path: Path, chain: str, keys: PublicKeys) -> Head | None:
    """The head in the file, verified; None when there is no file. LedgerError when it is not what we published."""
    try:
        with path.open("rb") as file:
            content = loads(file.read(_MAX_BYTES))
        head = Head(
            chain=content["chain"],
            index=content["idx"],
            digest=content["digest"],
            seal=content["seal"],
            signer=content["key_id"],
            signed_at=content["signed_at"],
            signature=bytes.fromhex(content["signature"]),
        )
        usable = head.chain == chain and type(head.index) is int and head.valid(keys)
    except FileNotFoundError:
        return None
    except (OSError, LedgerError, KeyError, TypeError, ValueError):
        usable = False
    if not usable:
        raise LedgerError("the published head can't be read or does not verify")
    return head


def write_head(path: Path, head: Head) -> None:
    """Publish: replaces the file at once and durably. LedgerError when it can't."""
    content = {"v": 1, "chain": head.chain, "idx": head.index, "digest": head.digest, "seal": head.seal}
    content |= {"key_id": head.signer, "signed_at": head.signed_at, "signature": head.signature.hex()}
    try:
        replace_file(path, dumps(content) + b"\n")
    except OSError as error:
        raise LedgerError(f"the head can't be published: {error.strerror}") from None
