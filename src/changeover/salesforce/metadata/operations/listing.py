"""describeMetadata() and listMetadata(). Source: Metadata API guide, Utility Calls."""

from __future__ import annotations

from changeover.salesforce.metadata.kinds import BY_NAME, kinds_in
from changeover.salesforce.metadata.properties import People, file_properties
from changeover.salesforce.soap.answers import Value
from changeover.salesforce.soap.call import SoapCall
from changeover.salesforce.soap.faults import INVALID_TYPE, LIMIT_EXCEEDED, SoapFault

MOST_QUERIES = 3


def describe_metadata(call: SoapCall) -> Value:
    """Return the metadata types that a local org has in the version of the call."""
    call.session()
    return {
        "metadataObjects": [
            {
                "directoryName": kind.folder,
                "inFolder": False,
                "metaFile": False,
                "suffix": kind.suffix,
                "xmlName": kind.name,
            }
            for kind in kinds_in(call.version)
        ],
        "organizationNamespace": "",
        "partialSaveAllowed": True,
        "testRequired": False,
    }


def list_metadata(call: SoapCall) -> Value:
    """Return the components of up to three types. A type that this org has none of has none."""
    session = call.session()
    queries = [query.one("type") or "" for query in call.arguments.each("queries")]
    if len(queries) > MOST_QUERIES:
        raise SoapFault(LIMIT_EXCEEDED, f"listMetadata takes at most {MOST_QUERIES} queries")
    found: list[Value] = []
    with call.units.read() as unit:
        people = People(unit, session.actor)
        for type_name in queries:
            kind = BY_NAME.get(type_name)
            if kind is None and not type_name.isalnum():
                raise SoapFault(INVALID_TYPE, f"Unknown type:{type_name[:80]}")
            # Salesforce has some 280 types more, and a client that asks for each of them is not wrong.
            if kind is not None and kind.since <= call.version:
                found += [file_properties(one, people) for one in kind.all(unit, session.actor)]
    return found
