"""Assigned Connected Apps and Assigned External Client Apps of a profile or a permission set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import app_access as acts
from changeover.org import permission_sets as permission_set_acts
from changeover.org.app_access import Grantee
from changeover.org.lists import AppAccess, AppKind
from changeover.org.model.orgs import Actor
from changeover.org.permissions import (
    CONNECTED_APP_GRANTS,
    EXTERNAL_CLIENT_APP_POLICIES,
    EXTERNAL_CLIENT_APP_VIEW,
    Needs,
)
from changeover.org.ports import Unit
from changeover.org.values import shown
from changeover.web.forms import Form, ThisForm
from changeover.web.listing import found_at, holds, order, paged
from changeover.web.pages import permission_sets, profiles
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PROFILE = f"{profiles.PATH}/{{profile_id:str}}/apps"
_PERMISSION_SET = f"{permission_sets.PATH}/{{api_name:str}}/apps"

Act = Callable[[Unit, Actor, str, Grantee], object]
GIVE: dict[AppKind, Act] = {
    AppKind.CONNECTED: acts.give_connected_app,
    AppKind.EXTERNAL: acts.give_external_client_app,
}
TAKE: dict[AppKind, Act] = {
    AppKind.CONNECTED: acts.take_connected_app,
    AppKind.EXTERNAL: acts.take_external_client_app,
}
NEEDS: dict[AppKind, Needs] = {
    AppKind.CONNECTED: CONNECTED_APP_GRANTS,
    AppKind.EXTERNAL: EXTERNAL_CLIENT_APP_POLICIES,
}


@dataclass(frozen=True, kw_only=True)
class _Whose:
    """The profile or permission set of a page."""

    grantee: Grantee
    title: str
    kind: str
    placeholder: bool
    back: str
    """Address of its own page."""


def changeable(visit: Visit) -> frozenset[AppKind]:
    """Return the kinds of apps to which the user may give access; acts check themselves."""
    return frozenset(kind for kind in AppKind if visit.may(NEEDS[kind]))


@get(f"{profiles.PATH}/-/named", sync_to_thread=True)
def profile_named(visit: ThisVisit, name: FromQuery[str] = "") -> Response[Any]:
    """Lead from an app to the page of a profile that it names. Raises E-RECORD-NOT-FOUND."""
    with visit.read() as unit:
        for found in permission_set_acts.list_profiles(unit, visit.actor):
            if found.name.casefold() == name.casefold():
                return visit.go(f"{profiles.PATH}/{found.profile_id}")
    raise ChangeoverError(errors.RECORD_NOT_FOUND, f"The org has no profile {shown(name)}.")


@get(f"{permission_sets.PATH}/-/named", sync_to_thread=True)
def permission_set_named(visit: ThisVisit, name: FromQuery[str] = "") -> Response[Any]:
    """Lead from an app to the page of a permission set that it names. Raises E-RECORD-NOT-FOUND."""
    with visit.read() as unit:
        for found in permission_set_acts.list_permission_sets(unit, visit.actor):
            if found.api_name.casefold() == name.casefold():
                return visit.go(permission_sets.address(found.api_name))
    raise ChangeoverError(errors.RECORD_NOT_FOUND, f"The org has no permission set {shown(name)}.")


@get(_PROFILE, sync_to_thread=True)
def profile_page(
    visit: ThisVisit, profile_id: FromPath[str], q: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """Show the apps of a profile, and those that it may be given."""
    return _page(visit, _profile(visit, profile_id), q=q, page=page)


@post(_PROFILE, sync_to_thread=True)
def give_profile(visit: ThisVisit, profile_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """Let a profile use the apps that were checked: all of them or none."""
    return _give(visit, _profile(visit, profile_id), form)


@post(f"{_PROFILE}/remove", sync_to_thread=True)
def take_profile(visit: ThisVisit, profile_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """Take the access to an app back from a profile."""
    return _take(visit, _profile(visit, profile_id), form)


@get(_PERMISSION_SET, sync_to_thread=True)
def permission_set_page(
    visit: ThisVisit, api_name: FromPath[str], q: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """Show the apps of a permission set, and those that it may be given."""
    return _page(visit, _permission_set(visit, api_name), q=q, page=page)


@post(_PERMISSION_SET, sync_to_thread=True)
def give_permission_set(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Let a permission set use the apps that were checked: all of them or none."""
    return _give(visit, _permission_set(visit, api_name), form)


