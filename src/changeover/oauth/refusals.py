"""How the OAuth endpoints refuse: in Salesforce's words where they are known, else in those of the RFCs.

Source: salesforce-reference 7.4; RFC 6749 section 5.2. Texts marked there as unsure are marked here too.
"""

from __future__ import annotations

from typing import NamedTuple

from authlib.oauth2 import OAuth2Error

_BAD_REQUEST = 400
_UNAUTHORIZED = 401


class Refusal(NamedTuple):
    """One way to be refused."""

    error: str
    """The `error` parameter."""
    description: str
    """The `error_description` parameter."""
    login_status: str = ""
    """Status in Login History; the description where Salesforce's own words are not known."""
    status: int = _BAD_REQUEST


CLIENT_UNKNOWN = Refusal("invalid_client_id", "client identifier invalid")
CLIENT_UNPROVEN = Refusal("invalid_client", "invalid client credentials")
CLIENT_ASSERTION_INVALID = Refusal("invalid_client", "invalid client assertion")
CLIENT_ASSERTION_AUDIENCE = Refusal("invalid_client", "audience of the client assertion is invalid")
CLIENT_ASSERTION_EXPIRED = Refusal("invalid_client", "expired client assertion")
CLIENT_ASSERTION_REPLAYED = Refusal("invalid_client", "this client assertion was used before")
CLIENT_CERTIFICATE_UNSET = Refusal("invalid_client", "this app has no certificate for digital signatures")
CLIENT_CERTIFICATE_WEAK = Refusal(
    "invalid_client", "the key of this app's certificate has less than 2048 bits"
)
CLIENT_SECRET_UNSET = Refusal(
    "invalid_client", "this app has no consumer secret yet: set it in Setup, or rotate it"
)
APP_BLOCKED = Refusal("OAUTH_APP_BLOCKED", "this app is blocked by admin")
AUTHENTICATION_FAILED = Refusal("invalid_grant", "authentication failure")
# Salesforce says no more than "authentication failure" in all three; what follows is ours (decision
# "A refused username-password login says why").
USERNAME_PASSWORD_NEVER = Refusal(
    "invalid_grant",
    "authentication failure: an external client app cannot use the username-password flow",
    "Username-Password Flow Disabled",
)
USERNAME_PASSWORD_BLOCKED = Refusal(
    "invalid_grant",
    "authentication failure: the username-password flow is blocked in this org",
    "Username-Password Flow Disabled",
)
USERNAME_PASSWORD_ENDED = Refusal(
    "invalid_grant",
    "authentication failure: the username-password flow has ended",
    "Username-Password Flow Disabled",
)
REFRESH_TOKEN_EXPIRED = Refusal("invalid_grant", "expired access/refresh token")
CODE_INVALID = Refusal("invalid_grant", "invalid authorization code")
CODE_EXPIRED = Refusal("invalid_grant", "expired authorization code")
VERIFIER_INVALID = Refusal("invalid_grant", "invalid code verifier")
CHALLENGE_MISSING = Refusal("invalid_request", "missing required code challenge")
CHALLENGE_INVALID = Refusal("invalid_request", "invalid code challenge, or a method other than S256")
CALLBACK_MISMATCH = Refusal("redirect_uri_mismatch", "redirect_uri must match configuration")
ASSERTION_INVALID = Refusal("invalid_grant", "invalid assertion")
ASSERTION_EXPIRED = Refusal("invalid_grant", "expired assertion")
ASSERTION_EARLY = Refusal("invalid_grant", "this assertion is not valid yet")
ASSERTION_REPLAYED = Refusal("invalid_grant", "this assertion was used before")
CERTIFICATE_WEAK = Refusal("invalid_grant", "the key of this app's certificate has less than 2048 bits")
NO_CERTIFICATE = Refusal("invalid_grant", "this app has no certificate for digital signatures")
PARAMETER_REPEATED = Refusal("invalid_request", "a parameter is there more than once")
# RFC 6750 section 2: one way at a time.
TOKEN_REPEATED = Refusal("invalid_request", "the access token is there more than once")
# OpenID Connect Core section 3.1.2.6: what is answered where no page may be shown.
LOGIN_REQUIRED = Refusal("login_required", "the user has to sign in")
CONSENT_REQUIRED = Refusal("consent_required", "the user has to approve the app")
PROMPT_INVALID = Refusal("invalid_request", "prompt=none goes with no other prompt")
MAX_AGE_INVALID = Refusal("invalid_request", "max_age is not a number of seconds")
NONCE_MISSING = Refusal("invalid_request", "missing required parameter: nonce", "Invalid Nonce")
# Reference 7.4: what users report of keys that are another org's.
EXTERNAL_APP_NOT_FOUND = Refusal("OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org")
APP_NOT_INSTALLED = Refusal("invalid_client", "app must be installed into org")
RESPONSE_TYPE_UNSUPPORTED = Refusal("unsupported_response_type", "response type not supported")
TOKEN_MISSING = Refusal("invalid_request", "missing required parameter: token")
# OpenID Connect Core section 3.1.2.6.
REQUEST_UNSUPPORTED = Refusal("request_not_supported", "request objects are not supported")
REQUEST_URI_UNSUPPORTED = Refusal("request_uri_not_supported", "request objects are not supported")
USER_DENIED = Refusal("access_denied", "end-user denied authorization")
NOT_APPROVED = Refusal("invalid_grant", "user hasn't approved this consumer")
AUDIENCE = Refusal("invalid_grant", "audience is invalid")
NOT_ON_THIS_DOMAIN = Refusal("invalid_grant", "request not supported on this domain")
NO_RUN_AS_USER = Refusal("invalid_grant", "no client credentials user enabled")
USER_INACTIVE = Refusal("inactive_user", "user is inactive")
# forceworkbench #772: both texts as seen.
IP_RESTRICTED = Refusal("invalid_grant", "ip restricted", "Restricted IP")
# forcedotcom/cli #3260, at the token endpoint.
NOT_ADMIN_APPROVED = Refusal("invalid_app_access", "user is not admin approved to access this app")
SESSION_LEVEL = Refusal("invalid_grant", "this app needs a high assurance session")
FLOW_OFF = Refusal("invalid_grant", "this flow is not enabled for this app")
DEVICE_FLOW_ONLY_LOCAL = Refusal(
    "invalid_grant",
    "the device flow is limited to local external client apps with a localhost callback",
)
# RFC 8628 section 3.5.
AUTHORIZATION_PENDING = Refusal("authorization_pending", "the user has not answered yet")
SLOW_DOWN = Refusal("slow_down", "polling faster than the interval that was named")
DEVICE_CODE_EXPIRED = Refusal("expired_token", "expired device code")
DEVICE_CODE_INVALID = Refusal("invalid_grant", "invalid device code")
NOT_YET = frozenset({AUTHORIZATION_PENDING, SLOW_DOWN})
"""Answers to a device that waits: no login was refused."""
SCOPE = Refusal("invalid_scope", "the requested scope is not allowed")
SECRET_IN_QUERY = Refusal("invalid_request", "credentials belong in the body or the Authorization header")


NAMES = {each: name.lower() for name, each in tuple(globals().items()) if isinstance(each, Refusal)}
"""The name of each refusal here: its reason code."""


def reason(refusal: Refusal) -> str:
    """Return the reason code of a refusal as the log has it: its name here, or the error of Authlib's own."""
    return NAMES.get(refusal, refusal.error)


class Refused(OAuth2Error):  # noqa: N818 - what happened to a request, as Authlib's errors
    """A request that is refused, on its way through Authlib.

    Args:
        refusal: how.
        basic: whether the client proved itself by HTTP Basic, which RFC 6749 section 5.2 answers with 401.
    """

    def __init__(self, refusal: Refusal, *, basic: bool = False) -> None:
        super().__init__(description=refusal.description, error=refusal.error)
        self.refusal = refusal
        self.status_code = _UNAUTHORIZED if basic else refusal.status

    def get_headers(self) -> list[tuple[str, str]]:
        """Return the headers of the answer."""
        headers: list[tuple[str, str]] = super().get_headers()
        if self.status_code == _UNAUTHORIZED:
            headers.append(("WWW-Authenticate", 'Basic realm="changeover"'))
        return headers
