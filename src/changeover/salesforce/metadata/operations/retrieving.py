"""retrieve(), checkRetrieveStatus(), checkStatus(). Source: Metadata API guide, File-Based Calls."""

from __future__ import annotations

from changeover.salesforce.metadata.operations.deploying import async_result
from changeover.salesforce.metadata.package import package_of_node
from changeover.salesforce.soap.answers import Value
from changeover.salesforce.soap.call import SoapCall
from changeover.salesforce.soap.envelope import Node
from changeover.salesforce.soap.faults import (
    INVALID_CROSS_REFERENCE_KEY,
    INVALID_OPERATION,
    NO_RECORD,
    NO_VERSION,
    UNSUPPORTED_API_VERSION,
    SoapFault,
)
from changeover.salesforce.versions import version_of


def retrieve(call: SoapCall) -> Value:
    """Retrieve what a package names; `request` is what sf and jsforce call the argument of the WSDL."""
    jobs = call.jobs()
    given = call.arguments.first("retrieveRequest") or call.arguments.first("request") or Node("request")
    if any(given.each("packageNames")):
        raise SoapFault(INVALID_OPERATION, "A local org has no packages to retrieve.")
    package = package_of_node(given.first("unpackaged"), given.one("apiVersion"))
    version = version_of(package.version) if package.version else None
    if package.version and version is None:
        raise SoapFault(UNSUPPORTED_API_VERSION, NO_VERSION)
    number = version.number if version is not None else call.version
    return async_result(jobs.retrieve(package, number, single=given.flag("singlePackage")))


def check_retrieve_status(call: SoapCall) -> Value:
    """Return what a retrieve brought, the zip too unless it is not wanted."""
    result = call.jobs().retrieve_result(call.arguments.one("asyncProcessId") or "")
    if result is None:
        raise SoapFault(INVALID_CROSS_REFERENCE_KEY, NO_RECORD)
    if call.arguments.flag("includeZip", default=True):
        return result
    return {**result, "zipFile": ""}


def check_status(call: SoapCall) -> Value:
    """Return how jobs stand, as clients of old versions ask: all have ended."""
    jobs = call.jobs()
    found: list[Value] = []
    for job_id in call.arguments.texts("asyncProcessId"):
        if jobs.retrieve_result(job_id) is None and jobs.deploy_result(job_id) is None:
            raise SoapFault(INVALID_CROSS_REFERENCE_KEY, NO_RECORD)
        found.append(async_result(job_id))
    return found
