"""When a refresh token is no longer good.

Source: salesforce-reference 1.3 (the four policies; a policy is asked only when a refresh token is used) and
its additions (the limit of 30 idle days, though metadata says infinite; decision D-22).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from changeover.migration.dates import IDLE_LIMIT_PRODUCTION
from changeover.oauth.client import OauthClient, RefreshPolicy
from changeover.org.oauth_records import Authorization

IDLE_LIMIT = timedelta(days=30)


def expires_at(client: OauthClient, authorization: Authorization, now: datetime) -> datetime | None:
    """Return when the refresh token of an authorization expires, None where it does not.

    Args:
        client: the app, with its policy as it is now.
        authorization: when it was made, and used last.
        now: the time; the idle limit holds from its date on.
    """
    policy, period = client.refresh
    match policy:
        case RefreshPolicy.ZERO:
            return authorization.created_at
        case RefreshPolicy.SPECIFIC_LIFETIME:
            return authorization.created_at + (period or timedelta(0))
        case RefreshPolicy.SPECIFIC_INACTIVITY:
            return authorization.last_used_at + (period or timedelta(0))
        case RefreshPolicy.INFINITE:
            limited = IDLE_LIMIT_PRODUCTION.in_force(now.date())
            return authorization.last_used_at + IDLE_LIMIT if limited else None
