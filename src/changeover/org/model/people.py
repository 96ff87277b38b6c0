"""Users, what they may do, and their sessions and tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from changeover.org.permissions import Permission


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A profile. A placeholder is a name that an imported file mentions and the org lacked."""

    profile_id: str
    name: str
    permissions: frozenset[Permission]
    placeholder: bool = False


@dataclass(frozen=True, kw_only=True)
class PermissionSet:
    """A permission set; `api_name` is what apps name it by."""

    permission_set_id: str
    api_name: str
    label: str
    permissions: frozenset[Permission]
    placeholder: bool = False


@dataclass(frozen=True, kw_only=True)
class User:
    """A user. The username is unique over all orgs; a placeholder is nobody and cannot sign in."""

    user_id: str
    org_id: str
    username: str
    name: str
    email: str
    profile: str | None
    """Name of the profile; a placeholder has none."""
    permission_sets: tuple[str, ...]
    """API names."""
    active: bool = True
    placeholder: bool = False
    locked_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an active user stands: in which org, and with which permissions."""

    org_id: str
    permissions: frozenset[str]
    """API names of all that profile and permission sets hold."""


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A personal API token; only its digest is stored."""

    token_id: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked: bool


@dataclass(frozen=True, kw_only=True)
class StoredToken:
    """A token as it is looked up by digest."""

    token: ApiToken
    user_id: str


@dataclass(frozen=True, kw_only=True)
class Session:
    """A browser session as its user sees it."""

    session_id: str
    """Names it and opens nothing: of the id in the cookie only a digest is stored."""
    created_at: datetime
    last_used_at: datetime
    """To the minute or so: each note is a write."""
    expires_at: datetime
    """When it ends if nobody uses it before."""
    address: str
    """From where the user signed in, as the server saw it: behind a proxy, the proxy's."""
    browser: str
    """Name and system as the browser told them: `Firefox on Windows`."""


@dataclass(frozen=True, kw_only=True)
class StoredSession:
    """A session as it is looked up by digest."""

    session: Session
    user_id: str
    data: bytes
