"""A message's reference as columns of a table."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, FromClause, Table, and_, true

from scrubber.message import SourceRef


def at(table: Table, ref: SourceRef) -> ColumnElement[bool]:
    """The rows of `table` that are about the message at `ref`."""
    columns = table.c
    return and_(
        columns.source == ref.source,
        columns.container == ref.container,
        columns.item == ref.item,
        columns.version == ref.version,
    )


def columns(ref: SourceRef) -> dict[str, str]:
    return {"source": ref.source, "container": ref.container, "item": ref.item, "version": ref.version}


def same(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Rows of two tables that are about the same message."""
    names = ("source", "container", "item", "version")
    return and_(*(one.c[name] == other.c[name] for name in names))


def among(table: Table, containers: Collection[str] | None) -> ColumnElement[bool]:
    """The rows of `table` that are about a message in one of these containers. None: in any."""
    return true() if containers is None else table.c.container.in_(list(containers))
