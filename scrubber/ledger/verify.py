"""Verify a chain: is it what was written, and if not, which entry is the first that isn't?

First the fast way, over stored bytes: the hash chain, and one signature, the head's, which commits to all of it. Where
that does not fit, entry by entry with each its own signature, because who has rewritten an entry may have recomputed
every digest after it; only a signature tells which. What this can't show, without a head file kept elsewhere, is a
whole database put back to an earlier state. A ledger without any entry is empty only when the journal is, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from scrubber.errors import LedgerError
from scrubber.ledger.head import Head, published_head, sealed, stored_head
from scrubber.ledger.rows import Raw, raw_rows
from scrubber.ledger.signatures import ENTRY, PublicKeys
from scrubber.ledger.traces import JOURNALLED, recorded
from scrubber.schema import ledger as table
from scrubber.store import Store

Why = Literal[
    "",
    "body",
    "digest",
    "signature",
    "unknown-key",
    "order",
    "missing",
    "previous",
    "projection",
    "tail-cut",
    "head-missing",
    "head-signature",
    "head-behind",
    "head-mismatch",
    "rolled-back",
    "published-mismatch",
    "published-unreadable",
    "emptied",
]

Progress = Callable[[int, int], None]
"""Called with the entries done and the entries there are; starts again at 0 for the second, slow pass."""

_PROJECTION = ("kind", "recorded_at", "source", "outcome", "job")
_COLUMNS = ("idx", "body", "digest", "signature", *_PROJECTION)
_STEP = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """`first_bad`: the first index that is not, or no longer, as written; every entry before it is proven.

    It is `entries` when none of those there are is bad but nothing says that no more followed, and None when ok or when
    only the published head is unreadable. `published`: where the head file stands ("none": not asked for, "absent",
    "behind" is normal after a crash, "equal"); "" when not reached. `signed_until`: the last proven index, or -1.
    """

    ok: bool
    entries: int
    first_bad: int | None
    why: Why
    head_digest: str
    checkpoints: int
    signed_until: int
    published: Literal["", "none", "absent", "behind", "equal"] = ""


@dataclass(frozen=True, slots=True)
class _Chain:
    """What is verified, and with what."""

    tx: Connection
    name: str
    keys: PublicKeys
    total: int
    progress: Progress | None


@dataclass(slots=True)
class _Walk:
    """How far a pass came: `index` is the first that it did not accept, for `fault`. `marks`: digests to note."""

    marks: dict[int, str]
    index: int = 0
    digest: str = ""
    seal: str = ""
    checkpoints: int = 0
    fault: Why = ""


def verify(
    store: Store,
    keys: PublicKeys,
    chain: str = "main",
    head_file: Path | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """The verdict on a chain as it stands now, in one snapshot of the database; writers may go on meanwhile.

    `keys` is `KeyRing.public_keys`, or `PublicKeys.from_pem` of what an auditor was given. StoreError: can't be read.
    """
    published, readable = None, True
    if head_file is not None:  # before the database: another process may append and publish while this reads
        try:
            published = published_head(head_file, chain, keys)
        except LedgerError:
            readable = False
    with store.read() as tx:
        total = int(tx.execute(select(func.count()).where(table.c.chain == chain)).scalar_one())
        head, head_fault = _trusted_head(tx, chain, keys)
        given = _Chain(tx, chain, keys, total, progress)
        marks = {known.index: "" for known in (head, published) if known is not None}
        walk = _walk(given, dict(marks), careful=False)
        fault, first_bad = _judge_head(head, head_fault, walk)
        if fault:
            walk = _walk(given, dict(marks), careful=True)
            fault, first_bad = _judge_head(head, head_fault, walk)
        emptied = walk.index == 0 and chain == JOURNALLED and recorded(tx)
    standing: Literal["", "none", "absent", "behind", "equal"] = ""
    if not fault:
        fault, first_bad = _judge_published(published, walk) if readable else ("published-unreadable", None)
    if not fault and emptied:
        fault, first_bad = "emptied", 0
    if not fault and published is None:
        standing = "none" if head_file is None else "absent"
    elif not fault and published is not None:
        standing = "equal" if published.index == walk.index - 1 else "behind"
    return Verdict(
        ok=not fault,
        entries=total,
        first_bad=first_bad,
        why=fault,
        head_digest=walk.digest,
        checkpoints=walk.checkpoints,
        signed_until=(total if first_bad is None else first_bad) - 1,
        published=standing,
    )


def _trusted_head(tx: Connection, chain: str, keys: PublicKeys) -> tuple[Head | None, Why]:
    try:
        head = stored_head(tx, chain)
    except LedgerError:
        return None, "head-signature"
    if head is None:
        return None, "head-missing"
    return (head, "") if head.valid(keys) else (None, "head-signature")


def _judge_head(head: Head | None, head_fault: Why, walk: _Walk) -> tuple[Why, int | None]:
    """The fault of the walk, else that of the head, given that all entries there are were accepted."""
    if walk.fault:
        return walk.fault, walk.index
    if head is None:
        empty = walk.index == 0 and head_fault == "head-missing"
        return ("", None) if empty else (head_fault, walk.index)
    if head.index >= walk.index:
        return "tail-cut", walk.index
    if head.index < walk.index - 1:
        return "head-behind", head.index + 1
    if (head.digest, head.seal) != (walk.digest, walk.seal):
        return "head-mismatch", head.index
    return "", None


def _judge_published(published: Head | None, walk: _Walk) -> tuple[Why, int | None]:
    if published is None:
        return "", None
    if published.index >= walk.index:
        return "rolled-back", walk.index
    if walk.marks[published.index] != published.digest:
        return "published-mismatch", published.index
    return "", None


def _walk(given: _Chain, marks: dict[int, str], *, careful: bool) -> _Walk:
    """Read the chain from its start until an entry is not accepted. `careful`: check each one's own signature first."""
    walk = _Walk(marks)
    with closing(raw_rows(given.tx, table, _COLUMNS, given.name)) as rows:
        for row in rows:
            index, body, digest, signature, *columns = row
            if type(index) is not int or index != walk.index:
                walk.fault = "missing" if type(index) is int and index > walk.index else "order"
                break
            if not (isinstance(body, bytes) and isinstance(signature, bytes)):
                walk.fault = "body"
                break
            actual = hashlib.sha256(body).hexdigest()
            fields = _fields(body)
            walk.fault = (
                _signature_fault(given.keys, fields, body, signature, digest == actual.encode()) if careful else ""
            )
            walk.fault = walk.fault or _content_fault(given.name, walk, fields, columns)
            if not walk.fault and digest != actual.encode():
                walk.fault = "digest"
            if not walk.fault and fields["kind"] == "checkpoint":
                walk.checkpoints += 1
                walk.fault = _signature_fault(given.keys, fields, body, signature, digest_fits=True)
            if walk.fault:
                break
            walk.digest, walk.seal = actual, sealed(walk.seal, actual, signature)
            if index in walk.marks:
                walk.marks[index] = actual
            walk.index += 1
            if given.progress is not None and (walk.index % _STEP == 0 or walk.index == given.total):
                given.progress(walk.index, given.total)
    return walk


def _fields(body: bytes) -> dict[str, Any]:
    """What stands in a body, {} when it can't be read. Not the strict parser: the signatures vouch for the spelling."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _signature_fault(keys: PublicKeys, fields: dict[str, Any], body: bytes, signature: bytes, digest_fits: bool) -> Why:
    signer = fields.get("signer")
    if not isinstance(signer, str):
        return "body"
    if signer not in keys:
        return "unknown-key"
    if keys.valid(signer, ENTRY + body, signature):
        return ""
    return "signature" if digest_fits else "body"


def _content_fault(chain: str, walk: _Walk, fields: dict[str, Any], columns: list[Raw]) -> Why:
    """Whether a body is that of its place, and the columns beside it say what it says."""
    if (fields.get("chain"), fields.get("index")) != (chain, walk.index):
        return "order" if fields else "body"
    if fields.get("previous") != walk.digest:
        return "previous"
    if columns != [str(fields.get(name)).encode("utf-8", "surrogatepass") for name in _PROJECTION]:
        return "projection"
    return ""
