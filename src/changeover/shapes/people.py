"""Users, what they may do, and their API tokens."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self, TypeAlias

from msgspec import Meta, Struct

from changeover.org import lists, permissions
from changeover.org.model import people

if TYPE_CHECKING:
    PermissionName: TypeAlias = StrEnum
else:
    PermissionName = StrEnum("PermissionName", [(each.name, each.value) for each in permissions.Permission])
    PermissionName.__doc__ = "API name of a user permission."


def permission_names(held: frozenset[permissions.Permission]) -> tuple[PermissionName, ...]:
    """Return the API names of permissions in the order of the catalogue."""
    return tuple(PermissionName(each.value) for each in permissions.Permission if each in held)


class User(Struct, frozen=True, kw_only=True):
    """A user."""

    user_id: str
    username: str
    name: str
    email: str
    profile: Annotated[str | None, Meta(description="Name of the profile; a placeholder has none.")]
    permission_sets: Annotated[tuple[str, ...], Meta(description="API names.")]
    active: bool
    placeholder: Annotated[
        bool, Meta(description="A name that an imported file mentions and the org lacked; it cannot sign in.")
    ]
    locked_until: datetime | None

    @classmethod
    def of(cls, user: people.User) -> Self:
        """Return the shape of a user."""
        return cls(**{name: getattr(user, name) for name in cls.__struct_fields__})


class Profile(Struct, frozen=True, kw_only=True):
    """A profile with its permissions."""

    name: str
    permissions: tuple[PermissionName, ...]
    placeholder: bool

    @classmethod
    def of(cls, profile: people.Profile) -> Self:
        """Return the shape of a profile."""
        return cls(
            name=profile.name,
            permissions=permission_names(profile.permissions),
            placeholder=profile.placeholder,
        )


class PermissionSet(Struct, frozen=True, kw_only=True):
    """A permission set with its permissions."""

    api_name: str
    label: str
    permissions: tuple[PermissionName, ...]
    placeholder: bool

    @classmethod
    def of(cls, permission_set: people.PermissionSet) -> Self:
        """Return the shape of a permission set."""
        return cls(
            api_name=permission_set.api_name,
            label=permission_set.label,
            permissions=permission_names(permission_set.permissions),
            placeholder=permission_set.placeholder,
        )


class AppAccess(Struct, frozen=True, kw_only=True):
    """An app that names a profile or permission set."""

    kind: lists.AppKind
    api_name: str
    label: str
    read_only: Annotated[bool, Meta(description="A connected app that has been migrated.")]
    in_force: Annotated[
        bool, Meta(description="False where the app lets all users authorize themselves anyway.")
    ]

    @classmethod
    def of(cls, access: lists.AppAccess) -> Self:
        """Return the shape of an access."""
        return cls(**{name: getattr(access, name) for name in cls.__struct_fields__})


class ApiToken(Struct, frozen=True, kw_only=True):
    """A personal API token. Its text is shown once, when it is made."""

    token_id: str
    name: str
    created_at: datetime
    expires_at: Annotated[datetime | None, Meta(description="Null where it does not expire.")]
    last_used_at: datetime | None
    revoked: bool

    @classmethod
    def of(cls, token: people.ApiToken) -> Self:
        """Return the shape of a token."""
        return cls(**{name: getattr(token, name) for name in cls.__struct_fields__})


class Session(Struct, frozen=True, kw_only=True):
    """A browser session. Its id names it, and opens nothing."""

    session_id: str
    created_at: datetime
    last_used_at: Annotated[datetime, Meta(description="To the minute or so.")]
    expires_at: Annotated[datetime, Meta(description="When it ends if nobody uses it before.")]
    address: Annotated[str, Meta(description="From where the user signed in, as the server saw it.")]
    browser: Annotated[str, Meta(description="Name and system.", examples=["Firefox on Windows"])]

    @classmethod
    def of(cls, session: people.Session) -> Self:
        """Return the shape of a session."""
        return cls(**{name: getattr(session, name) for name in cls.__struct_fields__})


class NewApiToken(Struct, frozen=True, kw_only=True):
    """A token that was just made, with its text."""

    token: ApiToken
    secret: Annotated[str, Meta(description="Send it as `Authorization: Bearer …`. It is never shown again.")]
