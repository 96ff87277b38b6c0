"""What several repositories need: folding, patterns for LIKE, pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, select

from changeover.org.lists import Page

T = TypeVar("T")
MAX_PAGE_SIZE = 500


def folded(name: str) -> str:
    """Return a name for comparison without regard to case, in any script; SQLite folds ASCII only."""
    return name.casefold()


def containing(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Return the condition that a folded column holds a text, whatever wildcards the text holds."""
    return column.contains(folded(part), autoescape=True)


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
