"""The username-password flow: of connected apps only, under the org's switch, until 20 February 2027.

Source: RFC 6749 section 4.3; salesforce-reference 4.2, 7.2 and 7.4. The password is checked between two
transactions (`Call.proven_user`), since a check is slow on purpose: the first one finds out whether there is
anything to check, so that nobody has a password hashed whose client or flow is refused.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749.grants import ResourceOwnerPasswordCredentialsGrant

from changeover.oauth.call import PasswordUnchecked
from changeover.oauth.grants.grant import Grant
from changeover.oauth.issuing import issue
from changeover.oauth.refusals import AUTHENTICATION_FAILED, Refused
from changeover.org.oauth_records import Flow


class UsernamePassword(Grant, ResourceOwnerPasswordCredentialsGrant):
    """Usernames and passwords."""

    FLOW = Flow.USERNAME_PASSWORD

    def validate_token_request(self) -> None:
        """Find client and user, and refuse where the flow is off: for the app, the org, or for good."""
        self.request.username = (self.call.one("username") or "").strip()
        self.find_client(lambda client: client.secret_required)
        self.refuse_flow_off()
        if not self.call.password_checked:
            raise PasswordUnchecked
        user = self.unit.users.get(self.call.proven_user) if self.call.proven_user else None
        if user is None or user.org_id != self.call.org.org_id:
            raise Refused(AUTHENTICATION_FAILED)
        self._user = user

    def create_token_response(self) -> tuple[int, dict[str, Any], list[Any]]:
        """Issue the token; Salesforce gives no refresh token for this flow."""
        attempt = self.attempt(self._user, self.registered.client.scopes)
        return self.respond(attempt, issue(attempt, self.registered))
