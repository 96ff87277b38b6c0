"""The authorization endpoint: what an app asks a user for, and the user's answer.

Source: RFC 6749 sections 4.1.1, 4.1.2, 4.2 and 3.1; RFC 7636; RFC 9700 sections 2.1 and 4.1; OpenID Connect
Core section 3.1.2; salesforce-reference 7.2 to 7.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from changeover.oauth import tokens
from changeover.oauth.attempt import Attempt, record_login
from changeover.oauth.authlib_client import REFRESH, covered
from changeover.oauth.call import Call
from changeover.oauth.callbacks import leads_to_app, with_query
from changeover.oauth.checks import refusal_of
from changeover.oauth.checks.flows import flow_refusal
from changeover.oauth.client import OauthClient
from changeover.oauth.id_tokens import with_id_token
from changeover.oauth.issuing import authorize, issue
from changeover.oauth.pkce import challenge_holds
from changeover.oauth.refusals import (
    APP_BLOCKED,
    CALLBACK_MISMATCH,
    CHALLENGE_INVALID,
    CHALLENGE_MISSING,
    CLIENT_UNKNOWN,
    MAX_AGE_INVALID,
    NONCE_MISSING,
    NOT_ADMIN_APPROVED,
    PARAMETER_REPEATED,
    PROMPT_INVALID,
    REQUEST_UNSUPPORTED,
    REQUEST_URI_UNSUPPORTED,
    RESPONSE_TYPE_UNSUPPORTED,
    SCOPE,
    USER_DENIED,
    Refusal,
)
from changeover.oauth.registry import Registered, registered, unknown
from changeover.org.model.people import User
from changeover.org.oauth_records import Approval, Code, Flow
from changeover.org.ports import Unit

CODE_LIFETIME = timedelta(minutes=15)
"""About a quarter of an hour (salesforce-reference 7.2)."""
NONE, LOGIN, CONSENT = "none", "login", "consent"
"""Values of `prompt` that are heeded; others are ignored."""
_MOMENT = timedelta(minutes=1)
"""Between the password and the answer: who asks for `max_age=0` is not asked for ever."""
RESPONSE_TYPES = {
    frozenset({"code"}): Flow.WEB_SERVER,
    frozenset({"token"}): Flow.USER_AGENT,
    frozenset({"token", "id_token"}): Flow.USER_AGENT_ID_TOKEN,
}
_SECONDS = re.compile(r"[0-9]{1,9}")


class Elsewhere(NamedTuple):
    """Where the browser goes next, with the answer for the app."""

    url: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an app asks a user for, checked."""

    registered: Registered
    flow: Flow
    callback_url: str
    scopes: frozenset[str]
    state: str | None
    nonce: str | None
    challenge: str | None
    prompt: frozenset[str]
    issuer: str
    """Who answers: RFC 9207, against mix-up."""
    max_age: timedelta | None = None
    """How long ago the user may have given the password; None where the app does not mind."""

    @property
    def client(self) -> OauthClient:
        """The app."""
        return self.registered.client

    def answer(self, **parameters: str | None) -> Elsewhere:
        """Return the way back to the app with an answer, in the query or, for tokens, in the fragment."""
        said = {name: value for name, value in parameters.items() if value is not None}
        if self.state is not None:
            said["state"] = self.state
        said["iss"] = self.issuer
        if self.flow is Flow.WEB_SERVER:
            return Elsewhere(with_query(self.callback_url, urlencode(said)))
        return Elsewhere(f"{self.callback_url}#{urlencode(said)}")

    def refuse(self, refusal: Refusal) -> Elsewhere:
        """Return the way back to the app with an error."""
        return self.answer(error=refusal.error, error_description=refusal.description)


