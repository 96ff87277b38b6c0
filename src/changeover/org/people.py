"""Users: list, create, edit, give and take permission sets."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.act import act, require
from changeover.org.model.orgs import Actor
from changeover.org.model.people import PermissionSet, Profile, User
from changeover.org.own import own_user
from changeover.org.permissions import SETUP, USERS, Permission
from changeover.org.ports import Unit, Units
from changeover.org.values import refuse, required, shown


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """What a new user needs."""

    username: str
    name: str
    email: str
    profile: str


@act(SETUP, "look at users")
def list_users(unit: Unit, actor: Actor) -> tuple[User, ...]:
    """Return the org's users, placeholders last."""
    return unit.users.list(actor.org_id)


@act(SETUP, "look at users")
def view_user(unit: Unit, actor: Actor, username: str) -> User:
    """Return a user. Raises E-RECORD-NOT-FOUND."""
    return own_user(unit, actor, username)


def create_user(units: Units, actor: Actor, given: NewUser) -> str:
    """Create a user and return the generated password, which is shown once.

    A placeholder of the username becomes this user: what names it then means somebody.

    Raises:
        ChangeoverError: E-NAME-TAKEN, E-VALUE-REFUSED, E-RECORD-NOT-FOUND for an unknown profile.
    """
    with units.read() as unit:
        require(unit, actor, USERS, "create users")
        password = unit.ids.password()
    hashed = units.passwords.hash(password)
    with units.unit() as unit:
        _add_user(unit, actor, given, hashed)
    return password


@act(USERS, "create users")
def _add_user(unit: Unit, actor: Actor, given: NewUser, hashed: str) -> None:
    username = checked_username(given.username)
    there = unit.users.in_org(actor.org_id, username)
    user = User(
        user_id=there.user_id if there is not None and there.placeholder else unit.ids.record("005"),
        org_id=actor.org_id,
        username=username,
        name=required("name", given.name),
        email=required("email", given.email),
        profile=_profile(unit, actor, given.profile).name,
        permission_sets=(),
    )
    if there is not None and there.placeholder:
        unit.users.save(user)
        unit.users.set_password(user.user_id, hashed)
    else:
        unit.users.add(user, hashed)
    text = f"Created the user {user.username}."
    audit.record(unit, actor, audit.Event.USER_CREATED, user.username, text, after=_told(user))


def checked_username(username: str) -> str:
    """Return a username of the form of an email address, which need not exist. Raises E-VALUE-REFUSED."""
    name = required("username", username, longest=80)
    local, _, domain = name.partition("@")
    if not local or "." not in domain or any(char.isspace() for char in name):
        raise refuse("username", "it has the form of an email address, such as ada@example.com.")
    return name


def _profile(unit: Unit, actor: Actor, name: str) -> Profile:
    for profile in unit.users.profiles(actor.org_id):
        if profile.name.casefold() == name.casefold():
            if profile.placeholder:
                message = (
                    f"The profile “{shown(name)}” is a placeholder for a name that an imported file mentions."
                )
                raise ChangeoverError(errors.PLACEHOLDER, message)
            return profile
    raise ChangeoverError(errors.RECORD_NOT_FOUND, f"This org has no profile “{shown(name)}”.")


def _permission_set(unit: Unit, actor: Actor, api_name: str) -> PermissionSet:
    for found in unit.users.permission_sets(actor.org_id):
        if found.api_name.casefold() == api_name.casefold():
            if found.placeholder:
                message = (
                    f"The permission set “{shown(api_name)}” is a placeholder: it holds nothing to assign."
                )
                raise ChangeoverError(errors.PLACEHOLDER, message)
            return found
    message = f"This org has no permission set “{shown(api_name)}”."
    raise ChangeoverError(errors.RECORD_NOT_FOUND, message)


def _told(user: User) -> dict[str, Any]:
    told = asdict(user)
    return {name: told[name] for name in ("name", "email", "profile", "permission_sets", "active")}


def _real_user(unit: Unit, actor: Actor, username: str) -> User:
    user = own_user(unit, actor, username)
    if user.placeholder:
        message = f"{shown(username)} is a placeholder for a name that an imported file mentions."
        raise ChangeoverError(errors.PLACEHOLDER, message)
    return user


