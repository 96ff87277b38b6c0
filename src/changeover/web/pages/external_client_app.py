"""An external client app: settings, policies, where it came from, what is still loose, and its deletion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath

from changeover.errors import ChangeoverError
from changeover.org import external_client_app_edits as edits
from changeover.org import external_client_apps as acts
from changeover.org.act import require
from changeover.org.model.apps import ExternalClientAppRecord
from changeover.org.permissions import (
    EXTERNAL_CLIENT_APP_POLICIES,
    EXTERNAL_CLIENT_APP_SECRET,
    EXTERNAL_CLIENT_APP_SETTINGS,
    MIGRATE,
    Needs,
)
from changeover.web import paths
from changeover.web.fields import external_client_app as tables
from changeover.web.fields.form import (
    Fields,
    as_posted,
    changes,
    of_external_client_app,
    offers,
    sections,
)
from changeover.web.fields.labels import Section
from changeover.web.forms import Form, ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PAGE = f"{paths.EXTERNAL_CLIENT_APPS}/{{api_name:str}}"


class Edit(NamedTuple):
    """What one of the two edit pages edits."""

    title: str
    step: str
    """Last step of its address."""
    back: tuple[str, ...]
    """The tab to go back to."""
    tables: tuple[Section, ...]
    needs: Needs
    what: str
    act: Callable[..., ExternalClientAppRecord]


SETTINGS = Edit(
    "Edit Settings",
    "edit-settings",
    (),
    tables.SETTINGS,
    EXTERNAL_CLIENT_APP_SETTINGS,
    "edit settings of external client apps",
    edits.edit_settings,
)
POLICIES = Edit(
    "Edit Policies",
    "edit-policies",
    ("policies",),
    tables.POLICIES,
    EXTERNAL_CLIENT_APP_POLICIES,
    "edit policies of external client apps",
    edits.edit_policies,
)


@get(_PAGE, sync_to_thread=True)
def settings_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show the settings tab, and what is still loose."""
    with visit.read() as unit:
        record = acts.view_external_client_app(unit, visit.actor, api_name)
        loose = edits.loose_points(unit, visit.actor, api_name)
    return _tab(
        visit,
        record,
        "settings",
        loose=loose,
        may_tighten={
            point.id for point in loose if all(visit.may(needs) for needs in edits.needed_to_tighten(point))
        },
        shown=sections(tables.SETTINGS, of_external_client_app(record.app)),
    )


@get(f"{_PAGE}/policies", sync_to_thread=True)
def policies_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show the policies tab."""
    with visit.read() as unit:
        record = acts.view_external_client_app(unit, visit.actor, api_name)
    return _tab(
        visit, record, "policies", shown=sections(tables.POLICIES, of_external_client_app(record.app))
    )


@get(f"{_PAGE}/origin", sync_to_thread=True)
def origin_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show where the app came from: its connected app, the account, and what was changed since."""
    with visit.read() as unit:
        record = acts.view_external_client_app(unit, visit.actor, api_name)
        losses = acts.what_deletion_loses(unit, visit.actor, api_name)
    return _tab(visit, record, "origin", losses=losses)


@get(f"{_PAGE}/edit-settings", sync_to_thread=True)
def edit_settings_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show the form of the settings."""
    return _form(visit, api_name, SETTINGS)


@post(f"{_PAGE}/edit-settings", sync_to_thread=True)
def edit_settings(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
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


@post(f"{_PAGE}/tighten", sync_to_thread=True)
def tighten(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Take the one step that tightens a loose point."""
    with visit.unit() as unit:
        edits.tighten(unit, visit.actor, api_name, form.text("point"), seen_version=form.number("version"))
    said = form.text("title") or "It"
    return visit.go(paths.external_client_app(api_name), Notice("success", f"Tightened: {said}."))


@get(f"{_PAGE}/delete", sync_to_thread=True)
def delete_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """List what will be lost, and ask whether the app is to be deleted."""
    return _delete_dialog(visit, api_name)


