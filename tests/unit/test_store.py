"""The store where SQLite and PostgreSQL differ: files and disks here, a server there. Times and addresses."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, insert, select, text

from scrubber import store as store_module
from scrubber.errors import StoreError
from scrubber.schema import messages, sources
from scrubber.store import Store, from_text, utc_text

PLANTED = "171253985-geheim"
SECRET_URL = "postgresql+psycopg://scrubber:w8woord-geheim@/scrubber?host=/nergens.test"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scrubber.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{path}")
    yield opened
    opened.close()


@contextmanager
def _ordinary_rights() -> Iterator[None]:
    """Root may write anything: be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def _fill(store: Store, rows: int) -> None:
    with store.begin() as tx:
        for number in range(rows):
            tx.execute(insert(messages).values(source="post", item=f"{PLANTED}{number}", digest="x" * 1000))


def _count(store: Store) -> int:
    with store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(messages)).scalar_one())


@settings(max_examples=60, deadline=None)
@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=11))])))
def test_a_moment_comes_back(moment: datetime) -> None:
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return
    written = utc_text(moment)
    assert from_text(written) == moment
    assert len(written) == 27
    assert written.endswith("Z")


def test_other_spellings_of_a_moment_are_read() -> None:
    assert from_text("2026-03-01T14:30:00+01:00") == datetime(2026, 3, 1, 13, 30, tzinfo=UTC)
    assert utc_text(from_text("2026-03-01T13:30:00Z")) == "2026-03-01T13:30:00.000000Z"


@pytest.mark.parametrize("wrong", ["2026-03-01T13:30:00", "gisteren", ""])
def test_no_moment_without_a_time_zone(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"time zone|isoformat"):
        from_text(wrong)


def test_a_naive_moment_is_not_written() -> None:
    with pytest.raises(ValueError, match="time zone"):
        utc_text(datetime(2026, 3, 1, 13, 30))  # noqa: DTZ001 - that is the mistake


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("sqlite:///file:x.db?uri=true", "must be a file"),
        ("mysql://root:w8woord-geheim@db.test/x", "neither sqlite"),
        ("postgresql+psycopg2://scrubber:w8woord-geheim@db.test/x", "neither sqlite"),
        ("w8woord-geheim", "can't be opened"),
        ("", "can't be opened"),
    ],
)
def test_other_addresses_are_refused_without_repeating_them(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught:
        Store.open(url)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", [SECRET_URL, SECRET_URL.replace("+psycopg", ""), SECRET_URL + "&options=-cx%3Dy"])
def test_a_server_that_is_not_there(url: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="can't be read: OperationalError") as caught:
        Store.open(url)
    assert "geheim" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"install scrubber\[postgres\]"):
        Store.open(SECRET_URL)


def test_the_file_is_private_from_its_first_byte(path: Path) -> None:
    before = os.umask(0)
    try:
        store = Store.open(f"sqlite:///{path}")
        _fill(store, 3)
    finally:
        os.umask(before)
    names = {found.name: stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()}
    store.close()
    assert names == {"scrubber.db": 0o600, "scrubber.db-wal": 0o600, "scrubber.db-shm": 0o600}


def test_the_promises_of_sqlite_are_switched_on(store: Store) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    with store.begin() as tx:
        found = {name: tx.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
    assert found == wanted


def test_no_directory_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="ENOENT"):
        Store.open(f"sqlite:///{tmp_path / 'nergens' / 'scrubber.db'}")


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(PLANTED.encode() * 200)
    with pytest.raises(StoreError, match="SQLITE_NOTADB") as caught:
        Store.open(f"sqlite:///{path}")
    assert PLANTED not in str(caught.value)


