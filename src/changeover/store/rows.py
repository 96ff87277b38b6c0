"""What several repositories need: folding, patterns for LIKE, rows that two write at once, pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    UnaryExpression,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import operators

from changeover.org.lists import Page

T = TypeVar("T")
MAX_PAGE_SIZE = 500
Order = tuple[ColumnElement[Any], ...]
FEW = 200
"""Rows that are gathered and sorted; where a condition leaves more, they are counted and walked in order."""
_KEY = "page_key"
_WILDCARDS = frozenset("%_\\")
_LONG_PART = 10_000
"""Characters beyond which a pattern may be too long for SQLite, which takes 50,000 bytes."""
_LAST_PAGE = 2**40
"""Beyond any table's last row; a larger number would not fit the database's integers."""


def folded(name: str) -> str:
    """Return a name for comparison without regard to case, in any script; SQLite folds ASCII only."""
    return name.casefold()


def containing(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Return the condition that a folded column holds a text, whatever wildcards the text holds."""
    wanted = folded(part)
    if len(wanted) > _LONG_PART:
        return func.replace(column, literal(wanted, column.type), "") != column
    if _WILDCARDS.isdisjoint(wanted):
        # PostgreSQL would put a pattern with an escape together anew for every row.
        return column.like(f"%{wanted}%")
    return column.contains(wanted, autoescape=True)


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
) -> bool:
    """Write the row of a key unless there is one; of two at the same time the first one's stays.

    Returns whether it was the first.
    """
    insert = _insert(connection, table, {**key, **values})
    first = insert.on_conflict_do_nothing(index_elements=list(key)).returning(
        *(table.c[name] for name in key)
    )
    return connection.execute(first).first() is not None


