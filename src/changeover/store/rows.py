"""What several repositories need: folding, patterns for LIKE, pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, select

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
    page: int,
    page_size: int,
) -> tuple[list[RowMapping], int]:
    """Return the rows of one page and the number of all rows."""
    total = connection.execute(select(func.count()).select_from(query.order_by(None).subquery())).scalar_one()
    size = min(max(page_size, 1), MAX_PAGE_SIZE)
    start = (max(page, 1) - 1) * size
    # Beyond any table's last row; a larger number would not fit the database's integers.
    start = min(start, 2**62)
    rows = connection.execute(query.order_by(*order).limit(size).offset(start)).mappings().all()
    return list(rows), total


def only(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return some of the values."""
    return {name: values[name] for name in names}
