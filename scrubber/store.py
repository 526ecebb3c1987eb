"""The one database, SQLite embedded or PostgreSQL scaled: its migrations, its transactions (the tables: `schema`).

Journal and ledger share it, so that "done" and the entry that says so commit together. No table holds text of a
message. Every time in it is UTC as `utc_text` writes it, so that text order is time order on both databases.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from scrubber import schema as tables
from scrubber.errors import StoreError
from scrubber.schema import metadata, schema_version

BUSY_SECONDS = 30
"""How long a writer waits for another before it gives up with a StoreError."""

RESERVE_BYTES = 16 * 1024 * 1024
"""What stays free on the disk of a SQLite database, so that a write-back begun can be recorded to its end."""

_WRITE = "scrubber_write"
_SCHEMA_LOCK = 0x5C_2B_B0_01


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and "Z": of equal length for every moment. ValueError without a time zone.

    >>> utc_text(datetime(2026, 3, 1, 13, 30, tzinfo=UTC))
    '2026-03-01T13:30:00.000000Z'
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_text(text: str) -> datetime:
    """The moment, timezone-aware in UTC. ValueError when `text` is no ISO 8601 moment with a time zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC)


Migration = Callable[[Connection], None]


def _mailboxes(tx: Connection) -> None:
    """Schema 2: what people say at a source, what does not work there, a message's name, indexes on references."""
    collate = ' COLLATE "C"' if tx.dialect.name == "postgresql" else ""
    tx.execute(text(f"ALTER TABLE messages ADD COLUMN known_as TEXT{collate} DEFAULT '' NOT NULL"))
    for table in (tables.signals, tables.troubles):
        table.create(tx)
    for table, names in (
        (tables.jobs, {"jobs_ref", "jobs_original_digest"}),
        (tables.deferrals, {"deferrals_ref"}),
        (tables.reviews, {"reviews_ref"}),
    ):
        for index in table.indexes:
            if index.name in names:
                index.create(tx)


def _hooks(tx: Connection) -> None:
    """Schema 3: what web hooks bring, how far a desk was swept, what a relay remembers."""
    for table in (
        tables.nudges,
        tables.matters,
        tables.deliveries,
        tables.sweeps,
        tables.asked,
        tables.relayed,
        tables.quarantine,
    ):
        table.create(tx)


MIGRATIONS: Sequence[Migration] = (_mailboxes, _hooks)
"""From schema 1 to 2, from 2 to 3, …: each runs once, in order, in one transaction. A new database has them all."""


class Store:
    """The database, open. Safe to share between threads; every process opens its own."""

    def __init__(self, engine: Engine, path: Path | None) -> None:
        self._engine = engine
        self._path = path

    @classmethod
    def open(cls, url: str) -> Store:
        """Open, and create or migrate where needed. `sqlite:///PATH` or `postgresql+psycopg://…`.

        StoreError when it can't be reached, is another program's, or was written by a newer scrubber.
        """
        with _store_errors("the database can't be opened"):
            parsed = _parse(url)
            path = Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
            store = cls(_postgresql(parsed) if path is None else _sqlite(parsed, path), path)
        try:
            upgrade(store, MIGRATIONS)
        except StoreError:
            store.close()
            raise
        return store

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction: committed when the block ends, rolled back when it raises. Don't nest.

        On SQLite it holds the one write lock from its start. Every error of the database becomes a StoreError without
        any value of a row in its text.
        """
        with _store_errors("the database can't be written"), self._connect(write=True) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: one snapshot from its first query to its end; a write in it is a StoreError."""
        with _store_errors("the database can't be read"), self._connect(write=False) as connection:
            yield connection

    @contextmanager
    def _connect(self, *, write: bool) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            if not write and self._path is None:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            connection.execution_options(**{_WRITE: write})
            with connection.begin():
                yield connection

    def free_space_check(self, size: int) -> None:
        """StoreError when less than `size` bytes and RESERVE_BYTES are free on the disk of a SQLite database.

        The disk of a PostgreSQL server can't be seen from here: there the transaction itself is the check.
        """
        if self._path is None:
            return
        with _store_errors("the disk of the database can't be examined"):
            free = shutil.disk_usage(self._path.resolve().parent).free
        needed = size + RESERVE_BYTES
        if free < needed:
            raise StoreError(f"the disk of the database is nearly full: {free} bytes free, {needed} needed")

    def close(self) -> None:
        """Close every connection. Nothing that was committed is lost without it."""
        self._engine.dispose()


def upgrade(store: Store, migrations: Sequence[Migration]) -> None:
    """Bring the schema to version 1 + len(migrations). StoreError when it is newer, or no schema of ours."""
    target = 1 + len(migrations)
    with store.read() as connection:
        if _version(connection) == target:
            return
    with store.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
        found = _version(connection)
        if found > target:
            raise StoreError(f"the database has schema {found}, this scrubber knows {target}: use the newer scrubber")
        if found == 0:
            metadata.create_all(connection, checkfirst=False)
        else:
            for migrate in migrations[found - 1 :]:
                migrate(connection)
        if found < target:
            connection.execute(insert(schema_version).values(version=target, applied_at=utc_text(datetime.now(UTC))))


def _version(connection: Connection) -> int:
    """0: an empty database."""
    present = set(inspect(connection).get_table_names())
    if schema_version.name in present:
        version = connection.execute(select(func.max(schema_version.c.version))).scalar()
        return int(version or 0)
    foreign = sorted(present & set(metadata.tables))
    if foreign:
        raise StoreError(f"the database holds another program's table {foreign[0]!r}: give scrubber its own database")
    return 0


def _parse(url: str) -> URL:
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise StoreError("the database is neither sqlite:///PATH nor postgresql+psycopg://…")
    if parsed.drivername == "sqlite" and (parsed.database or ":memory:").startswith((":memory:", "file:")):
        raise StoreError("the database must be a file: sqlite:///PATH")
    return parsed


def _postgresql(url: URL) -> Engine:
    options = {} if "options" in url.query else {"options": f"-c lock_timeout={BUSY_SECONDS}s"}
    try:
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=options)
    except ImportError:
        failure = StoreError("PostgreSQL needs psycopg: install scrubber[postgres]")
    raise failure


def _sqlite(url: URL, path: Path) -> Engine:
    with suppress(FileExistsError):  # its mode is its owner's choice then; SQLite gives -wal and -shm the same
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        # kept in the file; set once here, because two connections that both change it fail at once instead of waiting
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        if mode != "wal":
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise StoreError("the file system of the database can't do write-ahead logging: put it on a local disk")
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", _sqlite_begins)
    return engine


def _sqlite_connected(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and is never IMMEDIATE
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begins(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {0 if write else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def _store_errors(doing: str) -> Iterator[None]:
    """Errors of database and disk as StoreError. The original is dropped whole: PostgreSQL's text quotes row values."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeEncodeError) as error:
        failure = StoreError(f"{doing}: {_code(error)}")
        try:
            raise failure from None
        except StoreError:
            failure.__context__ = None  # "from None" only hides it from the printed traceback
            raise


def _code(error: BaseException) -> str:
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    if code is None and isinstance(original, OSError) and original.errno is not None:
        code = errno.errorcode.get(original.errno, str(original.errno))
    return " ".join(filter(None, (type(original).__name__, code)))
