"""Findings: what eligibility rules say of an app, and the verdict that follows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """What a finding does to the Migrate button."""

    BLOCKER = "blocker"
    """No button; the verdict is `blocked`."""
    CONFIRM = "confirm"
    """The button is there, but this must be confirmed; the verdict is `confirm`."""
    WARNING = "warning"
    NOTE = "note"


class Status(StrEnum):
    """How sure we are that Salesforce does as the rule says."""

    DOCUMENTED = "documented"
    REPORTED = "reported"
    INFERRED = "inferred"
    OURS = "ours"


class Verdict(StrEnum):
    """What may be done with a connected app."""

    ELIGIBLE = "eligible"
    CONFIRM = "confirm"
    BLOCKED = "blocked"
    MIGRATED = "migrated"


class Finding(NamedTuple):
    """One statement of one rule about one app."""

    rule: str
    """Id of the rule: `canvas`."""
    title: str
    """The rule in a few words: "Canvas is on"."""
    severity: Severity
    status: Status
    evidence: str
    """What was seen in this app, in one sentence, secrets masked."""
    remedy: str
    """What to do about it, in one sentence."""
    source: str
    """Where the rule comes from: document and section."""


class NotVisible(NamedTuple):
    """A rule that could not be judged from what was read."""

    rule: str
    where_to_look: str


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The verdict on one app with all that led to it."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    not_visible: tuple[NotVisible, ...]

    def with_severity(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of one severity, in the order of the rules."""
        return tuple(finding for finding in self.findings if finding.severity is severity)
