"""Which versions there are, and what a version holds."""

from __future__ import annotations

from changeover.salesforce.rest.call import Reply, RestCall
from changeover.salesforce.versions import VERSIONS

RESOURCES = ("sobjects", "query", "queryAll", "limits", "tooling", "metadata")
"""What the list of a version names; each is below the version's address."""


def all_versions() -> Reply:
    """Answer with all versions, ascending; nobody needs a token for that."""
    return Reply(
        body=[
            {"label": version.label, "url": f"/services/data/v{version}", "version": str(version)}
            for version in VERSIONS
        ]
    )


def resources(call: RestCall) -> Reply:
    """Answer with what a version holds."""
    with call.view() as view:
        session = view.session
    identity = f"{call.base_url}/id/{session.org.org_id}/{session.user.user_id}"
    return Reply(body={**{name: f"{call.root}/{name}" for name in RESOURCES}, "identity": identity})