@act(USERS, "edit users")
def edit_user(
    unit: Unit,
    actor: Actor,
    username: str,
    *,
    name: str | None = None,
    email: str | None = None,
    profile: str | None = None,
    active: bool | None = None,
) -> User:
    """Change a user; None leaves a field as it is.

    A deactivated user is refused at the next act, and all browser sessions end: who is active again signs in
    anew. API tokens stay, and are good again once the user is active.

    Raises:
        ChangeoverError: E-RECORD-NOT-FOUND, E-PLACEHOLDER, E-VALUE-REFUSED, E-LAST-ADMINISTRATOR.
    """
    user = _real_user(unit, actor, username)
    edited = replace(
        user,
        name=user.name if name is None else required("name", name),
        email=user.email if email is None else required("email", email),
        profile=user.profile if profile is None else _profile(unit, actor, profile).name,
        active=user.active if active is None else active,
    )
    if edited == user:
        return user
    unit.users.save(edited)
    if not edited.active:
        unit.sessions.end_all(user.user_id)
    refuse_without_administrator(unit, actor)
    text = f"Changed the user {user.username}."
    before, after = _told(user), _told(edited)
    audit.record(unit, actor, audit.Event.USER_EDITED, user.username, text, before=before, after=after)
    return edited


def refuse_without_administrator(unit: Unit, actor: Actor) -> None:
    """Refuse a change after which nobody could manage the org's users. Raises E-LAST-ADMINISTRATOR."""
    if not unit.users.with_permission(actor.org_id, Permission.MANAGE_USERS.value):
        message = "After this change no active user of the org could manage users any more."
        raise ChangeoverError(errors.LAST_ADMINISTRATOR, message)


@act(USERS, "assign permission sets")
def assign_permission_set(unit: Unit, actor: Actor, username: str, permission_set: str) -> User:
    """Assign a permission set. Raises E-RECORD-NOT-FOUND, E-PLACEHOLDER."""
    user = _real_user(unit, actor, username)
    found = _permission_set(unit, actor, permission_set)
    if found.api_name in user.permission_sets:
        return user
    edited = replace(user, permission_sets=tuple(sorted((*user.permission_sets, found.api_name))))
    unit.users.save(edited)
    text = f"Assigned the permission set {found.label} to {user.username}."
    event, after = audit.Event.USER_PERMISSION_SET_ASSIGNED, {"permission_set": found.api_name}
    audit.record(unit, actor, event, user.username, text, after=after)
    return own_user(unit, actor, username)


@act(USERS, "take permission sets back")
def unassign_permission_set(unit: Unit, actor: Actor, username: str, permission_set: str) -> User:
    """Take a permission set back. Raises E-RECORD-NOT-FOUND, E-PLACEHOLDER, E-LAST-ADMINISTRATOR."""
    user = _real_user(unit, actor, username)
    found = _permission_set(unit, actor, permission_set)
    if found.api_name not in user.permission_sets:
        return user
    left = tuple(name for name in user.permission_sets if name != found.api_name)
    unit.users.save(replace(user, permission_sets=left))
    refuse_without_administrator(unit, actor)
    text = f"Took the permission set {found.label} back from {user.username}."
    event, before = audit.Event.USER_PERMISSION_SET_UNASSIGNED, {"permission_set": found.api_name}
    audit.record(unit, actor, event, user.username, text, before=before)
    return own_user(unit, actor, username)


def reset_password(units: Units, actor: Actor, username: str) -> str:
    """Give a user a generated password, shown once; it ends a lock and all browser sessions of the user.

    Raises:
        ChangeoverError: E-RECORD-NOT-FOUND, E-PLACEHOLDER.
    """
    with units.read() as unit:
        require(unit, actor, USERS, "set passwords")
        password = unit.ids.password()
    hashed = units.passwords.hash(password)
    with units.unit() as unit:
        _set_password(unit, actor, username, hashed)
    return password


@act(USERS, "set passwords")
def _set_password(unit: Unit, actor: Actor, username: str, hashed: str) -> None:
    user = _real_user(unit, actor, username)
    unit.users.set_password(user.user_id, hashed)
    unit.sessions.end_all(user.user_id)
    text = f"Set a new password for {user.username}."
    audit.record(unit, actor, audit.Event.USER_PASSWORD_SET, user.username, text)
