"""The web server flow: anew, with and without PKCE, and as a user who has approved the app before."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

from changeover.oauth.authlib_client import REFRESH
from changeover.rehearse.flows.flow import RehearsedFlow, SetUp
from changeover.rehearse.integration import Integration
from changeover.rehearse.outcome import Refused
from changeover.rehearse.source import Login

_VERIFIER = 64


def log_in(
    integration: Integration, login: Login, *, pkce: bool
) -> tuple[OAuth2Session, dict[str, Any], bool]:
    """Log a user in by the web server flow.

    Returns:
        The client, the token response, and whether the user was asked to allow the app.

    Raises:
        Refused: with what the client was told.
    """
    session = integration.session(
        with_secret=integration.app.secret_required, code_challenge_method="S256" if pkce else None
    )
    verifier = {"code_verifier": generate_token(_VERIFIER)} if pkce else {}
    url, state, asked = integration.approved(session, login, **verifier)
    refuse_error(url)
    token = session.fetch_token(
        integration.token_url,
        authorization_response=url,
        state=state,
        redirect_uri=integration.app.callback_urls[0],
        **verifier,
    )
    return session, token, asked


def refuse_error(url: str) -> None:
    """Refuse where a callback URL brings an error (RFC 6749 section 4.1.2.1). Raises Refused."""
    parts = urlsplit(url)
    said = parse_qs(parts.query) | parse_qs(parts.fragment)
    if "error" in said:
        raise Refused(said["error"][0], said.get("error_description", [""])[0])


def _anew(integration: Integration, *, pkce: bool) -> frozenset[str]:
    session, token, _ = log_in(integration, integration.newcomer, pkce=pkce)
    gained = integration.use(session, token)
    integration.revoke(session, token)
    return gained


def _without_pkce(integration: Integration) -> frozenset[str]:
    return _anew(integration, pkce=False)


def _with_pkce(integration: Integration) -> frozenset[str]:
    return _anew(integration, pkce=True)


def approve(integration: Integration) -> None:
    """Have the person approve the app, unless a flow before has. Raises Refused."""
    if not integration.has_approval:
        log_in(integration, integration.person, pkce=integration.app.pkce_required)
        integration.has_approval = True


def _approved_before(integration: Integration) -> frozenset[str]:
    session = integration.session(code_challenge_method="S256")
    url, _, asked = integration.approved(session, integration.person, code_verifier=generate_token(_VERIFIER))
    refuse_error(url)
    if asked:
        raise Refused("consent_required", "the user is asked to allow the app once more")
    return frozenset({"no question to the user"})


def has_callback(app: SetUp) -> bool:
    """Whether an app can be answered at all."""
    return bool(app.client.callback_urls)


def refreshes(app: SetUp) -> bool:
    """Whether an app gets refresh tokens."""
    return has_callback(app) and bool(app.client.scopes & REFRESH)


WEB_SERVER = RehearsedFlow(
    id="web-server",
    title="Web server, without PKCE",
    set_up=lambda app: has_callback(app) and not app.client.pkce_required,
    run=_without_pkce,
)
WEB_SERVER_PKCE = RehearsedFlow(
    id="web-server-pkce", title="Web server, with PKCE", set_up=has_callback, run=_with_pkce
)
APPROVAL = RehearsedFlow(
    id="approval",
    title="Web server, approved before the migration",
    set_up=lambda app: has_callback(app) and not app.client.admin_approved,
    run=_approved_before,
    prepare=approve,
)
