"""Users: list, new, edit, reset password, permission set assignments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import connections, people, permission_sets, sessions, tokens
from changeover.org.act import require
from changeover.org.model.people import User
from changeover.org.permissions import USERS
from changeover.org.ports import Unit
from changeover.web.forms import Form, ThisForm, refuse_stale, stamp
from changeover.web.listing import holds, order, paged
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

PATH = "/setup/users"
_COLUMNS = ("name", "username", "profile")


@dataclass(frozen=True, kw_only=True)
class _Values:
    """What the form of a user shows: what the org holds, or what was typed and refused."""

    name: str = ""
    username: str = ""
    email: str = ""
    profile: str = ""
    active: bool = True
    stamp: str = ""
    """Of the user that the form was filled from."""


@dataclass(frozen=True, kw_only=True)
class _Assigned:
    """A permission set of a user."""

    api_name: str
    label: str
    known: bool
    """Whether the org has it; else it cannot be opened."""


@get(PATH, sync_to_thread=True)
def list_page(
    visit: ThisVisit, q: FromQuery[str] = "", sort: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """List the org's users, placeholders included."""
    shown = order(_COLUMNS, sort=sort, page=page, search=q)
    with visit.read() as unit:
        users = [
            user
            for user in people.list_users(unit, visit.actor)
            if holds(shown.search, user.name, user.username, user.profile or "")
        ]
    users.sort(key=lambda user: (getattr(user, shown.sort) or "").lower(), reverse=shown.descending)
    now = visit.services.clock.now()
    return visit.page(
        "users.html", title="Users", listing=paged(users, shown, PATH), now=now, may_edit=visit.may(USERS)
    )


@get(f"{PATH}/new", sync_to_thread=True)
def new_page(visit: ThisVisit, username: FromQuery[str] = "") -> Response[str]:
    """Show the form of a new user; a placeholder's page leads here with its username."""
    return _form(visit, None, _Values(username=username))


