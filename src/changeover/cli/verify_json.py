"""The objects in the answer of `changeover verify --json`."""

from __future__ import annotations

from typing import Any

from changeover.apps.document import Leaf
from changeover.apps.secrets import masked
from changeover.migration.comparison import Line, Outcome
from changeover.project.verifying import AppLogins, VerifiedApp


def app_object(one: VerifiedApp) -> dict[str, Any]:
    """Return what the document says of one app: secrets masked, equal leaves only counted."""
    found = one.verified.found
    return {
        "api_name": one.entry.app.full_name,
        "label": one.entry.app.label,
        "path": one.entry.path,
        "external_client_app": found.api_name if found is not None else None,
        "status": one.verified.status,
        "equal": len(one.verified.comparison.of(Outcome.EQUAL)),
        "lines": [_line(line) for line in one.verified.comparison.lines if line.outcome is not Outcome.EQUAL],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "outcome": line.outcome,
        "component": line.component,
        "path": line.path,
        "expected": shown(line.path, line.expected),
        "found": shown(line.path, line.found),
        "decision": line.decision,
        "note": line.note,
    }


def shown(path: str, value: str | None) -> str | None:
    """Return a value as it may be shown: a secret is masked."""
    return masked(Leaf(path, value)) if value is not None else None


def login_object(one: AppLogins) -> dict[str, Any]:
    """Return what the document says of one app's logins; times in ISO 8601, UTC."""
    return {
        "api_name": one.api_name,
        "label": one.label,
        "shared_with": one.shared_with,
        "flows": [
            {
                "flow": line.flow,
                "status": line.status,
                "days_before": line.days_before,
                "last_before": line.last_before,
                "last_since": line.last_since,
                "refused_since": line.refused_since,
                "quiet_users": line.quiet_users,
                "note": line.note,
            }
            for line in one.lines
        ],
    }
