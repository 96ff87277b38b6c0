"""A connected app: all its settings and policies, whether it may be migrated and what that would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from changeover.errors import ChangeoverError
from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import Act
from changeover.org import app_manager, connected_apps
from changeover.org.act import require
from changeover.org.lists import AppKind
from changeover.org.migrate import refuse_edition
from changeover.org.model.apps import ConnectedAppRecord
from changeover.org.own import state_after
from changeover.org.permissions import (
    CONNECTED_APP_EDIT,
    EXTERNAL_CLIENT_APP_VIEW,
    MIGRATE,
    OAUTH_USAGE,
)
from changeover.web import paths
from changeover.web.fields import connected_app as tables
from changeover.web.fields.form import Fields, as_posted, changes, of_connected_app, offers, sections
from changeover.web.fields.labels import Section
from changeover.web.forms import Form, ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Link, Notice, ThisVisit, Visit

_PAGE = f"{paths.APP_MANAGER}/{{api_name:str}}"


class Edit(NamedTuple):
    """What one of the two edit pages edits."""

    title: str
    step: str
    """Last step of its address."""
    tables: tuple[Section, ...]


SETTINGS = Edit("Edit", "edit", tables.SETTINGS)
POLICIES = Edit("Edit Policies", "edit-policies", tables.POLICIES)


@get(_PAGE, sync_to_thread=True)
def view(visit: ThisVisit, api_name: FromPath[str], window: FromQuery[str] = "") -> Response[str]:
    """Show a connected app. `window=created` opens the window with the link to its external client app."""
    with visit.read() as unit:
        planned = app_manager.plan_migration(unit, visit.actor, api_name)
        references = app_manager.references_of(unit, visit.actor, api_name)
    record = planned.app
    migratable = not record.read_only and planned.assessment.verdict in {Verdict.ELIGIBLE, Verdict.CONFIRM}
    why_no_button = _why_no_button(visit) if migratable else None
    documents = of_connected_app(record.document)
    return visit.page(
        "connected_app.html",
        title=record.label,
        app=record,
        assessment=planned.assessment,
        account=planned.account,
        settings=sections(tables.SETTINGS, documents),
        policies=sections(tables.POLICIES, documents),
        unknown=record.document.unknown,
        references=references,
        why_no_button=why_no_button,
        may_migrate=migratable and why_no_button is None and visit.may(MIGRATE),
        may_edit=visit.may(CONNECTED_APP_EDIT) and not record.read_only,
        may_look=visit.may(CONNECTED_APP_EDIT),
        may_see_usage=visit.may(OAUTH_USAGE),
        usage=paths.oauth_usage(AppKind.CONNECTED, record.api_name),
        may_open=visit.may(EXTERNAL_CLIENT_APP_VIEW),
        window=record.read_only and window == "created",
    )


def _why_no_button(visit: Visit) -> Problem | None:
    """Return why no page of the org has a Migrate button, None where it is not the org that is the reason."""
    try:
        refuse_edition(visit.org)
    except ChangeoverError as error:
        return of_error(error)
    return None


@get(f"{_PAGE}/edit", sync_to_thread=True)
def edit_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show the form of the settings."""
    return _form(visit, api_name, SETTINGS)