@post(f"{PATH}/new", sync_to_thread=True)
def create(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Create a user and show the password, this once."""
    typed = _typed(form)
    new = people.NewUser(username=typed.username, name=typed.name, email=typed.email, profile=typed.profile)
    try:
        password = people.create_user(visit.services.units, visit.actor, new)
    except ChangeoverError as error:
        return _form(visit, None, typed, of_error(error))
    with visit.read() as unit:
        user = people.view_user(unit, visit.actor, typed.username)
    return _password(visit, user, password, f"{user.username} was created.")


@get(f"{PATH}/{{user_id:str}}", sync_to_thread=True)
def view_page(visit: ThisVisit, user_id: FromPath[str]) -> Response[str]:
    """Show a user with the permission sets."""
    return view(visit, user_id)


@get(f"{PATH}/{{user_id:str}}/edit", sync_to_thread=True)
def edit_page(visit: ThisVisit, user_id: FromPath[str]) -> Response[str]:
    """Show the form of a user."""
    with visit.read() as unit:
        user = user_of(unit, visit, user_id)
    values = _Values(
        name=user.name,
        username=user.username,
        email=user.email,
        profile=user.profile or "",
        active=user.active,
        stamp=_stamp(user),
    )
    return _form(visit, user, values)


@post(f"{PATH}/{{user_id:str}}/edit", sync_to_thread=True)
def edit(visit: ThisVisit, user_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """Write a user's name, email, profile and whether the user is active."""
    typed = _typed(form)
    with visit.read() as unit:
        user = user_of(unit, visit, user_id)
    try:
        with visit.unit() as unit:
            refuse_stale(user.username, _stamp(user_of(unit, visit, user_id)), typed.stamp)
            people.edit_user(
                unit,
                visit.actor,
                user.username,
                name=typed.name,
                email=typed.email,
                profile=typed.profile,
                active=typed.active,
            )
    except ChangeoverError as error:
        return _form(visit, user, typed, of_error(error))
    return visit.go(f"{PATH}/{user_id}", Notice("success", f"{user.username} was saved."))


@get(f"{PATH}/{{user_id:str}}/reset-password", sync_to_thread=True)
def reset_password_page(visit: ThisVisit, user_id: FromPath[str]) -> Response[Any]:
    """Ask whether to give a user a new password."""
    with visit.read() as unit:
        require(unit, visit.actor, USERS, "reset passwords")
        user = user_of(unit, visit, user_id)
    consequence = (
        f"{user.name} ({user.username}) gets a new password, which the next page shows once. The old one no"
        " longer signs in, and all sessions end."
    )
    return visit.ask("Reset Password", consequence, "Reset Password", back=f"{PATH}/{user_id}")


@post(f"{PATH}/{{user_id:str}}/reset-password", sync_to_thread=True)
def reset_password(visit: ThisVisit, user_id: FromPath[str]) -> Response[Any]:
    """Give a user a new password and show it, this once."""
    with visit.read() as unit:
        user = user_of(unit, visit, user_id)
    try:
        password = people.reset_password(visit.services.units, visit.actor, user.username)
    except ChangeoverError as error:
        return view(visit, user_id, of_error(error))
    return _password(visit, user, password, f"The password of {user.username} was reset.")


@post(f"{PATH}/{{user_id:str}}/permission-sets/assign", sync_to_thread=True)
def assign(visit: ThisVisit, user_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """Assign a permission set."""
    name = form.text("permission_set")
    try:
        with visit.unit() as unit:
            user = user_of(unit, visit, user_id)
            people.assign_permission_set(unit, visit.actor, user.username, name)
    except ChangeoverError as error:
        return view(visit, user_id, of_error(error))
    return visit.go(f"{PATH}/{user_id}", Notice("success", f"{name} was assigned to {user.username}."))


@post(f"{PATH}/{{user_id:str}}/permission-sets/remove", sync_to_thread=True)
def unassign(visit: ThisVisit, user_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """Take a permission set back."""
    name = form.text("permission_set")
    try:
        with visit.unit() as unit:
            user = user_of(unit, visit, user_id)
            people.unassign_permission_set(unit, visit.actor, user.username, name)
    except ChangeoverError as error:
        return view(visit, user_id, of_error(error))
    return visit.go(f"{PATH}/{user_id}", Notice("success", f"{name} was removed from {user.username}."))


def _typed(form: Form) -> _Values:
    return _Values(
        name=form.text("name").strip(),
        username=form.text("username").strip(),
        email=form.text("email").strip(),
        profile=form.text("profile"),
        active=form.checked("active"),
        stamp=form.text("stamp"),
    )


def _stamp(user: User) -> str:
    return stamp(user.name, user.email or "", user.profile or "", str(user.active))


def user_of(unit: Unit, visit: Visit, user_id: str) -> User:
    """Return a user by id: usernames of placeholders come from files, and need not fit into an address."""
    for user in people.list_users(unit, visit.actor):
        if user.user_id == user_id:
            return user
    raise ChangeoverError(errors.RECORD_NOT_FOUND, "There is no such user in this org.")


def view(visit: Visit, user_id: str, error: Problem | None = None) -> Response[str]:
    """Return the page of a user, with the refusal of what was tried on it."""
    with visit.read() as unit:
        user = user_of(unit, visit, user_id)
        known = {item.api_name: item for item in permission_sets.list_permission_sets(unit, visit.actor)}
        may_manage = visit.may(USERS)
        signed_in = sessions.sessions_of(unit, visit.actor, user.username) if may_manage else ()
        connected = connections.connections_of(unit, visit.actor, user.username) if may_manage else ()
        held = tokens.tokens_of(unit, visit.actor, user.username) if may_manage else ()
    assigned = [
        _Assigned(api_name=name, label=known[name].label if name in known else name, known=name in known)
        for name in user.permission_sets
    ]
    return visit.page(
        "user.html",
        status=error.status if error else 200,
        title=user.name,
        error=error,
        user=user,
        here=f"{PATH}/{user_id}",
        now=visit.services.clock.now(),
        may_manage=may_manage,
        sessions=signed_in,
        current=visit.session_id,
        tokens=held,
        connections=connected,
        assigned=assigned,
        assignable=[
            (name, item.label)
            for name, item in known.items()
            if name not in user.permission_sets and not item.placeholder
        ],
    )


def _form(visit: Visit, user: User | None, values: _Values, error: Problem | None = None) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, USERS, "edit users")
        names = [
            profile.name
            for profile in permission_sets.list_profiles(unit, visit.actor)
            if not profile.placeholder or profile.name == values.profile
        ]
    if values.profile not in names:
        names.insert(0, values.profile)
    back = f"{PATH}/{user.user_id}" if user else PATH
    return visit.page(
        "user_form.html",
        status=error.status if error else 200,
        title=f"Edit {user.name}" if user else "New User",
        error=error,
        user=user,
        values=values,
        profiles=[(name, name or "Choose a profile") for name in names],
        here=f"{back}/edit" if user else f"{PATH}/new",
        back=back,
    )


def _password(visit: Visit, user: User, password: str, said: str) -> Response[str]:
    return visit.page(
        "user_password.html",
        title="New Password",
        user=user,
        secret=password,
        said=said,
        here=f"{PATH}/{user.user_id}",
    )


ROUTES = (
    list_page,
    new_page,
    create,
    view_page,
    edit_page,
    edit,
    reset_password_page,
    reset_password,
    assign,
    unassign,
)
