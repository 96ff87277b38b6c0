"""The user-agent flow: the browser brings the token."""

from __future__ import annotations

from changeover.org.oauth_records import Flow
from changeover.rehearse.flows.flow import RehearsedFlow
from changeover.rehearse.flows.web_server import has_callback, refuse_error
from changeover.rehearse.integration import Integration

_SEEN = frozenset({Flow.USER_AGENT.value, Flow.USER_AGENT_ID_TOKEN.value})


def _user_agent(integration: Integration) -> frozenset[str]:
    session = integration.session(with_secret=False)
    url, state, _ = integration.approved(session, integration.newcomer, response_type="token")
    refuse_error(url)
    token = session.token_from_fragment(url, state)
    gained = integration.use(session, token)
    integration.revoke(session, token)
    return gained


USER_AGENT = RehearsedFlow(
    id="user-agent",
    title="User-agent",
    # As username and password: only use says who needs it.
    set_up=lambda app: has_callback(app) and bool(app.seen & _SEEN),
    run=_user_agent,
)
