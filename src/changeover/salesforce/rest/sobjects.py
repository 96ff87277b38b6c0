"""`sobjects`: which objects there are, what each has, and single records. All of it can only be read.

Source: REST API guide, Describe Global, sObject Describe, sObject Rows.
"""

from __future__ import annotations

from typing import Any

from changeover.org.record_ids import long_id
from changeover.salesforce.objects import SOBJECTS, find
from changeover.salesforce.objects.sobject import Field, FieldType, Narrow, SObject, View, spelled
from changeover.salesforce.refusals import INVALID_FIELD, NOT_FOUND, ApiRefused
from changeover.salesforce.rest.call import Reply, RestCall
from changeover.salesforce.rest.records import attributes

MISSING = "The requested resource does not exist"
NO_RECORD = "Provided external ID field does not exist or is not accessible: {}"
_ALWAYS_THERE = frozenset({"Id"})
_SOAP_TYPES = {
    FieldType.ID: "tns:ID",
    FieldType.REFERENCE: "tns:ID",
    FieldType.BOOLEAN: "xsd:boolean",
    FieldType.INT: "xsd:int",
    FieldType.DATETIME: "xsd:dateTime",
}
_CAN_NOT = (
    "activateable",
    "createable",
    "custom",
    "customSetting",
    "deletable",
    "deprecatedAndHidden",
    "feedEnabled",
    "hasSubtypes",
    "isSubtype",
    "mergeable",
    "mruEnabled",
    "replicateable",
    "searchable",
    "triggerable",
    "undeletable",
    "updateable",
)


def describe_global(call: RestCall, *, tooling: bool) -> Reply:
    """Answer with the objects that the user may see."""
    with call.view() as view:
        seen = [_summary(call, one, tooling=tooling) for one in SOBJECTS if view.may(one.needs)]
    return Reply(body={"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": seen})


def _root(call: RestCall, *, tooling: bool) -> str:
    return f"{call.root}/tooling" if tooling else call.root


def _summary(call: RestCall, sobject: SObject, *, tooling: bool) -> dict[str, Any]:
    address = f"{_root(call, tooling=tooling)}/sobjects/{sobject.name}"
    return {
        **dict.fromkeys(_CAN_NOT, False),
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": False,
        "name": sobject.name,
        "queryable": True,
        "retrieveable": True,
        "urls": {"sobject": address, "describe": f"{address}/describe", "rowTemplate": f"{address}/{{ID}}"},
    }


def _found(call: RestCall, view: View) -> SObject:
    found = find(call.parameters["sobject"], view)
    if found is None:
        raise ApiRefused(NOT_FOUND, MISSING)
    return found


def basic(call: RestCall, *, tooling: bool) -> Reply:
    """Answer with the summary of an object. Raises ApiRefused: NOT_FOUND."""
    with call.view() as view:
        body = {"objectDescribe": _summary(call, _found(call, view), tooling=tooling), "recentItems": []}
    return Reply(body=body)


def describe(call: RestCall, *, tooling: bool) -> Reply:
    """Answer with all that is known of an object. Raises ApiRefused: NOT_FOUND."""
    with call.view() as view:
        found = _found(call, view)
    fields = [_field(one) for one in found.shown(tooling=tooling)]
    body = {**_summary(call, found, tooling=tooling), "fields": fields, "childRelationships": []}
    return Reply(body=body)


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label or field.name,
        "type": field.type.value,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "nillable": field.name not in _ALWAYS_THERE and field.type is not FieldType.BOOLEAN,
        "filterable": True,
        "sortable": True,
        "groupable": False,
        "createable": False,
        "updateable": False,
        "custom": False,
        "referenceTo": [field.refers_to] if field.refers_to else [],
        "relationshipName": field.relationship or None,
        "picklistValues": [],
    }


def row(call: RestCall, *, tooling: bool) -> Reply:
    """Answer with one record: all its fields, or those that `fields` names.

    Raises:
        ApiRefused: NOT_FOUND for a record that is not there or not for the user, INVALID_FIELD.
    """
    with call.view() as view:
        sobject = _found(call, view)
        record_id = long_id(call.parameters["record_id"])
        if record_id is None:
            raise ApiRefused(NOT_FOUND, NO_RECORD.format(call.parameters["record_id"][:40]))
        read_id = sobject.by_name["id"].read
        wanted = Narrow(equal={"id": frozenset({record_id})})
        found = next((one for one in sobject.rows(view, wanted) if read_id(one) == record_id), None)
        if found is None:
            raise ApiRefused(NOT_FOUND, MISSING)
        body: dict[str, Any] = {"attributes": attributes(_root(call, tooling=tooling), sobject, found)}
        for field in _fields(call, sobject, tooling=tooling):
            value = field.read(found)
            body[field.name] = None if value == "" else spelled(value)
    return Reply(body=body)


def _fields(call: RestCall, sobject: SObject, *, tooling: bool) -> list[Field]:
    named = call.one("fields")
    if not named:
        return list(sobject.shown(tooling=tooling))
    fields = []
    for name in (part.strip() for part in named.split(",")):
        field = sobject.field(name, tooling=tooling)
        if field is None:
            message = f"No such column '{name[:80]}' on sobject of type {sobject.name}"
            raise ApiRefused(INVALID_FIELD, message)
        fields.append(field)
    return fields
