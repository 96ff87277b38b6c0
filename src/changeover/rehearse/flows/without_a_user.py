"""Flows without a user before a browser: client credentials, JWT bearer, username and password."""

from __future__ import annotations

from changeover.org.oauth_records import Flow
from changeover.rehearse.flows.flow import RehearsedFlow
from changeover.rehearse.flows.web_server import approve
from changeover.rehearse.integration import Integration


def _client_credentials(integration: Integration) -> frozenset[str]:
    session = integration.session()
    token = session.fetch_token(integration.token_url, grant_type="client_credentials")
    return integration.use(session, token)


def _jwt_bearer(integration: Integration) -> frozenset[str]:
    session = integration.assertion_session(integration.person.username)
    token = session.refresh_token()
    return integration.use(session, token)


def _approve(integration: Integration) -> None:
    """Have the user approve the app, where no admin has: the flow asks for it (salesforce-reference 7.3)."""
    if not integration.app.admin_approved and integration.app.callback_urls:
        approve(integration)


def _username_password(integration: Integration) -> frozenset[str]:
    session = integration.session()
    token = session.fetch_token(
        integration.token_url,
        grant_type="password",
        username=integration.person.username,
        password=integration.person.password,
    )
    return integration.use(session, token)


CLIENT_CREDENTIALS = RehearsedFlow(
    id="client-credentials",
    title="Client credentials",
    set_up=lambda app: app.client.client_credentials,
    run=_client_credentials,
)
JWT_BEARER = RehearsedFlow(
    id="jwt-bearer",
    title="JWT bearer",
    set_up=lambda app: app.client.certificate is not None,
    run=_jwt_bearer,
    prepare=_approve,
)
USERNAME_PASSWORD = RehearsedFlow(
    id="username-password",
    title="Username and password",
    # No setting of an app switches it on: every connected app has it, so only use says who needs it.
    set_up=lambda app: Flow.USERNAME_PASSWORD.value in app.seen,
    run=_username_password,
)
