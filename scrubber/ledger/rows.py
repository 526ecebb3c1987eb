"""Rows as they stand. SQLite keeps any type in any column, and text that is no UTF-8: who tampers may use that."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Table, cast, select

_BATCH = 500

Raw = object
"""An index as the database gives it, text and blobs as bytes; anything else where somebody put it there."""


def raw_rows(tx: Connection, table: Table, names: Sequence[str], chain: str) -> Generator[tuple[Raw, ...], None, None]:
    """The columns `names` of a chain's rows by idx, text as bytes. Streamed: close it when you stop early."""
    sqlite = tx.dialect.name == "sqlite"
    columns: list[ColumnElement[Any]] = [
        cast(table.c[name], LargeBinary) if sqlite and name != "idx" else table.c[name] for name in names
    ]
    query = select(*columns).where(table.c.chain == chain).order_by(table.c.idx)
    with tx.execute(query, execution_options={"yield_per": _BATCH}) as rows:
        for row in rows:
            yield tuple(value.encode() if isinstance(value, str) else value for value in row)


def as_text(value: Raw) -> str:
    """The text of a raw column; what is no UTF-8 stays visible as something that equals no text of ours."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
