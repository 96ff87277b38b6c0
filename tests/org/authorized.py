"""What the OAuth endpoints leave when a user lets an app in, without a client of their own."""

from __future__ import annotations

from datetime import timedelta

from changeover.org.oauth_records import Approval, Authorization, Flow
from changeover.org.ports import Units


def authorized(
    units: Units,
    org_id: str,
    username: str,
    consumer_key: str,
    *,
    uses: int = 1,
    days_ago: int = 0,
    flow: Flow = Flow.WEB_SERVER,
) -> str:
    """Have a user approve an app and authorize it; returns the id of the authorization."""
    with units.unit() as unit:
        user = unit.users.in_org(org_id, username)
        assert user is not None
        at = unit.now - timedelta(days=days_ago)
        made = Authorization(
            authorization_id=unit.ids.record("0CQ"),
            org_id=org_id,
            consumer_key=consumer_key,
            user_id=user.user_id,
            scopes=("api", "refresh_token"),
            flow=flow,
            created_at=at - timedelta(days=7),
            last_used_at=at,
            use_count=uses,
            refresh_issued_at=at,
        )
        unit.oauth.authorize(made, f"digest of {made.authorization_id}")
        approval = Approval(
            consumer_key=consumer_key,
            user_id=user.user_id,
            scopes=frozenset(made.scopes),
            approved_at=made.created_at,
        )
        unit.oauth.approve(org_id, approval)
    return made.authorization_id
