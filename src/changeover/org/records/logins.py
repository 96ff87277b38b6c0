"""The records of who came in, and with what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from changeover.migration.situation import FlowUse
from changeover.org.lists import (
    LoginQuery,
    Page,
)
from changeover.org.model.events import LoginRow
from changeover.org.model.people import ApiToken, Session, StoredSession, StoredToken
from changeover.org.oauth_records import (
    AccessToken,
    Approval,
    Authorization,
    Code,
    DeviceCode,
    SigningKey,
)


class Logins(Protocol):
    """Login History."""

    def add(self, org_id: str, rows: Iterable[LoginRow]) -> Mapping[str, int]:
        """Add rows that are not there yet; returns how many were new, by application."""

    def record(self, org_id: str, row: LoginRow) -> None:
        """Add a login that has just happened; another one that looks alike does not count as the same."""

    def page(self, org_id: str, query: LoginQuery) -> Page[LoginRow]:
        """Return rows, the newest first."""

    def scan(
        self,
        org_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        usernames: Collection[str] | None = None,
        number: int | None = None,
    ) -> Iterator[tuple[int, LoginRow]]:
        """Yield rows with their numbers, the newest first, as they are read; both ends of the time count."""

    def window(self, org_id: str) -> tuple[datetime, datetime] | None:
        """Return the first and the last login of all rows, None without rows."""

    def labels(self, org_id: str, sub_type: str) -> tuple[str, ...]:
        """Return the labels under which a flow was seen, whether it logged in or was refused."""

    def flows(
        self, org_id: str, application: str, users_of: Collection[str] | None = None
    ) -> tuple[tuple[FlowUse, ...], tuple[FlowUse, ...]]:
        """Return which flows logged in under a label, and which were refused.

        `users_of`: the flows of which it is told who used them; by default all.
        """


class Tokens(Protocol):
    """Personal API tokens, by digest."""

    def add(self, user_id: str, token: ApiToken, digest: str) -> None:
        """Add a token."""

    def list(self, user_id: str) -> tuple[ApiToken, ...]:
        """Return a user's tokens, the newest first."""

    def by_digest(self, digest: str) -> StoredToken | None:
        """Return a token and its user."""

    def revoke(self, user_id: str, token_id: str) -> bool:
        """Revoke a user's token; returns whether there was one to revoke."""

    def revoke_all(self, user_id: str, *, keep: str | None = None) -> int:
        """Revoke all tokens of a user but the one to keep, by id; returns how many there were to revoke."""

    def used(self, token_id: str, at: datetime) -> None:
        """Note when a token was last used."""


class Sessions(Protocol):
    """Browser sessions, by the digest of the id in the cookie. One whose time is over is not there."""

    def by_digest(self, digest: str) -> StoredSession | None:
        """Return a session with its user and its data."""

    def list(self, user_id: str) -> tuple[Session, ...]:
        """Return a user's sessions, the last used first."""

    def add(self, user_id: str, session: Session, digest: str, data: bytes) -> None:
        """Add a session."""

    def use(self, digest: str, data: bytes, expires_at: datetime, *, renewed: str | None = None) -> bool:
        """Write a session's data, last use and end; `renewed` is the digest of its new id.

        Returns False where it has ended: no late answer brings it back.
        """

    def remove(self, digest: str) -> None:
        """End a session by the digest of its id."""

    def end(self, user_id: str, session_id: str) -> bool:
        """End a session of a user; returns whether there was one."""

    def end_all(self, user_id: str, *, keep: str | None = None) -> int:
        """End all sessions of a user but the one to keep, by id; returns how many were alive."""


class OauthRecords(Protocol):
    """What was issued at an org's OAuth endpoints. Tokens are given and asked for by digest."""

    def authorize(self, authorization: Authorization, refresh_digest: str | None) -> None:
        """Add an authorization."""

    def authorization(self, authorization_id: str) -> Authorization | None:
        """Return an authorization."""

    def by_refresh(self, digest: str, *, lock: bool = True) -> Authorization | None:
        """Return the authorization of a refresh token that is good; `lock`: until the unit ends."""

    def by_spent_refresh(self, digest: str) -> Authorization | None:
        """Return the authorization whose refresh token this was before it was rotated."""

    def rotate(self, authorization_id: str, refresh_digest: str, issued_at: datetime) -> None:
        """Give an authorization another refresh token; the one it had is remembered as spent."""

    def used(self, authorization_id: str, at: datetime) -> None:
        """Count a use of an authorization."""

    def authorizations(
        self, org_id: str, *, consumer_key: str | None = None, user_id: str | None = None
    ) -> tuple[Authorization, ...]:
        """Return authorizations, the longest unused first."""

    def scan(self, org_id: str, *, user_id: str | None = None) -> Iterator[Authorization]:
        """Yield authorizations by id, as they are read: of all users, or of one."""

    def end(self, authorization_id: str) -> None:
        """End an authorization with its refresh and access tokens."""

    def end_consumer(self, org_id: str, consumer_key: str) -> int:
        """End everything that was issued under a consumer key; returns how many authorizations that were."""

    def move_consumer(self, org_id: str, old: str, new: str) -> None:
        """Hand tokens and approvals of a consumer key over to another one; codes live for minutes only."""

    def issue(self, token: AccessToken) -> None:
        """Add an access token."""

    def access_token(self, digest: str) -> AccessToken | None:
        """Return an access token, expired ones too."""

    def org_of(self, digest: str) -> str | None:
        """Return the org in which a refresh token, a code or a device code was issued."""

    def end_access_token(self, digest: str) -> None:
        """End one access token."""

    def add_code(self, code: Code) -> None:
        """Add an authorization code."""

    def code(self, digest: str) -> Code | None:
        """Return a code, used and expired ones too, locked until the unit ends."""

    def redeem_code(self, digest: str, authorization_id: str | None) -> None:
        """Remember that a code was used, and what it was redeemed for."""

    def approval(self, org_id: str, consumer_key: str, user_id: str) -> Approval | None:
        """Return what a user has approved of an app."""

    def approve(self, org_id: str, approval: Approval) -> None:
        """Remember an approval; further scopes are added to those that were approved before."""

    def add_device_code(self, code: DeviceCode) -> None:
        """Add a device code."""

    def device_code(self, digest: str) -> DeviceCode | None:
        """Return a device code by its digest, locked until the unit ends."""

    def by_user_code(self, org_id: str, user_code: str) -> DeviceCode | None:
        """Return the device code that waits under a user code, locked until the unit ends."""

    def save_device_code(self, code: DeviceCode) -> None:
        """Write state, user and last poll."""

    def spend_assertion(self, org_id: str, consumer_key: str, jti: str, expires_at: datetime) -> bool:
        """Remember a JWT's id until it expires; False where it was there already."""

    def signing_key(self, org_id: str) -> tuple[SigningKey, str] | None:
        """Return the newest signing key with its private JWK (JSON), None where the org has none yet."""

    def signing_keys(self, org_id: str) -> tuple[SigningKey, ...]:
        """Return an org's signing keys, the newest first."""

    def add_signing_key(self, org_id: str, key: SigningKey, private_jwk: str) -> None:
        """Add a signing key; the private half is sealed."""

    def forget_expired(self, now: datetime, most: int) -> bool:
        """Delete access tokens, codes and assertions whose time has been over for a day, so many of each.

        Returns whether there may be more.
        """
