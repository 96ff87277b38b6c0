"""What a connected app's file itself gives to say, beside what the rules say of the app."""

from __future__ import annotations

from changeover.migration.finding import Finding, Severity, Status
from changeover.project.project import ConnectedAppEntry


def _comments(says: str) -> Finding:
    return Finding(
        rule="comments-in-file",
        title="Comments stand in the file",
        severity=Severity.NOTE,
        status=Status.OURS,
        evidence=f"{says}. Metadata has no place for them.",
        remedy="Keep elsewhere what they say: neither Salesforce nor Changeover writes them back.",
        source="Changeover",
    )


COMMENTS_IN_FILE = _comments("Comments stand in the file")
"""The finding, without the file and its lines."""


def file_findings(entry: ConnectedAppEntry) -> tuple[Finding, ...]:
    """Return the findings on an app's file: comments, which no file that Changeover writes will hold."""
    if not entry.comments:
        return ()
    lines = ", ".join(map(str, entry.comments))
    return (_comments(f"Comments stand in {entry.path}, line {lines}"),)
