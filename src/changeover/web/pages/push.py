"""Push settings of a connected app. Credentials go in and are never shown again."""

from __future__ import annotations

from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import Act
from changeover.org import app_manager
from changeover.org import push as acts
from changeover.org.act import require
from changeover.org.own import state_after
from changeover.org.permissions import CONNECTED_APP_EDIT
from changeover.web import paths, uploads
from changeover.web.forms import Form, ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.uploads import Upload
from changeover.web.visit import Notice, ThisVisit, Visit

_PATH = f"{paths.APP_MANAGER}/{{api_name:str}}/push"


class _Kind(NamedTuple):
    """A kind of credential, as an address names it."""

    key: str
    label: str
    service: str


KINDS = (
    _Kind("apple-p12", "Apple P12 Certificate", acts.APPLE),
    _Kind("apple-p8", "Apple P8 Key", acts.APPLE),
    _Kind("android-service-account", "Android Service Account", acts.ANDROID),
    _Kind("android-server-key", "Android Server Key (legacy)", acts.ANDROID),
)
_BY_KEY = {kind.key: kind for kind in KINDS}
# What a refused form shows again: never a credential or a password.
_SHOWN_AGAIN = ("environment", "application_bundle", "key_identifier", "team_identifier", "fcm_project")


@get(_PATH, sync_to_thread=True)
def view_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[str]:
    """Show the push settings, without credentials."""
    with visit.read() as unit:
        app = app_manager.view_app(unit, visit.actor, api_name)
        held = {settings.service: settings for settings in acts.view_push(unit, visit.actor, api_name)}
    return visit.page(
        "push.html",
        title="Push Settings",
        app=app,
        services=[(service, held.get(service)) for service in (acts.APPLE, acts.ANDROID)],
        kinds=KINDS,
        here=paths.connected_app(app.api_name, "push"),
        back=paths.connected_app(app.api_name),
        today=visit.services.clock.now().date(),
        may_edit=visit.may(CONNECTED_APP_EDIT) and not app.read_only,
    )


@get(_PATH + "/{kind:str}", sync_to_thread=True)
def edit_page(visit: ThisVisit, api_name: FromPath[str], kind: FromPath[str]) -> Response[str]:
    """Show the form of a kind of credential, with the settings that are there and without the credential."""
    chosen = _kind(kind)
    with visit.read() as unit:
        require(unit, visit.actor, CONNECTED_APP_EDIT, "change push settings")
        app = app_manager.view_app(unit, visit.actor, api_name)
        state_after(app, Act.EDIT)
        held = {settings.service: settings for settings in acts.view_push(unit, visit.actor, api_name)}
    there = held.get(chosen.service)
    values = {name: getattr(there, name) or "" for name in _SHOWN_AGAIN} if there else {}
    return _form(
        visit,
        api_name,
        chosen,
        values,
        full_content=there is not None and there.full_content,
        seen=app.version,
    )


@post(_PATH + "/{kind:str}", sync_to_thread=True, request_max_body_size=uploads.SMALL)
def save(visit: ThisVisit, api_name: FromPath[str], kind: FromPath[str], form: ThisForm) -> Response[Any]:
    """Store push settings in place of those of the service that were there."""
    chosen = _kind(kind)
    seen = form.number("version")
    try:
        given = _given(chosen, form)
        with visit.unit() as unit:
            acts.set_push(unit, visit.actor, api_name, given, seen_version=seen)
    except ChangeoverError as error:
        values = {name: form.text(name) for name in _SHOWN_AGAIN}
        return _form(
            visit,
            api_name,
            chosen,
            values,
            full_content=form.checked("full_content"),
            seen=seen,
            error=of_error(error),
        )
    said = Notice("success", f"The {chosen.service} push settings were saved.")
    return visit.go(paths.connected_app(api_name, "push"), said)


