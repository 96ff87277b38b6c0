"""Who uses which app: usage by app and user, tokens, connections."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.org import oauth_records
from changeover.org.lists import AppKind
from changeover.shapes.pages import Page

_Tokens = Annotated[int, Meta(description="How many tokens stand: rows of OauthToken.", ge=0)]
_First = Annotated[datetime | None, Meta(description="When the oldest of them was given.")]
_Count = Annotated[int, Meta(description="How often they were used.", ge=0)]
_Blocked = Annotated[bool, Meta(description="Whether nobody may log in with the app.")]


class AppUsage(Struct, frozen=True, kw_only=True):
    """An app that holds tokens, or is blocked."""

    kind: AppKind
    api_name: str
    label: str
    users: Annotated[int, Meta(description="How many users it holds tokens of.", ge=0)]
    tokens: _Tokens
    first_used_at: _First
    last_used_at: datetime | None
    use_count: _Count
    blocked: _Blocked

    @classmethod
    def of(cls, row: oauth_records.AppUsage) -> Self:
        """Return the shape of an app's usage."""
        return cls(
            kind=row.kind,
            api_name=row.api_name,
            label=row.label,
            users=row.users,
            tokens=row.use.tokens,
            first_used_at=row.use.first_used_at,
            last_used_at=row.use.last_used_at,
            use_count=row.use.use_count,
            blocked=row.blocked,
        )


class AppUsagePage(Page, frozen=True, kw_only=True):
    """One page of the apps of a kind."""

    items: tuple[AppUsage, ...]


class UserUsage(Struct, frozen=True, kw_only=True):
    """A user of an app."""

    username: str
    name: str
    tokens: _Tokens
    first_used_at: _First
    last_used_at: datetime | None
    use_count: _Count

    @classmethod
    def of(cls, row: oauth_records.UserUsage) -> Self:
        """Return the shape of a user's usage."""
        return cls(
            username=row.username,
            name=row.name,
            tokens=row.use.tokens,
            first_used_at=row.use.first_used_at,
            last_used_at=row.use.last_used_at,
            use_count=row.use.use_count,
        )


class UserUsagePage(Page, frozen=True, kw_only=True):
    """One page of the users of an app."""

    items: tuple[UserUsage, ...]


class OauthToken(Struct, frozen=True, kw_only=True):
    """What a user has authorized an app to. Its id names it and opens nothing."""

    token_id: str
    flow: Annotated[str, Meta(description="As Login History spells it.", examples=["OauthWebServer"])]
    scopes: tuple[str, ...]
    first_used_at: datetime
    last_used_at: datetime
    use_count: _Count
    refresh_token: Annotated[bool, Meta(description="Whether a refresh token was given.")]

    @classmethod
    def of(cls, row: oauth_records.Authorization) -> Self:
        """Return the shape of an authorization."""
        return cls(
            token_id=row.authorization_id,
            flow=row.flow.value,
            scopes=row.scopes,
            first_used_at=row.created_at,
            last_used_at=row.last_used_at,
            use_count=row.use_count,
            refresh_token=row.refresh_issued_at is not None,
        )


class Connection(Struct, frozen=True, kw_only=True):
    """An app that a user has approved, or that holds tokens of the user."""

    kind: AppKind
    api_name: str
    label: str
    scopes: Annotated[tuple[str, ...], Meta(description="What the user has approved.")]
    approved_at: Annotated[datetime | None, Meta(description="Null where nobody asked the user.")]
    tokens: _Tokens
    first_used_at: _First
    last_used_at: datetime | None
    use_count: _Count
    blocked: _Blocked

    @classmethod
    def of(cls, row: oauth_records.Connection) -> Self:
        """Return the shape of a connection."""
        return cls(
            kind=row.kind,
            api_name=row.api_name,
            label=row.label,
            scopes=row.scopes,
            approved_at=row.approved_at,
            tokens=row.use.tokens,
            first_used_at=row.use.first_used_at,
            last_used_at=row.use.last_used_at,
            use_count=row.use.use_count,
            blocked=row.blocked,
        )
