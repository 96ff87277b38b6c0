"""GROUP BY, COUNT(field) and COUNT_DISTINCT(field): one row a group, as Salesforce's AggregateResult.

Source: SOQL and SOSL Reference, GROUP BY and Aggregate Functions: an aggregate without an alias is `expr0`,
`expr1`, ..., a field of a parent is named by its last name, and there are no further batches. Our decisions:
texts are grouped as they are written; groups come in the order in which they are first met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from changeover.salesforce.objects.sobject import FieldType, SObject
from changeover.salesforce.refusals import EXCEEDED_ID_LIMIT, MALFORMED_QUERY, OPERATION_TOO_LARGE, ApiRefused
from changeover.salesforce.soql.fields import Column, Scope, column_of
from changeover.salesforce.soql.filtering import filter_of
from changeover.salesforce.soql.parsing import refuse
from changeover.salesforce.soql.sorting import sort_key
from changeover.salesforce.soql.syntax import Aggregate, AllFields, Path, Sorting

MOST_ANSWERED = 2_000
"""Groups of an answer (SOQL and SOSL Reference, GROUP BY: no queryMore())."""
MOST_GROUPS = 52_000
"""Groups, and distinct values of one, that a query may find: ours, so that memory stays bounded."""
_NO_BATCHES = (
    "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
)
DISTINCT = "COUNT_DISTINCT"


class Shown(NamedTuple):
    """A column of the answer."""

    name: str
    says: str
    """How people call it: the alias, else `COUNT(Id)`, which `sf` heads its table with."""
    type: FieldType
    aggregate: bool


@dataclass(frozen=True)
class Groups:
    """What a grouped query found."""

    sobject: SObject
    columns: tuple[Shown, ...]
    rows: tuple[Mapping[str, Any], ...]


@dataclass
class _Group:
    """One group on its way."""

    key: tuple[Any, ...]
    counts: list[int]
    values: list[set[Any]] = field(default_factory=list)

    def result(self, nth: int, aggregate: Aggregate) -> int:
        return len(self.values[nth]) if aggregate.function == DISTINCT else self.counts[nth]


def group(scope: Scope) -> Groups:
    """Run a grouped query.

    Raises:
        ApiRefused: MALFORMED_QUERY, INVALID_FIELD, OPERATION_TOO_LARGE, EXCEEDED_ID_LIMIT.
    """
    query = scope.query
    keys = [column_of(scope, path) for path in query.group]
    names = [_field(column) for column in keys]
    aggregates: list[tuple[Aggregate, Column]] = []
    columns: list[tuple[Shown, Callable[[_Group], Any]]] = []
    unnamed = 0
    for item in query.select if isinstance(query.select, tuple) else ():
        if isinstance(item, AllFields):
            raise refuse(MALFORMED_QUERY, query.text, item.spot, "FIELDS() takes no GROUP BY")
        if isinstance(item, Path):
            at = _grouped(scope, item, names)
            last = keys[at].field
            columns.append((Shown(last.name, last.name, last.type, aggregate=False), _key_at(at)))
            continue
        nth = _place(scope, item, aggregates)
        name = item.alias or f"expr{unnamed}"
        unnamed += item.alias is None
        shown = Shown(name, item.alias or str(item), FieldType.INT, aggregate=True)
        columns.append((shown, _result_at(nth, item)))
    order = [(_sorted_by(scope, one, names, aggregates), one) for one in query.order]
    _refuse_twice(scope, [shown.name for shown, _read in columns])
    found = _found(scope, keys, aggregates)
    if order:
        found.sort(key=sort_key(order))
    until = None if query.limit is None else query.offset + query.limit
    found = found[query.offset : until]
    if len(found) > MOST_ANSWERED:
        raise ApiRefused(EXCEEDED_ID_LIMIT, _NO_BATCHES)
    rows = tuple({shown.name: read(one) for shown, read in columns} for one in found)
    return Groups(scope.sobject, tuple(shown for shown, _read in columns), rows)


def _found(scope: Scope, keys: list[Column], aggregates: list[tuple[Aggregate, Column]]) -> list[_Group]:
    groups: dict[tuple[Any, ...], _Group] = {}

    def new(key: tuple[Any, ...]) -> _Group:
        if len(groups) >= MOST_GROUPS:
            message = f"A local org finds at most {MOST_GROUPS} groups; ask for fewer records."
            raise ApiRefused(OPERATION_TOO_LARGE, message)
        return groups.setdefault(key, _Group(key, [0] * len(aggregates), [set() for _ in aggregates]))

    if not keys:
        new(())
    where = filter_of(scope, scope.query.where)
    kept = 0
    for row in scope.sobject.rows(scope.view, where.narrow):
        if not where.test(row):
            continue
        key = tuple(column.read(row) for column in keys)
        one = groups.get(key) or new(key)
        for nth, (aggregate, column) in enumerate(aggregates):
            value = column.read(row)
            if value is None:
                continue
            one.counts[nth] += 1
            if aggregate.function == DISTINCT and value not in one.values[nth]:
                one.values[nth].add(value)
                kept += 1
                if kept > MOST_GROUPS:
                    message = f"A local org tells at most {MOST_GROUPS} values apart; ask for fewer records."
                    raise ApiRefused(OPERATION_TOO_LARGE, message)
    return list(groups.values())


def _key_at(at: int) -> Callable[[_Group], Any]:
    return lambda one: one.key[at]


def _result_at(nth: int, aggregate: Aggregate) -> Callable[[_Group], Any]:
    return lambda one: one.result(nth, aggregate)


def _field(column: Column) -> tuple[str, ...]:
    """Return what tells a column from others, however its path was spelled."""
    return (*(step.reference.name for step in column.steps), column.field.name)


def _grouped(scope: Scope, path: Path, names: list[tuple[str, ...]]) -> int:
    """Return which of the grouped fields a path is. Raises ApiRefused: MALFORMED_QUERY where it is none."""
    name = _field(column_of(scope, path))
    if name not in names:
        message = f"Field must be grouped or aggregated: {path}"
        raise refuse(MALFORMED_QUERY, scope.query.text, path.spot, message)
    return names.index(name)


def _place(scope: Scope, wanted: Aggregate, aggregates: list[tuple[Aggregate, Column]]) -> int:
    """Return the position of an aggregate among those that are counted, where it is put if need be."""
    column = column_of(scope, wanted.path)
    for nth, (there, of) in enumerate(aggregates):
        if there.function == wanted.function and _field(of) == _field(column):
            return nth
    aggregates.append((wanted, column))
    return len(aggregates) - 1


def _sorted_by(
    scope: Scope,
    one: Sorting,
    names: list[tuple[str, ...]],
    aggregates: list[tuple[Aggregate, Column]],
) -> Callable[[_Group], Any]:
    if isinstance(one.by, Aggregate):
        return _result_at(_place(scope, one.by, aggregates), one.by)
    return _key_at(_grouped(scope, one.by, names))


def _refuse_twice(scope: Scope, names: list[str]) -> None:
    for position, name in enumerate(names):
        if name.lower() in (other.lower() for other in names[:position]):
            raise refuse(MALFORMED_QUERY, scope.query.text, scope.query.spot, f"duplicate alias: {name}")
