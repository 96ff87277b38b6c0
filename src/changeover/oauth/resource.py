"""What a token is good for at the OAuth endpoints themselves: introspection, revocation, user information.

Source: RFC 7662, RFC 7009, OpenID Connect Core section 5.3; salesforce-reference 7.3 (an app introspects its
own tokens, or all where `isIntrospectAllTokens` is on).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from changeover.oauth import tokens
from changeover.oauth.call import Answer, Call, refusal_answer
from changeover.oauth.issuing import identity_url
from changeover.oauth.people import user_info
from changeover.oauth.proof import named_client, refuse_unproven
from changeover.oauth.refresh_policy import expires_at
from changeover.oauth.refusals import PARAMETER_REPEATED, TOKEN_MISSING, TOKEN_REPEATED, Refused
from changeover.oauth.registry import Registered, registered
from changeover.oauth.tokens import ORG_CHARACTERS
from changeover.org.model.people import User
from changeover.org.oauth_records import NO_APP, AccessToken, Authorization
from changeover.org.ports import Unit

OK = 200
NO_STORE = {"Cache-Control": "no-store"}
INACTIVE = {"active": False}
BAD_TOKEN = Answer(
    status=401,
    body={"error": "invalid_token", "error_description": "Bad_OAuth_Token"},
    headers={"WWW-Authenticate": 'Bearer error="invalid_token"', **NO_STORE},
)
# RFC 6750 section 3.1: who brought nothing is told no error in the header.
NO_TOKEN = replace(BAD_TOKEN, headers={"WWW-Authenticate": "Bearer", **NO_STORE})
_TOKENS = ("access_token", "oauth_token")
"""Names of the parameter with an access token: RFC 6750 section 2.2, and Salesforce's own."""


class _Live(NamedTuple):
    """An access token that is good now, and its user."""

    token: AccessToken
    user: User


def live_token(unit: Unit, call: Call, token: str) -> AccessToken | None:
    """Return an access token of the org that is good now: not expired, its user and app still there."""
    live = _live(unit, call, token)
    return live.token if live is not None else None


def _live(unit: Unit, call: Call, token: str, asking: Registered | None = None) -> _Live | None:
    """Return the same with its user; `asking` is a client that was read in this transaction already."""
    held = unit.oauth.access_token(tokens.digest(token))
    if held is None or held.org_id != call.org.org_id or held.expires_at <= unit.now:
        return None
    user = unit.users.get(held.user_id)
    if user is None or not user.active:
        return None
    if held.consumer_key != NO_APP:
        mine = asking is not None and asking.client.client_id == held.consumer_key
        found = asking if mine else registered(unit, held.org_id, held.consumer_key)
        if found is None or not found.client.enabled:
            return None
    return _Live(held, user)


def introspect(unit: Unit, call: Call) -> Answer:
    """Answer whether a token is active (RFC 7662). Who asks must prove itself."""
    if call.repeats:
        return refusal_answer(Refused(PARAMETER_REPEATED))
    try:
        asking = named_client(unit, call)
        refuse_unproven(unit, call, asking, required=True)
    except Refused as refused:
        return refusal_answer(refused)
    token = call.one("token")
    if token is None:
        return refusal_answer(Refused(TOKEN_MISSING))
    return Answer(body=_introspected(unit, call, asking, token), headers=NO_STORE)


def _introspected(unit: Unit, call: Call, asking: Registered, token: str) -> dict[str, Any]:
    live = _live(unit, call, token, asking)
    if live is not None and _may_ask(unit, call, asking, live.token.consumer_key):
        return _told(call, live.token, live.user, token_type="access_token")  # noqa: S106 - the name of a kind
    authorization = unit.oauth.by_refresh(tokens.digest(token), lock=False)
    if authorization is None or authorization.org_id != call.org.org_id:
        return INACTIVE
    if not _may_ask(unit, call, asking, authorization.consumer_key):
        return INACTIVE
    user = unit.users.get(authorization.user_id)
    if user is None or not user.active or not _refreshes(unit, authorization):
        return INACTIVE
    return _told(call, authorization, user, token_type="refresh_token")  # noqa: S106 - the name of a kind


def _may_ask(unit: Unit, call: Call, asking: Registered, consumer_key: str) -> bool:
    """Whether a client is told of what was issued under a consumer key. An app that is shut out is not."""
    client = asking.client
    # The session of a SOAP login is no OAuth token.
    if consumer_key == NO_APP or not client.enabled:
        return False
    if client.holds(consumer_key):
        return True
    return client.introspects_all and not unit.oauth_usage.blocked(call.org.org_id, client.consumer_key)


