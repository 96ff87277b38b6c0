"""Which flows are on: by the app, by the org, and by the calendar. A new flow is one function and one line.

Source: salesforce-reference 7.2 (who may use which flow) and 4.7 (the dates); Metadata API guide,
OauthOidcSettings (the org's switches).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from changeover.migration.dates import DEVICE_FLOW_LIMITED, USER_AGENT_ENDS, USERNAME_PASSWORD_ENDS
from changeover.oauth.attempt import Attempt
from changeover.oauth.callbacks import parts_of
from changeover.oauth.client import OauthClient
from changeover.oauth.refusals import (
    DEVICE_FLOW_ONLY_LOCAL,
    FLOW_OFF,
    NO_CERTIFICATE,
    USERNAME_PASSWORD_BLOCKED,
    USERNAME_PASSWORD_ENDED,
    USERNAME_PASSWORD_NEVER,
    Refusal,
)
from changeover.org.lists import AppKind
from changeover.org.model.orgs import Org
from changeover.org.oauth_records import Flow

Rule = Callable[[OauthClient, Org, date], Refusal | None]


def flow_on(attempt: Attempt) -> Refusal | None:
    """The flow must be on for the app, in the org, on the day."""
    return flow_refusal(attempt.flow, attempt.client, attempt.call.org, attempt.unit.today)


def flow_refusal(flow: Flow, client: OauthClient, org: Org, today: date) -> Refusal | None:
    """Return why a flow is off, None where it is on; what a grant asks before it knows the user."""
    rule = _RULES.get(flow)
    return rule(client, org, today) if rule is not None else None


def _client_credentials(client: OauthClient, org: Org, today: date) -> Refusal | None:
    del org, today
    return None if client.client_credentials else FLOW_OFF


def _jwt_bearer(client: OauthClient, org: Org, today: date) -> Refusal | None:
    del org, today
    return None if client.certificate else NO_CERTIFICATE


def _username_password(client: OauthClient, org: Org, today: date) -> Refusal | None:
    """Connected apps only, under the org's switch, until 20 February 2027."""
    if not client.username_password:
        return USERNAME_PASSWORD_NEVER
    if org.username_password_blocked:
        return USERNAME_PASSWORD_BLOCKED
    return USERNAME_PASSWORD_ENDED if USERNAME_PASSWORD_ENDS.in_force(today) else None


def _user_agent(client: OauthClient, org: Org, today: date) -> Refusal | None:
    """Connected apps only, under the org's switch, until 20 February 2027."""
    on = client.user_agent and not org.user_agent_blocked
    return None if on and not USER_AGENT_ENDS.in_force(today) else FLOW_OFF


def _device(client: OauthClient, org: Org, today: date) -> Refusal | None:
    """Under the app's switch; from 30 November 2026 local external client apps at localhost only."""
    del org
    if not client.device:
        return FLOW_OFF
    if not DEVICE_FLOW_LIMITED.in_force(today):
        return None
    stays = client.kind is AppKind.EXTERNAL and client.local and _at_localhost(client)
    return None if stays else DEVICE_FLOW_ONLY_LOCAL


def _at_localhost(client: OauthClient) -> bool:
    found = (parts_of(url) for url in client.callback_urls)
    return any(parts is not None and parts.hostname == "localhost" for parts in found)


_RULES: dict[Flow, Rule] = {
    Flow.CLIENT_CREDENTIALS: _client_credentials,
    Flow.JWT_BEARER: _jwt_bearer,
    Flow.USERNAME_PASSWORD: _username_password,
    Flow.USER_AGENT: _user_agent,
    Flow.USER_AGENT_ID_TOKEN: _user_agent,
    Flow.DEVICE: _device,
}
"""A flow that is not here has no switch of its own."""
