"""What is rehearsed: the apps and people of an org, or of files, as the copy needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.org.model.orgs import Org
from changeover.org.model.people import PermissionSet, Profile, User
from changeover.rehearse.addresses import SeenFrom


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """Why an app cannot be migrated, and so not be rehearsed; nothing to do with a block in OAuth usage."""

    reason: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class SourceApp:
    """A connected app to rehearse."""

    app: ConnectedApp
    path: str
    """The file; of an org, where it came from."""
    seen: frozenset[str] = frozenset()
    """Flows that Login History has seen it log in with: `OauthUsernamePassword`."""
    users: tuple[str, ...] = ()
    """Usernames that were seen to log in with it, the last one first."""
    seen_from: tuple[SeenFrom, ...] = ()
    """From where they logged in, the last one first."""
    discreet: bool = False
    """Whether others read the table who may not look at Login History."""
    references: tuple[Reference, ...] = ()
    """Places in other files that name it."""
    blocked: Blocked | None = None
    external: ExternalClientApp | None = None
    """Its external client app as it is now, where it is migrated already; no secret is in it."""
    secret_rotated: bool = False
    """Whether the external client app has another secret than at migration."""
    is_blocked: bool = False
    """Whether the app is blocked for all users, in OAuth usage."""
    notes: tuple[str, ...] = ()
    """What the source does not tell of it."""


@dataclass(frozen=True, kw_only=True)
class People:
    """Who is in an org."""

    profiles: tuple[Profile, ...] = ()
    permission_sets: tuple[PermissionSet, ...] = ()
    users: tuple[User, ...] = ()


class Source(Protocol):
    """An org or a project of files."""

    @property
    def name(self) -> str:
        """How it is called: the org's name, the path."""

    @property
    def org(self) -> Org:
        """Edition and switches that the copy takes over. Id and domain are the copy's own for files."""

    @property
    def people(self) -> People:
        """Who is in it; nobody where files do not tell."""

    def apps(self) -> Iterator[SourceApp]:
        """Yield the apps one by one."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A user of the copy with the password that was made for it; `repr` leaves that out."""

    username: str
    password: str = field(repr=False)


Logins = Mapping[str, Login]