@post(f"{_PAGE}/delete", sync_to_thread=True)
def delete(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Delete the app; its connected app is then active again."""
    try:
        with visit.unit() as unit:
            label = acts.view_external_client_app(unit, visit.actor, api_name).label
            reverted = acts.delete_external_client_app(
                unit,
                visit.actor,
                api_name,
                confirmed=form.checked("confirmed"),
                seen_version=form.number("version"),
            )
    except ChangeoverError as error:
        return _delete_dialog(visit, api_name, of_error(error), form.text("back"))
    said = f"The external client app {label} was deleted."
    if reverted is None:
        return visit.go(
            visit.list_behind(paths.EXTERNAL_CLIENT_APPS, form.text("back")), Notice("success", said)
        )
    more = "Its connected app is active again, with the settings and policies that it had at migration."
    return visit.go(paths.connected_app(reverted.api_name), Notice("success", said, more))


def _tab(visit: Visit, record: ExternalClientAppRecord, tab: str, **more: Any) -> Response[str]:  # noqa: ANN401
    return visit.page(
        f"external_client_app_{tab}.html",
        title=record.label,
        app=record,
        tab=tab,
        may_edit_settings=visit.may(EXTERNAL_CLIENT_APP_SETTINGS),
        may_edit_policies=visit.may(EXTERNAL_CLIENT_APP_POLICIES),
        may_see_secret=visit.may(EXTERNAL_CLIENT_APP_SECRET),
        may_delete=visit.may(MIGRATE),
        **more,
    )


def _shown(visit: Visit, api_name: str, what: Edit) -> tuple[ExternalClientAppRecord, tuple[Fields, ...]]:
    with visit.read() as unit:
        require(unit, visit.actor, what.needs, what.what)
        record = acts.view_external_client_app(unit, visit.actor, api_name)
        return record, sections(what.tables, of_external_client_app(record.app), offers(unit, visit.actor))


def _form(visit: Visit, api_name: str, what: Edit) -> Response[str]:
    record, shown = _shown(visit, api_name, what)
    return _edit(visit, record, what, shown, record.version)


def _save(visit: Visit, api_name: str, what: Edit, form: Form) -> Response[Any]:
    seen = form.number("version")
    record, shown = _shown(visit, api_name, what)
    try:
        with visit.unit() as unit:
            saved = what.act(unit, visit.actor, api_name, changes(shown, form), seen_version=seen)
    except ChangeoverError as error:
        return _edit(visit, record, what, as_posted(shown, form), seen, of_error(error))
    back = paths.external_client_app(api_name, *what.back)
    return visit.go(back, Notice("success", f"{saved.label} was saved."))


def _edit(
    visit: Visit,
    record: ExternalClientAppRecord,
    what: Edit,
    shown: tuple[Fields, ...],
    version: int | None,
    error: Problem | None = None,
) -> Response[str]:
    return visit.page(
        "external_client_app_edit.html",
        status=error.status if error else 200,
        title=f"{what.title}: {record.label}",
        app=record,
        here=paths.external_client_app(record.api_name, what.step),
        back=paths.external_client_app(record.api_name, *what.back),
        shown=shown,
        version=version,
        error=error,
    )


def _delete_dialog(
    visit: Visit, api_name: str, error: Problem | None = None, back: str | None = None
) -> Response[str]:
    with visit.read() as unit:
        require(unit, visit.actor, MIGRATE, "delete an external client app")
        losses = acts.what_deletion_loses(unit, visit.actor, api_name)
    return visit.dialog(
        "external_client_app_delete.html",
        status=error.status if error else 200,
        title=f"Delete {losses.app.label}",
        app=losses.app,
        losses=losses,
        back=visit.list_behind(paths.EXTERNAL_CLIENT_APPS, back),
        error=error,
    )


ROUTES = (
    settings_page,
    policies_page,
    origin_page,
    edit_settings_page,
    edit_settings,
    edit_policies_page,
    edit_policies,
    tighten,
    delete_page,
    delete,
)
