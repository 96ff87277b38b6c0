"""CumulusCI's own classes as a program, with a JSON document on standard input.

Runs in CumulusCI's environment (`requirements/cumulusci.lock`), not in ours. It logs in with a JWT, retrieves
what a manifest lists, deploys a package, and says as JSON what came of it.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
import zipfile
from types import SimpleNamespace
from typing import Any

from cumulusci.oauth.salesforce import jwt_session
from cumulusci.salesforce_api.exceptions import MetadataComponentFailure, MetadataParseError
from cumulusci.salesforce_api.metadata import ApiDeploy, ApiListMetadata, ApiRetrieveUnpackaged
from cumulusci.salesforce_api.rest_deploy import RestDeploy


def main() -> None:
    """Do what was asked."""
    asked: dict[str, Any] = json.load(sys.stdin)
    session = jwt_session(asked["key"], asked["pem"], asked["username"], url=asked["url"])
    task = SimpleNamespace(
        logger=logging.getLogger("cumulusci"),
        project_config=SimpleNamespace(project__package__api_version=asked["version"]),
        org_config=SimpleNamespace(
            org_id=session["id"].split("/")[-2],
            instance_url=session["instance_url"],
            access_token=session["access_token"],
            refresh_token=None,
            org_type="Developer Edition",
            is_sandbox=False,
        ),
    )
    for call in (ApiListMetadata, ApiRetrieveUnpackaged, ApiDeploy):
        call.check_interval = 0
    listed = ApiListMetadata(task, "ConnectedApp", as_of_version=asked["version"])()
    found = ApiRetrieveUnpackaged(task, asked["manifest"], asked["version"])()
    json.dump(
        {
            "listed": [entry["fullName"] for entry in listed["ConnectedApp"]],
            "retrieved": {name: found.read(name).decode() for name in found.namelist()},
            "deployed": _deployed(task, asked),
            "deployed_over_rest": _deployed_over_rest(task, asked),
        },
        sys.stdout,
    )


def _zipped(files: dict[str, str]) -> str:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return base64.b64encode(package.getvalue()).decode()


def _deployed_over_rest(task: SimpleNamespace, asked: dict[str, Any]) -> str:
    """Deploy by the deployRequest of the REST API; return `Success`, or what failed."""
    try:
        RestDeploy(
            task, _zipped(asked["rest_package"]), None, check_only=False, test_level=None, run_tests=[]
        )()
    except MetadataComponentFailure as failure:
        return str(failure.args[0])
    return "Success"


def _deployed(task: SimpleNamespace, asked: dict[str, Any]) -> str:
    """Deploy; return `Success`, or what CumulusCI says of the components that failed."""
    try:
        status: str = ApiDeploy(task, _zipped(asked["package"]), api_version=asked["version"])()
    except MetadataParseError as failure:
        # What it makes of a component that failed, too.
        return str(failure)
    return status


if __name__ == "__main__":
    main()
