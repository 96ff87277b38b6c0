"""Access tokens in JWT form, for apps that ask for them.

Source: Salesforce Help, JWT-Based Access Tokens (RS256; header `typ`, `kid`, `tty`, `tnk`, `ver`; for REST
only; issued by all flows); the claims are those of the samples in Salesforce's Mobile SDK. A local org keeps
each by its digest like any other token: it can be revoked, and is told at introspection.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from changeover.oauth import tokens
from changeover.oauth.attempt import Attempt
from changeover.oauth.keys import signed

LIFETIME = timedelta(hours=2)
"""Where the app names none: the user's session, for which a local org has Salesforce's default."""
FORMAT = "jwt"
"""`token_format` of the token response."""


def lifetime(attempt: Attempt) -> timedelta:
    """Return how long a token lives. The app's session timeout is for opaque tokens only."""
    return attempt.client.jwt_lifetime or LIFETIME


def jwt_access_token(attempt: Attempt, expires_at: datetime) -> str:
    """Return a signed access token; no two are the same."""
    call, user = attempt.call, attempt.user
    now = int(attempt.unit.now.timestamp())
    claims = {
        "iss": call.base_url,
        "aud": [call.base_url],
        "sub": f"uid:{user.user_id}",
        "client_id": attempt.client.client_id,
        "scp": " ".join(sorted(attempt.scopes)),
        "mty": "oauth",
        "roles": [],
        "hsc": False,
        "iat": now,
        "nbf": now,
        "exp": int(expires_at.timestamp()),
        "jti": tokens.token_id(),
    }
    header = {
        "tty": tokens.JWT_TYPE,
        "tnk": f"core/local/{call.org.org_id}",
        "ver": "1.0",
    }
    return signed(attempt.unit, call.org.org_id, claims, header=header)
