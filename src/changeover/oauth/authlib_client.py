"""An app as Authlib sees a client."""

from __future__ import annotations

from collections.abc import Collection

from authlib.oauth2.rfc6749 import ClientMixin

from changeover.apps.scopes import SCOPES
from changeover.oauth.client import OauthClient
from changeover.oauth.registry import Registered


class AuthlibClient(ClientMixin):
    """A client of the authorization server; which flows it may use, the grants say themselves."""

    def __init__(self, registered: Registered) -> None:
        self.registered = registered
        self.app: OauthClient = registered.client

    def get_client_id(self) -> str:
        """Return the consumer key."""
        return self.app.client_id

    def get_default_redirect_uri(self) -> None:
        """Return no callback URL: Salesforce wants it named, so nothing is guessed."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return the scopes that are given for those asked for: all of the app's where none are named.

        None where one is asked for that the app does not have: Authlib then answers invalid_scope.
        """
        if not scope:
            return " ".join(sorted(self.app.scopes))
        wanted = frozenset(scope.split())
        return " ".join(sorted(wanted)) if wanted <= covered(self.app.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether a callback URL is the app's, to the letter (RFC 9700 section 2.1)."""
        return redirect_uri in self.app.callback_urls

    def check_client_secret(self, client_secret: str) -> bool:
        """Refuse: secrets are checked by `oauth.proof`, which knows how to refuse."""
        del client_secret
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Let `oauth.proof` decide."""
        del method, endpoint
        return True

    def check_response_type(self, response_type: str) -> bool:
        """Whether the app may use a response type of the authorization endpoint."""
        return response_type == "code" or self.app.user_agent

    def check_grant_type(self, grant_type: str) -> bool:
        """Let the grants decide, which know Salesforce's words for it."""
        del grant_type
        return True


def covered(scopes: Collection[str]) -> frozenset[str]:
    """Return the scopes that may be asked for with those that an app has.

    `full` covers all but refresh tokens (Salesforce Help, OAuth Tokens and Scopes).
    """
    held = frozenset(scopes)
    return held | (_ALL_BUT_REFRESH if "full" in held else frozenset())


REFRESH = frozenset({"refresh_token", "offline_access"})
"""Scopes that ask for a refresh token."""
_ALL_BUT_REFRESH = frozenset(name for scope in SCOPES for name in scope.oauth) - REFRESH
