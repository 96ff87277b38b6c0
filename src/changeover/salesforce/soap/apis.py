"""The three SOAP APIs: partner, enterprise, metadata. A request comes in as bytes and goes out as bytes.

Source: the WSDLs' namespaces; SOAP API guide, Error Handling.
"""

from __future__ import annotations

from typing import NamedTuple

from changeover.errors import ChangeoverError
from changeover.salesforce.metadata import operations as metadata
from changeover.salesforce.refusals import ApiRefused
from changeover.salesforce.soap import partner
from changeover.salesforce.soap.answers import answer_envelope, fault_envelope
from changeover.salesforce.soap.call import Operation, SoapCall
from changeover.salesforce.soap.faults import CLIENT, SoapFault, fault_of

OK, FAULT = 200, 500


class Api(NamedTuple):
    """A SOAP API."""

    letter: str
    """What stands for it in its address: `/services/Soap/u/62.0`."""
    namespace: str
    faults: str
    """Namespace of its faults."""
    operations: tuple[Operation, ...]


_METADATA = "http://soap.sforce.com/2006/04/metadata"

APIS = {
    api.letter: api
    for api in (
        Api("u", "urn:partner.soap.sforce.com", "urn:fault.partner.soap.sforce.com", partner.OPERATIONS),
        Api(
            "c", "urn:enterprise.soap.sforce.com", "urn:fault.enterprise.soap.sforce.com", partner.OPERATIONS
        ),
        Api("m", _METADATA, _METADATA, metadata.OPERATIONS),
    )
}
"""By the letter in the address."""


class SoapAnswer(NamedTuple):
    """What goes back."""

    status: int
    body: bytes


def answered(api: Api, call: SoapCall) -> SoapAnswer:
    """Answer a call with the result of its operation, or with a fault."""
    name = call.request.operation.name
    found = next((one for one in api.operations if one.name == name and call.version <= one.last), None)
    try:
        if found is None:
            raise _no_operation(api, name)
        return SoapAnswer(OK, answer_envelope(api.namespace, name, found.answer(call)))
    except SoapFault as fault:
        return refused(api, fault)
    except (ChangeoverError, ApiRefused) as error:
        return refused(api, fault_of(error))


def _no_operation(api: Api, name: str) -> SoapFault:
    says = (
        f"No operation available for request {{{api.namespace}}}{name[:80]}, please check the WSDL for the"
        " service."
    )
    return SoapFault(CLIENT, says)


def refused(api: Api, fault: SoapFault) -> SoapAnswer:
    """Answer with a fault."""
    return SoapAnswer(FAULT, fault_envelope(api.faults, fault))
