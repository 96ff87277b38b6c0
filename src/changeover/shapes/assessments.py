"""Findings and verdicts."""

from __future__ import annotations

from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.migration import finding as made
from changeover.migration.finding import Severity, Status, Verdict


class Finding(Struct, frozen=True, kw_only=True):
    """One statement of one eligibility rule about one app."""

    rule: Annotated[str, Meta(description="Id of the rule.", examples=["canvas"])]
    title: str
    severity: Severity
    status: Annotated[Status, Meta(description="How sure we are that Salesforce does as the rule says.")]
    evidence: Annotated[str, Meta(description="What was seen in this app.")]
    remedy: str
    source: Annotated[str, Meta(description="Where the rule comes from.")]

    @classmethod
    def of(cls, finding: made.Finding) -> Self:
        """Return the shape of a finding."""
        return cls(
            rule=finding.rule,
            title=finding.title,
            severity=finding.severity,
            status=finding.status,
            evidence=finding.evidence,
            remedy=finding.remedy,
            source=finding.source,
        )


class NotVisible(Struct, frozen=True, kw_only=True):
    """A rule that could not be judged from here."""

    rule: str
    where_to_look: str


class Assessment(Struct, frozen=True, kw_only=True):
    """The verdict on one app with all that led to it."""

    api_name: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    not_visible: tuple[NotVisible, ...]

    @classmethod
    def of(cls, api_name: str, assessment: made.Assessment) -> Self:
        """Return the shape of an assessment."""
        return cls(
            api_name=api_name,
            verdict=assessment.verdict,
            findings=tuple(Finding.of(each) for each in assessment.findings),
            not_visible=tuple(
                NotVisible(rule=each.rule, where_to_look=each.where_to_look)
                for each in assessment.not_visible
            ),
        )
