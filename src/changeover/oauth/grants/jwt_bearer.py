"""The JWT bearer flow: a certificate and a username.

Source: RFC 7523; salesforce-reference 7.3: the user must be pre-authorized, or have approved the app before
with a scope for refresh tokens; scopes cannot be asked for; no refresh token.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc7523 import JWTBearerGrant

from changeover.oauth.assertions import (
    Assertion,
    audiences,
    opened,
    refusal_of,
    refuse_replayed,
    refuse_unsigned,
)
from changeover.oauth.authlib_client import REFRESH
from changeover.oauth.grants.grant import Grant
from changeover.oauth.id_tokens import with_id_token
from changeover.oauth.issuing import issue
from changeover.oauth.proof import refuse_unproven
from changeover.oauth.refusals import (
    AUTHENTICATION_FAILED,
    CLIENT_UNKNOWN,
    NOT_APPROVED,
    Refused,
)
from changeover.oauth.registry import registered
from changeover.org.model.people import User
from changeover.org.oauth_records import Flow


class JwtBearer(Grant, JWTBearerGrant):
    """Signed assertions."""

    FLOW = Flow.JWT_BEARER

    def validate_token_request(self) -> None:
        """Find the client that an assertion names, check its signature and claims, and find the user."""
        assertion = opened(self.call.one("assertion") or "")
        self.request.username = assertion.subject
        found = registered(self.unit, self.call.org.org_id, assertion.issuer)
        if found is None:
            raise Refused(CLIENT_UNKNOWN)
        self.request.registered = self.registered = found
        # Some clients prove themselves a second way; what they bring must then be right.
        refuse_unproven(self.unit, self.call, found, required=False)
        refuse_unsigned(assertion, found.client.certificate)
        refusal = refusal_of(assertion, audiences(self.call), self.unit.now)
        if refusal is not None:
            raise Refused(refusal)
        self._user = self._subject(assertion)
        refuse_replayed(self.unit, self.call, assertion)

    def _subject(self, assertion: Assertion) -> User:
        user = self.unit.users.in_org(self.call.org.org_id, assertion.subject)
        if user is None:
            raise Refused(AUTHENTICATION_FAILED)
        client = self.registered.client
        if not client.admin_approved and not self._approved(client.consumer_key, user):
            raise Refused(NOT_APPROVED)
        return user

    def _approved(self, consumer_key: str, user: User) -> bool:
        """Whether the user has approved the app before with a scope for refresh tokens."""
        approval = self.unit.oauth.approval(self.call.org.org_id, consumer_key, user.user_id)
        return approval is not None and bool(approval.scopes & REFRESH)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[Any]]:
        """Issue the token."""
        attempt = self.attempt(self._user, self.registered.client.scopes - REFRESH)
        return self.respond(attempt, with_id_token(attempt, issue(attempt, self.registered)))
