"""Deployments and retrieves as jobs whose results any process finds.

Our decision: a job runs at once, within the request that starts it, so its id is only ever given out when it
has ended; a client that polls is told at its first question. Results are kept for an hour, by
who started the job and for nobody else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from changeover.org.ports import Units
from changeover.salesforce.metadata.deployment.contents import read_contents
from changeover.salesforce.metadata.deployment.options import DeployOptions
from changeover.salesforce.metadata.deployment.results import Deployer, deploy_result
from changeover.salesforce.metadata.deployment.run import run
from changeover.salesforce.metadata.package import Package
from changeover.salesforce.metadata.retrieve import retrieve
from changeover.salesforce.session import ApiSession
from changeover.salesforce.soap.answers import Value, time_text

KEPT = timedelta(hours=1)
NAMESPACE = "metadata-jobs"
DEPLOY, RETRIEVE = "0Af", "09S"
"""What the ids of Salesforce's deployments and retrieves begin with."""
_ID = 18


class Results(Protocol):
    """Where results are kept: values under keys that are forgotten when their time is over."""

    def read(self, key: str) -> bytes | None:
        """Return a value, None where there is none or its time is over."""

    def write(self, key: str, value: bytes, lifetime: timedelta) -> bool:
        """Keep a value."""


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The jobs of one session."""

    units: Units
    results: Results
    session: ApiSession

    def deploy(self, sent: bytes, options: DeployOptions, version: int) -> str:
        """Deploy a zip and return the job's id.

        Args:
            sent: the zip as the client sent it.
            options: how.
            version: of the API that is called.

        Raises:
            ChangeoverError: only where no component is at fault (E-STORE-BUSY, E-STORE-FAILED, ...).
        """
        contents = read_contents(sent, version, allow_missing=options.allow_missing_files)
        with self.units.read() as unit:
            begun, job_id = unit.now, unit.ids.record(DEPLOY)
        outcome = run(self.units, self.session.actor, contents, options)
        with self.units.read() as unit:
            ended = unit.now
        user = self.session.user
        deployer = Deployer(user_id=user.user_id, name=user.name)
        self._keep(job_id, deploy_result(job_id, outcome, options, deployer, begun, ended))
        return job_id

    def deploy_result(self, job_id: str) -> Mapping[str, Any] | None:
        """Return the DeployResult of a job of this session's user, None where there is none."""
        return self._kept(job_id) if job_id.startswith(DEPLOY) else None

    def retrieve(self, package: Package, version: int, *, single: bool) -> str:
        """Retrieve what a package names and return the job's id."""
        with self.units.read() as unit:
            job_id = unit.ids.record(RETRIEVE)
            got = retrieve(unit, self.session.actor, package, version, single=single)
        result: dict[str, Value] = {
            "done": True,
            "fileProperties": got.properties,
            "id": job_id,
            "messages": got.messages,
            "status": "Succeeded",
            "success": True,
            "zipFile": base64.b64encode(got.archive).decode(),
        }
        self._keep(job_id, result)
        return job_id

    def retrieve_result(self, job_id: str) -> Mapping[str, Any] | None:
        """Return the RetrieveResult of a job of this session's user, None where there is none."""
        return self._kept(job_id) if job_id.startswith(RETRIEVE) else None

    def _key(self, job_id: str) -> str:
        # The user is part of the key: nobody asks for another one's job, whatever id he names.
        return f"{self.session.org.org_id}/{self.session.user.user_id}/{job_id[:_ID]}"

    def _keep(self, job_id: str, result: Mapping[str, Value]) -> None:
        kept = json.dumps(result, default=_time).encode()
        self.results.write(self._key(job_id), kept, KEPT)

    def _kept(self, job_id: str) -> Mapping[str, Any] | None:
        kept = self.results.read(self._key(job_id))
        if kept is None:
            return None
        found: Mapping[str, Any] = json.loads(kept)
        return found


def _time(value: Any) -> str:  # noqa: ANN401 - what JSON does not know
    return time_text(value)