@get(_PATH + "/remove/{service:str}", sync_to_thread=True)
def remove_page(visit: ThisVisit, api_name: FromPath[str], service: FromPath[str]) -> Response[str]:
    """Ask whether to remove the push settings of a service."""
    with visit.read() as unit:
        require(unit, visit.actor, CONNECTED_APP_EDIT, "remove push settings")
        state_after(app_manager.view_app(unit, visit.actor, api_name), Act.EDIT)
    return _removal(visit, api_name, service)


@post(_PATH + "/remove/{service:str}", sync_to_thread=True)
def remove(
    visit: ThisVisit, api_name: FromPath[str], service: FromPath[str], form: ThisForm
) -> Response[Any]:
    """Remove the push settings of a service."""
    try:
        with visit.unit() as unit:
            acts.remove_push(unit, visit.actor, api_name, service, seen_version=form.number("version"))
    except ChangeoverError as error:
        return _removal(visit, api_name, service, of_error(error))
    said = Notice("success", f"The {service} push settings were removed.")
    return visit.go(paths.connected_app(api_name, "push"), said)


def _kind(key: str) -> _Kind:
    if key not in _BY_KEY:
        raise ChangeoverError(errors.PAGE_NOT_FOUND, f"There is no push credential of the kind {key[:40]!r}.")
    return _BY_KEY[key]


def _given(kind: _Kind, form: Form) -> acts.Given:
    """Return what a form gives.

    Raises:
        ChangeoverError: `UPLOAD_MISSING` without a file where one is needed, `PUSH_CREDENTIAL_UNREADABLE` for
            one that is no text where text is needed.
    """
    full_content = form.checked("full_content")
    match kind.key:
        case "apple-p12":
            return acts.AppleP12(
                p12=_file(form).content,
                password=form.text("password"),
                environment=form.text("environment"),
                application_bundle=form.text("application_bundle"),
                full_content=full_content,
            )
        case "apple-p8":
            return acts.AppleP8(
                signing_key=_text(_file(form)),
                key_identifier=form.text("key_identifier"),
                team_identifier=form.text("team_identifier"),
                environment=form.text("environment"),
                application_bundle=form.text("application_bundle"),
                full_content=full_content,
            )
        case "android-service-account":
            return acts.AndroidServiceAccount(
                service_account=_text(_file(form)),
                fcm_project=form.text("fcm_project"),
                full_content=full_content,
            )
        case _:
            return acts.AndroidServerKey(
                server_key=form.text("server_key"),
                fcm_project=form.text("fcm_project"),
                full_content=full_content,
            )


def _file(form: Form) -> Upload:
    return uploads.read(form.files("file"))[0]


def _text(upload: Upload) -> str:
    try:
        return upload.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = f"The file {upload.name} is not text."
        raise ChangeoverError(errors.PUSH_CREDENTIAL_UNREADABLE, message) from None


def _form(
    visit: Visit,
    api_name: str,
    kind: _Kind,
    values: dict[str, str],
    *,
    full_content: bool,
    seen: int | None,
    error: Problem | None = None,
) -> Response[str]:
    with visit.read() as unit:
        app = app_manager.view_app(unit, visit.actor, api_name)
    return visit.page(
        "push_form.html",
        status=error.status if error else 200,
        title=kind.label,
        error=error,
        app=app,
        kind=kind,
        values={name: values.get(name, "") for name in _SHOWN_AGAIN},
        full_content=full_content,
        version=seen,
        environments=[(name, name) for name in acts.ENVIRONMENTS],
        here=paths.connected_app(app.api_name, "push", kind.key),
        back=paths.connected_app(app.api_name, "push"),
    )


def _removal(visit: Visit, api_name: str, service: str, error: Problem | None = None) -> Response[str]:
    with visit.read() as unit:
        app = app_manager.view_app(unit, visit.actor, api_name)
    return visit.dialog(
        "push_remove.html",
        status=error.status if error else 200,
        title="Remove Push Settings",
        error=error,
        app=app,
        service=service,
        here=paths.connected_app(app.api_name, "push", "remove", service),
        back=paths.connected_app(app.api_name, "push"),
    )


ROUTES = (view_page, edit_page, save, remove_page, remove)
