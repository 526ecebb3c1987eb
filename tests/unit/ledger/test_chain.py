"""Appending and reading: one chain, whoever writes, whatever fails."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, event, select, update

import scrubber
from scrubber.errors import LedgerError, StoreError
from scrubber.ledger.canonical import canonical, parse
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.ledger.verify import verify
from scrubber.schema import heads
from scrubber.schema import ledger as table
from scrubber.store import Store

Draft = Callable[[str], LedgerEntry]
PLANTED = "171253985-geheim"

WRITER = """
import sys
from pathlib import Path
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.store import Store

url, keys, head_file, name, count = sys.argv[1:]
store = Store.open(url)
ledger = Ledger(store, KeyRing.open(Path(keys)), head_file=Path(head_file))
for number in range(int(count)):
    with store.begin() as tx:
        draft = LedgerEntry("", -1, "", "message", "2026-03-01T13:30:00Z", name, job=f"{name}{number}")
        print(ledger.append(tx, draft).index, flush=True)
    ledger.publish_head()
"""


def _writer(url: str, keys: Path, head_file: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, url, str(keys), str(head_file), name, str(count)]
    env = {**os.environ, "PYTHONPATH": str(Path(scrubber.__file__).parent.parent)}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _append(store: Store, ledger: Ledger, *drafts: LedgerEntry) -> list[LedgerEntry]:
    with store.begin() as tx:
        return [ledger.append(tx, draft) for draft in drafts]


def test_the_chain_is_what_the_record_promises(store: Store, ring: KeyRing, ledger: Ledger, draft: Draft) -> None:
    first, second = _append(store, ledger, draft("een"), replace(draft("twee"), chain="", key_id="h-oud"))
    assert (first.index, first.previous, second.index) == (0, "", 1)
    assert second.previous == hashlib.sha256(canonical(first)).hexdigest()
    assert (first.chain, second.chain) == ("main", "main")
    assert (first.key_id, second.key_id) == (ring.key_id, "h-oud")
    assert first.signer == second.signer == ring.signer
    assert first.recorded_at == "2026-03-01T13:30:00.000000Z"
    with store.read() as tx:
        row = tx.execute(select(table).where(table.c.idx == 1)).one()
        head = tx.execute(select(heads)).one()
    assert parse(row.body) == second
    assert row.digest == head.digest == hashlib.sha256(row.body).hexdigest()
    assert (row.kind, row.source, row.outcome, row.job) == ("message", "postbus", "REDACTED", "twee")
    assert row.recorded_at == second.recorded_at
    assert ring.public_keys.valid(ring.signer, b"scrubber-entry/1\n" + row.body, row.signature)


def test_reading_streams_in_order_and_since(store: Store, ledger: Ledger, draft: Draft) -> None:
    moments = [f"2026-03-0{day}T12:00:00+01:00" for day in (1, 2, 3)]
    written = _append(store, ledger, *(replace(draft(moment), recorded_at=moment) for moment in moments))
    assert list(ledger.read()) == written
    assert list(ledger.read(datetime(2026, 3, 2, 11, tzinfo=UTC))) == written[1:]
    assert list(ledger.read(datetime(2026, 3, 2, 11, 0, 1, tzinfo=UTC))) == written[2:]
    reading = ledger.read()
    assert next(reading) == written[0]
    _append(store, ledger, draft("later"))
    assert list(reading) == written[1:]


def test_chains_in_one_database_do_not_touch(store: Store, ring: KeyRing, ledger: Ledger, draft: Draft) -> None:
    other = Ledger(store, ring, chain="ander")
    _append(store, ledger, draft("een"), draft("twee"))
    [entry] = _append(store, other, replace(draft("drie"), chain=""))
    assert (entry.chain, entry.index, entry.previous) == ("ander", 0, "")
    assert verify(store, ring.public_keys).entries == 2
    assert verify(store, ring.public_keys, "ander").entries == 1
    with pytest.raises(LedgerError, match="another chain"):
        _append(store, other, draft("vier"))


def test_what_is_rolled_back_was_never_recorded(store: Store, ring: KeyRing, ledger: Ledger, draft: Draft) -> None:
    [first] = _append(store, ledger, draft("een"))

    def fail() -> None:
        with store.begin() as tx:
            ledger.append(tx, draft("nooit"))
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        fail()
    [second] = _append(store, ledger, draft("twee"))
    assert list(ledger.read()) == [first, second]
    assert second.index == 1
    assert verify(store, ring.public_keys).ok


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"index": 3}, "no draft"),
        ({"previous": "ab"}, "no draft"),
        ({"recorded_at": "2026-03-01T13:30:00"}, "recorded_at"),
        ({"recorded_at": PLANTED}, "recorded_at"),
        ({"reason": f"{PLANTED}\ud800"}, "canonical JSON"),
    ],
)
def test_what_is_no_draft_is_not_appended(
    store: Store, ledger: Ledger, draft: Draft, change: dict[str, object], says: str
) -> None:
    wrong = replace(draft("een"), **change)  # type: ignore[arg-type]  # the table above holds the types
    with pytest.raises(LedgerError, match=says) as caught:
        _append(store, ledger, wrong)
    assert PLANTED not in "".join(traceback.format_exception(caught.value))
    assert list(ledger.read()) == []


def test_a_checkpoint_is_an_entry_of_its_own(store: Store, ring: KeyRing, ledger: Ledger, draft: Draft) -> None:
    _append(store, ledger, draft("een"))
    with store.begin() as tx:
        checkpoint = ledger.checkpoint(tx)
    assert (checkpoint.kind, checkpoint.index, checkpoint.actor) == ("checkpoint", 1, "scrubber")
    assert abs(datetime.fromisoformat(checkpoint.recorded_at).timestamp() - time.time()) < 60
    assert verify(store, ring.public_keys).checkpoints == 1


def test_keys_that_come_and_go_are_recorded(store: Store, ring: KeyRing, ledger: Ledger, draft: Draft) -> None:
    old = ring.key_id
    _append(store, ledger, draft("een"))
    created = ledger.rotate_key("beheer")
    destroyed = ledger.destroy_key(old, "beheer")
    assert (created.kind, created.key_id) == ("key_created", ring.key_id)
    assert (destroyed.kind, destroyed.key_id, destroyed.actor) == ("key_destroyed", old, "beheer")
    assert ring.digest_keys[0].ended
    with pytest.raises(LedgerError, match="rotate first"):
        ledger.destroy_key(ring.key_id, "beheer")
    assert [entry.kind for entry in ledger.read()] == ["message", "key_created", "key_destroyed"]
    assert verify(store, ring.public_keys).ok


def test_a_new_signer_continues_the_chain(
    store: Store, ring: KeyRing, keys: Path, head_file: Path, ledger: Ledger, draft: Draft
) -> None:
    """Also for a process that opened the ring before the rotation."""
    early = Ledger(store, KeyRing.open(keys), head_file=head_file)
    _append(store, ledger, draft("een"))
    early.publish_head()
    ring.rotate_signer()
    _append(store, ledger, draft("twee"))
    ledger.publish_head()
    early.publish_head()
    _append(store, early, draft("drie"))
    assert len({entry.signer for entry in ledger.read()}) == 2
    assert verify(store, ring.public_keys, head_file=head_file).ok


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "0" * 64},
        {"idx": 0},
        {"seal": "0" * 64},
        {"signature": bytes(64)},
        {"signature": b""},
        {"key_id": "s-0000000000000000"},
        {"signed_at": "2020-01-01T00:00:00.000000Z"},
    ],
)
def test_a_forged_head_is_never_built_upon(
    store: Store, ledger: Ledger, draft: Draft, change: dict[str, object]
) -> None:
    _append(store, ledger, draft("een"), draft("twee"))
    with store.begin() as tx:
        tx.execute(update(heads).values(**change))
    with pytest.raises(LedgerError, match="does not verify: run `scrubber verify`"):
        _append(store, ledger, draft("drie"))
    with pytest.raises(LedgerError, match="does not verify"):
        ledger.check_head()
    assert len(list(ledger.read())) == 2


def test_a_chain_without_its_head_is_never_built_upon(
    store: Store, ring: KeyRing, ledger: Ledger, draft: Draft
) -> None:
    _append(store, ledger, draft("een"))
    with store.begin() as tx:
        tx.execute(delete(heads))
    with pytest.raises(LedgerError, match="entries and no head"):
        _append(store, ledger, draft("twee"))
    with pytest.raises(LedgerError, match="entries and no head"):
        Ledger(store, ring).check_head()


def test_a_place_that_is_taken_is_a_store_error(store: Store, ledger: Ledger, draft: Draft) -> None:
    _append(store, ledger, draft("een"))
    with store.begin() as tx:
        row = dict(tx.execute(select(table)).mappings().one())
        tx.execute(table.insert().values({**row, "idx": 1}))
    with pytest.raises(StoreError, match=r"CONSTRAINT|23505"):
        _append(store, ledger, draft("twee"))


def test_an_entry_that_can_not_be_read_is_named(store: Store, ledger: Ledger, draft: Draft) -> None:
    _append(store, ledger, draft("een"), draft("twee"))
    with store.begin() as tx:
        tx.execute(update(table).where(table.c.idx == 1).values(body=PLANTED.encode()))
    reading = ledger.read()
    next(reading)
    with pytest.raises(LedgerError, match="entry 1 of chain 'main' can't be read") as caught:
        next(reading)
    assert PLANTED not in str(caught.value)


def test_the_head_is_published_outside_the_database(
    store: Store, ring: KeyRing, ledger: Ledger, draft: Draft, head_file: Path
) -> None:
    ledger.publish_head()
    assert not head_file.exists()
    _append(store, ledger, draft("een"), draft("twee"))
    assert not head_file.exists()
    ledger.publish_head()
    content = json.loads(head_file.read_bytes())
    assert (content["chain"], content["idx"], content["key_id"]) == ("main", 1, ring.signer)
    assert head_file.stat().st_mode & 0o777 == 0o600
    before = head_file.stat().st_ino
    ledger.publish_head()
    assert head_file.stat().st_ino == before
    assert [path.name for path in head_file.parent.glob(".head*")] == []
    ledger.check_head()


def test_without_a_head_file_nothing_is_published(store: Store, ring: KeyRing, draft: Draft, tmp_path: Path) -> None:
    ledger = Ledger(store, ring)
    _append(store, ledger, draft("een"))
    before = set(tmp_path.iterdir())
    ledger.publish_head()
    ledger.check_head()
    assert set(tmp_path.iterdir()) == before


def _put_back(store: Store, length: int, head: dict[str, object] | None) -> None:
    """The database as it was when the chain had `length` entries and this head."""
    with store.begin() as tx:
        tx.execute(delete(table).where(table.c.idx >= length))
        tx.execute(delete(heads))
        if head is not None:
            tx.execute(heads.insert().values(**head))


def _head(store: Store) -> dict[str, object]:
    with store.read() as tx:
        return dict(tx.execute(select(heads)).mappings().one())


@pytest.mark.parametrize("length", [0, 2])
def test_a_database_that_was_put_back_is_noticed_and_its_trace_is_kept(
    store: Store, ledger: Ledger, draft: Draft, head_file: Path, length: int
) -> None:
    _append(store, ledger, draft("een"), draft("twee"))
    earlier = _head(store)
    _append(store, ledger, draft("drie"), draft("vier"))
    ledger.publish_head()
    published = head_file.read_bytes()
    _put_back(store, length, earlier if length else None)
    for attempt in ("check", "behind", "regrown", "longer"):
        with pytest.raises(LedgerError, match="was put back"):
            ledger.check_head() if attempt == "check" else ledger.publish_head()
        if attempt != "check":
            _append(store, ledger, draft(attempt), draft(attempt))
    assert head_file.read_bytes() == published


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-20],
        lambda _content: b"",
        lambda _content: b"[]",
        lambda content: content.replace(b'"idx":0', b'"idx":1'),
        lambda content: content.replace(b'"idx":0', b'"idx":false'),
        lambda content: content.replace(b'"main"', b'"ander"'),
        lambda content: content.replace(b'"signature":"', b'"signature":"zz'),
        lambda content: content.replace(b'"seal"', b'"zeal"'),
        lambda content: b" " * 20_000 + content,
    ],
)
def test_a_published_head_that_is_not_ours_is_refused(
    store: Store, ring: KeyRing, ledger: Ledger, draft: Draft, head_file: Path, damage: Callable[[bytes], bytes]
) -> None:
    _append(store, ledger, draft("een"))
    ledger.publish_head()
    _append(store, ledger, draft("twee"))
    damaged = damage(head_file.read_bytes())
    head_file.write_bytes(damaged)
    with pytest.raises(LedgerError, match="can't be read or does not verify"):
        ledger.publish_head()
    assert head_file.read_bytes() == damaged
    verdict = verify(store, ring.public_keys, head_file=head_file)
    assert (verdict.ok, verdict.why, verdict.first_bad, verdict.entries) == (False, "published-unreadable", None, 2)


def test_a_head_that_can_not_be_written_is_a_ledger_error(
    store: Store, ring: KeyRing, draft: Draft, tmp_path: Path
) -> None:
    ledger = Ledger(store, ring, head_file=tmp_path / "nergens" / "head.json")
    _append(store, ledger, draft("een"))
    with pytest.raises(LedgerError, match="can't be published: No such file"):
        ledger.publish_head()
    (tmp_path / "map").mkdir()
    with pytest.raises(LedgerError, match="can't be read"):
        Ledger(store, ring, head_file=tmp_path / "map").publish_head()


def test_two_processes_write_one_chain(
    store: Store, store_url: str, ring: KeyRing, keys: Path, head_file: Path, ledger: Ledger
) -> None:
    count = 200
    running = [_writer(store_url, keys, head_file, name, count) for name in ("een", "twee")]
    said = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    places = [[int(line) for line in out.split()] for out, _ in said]
    assert sorted(places[0] + places[1]) == list(range(2 * count))
    verdict = verify(store, ring.public_keys, head_file=head_file)
    assert (verdict.ok, verdict.entries) == (True, 2 * count)
    assert [entry.job for entry in ledger.read() if entry.actor == "een"] == [f"een{number}" for number in range(count)]


def test_a_writer_that_is_killed_leaves_a_whole_chain(
    store: Store, store_url: str, ring: KeyRing, keys: Path, head_file: Path, ledger: Ledger, draft: Draft
) -> None:
    said = 0
    for wanted in (1, 7):
        process = _writer(store_url, keys, head_file, "een", 100_000)
        assert process.stdout is not None
        for _ in range(wanted):
            said = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        verdict = verify(store, ring.public_keys, head_file=head_file)
        assert verdict.ok
        assert verdict.entries >= said
    [entry] = _append(store, ledger, draft("erna"))
    ledger.publish_head()
    verdict = verify(store, ring.public_keys, head_file=head_file)
    assert (verdict.ok, verdict.entries, verdict.published) == (True, entry.index + 1, "equal")


def test_a_full_disk_stops_the_append_and_spares_the_chain(
    sqlite_url: str, ring: KeyRing, draft: Draft, head_file: Path
) -> None:
    store = Store.open(sqlite_url)
    ledger = Ledger(store, ring, head_file=head_file)
    written = _append(store, ledger, draft("een"))
    ledger.publish_head()
    store.close()

    def no_more_pages(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a driver's connection
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 1}")

    event.listen(store._engine, "connect", no_more_pages)
    with pytest.raises(StoreError, match="SQLITE_FULL") as caught:
        _append(store, ledger, *(draft(f"{PLANTED}{number}" * 20) for number in range(50)))
    assert PLANTED not in "".join(traceback.format_exception(caught.value))
    assert list(ledger.read()) == written
    assert verify(store, ring.public_keys, head_file=head_file).ok
    store.close()
