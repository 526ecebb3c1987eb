"""Who can write the whole database, but has no private key, is found out, and at the first entry that they touched."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, insert, select

from scrubber.errors import LedgerError
from scrubber.ledger.canonical import dumps
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.head import Head, sealed
from scrubber.ledger.keys import KeyRing
from scrubber.ledger.signatures import ENTRY, PublicKeys
from scrubber.ledger.verify import Verdict, Why, verify
from scrubber.schema import deferrals, heads, jobs, messages, reviews
from scrubber.schema import ledger as table
from scrubber.store import Store

Draft = Callable[[str], LedgerEntry]
Row = dict[str, Any]
Tamper = Callable[[list[Row], int], int]

LENGTH = 12
CHECKPOINT = 5


@pytest.fixture
def chain(store: Store, ledger: Ledger, draft: Draft) -> list[Row]:
    """Twelve entries, one of them a checkpoint, with the head published."""
    with store.begin() as tx:
        for number in range(LENGTH):
            if number == CHECKPOINT:
                ledger.checkpoint(tx)
            else:
                ledger.append(tx, draft(f"taak {number}"))
    ledger.publish_head()
    return _rows(store)


def _rows(store: Store) -> list[Row]:
    with store.read() as tx:
        return [dict(row) for row in tx.execute(select(table).order_by(table.c.idx)).mappings()]


def _head_row(store: Store) -> Row:
    with store.read() as tx:
        return dict(tx.execute(select(heads)).mappings().one())


def _put(store: Store, rows: list[Row], head: Row | None) -> None:
    with store.begin() as tx:
        tx.execute(delete(table))
        tx.execute(delete(heads))
        if rows:
            tx.execute(insert(table), rows)
        if head is not None:
            tx.execute(insert(heads).values(**head))


def _body(row: Row, **changes: object) -> bytes:
    return dumps(json.loads(row["body"]) | changes)


def _digest(row: Row) -> str:
    return hashlib.sha256(row["body"]).hexdigest()


def _relink(rows: list[Row], head: Row) -> Row:
    """What an attacker recomputes so that every digest fits: places, links, columns, the head but its signature."""
    previous = seal = ""
    for index, row in enumerate(rows):
        content = json.loads(row["body"])
        if (content["index"], content["previous"]) != (index, previous):
            row["body"] = _body(row, index=index, previous=previous)
        row |= {"idx": index, "chain": "main", "digest": _digest(row)}
        row |= {name: content[name] for name in ("kind", "recorded_at", "source", "outcome", "job")}
        previous, seal = row["digest"], sealed(seal, row["digest"], row["signature"])
    return head | {"idx": len(rows) - 1, "digest": previous, "seal": seal}


def _change_body(rows: list[Row], index: int) -> int:
    rows[index]["body"] = _body(rows[index], outcome="CLEAN", removals=[])
    return index


def _change_body_and_digest(rows: list[Row], index: int) -> int:
    _change_body(rows, index)
    rows[index]["digest"] = _digest(rows[index])
    return index


def _unreadable_body(rows: list[Row], index: int) -> int:
    rows[index]["body"] = b"[" * (5 if index % 2 else 50_000)
    return index


def _body_of_another_shape(rows: list[Row], index: int) -> int:
    rows[index]["body"] = b"[]" if index % 2 else b'{"signer":7}'
    rows[index]["digest"] = _digest(rows[index])
    return index


def _reword_column(name: str, value: str) -> Tamper:
    def reword(rows: list[Row], index: int) -> int:
        rows[index][name] = value
        return index

    return reword


def _other_digest(rows: list[Row], index: int) -> int:
    rows[index]["digest"] = "0" * 64 if index % 2 else rows[index]["digest"].upper()
    return index


def _other_signature(rows: list[Row], index: int) -> int:
    signature = rows[index]["signature"]
    others = (bytes(64), b"", signature[:-1], signature + b"\0", rows[index - 1]["signature"])
    rows[index]["signature"] = others[index % len(others)]
    return index


def _take_out(rows: list[Row], index: int) -> int:
    del rows[index]
    return index


def _take_out_and_close_up(rows: list[Row], index: int) -> int:
    del rows[index]
    for row in rows[index:]:
        row["idx"] -= 1
    return index


def _put_in(rows: list[Row], index: int) -> int:
    forged = rows[index] | {"body": _body(rows[index], job="verzonnen")}
    for row in rows[index:]:
        row["idx"] += 1
    rows.insert(index, forged | {"digest": _digest(forged)})
    return index


def _put_in_copy(rows: list[Row], index: int) -> int:
    """The copy in the place of the original is as written; the first that is wrong is the one after it."""
    copied = dict(rows[index])
    for row in rows[index:]:
        row["idx"] += 1
    rows.insert(index, copied)
    return index + 1


def _swap(rows: list[Row], index: int) -> int:
    other = (index + 1) % LENGTH
    rows[index]["idx"], rows[other]["idx"] = rows[other]["idx"], rows[index]["idx"]
    rows.sort(key=lambda row: int(row["idx"]))
    return min(index, other)


def _swap_contents(rows: list[Row], index: int) -> int:
    """Also the columns beside them, so that only the bodies say that they are not in their place."""
    other = (index + 5) % LENGTH
    one = dict(rows[index])
    rows[index] |= rows[other] | {"idx": rows[index]["idx"]}
    rows[other] |= one | {"idx": rows[other]["idx"]}
    return min(index, other)


def _cut(rows: list[Row], index: int) -> int:
    del rows[index:]
    return index


def _move_to_another_chain(rows: list[Row], index: int) -> int:
    rows[index]["chain"] = "ander"
    return index


def _unsigned_signer(rows: list[Row], index: int) -> int:
    rows[index]["body"] = _body(rows[index], signer="s-0000000000000000")
    rows[index]["digest"] = _digest(rows[index])
    return index


TAMPERINGS: dict[str, Tamper] = {
    "body": _change_body,
    "body-and-digest": _change_body_and_digest,
    "unreadable": _unreadable_body,
    "shape": _body_of_another_shape,
    "kind": _reword_column("kind", "released"),
    "recorded_at": _reword_column("recorded_at", "2020-01-01T00:00:00.000000Z"),
    "source": _reword_column("source", "elders"),
    "outcome": _reword_column("outcome", "OBSERVED"),
    "job": _reword_column("job", "taak"),
    "digest": _other_digest,
    "signature": _other_signature,
    "take-out": _take_out,
    "take-out-and-close-up": _take_out_and_close_up,
    "put-in": _put_in,
    "put-in-copy": _put_in_copy,
    "swap": _swap,
    "swap-contents": _swap_contents,
    "cut": _cut,
    "other-chain": _move_to_another_chain,
    "signer": _unsigned_signer,
}
RELINKED = ("body", "signature", "take-out", "put-in", "put-in-copy", "swap", "cut", "signer")


def _copy(rows: list[Row]) -> list[Row]:
    return [dict(row) for row in rows]


def _assert_found(verdict: Verdict, bad: int, what: str) -> None:
    assert (verdict.ok, verdict.first_bad) == (False, bad), (what, verdict)
    assert verdict.signed_until == bad - 1
    assert verdict.why in get_args(Why)
    assert verdict.why


def test_an_untouched_chain_is_whole(store: Store, ring: KeyRing, chain: list[Row], head_file: Path) -> None:
    verdict = verify(store, ring.public_keys, head_file=head_file)
    assert verdict == Verdict(True, LENGTH, None, "", chain[-1]["digest"], 1, LENGTH - 1, "equal")
    auditor = PublicKeys.from_pem(ring.public_keys.to_pem())
    assert verify(store, auditor) == replace(verdict, published="none")
    assert verify(store, auditor, head_file=head_file.with_name("nergens")) == replace(verdict, published="absent")


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_tampering_is_named_at_each_index(
    store: Store, ring: KeyRing, chain: list[Row], head_file: Path, name: str
) -> None:
    head = _head_row(store)
    for index in range(LENGTH):
        rows = _copy(chain)
        bad = TAMPERINGS[name](rows, index)
        _put(store, rows, head)
        for published in (head_file, None):
            _assert_found(verify(store, ring.public_keys, head_file=published), bad, f"{name} at {index}")


@pytest.mark.parametrize("name", RELINKED)
def test_who_recomputes_everything_after_it_is_found_by_the_signatures(
    store: Store, ring: KeyRing, chain: list[Row], name: str
) -> None:
    head = _head_row(store)
    for index in range(LENGTH):
        rows = _copy(chain)
        bad = TAMPERINGS[name](rows, index)
        _put(store, rows, _relink(rows, head) if rows else None)
        if not rows:
            continue  # an empty database without a head is a new one: see the published head
        _assert_found(verify(store, ring.public_keys), bad, f"{name} at {index}, relinked")


@pytest.mark.parametrize("under_our_name", [True, False])
def test_who_signs_again_with_another_key_is_found(
    store: Store, ring: KeyRing, chain: list[Row], tmp_path: Path, under_our_name: bool
) -> None:
    theirs = KeyRing.create(tmp_path / "anders")
    ours = _head_row(store)
    signer = ring.signer if under_our_name else theirs.signer
    for index in range(LENGTH):
        rows = _copy(chain)
        _change_body(rows, index)
        for place in range(index, LENGTH):
            previous = rows[place - 1]["digest"] if place else ""
            rows[place]["body"] = _body(rows[place], previous=previous, signer=signer)
            rows[place] |= {"digest": _digest(rows[place]), "signature": theirs.sign(ENTRY + rows[place]["body"])}
        head = _relink(rows, ours) | {"key_id": signer}
        forged = Head("main", head["idx"], head["digest"], head["seal"], signer, head["signed_at"])
        _put(store, rows, head | {"signature": theirs.sign(forged.statement())})
        verdict = verify(store, ring.public_keys)
        _assert_found(verdict, index, f"signed again from {index}")
        assert verdict.why == ("signature" if under_our_name else "unknown-key")


def test_two_tamperings_name_the_first(store: Store, ring: KeyRing, chain: list[Row]) -> None:
    head = _head_row(store)
    for later in ("digest", "body", "take-out", "cut"):
        rows = _copy(chain)
        TAMPERINGS[later](rows, 9)
        _other_signature(rows, 4)
        _put(store, rows, head)
        _assert_found(verify(store, ring.public_keys), 4, later)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_any_stored_value_is_found(
    sqlite_url: str, ring: KeyRing, draft: Draft, data: st.DataObject
) -> None:
    store = Store.open(sqlite_url)
    if not _rows(store):
        ledger = Ledger(store, ring)
        with store.begin() as tx:
            for number in range(LENGTH):
                ledger.append(tx, draft(f"taak {number}"))
    chain, head = _rows(store), _head_row(store)
    index = data.draw(st.integers(0, LENGTH - 1))
    column = data.draw(
        st.sampled_from(["body", "digest", "signature", "kind", "recorded_at", "source", "outcome", "job"])
    )
    original = chain[index][column]
    wanted: st.SearchStrategy[Any]
    if isinstance(original, bytes):
        place, bit = data.draw(st.integers(0, len(original) - 1)), 1 << data.draw(st.integers(0, 7))
        flipped = original[:place] + bytes([original[place] ^ bit]) + original[place + 1 :]
        wanted = st.one_of(st.just(flipped), st.binary(max_size=70))
    else:
        wanted = st.text(st.characters(codec="utf-8"), max_size=70)
    rows = _copy(chain)
    rows[index][column] = data.draw(wanted.filter(lambda value: value != original))
    _put(store, rows, head)
    _assert_found(verify(store, ring.public_keys), index, column)
    _put(store, chain, head)
    assert verify(store, ring.public_keys).ok
    store.close()


@pytest.mark.parametrize(
    ("change", "why", "bad"),
    [
        (None, "head-missing", LENGTH),
        ({"idx": 5}, "head-signature", LENGTH),
        ({"idx": LENGTH}, "head-signature", LENGTH),
        ({"digest": "0" * 64}, "head-signature", LENGTH),
        ({"seal": ""}, "head-signature", LENGTH),
        ({"signature": bytes(64)}, "head-signature", LENGTH),
        ({"key_id": "s-0000000000000000"}, "head-signature", LENGTH),
        ({"signed_at": ""}, "head-signature", LENGTH),
        ({"chain": "ander"}, "head-missing", LENGTH),
    ],
)
def test_a_changed_head_leaves_the_end_unproven(
    store: Store, ring: KeyRing, chain: list[Row], change: Row | None, why: str, bad: int
) -> None:
    head = _head_row(store)
    _put(store, chain, None if change is None else head | change)
    verdict = verify(store, ring.public_keys)
    assert (verdict.ok, verdict.why, verdict.first_bad, verdict.entries) == (False, why, bad, LENGTH)


def test_an_earlier_head_that_we_signed(
    store: Store, ring: KeyRing, ledger: Ledger, chain: list[Row], draft: Draft, head_file: Path
) -> None:
    """Put back with its entries it is a cut that only the published head shows; without them it is behind."""
    earlier = _head_row(store)
    with store.begin() as tx:
        ledger.append(tx, draft("dertien"))
        ledger.append(tx, draft("veertien"))
    longer, later = _rows(store), _head_row(store)
    assert verify(store, ring.public_keys, head_file=head_file).published == "behind"
    ledger.publish_head()

    _put(store, longer, earlier)
    verdict = verify(store, ring.public_keys, head_file=head_file)
    assert (verdict.ok, verdict.why, verdict.first_bad) == (False, "head-behind", LENGTH)

    _put(store, chain, earlier)
    assert verify(store, ring.public_keys).ok
    verdict = verify(store, ring.public_keys, head_file=head_file)
    assert (verdict.ok, verdict.why, verdict.first_bad) == (False, "rolled-back", LENGTH)

    _put(store, chain, later)
    verdict = verify(store, ring.public_keys)
    assert (verdict.ok, verdict.why, verdict.first_bad) == (False, "tail-cut", LENGTH)


def test_a_database_that_was_put_back_and_grew_again(
    store: Store, ring: KeyRing, ledger: Ledger, chain: list[Row], draft: Draft, head_file: Path
) -> None:
    earlier = _head_row(store)
    with store.begin() as tx:
        ledger.append(tx, draft("dertien"))
    ledger.publish_head()
    _put(store, chain, earlier)
    with store.begin() as tx:
        ledger.append(tx, draft("een andere dertien"))
        ledger.append(tx, draft("veertien"))
    assert verify(store, ring.public_keys).ok
    verdict = verify(store, ring.public_keys, head_file=head_file)
    assert (verdict.ok, verdict.why, verdict.first_bad) == (False, "published-mismatch", LENGTH)


def test_an_entry_that_we_signed_but_rolled_back_does_not_fit(
    store: Store, ring: KeyRing, ledger: Ledger, chain: list[Row], draft: Draft
) -> None:
    earlier = _head_row(store)
    with store.begin() as tx:
        ledger.append(tx, draft("nooit"))
    never = _rows(store)[-1]
    _put(store, chain, earlier)
    with store.begin() as tx:
        ledger.append(tx, draft("dertien"))
    rows, head = _rows(store), _head_row(store)
    _put(store, [*rows[:-1], never], head)
    verdict = verify(store, ring.public_keys)
    assert (verdict.ok, verdict.why, verdict.first_bad) == (False, "head-mismatch", LENGTH)
    _put(store, rows, head)
    with store.begin() as tx:
        ledger.append(tx, draft("veertien"))
    _put(store, [*rows[:-1], never, _rows(store)[-1]], _head_row(store))
    verdict = verify(store, ring.public_keys)
    assert (verdict.ok, verdict.why, verdict.first_bad) == (False, "previous", LENGTH + 1)


def test_an_empty_ledger(store: Store, ring: KeyRing, chain: list[Row], head_file: Path) -> None:
    head = _head_row(store)
    _put(store, [], None)
    assert verify(store, ring.public_keys) == Verdict(True, 0, None, "", "", 0, -1, "none")
    assert verify(store, ring.public_keys, "ander") == Verdict(True, 0, None, "", "", 0, -1, "none")
    verdict = verify(store, ring.public_keys, head_file=head_file)
    assert (verdict.ok, verdict.why, verdict.first_bad) == (False, "rolled-back", 0)
    _put(store, [], head)
    verdict = verify(store, ring.public_keys)
    assert (verdict.ok, verdict.why, verdict.first_bad) == (False, "tail-cut", 0)
    _put(store, [], head | {"signature": b""})
    verdict = verify(store, ring.public_keys)
    assert (verdict.ok, verdict.why, verdict.first_bad) == (False, "head-signature", 0)


_REF = {"source": "postbus", "container": "", "item": "1", "version": "1"}
_WAITS = {"entity_type": "IBAN_CODE", "rule": "gevraagd", "decided_at": "", "due": ""}


@pytest.mark.parametrize(
    ("rows", "values", "proof"),
    [
        (messages, {**_REF, "outcome": "CLEAN"}, True),
        (messages, {**_REF, "outcome": "FAILED"}, False),
        (jobs, {**_REF, "job": "j", "kind": "message", "end": "DONE"}, True),
        (jobs, {**_REF, "job": "j", "kind": "message", "end": "ABORTED"}, False),
        (jobs, {**_REF, "job": "j", "kind": "message"}, False),
        (deferrals, {**_REF, **_WAITS, "fingerprint": "f", "latest": "", "state": "waiting"}, True),
        (reviews, {**_REF, **_WAITS, "state": "open"}, True),
    ],
)
def test_a_ledger_that_was_emptied_is_not_an_empty_ledger(
    store: Store, ring: KeyRing, ledger: Ledger, rows: Table, values: Row, proof: bool
) -> None:
    """Entries, head and head file are gone; what the journal committed together with an entry still stands there."""
    with store.begin() as tx:
        tx.execute(insert(rows).values(**values))
    verdict = verify(store, ring.public_keys)
    assert (verdict.ok, verdict.why, verdict.first_bad) == ((False, "emptied", 0) if proof else (True, "", None))
    assert verify(store, ring.public_keys, "ander").ok
    if proof:
        for again in (ledger, Ledger(store, ring)):
            with pytest.raises(LedgerError, match="emptied"):
                again.check_head()
        Ledger(store, ring, "ander").check_head()
    else:
        ledger.check_head()


def test_the_wrong_keys_prove_nothing(store: Store, chain: list[Row], head_file: Path, tmp_path: Path) -> None:
    theirs = KeyRing.create(tmp_path / "anders").public_keys
    verdict = verify(store, theirs, head_file=head_file)
    assert (verdict.ok, verdict.why, verdict.first_bad, verdict.signed_until) == (False, "unknown-key", 0, -1)


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("UPDATE ledger SET body = CAST(body AS TEXT), digest = 'x' WHERE idx = 3", 3),
        ("UPDATE ledger SET body = CAST(body AS TEXT) WHERE idx = 3", 3),
        ("UPDATE ledger SET signature = CAST(signature AS TEXT) WHERE idx = 3", 3),
        ("UPDATE ledger SET digest = CAST(digest AS BLOB) WHERE idx = 3", 3),
        ("UPDATE ledger SET source = CAST(source AS BLOB) WHERE idx = 3", 3),
        ("UPDATE heads SET seal = CAST(seal AS BLOB)", LENGTH),
        ("UPDATE ledger SET job = CAST(x'ff' AS TEXT) WHERE idx = 3", 3),
        ("UPDATE ledger SET digest = CAST(x'ff' AS TEXT) WHERE idx = 3", 3),
        ("UPDATE ledger SET digest = 12 WHERE idx = 3", 3),
        ("UPDATE ledger SET body = 12 WHERE idx = 3", 3),
        ("UPDATE ledger SET idx = 2.5 WHERE idx = 3", 3),
        ("UPDATE ledger SET idx = 'drie' WHERE idx = 3", 3),
        ("UPDATE ledger SET idx = -1 WHERE idx = 3", 0),
        ("UPDATE ledger SET idx = 3000000000000 WHERE idx = 3", 3),
        ("UPDATE heads SET signature = 'x'", LENGTH),
        ("UPDATE heads SET idx = 'elf'", LENGTH),
        ("UPDATE heads SET digest = CAST(x'ff' AS TEXT)", LENGTH),
        ("PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', ''); --", None),
    ],
)
def test_values_of_another_type_are_found_too(
    sqlite_url: str, ring: KeyRing, draft: Draft, statement: str, bad: int | None
) -> None:
    """SQLite lets who writes the file put any type in any column."""
    store = Store.open(sqlite_url)
    ledger = Ledger(store, ring)
    with store.begin() as tx:
        for number in range(LENGTH):
            ledger.append(tx, draft(f"taak {number}"))
    store.close()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.executescript(statement)
    if bad is None:
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute("UPDATE ledger SET body = NULL WHERE idx = 7")
            connection.execute("UPDATE heads SET signature = NULL")
        bad = 7
    store = Store.open(sqlite_url)
    _assert_found(verify(store, ring.public_keys), bad, statement)
    if "heads" in statement:
        with pytest.raises(LedgerError), store.begin() as tx:
            ledger.append(tx, draft("niet"))
    store.close()


def test_progress_is_told_and_only_a_bad_chain_is_read_twice(sqlite_url: str, ring: KeyRing, draft: Draft) -> None:
    store = Store.open(sqlite_url)
    ledger = Ledger(store, ring)
    with store.begin() as tx:
        for number in range(1001):
            ledger.append(tx, draft(f"taak {number}"))
    told: list[tuple[int, int]] = []
    assert verify(store, ring.public_keys, progress=lambda done, total: told.append((done, total))).ok
    assert told == [(1000, 1001), (1001, 1001)]
    rows, head = _rows(store), _head_row(store)
    _other_signature(rows, 1000)
    _put(store, rows, head)
    told.clear()
    verdict = verify(store, ring.public_keys, progress=lambda done, total: told.append((done, total)))
    _assert_found(verdict, 1000, "signature")
    assert told == [(1000, 1001), (1001, 1001), (1000, 1001)]
    store.close()


def test_verifying_while_others_append(
    store: Store, ring: KeyRing, ledger: Ledger, draft: Draft, head_file: Path
) -> None:
    done = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(40):
                with store.begin() as tx:
                    ledger.append(tx, draft(f"taak {number}"))
                ledger.publish_head()
        except LedgerError as error:
            failures.append(error)
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    verdicts = []
    while not done.is_set():
        verdicts.append(verify(store, ring.public_keys, head_file=head_file))
    writer.join()
    assert failures == []
    assert [verdict for verdict in verdicts if not verdict.ok] == []
    assert verify(store, ring.public_keys, head_file=head_file).entries == 40
