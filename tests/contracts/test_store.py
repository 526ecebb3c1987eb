"""What SQLite and PostgreSQL must do alike, because everything above them counts on it."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, insert, inspect, select, text, update

from scrubber.errors import MessageGone, StoreError
from scrubber.schema import deferrals, heads, jobs, ledger, messages, metadata, reviews, schema_version, sources
from scrubber.store import MIGRATIONS, Store, upgrade, utc_text

NEWEST = 1 + len(MIGRATIONS)
PLANTED = "171253985-geheim@voorbeeld.example"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store.open(store_url)
    yield opened
    opened.close()


def _message(tx: Connection, item: str, **values: object) -> None:
    tx.execute(insert(messages).values(source="post", container=".", item=item, version="", **values))


def _items(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(messages.c.item).order_by(messages.c.item)).scalars())


def _assert_silent(error: BaseException) -> None:
    """Neither the error nor anything it drags along shows the planted value."""
    seen: BaseException | None = error
    while seen is not None:
        assert PLANTED not in str(seen)
        assert PLANTED not in repr(seen)
        seen = seen.__cause__ or seen.__context__
    assert PLANTED not in "".join(traceback.format_exception(error))


def test_what_is_committed_is_there_after_opening_again(store_url: str) -> None:
    first = Store.open(store_url)
    with first.begin() as tx:
        _message(tx, "een", digest="d", attempts=2)
    first.close()
    second = Store.open(store_url)
    with second.read() as tx:
        row = tx.execute(select(messages)).mappings().one()
    second.close()
    assert dict(row) == {
        "source": "post",
        "container": ".",
        "item": "een",
        "version": "",
        "digest": "d",
        "result_digest": "",
        "outcome": "",
        "reason": "",
        "mode": "",
        "origin": "",
        "known_as": "",
        "received": "",
        "settled_at": "",
        "attempts": 2,
        "size": 0,
    }


def test_every_table_takes_its_least_row(store: Store) -> None:
    least: dict[str, dict[str, object]] = {
        "schema_version": {"version": 99},
        "sources": {"source": "post"},
        "messages": {"source": "post"},
        "jobs": {"job": "j1"},
        "deferrals": {},
        "reviews": {},
        "signals": {"source": "post", "mark": "m"},
        "troubles": {"source": "post", "what": "source"},
        "nudges": {"source": "desk", "container": "7"},
        "matters": {"source": "desk", "container": "7"},
        "deliveries": {"source": "desk", "delivery": "d"},
        "sweeps": {"source": "desk"},
        "asked": {"source": "desk", "conversation": "c", "kind": "IBAN_CODE"},
        "relayed": {"source": "desk", "delivery": "d"},
        "quarantine": {"source": "desk", "delivery": "d", "sealed": b"\0\xff"},
        "ledger": {"chain": "main", "idx": 0, "body": b"\0\xff", "signature": b""},
        "heads": {"chain": "main", "idx": 0, "signature": b"\x80"},
    }
    assert least.keys() == metadata.tables.keys()
    with store.begin() as tx:
        for name, values in least.items():
            tx.execute(insert(metadata.tables[name]).values(**values))
    with store.read() as tx:
        job = tx.execute(select(jobs)).one()
        assert tx.execute(select(ledger.c.body)).scalar() == b"\0\xff"
        assert tx.execute(select(heads.c.signature)).scalar() == b"\x80"
    assert (job.end, job.finished_at, job.new_item, job.draft, job.plan) == (None, None, None, b"", "")


def test_numbered_rows_never_reuse_a_number(store: Store) -> None:
    for table in (deferrals, reviews):
        with store.begin() as tx:
            numbers = [tx.execute(insert(table).values(state="waiting")).inserted_primary_key for _ in range(2)]
            last = numbers[-1]
            assert last is not None
            tx.execute(delete(table).where(table.c.id == last[0]))
            again = tx.execute(insert(table).values(state="waiting")).inserted_primary_key
        assert again is not None
        assert again[0] > last[0]


def test_a_block_that_raises_leaves_nothing_and_its_error_is_its_own(store: Store) -> None:
    with pytest.raises(MessageGone, match="moved"), store.begin() as tx:  # noqa: PT012 - the block is what is tested
        _message(tx, "een")
        raise MessageGone("moved")
    assert _items(store) == []


def test_an_error_of_the_database_is_a_store_error_without_the_values(store: Store) -> None:
    with store.begin() as tx:
        _message(tx, PLANTED)
    with pytest.raises(StoreError, match=r"can't be written: .*(CONSTRAINT|23505)") as caught, store.begin() as tx:
        _message(tx, PLANTED, digest=PLANTED)
    _assert_silent(caught.value)
    assert _items(store) == [PLANTED]


def test_a_wrong_statement_is_a_store_error_without_the_values(store: Store) -> None:
    with pytest.raises(StoreError, match="can't be read") as caught, store.read() as tx:
        tx.execute(text("SELECT nothing FROM nowhere WHERE x = :x"), {"x": PLANTED})
    _assert_silent(caught.value)


def test_text_that_no_database_takes_is_a_store_error(store: Store) -> None:
    with pytest.raises(StoreError) as caught, store.begin() as tx:
        _message(tx, "een", reason=f"{PLANTED}\ud800")
    _assert_silent(caught.value)


def test_a_read_transaction_can_not_write(store: Store) -> None:
    with pytest.raises(StoreError, match=r"can't be read: .*(READONLY|25006)"), store.read() as tx:
        _message(tx, "een")
    with store.begin() as tx:
        _message(tx, "twee")
    assert _items(store) == ["twee"]


def test_a_read_transaction_is_one_snapshot(store: Store) -> None:
    with store.begin() as tx:
        _message(tx, "een")
    count = select(func.count()).select_from(messages)
    with store.read() as reader:
        before = reader.execute(count).scalar()
        with store.begin() as writer:
            _message(writer, "twee")
        assert reader.execute(count).scalar() == before == 1
    assert _items(store) == ["een", "twee"]


def test_writers_wait_for_each_other_and_lose_no_update(store: Store) -> None:
    with store.begin() as tx:
        _message(tx, "een")
    failures: list[BaseException] = []

    def add() -> None:
        try:
            for _ in range(25):
                with store.begin() as tx:
                    tx.execute(update(messages).values(attempts=messages.c.attempts + 1))
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert tx.execute(select(messages.c.attempts)).scalar() == 75
    assert failures == []


def test_two_that_open_a_new_database_at_once_make_it_once(store_url: str) -> None:
    opened: list[Store | StoreError] = []

    def open_it() -> None:
        try:
            opened.append(Store.open(store_url))
        except StoreError as error:
            opened.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stores = [one for one in opened if isinstance(one, Store)]
    assert len(stores) == 4, opened
    with stores[0].read() as tx:
        assert tx.execute(select(schema_version.c.version)).scalars().all() == [NEWEST]
    for one in stores:
        one.close()


def test_text_order_of_moments_is_their_order(store: Store) -> None:
    start = datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC)
    moments = [start + timedelta(microseconds=step) for step in (-(10**9), -1, 0, 1, 10, 10**6, 10**12)]
    with store.begin() as tx:
        for number, moment in enumerate(reversed(moments)):
            tx.execute(insert(sources).values(source=str(number), since=utc_text(moment)))
    with store.read() as tx:
        found = tx.execute(select(sources.c.since).order_by(sources.c.since)).scalars().all()
        early = tx.execute(select(func.count()).select_from(sources).where(sources.c.since < utc_text(start))).scalar()
    assert found == [utc_text(moment) for moment in moments]
    assert early == 2


def test_text_is_compared_by_code_point(store: Store) -> None:
    names = ["a-b", "aB", "ab", "B", "é", "Z", "a b"]
    with store.begin() as tx:
        for name in names:
            _message(tx, name)
    assert _items(store) == sorted(names)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_categories=()), max_size=12))
def test_any_name_of_a_source_comes_back_and_is_found(store: Store, name: str) -> None:
    with store.begin() as tx:
        tx.execute(delete(messages))
        _message(tx, name)
    with store.read() as tx:
        assert tx.execute(select(messages.c.item).where(messages.c.item == name)).scalars().all() == [name]
        assert tx.execute(select(messages.c.item).where(messages.c.item == name + "%")).scalars().all() == []


def test_a_name_may_be_missing_where_nothing_replaced_it(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(insert(jobs).values(job="j", new_item=None, new_container="%00\0"))
    with store.read() as tx:
        assert tx.execute(select(jobs.c.new_item, jobs.c.new_container)).one() == (None, "%00\0")


def test_migrations_run_once_each_in_order(store: Store) -> None:
    ran: list[str] = []

    def one(tx: Connection) -> None:
        ran.append("one")
        tx.execute(text("ALTER TABLE sources ADD COLUMN extra INTEGER"))

    def two(tx: Connection) -> None:
        ran.append("two")
        tx.execute(text("UPDATE sources SET extra = 7"))

    with store.begin() as tx:
        tx.execute(insert(sources).values(source="post"))
    upgrade(store, (*MIGRATIONS, one))
    upgrade(store, (*MIGRATIONS, one, two))
    upgrade(store, (*MIGRATIONS, one, two))
    with store.read() as tx:
        assert tx.execute(text("SELECT extra FROM sources")).scalar() == 7
        assert tx.execute(select(schema_version.c.version).order_by(schema_version.c.version)).scalars().all() == [
            NEWEST,
            NEWEST + 1,
            NEWEST + 2,
        ]
    assert ran == ["one", "two"]


def test_a_migration_that_fails_leaves_the_schema_as_it_was(store: Store) -> None:
    def broken(tx: Connection) -> None:
        tx.execute(text("ALTER TABLE sources ADD COLUMN extra INTEGER"))
        tx.execute(text("UPDATE nowhere SET x = 1"))

    with pytest.raises(StoreError):
        upgrade(store, (*MIGRATIONS, broken))
    with pytest.raises(StoreError), store.read() as tx:
        tx.execute(text("SELECT extra FROM sources"))
    upgrade(store, MIGRATIONS)


def _shape(store: Store) -> dict[str, tuple[set[tuple[str, str, bool]], set[tuple[str | None, ...]]]]:
    """Table -> columns (name, type, nullable) and indexes (name, columns …)."""
    with store.read() as tx:
        look = inspect(tx)
        return {
            name: (
                {(column["name"], str(column["type"]), column["nullable"]) for column in look.get_columns(name)},
                {(index["name"], *index["column_names"]) for index in look.get_indexes(name)},
            )
            for name in look.get_table_names()
        }


def test_a_database_of_the_first_schema_becomes_like_a_new_one(store_url: str) -> None:
    store = Store.open(store_url)
    new = _shape(store)
    with store.begin() as tx:
        hooks = ("nudges", "matters", "deliveries", "sweeps", "asked", "relayed", "quarantine")
        for table in ("signals", "troubles", *hooks):
            tx.execute(text(f"DROP TABLE {table}"))
        for index in ("jobs_ref", "jobs_original_digest", "deferrals_ref", "reviews_ref"):
            tx.execute(text(f"DROP INDEX {index}"))
        tx.execute(text("ALTER TABLE messages DROP COLUMN known_as"))
        tx.execute(update(schema_version).values(version=1))
        tx.execute(text("INSERT INTO messages SELECT 'post', '.', 'a', '', '', '', 'CLEAN', '', '', '', '', '', 1, 0"))
    store.close()
    store = Store.open(store_url)
    try:
        assert _shape(store) == new
        with store.read() as tx:
            assert tx.execute(select(messages.c.outcome, messages.c.known_as)).one() == ("CLEAN", "")
    finally:
        store.close()


def test_a_newer_schema_is_refused(store_url: str) -> None:
    store = Store.open(store_url)
    with store.begin() as tx:
        tx.execute(insert(schema_version).values(version=NEWEST + 1, applied_at=""))
    store.close()
    with pytest.raises(StoreError, match=f"has schema {NEWEST + 1}, this scrubber knows {NEWEST}"):
        Store.open(store_url)


def test_another_programs_database_is_refused(store_url: str) -> None:
    store = Store.open(store_url)
    with store.begin() as tx:
        tx.execute(text("DROP TABLE schema_version"))
    store.close()
    with pytest.raises(StoreError, match="another program's table 'asked'"):
        Store.open(store_url)
