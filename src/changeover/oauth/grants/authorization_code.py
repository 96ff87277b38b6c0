"""The web server flow's second half: a code for a token, with PKCE where the first half had it.

Source: RFC 6749 section 4.1.3, RFC 7636, RFC 9700 section 4.5; salesforce-reference 7.2.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant

from changeover.oauth import tokens
from changeover.oauth.authlib_client import REFRESH
from changeover.oauth.grants.grant import Grant
from changeover.oauth.id_tokens import with_id_token
from changeover.oauth.issuing import authorize, issue
from changeover.oauth.pkce import verifier_fits
from changeover.oauth.refusals import (
    CALLBACK_MISMATCH,
    CODE_EXPIRED,
    CODE_INVALID,
    VERIFIER_INVALID,
    Refused,
)
from changeover.org.oauth_records import Code, Flow


class AuthorizationCode(Grant, AuthorizationCodeGrant):
    """Authorization codes."""

    FLOW = Flow.WEB_SERVER

    def validate_token_request(self) -> None:
        """Find the client and its code, and hold the code to what it was given for."""
        self.find_client(lambda client: client.secret_required)
        self._code = self._find(self.call.one("code") or "")

    def _find(self, text: str) -> Code:
        code = self.unit.oauth.code(tokens.digest(text))
        if code is None or not self.is_own(code.consumer_key):
            raise Refused(CODE_INVALID)
        if code.org_id != self.call.org.org_id:
            raise Refused(CODE_INVALID)
        if code.used:
            # Whoever comes second: what the first one got is not to be trusted either.
            if code.authorization_id is not None:
                self.unit.oauth.end(code.authorization_id)
            raise Refused(CODE_INVALID)
        # From here on it is spent, whatever becomes of the request: nobody tries verifiers out.
        self.unit.oauth.redeem_code(code.digest, None)
        if self.unit.now >= code.expires_at:
            raise Refused(CODE_EXPIRED)
        if self.call.one("redirect_uri") != code.callback_url:
            raise Refused(CALLBACK_MISMATCH)
        self._refuse_other_verifier(code)
        return code

    def _refuse_other_verifier(self, code: Code) -> None:
        """Refuse a verifier that does not fit, is missing, or comes without a challenge (a downgrade)."""
        verifier = self.call.one("code_verifier")
        if (verifier is None) != (code.challenge is None):
            raise Refused(VERIFIER_INVALID)
        if (
            verifier is not None
            and code.challenge is not None
            and not verifier_fits(verifier, code.challenge)
        ):
            raise Refused(VERIFIER_INVALID)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[Any]]:
        """Issue the tokens."""
        user = self.unit.users.get(self._code.user_id)
        if user is None:
            raise Refused(CODE_INVALID)
        attempt = self.attempt(user, frozenset(self._code.scopes))
        authorization, refresh = authorize(attempt, with_refresh_token=bool(REFRESH & attempt.scopes))
        self.unit.oauth.redeem_code(self._code.digest, authorization.authorization_id)
        answer = issue(attempt, self.registered, authorization=authorization, refresh_token=refresh)
        return self.respond(
            attempt, with_id_token(attempt, answer, nonce=self._code.nonce, auth_time=self._code.auth_time)
        )
