"""ID tokens (OpenID Connect Core section 2), as the app's ID token settings say."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from changeover.oauth.attempt import Attempt
from changeover.oauth.keys import signed
from changeover.oauth.people import attributes, standard_claims

_HALF = 16


def with_id_token(
    attempt: Attempt,
    answer: dict[str, Any],
    *,
    nonce: str | None = None,
    auth_time: datetime | None = None,
) -> dict[str, Any]:
    """Return a token response with an ID token where the scopes hold `openid`.

    Args:
        attempt: who logged in, with which app.
        answer: the token response; its `id` is the subject.
        nonce: of the authorization request.
        auth_time: when the user gave the password; not told where it is not known.
    """
    if "openid" not in attempt.scopes:
        return answer
    said = {"nonce": nonce, "auth_time": int(auth_time.timestamp()) if auth_time is not None else None}
    more = {name: value for name, value in said.items() if value is not None}
    return {**answer, "id_token": id_token(attempt, answer["id"], answer["access_token"], more)}


def id_token(attempt: Attempt, subject: str, access_token: str, more: Mapping[str, Any]) -> str:
    """Return a signed ID token."""
    unit, client, user = attempt.unit, attempt.client, attempt.user
    said = client.id_token
    now = int(unit.now.timestamp())
    audience = [client.client_id, said.audience] if said.audience else client.client_id
    claims: dict[str, Any] = {
        "iss": attempt.call.base_url,
        "sub": subject,
        "aud": audience,
        "iat": now,
        "exp": now + int(said.valid.total_seconds()),
        "at_hash": at_hash(access_token),
        **more,
    }
    if isinstance(audience, list):
        claims["azp"] = client.client_id
    if said.standard_claims:
        claims |= standard_claims(user)
    if said.attributes and (held := attributes(client, user)):
        claims["custom_attributes"] = held
    return signed(unit, attempt.call.org.org_id, claims)


def at_hash(access_token: str) -> str:
    """Return the hash that ties an ID token to its access token (OpenID Connect Core section 3.1.3.6)."""
    half = hashlib.sha256(access_token.encode()).digest()[:_HALF]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
