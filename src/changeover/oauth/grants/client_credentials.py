"""The client credentials flow: the app itself, as its run-as user.

Source: RFC 6749 section 4.4; salesforce-reference 7.3 (no refresh token; full, web and refresh scopes are
dropped; scopes cannot be asked for) and 7.1 (only at My Domain: login.salesforce.com refuses it).
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from changeover.oauth.assertions import SALESFORCE
from changeover.oauth.grants.grant import Grant
from changeover.oauth.issuing import issue
from changeover.oauth.refusals import NO_RUN_AS_USER, NOT_ON_THIS_DOMAIN, Refused
from changeover.org.model.people import User
from changeover.org.oauth_records import Flow

DROPPED = frozenset({"full", "web", "refresh_token", "offline_access"})


class ClientCredentials(Grant, ClientCredentialsGrant):
    """Client credentials."""

    FLOW = Flow.CLIENT_CREDENTIALS

    def validate_token_request(self) -> None:
        """Find the client, which must prove itself here whatever the app says, and its run-as user."""
        found = self.find_client(lambda _client: True)
        self.refuse_flow_off()
        if self.call.base_url in SALESFORCE:
            raise Refused(NOT_ON_THIS_DOMAIN)
        self._user = self._run_as(found.client.run_as)

    def _run_as(self, username: str | None) -> User:
        user = self.unit.users.in_org(self.call.org.org_id, username) if username else None
        if user is None:
            raise Refused(NO_RUN_AS_USER)
        return user

    def create_token_response(self) -> tuple[int, dict[str, Any], list[Any]]:
        """Issue the token."""
        attempt = self.attempt(self._user, self.registered.client.scopes - DROPPED)
        return self.respond(attempt, issue(attempt, self.registered))
