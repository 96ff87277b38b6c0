"""Briefcase Builder: briefcases and the connected apps that they are assigned to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import State
from changeover.org import briefcases as acts
from changeover.org.act import require
from changeover.org.app_manager import list_apps
from changeover.org.lists import AppQuery
from changeover.org.model.beside_apps import Briefcase
from changeover.org.permissions import CUSTOMIZE
from changeover.org.ports import Unit
from changeover.web.forms import Form, ThisForm, refuse_stale, stamp
from changeover.web.listing import Listing, found_at, holds, order, paged
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PATH = "/setup/briefcases"
_NEW = f"{_PATH}/-/new"  # a step further down: a record may be called "new"


@dataclass(frozen=True, kw_only=True)
class _Values:
    """What the form of a briefcase shows: what the org holds, or what was typed and refused."""

    label: str = ""
    api_name: str = ""
    description: str = ""
    active: bool = True
    stamp: str = ""
    """Of the briefcase that the form was filled from."""


@get(_PATH, sync_to_thread=True)
def list_page(
    visit: ThisVisit, q: FromQuery[str] = "", sort: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """List the briefcases."""
    shown = order(("label", "api_name"), sort=sort, page=page, search=q)
    with visit.read() as unit:
        found = [
            item
            for item in acts.list_briefcases(unit, visit.actor)
            if holds(shown.search, item.label, item.api_name, item.description)
        ]
    found.sort(key=lambda item: str(getattr(item, shown.sort)).lower(), reverse=shown.descending)
    return visit.page(
        "briefcases.html",
        title="Briefcase Builder",
        listing=paged(found, shown, _PATH),
        may_edit=visit.may(CUSTOMIZE),
    )


@get(_NEW, sync_to_thread=True)
def new_page(visit: ThisVisit) -> Response[str]:
    """Show the form of a new briefcase."""
    return _form(visit, None, _Values())


@post(_NEW, sync_to_thread=True)
def create(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Create a briefcase."""
    typed = _typed(form, form.text("api_name").strip())
    try:
        with visit.unit() as unit:
            _refuse_taken(unit, visit, typed.api_name)
            _save(unit, visit, typed)
    except ChangeoverError as error:
        return _form(visit, None, typed, of_error(error))
    return visit.go(_address(typed.api_name), Notice("success", f"{typed.label} was created."))


