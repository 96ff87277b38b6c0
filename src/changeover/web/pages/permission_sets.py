"""Permission Sets: list, permissions, new, edit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import people
from changeover.org import permission_sets as acts
from changeover.org.act import require
from changeover.org.app_access import Grantee, list_app_access, permission_set
from changeover.org.model.people import PermissionSet
from changeover.org.permissions import (
    CONNECTED_APP_GRANTS,
    EXTERNAL_CLIENT_APP_POLICIES,
    EXTERNAL_CLIENT_APP_VIEW,
    PROFILES,
    Permission,
)
from changeover.org.ports import Unit
from changeover.web.forms import Form, ThisForm, refuse_stale, stamp
from changeover.web.listing import holds, order, paged
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

PATH = "/setup/permission-sets"
_NEW = f"{PATH}/-/new"  # a step further down: a record may be called "new"
KIND = "Permission Set"


@dataclass(frozen=True, kw_only=True)
class PermissionChoice:
    """What the form shows: what the org holds, or what was chosen and refused."""

    name: str = ""
    """Name of a profile, API name of a permission set."""
    label: str = ""
    permissions: frozenset[str] = frozenset()
    """API names."""
    stamp: str = ""
    """Of the record that the form was filled from."""


def options(permissions: Iterable[Permission] = Permission) -> list[tuple[str, str]]:
    """Return all permissions as choices: API name and label."""
    return [(permission.value, permission.label) for permission in permissions]


def app_access(unit: Unit, visit: Visit, grantee: Grantee) -> dict[str, Any]:
    """Return what the page of a profile or permission set shows of its apps."""
    return {
        "assigned": list_app_access(unit, visit.actor, grantee),
        "may_view_external": visit.may(EXTERNAL_CLIENT_APP_VIEW),
        "may_assign": visit.may(CONNECTED_APP_GRANTS) or visit.may(EXTERNAL_CLIENT_APP_POLICIES),
    }


@get(PATH, sync_to_thread=True)
def list_page(
    visit: ThisVisit, q: FromQuery[str] = "", sort: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """List the org's permission sets with how many users have each."""
    shown = order(("label", "api_name"), sort=sort, page=page, search=q)
    with visit.read() as unit:
        found = [
            item
            for item in acts.list_permission_sets(unit, visit.actor)
            if holds(shown.search, item.label, item.api_name)
        ]
        users = people.list_users(unit, visit.actor)
    found.sort(key=lambda item: str(getattr(item, shown.sort)).lower(), reverse=shown.descending)
    counts = {item.api_name: sum(item.api_name in user.permission_sets for user in users) for item in found}
    return visit.page(
        "permission_sets.html",
        title="Permission Sets",
        listing=paged(found, shown, PATH),
        users=counts,
        may_edit=visit.may(PROFILES),
    )


@get(_NEW, sync_to_thread=True)
def new_page(visit: ThisVisit) -> Response[str]:
    """Show the form of a new permission set."""
    return _form(visit, None, PermissionChoice())


@post(_NEW, sync_to_thread=True)
def create(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Create a permission set."""
    typed = _typed(form, form.text("api_name").strip())
    try:
        with visit.unit() as unit:
            _refuse_taken(unit, visit, typed.name)
            acts.save_permission_set(unit, visit.actor, typed.name, typed.label, typed.permissions)
    except ChangeoverError as error:
        return _form(visit, None, typed, of_error(error))
    return visit.go(address(typed.name), Notice("success", f"{typed.label} was created."))


@get(f"{PATH}/{{api_name:str}}", sync_to_thread=True)
def view_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show what a permission set lets users do, and who has it."""
    with visit.read() as unit:
        found = permission_set_of(unit, visit, api_name)
        users = [user for user in people.list_users(unit, visit.actor) if api_name in user.permission_sets]
        apps = app_access(unit, visit, permission_set(api_name))
    return visit.page(
        "permissions.html",
        title=found.label,
        kind=KIND,
        name=found.api_name,
        held=found.permissions,
        placeholder=found.placeholder,
        users=users,
        all_permissions=tuple(Permission),
        here=address(found.api_name),
        may_edit=visit.may(PROFILES),
        **apps,
    )


@get(f"{PATH}/{{api_name:str}}/edit", sync_to_thread=True)
def edit_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show the form of a permission set."""
    with visit.read() as unit:
        found = permission_set_of(unit, visit, api_name)
    held = frozenset(permission.value for permission in found.permissions)
    values = PermissionChoice(name=api_name, label=found.label, permissions=held, stamp=_stamp(found))
    return _form(visit, found, values)


@post(f"{PATH}/{{api_name:str}}/edit", sync_to_thread=True)
def edit(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Write a permission set's label and permissions."""
    typed = _typed(form, api_name)
    with visit.read() as unit:
        found = permission_set_of(unit, visit, api_name)
    try:
        with visit.unit() as unit:
            refuse_stale(found.label, _stamp(permission_set_of(unit, visit, api_name)), typed.stamp)
            acts.save_permission_set(unit, visit.actor, api_name, typed.label, typed.permissions)
    except ChangeoverError as error:
        return _form(visit, found, typed, of_error(error))
    return visit.go(address(api_name), Notice("success", f"{typed.label} was saved."))


def _refuse_taken(unit: Unit, visit: Visit, api_name: str) -> None:
    """Refuse a new permission set whose name is another's: saving under a name writes what has it anew.

    A placeholder's name is free: creating the real one is what a placeholder waits for.
    """
    held = acts.list_permission_sets(unit, visit.actor)
    if api_name.casefold() in {item.api_name.casefold() for item in held if not item.placeholder}:
        raise ChangeoverError(errors.NAME_TAKEN, f"The org has a permission set {api_name} already.")


def address(api_name: str) -> str:
    """Return the address of a permission set. Names that an import brought may hold anything."""
    return f"{PATH}/{quote(api_name, safe='')}"


def _typed(form: Form, api_name: str) -> PermissionChoice:
    permissions = frozenset(form.texts("permission"))
    return PermissionChoice(
        name=api_name,
        label=form.text("label").strip(),
        permissions=permissions,
        stamp=form.text("stamp"),
    )


def stamp_of(permissions: Iterable[Permission], *more: str) -> str:
    """Return the stamp of a profile or a permission set."""
    return stamp(*more, *sorted(permission.value for permission in permissions))


def _stamp(found: PermissionSet) -> str:
    return stamp_of(found.permissions, found.label)


def permission_set_of(unit: Unit, visit: Visit, api_name: str) -> PermissionSet:
    """Return a permission set by API name. Raises E-RECORD-NOT-FOUND."""
    for item in acts.list_permission_sets(unit, visit.actor):
        if item.api_name == api_name:
            return item
    message = f"The org has no permission set {api_name[:80]}."
    raise ChangeoverError(errors.RECORD_NOT_FOUND, message)


def _form(
    visit: Visit, found: PermissionSet | None, values: PermissionChoice, error: Problem | None = None
) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, PROFILES, "edit permission sets")
    back = address(found.api_name) if found else PATH
    return visit.page(
        "permissions_form.html",
        status=error.status if error else 200,
        title=f"Edit {found.label}" if found else "New Permission Set",
        kind=KIND,
        new=found is None,
        values=values,
        options=options(),
        error=error,
        here=f"{back}/edit" if found else _NEW,
        back=back,
    )


ROUTES = (list_page, new_page, create, view_page, edit_page, edit)
