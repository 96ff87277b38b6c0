"""Profiles: list, permissions, new, edit."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import people
from changeover.org import permission_sets as acts
from changeover.org.act import require
from changeover.org.app_access import profile
from changeover.org.model.people import Profile
from changeover.org.permissions import PROFILES, Permission
from changeover.org.ports import Unit
from changeover.web.forms import ThisForm, refuse_stale
from changeover.web.listing import holds, order, paged
from changeover.web.pages.permission_sets import PermissionChoice, app_access, options, stamp_of
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

PATH = "/setup/profiles"
KIND = "Profile"


@get(PATH, sync_to_thread=True)
def list_page(
    visit: ThisVisit, q: FromQuery[str] = "", sort: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """List the org's profiles with how many users have each."""
    shown = order(("name",), sort=sort, page=page, search=q)
    with visit.read() as unit:
        found = [item for item in acts.list_profiles(unit, visit.actor) if holds(shown.search, item.name)]
        users = people.list_users(unit, visit.actor)
    found.sort(key=lambda item: item.name.lower(), reverse=shown.descending)
    return visit.page(
        "profiles.html",
        title="Profiles",
        listing=paged(found, shown, PATH),
        users={item.name: sum(user.profile == item.name for user in users) for item in found},
        may_edit=visit.may(PROFILES),
    )


@get(f"{PATH}/new", sync_to_thread=True)
def new_page(visit: ThisVisit) -> Response[str]:
    """Show the form of a new profile."""
    return _form(visit, None, PermissionChoice())


@post(f"{PATH}/new", sync_to_thread=True)
def create(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Create a profile."""
    typed = PermissionChoice(name=form.text("name").strip(), permissions=frozenset(form.texts("permission")))
    try:
        with visit.unit() as unit:
            _refuse_taken(unit, visit, typed.name)
            made = acts.save_profile(unit, visit.actor, typed.name, typed.permissions)
    except ChangeoverError as error:
        return _form(visit, None, typed, of_error(error))
    return visit.go(f"{PATH}/{made.profile_id}", Notice("success", f"{typed.name} was created."))


@get(f"{PATH}/{{profile_id:str}}", sync_to_thread=True)
def view_page(visit: ThisVisit, profile_id: FromPath[str]) -> Response[str]:
    """Show what a profile lets users do, and who has it."""
    with visit.read() as unit:
        found = profile_of(unit, visit, profile_id)
        users = [user for user in people.list_users(unit, visit.actor) if user.profile == found.name]
        apps = app_access(unit, visit, profile(found.name))
    return visit.page(
        "permissions.html",
        title=found.name,
        kind=KIND,
        name="",
        held=found.permissions,
        placeholder=found.placeholder,
        users=users,
        all_permissions=tuple(Permission),
        here=f"{PATH}/{profile_id}",
        may_edit=visit.may(PROFILES),
        **apps,
    )


@get(f"{PATH}/{{profile_id:str}}/edit", sync_to_thread=True)
def edit_page(visit: ThisVisit, profile_id: FromPath[str]) -> Response[str]:
    """Show the form of a profile."""
    with visit.read() as unit:
        found = profile_of(unit, visit, profile_id)
    held = frozenset(permission.value for permission in found.permissions)
    values = PermissionChoice(name=found.name, permissions=held, stamp=stamp_of(found.permissions))
    return _form(visit, found, values)


@post(f"{PATH}/{{profile_id:str}}/edit", sync_to_thread=True)
def edit(visit: ThisVisit, profile_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """Write a profile's permissions."""
    with visit.read() as unit:
        found = profile_of(unit, visit, profile_id)
    typed = PermissionChoice(
        name=found.name, permissions=frozenset(form.texts("permission")), stamp=form.text("stamp")
    )
    try:
        with visit.unit() as unit:
            now = profile_of(unit, visit, profile_id)
            refuse_stale(found.name, stamp_of(now.permissions), typed.stamp)
            acts.save_profile(unit, visit.actor, found.name, typed.permissions)
    except ChangeoverError as error:
        return _form(visit, found, typed, of_error(error))
    return visit.go(f"{PATH}/{profile_id}", Notice("success", f"{found.name} was saved."))


def _refuse_taken(unit: Unit, visit: Visit, name: str) -> None:
    """Refuse a new profile whose name is another's: saving under a name writes what has it anew.

    A placeholder's name is free: creating the real one is what a placeholder waits for.
    """
    held = acts.list_profiles(unit, visit.actor)
    if name.casefold() in {item.name.casefold() for item in held if not item.placeholder}:
        raise ChangeoverError(errors.NAME_TAKEN, f"The org has a profile {name} already.")


def profile_of(unit: Unit, visit: Visit, profile_id: str) -> Profile:
    """Return a profile by id: profiles' names may hold a slash, which no address takes."""
    for item in acts.list_profiles(unit, visit.actor):
        if item.profile_id == profile_id:
            return item
    raise ChangeoverError(errors.RECORD_NOT_FOUND, "There is no such profile in this org.")


def _form(
    visit: Visit, found: Profile | None, values: PermissionChoice, error: Problem | None = None
) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, PROFILES, "edit profiles")
    back = f"{PATH}/{found.profile_id}" if found else PATH
    return visit.page(
        "permissions_form.html",
        status=error.status if error else 200,
        title=f"Edit {found.name}" if found else "New Profile",
        kind=KIND,
        new=found is None,
        values=values,
        options=options(),
        error=error,
        here=f"{back}/edit" if found else f"{PATH}/new",
        back=back,
    )


ROUTES = (list_page, new_page, create, view_page, edit_page, edit)
