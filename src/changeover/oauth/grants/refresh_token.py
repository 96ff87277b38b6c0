"""The refresh token flow, with rotation where the app asks for it.

Source: RFC 6749 section 6, RFC 9700 section 4.14; salesforce-reference 7.3 (rotation; a replay ends the
current token and its access tokens).
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from changeover.oauth import tokens
from changeover.oauth.grants.grant import Grant
from changeover.oauth.issuing import issue, used
from changeover.oauth.refresh_policy import expires_at
from changeover.oauth.refusals import REFRESH_TOKEN_EXPIRED, SCOPE, Refused
from changeover.org.oauth_records import Authorization, Flow


class RefreshToken(Grant, RefreshTokenGrant):
    """Refresh tokens."""

    FLOW = Flow.REFRESH_TOKEN

    def validate_token_request(self) -> None:
        """Find the client and the authorization that its refresh token stands for."""
        self.find_client(lambda client: client.secret_required_for_refresh)
        self._authorization = self._find(self.call.one("refresh_token") or "")
        self._scopes = self._narrowed(self._authorization)

    def _find(self, token: str) -> Authorization:
        client, digest = self.registered.client, tokens.digest(token)
        found = self.unit.oauth.by_refresh(digest)
        if found is None:
            self._end_replayed(digest)
        elif client.holds(found.consumer_key) and found.org_id == self.call.org.org_id:
            expiry = expires_at(client, found, self.unit.now)
            if expiry is None or self.unit.now < expiry:
                return found
        raise Refused(REFRESH_TOKEN_EXPIRED)

    def _end_replayed(self, digest: str) -> None:
        """End what a spent refresh token belonged to: either the client or a thief holds the newer one."""
        stolen = self.unit.oauth.by_spent_refresh(digest)
        if stolen is None or stolen.org_id != self.call.org.org_id:
            return
        if self.registered.client.holds(stolen.consumer_key):
            self.unit.oauth.end(stolen.authorization_id)

    def _narrowed(self, authorization: Authorization) -> frozenset[str]:
        """Return the scopes asked for, at most those that were authorized (RFC 6749 section 6)."""
        held = frozenset(authorization.scopes)
        wanted = frozenset((self.call.one("scope") or "").split())
        if not wanted <= held:
            raise Refused(SCOPE)
        return wanted or held

    def create_token_response(self) -> tuple[int, dict[str, Any], list[Any]]:
        """Issue the token, and another refresh token where the app rotates them."""
        user = self.unit.users.get(self._authorization.user_id)
        if user is None:
            raise Refused(REFRESH_TOKEN_EXPIRED)
        attempt = self.attempt(user, self._scopes)
        authorization = used(attempt, self._authorization)
        fresh = None
        if self.registered.client.rotates_refresh_tokens:
            fresh = tokens.refresh_token()
            self.unit.oauth.rotate(authorization.authorization_id, tokens.digest(fresh), self.unit.now)
        answer = issue(attempt, self.registered, authorization=authorization, refresh_token=fresh)
        return self.respond(attempt, answer)
