"""Checks of the app itself."""

from __future__ import annotations

from changeover.oauth.attempt import Attempt
from changeover.oauth.refusals import APP_BLOCKED, Refusal


def app_enabled(attempt: Attempt) -> Refusal | None:
    """An external client app, or its OAuth plugin, may be switched off (ExtlClntAppConfigurablePolicies)."""
    return None if attempt.client.enabled else APP_BLOCKED


def app_not_blocked(attempt: Attempt) -> Refusal | None:
    """An admin may block an app for all users, in Connected Apps OAuth Usage (salesforce-reference 8.4)."""
    blocked = attempt.unit.oauth_usage.blocked(attempt.call.org.org_id, attempt.client.consumer_key)
    return APP_BLOCKED if blocked else None