def ask(unit: Unit, call: Call, username: str = "") -> Asked | Elsewhere | Refusal:
    """Check a request at the authorization endpoint.

    Args:
        unit: a transaction; one that may write where a user is named.
        call: the request.
        username: who is signed in: what stands in the way of the app is a refused login of that user.

    Returns:
        What the app asks for; or the way back to the app with an error; or, where app or callback URL cannot
        be trusted, a refusal to show to the user and to send nowhere (RFC 6749 section 4.1.2.1).
    """
    client_id = call.one("client_id")
    found = registered(unit, call.org.org_id, client_id) if client_id else None
    if found is None:
        return unknown(unit, call.org.org_id, client_id) if client_id else CLIENT_UNKNOWN
    callback_url = call.one("redirect_uri")
    registered_urls = found.client.callback_urls
    if callback_url is None or callback_url not in registered_urls or not leads_to_app(callback_url):
        return CALLBACK_MISMATCH
    flow = RESPONSE_TYPES.get(frozenset((call.one("response_type") or "").split()))
    asked = Asked(
        registered=found,
        flow=flow or Flow.WEB_SERVER,
        callback_url=callback_url,
        scopes=frozenset((call.one("scope") or "").split()) or found.client.scopes,
        state=call.one("state"),
        nonce=call.one("nonce"),
        challenge=call.one("code_challenge"),
        prompt=frozenset((call.one("prompt") or "").split()),
        max_age=_max_age(call.one("max_age")),
        issuer=call.base_url,
    )
    if call.repeats:
        return asked.refuse(PARAMETER_REPEATED)
    if flow is None:
        return asked.refuse(RESPONSE_TYPE_UNSUPPORTED)
    for check in _CHECKS:
        refusal = check(unit, call, asked)
        if refusal is None:
            continue
        if username and check in _POLICIES:
            record_login(unit, call, flow, client=found.client, username=username, refusal=refusal)
        return asked.refuse(refusal)
    return asked


def _max_age(text: str | None) -> timedelta | None:
    return timedelta(seconds=int(text)) if text and _SECONDS.fullmatch(text) else None


def _enabled(unit: Unit, call: Call, asked: Asked) -> Refusal | None:
    del unit, call
    return None if asked.client.enabled else APP_BLOCKED


def _flow_on(unit: Unit, call: Call, asked: Asked) -> Refusal | None:
    return flow_refusal(asked.flow, asked.client, call.org, unit.today)


def _scopes(unit: Unit, call: Call, asked: Asked) -> Refusal | None:
    del unit, call
    return None if asked.scopes <= covered(asked.client.scopes) else SCOPE


def _prompt(unit: Unit, call: Call, asked: Asked) -> Refusal | None:
    """OpenID Connect Core section 3.1.2.1: `none` stands alone; `max_age` counts seconds."""
    del unit
    if NONE in asked.prompt and len(asked.prompt) > 1:
        return PROMPT_INVALID
    return MAX_AGE_INVALID if asked.max_age is None and call.one("max_age") is not None else None


def _nonce(unit: Unit, call: Call, asked: Asked) -> Refusal | None:
    """OpenID Connect Core section 3.2.2.1: an ID token in the fragment needs a nonce."""
    del unit, call
    needed = asked.flow is Flow.USER_AGENT_ID_TOKEN
    return NONCE_MISSING if needed and asked.nonce is None else None


def _challenge(unit: Unit, call: Call, asked: Asked) -> Refusal | None:
    """PKCE, where it is sent, or the app or the org requires it of the web server flow."""
    del unit
    if asked.challenge is None:
        method = call.one("code_challenge_method")
        demanded = asked.client.pkce_required or call.org.pkce_required
        required = demanded and asked.flow is Flow.WEB_SERVER
        return CHALLENGE_MISSING if required or method is not None else None
    method = call.one("code_challenge_method")
    return None if challenge_holds(asked.challenge, method) else CHALLENGE_INVALID


def _request_object(unit: Unit, call: Call, asked: Asked) -> Refusal | None:
    """OpenID Connect Core section 6: not supported; above all nothing is fetched from a `request_uri`."""
    del unit, asked
    if "request_uri" in call.parameters:
        return REQUEST_URI_UNSUPPORTED
    return REQUEST_UNSUPPORTED if "request" in call.parameters else None


_POLICIES = (_enabled, _flow_on)
"""What admins set; the others are mistakes of the client."""
_CHECKS = (_request_object, *_POLICIES, _scopes, _prompt, _nonce, _challenge)