@post(f"{_PERMISSION_SET}/remove", sync_to_thread=True)
def take_permission_set(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Take the access to an app back from a permission set."""
    return _take(visit, _permission_set(visit, api_name), form)


def _profile(visit: Visit, profile_id: str) -> _Whose:
    with visit.read() as unit:
        found = profiles.profile_of(unit, visit, profile_id)
    return _Whose(
        grantee=acts.profile(found.name),
        title=found.name,
        kind=profiles.KIND,
        placeholder=found.placeholder,
        back=f"{profiles.PATH}/{profile_id}",
    )


def _permission_set(visit: Visit, api_name: str) -> _Whose:
    with visit.read() as unit:
        found = permission_sets.permission_set_of(unit, visit, api_name)
    return _Whose(
        grantee=acts.permission_set(found.api_name),
        title=found.label,
        kind=permission_sets.KIND,
        placeholder=found.placeholder,
        back=permission_sets.address(found.api_name),
    )


def _read(value: str) -> tuple[AppKind, str]:
    """Return the kind and API name that a form's value says: `connected-app/Billing`."""
    kind, _, api_name = value.partition("/")
    try:
        return AppKind(kind), api_name
    except ValueError:
        message = f"“{shown(value)}” names no app."
        raise ChangeoverError(errors.VALUE_REFUSED, message) from None


def _chosen(values: tuple[str, ...]) -> list[tuple[AppKind, str]]:
    if not values:
        raise ChangeoverError(errors.VALUE_REFUSED, "No app was chosen.")
    return [_read(value) for value in values]


def _give(visit: Visit, whose: _Whose, form: Form) -> Response[Any]:
    chosen = form.texts("app")
    search, page = form.text("q"), form.number("page") or 1
    try:
        apps = _chosen(chosen)
        with visit.unit() as unit:
            for kind, api_name in apps:
                GIVE[kind](unit, visit.actor, api_name, whose.grantee)
    except ChangeoverError as error:
        return _page(visit, whose, q=search, page=page, chosen=frozenset(chosen), error=of_error(error))
    names = ", ".join(api_name for _, api_name in apps)
    said = Notice("success", f"{whose.title} has access to {names}.")
    return visit.go(found_at(f"{whose.back}/apps", search, page), said)


def _take(visit: Visit, whose: _Whose, form: Form) -> Response[Any]:
    try:
        kind, api_name = _read(form.text("app"))
        with visit.unit() as unit:
            TAKE[kind](unit, visit.actor, api_name, whose.grantee)
    except ChangeoverError as error:
        return _page(visit, whose, q="", page=1, error=of_error(error))
    return visit.go(f"{whose.back}/apps", Notice("success", f"The access to {api_name} was removed."))


def _page(
    visit: Visit,
    whose: _Whose,
    *,
    q: str,
    page: int,
    chosen: frozenset[str] = frozenset(),
    error: Problem | None = None,
) -> Response[str]:
    chosen_order = order(("label",), sort="", page=page, search=q)
    may = changeable(visit)
    here = f"{whose.back}/apps"
    with visit.read() as unit:
        assigned = acts.list_app_access(unit, visit.actor, whose.grantee)
        offered = acts.list_assignable(unit, visit.actor)
    there = {(app.kind, app.api_name) for app in assigned}

    def fits(app: AppAccess) -> bool:
        return app.kind in may and (app.kind, app.api_name) not in there

    found = [app for app in offered if fits(app) and holds(chosen_order.search, app.label, app.api_name)]
    return visit.page(
        "app_access.html",
        status=error.status if error else 200,
        title=f"App Access: {whose.title}",
        whose=whose,
        assigned=assigned,
        listing=paged(sorted(found, key=lambda app: app.label.casefold()), chosen_order, here),
        chosen=chosen,
        may=may,
        may_view_external=visit.may(EXTERNAL_CLIENT_APP_VIEW),
        here=here,
        error=error,
    )


ROUTES = (
    profile_named,
    permission_set_named,
    profile_page,
    give_profile,
    take_profile,
    permission_set_page,
    give_permission_set,
    take_permission_set,
)