@post(f"{_PAGE}/edit", sync_to_thread=True)
def edit(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Write the settings."""
    return _save(visit, api_name, SETTINGS, form)


@get(f"{_PAGE}/edit-policies", sync_to_thread=True)
def edit_policies_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show the form of the policies."""
    return _form(visit, api_name, POLICIES)


@post(f"{_PAGE}/edit-policies", sync_to_thread=True)
def edit_policies(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Write the policies."""
    return _save(visit, api_name, POLICIES, form)


@get(f"{_PAGE}/delete", sync_to_thread=True)
def delete_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Ask whether a connected app is to be deleted."""
    return _delete_dialog(visit, api_name)


@post(f"{_PAGE}/delete", sync_to_thread=True)
def delete(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Delete a connected app."""
    confirmed, seen = form.checked("confirmed"), form.number("version")
    try:
        with visit.unit() as unit:
            label = app_manager.view_app(unit, visit.actor, api_name).label
            connected_apps.delete_app(unit, visit.actor, api_name, confirmed=confirmed, seen_version=seen)
    except ChangeoverError as error:
        return _delete_dialog(visit, api_name, of_error(error), form.text("back"))
    said = Notice("success", f"The connected app {label} was deleted.")
    return visit.go(visit.list_behind(paths.APP_MANAGER, form.text("back")), said)


@get(f"{_PAGE}/switches", sync_to_thread=True)
def switches_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show what stands in no metadata: user provisioning and dynamic client registration."""
    return _switches_dialog(visit, api_name)


@post(f"{_PAGE}/switches", sync_to_thread=True)
def switches(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Write the two switches."""
    try:
        with visit.unit() as unit:
            connected_apps.set_switches(
                unit,
                visit.actor,
                api_name,
                user_provisioning=form.checked("user_provisioning"),
                dynamic_registration=form.checked("dynamic_registration"),
                seen_version=form.number("version"),
            )
    except ChangeoverError as error:
        return _switches_dialog(visit, api_name, of_error(error))
    return visit.go(paths.connected_app(api_name), Notice("success", "The switches were saved."))


@get("/setup/new-connected-app", sync_to_thread=True)
def new_page(visit: ThisVisit) -> Response[str]:
    """Show the form of a new connected app, or why there is none since Spring '26."""
    return _new(visit, {})


@post("/setup/new-connected-app", sync_to_thread=True)
def new(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Create a connected app; the rest of it is edited on its page."""
    api_name = form.text("api_name").strip()
    typed = {name: form.text(name).strip() for name in ("api_name", "label", "contactEmail", "description")}
    given = {name: value for name, value in typed.items() if value and name != "api_name"}
    callback = form.text("oauthConfig/callbackUrl").strip()
    if callback:
        given["oauthConfig/callbackUrl"] = callback
    try:
        with visit.unit() as unit:
            record = connected_apps.create_app(unit, visit.actor, api_name, given)
    except ChangeoverError as error:
        return _new(visit, {**typed, "oauthConfig/callbackUrl": callback}, of_error(error))
    edit_link = Link("Edit its settings", paths.connected_app(record.api_name, "edit"))
    notice = Notice("success", f"The connected app {record.label} was created.", link=edit_link)
    return visit.go(paths.connected_app(record.api_name), notice)


def _shown(visit: Visit, api_name: str, what: Edit) -> tuple[ConnectedAppRecord, tuple[Fields, ...]]:
    """Return an app that may be edited, and its form. Raises E-APP-READ-ONLY, E-NOT-PERMITTED."""
    with visit.read() as unit:
        require(unit, visit.actor, CONNECTED_APP_EDIT, "edit connected apps")
        record = app_manager.view_app(unit, visit.actor, api_name)
        state_after(record, Act.EDIT)
        return record, sections(what.tables, of_connected_app(record.document), offers(unit, visit.actor))


def _form(visit: Visit, api_name: str, what: Edit) -> Response[str]:
    record, shown = _shown(visit, api_name, what)
    return _edit(visit, record, what, shown, record.version)


def _save(visit: Visit, api_name: str, what: Edit, form: Form) -> Response[Any]:
    seen = form.number("version")
    record, shown = _shown(visit, api_name, what)
    try:
        with visit.unit() as unit:
            saved = connected_apps.edit_app(
                unit, visit.actor, api_name, changes(shown, form), seen_version=seen
            )
    except ChangeoverError as error:
        return _edit(visit, record, what, as_posted(shown, form), seen, of_error(error))
    return visit.go(paths.connected_app(api_name), Notice("success", f"{saved.label} was saved."))


def _edit(
    visit: Visit,
    record: ConnectedAppRecord,
    what: Edit,
    shown: tuple[Fields, ...],
    version: int | None,
    error: Problem | None = None,
) -> Response[str]:
    return visit.page(
        "connected_app_edit.html",
        status=error.status if error else 200,
        title=f"{what.title}: {record.label}",
        app=record,
        here=paths.connected_app(record.api_name, what.step),
        shown=shown,
        version=version,
        error=error,
    )


def _delete_dialog(
    visit: Visit, api_name: str, error: Problem | None = None, back: str | None = None
) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, CONNECTED_APP_EDIT, "delete a connected app")
        record = app_manager.view_app(unit, visit.actor, api_name)
        references = app_manager.references_of(unit, visit.actor, api_name)
    return visit.dialog(
        "connected_app_delete.html",
        status=error.status if error else 200,
        title=f"Delete {record.label}",
        app=record,
        references=references,
        back=visit.list_behind(paths.APP_MANAGER, back),
        error=error,
    )


def _switches_dialog(visit: Visit, api_name: str, error: Problem | None = None) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, CONNECTED_APP_EDIT, "change the switches of a connected app")
        record = app_manager.view_app(unit, visit.actor, api_name)
    return visit.dialog(
        "connected_app_switches.html",
        status=error.status if error else 200,
        title=f"Switches of {record.label}",
        app=record,
        error=error,
    )


def _new(visit: Visit, typed: Mapping[str, str], error: Problem | None = None) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, CONNECTED_APP_EDIT, "create a connected app")
    return visit.page(
        "connected_app_new.html",
        status=error.status if error else 200,
        title="New Connected App",
        allowed=visit.org.connected_app_creation_allowed,
        typed=typed,
        error=error,
    )


ROUTES = (
    view,
    edit_page,
    edit,
    edit_policies_page,
    edit_policies,
    delete_page,
    delete,
    switches_page,
    switches,
    new_page,
    new,
)
