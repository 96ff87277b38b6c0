"""What all grants of the token endpoint share: Authlib's base, our request, checks, and the login row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from authlib.oauth2.rfc6749 import BaseGrant, OAuth2Request, TokenEndpointMixin

from changeover.oauth.attempt import Attempt, record_login
from changeover.oauth.authlib_client import covered
from changeover.oauth.call import Call
from changeover.oauth.checks import refusal_of
from changeover.oauth.checks.flows import flow_refusal
from changeover.oauth.client import OauthClient
from changeover.oauth.proof import named_client, refuse_unproven
from changeover.oauth.refusals import SCOPE, Refused
from changeover.oauth.registry import Registered, registered
from changeover.org.model.people import User
from changeover.org.oauth_records import Flow
from changeover.org.ports import Unit


class Grant(BaseGrant, TokenEndpointMixin):
    """A flow. Subclasses say which client, which user and which scopes; this class does the rest."""

    FLOW: Flow
    """As Login History names it."""

    request: OAuth2Request
    registered: Registered

    @property
    def call(self) -> Call:
        """The request as it came in."""
        return cast("Call", self.request.call)

    @property
    def unit(self) -> Unit:
        """The transaction."""
        return cast("Unit", self.request.unit)

    def find_client(self, secret_required: Callable[[OauthClient], bool]) -> Registered:
        """Find the client and have it prove itself; remembered for the login row before anything is refused.

        Args:
            secret_required: whether the app's secret is needed for this flow.
        """
        found = named_client(self.unit, self.call)
        self.request.registered = self.registered = found
        refuse_unproven(self.unit, self.call, found, required=secret_required(found.client))
        return found

    def is_own(self, consumer_key: str) -> bool:
        """Whether a code that was given out under a consumer key is the client's.

        The app's credentials may have been rotated since: then the key leads to the same app all the same.
        """
        if self.registered.client.holds(consumer_key):
            return True
        other = registered(self.unit, self.call.org.org_id, consumer_key)
        return other is not None and other.app_id == self.registered.app_id

    def refuse_flow_off(self) -> None:
        """Refuse where the flow is off, before anything is looked for of a user. Raises Refused."""
        refusal = flow_refusal(self.FLOW, self.registered.client, self.call.org, self.unit.today)
        if refusal is not None:
            raise Refused(refusal)

    def attempt(self, user: User, scopes: frozenset[str]) -> Attempt:
        """Return the attempt once all checks have let it pass. Raises Refused.

        What was authorized once is given as far as the app has it now: a scope may have been taken from it,
        also by a revert, since.
        """
        self.request.username = user.username
        client = self.registered.client
        left = scopes & covered(client.scopes)
        if scopes and not left:
            raise Refused(SCOPE)
        attempt = Attempt(
            unit=self.unit, call=self.call, client=client, flow=self.FLOW, user=user, scopes=left
        )
        refusal = refusal_of(attempt)
        if refusal is not None:
            raise Refused(refusal)
        return attempt

    def respond(self, attempt: Attempt, answer: dict[str, Any]) -> tuple[int, dict[str, Any], list[Any]]:
        """Write the login row and return the answer as Authlib wants it."""
        record_login(self.unit, self.call, self.FLOW, client=attempt.client, username=attempt.user.username)
        return 200, answer, self.TOKEN_RESPONSE_HEADER
