"""Records and columns as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from changeover.salesforce.objects.sobject import FieldType, SObject, View, spelled
from changeover.salesforce.soql.fields import Column, parent_row
from changeover.salesforce.soql.grouping import Groups
from changeover.salesforce.soql.running import Found

_NUMBERS = frozenset({FieldType.INT})
_NO_TEXT = frozenset({FieldType.INT, FieldType.BOOLEAN, FieldType.DATETIME})
_APEX_TYPES = {
    FieldType.ID: "Id",
    FieldType.REFERENCE: "Id",
    FieldType.BOOLEAN: "Boolean",
    FieldType.INT: "Integer",
    FieldType.DATETIME: "Datetime",
}


def attributes(root: str, sobject: SObject, row: Any) -> dict[str, str]:  # noqa: ANN401 - a row of any object
    """Return what every record says of itself: its type and its address."""
    record_id = sobject.by_name["id"].read(row)
    return {"type": sobject.name, "url": f"{root}/sobjects/{sobject.name}/{record_id}"}


def record(root: str, view: View, sobject: SObject, columns: Iterable[Column], row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of any object
    """Return a row as a query answers it: fields of parents in objects of their own."""
    made: dict[str, Any] = {"attributes": attributes(root, sobject, row)}
    for column in columns:
        here, parent = made, row
        for step in column.steps:
            name = step.reference.relationship
            parent = parent_row(view, step.parent, step.reference.read(parent))
            if parent is None:
                here[name] = None
                break
            here = here.setdefault(name, {"attributes": attributes(root, step.parent, parent)})
        else:
            here[column.field.name] = spelled(column.read(row))
    return made


def group_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group as a query answers it."""
    values = {name: spelled(value) for name, value in row.items()}
    return {"attributes": {"type": "AggregateResult"}, **values}


def metadata_of_groups(found: Groups) -> dict[str, Any]:
    """Return what a grouped query with `columns=true` answers."""
    columns = [
        {**_column(one.name, one.type), "aggregate": one.aggregate, "displayName": one.says}
        for one in found.columns
    ]
    return {
        "columnMetadata": columns,
        "entityName": found.sobject.name,
        "groupBy": True,
        "idSelected": False,
        "keyPrefix": found.sobject.prefix,
    }


def metadata_of(found: Found) -> dict[str, Any]:
    """Return what a query with `columns=true` answers: the columns instead of the records."""
    columns: list[dict[str, Any]] = []
    for column in found.columns:
        here = columns
        for step in column.steps:
            name = step.reference.relationship
            joined = next((one for one in here if one["columnName"] == name and one["joinColumns"]), None)
            if joined is None:
                joined = _column(name, FieldType.REFERENCE)
                here.append(joined)
            here = joined["joinColumns"]
        here.append(_column(column.field.name, column.field.type))
    return {
        "columnMetadata": columns,
        "entityName": found.sobject.name,
        "groupBy": False,
        "idSelected": any(not one.steps and one.field.name == "Id" for one in found.columns),
        "keyPrefix": found.sobject.prefix,
    }


def _column(name: str, kind: FieldType) -> dict[str, Any]:
    return {
        "aggregate": False,
        "apexType": _APEX_TYPES.get(kind, "String"),
        "booleanType": kind is FieldType.BOOLEAN,
        "columnName": name,
        "custom": False,
        "displayName": name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": kind in _NUMBERS,
        "textType": kind not in _NO_TEXT,
        "updatable": False,
    }
