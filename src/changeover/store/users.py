"""Users, profiles and permission sets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    Connection,
    Insert,
    RowMapping,
    Update,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.model.people import PermissionSet, Profile, Standing, User
from changeover.org.permissions import BY_API_NAME, Permission
from changeover.store.failing import is_taken
from changeover.store.prepared import Prepared, Question, Remembered, Row
from changeover.store.rows import folded
from changeover.store.schema.orgs import permission_set, permission_set_assignment, profile
from changeover.store.schema.orgs import user as table
from changeover.store.types import storable


def _known(names: list[str]) -> frozenset[Permission]:
    return frozenset(BY_API_NAME[name] for name in names if name in BY_API_NAME)


def _names(permissions: frozenset[Permission]) -> list[str]:
    return sorted(permission.value for permission in permissions)


# Built once: every act asks these.
_USER = select(*table.c, profile.c.name.label("profile")).select_from(table.outerjoin(profile))
_COLUMNS = ("id", "org_id", "username", "name", "email", "active", "placeholder", "locked_until")
"""What a `User` is made of: no password hash."""
# A row for each permission set, by API name; one for who has none.
_WITH_SETS = (
    select(
        *(table.c[name] for name in _COLUMNS),
        profile.c.name.label("profile"),
        permission_set.c.api_name.label("permission_set"),
    )
    .select_from(
        table.outerjoin(profile)
        .outerjoin(permission_set_assignment, permission_set_assignment.c.user_id == table.c.id)
        .outerjoin(permission_set, permission_set.c.id == permission_set_assignment.c.permission_set_id)
    )
    .order_by(permission_set.c.api_name_folded)
)


def _user(row: Row | RowMapping, sets: tuple[str, ...]) -> User:
    return User(
        user_id=row["id"],
        org_id=row["org_id"],
        username=row["username"],
        name=row["name"],
        email=row["email"],
        profile=row["profile"],
        permission_sets=sets,
        active=row["active"],
        placeholder=row["placeholder"],
        locked_until=row["locked_until"],
    )


def _with_sets(rows: Sequence[Row]) -> User | None:
    if not rows:
        return None
    names = (row["permission_set"] for row in rows)
    return _user(rows[0], tuple(name for name in names if name is not None))


_BY_ID = Remembered(_WITH_SETS.where(table.c.id == bindparam("user")), _with_sets)
# In the very words of the index, or SQLite does not see that it may use it.
_REAL = text("NOT user_account.placeholder")
_NAMED = table.c.username_folded == bindparam("name")
_BY_USERNAME = Remembered(_WITH_SETS.where(_NAMED, _REAL), _with_sets)
_IN_ORG = Remembered(_WITH_SETS.where(_NAMED, table.c.org_id == bindparam("org")), _with_sets)
_PROFILE = Prepared(
    select(profile.c.id).where(
        profile.c.org_id == bindparam("org"), profile.c.name_folded == bindparam("name")
    )
)
_PERMISSION_SET = Prepared(
    select(permission_set.c.id).where(
        permission_set.c.org_id == bindparam("org"), permission_set.c.api_name_folded == bindparam("name")
    )
)
_ALIVE = (table.c.id == bindparam("user"), table.c.active, ~table.c.placeholder)
_STANDING = Prepared(
    # A row in any case, also for a user without a profile.
    select(table.c.org_id, profile.c.permissions)
    .select_from(table.outerjoin(profile))
    .where(*_ALIVE)
    .union_all(
        select(table.c.org_id, permission_set.c.permissions)
        .select_from(permission_set.join(permission_set_assignment).join(table))
        .where(*_ALIVE)
    )
)


def _taken(user: User) -> ChangeoverError:
    message = f"The username {user.username} is taken; usernames are unique over all orgs."
    return ChangeoverError(errors.NAME_TAKEN, message)


class SqlUsers:
    """The users of all orgs."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    # --- users ------------------------------------------------------------------------------------------

    def get(self, user_id: str) -> User | None:
        """Return a user by id."""
        return _BY_ID.find(self._connection, {"user": user_id})

    def by_username(self, username: str) -> User | None:
        """Return the user who may sign in under a username, whatever the org; no placeholders."""
        if not storable(username):
            # Anybody may try to sign in with anything, and is told only that it does not go together.
            return None
        return _BY_USERNAME.find(self._connection, {"name": folded(username)})

    def in_org(self, org_id: str, username: str) -> User | None:
        """Return an org's user or placeholder by username."""
        return _IN_ORG.find(self._connection, {"name": folded(username), "org": org_id})

    def list(self, org_id: str) -> tuple[User, ...]:
        """Return an org's users by username, placeholders last."""
        assigned: dict[str, list[str]] = {}
        pairs = (
            select(permission_set_assignment.c.user_id, permission_set.c.api_name)
            .select_from(permission_set_assignment.join(permission_set).join(table))
            .where(table.c.org_id == org_id)
            .order_by(permission_set.c.api_name_folded)
        )
        for user_id, api_name in self._connection.execute(pairs):
            assigned.setdefault(user_id, []).append(api_name)
        query = _USER.where(table.c.org_id == org_id)
        rows = self._connection.execute(query.order_by(table.c.placeholder, table.c.username_folded))
        return tuple(_user(row, tuple(assigned.get(row["id"], ()))) for row in rows.mappings())

    def permissions(self, user_id: str) -> frozenset[str]:
        """Return the API names of all permissions that an active user's profile and permission sets hold."""
        standing = self.standing(user_id)
        return standing.permissions if standing is not None else frozenset()

    def standing(self, user_id: str) -> Standing | None:
        """Return where a user stands, None where there is none of the id who is active."""
        held = self.standing_of(user_id).all(self._connection)
        if not held:
            return None
        names = frozenset(name for row in held for name in row["permissions"] or ())
        return Standing(org_id=held[0]["org_id"], permissions=names)

    @staticmethod
    def standing_of(user_id: str) -> Question:
        """Return what `standing` asks."""
        return Question(_STANDING, {"user": user_id})

    def with_permission(self, org_id: str, api_name: str) -> tuple[str, ...]:
        """Return the ids of the org's active users who hold a permission, the eldest user first."""
        query = select(table.c.id).where(table.c.org_id == org_id, table.c.active, ~table.c.placeholder)
        ids = self._connection.execute(query.order_by(table.c.created_at, table.c.id)).scalars().all()
        return tuple(user_id for user_id in ids if api_name in self.permissions(user_id))

    def add(self, user: User, password_hash: str | None) -> None:
        """Add a user. Raises E-NAME-TAKEN."""
        self._refuse_taken(user)
        self._write(
            user,
            insert(table).values(
                id=user.user_id,
                org_id=user.org_id,
                username=user.username,
                username_folded=folded(user.username),
                password_hash=password_hash,
                created_at=self._now,
                **self._values(user),
            ),
        )
        self._assign(user)

    def save(self, user: User) -> None:
        """Write name, email, profile, permission sets, `active` and `placeholder`. Raises E-NAME-TAKEN."""
        self._refuse_taken(user)
        self._write(user, update(table).where(table.c.id == user.user_id).values(**self._values(user)))
        self._assign(user)

    def _write(self, user: User, statement: Insert | Update) -> None:
        try:
            self._connection.execute(statement)
        except IntegrityError as error:
            if not is_taken(error):
                raise
            # Another org gave the name away since it was looked for.
            raise _taken(user) from error

    def _refuse_taken(self, user: User) -> None:
        same = table.c.username_folded == folded(user.username)
        query = select(table.c.org_id, table.c.placeholder).where(same, table.c.id != user.user_id)
        for org_id, placeholder in self._connection.execute(query):
            if org_id == user.org_id or not (placeholder or user.placeholder):
                raise _taken(user)

    def _values(self, user: User) -> dict[str, object]:
        profile_id = None
        if user.profile is not None:
            named = profile.c.name_folded == folded(user.profile)
            query = select(profile.c.id).where(profile.c.org_id == user.org_id, named)
            profile_id = self._connection.execute(query).scalar_one()
        return {
            "name": user.name,
            "email": user.email,
            "profile_id": profile_id,
            "active": user.active,
            "placeholder": user.placeholder,
        }

    def _assign(self, user: User) -> None:
        mine = permission_set_assignment.c.user_id == user.user_id
        self._connection.execute(delete(permission_set_assignment).where(mine))
        names = [folded(name) for name in user.permission_sets]
        if not names:
            return
        query = select(permission_set.c.id).where(
            permission_set.c.org_id == user.org_id, permission_set.c.api_name_folded.in_(names)
        )
        rows = [
            {"user_id": user.user_id, "permission_set_id": set_id}
            for set_id in self._connection.execute(query).scalars()
        ]
        self._connection.execute(insert(permission_set_assignment), rows)

    # --- passwords --------------------------------------------------------------------------------------

    def password_hash(self, user_id: str) -> str | None:
        """Return the stored hash."""
        query = select(table.c.password_hash).where(table.c.id == user_id)
        found: str | None = self._connection.execute(query).scalar_one_or_none()
        return found

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Store a new hash; ends a lock and its count."""
        values = {"password_hash": password_hash, "failed_sign_ins": 0, "locked_until": None}
        self._connection.execute(update(table).where(table.c.id == user_id).values(**values))

    def failed_sign_ins(self, user_id: str, *, lock: bool = True) -> int:
        """Return how many wrong passwords were given since the last right one. `lock`: till the unit ends."""
        query = select(table.c.failed_sign_ins).where(table.c.id == user_id)
        count: int = self._connection.execute(query.with_for_update() if lock else query).scalar_one()
        return count

    def record_sign_in(self, user_id: str, failed: int, locked_until: datetime | None) -> None:
        """Write the count of wrong passwords and the lock that follows."""
        values = {"failed_sign_ins": failed, "locked_until": locked_until}
        self._connection.execute(update(table).where(table.c.id == user_id).values(**values))

    # --- profiles and permission sets ---------------------------------------------------------------------

    def profiles(self, org_id: str) -> tuple[Profile, ...]:
        """Return an org's profiles by name."""
        query = select(profile).where(profile.c.org_id == org_id).order_by(profile.c.name_folded)
        return tuple(
            Profile(
                profile_id=row["id"],
                name=row["name"],
                permissions=_known(row["permissions"]),
                placeholder=row["placeholder"],
            )
            for row in self._connection.execute(query).mappings()
        )

    def has_profile(self, org_id: str, name: str) -> bool:
        """Whether an org has a profile of a name, without regard to case."""
        return _PROFILE.one(self._connection, {"org": org_id, "name": folded(name)}) is not None

    def has_permission_set(self, org_id: str, api_name: str) -> bool:
        """Whether an org has a permission set of an API name, without regard to case."""
        return _PERMISSION_SET.one(self._connection, {"org": org_id, "name": folded(api_name)}) is not None

    def save_profile(self, org_id: str, given: Profile) -> None:
        """Add a profile or write it anew. Raises E-NAME-TAKEN."""
        values = {
            "name": given.name,
            "name_folded": folded(given.name),
            "permissions": _names(given.permissions),
            "placeholder": given.placeholder,
        }
        try:
            written = self._connection.execute(
                update(profile)
                .where(profile.c.id == given.profile_id, profile.c.org_id == org_id)
                .values(**values)
            )
            if not written.rowcount:
                self._connection.execute(insert(profile).values(id=given.profile_id, org_id=org_id, **values))
        except IntegrityError as error:
            message = f"Another profile has the name “{given.name}”."
            raise ChangeoverError(errors.NAME_TAKEN, message) from error

    def permission_sets(self, org_id: str) -> tuple[PermissionSet, ...]:
        """Return an org's permission sets by API name."""
        query = select(permission_set).where(permission_set.c.org_id == org_id)
        return tuple(
            PermissionSet(
                permission_set_id=row["id"],
                api_name=row["api_name"],
                label=row["label"],
                permissions=_known(row["permissions"]),
                placeholder=row["placeholder"],
            )
            for row in self._connection.execute(query.order_by(permission_set.c.api_name_folded)).mappings()
        )

    def save_permission_set(self, org_id: str, given: PermissionSet) -> None:
        """Add a permission set or write it anew. Raises E-NAME-TAKEN."""
        values = {
            "api_name": given.api_name,
            "api_name_folded": folded(given.api_name),
            "label": given.label,
            "permissions": _names(given.permissions),
            "placeholder": given.placeholder,
        }
        same = (permission_set.c.id == given.permission_set_id, permission_set.c.org_id == org_id)
        try:
            written = self._connection.execute(update(permission_set).where(*same).values(**values))
            if not written.rowcount:
                self._connection.execute(
                    insert(permission_set).values(id=given.permission_set_id, org_id=org_id, **values)
                )
        except IntegrityError as error:
            message = f"Another permission set has the API name “{given.api_name}”."
            raise ChangeoverError(errors.NAME_TAKEN, message) from error
