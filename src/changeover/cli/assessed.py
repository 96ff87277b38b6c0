"""What `changeover assess` says of one connected app."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from changeover.apps.connected_app import ConnectedApp
from changeover.migration.account import Account
from changeover.migration.eligibility import assess
from changeover.migration.finding import Assessment, Finding, Verdict
from changeover.migration.mapping import account_of
from changeover.migration.rules.use import last_use
from changeover.project.file_findings import file_findings
from changeover.project.project import ConnectedAppEntry

NEEDS_SOMEBODY = frozenset({Verdict.BLOCKED, Verdict.CONFIRM})


class Assessed(NamedTuple):
    """One connected app with all that is said of it."""

    path: str
    app: ConnectedApp
    assessment: Assessment
    findings: tuple[Finding, ...]
    """Of the rules, then of the file."""
    account: Account
    last_used: datetime | None = None
    """The last use that evidence shows."""


def assessed_entry(entry: ConnectedAppEntry) -> Assessed:
    """Assess the connected app of a file."""
    assessment = assess(entry.app, entry.situation)
    findings = (*assessment.findings, *file_findings(entry))
    account = account_of(entry.app, entry.situation.references)
    last_used = last_use(entry.situation.logins, entry.situation.usage)
    return Assessed(entry.path, entry.app, assessment, findings, account, last_used)
