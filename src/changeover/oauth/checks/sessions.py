"""Checks of the session."""

from __future__ import annotations

from changeover.oauth.attempt import Attempt
from changeover.oauth.refusals import SESSION_LEVEL, Refusal
from changeover.org.oauth_records import Flow

WITH_A_PAGE = frozenset({Flow.WEB_SERVER, Flow.USER_AGENT, Flow.USER_AGENT_ID_TOKEN, Flow.REFRESH_TOKEN})


def session_level(attempt: Attempt) -> Refusal | None:
    """An app that asks for high assurance blocks, or raises the level, where there is a page to raise it on.

    Flows without one (JWT bearer, client credentials, username-password, device) are blocked either way. A
    local org raises the level with the password that the approval page asks for. Source: Metadata API guide,
    ConnectedAppSessionPolicy (salesforce-reference 1.3).
    """
    client = attempt.client
    if not client.high_assurance:
        return None
    if not client.high_assurance_blocks and attempt.flow in WITH_A_PAGE:
        return None
    return SESSION_LEVEL
