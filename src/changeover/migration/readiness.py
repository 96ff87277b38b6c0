"""How ready an app is, as an admin counts: and what ends for it on which day."""

from __future__ import annotations

from enum import StrEnum

from changeover.migration.dates import (
    DEVICE_FLOW_LIMITED,
    IDLE_LIMIT_PRODUCTION,
    SUPPORT_ENDS,
    USER_AGENT_ENDS,
    USERNAME_PASSWORD_ENDS,
    Deadline,
)
from changeover.migration.finding import Assessment, Finding, Severity, Verdict
from changeover.migration.rules import BY_ID, afterwards, features, flows, losses, origin

EVERY_APP = frozenset(
    rule.id
    for rule in (
        flows.USERNAME_PASSWORD_POSSIBLE,
        afterwards.CONNECTED_APP_SUPPORT_ENDS,
        afterwards.NOT_COPIED_TO_SANDBOXES,
    )
)
"""Rules that say the same of nearly every app: a list says it once."""

# Rules that no file can ever answer: every app of a folder is in the same case; Setup is where to look.
ONLY_SETUP_SHOWS = frozenset(
    rule.id
    for rule in (
        origin.NOT_LOCAL,
        features.PUSH_SETTINGS_INVALID,
        features.USER_PROVISIONING,
        features.DYNAMIC_REGISTRATION,
        losses.SETTINGS_WITHOUT_HOME,
        losses.REFRESH_TOKEN_IP_ALLOWLIST,
        origin.KEY_USED_ELSEWHERE,
        afterwards.EDITION,
    )
)

STOPS = {
    flows.USERNAME_PASSWORD_SEEN.id: USERNAME_PASSWORD_ENDS,
    flows.USER_AGENT_FLOW_ENDS.id: USER_AGENT_ENDS,
    flows.DEVICE_FLOW.id: DEVICE_FLOW_LIMITED,
}
"""Findings that mean: clients of this app stop working on a day, unless something is done."""

DATED = {
    **STOPS,
    afterwards.REFRESH_TOKEN_IDLE_LIMIT.id: IDLE_LIMIT_PRODUCTION,
    afterwards.CONNECTED_APP_SUPPORT_ENDS.id: SUPPORT_ENDS,
}
"""Findings that something changes for this app on a day."""


class Readiness(StrEnum):
    """Where an app stands, the most pressing first."""

    BLOCKED = "blocked"
    CONFIRM = "confirm"
    NOT_VISIBLE = "not-fully-visible"
    READY = "ready"
    MIGRATED = "migrated"


def readiness(assessment: Assessment) -> Readiness:
    """Return where an app stands.

    An app that is `eligible` is ready, as far as can be seen from where one looks: what no file ever shows is
    the same for every app and told once (`ONLY_SETUP_SHOWS`). It is not fully visible where something that
    may block it, or may have to be confirmed, could have been seen and was not: Login History, above all.
    """
    if assessment.verdict is Verdict.BLOCKED:
        return Readiness.BLOCKED
    if assessment.verdict is Verdict.CONFIRM:
        return Readiness.CONFIRM
    if assessment.verdict is Verdict.MIGRATED:
        return Readiness.MIGRATED
    return Readiness.NOT_VISIBLE if any(map(_decides, hidden_rules(assessment))) else Readiness.READY


def hidden_rules(assessment: Assessment) -> tuple[str, ...]:
    """Return the rules that could have been judged for this app, had more been given."""
    return tuple(each.rule for each in assessment.not_visible if each.rule not in ONLY_SETUP_SHOWS)


def _decides(rule: str) -> bool:
    return BY_ID[rule].severity in {Severity.BLOCKER, Severity.CONFIRM}


def stops(findings: tuple[Finding, ...]) -> tuple[Deadline, ...]:
    """Return what stops for clients of an app, each deadline once, the earliest first."""
    found = {STOPS[finding.rule].id: STOPS[finding.rule] for finding in findings if finding.rule in STOPS}
    return tuple(sorted(found.values(), key=lambda deadline: (deadline.day, deadline.id)))
