"""Whether an app can be rehearsed at all: one that cannot be migrated has no after."""

from __future__ import annotations

from changeover.migration.finding import Assessment, Severity, Verdict
from changeover.rehearse.source import Blocked


def blocked_by(assessment: Assessment) -> Blocked | None:
    """Return why an app cannot be migrated, None where it can."""
    if assessment.verdict is Verdict.MIGRATED:
        reason = "The app is migrated already: how it logs in now is how it logs in after."
        return Blocked(reason=reason, remedy="Rehearse it before it is migrated, or on its files.")
    blockers = assessment.with_severity(Severity.BLOCKER)
    if not blockers:
        return None
    return Blocked(
        reason=f"The app cannot be migrated: {' '.join(one.evidence for one in blockers)}",
        remedy=blockers[0].remedy,
    )