@get(f"{_PATH}/{{api_name:str}}", sync_to_thread=True)
def view_page(
    visit: ThisVisit, api_name: FromPath[str], q: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """Show a briefcase with its connected apps and those that it can be assigned to."""
    return _view(visit, api_name, q=q, page=page)


@get(f"{_PATH}/{{api_name:str}}/edit", sync_to_thread=True)
def edit_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show the form of a briefcase."""
    with visit.read() as unit:
        found = _briefcase(unit, visit, api_name)
    values = _Values(
        label=found.label,
        api_name=found.api_name,
        description=found.description,
        active=found.active,
        stamp=_stamp(found),
    )
    return _form(visit, found, values)


@post(f"{_PATH}/{{api_name:str}}/edit", sync_to_thread=True)
def edit(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Write a briefcase's label, description and whether it is active."""
    typed = _typed(form, api_name)
    with visit.read() as unit:
        found = _briefcase(unit, visit, api_name)
    try:
        with visit.unit() as unit:
            refuse_stale(found.label, _stamp(_briefcase(unit, visit, api_name)), typed.stamp)
            _save(unit, visit, typed)
    except ChangeoverError as error:
        return _form(visit, found, typed, of_error(error))
    return visit.go(_address(api_name), Notice("success", f"{typed.label} was saved."))


@post(f"{_PATH}/{{api_name:str}}/assign", sync_to_thread=True)
def assign(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Assign the connected apps that were checked: all of them or none."""
    apps = form.texts("app")
    search, page = form.text("q"), form.number("page") or 1
    try:
        with visit.unit() as unit:
            for app in _chosen(apps):
                acts.assign(unit, visit.actor, api_name, app)
    except ChangeoverError as error:
        return _view(visit, api_name, q=search, page=page, chosen=frozenset(apps), error=of_error(error))
    said = f"{', '.join(apps)} {'was' if len(apps) == 1 else 'were'} assigned."
    return visit.go(found_at(_address(api_name), search, page), Notice("success", said))


@post(f"{_PATH}/{{api_name:str}}/remove", sync_to_thread=True)
def unassign(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Take the assignment of a connected app back."""
    app = form.text("app")
    try:
        with visit.unit() as unit:
            acts.unassign(unit, visit.actor, api_name, app)
    except ChangeoverError as error:
        return _view(visit, api_name, q="", page=1, error=of_error(error))
    return visit.go(_address(api_name), Notice("success", f"{app} was removed from the briefcase."))


def _address(api_name: str) -> str:
    """Return the address of a briefcase. Names that an import brought may hold anything."""
    return f"{_PATH}/{quote(api_name, safe='')}"


def _typed(form: Form, api_name: str) -> _Values:
    return _Values(
        label=form.text("label").strip(),
        api_name=api_name,
        description=form.text("description").strip(),
        active=form.checked("active"),
        stamp=form.text("stamp"),
    )


def _chosen(apps: tuple[str, ...]) -> tuple[str, ...]:
    if not apps:
        raise ChangeoverError(errors.VALUE_REFUSED, "No connected app was chosen.")
    return apps


def _refuse_taken(unit: Unit, visit: Visit, api_name: str) -> None:
    """Refuse a new briefcase whose name is another's: saving under a name writes what has it anew."""
    held = {item.api_name.casefold() for item in acts.list_briefcases(unit, visit.actor)}
    if api_name.casefold() in held:
        raise ChangeoverError(errors.NAME_TAKEN, f"The org has a briefcase {api_name} already.")


def _save(unit: Unit, visit: Visit, typed: _Values) -> None:
    acts.save_briefcase(
        unit, visit.actor, typed.api_name, typed.label, typed.description, active=typed.active
    )


def _stamp(found: Briefcase) -> str:
    return stamp(found.label, found.description, str(found.active))


def _briefcase(unit: Unit, visit: Visit, api_name: str) -> Briefcase:
    for item in acts.list_briefcases(unit, visit.actor):
        if item.api_name == api_name:
            return item
    raise ChangeoverError(errors.RECORD_NOT_FOUND, f"The org has no briefcase {api_name[:80]}.")


def _view(
    visit: Visit,
    api_name: str,
    *,
    q: str,
    page: int,
    chosen: frozenset[str] = frozenset(),
    error: Problem | None = None,
) -> Response[str]:
    shown = order(("label",), sort="", page=page, search=q)
    # Migrated apps are not listed: Salesforce Help, Migrate a Local Connected App.
    query = AppQuery(search=shown.search, state=State.ACTIVE, page=shown.page, page_size=shown.size)
    here = _address(api_name)
    with visit.read() as unit:
        found = _briefcase(unit, visit, api_name)
        apps = list_apps(unit, visit.actor, query)
    return visit.page(
        "briefcase.html",
        status=error.status if error else 200,
        title=found.label,
        error=error,
        briefcase=found,
        listing=Listing(rows=apps.rows, total=apps.total, order=shown, path=here),
        chosen=chosen,
        here=here,
        may_edit=visit.may(CUSTOMIZE),
    )


def _form(
    visit: Visit, found: Briefcase | None, values: _Values, error: Problem | None = None
) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, CUSTOMIZE, "edit briefcases")
    back = _address(found.api_name) if found else _PATH
    return visit.page(
        "briefcase_form.html",
        status=error.status if error else 200,
        title=f"Edit {found.label}" if found else "New Briefcase",
        error=error,
        new=found is None,
        values=values,
        here=f"{back}/edit" if found else _NEW,
        back=back,
    )


ROUTES = (list_page, new_page, create, view_page, edit_page, edit, assign, unassign)