def _refreshes(unit: Unit, authorization: Authorization) -> bool:
    found = registered(unit, authorization.org_id, authorization.consumer_key)
    if found is None or not found.client.enabled:
        return False
    if unit.oauth_usage.blocked(authorization.org_id, authorization.consumer_key):
        return False
    expiry = expires_at(found.client, authorization, unit.now)
    return expiry is None or unit.now < expiry


def _told(call: Call, held: AccessToken | Authorization, user: User, *, token_type: str) -> dict[str, Any]:
    issued = held.issued_at if isinstance(held, AccessToken) else held.created_at
    answer = {
        "active": True,
        "scope": " ".join(held.scopes),
        "client_id": held.consumer_key,
        "username": user.username,
        "sub": identity_url(call.base_url, held.org_id, held.user_id),
        "token_type": token_type,
        "iat": int(issued.timestamp()),
        "nbf": int(issued.timestamp()),
        "iss": call.base_url,
    }
    if isinstance(held, AccessToken):
        answer["exp"] = int(held.expires_at.timestamp())
    return answer


def revoke(unit: Unit, call: Call) -> Answer:
    """End a token (RFC 7009): a refresh token with its access tokens, an access token alone.

    Whoever holds a token may end it; Salesforce asks for no more. An unknown token is answered alike.
    """
    if call.repeats:
        return refusal_answer(Refused(PARAMETER_REPEATED))
    token = call.one("token")
    if token is None:
        return refusal_answer(Refused(TOKEN_MISSING))
    digest = tokens.digest(token)
    held = unit.oauth.access_token(digest)
    if held is not None and held.org_id == call.org.org_id:
        unit.oauth.end_access_token(digest)
    authorization = unit.oauth.by_refresh(digest)
    if authorization is not None and authorization.org_id == call.org.org_id:
        unit.oauth.end(authorization.authorization_id)
    return Answer(headers=NO_STORE)


def userinfo(unit: Unit, call: Call) -> Answer:
    """Return what the UserInfo endpoint tells of the user whose token is brought, in one way at a time."""
    in_form = any(name in call.parameters for name in _TOKENS)
    if call.repeats or (in_form and call.bearer is not None):
        refused = refusal_answer(Refused(TOKEN_REPEATED))
        return replace(
            refused, headers={**refused.headers, "WWW-Authenticate": 'Bearer error="invalid_request"'}
        )
    return _of_token(unit, call)


def identity(unit: Unit, call: Call, *, org_id: str, user_id: str) -> Answer:
    """Return what the identity URL tells; only to whoever brings a token of that very org and user."""
    said = _of_token(unit, call)
    if said.status != OK or said.body is None:
        return said
    if said.body["user_id"] != user_id or org_id not in {call.org.org_id, call.org.org_id[:ORG_CHARACTERS]}:
        return Answer(status=403, body={"error": "access_denied"}, headers=NO_STORE)
    body = {
        **said.body,
        "id": said.body["sub"],
        "asserted_user": True,
        "username": said.body["preferred_username"],
        "display_name": said.body["name"],
        "urls": {
            "rest": f"{call.base_url}/services/data/v{{version}}/",
            "metadata": f"{call.base_url}/services/Soap/m/{{version}}/{call.org.org_id}",
            "partner": f"{call.base_url}/services/Soap/u/{{version}}/{call.org.org_id}",
            "query": f"{call.base_url}/services/data/v{{version}}/query/",
        },
    }
    return Answer(body=body, headers=NO_STORE)


def _of_token(unit: Unit, call: Call) -> Answer:
    """Return what is told of the user of a token, or that no good one was brought."""
    token = call.bearer or next((text for name in _TOKENS if (text := call.one(name))), None)
    if token is None:
        return NO_TOKEN
    live = _live(unit, call, token)
    if live is None:
        return BAD_TOKEN
    held, user = live
    # The session of a SOAP login is of no app; Salesforce's clients bring it as they bring a token.
    found = registered(unit, held.org_id, held.consumer_key) if held.consumer_key != NO_APP else None
    if found is None and held.consumer_key != NO_APP:
        return BAD_TOKEN
    client = found.client if found is not None else None
    subject = identity_url(call.base_url, held.org_id, held.user_id)
    return Answer(body=user_info(call.org, user, client, subject), headers=NO_STORE)
