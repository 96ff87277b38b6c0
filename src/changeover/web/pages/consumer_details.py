"""Consumer key and secret: shown and rotated only after a fresh password check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath

from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import Act
from changeover.org import app_manager, consumer_details, external_client_apps, staged_credentials
from changeover.org.act import require
from changeover.org.consumer_details import ConsumerDetails
from changeover.org.model.apps import ConnectedAppRecord, ExternalClientAppRecord
from changeover.org.model.orgs import Actor
from changeover.org.own import state_after
from changeover.org.permissions import (
    CONNECTED_APP_EDIT,
    CONNECTED_APP_ROTATION,
    EXTERNAL_CLIENT_APP_SECRET,
    Needs,
)
from changeover.org.ports import Unit
from changeover.org.proof import Proof
from changeover.web import paths
from changeover.web.forms import Form, ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.setup import Offer
from changeover.web.visit import Notice, ThisVisit, Visit

_CONNECTED = f"{paths.APP_MANAGER}/{{api_name:str}}/consumer-details"
_EXTERNAL = f"{paths.EXTERNAL_CLIENT_APPS}/{{api_name:str}}/consumer-details"

Record = ConnectedAppRecord | ExternalClientAppRecord


class Kind(NamedTuple):
    """One of the two kinds of app, as these pages deal with it."""

    name: str
    path: Callable[..., str]
    look: Needs
    rotate: Needs
    view: Callable[[Unit, Actor, str], Record]
    reveal: Callable[[Unit, Actor, str, Proof], ConsumerDetails]
    renew: Callable[..., ConsumerDetails]


CONNECTED_APP = Kind(
    "connected app",
    paths.connected_app,
    CONNECTED_APP_EDIT,
    CONNECTED_APP_ROTATION,
    app_manager.view_app,
    consumer_details.reveal_connected_app,
    consumer_details.rotate_connected_app,
)
EXTERNAL_CLIENT_APP = Kind(
    "external client app",
    paths.external_client_app,
    EXTERNAL_CLIENT_APP_SECRET,
    EXTERNAL_CLIENT_APP_SECRET,
    external_client_apps.view_external_client_app,
    consumer_details.reveal_external_client_app,
    consumer_details.rotate_external_client_app,
)


@get(_CONNECTED, sync_to_thread=True)
def connected_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[Any]:
    """Show key and secret of a connected app, or ask for the password first."""
    return _page(visit, CONNECTED_APP, api_name)


@get(f"{_CONNECTED}/rotate", sync_to_thread=True)
def rotate_connected_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[Any]:
    """Ask what of a connected app's key and secret to rotate."""
    return _rotate_page(visit, CONNECTED_APP, api_name)


