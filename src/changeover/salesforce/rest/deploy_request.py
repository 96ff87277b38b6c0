"""`metadata/deployRequest`: a deployment over REST, as the Metadata API's `deploy` does it.

Source: Metadata API guide, Deploying Metadata with REST. Clients name the two parts as they like and send
them in either order (clients.md section 2 and 4), and one sends booleans as texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from changeover.salesforce.metadata.deployment.options import DeployOptions
from changeover.salesforce.metadata.deployment.results import without_details
from changeover.salesforce.metadata.jobs import Jobs
from changeover.salesforce.refusals import INVALID_INPUT, NOT_FOUND, ApiRefused
from changeover.salesforce.rest.call import Reply, RestCall, json_of

ZIP = b"PK"
"""What a zip begins with; the part of `sf` calls itself package.xml."""
_TRUE, _FALSE = "true", "false"
_NO_JOB = "There is no deployment of this id."
_PARTS = "A deployment has two parts: a zip, and deployOptions as JSON."


def _jobs(call: RestCall) -> Jobs:
    with call.view() as view:
        return Jobs(units=call.units, results=call.kept, session=view.session)


def deploy(call: RestCall) -> Reply:
    """Deploy a zip and answer with the job's id. Raises ApiRefused: INVALID_INPUT, JSON_PARSER_ERROR."""
    jobs = _jobs(call)
    zips = [part.data for part in call.parts if part.data.startswith(ZIP)]
    texts = [part.data for part in call.parts if not part.data.startswith(ZIP)]
    if len(zips) != 1 or len(texts) != 1:
        raise ApiRefused(INVALID_INPUT, _PARTS)
    options = _options(json_of(texts[0]))
    job_id = jobs.deploy(zips[0], options, call.version.number)
    return Reply(body={"id": job_id, "validatedDeployRequestId": None}, status=201)


def _options(given: Any) -> DeployOptions:  # noqa: ANN401 - what a client sends
    named = given.get("deployOptions") if isinstance(given, dict) else None
    if not isinstance(named, dict):
        raise ApiRefused(INVALID_INPUT, _PARTS)
    return DeployOptions(
        rollback_on_error=_flag(named, "rollbackOnError", otherwise=True),
        check_only=_flag(named, "checkOnly"),
        ignore_warnings=_flag(named, "ignoreWarnings"),
        allow_missing_files=_flag(named, "allowMissingFiles"),
        single_package=_flag(named, "singlePackage"),
        purge_on_delete=_flag(named, "purgeOnDelete"),
    )


def _flag(given: Mapping[str, Any], name: str, *, otherwise: bool = False) -> bool:
    value = given.get(name)
    if value is None:
        return otherwise
    text = str(value).lower()
    if text not in {_TRUE, _FALSE}:
        raise ApiRefused(INVALID_INPUT, f"{name} is true or false.")
    return text == _TRUE


def status(call: RestCall) -> Reply:
    """Answer with the result of a deployment of the same user. Raises ApiRefused: NOT_FOUND."""
    job_id = call.parameters["job"]
    found = _jobs(call).deploy_result(job_id)
    if found is None:
        raise ApiRefused(NOT_FOUND, _NO_JOB)
    details = (call.one("includeDetails") or _FALSE).lower() == _TRUE
    return Reply(body={"id": found["id"], "deployResult": found if details else without_details(found)})


def cancel(call: RestCall) -> Reply:
    """Refuse: a deployment runs within its own request, so whoever has its id comes too late."""
    if _jobs(call).deploy_result(call.parameters["job"]) is None:
        raise ApiRefused(NOT_FOUND, _NO_JOB)
    raise ApiRefused(INVALID_INPUT, "The deployment has ended and cannot be canceled.")
