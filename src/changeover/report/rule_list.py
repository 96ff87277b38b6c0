"""The rules as a SARIF tool names them: all there are, whether or not any speaks in this run."""

from __future__ import annotations

import re
from typing import Any

from changeover.migration.finding import Severity, Status
from changeover.migration.rules import RULES
from changeover.project.file_findings import COMMENTS_IN_FILE

LEVELS = {
    Severity.BLOCKER: "error",
    Severity.CONFIRM: "warning",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}
PROBLEM = {
    Severity.BLOCKER: "error",
    Severity.CONFIRM: "warning",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}
"""GitHub's own words for the severity of what is no weakness."""
PRECISION = {
    Status.DOCUMENTED: "very-high",
    Status.OURS: "high",
    Status.REPORTED: "medium",
    Status.INFERRED: "low",
}
_ARTICLE = re.compile(r"\bxcloud\.[a-z0-9_]+")
_ORDER = (*(rule.id for rule in RULES), COMMENTS_IN_FILE.rule)
INDEX = {rule: nth for nth, rule in enumerate(_ORDER)}


def descriptors() -> list[dict[str, Any]]:
    """Return a reportingDescriptor a rule, in the order of `INDEX`."""
    made = [
        _descriptor(rule.id, rule.title, rule.severity, rule.status, rule.source, rule.remedy)
        for rule in RULES
    ]
    told = COMMENTS_IN_FILE
    return [*made, _descriptor(told.rule, told.title, told.severity, told.status, told.source, told.remedy)]


def _descriptor(
    rule: str, title: str, severity: Severity, status: Status, source: str, remedy: str
) -> dict[str, Any]:
    article = _ARTICLE.search(source)
    name = "".join(part.capitalize() for part in rule.split("-"))
    made: dict[str, Any] = {
        "id": rule,
        "shortDescription": {"text": f"{title}."},
        "fullDescription": {"text": f"{title} ({severity}). How sure: {status}. Source: {source}."},
        "help": {
            "text": f"{remedy} Source: {source} ({status}).",
            "markdown": f"**What to do:** {remedy}\n\n**Source:** {source} ({status})",
        },
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": ["salesforce", "connected-app", severity.value],
            "precision": PRECISION[status],
            "problem.severity": PROBLEM[severity],
        },
    }
    if name.lower() != rule:
        made["name"] = name  # a name that says no more than the id is to be left out
    if article is not None:
        made["helpUri"] = f"https://help.salesforce.com/s/articleView?id={article[0]}.htm&type=5"
    return made