def found_or_put(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return the values of a key's row, written now if there is none; nobody else changes it meanwhile."""
    insert = _insert(connection, table, {**key, **values})
    # An update of nothing, so that the row is locked and told of in the same breath.
    found = insert.on_conflict_do_update(index_elements=list(key), set_=dict(key))
    return tuple(connection.execute(found.returning(*(table.c[name] for name in values))).one())


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text to sort by that no index holds in order.

    To walk an index of names and look each row up for a condition takes longer than to sort what an index
    with everything in it yields.
    """
    return column.concat("")


class Slice(NamedTuple):
    """Which rows are asked for, as anybody may send it put right."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        """How many rows stand before."""
        return (self.page - 1) * self.size


def slice_of(asked: tuple[int, int]) -> Slice:
    """Return a page and its size; too small or too large becomes what will do."""
    return Slice(page=min(max(asked[0], 1), _LAST_PAGE), size=min(max(asked[1], 1), MAX_PAGE_SIZE))


def page_of(
    connection: Connection,
    query: Select[Any],
    order: Order,
    asked: tuple[int, int],
    build: Callable[[RowMapping], T],
    known: Mapping[str, Any] | None = None,
) -> Page[T]:
    """Return one page of a query.

    Args:
        connection: the transaction.
        query: all rows.
        order: must tell any two rows apart, or pages would overlap.
        asked: the page and its size, as anybody may send them.
        build: makes a row.
        known: values of the query's own parameters.
    """
    values = dict(known or {})
    part = slice_of(asked)
    total = _count(connection, query, values)
    rows: Sequence[RowMapping] = ()
    if part.offset < total:
        limited, backwards = _cut(query, order, part, total)
        rows = connection.execute(limited, values).mappings().all()
        rows = rows[::-1] if backwards else rows
    return Page(rows=tuple(map(build, rows)), total=total, page=part.page, page_size=part.size)


class Wide(NamedTuple):
    """A list whose rows are long."""

    query: Select[Any]
    """All rows, without the conditions."""
    key: ColumnElement[Any]
    """What tells the query's rows apart."""
    conditions: Sequence[ColumnElement[bool]]
    """What narrows them down, if anything does."""
    order: Order
    """Must tell any two rows apart, or pages would overlap."""
    rare: bool
    """Whether the conditions mostly leave few rows, as what someone searches for does."""
    counted: int | None = None
    """Up to how many rows are counted; all where None. Counting a million takes a quarter of a second."""
    found: Select[Any] | None = None
    """The keys of all rows, where they are found otherwise than by the query."""


def page_of_wide(
    connection: Connection,
    wide: Wide,
    asked: tuple[int, int],
    build: Callable[[RowMapping], T],
    known: Mapping[str, Any] | None = None,
) -> Page[T]:
    """Return one page of a list whose rows are long: only the page's own rows are read.

    Which rows those are, and how many there are in all, is found by key, conditions and order alone, which
    stand together in an index. A page late in the order is counted from the end.

    Args:
        connection: the transaction.
        wide: the list.
        asked: the page and its size, as anybody may send them.
        build: makes a row.
        known: values of the parameters of query, conditions and order.
    """
    values = dict(known or {})
    part = slice_of(asked)
    keys_of_all = wide.query.with_only_columns(wide.key) if wide.found is None else wide.found
    narrow = keys_of_all.where(*wide.conditions)
    found = _few(connection, narrow, wide.order, part, values) if wide.rare else None
    beyond = found is None and wide.counted is not None and _beyond(connection, narrow, wide.counted, values)
    if beyond:
        found = _uncounted(connection, narrow, wide.order, part, values)
    total, keys = found or _many(connection, narrow, wide.order, part, values)
    of_page = wide.query.add_columns(wide.key.label(_KEY)).where(wide.key.in_(keys))
    by_key = {row[_KEY]: row for row in connection.execute(of_page, values).mappings()} if keys else {}
    rows = tuple(build(by_key[one]) for one in keys)
    # What the last page ends with is known, uncounted or not.
    open_ended = beyond and total > part.offset + len(keys)
    return Page(rows=rows, total=total, page=part.page, page_size=part.size, open_ended=open_ended)


_Found = tuple[int, list[Any]]
"""How many rows there are in all, and the keys of a page."""


def _few(
    connection: Connection, narrow: Select[Any], order: Order, part: Slice, values: Mapping[str, Any]
) -> _Found | None:
    """Find, count and sort in one look what a condition leaves; None where that is more than a few.

    The look over all rows is what costs.
    """
    by = [_sorted_by(one) for one in order]
    columns = [column.label(f"by_{nth}") for nth, (column, _descending) in enumerate(by)]
    hits = narrow.add_columns(*columns).limit(FEW + 1).cte("hits").prefix_with("MATERIALIZED")
    count = select(func.count()).select_from(hits).scalar_subquery()
    key, *sorts = hits.c
    terms = zip(sorts, by, strict=True)
    page = select(key, count).order_by(
        *(sort.desc() if descending else sort.asc() for sort, (_column, descending) in terms)
    )
    rows = connection.execute(page.limit(part.size).offset(part.offset), values).all()
    if not rows:
        return (0, []) if part.page == 1 else None
    return None if rows[0][1] > FEW else (rows[0][1], [row[0] for row in rows])


def _many(
    connection: Connection, narrow: Select[Any], order: Order, part: Slice, values: Mapping[str, Any]
) -> _Found:
    """Count and walk in order, in one statement where the page is an early one.

    A later one is walked to from the nearer end, which is known when all are counted.
    """
    if part.offset < FEW:
        counted = narrow.with_only_columns(func.count(), maintain_column_froms=True)
        early = narrow.add_columns(counted.correlate(None).scalar_subquery()).order_by(*order)
        rows = connection.execute(early.limit(part.size).offset(part.offset), values).all()
        if rows or not part.offset:
            return (rows[0][1] if rows else 0), [row[0] for row in rows]
    total = _count(connection, narrow, values)
    if part.offset >= total:
        return total, []
    cut, backwards = _cut(narrow, order, part, total)
    keys = connection.execute(cut, values).scalars().all()
    return total, list(reversed(keys) if backwards else keys)


def _beyond(connection: Connection, query: Select[Any], most: int, values: Mapping[str, Any]) -> bool:
    """Whether there are more rows than so many."""
    return _count(connection, query.limit(most + 1), values) > most


def _uncounted(
    connection: Connection, narrow: Select[Any], order: Order, part: Slice, values: Mapping[str, Any]
) -> _Found:
    """Walk in order without counting. The total is that of the rows up to the next one, where there is one.

    Beyond the last row it is what comes of counting: whoever asks there learns how many there are.
    """
    cut = narrow.order_by(*order).limit(part.size + 1).offset(part.offset)
    keys = list(connection.execute(cut, values).scalars())
    if not keys:
        return _count(connection, narrow, values), []
    return part.offset + len(keys), keys[: part.size]


def _sorted_by(one: ColumnElement[Any]) -> tuple[ColumnElement[Any], bool]:
    """Return a term of an order without its direction, and whether that is descending."""
    if isinstance(one, UnaryExpression) and one.modifier in {operators.asc_op, operators.desc_op}:
        return one.element, one.modifier is operators.desc_op
    return one, False


def _count(connection: Connection, query: Select[Any], values: Mapping[str, Any]) -> int:
    counted = select(func.count()).select_from(query.order_by(None).subquery())
    total: int = connection.execute(counted, values).scalar_one()
    return total


def _cut(query: Select[Any], order: Order, part: Slice, total: int) -> tuple[Select[Any], bool]:
    """Return the query of one page, and whether it comes in reverse: the nearer end is where it starts."""
    size = min(part.size, total - part.offset)
    after = total - part.offset - size
    if after < part.offset:
        return query.order_by(*map(_reversed, order)).limit(size).offset(after), True
    return query.order_by(*order).limit(size).offset(part.offset), False


def _reversed(one: ColumnElement[Any]) -> ColumnElement[Any]:
    column, descending = _sorted_by(one)
    return column.asc() if descending else column.desc()
