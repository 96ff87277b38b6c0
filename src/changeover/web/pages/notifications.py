"""Notification Delivery Settings: to which connected apps each notification type is delivered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import State
from changeover.org import notifications as acts
from changeover.org.act import require
from changeover.org.app_manager import list_apps
from changeover.org.lists import AppQuery
from changeover.org.model.beside_apps import DeliverySettings, NotificationType
from changeover.org.permissions import CUSTOMIZE
from changeover.org.ports import Unit
from changeover.web.forms import ThisForm
from changeover.web.listing import Listing, found_at, holds, order, paged
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PATH = "/setup/notification-delivery-settings"
_NEW = f"{_PATH}/-/new"  # a step further down: a record may be called "new"


@dataclass(frozen=True, kw_only=True)
class _Values:
    """What the form of a new notification type shows."""

    label: str = ""
    api_name: str = ""


@get(_PATH, sync_to_thread=True)
def list_page(
    visit: ThisVisit, q: FromQuery[str] = "", sort: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """List the notification types with the connected apps that they go to."""
    shown = order(("label", "api_name"), sort=sort, page=page, search=q)
    with visit.read() as unit:
        found = [
            item
            for item in acts.list_delivery_settings(unit, visit.actor)
            if holds(shown.search, item.notification_type.label, item.notification_type.api_name)
        ]
    found.sort(
        key=lambda item: str(getattr(item.notification_type, shown.sort)).lower(), reverse=shown.descending
    )
    return visit.page(
        "notifications.html",
        title="Notification Delivery Settings",
        listing=paged(found, shown, _PATH),
        may_edit=visit.may(CUSTOMIZE),
    )


@get(_NEW, sync_to_thread=True)
def new_page(visit: ThisVisit) -> Response[str]:
    """Show the form of a new custom notification type."""
    return _new(visit, _Values())


@post(_NEW, sync_to_thread=True)
def create(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Create a custom notification type."""
    typed = _Values(label=form.text("label").strip(), api_name=form.text("api_name").strip())
    new = NotificationType(api_name=typed.api_name, label=typed.label, custom=True)
    try:
        with visit.unit() as unit:
            _refuse_taken(unit, visit, new.api_name)
            acts.save_notification_type(unit, visit.actor, new)
    except ChangeoverError as error:
        return _new(visit, typed, of_error(error))
    return visit.go(_address(new.api_name), Notice("success", f"{new.label} was created."))


@get(f"{_PATH}/{{api_name:str}}", sync_to_thread=True)
def edit_page(
    visit: ThisVisit, api_name: FromPath[str], q: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    """Show a notification type with every connected app that it may go to."""
    return _edit(visit, api_name, q=q, page=page)


@post(f"{_PATH}/{{api_name:str}}", sync_to_thread=True)
def save(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Write what was changed on the page: all of it or nothing."""
    on, was_on = frozenset(form.texts("app")), frozenset(form.texts("was_on"))
    search, page = form.text("q"), form.number("page") or 1
    try:
        with visit.unit() as unit:
            for app in form.texts("shown"):
                if (app in on) is not (app in was_on):
                    acts.set_delivery(unit, visit.actor, api_name, app, enabled=app in on)
    except ChangeoverError as error:
        return _edit(visit, api_name, q=search, page=page, on=on, error=of_error(error))
    said = Notice("success", f"{form.text('label') or api_name}: saved.")
    # Who has searched or turned the page is at work on a long list: the next page of it is one click away.
    at_work = bool(search) or page > 1 or form.checked("more")
    return visit.go(found_at(_address(api_name), search, page) if at_work else _PATH, said)


def _address(api_name: str) -> str:
    """Return the address of a notification type. Names that an import brought may hold anything."""
    return f"{_PATH}/{quote(api_name, safe='')}"


def _refuse_taken(unit: Unit, visit: Visit, api_name: str) -> None:
    """Refuse a new type whose name is another's: saving under a name writes what has it anew."""
    held = acts.list_delivery_settings(unit, visit.actor)
    if api_name.casefold() in {item.notification_type.api_name.casefold() for item in held}:
        raise ChangeoverError(errors.NAME_TAKEN, f"The org has a notification type {api_name} already.")


def _settings(unit: Unit, visit: Visit, api_name: str) -> DeliverySettings:
    for item in acts.list_delivery_settings(unit, visit.actor):
        if item.notification_type.api_name == api_name:
            return item
    message = f"The org has no notification type {api_name[:80]}."
    raise ChangeoverError(errors.RECORD_NOT_FOUND, message)


def _edit(
    visit: Visit,
    api_name: str,
    *,
    q: str,
    page: int,
    on: frozenset[str] | None = None,
    error: Problem | None = None,
) -> Response[str]:
    shown = order(("label",), sort="", page=page, search=q)
    # Migrated apps are not listed: Salesforce Help, Migrate a Local Connected App.
    query = AppQuery(search=shown.search, state=State.ACTIVE, page=shown.page, page_size=shown.size)
    with visit.read() as unit:
        settings = _settings(unit, visit, api_name)
        apps = list_apps(unit, visit.actor, query)
    here = _address(api_name)
    now_on = frozenset(app.app for app in settings.apps if app.enabled)
    return visit.page(
        "notification.html",
        status=error.status if error else 200,
        title=settings.notification_type.label,
        error=error,
        type=settings.notification_type,
        listing=Listing(rows=apps.rows, total=apps.total, order=shown, path=here),
        was_on=now_on,
        on=now_on if on is None else on,
        here=here,
        back=_PATH,
        may_edit=visit.may(CUSTOMIZE),
    )


def _new(visit: Visit, values: _Values, error: Problem | None = None) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, CUSTOMIZE, "create notification types")
    return visit.page(
        "notification_new.html",
        status=error.status if error else 200,
        title="New Notification Type",
        error=error,
        values=values,
        here=_NEW,
        back=_PATH,
    )


ROUTES = (list_page, new_page, create, edit_page, save)
