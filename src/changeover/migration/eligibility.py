"""Eligibility: every rule asked about one app, and the verdict that follows."""

from __future__ import annotations

from changeover.apps.connected_app import ConnectedApp
from changeover.migration.finding import Assessment, Finding, NotVisible, Severity, Verdict
from changeover.migration.rules import HARMLESS, RULES
from changeover.migration.rules.origin import ALREADY_MIGRATED
from changeover.migration.rules.rule import Case, Rule
from changeover.migration.situation import Situation


def assess(app: ConnectedApp, situation: Situation, rules: tuple[Rule, ...] = RULES) -> Assessment:
    """Assess one connected app. Total and pure: the day comes in with the situation.

    Args:
        app: the app.
        situation: what is known beside its own file; what is None there is not silently passed but stands in
            `not_visible` with where to look.
        rules: what is asked; `BEARING` is enough for the verdict and for what must be confirmed.

    Returns:
        The verdict with the findings in the order of the rules. `eligible` has neither blocker nor confirm
        finding; the article's own two confirmations are asked all the same. Of a migrated app only warnings
        and notes are told: there is no button that anything could take away.
    """
    case = Case(app, situation)
    findings: list[Finding] = []
    unseen: list[NotVisible] = []
    for rule in rules:
        found, hidden = rule.judge(case)
        findings += found
        unseen += hidden
    if any(finding.rule == ALREADY_MIGRATED.id for finding in findings):
        told = tuple(finding for finding in findings if finding.severity in HARMLESS)
        return Assessment(verdict=Verdict.MIGRATED, findings=told, not_visible=())
    return Assessment(verdict=_verdict(findings), findings=tuple(findings), not_visible=tuple(unseen))


def _verdict(findings: list[Finding]) -> Verdict:
    severities = {finding.severity for finding in findings}
    if Severity.BLOCKER in severities:
        return Verdict.BLOCKED
    return Verdict.CONFIRM if Severity.CONFIRM in severities else Verdict.ELIGIBLE
