"""What several repositories need: folding, patterns for LIKE, rows that two write at once, pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from changeover.org.lists import Page

T = TypeVar("T")
MAX_PAGE_SIZE = 500


def folded(name: str) -> str:
    """Return a name for comparison without regard to case, in any script; SQLite folds ASCII only."""
    return name.casefold()


def containing(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Return the condition that a folded column holds a text, whatever wildcards the text holds."""
    return column.contains(folded(part), autoescape=True)


def _insert(connection: Connection, table: Table, row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - one of two classes
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table).values(**row)


def put(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write the row of a key, whether there is one or not, and whoever writes it at the same time.

    Args:
        connection: the transaction.
        table: the table.
        key: the columns of a unique constraint.
        values: the others.
    """
    insert = _insert(connection, table, {**key, **values})
    connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=dict(values)))


def put_first(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Write the row of a key unless there is one; of two at the same time the first one's stays."""
    insert = _insert(connection, table, {**key, **values})
    connection.execute(insert.on_conflict_do_nothing(index_elements=list(key)))


def found_or_put(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return the values of a key's row, written now if there is none; nobody else changes it meanwhile."""
    insert = _insert(connection, table, {**key, **values})
    # An update of nothing, so that the row is locked and told of in the same breath.
    found = insert.on_conflict_do_update(index_elements=list(key), set_=dict(key))
    return tuple(connection.execute(found.returning(*(table.c[name] for name in values))).one())


def page_of(
    connection: Connection,
    query: Select[Any],
    order: tuple[ColumnElement[Any], ...],
    asked: tuple[int, int],
    build: Callable[[RowMapping], T],
    known: Mapping[str, Any] | None = None,
) -> Page[T]:
    """Return one page of a query.

    Args:
        connection: the transaction.
        query: all rows.
        order: must tell any two rows apart, or pages would overlap.
        asked: the page and its size, as anybody may send them: too small or too large becomes what will do.
        build: makes a row.
        known: values of the query's own parameters.
    """
    values = dict(known or {})
    counted = select(func.count()).select_from(query.order_by(None).subquery())
    total = connection.execute(counted, values).scalar_one()
    size = min(max(asked[1], 1), MAX_PAGE_SIZE)
    # Beyond any table's last row; a larger number would not fit the database's integers.
    page = min(max(asked[0], 1), 2**40)
    limited = query.order_by(*order).limit(size).offset((page - 1) * size)
    rows = connection.execute(limited, values).mappings()
    return Page(rows=tuple(build(row) for row in rows), total=total, page=page, page_size=size)
