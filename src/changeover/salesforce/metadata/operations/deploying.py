"""deploy(), checkDeployStatus(), cancelDeploy(). Source: Metadata API guide, File-Based Calls."""

from __future__ import annotations

import base64
import binascii

from changeover.salesforce.metadata.deployment.options import options_of
from changeover.salesforce.metadata.deployment.results import without_details
from changeover.salesforce.soap.answers import Value
from changeover.salesforce.soap.call import SoapCall
from changeover.salesforce.soap.faults import (
    CLIENT,
    INVALID_CROSS_REFERENCE_KEY,
    INVALID_OPERATION,
    NO_RECORD,
    SoapFault,
)


def deploy(call: SoapCall) -> Value:
    """Deploy a zip; the job has ended when its id is given out."""
    jobs = call.jobs()
    given = call.arguments.first("ZipFile")
    try:
        sent = base64.b64decode("".join(given.text.split()) if given is not None else "", validate=True)
    except (binascii.Error, ValueError):
        raise SoapFault(CLIENT, "ZipFile is not a valid value for the type xsd:base64Binary") from None
    options = options_of(call.arguments.first("DeployOptions"))
    return async_result(jobs.deploy(sent, options, call.version))


def async_result(job_id: str) -> Value:
    """Return the AsyncResult of a job that has ended."""
    return {"done": True, "id": job_id, "state": "Completed"}


def check_deploy_status(call: SoapCall) -> Value:
    """Return what became of a deployment."""
    result = call.jobs().deploy_result(call.arguments.one("asyncProcessId") or "")
    if result is None:
        raise SoapFault(INVALID_CROSS_REFERENCE_KEY, NO_RECORD)
    return result if call.arguments.flag("includeDetails") else without_details(result)


def cancel_deploy(call: SoapCall) -> Value:
    """Refuse: a deployment runs within its own request, so whoever has its id comes too late."""
    # The WSDL calls the argument String, the guide asyncProcessId.
    named = call.arguments.one("String") or call.arguments.one("asyncProcessId") or ""
    if call.jobs().deploy_result(named) is None:
        raise SoapFault(INVALID_CROSS_REFERENCE_KEY, NO_RECORD)
    raise SoapFault(INVALID_OPERATION, "The deployment has ended and cannot be canceled.")
