"""Conditions: from their syntax to a test of a row, and to what may be left out before it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

from changeover.org.record_ids import long_id
from changeover.salesforce.objects.sobject import Field, FieldType, Narrow
from changeover.salesforce.refusals import (
    INVALID_FIELD,
    INVALID_QUERY_FILTER_OPERATOR,
    MALFORMED_QUERY,
    ApiRefused,
    ErrorCode,
)
from changeover.salesforce.soql.dates import Days, days_of
from changeover.salesforce.soql.fields import Column, Scope, column_of, scope_of
from changeover.salesforce.soql.likeness import like
from changeover.salesforce.soql.parsing import refuse
from changeover.salesforce.soql.syntax import (
    AllOf,
    Among,
    AnyOf,
    Comparison,
    Condition,
    Count,
    DateLiteral,
    Not,
    Operator,
    Path,
    Query,
    Value,
)

Test = Callable[[Any], bool]
MOST_JOINED = 50_000
"""Values that a subquery may find: ours, so that memory stays bounded."""

_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: eq,
    Operator.NOT_EQUAL: ne,
    Operator.LESS: lt,
    Operator.AT_MOST: le,
    Operator.GREATER: gt,
    Operator.AT_LEAST: ge,
}
_IDS = frozenset({FieldType.ID, FieldType.REFERENCE})
_NAMES = {
    FieldType.BOOLEAN: "boolean",
    FieldType.INT: "int",
    FieldType.DATETIME: "dateTime",
}


class Filter(NamedTuple):
    """A condition, ready."""

    test: Test
    narrow: Narrow


def filter_of(scope: Scope, where: Condition | None) -> Filter:
    """Return a condition as a test. Raises ApiRefused: INVALID_FIELD, INVALID_TYPE, MALFORMED_QUERY."""
    if where is None:
        return Filter(lambda _row: True, Narrow())
    narrowing = _Narrowing()
    test = _test(scope, where, narrowing)
    return Filter(test, narrowing.found)


class _Narrowing:
    """Gathers what every row must have: conditions that stand alone, or joined by AND."""

    def __init__(self) -> None:
        self.equal: dict[str, frozenset[Any]] = {}
        self.since: dict[str, datetime] = {}
        self.until: dict[str, datetime] = {}

    @property
    def found(self) -> Narrow:
        return Narrow(equal=self.equal, since=self.since, until=self.until)

    def among(self, column: Column, values: frozenset[Any]) -> None:
        if column.steps or None in values:
            return
        name = column.field.name.lower()
        self.equal[name] = values & self.equal[name] if name in self.equal else values

    def between(self, column: Column, since: datetime | None, until: datetime | None) -> None:
        if column.steps:
            return
        name = column.field.name.lower()
        if since is not None:
            self.since[name] = max(since, self.since.get(name, since))
        if until is not None:
            self.until[name] = min(until, self.until.get(name, until))


def _test(scope: Scope, condition: Condition, narrowing: _Narrowing | None) -> Test:
    if isinstance(condition, AllOf):
        all_of = [_test(scope, one, narrowing) for one in condition.conditions]
        return lambda row: all(test(row) for test in all_of)
    if isinstance(condition, AnyOf):
        any_of = [_test(scope, one, None) for one in condition.conditions]
        return lambda row: any(test(row) for test in any_of)
    if isinstance(condition, Not):
        inner = _test(scope, condition.condition, None)
        return lambda row: not inner(row)
    if isinstance(condition, Among):
        return _among(scope, condition, narrowing)
    return _comparison(scope, condition, narrowing)


def _among(scope: Scope, condition: Among, narrowing: _Narrowing | None) -> Test:
    column = column_of(scope, condition.path)
    if isinstance(condition.values, Query):
        values = frozenset(_joined(scope, condition.values))
    else:
        values = frozenset(_value(scope, condition.path, column.field, one) for one in condition.values)
        if any(isinstance(one, Days) for one in values):
            raise _refused(scope, condition.path, "IN takes no date literals", MALFORMED_QUERY)
    if narrowing is not None:
        narrowing.among(column, values)
    read = column.read
    return lambda row: _folded(column.field, read(row)) in values


def _joined(scope: Scope, query: Query) -> Iterator[Any]:
    """Yield what a subquery finds."""
    inner = scope_of(scope.view, query, tooling=scope.tooling)
    if isinstance(query.select, Count) or len(query.select) != 1 or not isinstance(query.select[0], Path):
        raise refuse(MALFORMED_QUERY, query.text, query.spot, "a subquery selects exactly one field")
    if query.group or query.order or query.limit is not None or query.offset:
        message = "a subquery takes no GROUP BY, ORDER BY, LIMIT or OFFSET"
        raise refuse(MALFORMED_QUERY, query.text, query.spot, message)
    column = column_of(inner, query.select[0])
    found = filter_of(inner, query.where)
    count = 0
    for row in inner.sobject.rows(scope.view, found.narrow):
        if not found.test(row):
            continue
        value = column.read(row)
        if value is not None:
            count += 1
            if count > MOST_JOINED:
                message = f"a subquery finds at most {MOST_JOINED} values"
                raise refuse(MALFORMED_QUERY, query.text, query.spot, message)
            yield _folded(column.field, value)


def _comparison(scope: Scope, condition: Comparison, narrowing: _Narrowing | None) -> Test:
    column = column_of(scope, condition.path)
    field, operator, read = column.field, condition.operator, column.read
    if operator is Operator.LIKE:
        return _like(scope, condition, column)
    wanted = _value(scope, condition.path, field, condition.value)
    equality = operator in {Operator.EQUAL, Operator.NOT_EQUAL}
    if field.type is FieldType.BOOLEAN and not equality:
        message = f"invalid operator on boolean field '{field.name}'"
        raise _refused(scope, condition.path, message, INVALID_QUERY_FILTER_OPERATOR)
    if narrowing is not None:
        _narrow(narrowing, column, operator, wanted)
    if isinstance(wanted, Days):
        within = _within(operator, wanted)
        return lambda row: (value := read(row)) is not None and within(value)
    compare = _COMPARE[operator]
    if wanted is None:
        return (lambda row: compare(read(row), None)) if equality else (lambda _row: False)

    def test(row: Any) -> bool:  # noqa: ANN401 - a row of any object
        value = _folded(field, read(row))
        if value is None:
            return operator is Operator.NOT_EQUAL
        return compare(value, wanted)

    return test


def _narrow(narrowing: _Narrowing, column: Column, operator: Operator, wanted: Any) -> None:  # noqa: ANN401 - a value
    if isinstance(wanted, Days | datetime):
        start, end = (wanted.start, wanted.end) if isinstance(wanted, Days) else (wanted, wanted)
        since = start if operator in {Operator.EQUAL, Operator.GREATER, Operator.AT_LEAST} else None
        until = end if operator in {Operator.EQUAL, Operator.LESS, Operator.AT_MOST} else None
        narrowing.between(column, since, until)
    elif operator is Operator.EQUAL:
        narrowing.among(column, frozenset({wanted}))


def _within(operator: Operator, days: Days) -> Callable[[datetime], bool]:
    start, end = days.start, days.end
    tests: dict[Operator, Callable[[datetime], bool]] = {
        Operator.EQUAL: lambda at: start <= at < end,
        Operator.NOT_EQUAL: lambda at: not start <= at < end,
        Operator.LESS: lambda at: at < start,
        Operator.AT_MOST: lambda at: at < end,
        Operator.GREATER: lambda at: at >= end,
        Operator.AT_LEAST: lambda at: at >= start,
    }
    return tests[operator]


def _like(scope: Scope, condition: Comparison, column: Column) -> Test:
    if column.field.type in _IDS or column.field.type in _NAMES:
        message = f"invalid operator on {column.field.type} field '{column.field.name}'"
        raise _refused(scope, condition.path, message, INVALID_QUERY_FILTER_OPERATOR)
    matches = like(str(condition.value))
    read = column.read
    return lambda row: isinstance(value := read(row), str) and matches(value)


def _folded(field: Field, value: Any) -> Any:  # noqa: ANN401 - of any field
    """Return a value as it is compared: texts without regard to case, ids with it."""
    return value.lower() if isinstance(value, str) and field.type not in _IDS else value


def _value(scope: Scope, path: Path, field: Field, value: Value) -> Any:  # noqa: ANN401 - of any field
    """Return what a field is compared with. Raises ApiRefused: INVALID_FIELD where it cannot be."""
    if isinstance(value, DateLiteral):
        return _date(scope, field, value)
    if value is None:
        return None
    if field.type in _IDS:
        found = long_id(value) if isinstance(value, str) else None
        if found is None:
            message = f"invalid ID field: {str(value)[:40]}"
            raise _refused(scope, path, message, INVALID_QUERY_FILTER_OPERATOR)
        return found
    right: dict[FieldType, tuple[type, ...]] = {
        FieldType.BOOLEAN: (bool,),
        FieldType.INT: (int, Decimal),
        FieldType.DATETIME: (datetime,),
    }
    fits = isinstance(value, right.get(field.type, (str,)))
    if not fits or (isinstance(value, bool) and field.type is FieldType.INT):
        name = _NAMES.get(field.type, "string")
        quotes = "should be enclosed in quotes" if name == "string" else "should not be enclosed in quotes"
        message = f"value of filter criterion for field '{field.name}' must be of type {name} and {quotes}"
        raise _refused(scope, path, message)
    return _folded(field, value)


def _date(scope: Scope, field: Field, literal: DateLiteral) -> Days:
    today: date = scope.view.unit.today
    days: Days | None = None
    if field.type is FieldType.DATETIME:
        try:
            days = days_of(literal.name, literal.count, today)
        except (OverflowError, ValueError):
            days = None
    if days is None:
        shown = literal.name if literal.count is None else f"{literal.name}:{literal.count}"
        raise refuse(MALFORMED_QUERY, scope.query.text, literal.spot, f"unexpected token: '{shown}'")
    return days


def _refused(scope: Scope, path: Path, message: str, code: ErrorCode = INVALID_FIELD) -> ApiRefused:
    return refuse(code, scope.query.text, path.spot, message)
