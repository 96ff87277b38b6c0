"""What an org remembers of OAuth: authorizations, tokens, codes. Never the tokens themselves, only digests.

Everything hangs on the consumer key and not on an app: a migration hands the key over, and with it, in the
same transaction, all that was issued under it (decision D-02); a revert hands it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from changeover.org.lists import AppKind


class Flow(StrEnum):
    """How somebody logged in: LoginSubType of Login History (salesforce-reference 8.1)."""

    WEB_SERVER = "OauthWebServer"
    USER_AGENT = "OauthUserAgent"
    USER_AGENT_ID_TOKEN = "OauthUserAgentIdToken"  # noqa: S105 - the name of a flow
    USERNAME_PASSWORD = "OauthUsernamePassword"  # noqa: S105 - the name of a flow
    CLIENT_CREDENTIALS = "OauthClientCredentials"
    REFRESH_TOKEN = "OauthRefreshToken"  # noqa: S105 - the name of a flow
    DEVICE = "OauthDevice"
    SOAP = "SoapLogin"
    """login() of the SOAP API. Login History has no sub-type for it; this one is never shown there."""
    JWT_BEARER = "OauthJwtBearer"
    """No page names a value for this flow: ours."""


NO_APP = ""
"""What stands for a consumer key on a session that was opened with no app: that of SOAP login()."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """How much authorizations were used, over all that are meant."""

    tokens: int
    """How many authorizations stand; Salesforce counts a row of OauthToken for each."""
    first_used_at: datetime | None
    """When the oldest of them was given; None where there is none."""
    last_used_at: datetime | None
    use_count: int


@dataclass(frozen=True, kw_only=True)
class AppUsage:
    """An app that holds authorizations, or is blocked."""

    kind: AppKind
    api_name: str
    label: str
    users: int
    use: Use
    blocked: bool
    built_in: bool = False
    """Whether every org has it without a record: there is no page of such an app."""


@dataclass(frozen=True, kw_only=True)
class UserUsage:
    """A user of an app."""

    user_id: str
    username: str
    name: str
    use: Use


@dataclass(frozen=True, kw_only=True)
class TokenRow:
    """An authorization as a row of Salesforce's OauthToken: it names the app by its label."""

    authorization_id: str
    app_name: str
    user_id: str
    username: str
    created_at: datetime
    last_used_at: datetime
    use_count: int


@dataclass(frozen=True, kw_only=True)
class Connection:
    """An app that a user has approved, or that holds authorizations of the user."""

    consumer_key: str
    kind: AppKind
    api_name: str
    label: str
    scopes: tuple[str, ...]
    """What the user has approved; empty where nobody asked the user."""
    approved_at: datetime | None
    use: Use
    blocked: bool


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """One standing authorization of a consumer by a user: a row of OAuth usage (Salesforce's OauthToken)."""

    authorization_id: str
    org_id: str
    consumer_key: str
    user_id: str
    scopes: tuple[str, ...]
    flow: Flow
    created_at: datetime
    last_used_at: datetime
    use_count: int
    refresh_issued_at: datetime | None
    """When its refresh token was issued; None where it has none."""


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """An access token, opaque or JWT, by its digest."""

    digest: str
    org_id: str
    consumer_key: str
    user_id: str
    scopes: tuple[str, ...]
    flow: Flow
    issued_at: datetime
    expires_at: datetime
    authorization_id: str | None
    """None where the flow leaves no authorization: client credentials."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """An authorization code: good once, for some minutes, for one callback URL."""

    digest: str
    org_id: str
    consumer_key: str
    user_id: str
    scopes: tuple[str, ...]
    callback_url: str
    nonce: str | None
    challenge: str | None
    """PKCE code challenge (S256), None where the client sent none."""
    expires_at: datetime
    auth_time: datetime | None = None
    """When the user gave the password last; None where that is not known."""
    used: bool = False
    authorization_id: str | None = None
    """What it was redeemed for; a second use ends that. None where that has ended."""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """That a user has approved what an app asks for."""

    consumer_key: str
    user_id: str
    scopes: frozenset[str]
    approved_at: datetime


class DeviceState(StrEnum):
    """What became of a device code."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    USED = "used"


@dataclass(frozen=True, kw_only=True)
class DeviceCode:
    """A device that waits for somebody to type its user code."""

    digest: str
    user_code: str
    org_id: str
    consumer_key: str
    scopes: tuple[str, ...]
    expires_at: datetime
    state: DeviceState
    user_id: str | None
    polled_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A key that signs an org's tokens; the private half is sealed in the store."""

    key_id: str
    public_jwk: str
    """JSON."""
    created_at: datetime
