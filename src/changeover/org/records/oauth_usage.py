"""The records of who uses which app, and of which consumers are blocked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from changeover.migration.situation import TokenEvidence
from changeover.org.lists import AppKind, Page, UsageQuery
from changeover.org.oauth_records import AppUsage, Connection, TokenRow, UserUsage


class OauthUsage(Protocol):
    """What stands of authorizations, counted; and blocks. Both hang on the consumer key."""

    def apps(self, org_id: str, kind: AppKind, query: UsageQuery) -> Page[AppUsage]:
        """Return the apps of a kind that hold authorizations or are blocked.

        A migrated connected app is not among them: what it had is its external client app's.
        """

    def users(self, org_id: str, consumer_key: str, query: UsageQuery) -> Page[UserUsage]:
        """Return the users who have authorized a consumer."""

    def connections(self, org_id: str, user_id: str) -> tuple[Connection, ...]:
        """Return the apps that a user has approved or authorized, in the order of their labels."""

    def tokens(self, org_id: str) -> Iterator[TokenRow]:
        """Yield every authorization under its app's label, by app and user."""

    def evidence(self, org_id: str, label: str) -> TokenEvidence | None:
        """Return what the tokens under a label tell; None where the org has no token at all."""

    def end_user(self, org_id: str, consumer_key: str, user_id: str) -> int:
        """End all that a consumer holds of a user, the approval too; returns how many authorizations."""

    def end_access(self, org_id: str, consumer_key: str) -> None:
        """End access tokens and codes of a consumer; authorizations and approvals stay."""

    def block(self, org_id: str, consumer_key: str, at: datetime, by: str) -> None:
        """Block a consumer; one that is blocked stays so."""

    def unblock(self, org_id: str, consumer_key: str) -> bool:
        """Let a consumer in again; returns whether it was blocked."""

    def blocked(self, org_id: str, consumer_key: str) -> bool:
        """Whether a consumer is blocked."""
