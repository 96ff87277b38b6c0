"""readMetadata(). Source: Metadata API guide, CRUD-Based Calls."""

from __future__ import annotations

from changeover.salesforce.metadata.kinds import BY_NAME
from changeover.salesforce.metadata.records import record_of
from changeover.salesforce.soap.answers import NIL, Value
from changeover.salesforce.soap.call import SoapCall
from changeover.salesforce.soap.faults import INVALID_TYPE, LIMIT_EXCEEDED, SoapFault

MOST_RECORDS = 10


def read_metadata(call: SoapCall) -> Value:
    """Return components of a type by name, in the order asked for; nil for one that is not there."""
    session = call.session()
    type_name, names = call.arguments.one("type") or "", call.arguments.texts("fullNames")
    kind = BY_NAME.get(type_name)
    if kind is None or kind.since > call.version:
        raise SoapFault(
            INVALID_TYPE, f"This type of metadata is not available for this organization: {type_name[:80]}"
        )
    refuse_many(len(names))
    with call.units.read() as unit:
        found = [kind.get(unit, session.actor, name) for name in names]
    return {"records": [NIL if one is None else record_of(one, call.version) for one in found]}


def refuse_many(count: int) -> None:
    """Refuse more records than a CRUD-based call takes. Raises SoapFault (LIMIT_EXCEEDED)."""
    if count > MOST_RECORDS:
        raise SoapFault(LIMIT_EXCEEDED, f"A call takes at most {MOST_RECORDS} records, and this has {count}")
