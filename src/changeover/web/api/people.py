"""Users, profiles and permission sets."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from changeover import errors
from changeover.org import people, permission_sets
from changeover.shapes.people import PermissionName, PermissionSet, Profile, User
from changeover.web.api.call import ThisCall, address
from changeover.web.api.connected_apps import LOCATION
from changeover.web.api.refusals import refusals

TAG = ["Users"]
PERMISSIONS = ["Permissions"]
PATH = "/users/{username:str}"

_ASSIGN = PATH + "/permission-sets/{permission_set:str}"


class NewUser(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user to create. The username is unique over all orgs of the installation."""

    username: str
    name: str
    email: str
    profile: str


class CreatedUser(Struct, frozen=True, kw_only=True):
    """A user who was just created."""

    user: User
    password: Annotated[str, Meta(description="Made by chance. It is never shown again.")]


class UserEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a user. What is not named stays."""

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    profile: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class NewPassword(Struct, frozen=True, kw_only=True):
    """A password that was just set."""

    password: Annotated[str, Meta(description="Made by chance. It is never shown again.")]


class ProfileEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a profile permits; all of it."""

    permissions: tuple[PermissionName, ...]


class PermissionSetEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a permission set permits; all of it."""

    label: str
    permissions: tuple[PermissionName, ...]


@get("/users", sync_to_thread=True, tags=TAG, responses=refusals())
def list_users(call: ThisCall) -> list[User]:
    """List the org's users, placeholders last."""
    with call.read() as unit:
        return [User.of(each) for each in people.list_users(unit, call.actor)]


@post(
    "/users",
    sync_to_thread=True,
    tags=TAG,
    response_headers=[LOCATION],
    responses=refusals(
        errors.NAME_TAKEN, errors.VALUE_REFUSED, errors.RECORD_NOT_FOUND, errors.PLACEHOLDER, body=True
    ),
)
def create_user(call: ThisCall, data: JSONBody[NewUser]) -> Response[CreatedUser]:
    """Create a user. The password is in the answer, once."""
    new = people.NewUser(username=data.username, name=data.name, email=data.email, profile=data.profile)
    password = people.create_user(call.units, call.actor, new)
    with call.read() as unit:
        user = User.of(people.view_user(unit, call.actor, data.username.strip()))
    return Response(
        CreatedUser(user=user, password=password),
        status_code=201,
        headers={"Location": address("users", user.username)},
    )


@get(PATH, sync_to_thread=True, tags=TAG, responses=refusals(errors.RECORD_NOT_FOUND))
def get_user(call: ThisCall, username: FromPath[str]) -> User:
    """Return a user."""
    with call.read() as unit:
        return User.of(people.view_user(unit, call.actor, username))


@patch(
    PATH,
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(
        errors.RECORD_NOT_FOUND,
        errors.LAST_ADMINISTRATOR,
        errors.PLACEHOLDER,
        errors.VALUE_REFUSED,
        body=True,
    ),
)
def edit_user(call: ThisCall, username: FromPath[str], data: JSONBody[UserEdit]) -> User:
    """Edit a user, activate or deactivate them. Who is deactivated is refused at the next request."""
    with call.unit() as unit:
        people.edit_user(
            unit,
            call.actor,
            username,
            name=None if isinstance(data.name, UnsetType) else data.name,
            email=None if isinstance(data.email, UnsetType) else data.email,
            profile=None if isinstance(data.profile, UnsetType) else data.profile,
            active=None if isinstance(data.active, UnsetType) else data.active,
        )
        return User.of(people.view_user(unit, call.actor, username))


@post(
    PATH + "/password",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND, errors.PLACEHOLDER),
)
def reset_password(call: ThisCall, username: FromPath[str]) -> NewPassword:
    """Give a user a new password, made by chance; it ends a lock."""
    return NewPassword(password=people.reset_password(call.units, call.actor, username))


@put(
    _ASSIGN,
    sync_to_thread=True,
    status_code=204,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND, errors.PLACEHOLDER),
)
def assign_permission_set(call: ThisCall, username: FromPath[str], permission_set: FromPath[str]) -> None:
    """Assign a permission set to a user."""
    with call.unit() as unit:
        people.assign_permission_set(unit, call.actor, username, permission_set)


@delete(
    _ASSIGN,
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.RECORD_NOT_FOUND, errors.PLACEHOLDER, errors.LAST_ADMINISTRATOR),
)
def unassign_permission_set(call: ThisCall, username: FromPath[str], permission_set: FromPath[str]) -> None:
    """Take a permission set away from a user."""
    with call.unit() as unit:
        people.unassign_permission_set(unit, call.actor, username, permission_set)


@get("/profiles", sync_to_thread=True, tags=PERMISSIONS, responses=refusals())
def list_profiles(call: ThisCall) -> list[Profile]:
    """List profiles with what each permits."""
    with call.read() as unit:
        return [Profile.of(each) for each in permission_sets.list_profiles(unit, call.actor)]


@put(
    "/profiles/{name:str}",
    sync_to_thread=True,
    status_code=204,
    tags=PERMISSIONS,
    responses=refusals(errors.LAST_ADMINISTRATOR, errors.VALUE_REFUSED, body=True),
)
def save_profile(call: ThisCall, name: FromPath[str], data: JSONBody[ProfileEdit]) -> None:
    """Add a profile, or write anew what it permits."""
    with call.unit() as unit:
        permission_sets.save_profile(unit, call.actor, name, [each.value for each in data.permissions])


@get("/permission-sets", sync_to_thread=True, tags=PERMISSIONS, responses=refusals())
def list_permission_sets(call: ThisCall) -> list[PermissionSet]:
    """List permission sets with what each permits."""
    with call.read() as unit:
        found = permission_sets.list_permission_sets(unit, call.actor)
    return [PermissionSet.of(each) for each in found]


@put(
    "/permission-sets/{api_name:str}",
    sync_to_thread=True,
    status_code=204,
    tags=PERMISSIONS,
    responses=refusals(errors.LAST_ADMINISTRATOR, errors.VALUE_REFUSED, body=True),
)
def save_permission_set(call: ThisCall, api_name: FromPath[str], data: JSONBody[PermissionSetEdit]) -> None:
    """Add a permission set, or write anew what it permits."""
    with call.unit() as unit:
        names = [each.value for each in data.permissions]
        permission_sets.save_permission_set(unit, call.actor, api_name, data.label, names)


OPERATIONS = (
    list_users,
    create_user,
    get_user,
    edit_user,
    reset_password,
    assign_permission_set,
    unassign_permission_set,
    list_profiles,
    save_profile,
    list_permission_sets,
    save_permission_set,
)