def must_prove(
    asked: Asked,
    proved_at: datetime | None,
    now: datetime,
    authenticated_at: datetime | None = None,
    *,
    signed_in_for_it: bool = False,
) -> bool:
    """Whether the user has to give the password anew before the app is answered.

    The app may ask so (`prompt=login`, `max_age`), and so may its session policy: a local org raises a
    session to high assurance with the password.

    Args:
        asked: what the app asks for.
        proved_at: when the user last gave it on top of signing in, None where that is too long ago.
        now: the time.
        authenticated_at: when the user last gave it at all, to sign in or anew: the `auth_time` that an ID
            token tells, which is what `max_age` is about (OpenID Connect Core section 3.1.2.1).
        signed_in_for_it: whether it was this very question that led to the sign-in page a moment ago: who
            has just given the password to answer it is not asked for it twice by `prompt=login`.
    """
    raises = asked.client.high_assurance and not asked.client.high_assurance_blocks
    anew = LOGIN in asked.prompt and not signed_in_for_it
    if (raises or anew) and proved_at is None:
        return True
    if asked.max_age is None:
        return False
    last = authenticated_at or proved_at
    return last is None or now - last > max(asked.max_age, _MOMENT)


def must_approve(unit: Unit, call: Call, asked: Asked, user: User) -> bool:
    """Whether the user has to be asked: not where an admin pre-authorized, nor what was approved before."""
    if CONSENT in asked.prompt:
        return True
    if asked.client.admin_approved:
        return False
    held = unit.oauth.approval(call.org.org_id, asked.client.consumer_key, user.user_id)
    return held is None or not asked.scopes <= held.scopes


def deny(asked: Asked) -> Elsewhere:
    """Return the way back where the user said no."""
    return asked.refuse(USER_DENIED)


def approve(unit: Unit, call: Call, asked: Asked, user: User, auth_time: datetime | None = None) -> Elsewhere:
    """Remember that a user approved, and return the way back with a code, or in the user-agent flow a token.

    The checks of `oauth.checks` are asked first: whoever may not use the app gets no code.
    """
    attempt = Attempt(
        unit=unit, call=call, client=asked.client, flow=asked.flow, user=user, scopes=asked.scopes
    )
    refusal = refusal_of(attempt)
    if refusal is not None:
        record_login(unit, call, asked.flow, client=asked.client, username=user.username, refusal=refusal)
        # At this endpoint Salesforce calls it by another name (salesforce-reference 7.4).
        return asked.refuse(APP_BLOCKED if refusal is NOT_ADMIN_APPROVED else refusal)
    approval = Approval(
        consumer_key=asked.client.consumer_key,
        user_id=user.user_id,
        scopes=asked.scopes,
        approved_at=unit.now,
    )
    unit.oauth.approve(call.org.org_id, approval)
    give = _code if asked.flow is Flow.WEB_SERVER else _token
    return give(attempt, asked, auth_time)


def _code(attempt: Attempt, asked: Asked, auth_time: datetime | None) -> Elsewhere:
    code = tokens.code()
    attempt.unit.oauth.add_code(
        Code(
            digest=tokens.digest(code),
            org_id=attempt.call.org.org_id,
            consumer_key=asked.client.consumer_key,
            user_id=attempt.user.user_id,
            scopes=tuple(sorted(asked.scopes)),
            callback_url=asked.callback_url,
            nonce=asked.nonce,
            challenge=asked.challenge,
            auth_time=auth_time,
            expires_at=attempt.unit.now + CODE_LIFETIME,
        )
    )
    return asked.answer(code=code)


def _token(attempt: Attempt, asked: Asked, auth_time: datetime | None) -> Elsewhere:
    authorization, refresh = authorize(attempt, with_refresh_token=bool(REFRESH & asked.scopes))
    answer = issue(attempt, asked.registered, authorization=authorization, refresh_token=refresh)
    if asked.flow is Flow.USER_AGENT_ID_TOKEN:
        answer = with_id_token(attempt, answer, nonce=asked.nonce, auth_time=auth_time)
    record_login(attempt.unit, attempt.call, asked.flow, client=asked.client, username=attempt.user.username)
    return asked.answer(**answer)
