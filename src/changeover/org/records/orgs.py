"""The records of an org, of who is in it, and of what happened there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from changeover.apps.document import Leaf
from changeover.org.lists import (
    AuditQuery,
    Page,
)
from changeover.org.model.beside_apps import Briefcase, Delivery, NotificationType
from changeover.org.model.events import AuditEntry
from changeover.org.model.orgs import Org
from changeover.org.model.people import PermissionSet, Profile, Standing, User


class Orgs(Protocol):
    """The orgs of the installation."""

    def get(self, org_id: str) -> Org | None:
        """Return an org."""

    def list(self) -> tuple[Org, ...]:
        """Return all orgs by name."""

    def only(self) -> Org | None:
        """Return the org of an installation that has no other, None in others."""

    def by_domain(self, my_domain: str) -> Org | None:
        """Return an org by its My Domain, without regard to case."""

    def by_short_id(self, short_id: str) -> Org | None:
        """Return an org by the 15 characters with which its id begins."""

    def holding(self, consumer_key: str) -> Org | None:
        """Return the org with an app of a consumer key; None where there is none, or several."""

    def add(self, org: Org) -> None:
        """Add an org."""

    def save(self, org: Org) -> None:
        """Write an org's settings; counts its version."""


class Users(Protocol):
    """Users, profiles and permission sets."""

    def get(self, user_id: str) -> User | None:
        """Return a user by id."""

    def by_username(self, username: str) -> User | None:
        """Return the user who may sign in under a username, whatever the org; no placeholders."""

    def in_org(self, org_id: str, username: str) -> User | None:
        """Return an org's user or placeholder by username."""

    def list(self, org_id: str) -> tuple[User, ...]:
        """Return an org's users by username, placeholders last."""

    def permissions(self, user_id: str) -> frozenset[str]:
        """Return the API names of all permissions that an active user's profile and permission sets hold."""

    def standing(self, user_id: str) -> Standing | None:
        """Return where a user stands, None where there is none of the id who is active."""

    def add(self, user: User, password_hash: str | None) -> None:
        """Add a user. Raises E-NAME-TAKEN."""

    def save(self, user: User) -> None:
        """Write name, email, profile, permission sets, `active` and `placeholder`."""

    def password_hash(self, user_id: str) -> str | None:
        """Return the stored hash."""

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Store a new hash; ends a lock and its count."""

    def failed_sign_ins(self, user_id: str, *, lock: bool = True) -> int:
        """Return how many wrong passwords were given since the last right one. `lock`: till the unit ends."""

    def record_sign_in(self, user_id: str, failed: int, locked_until: datetime | None) -> None:
        """Write the count of wrong passwords and the lock that follows."""

    def with_permission(self, org_id: str, api_name: str) -> tuple[str, ...]:
        """Return the ids of the org's active users who hold a permission."""

    def profiles(self, org_id: str) -> tuple[Profile, ...]:
        """Return an org's profiles by name."""

    def has_profile(self, org_id: str, name: str) -> bool:
        """Whether an org has a profile of a name, without regard to case."""

    def has_permission_set(self, org_id: str, api_name: str) -> bool:
        """Whether an org has a permission set of an API name, without regard to case."""

    def save_profile(self, org_id: str, profile: Profile) -> None:
        """Add a profile or write it anew."""

    def permission_sets(self, org_id: str) -> tuple[PermissionSet, ...]:
        """Return an org's permission sets by API name."""

    def save_permission_set(self, org_id: str, permission_set: PermissionSet) -> None:
        """Add a permission set or write it anew."""


class Audit(Protocol):
    """The Setup Audit Trail. There is no way to change or delete a row."""

    def add(self, org_id: str, entry: AuditEntry) -> None:
        """Append a row; its number is given by the store."""

    def page(self, org_id: str, query: AuditQuery) -> Page[AuditEntry]:
        """Return rows, the newest first."""

    def count(self, org_id: str, event: str) -> int:
        """Return how many rows there are of an event, all of them."""

    def scan(
        self,
        org_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        number: int | None = None,
    ) -> Iterator[AuditEntry]:
        """Yield rows, the newest first, as they are read; both ends of the time belong to it."""


class Notifications(Protocol):
    """Notification types and to which connected apps they are delivered. Rows outlive a migration."""

    def types(self, org_id: str) -> tuple[NotificationType, ...]:
        """Return an org's notification types by API name."""

    def save_type(self, org_id: str, notification_type: NotificationType) -> None:
        """Add a notification type or write it anew."""

    def shown(self, org_id: str) -> Mapping[str, tuple[Delivery, ...]]:
        """Return what is set, by API name of the type; migrated apps are left out."""

    def of_app(self, app_id: str) -> Mapping[str, bool]:
        """Return what is set for an app: API name of the type -> enabled."""

    def set(self, org_id: str, notification_type: str, app_id: str, *, enabled: bool) -> None:
        """Set whether a type is delivered to an app."""


class KeptElements(Protocol):
    """Elements of components that an org does not model, by metadata type and name without regard to case."""

    def of(self, org_id: str, type_name: str, name: str) -> tuple[Leaf, ...]:
        """Return what is kept of a component, in the order in which it was given."""

    def keep(self, org_id: str, type_name: str, name: str, leaves: tuple[Leaf, ...]) -> None:
        """Keep this of a component, and nothing that was kept before."""


class Briefcases(Protocol):
    """Briefcases and their connected apps. Rows outlive a migration."""

    def list(self, org_id: str) -> tuple[Briefcase, ...]:
        """Return an org's briefcases; `apps` leaves migrated apps out."""

    def save(self, org_id: str, briefcase: Briefcase) -> None:
        """Add a briefcase or write label, description and `active` anew; assignments stay."""

    def of_app(self, app_id: str) -> tuple[str, ...]:
        """Return the API names of the briefcases that an app is assigned to, whatever its state."""

    def assign(self, org_id: str, briefcase: str, app_id: str) -> bool:
        """Assign an app; returns whether it was not assigned before."""

    def unassign(self, org_id: str, briefcase: str, app_id: str) -> bool:
        """Take an assignment back; returns whether there was one."""
