"""From a path in a query to what reads its value of a row, by way of relationships."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from changeover.salesforce.objects import find
from changeover.salesforce.objects.sobject import Field, Narrow, SObject, View
from changeover.salesforce.refusals import INVALID_FIELD, INVALID_TYPE, ApiRefused
from changeover.salesforce.soql.parsing import refuse
from changeover.salesforce.soql.syntax import Path, Query

MOST_PARENTS = 5
"""Relationships in one path (SOQL and SOSL Reference, Understanding Relationship Query Limitations)."""


@dataclass(frozen=True)
class Scope:
    """An object in a query, and who asks."""

    view: View
    query: Query
    sobject: SObject
    tooling: bool


class Step(NamedTuple):
    """A relationship on the way to a field."""

    reference: Field
    parent: SObject


@dataclass(frozen=True)
class Column:
    """A field as a query names it."""

    steps: tuple[Step, ...]
    field: Field
    read: Callable[[Any], Any]
    """Reads the value of a row; None where a parent is missing."""


def scope_of(view: View, query: Query, *, tooling: bool) -> Scope:
    """Return the object of a query. Raises ApiRefused: INVALID_TYPE where the user has none of that name."""
    sobject = find(query.source, view)
    if sobject is None:
        message = (
            f"sObject type '{query.source}' is not supported. If you are attempting to use a custom object,"
            " be sure to append the '__c' after the entity name. Please reference your WSDL or the describe"
            " call for the appropriate names."
        )
        raise refuse(INVALID_TYPE, query.text, query.spot, message)
    return Scope(view, query, sobject, tooling)


def parent_row(view: View, parent: SObject, record_id: str | None) -> Any | None:  # noqa: ANN401 - a row of any object
    """Return the row that a reference leads to, None where it leads nowhere or to what may not be seen."""
    if record_id is None or not view.may(parent.needs):
        return None
    key = (parent.name, record_id)
    if key not in view.parents:
        wanted = Narrow(equal={"id": frozenset({record_id})})
        read = parent.by_name["id"].read
        found = next((row for row in parent.rows(view, wanted) if read(row) == record_id), None)
        view.remember(*key, found)
    return view.parents[key]


def column_of(scope: Scope, path: Path) -> Column:
    """Return what a path leads to. Raises ApiRefused: INVALID_FIELD."""
    names = path.names
    if len(names) > 1 and names[0].lower() in {scope.sobject.name.lower(), (scope.query.alias or "").lower()}:
        names = names[1:]
    if len(names) > MOST_PARENTS + 1:
        message = f"Relationship path '{path}' goes through more than {MOST_PARENTS} relationships"
        raise refuse(INVALID_FIELD, scope.query.text, path.spot, message)
    steps: list[Step] = []
    here = scope.sobject
    for name in names[:-1]:
        found = here.by_relationship.get(name.lower())
        parent = find(found.refers_to, None) if found is not None else None
        if found is None or parent is None or (found.tooling and not scope.tooling):
            raise _no_relationship(scope, path, name, here)
        steps.append(Step(found, parent))
        here = parent
    field = here.field(names[-1], tooling=scope.tooling)
    if field is None:
        raise _no_column(scope, path, names[-1], here)
    return Column(tuple(steps), field, _reader(scope.view, tuple(steps), field))


def _reader(view: View, steps: tuple[Step, ...], field: Field) -> Callable[[Any], Any]:
    def read(row: Any) -> Any:  # noqa: ANN401 - a row of any object
        for step in steps:
            row = parent_row(view, step.parent, step.reference.read(row))
            if row is None:
                return None
        value = field.read(row)
        # An empty text is no value, as everywhere at Salesforce.
        return None if value == "" else value

    return read


def _no_column(scope: Scope, path: Path, name: str, on: SObject) -> ApiRefused:
    message = (
        f"No such column '{name}' on entity '{on.name}'. If you are attempting to use a custom field, be sure"
        " to append the '__c' after the custom field name. Please reference your WSDL or the describe call"
        " for the appropriate names."
    )
    return refuse(INVALID_FIELD, scope.query.text, path.spot, message)


def _no_relationship(scope: Scope, path: Path, name: str, on: SObject) -> ApiRefused:
    message = (
        f"Didn't understand relationship '{name}' in field path '{path}' on entity '{on.name}'. If you are"
        " attempting to use a custom relationship, be sure to append the '__r' after the custom relationship"
        " name. Please reference your WSDL or the describe call for the appropriate names."
    )
    return refuse(INVALID_FIELD, scope.query.text, path.spot, message)
