"""Rows as they stand. SQLite keeps any type in any column, and text that is no UTF-8: who tampers may use that."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Table, case, cast, func, select

_BATCH = 500

Raw = object
"""An index as the database gives it, text and blobs as bytes, None for what is stored as another type."""


def raw_rows(
    tx: Connection, table: Table, names: Sequence[str], chain: str, where: ColumnElement[bool] | None = None
) -> Generator[tuple[Raw, ...], None, None]:
    """The columns `names` of a chain's rows by idx, text as bytes. Streamed: close it when you stop early.

    A value is given only where it is stored as the type of its column: a body kept as text has the same bytes, and yet
    who reads the column by its type gets something else.
    """
    sqlite = tx.dialect.name == "sqlite"
    columns = [_stored(table.c[name]) if sqlite and name != "idx" else table.c[name] for name in names]
    query = select(*columns).where(table.c.chain == chain).order_by(table.c.idx)
    if where is not None:
        query = query.where(where)
    with tx.execute(query, execution_options={"yield_per": _BATCH}) as rows:
        for row in rows:
            yield tuple(value.encode() if isinstance(value, str) else value for value in row)


def _stored(column: Column[Any]) -> ColumnElement[Any]:
    kind = "blob" if isinstance(column.type, LargeBinary) else "text"
    return case((func.typeof(column) == kind, cast(column, LargeBinary)))


def as_text(value: Raw) -> str:
    """The text of a raw column; what is no UTF-8 stays visible as something that equals no text of ours."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