@post(f"{_CONNECTED}/rotate", sync_to_thread=True)
def rotate_connected(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Rotate key or secret of a connected app."""
    return _rotate(visit, CONNECTED_APP, api_name, form)


@post(f"{_CONNECTED}/set-secret", sync_to_thread=True)
def set_secret(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Give an imported connected app the secret that its integrations know."""
    if visit.proof is None:
        return visit.verify(paths.connected_app(api_name, "consumer-details"))
    try:
        with visit.unit() as unit:
            consumer_details.set_secret(
                unit, visit.actor, api_name, form.text("secret"), seen_version=form.number("version")
            )
    except ChangeoverError as error:
        return _page(visit, CONNECTED_APP, api_name, of_error(error))
    notice = Notice("success", "The consumer secret was set.")
    return visit.go(paths.connected_app(api_name, "consumer-details"), notice)


@get(_EXTERNAL, sync_to_thread=True)
def external_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[Any]:
    """Show key and secret of an external client app, or ask for the password first."""
    return _page(visit, EXTERNAL_CLIENT_APP, api_name)


@get(f"{_EXTERNAL}/rotate", sync_to_thread=True)
def rotate_external_page(visit: ThisVisit, api_name: FromPath[str]) -> Response[Any]:
    """Ask what of an external client app's key and secret to rotate."""
    return _rotate_page(visit, EXTERNAL_CLIENT_APP, api_name)


@post(f"{_EXTERNAL}/rotate", sync_to_thread=True)
def rotate_external(visit: ThisVisit, api_name: FromPath[str], form: ThisForm) -> Response[Any]:
    """Rotate key or secret of an external client app."""
    return _rotate(visit, EXTERNAL_CLIENT_APP, api_name, form)


@post(f"{_EXTERNAL}/staged", sync_to_thread=True)
def stage(visit: ThisVisit, api_name: FromPath[str]) -> Response[Any]:
    """Stage a second key and secret."""

    def staged(unit: Unit, proof: Proof) -> str:
        staged_credentials.stage(unit, visit.actor, api_name, proof)
        return "Staged. Both pairs log in from now on: move the integrations to the new one."

    return _with_staged(visit, api_name, staged)


@post(f"{_EXTERNAL}/staged/{{staged_id:str}}/rotate", sync_to_thread=True)
def rotate_staged(visit: ThisVisit, api_name: FromPath[str], staged_id: FromPath[str]) -> Response[Any]:
    """Make the staged pair the app's own."""

    def rotated(unit: Unit, proof: Proof) -> str:
        former = staged_credentials.rotate_staged(unit, visit.actor, api_name, staged_id, proof)
        return f"Rotated. The former key and secret log in until {former.staged.expires_at:%Y-%m-%d}."

    return _with_staged(visit, api_name, rotated)


@get(f"{_EXTERNAL}/staged/{{staged_id:str}}/delete", sync_to_thread=True)
def delete_staged_page(visit: ThisVisit, api_name: FromPath[str], staged_id: FromPath[str]) -> Response[Any]:
    """Ask whether to delete the staged pair."""
    with visit.read() as unit:
        staged = staged_credentials.view_staged(unit, visit.actor, api_name, staged_id)
        app = external_client_apps.view_external_client_app(unit, visit.actor, api_name)
    here = paths.external_client_app(app.api_name, "consumer-details")
    if visit.proof is None:
        return visit.verify(here)
    return visit.dialog(
        "staged_credentials_delete.html",
        title="Delete Staged Credentials",
        app=app,
        staged=staged,
        here=here,
        error=None,
    )


@post(f"{_EXTERNAL}/staged/{{staged_id:str}}/delete", sync_to_thread=True)
def delete_staged(visit: ThisVisit, api_name: FromPath[str], staged_id: FromPath[str]) -> Response[Any]:
    """Delete the staged pair."""

    def deleted(unit: Unit, proof: Proof) -> str:
        staged_credentials.delete_staged(unit, visit.actor, api_name, staged_id, proof)
        return "Deleted. Who used the staged key and secret is locked out from now on."

    return _with_staged(visit, api_name, deleted)


def _with_staged(visit: Visit, api_name: str, do: Callable[[Unit, Proof], str]) -> Response[Any]:
    here = paths.external_client_app(api_name, "consumer-details")
    proof = visit.proof
    if proof is None:
        return visit.verify(here)
    try:
        with visit.unit() as unit:
            told = do(unit, proof)
    except ChangeoverError as error:
        return _page(visit, EXTERNAL_CLIENT_APP, api_name, of_error(error))
    return visit.go(here, Notice("success", told))


def _page(visit: Visit, kind: Kind, api_name: str, error: Problem | None = None) -> Response[Any]:
    here = kind.path(api_name, "consumer-details")
    with visit.read() as unit:
        require(unit, visit.actor, kind.look, f"see consumer key and secret of {kind.name}s")
    proof = visit.proof
    if proof is None:
        return visit.verify(here)
    # A unit that writes: each look is on record.
    with visit.unit() as unit:
        record = kind.view(unit, visit.actor, api_name)
        details = kind.reveal(unit, visit.actor, api_name, proof)
        external = kind is EXTERNAL_CLIENT_APP
        staged = staged_credentials.read_staged(unit, visit.actor, api_name, proof) if external else None
    return visit.page(
        "consumer_details.html",
        status=error.status if error else 200,
        title="Consumer Details",
        kind=kind.name,
        app=record,
        details=details,
        here=here,
        back=kind.path(api_name),
        lacking=visit.lacks(Offer("rotate them", kind.rotate)),
        may_rotate=visit.may(kind.rotate) and not getattr(record, "read_only", False),
        may_set=kind is CONNECTED_APP and not getattr(record, "read_only", False),
        may_stage=external and details.consumer_key is not None,
        staged=staged,
        error=error,
    )


def _rotate_page(visit: Visit, kind: Kind, api_name: str, error: Problem | None = None) -> Response[Any]:
    with visit.read() as unit:
        require(unit, visit.actor, kind.rotate, f"rotate consumer key and secret of {kind.name}s")
        app = kind.view(unit, visit.actor, api_name)
    if isinstance(app, ConnectedAppRecord):
        state_after(app, Act.EDIT)
    here = kind.path(app.api_name, "consumer-details")
    if visit.proof is None:
        return visit.verify(here)
    return visit.dialog(
        "consumer_details_rotate.html",
        status=error.status if error else 200,
        title="Rotate Consumer Key and Secret",
        kind=kind.name,
        app=app,
        here=here,
        error=error,
    )


def _rotate(visit: Visit, kind: Kind, api_name: str, form: Form) -> Response[Any]:
    here = kind.path(api_name, "consumer-details")
    proof = visit.proof
    if proof is None:
        return visit.verify(here)
    try:
        with visit.unit() as unit:
            kind.renew(
                unit,
                visit.actor,
                api_name,
                proof,
                key=form.checked("key"),
                secret=form.checked("secret"),
                seen_version=form.number("version"),
            )
    except ChangeoverError as error:
        return _rotate_page(visit, kind, api_name, of_error(error))
    return visit.go(here, Notice("success", "Rotated. The old ones no longer work: tell the integrations."))


ROUTES = (
    connected_page,
    rotate_connected_page,
    rotate_connected,
    set_secret,
    external_page,
    rotate_external_page,
    rotate_external,
    stage,
    rotate_staged,
    delete_staged_page,
    delete_staged,
)
