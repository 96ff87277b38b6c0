"""Who calls an API: one door for REST (`Authorization: Bearer`) and SOAP (`sessionId`).

A session is a live access token of the org: its user is active, its app there and enabled, and its scopes
hold the API. What it may then do is the user's permissions', asked by each act. Our decision: a local org has
no permission "API Enabled"; whoever may log in with an app that has the scope may call.
"""

from __future__ import annotations

from dataclasses import dataclass

from changeover.oauth.call import Call
from changeover.oauth.resource import live_token
from changeover.org.model.orgs import Actor, Door, Org
from changeover.org.model.people import User
from changeover.org.ports import Unit
from changeover.salesforce.refusals import INVALID_SESSION_ID, ApiRefused

EXPIRED = "Session expired or invalid"
NOT_FOR_API = "This session is not valid for use with the API"
API = frozenset({"api", "full"})
"""Scopes with which a token opens the APIs (Salesforce Help, OAuth Tokens and Scopes)."""
WEB = frozenset({"web", "full"})
"""Scopes with which a token opens pages."""


@dataclass(frozen=True, kw_only=True)
class ApiSession:
    """A session of a user at the APIs."""

    org: Org
    user: User
    actor: Actor
    """As whom acts are called."""
    scopes: frozenset[str]
    consumer_key: str
    """Of the app that it was opened with."""


def open_session(
    unit: Unit, org: Org, session_id: str | None, *, any_of: frozenset[str] = API, door: Door = Door.API
) -> ApiSession:
    """Return the session of an access token.

    Args:
        unit: the transaction; one that only reads will do.
        org: the org that is called: no token of another one opens it.
        session_id: the token, None where none was brought.
        any_of: the scopes of which the token must have one.
        door: what the audit trail calls the door.

    Raises:
        ApiRefused: INVALID_SESSION_ID.
    """
    held = live_token(unit, Call(org=org, base_url=""), session_id) if session_id else None
    user = unit.users.get(held.user_id) if held is not None else None
    if held is None or user is None or user.placeholder or user.org_id != org.org_id:
        raise ApiRefused(INVALID_SESSION_ID, EXPIRED)
    scopes = frozenset(held.scopes)
    if not scopes & any_of:
        raise ApiRefused(INVALID_SESSION_ID, NOT_FOR_API)
    actor = Actor(org_id=org.org_id, user_id=user.user_id, username=user.username, door=door)
    return ApiSession(org=org, user=user, actor=actor, scopes=scopes, consumer_key=held.consumer_key)
