"""Checks of the app itself."""

from __future__ import annotations

from changeover.oauth.attempt import Attempt
from changeover.oauth.refusals import APP_BLOCKED, Refusal


def app_enabled(attempt: Attempt) -> Refusal | None:
    """An external client app, or its OAuth plugin, may be switched off (ExtlClntAppConfigurablePolicies)."""
    return None if attempt.client.enabled else APP_BLOCKED