def test_a_file_system_without_write_ahead_logging(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite then says which other mode it kept; a database in memory is one that can't, too."""
    real = sqlite3.connect
    path.touch()

    def connect(_path: Path, timeout: float) -> sqlite3.Connection:
        return real(":memory:", timeout=timeout)

    monkeypatch.setattr("scrubber.store.sqlite3.connect", connect)
    with pytest.raises(StoreError, match="local disk"):
        Store.open(f"sqlite:///{path}")


def test_a_full_database_stops_the_writer_and_keeps_what_was_there(store: Store) -> None:
    _fill(store, 2)
    store.close()

    def no_more_pages(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    event.listen(store._engine, "connect", no_more_pages)
    with pytest.raises(StoreError, match="SQLITE_FULL") as caught:
        _fill_other(store)
    assert PLANTED not in str(caught.value)
    assert _count(store) == 2
    with store.begin() as tx:
        tx.execute(insert(sources).values(source="post"))


def test_a_disk_that_refuses_the_write(store: Store) -> None:
    """A limit on the size of files makes every write beyond it fail, as a full disk does."""
    _fill(store, 2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    try:
        with pytest.raises(StoreError, match=r"SQLITE_(FULL|IOERR)"):
            _fill_other(store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert _count(store) == 2
    _fill_other(store)
    assert _count(store) == 402


def _fill_other(store: Store) -> None:
    with store.begin() as tx:
        for number in range(400):
            tx.execute(insert(messages).values(source="vol", item=f"{PLANTED}{number}", digest="x" * 1000))


def _open_and_fill(path: Path) -> None:
    store = Store.open(f"sqlite:///{path}")
    try:
        _fill(store, 1)
    finally:
        store.close()


@pytest.mark.parametrize(("directory", "file"), [(0o777, 0o444), (0o555, 0o444), (0o555, 0o666)])
def test_a_database_that_may_not_be_written(tmp_path: Path, directory: int, file: int) -> None:
    for parent in (tmp_path, *tmp_path.parents):  # pytest's directories let only their owner in
        if parent.owner() == tmp_path.owner() and str(parent) not in {"/", "/tmp"}:  # noqa: S108 - not to be touched
            parent.chmod(parent.stat().st_mode | 0o011)
    path = tmp_path / "map" / "scrubber.db"
    path.parent.mkdir()
    Store.open(f"sqlite:///{path}").close()
    path.chmod(file)
    path.parent.chmod(directory)
    with _ordinary_rights(), pytest.raises(StoreError, match=r"SQLITE_(READONLY|CANTOPEN)"):
        _open_and_fill(path)
    path.parent.chmod(0o700)


def test_who_waits_too_long_for_the_other_writer_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0)
    store = Store.open(f"sqlite:///{path}")
    with store.begin(), pytest.raises(StoreError, match="SQLITE_BUSY"), store.begin():
        pass
    store.close()


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    _fill(store, 1)
    counted: list[int] = []
    with store.begin() as tx:
        tx.execute(insert(messages).values(source="post", item="twee"))
        reader = threading.Thread(target=lambda: counted.append(_count(store)))
        reader.start()
        reader.join(10)
    assert counted == [1]


def test_little_space_left_is_said_before_anything_is_written(store: Store) -> None:
    store.free_space_check(0)
    with pytest.raises(StoreError, match="nearly full"):
        store.free_space_check(1 << 62)


def test_the_space_of_a_disk_that_is_gone(tmp_path: Path) -> None:
    directory = tmp_path / "weg"
    directory.mkdir()
    store = Store.open(f"sqlite:///{directory / 'scrubber.db'}")
    store.close()
    for left in directory.iterdir():
        left.unlink()
    directory.rmdir()
    with pytest.raises(StoreError, match="can't be examined: FileNotFoundError ENOENT"):
        store.free_space_check(0)


@pytest.mark.postgres
def test_a_servers_disk_is_not_looked_at(postgresql_url: str) -> None:
    store = Store.open(postgresql_url)
    store.free_space_check(1 << 62)
    with store.read() as tx:
        assert tx.execute(text("SHOW lock_timeout")).scalar() == "30s"
    store.close()


@pytest.mark.postgres
def test_a_server_that_goes_away_is_a_store_error_and_its_return_is_noticed(postgresql_url: str) -> None:
    store, other = Store.open(postgresql_url), Store.open(postgresql_url)
    end = text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def write_while_it_goes_away() -> None:
        with store.begin() as tx:
            tx.execute(insert(messages).values(source="post", item=PLANTED))
            with other.begin() as killer:
                killer.execute(end)
            tx.execute(select(messages))

    with pytest.raises(StoreError, match="can't be written"):
        write_while_it_goes_away()
    assert _count(store) == 0
    store.close()
    other.close()


def test_what_stands_in_a_store_survives_without_close(path: Path) -> None:
    store = Store.open(f"sqlite:///{path}")
    _fill(store, 2)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (2,)
    store.close()
