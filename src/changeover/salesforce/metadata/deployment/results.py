"""DeployResult and AsyncResult, in the order of the WSDL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from changeover.salesforce.metadata.deployment.options import DeployOptions
from changeover.salesforce.metadata.deployment.run import DeployOutcome
from changeover.salesforce.soap.answers import Value, time_text

SUCCEEDED, PARTIAL, FAILED = "Succeeded", "SucceededPartial", "Failed"


@dataclass(frozen=True, kw_only=True)
class Deployer:
    """Who deployed, as the result names him."""

    user_id: str
    name: str


def deploy_result(
    job_id: str,
    outcome: DeployOutcome,
    options: DeployOptions,
    deployer: Deployer,
    begun: datetime,
    ended: datetime,
) -> Mapping[str, Value]:
    """Return a DeployResult with its details, over SOAP and over REST alike.

    The row of package.xml counts as no component.
    """
    failures, successes = outcome.failures, outcome.successes
    components = [one for one in successes if one.full_name != "package.xml" or one.type_name]
    if not failures:
        status = SUCCEEDED
    else:
        # Our decision where a client asks for no rollback: what succeeded in nothing has failed.
        lasts = components and not outcome.taken_back and not options.rollback_on_error
        status = PARTIAL if lasts else FAILED
    # Texts and not times: it is kept as JSON.
    start, end = time_text(begun), time_text(ended)
    return {
        "checkOnly": options.check_only,
        "completedDate": end,
        "createdBy": deployer.user_id,
        "createdByName": deployer.name,
        "createdDate": start,
        "details": {
            "componentFailures": [_texts(one.fields(ended)) for one in failures],
            "componentSuccesses": [_texts(one.fields(ended)) for one in successes],
            "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": "0.0"},
        },
        "done": True,
        "id": job_id,
        "ignoreWarnings": options.ignore_warnings,
        "lastModifiedDate": end,
        "numberComponentErrors": len(failures),
        "numberComponentsDeployed": len(components),
        "numberComponentsTotal": len(components) + len(failures),
        "numberTestErrors": 0,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "rollbackOnError": options.rollback_on_error,
        "runTestsEnabled": False,
        "startDate": start,
        "status": status,
        "success": not failures,
    }


def _texts(fields: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: time_text(value) if isinstance(value, datetime) else value for name, value in fields.items()
    }


def without_details(result: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return a DeployResult with empty details, as a client asks that polls."""
    return {name: {} if name == "details" else value for name, value in result.items()}
