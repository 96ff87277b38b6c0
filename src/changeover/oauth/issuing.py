"""Issuing: the token, what is kept of it, and the answer in Salesforce's shape.

Source: salesforce-reference 7.3 (token response, signature, lifetimes, five authorizations an app and user).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from changeover.oauth import jwt_access_tokens, tokens
from changeover.oauth.attempt import Attempt
from changeover.oauth.jwt_access_tokens import jwt_access_token
from changeover.oauth.registry import Registered
from changeover.org.oauth_records import AccessToken, Authorization

SESSION_TIMEOUT = timedelta(hours=2)
"""Where neither the app nor the profile says otherwise: the org's default."""
MOST_AUTHORIZATIONS = 5
"""An app and user; the next one ends the longest unused."""


def issue(
    attempt: Attempt,
    registered: Registered,
    *,
    authorization: Authorization | None = None,
    refresh_token: str | None = None,
) -> dict[str, Any]:
    """Issue an access token and return the token response.

    Args:
        attempt: who, with which app, and what for; all checks have passed.
        registered: the app with its secret.
        authorization: what the token belongs to; None for flows that leave none.
        refresh_token: the refresh token to hand out with it, None for none.
    """
    unit, call, client = attempt.unit, attempt.call, attempt.client
    org_id, user_id = call.org.org_id, attempt.user.user_id
    scopes = tuple(sorted(attempt.scopes))
    expires_at = unit.now + _lifetime(attempt)
    if client.jwt_access_tokens:
        token = jwt_access_token(attempt, expires_at)
    else:
        token = tokens.access_token(org_id, unit.now)
    unit.oauth.issue(
        AccessToken(
            digest=tokens.digest(token),
            org_id=org_id,
            consumer_key=client.consumer_key,
            user_id=user_id,
            scopes=scopes,
            flow=attempt.flow,
            issued_at=unit.now,
            expires_at=expires_at,
            authorization_id=authorization.authorization_id if authorization else None,
        )
    )
    identity = identity_url(call.base_url, org_id, user_id)
    issued = tokens.issued_at(unit.now)
    answer = {
        "access_token": token,
        "signature": tokens.signature(identity, issued, registered.secret() or ""),
        "scope": " ".join(scopes),
        "instance_url": call.base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
        "api_instance_url": call.base_url,
    }
    if client.jwt_access_tokens:
        answer["token_format"] = jwt_access_tokens.FORMAT
    return answer if refresh_token is None else {**answer, "refresh_token": refresh_token}


def _lifetime(attempt: Attempt) -> timedelta:
    client = attempt.client
    if client.jwt_access_tokens:
        return jwt_access_tokens.lifetime(attempt)
    return client.session_timeout or SESSION_TIMEOUT


def authorize(attempt: Attempt, *, with_refresh_token: bool) -> tuple[Authorization, str | None]:
    """Add an authorization, and end the longest unused one where that would be a sixth.

    Returns:
        The authorization, and its refresh token where one was wanted.
    """
    unit, org_id = attempt.unit, attempt.call.org.org_id
    token = tokens.refresh_token() if with_refresh_token else None
    authorization = Authorization(
        authorization_id=unit.ids.record("0CQ"),
        org_id=org_id,
        consumer_key=attempt.client.consumer_key,
        user_id=attempt.user.user_id,
        scopes=tuple(sorted(attempt.scopes)),
        flow=attempt.flow,
        created_at=unit.now,
        last_used_at=unit.now,
        use_count=1,
        refresh_issued_at=unit.now if token else None,
    )
    held = unit.oauth.authorizations(
        org_id, consumer_key=authorization.consumer_key, user_id=authorization.user_id
    )
    for old in held[: max(0, len(held) + 1 - MOST_AUTHORIZATIONS)]:
        unit.oauth.end(old.authorization_id)
    unit.oauth.authorize(authorization, tokens.digest(token) if token else None)
    return authorization, token


def used(attempt: Attempt, authorization: Authorization) -> Authorization:
    """Count a use of an authorization."""
    attempt.unit.oauth.used(authorization.authorization_id, attempt.unit.now)
    return replace(authorization, last_used_at=attempt.unit.now, use_count=authorization.use_count + 1)


def identity_url(base_url: str, org_id: str, user_id: str) -> str:
    """Return the identity URL of a user, as the `id` of token responses and the `sub` of ID tokens."""
    return f"{base_url}/id/{org_id}/{user_id}"
