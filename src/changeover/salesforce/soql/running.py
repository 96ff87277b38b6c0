"""Runs a query: rows are read as a stream, and only those of the batch that is asked for are kept."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from changeover.salesforce.objects.sobject import SObject, View
from changeover.salesforce.refusals import (
    INVALID_FIELD,
    MALFORMED_QUERY,
    NUMBER_OUTSIDE_VALID_RANGE,
    OPERATION_TOO_LARGE,
    ApiRefused,
)
from changeover.salesforce.soql.fields import Column, Scope, column_of, scope_of
from changeover.salesforce.soql.filtering import filter_of
from changeover.salesforce.soql.grouping import Groups, group
from changeover.salesforce.soql.parsing import parse, refuse
from changeover.salesforce.soql.sorting import sort_key
from changeover.salesforce.soql.syntax import AllFields, Count, Path, Query, Sorting

FURTHEST_OFFSET = 2_000
"""SOQL and SOSL Reference, OFFSET."""
MOST_OF_ALL_FIELDS = 200
"""LIMIT that FIELDS(ALL) and FIELDS(CUSTOM) need (SOQL and SOSL Reference, SELECT)."""
MOST_SORTED = 52_000
"""Rows up to the end of a batch that a sorted query may have: ours, so that memory stays bounded."""


@dataclass(frozen=True)
class Found:
    """What a query found: one batch of it."""

    sobject: SObject
    columns: tuple[Column, ...]
    rows: tuple[Any, ...]
    total: int
    """How many records the whole query returns."""


class Batch(NamedTuple):
    """Which records of a query are asked for."""

    skip: int
    size: int


def run(view: View, text: str, batch: Batch, *, tooling: bool) -> Found | Groups:
    """Run a query and return one batch of what it finds, or its groups.

    Raises:
        ApiRefused: MALFORMED_QUERY, INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR,
            NUMBER_OUTSIDE_VALID_RANGE, OPERATION_TOO_LARGE.
    """
    query = parse(text)
    scope = scope_of(view, query, tooling=tooling)
    if query.aggregates:
        return group(scope)
    columns = _columns(scope)
    sorting = _sorting(scope)
    found = filter_of(scope, query.where)
    if query.offset > FURTHEST_OFFSET:
        message = f"Maximum SOQL offset allowed is {FURTHEST_OFFSET}"
        raise ApiRefused(NUMBER_OUTSIDE_VALID_RANGE, message)
    rows = (row for row in scope.sobject.rows(view, found.narrow) if found.test(row))
    counts = isinstance(query.select, Count)
    most = _most(scope.sobject, query, counts=counts)
    if counts:
        return Found(scope.sobject, columns, (), _count(islice(rows, query.offset, None), most))
    counted = _Counted(islice(rows, None if most is None or sorting else query.offset + most))
    start = query.offset + batch.skip
    size = batch.size if most is None else max(0, min(batch.size, most - batch.skip))
    if sorting is None:
        kept = tuple(islice(counted, start, start + size))
    else:
        if start + size > MOST_SORTED:
            message = (
                f"A local org sorts at most {MOST_SORTED} records; leave out ORDER BY, or ask for fewer."
            )
            raise ApiRefused(OPERATION_TOO_LARGE, message)
        kept = tuple(heapq.nsmallest(start + size, counted, key=sorting)[start:])
    for _row in counted:
        pass
    total = max(0, counted.count - query.offset)
    return Found(scope.sobject, columns, kept, total if most is None else min(total, most))


def _most(sobject: SObject, query: Query, *, counts: bool) -> int | None:
    caps = [cap for cap in (query.limit, None if counts else sobject.most_rows) if cap is not None]
    return min(caps) if caps else None


def _count(rows: Iterable[Any], most: int | None) -> int:
    return sum(1 for _row in islice(rows, most))


class _Counted:
    """Rows on their way, counted."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = iter(rows)
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:  # noqa: ANN401 - a row of any object
        row = next(self._rows)
        self.count += 1
        return row


def _columns(scope: Scope) -> tuple[Column, ...]:
    if isinstance(scope.query.select, Count):
        return ()
    columns: list[Column] = []
    for item in scope.query.select:
        if isinstance(item, AllFields):
            columns.extend(_all_fields(scope, item))
        elif isinstance(item, Path):
            columns.append(column_of(scope, item))
    names = [name_of(column) for column in columns]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ApiRefused(INVALID_FIELD, f"duplicate field selected: {name}")
    return tuple(columns)


def _all_fields(scope: Scope, item: AllFields) -> list[Column]:
    limit = scope.query.limit
    if item.group not in {"ALL", "STANDARD", "CUSTOM"}:
        raise refuse(MALFORMED_QUERY, scope.query.text, item.spot, f"unexpected token: '{item.group}'")
    if item.group != "STANDARD" and (limit is None or limit > MOST_OF_ALL_FIELDS):
        message = f"The SOQL FIELDS function must have a LIMIT of at most {MOST_OF_ALL_FIELDS}"
        raise ApiRefused(MALFORMED_QUERY, message)
    if item.group == "CUSTOM":
        return []
    fields = scope.sobject.shown(tooling=scope.tooling)
    return [column_of(scope, Path((field.name,), item.spot)) for field in fields]


def name_of(column: Column) -> str:
    """Return the name of a column as Salesforce spells it: `User.Username`."""
    return ".".join([*(step.reference.relationship for step in column.steps), column.field.name])


def _sorting(scope: Scope) -> Callable[[Any], Any] | None:
    """Return the key to sort by, None where the rows come in the right order."""
    order: list[tuple[Column, Sorting]] = []
    for one in scope.query.order:
        if not isinstance(one.by, Path):
            message = f"{one.by} sorts groups, and this query has none"
            raise refuse(MALFORMED_QUERY, scope.query.text, one.by.path.spot, message)
        order.append((column_of(scope, one.by), one))
    if not order:
        return None
    newest = scope.sobject.newest_first
    column, first = order[0]
    if len(order) == 1 and newest and not column.steps and column.field.name == newest and first.descending:
        return None

    return sort_key([(column.read, by) for column, by in order])
