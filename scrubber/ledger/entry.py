"""One entry of the record: what happened to one message, without anything of its text.

Canonical bytes (`canonical`) are what is hashed, signed and stored; every digest of a message, a value or a reference
in them is keyed (HMAC-SHA256 under the key named by `key_id`), because a bare hash of a BSN is found in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["message", "deferred", "restored", "released", "reviewed", "checkpoint", "key_created", "key_destroyed"]


@dataclass(frozen=True, slots=True)
class Removal:
    """One decision. `fingerprint` is keyed, "" for what is just kept. `evidence`: why asked/needed/on file, no text."""

    entity_type: str
    rule: str
    action: str
    path_kind: str
    score: float
    recognizer: str = ""
    data_subject: str = "unknown"
    evidence: str = ""
    fingerprint: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True)
class UnreadPart:
    media_type: str
    reason: str


@dataclass(frozen=True, slots=True)
class CopyLeft:
    """`state`: CLEANED | REMAINS | UNKNOWN."""

    place: str
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """`index` counts from 0 without gaps; `previous` is the SHA-256 (hex) of the entry before, its canonical bytes.

    `previous` is "" at 0. `recorded_at` is UTC ISO 8601 as `store.utc_text` writes it. `mode` is "observe" or "redact".
    `reason` is a short code. `key_id` names the key of the keyed digests, `signer` the key that signed the entry.
    A draft, an entry that waits in the journal for its place, has index -1, previous "" and signer "".
    """

    chain: str
    index: int
    previous: str
    kind: Kind
    recorded_at: str
    actor: str
    job: str = ""
    source: str = ""
    channel: str = ""
    mode: str = ""
    ref: str = ""
    message_digest: str = ""
    result_digest: str = ""
    outcome: str = ""
    reason: str = ""
    removals: tuple[Removal, ...] = ()
    unread: tuple[UnreadPart, ...] = ()
    copies: tuple[CopyLeft, ...] = ()
    notes: tuple[str, ...] = ()
    policy_digest: str = ""
    detector_digest: str = ""
    key_id: str = ""
    signer: str = ""
