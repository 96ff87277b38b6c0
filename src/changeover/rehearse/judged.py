"""Whether an app can be rehearsed at all: one that cannot be migrated has no after."""

from __future__ import annotations

from changeover.apps.external_client_app import ExternalClientApp
from changeover.migration.finding import Assessment, Severity, Verdict
from changeover.rehearse.source import Blocked

UNSEEN = Blocked(
    reason="The app is migrated already, and its external client app was not to be seen.",
    remedy="Rehearse it as a user who may view external client apps, or with the files of that app.",
)


def blocked_by(assessment: Assessment, external: ExternalClientApp | None) -> Blocked | None:
    """Return why an app cannot be rehearsed, None where it can.

    Args:
        assessment: of the connected app.
        external: its external client app, where it is migrated and that can be seen: it is rehearsed
            backwards then.
    """
    if assessment.verdict is Verdict.MIGRATED:
        return UNSEEN if external is None else None
    blockers = assessment.with_severity(Severity.BLOCKER)
    if not blockers:
        return None
    return Blocked(
        reason=f"The app cannot be migrated: {' '.join(one.evidence for one in blockers)}",
        remedy=blockers[0].remedy,
    )
