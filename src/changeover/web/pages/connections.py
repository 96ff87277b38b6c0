"""Connections: the apps that the signed-in user has approved, and on a user's page those of the user."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import connections as acts
from changeover.org.lists import AppKind
from changeover.org.oauth_records import Connection
from changeover.org.values import shown
from changeover.web.forms import Form, ThisForm
from changeover.web.pages.oauth_usage import kind_of, told
from changeover.web.pages.users import PATH, user_of, view
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PATH = "/setup/connections"


@get(_PATH, sync_to_thread=True)
def list_page(visit: ThisVisit) -> Response[str]:
    """List the user's connections."""
    return _page(visit)


@get(f"{_PATH}/revoke", sync_to_thread=True)
def revoke_page(visit: ThisVisit, kind: FromQuery[str] = "", app: FromQuery[str] = "") -> Response[Any]:
    """Ask whether to revoke all that an app holds of the user."""
    with visit.read() as unit:
        held = acts.list_connections(unit, visit.actor)
    return _ask(visit, held, kind_of(kind), app, back=_PATH, whom="you")


@post(f"{_PATH}/revoke", sync_to_thread=True)
def revoke(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Revoke all that an app holds of the user."""
    try:
        kind, app = _chosen(form)
        with visit.unit() as unit:
            ended = acts.revoke_connection(unit, visit.actor, kind, app)
    except ChangeoverError as error:
        return _page(visit, of_error(error))
    return visit.go(_PATH, Notice("success", f"{told(ended, app)} It has to ask you again."))


@get(f"{PATH}/{{user_id:str}}/connections/revoke", sync_to_thread=True)
def revoke_page_of(
    visit: ThisVisit, user_id: FromPath[str], kind: FromQuery[str] = "", app: FromQuery[str] = ""
) -> Response[Any]:
    """Ask whether to revoke all that an app holds of a user."""
    with visit.read() as unit:
        user = user_of(unit, visit, user_id)
        held = acts.connections_of(unit, visit.actor, user.username)
    return _ask(visit, held, kind_of(kind), app, back=f"{PATH}/{user_id}", whom=user.username)


@post(f"{PATH}/{{user_id:str}}/connections/revoke", sync_to_thread=True)
def revoke_of(visit: ThisVisit, user_id: FromPath[str], form: ThisForm) -> Response[Any]:
    """Revoke all that an app holds of a user."""
    try:
        kind, app = _chosen(form)
        with visit.unit() as unit:
            user = user_of(unit, visit, user_id)
            ended = acts.revoke_connection_of(unit, visit.actor, user.username, kind, app)
    except ChangeoverError as error:
        return view(visit, user_id, of_error(error))
    said = f"{told(ended, app)} It has to ask {user.username} again."
    return visit.go(f"{PATH}/{user_id}", Notice("success", said))


def _ask(
    visit: Visit, held: Iterable[Connection], kind: AppKind, app: str, *, back: str, whom: str
) -> Response[Any]:
    """Ask whether to revoke one of some connections. Raises E-RECORD-NOT-FOUND."""
    for one in held:
        if (one.kind, one.api_name) == (kind, app):
            consequence = (
                f"Every token that {one.label} holds of {whom} ends, and it has to ask {whom} again."
            )
            fields = {"kind": kind.value, "app": app}
            return visit.ask("Revoke Access", consequence, "Revoke", back=back, fields=fields)
    raise ChangeoverError(errors.RECORD_NOT_FOUND, f"There is no connection to {shown(app)}.")


def _chosen(form: Form) -> tuple[AppKind, str]:
    return kind_of(form.text("kind")), form.text("app")


def _page(visit: Visit, error: Problem | None = None) -> Response[str]:
    with visit.read() as unit:
        held = acts.list_connections(unit, visit.actor)
    return visit.page(
        "connections.html",
        status=error.status if error else 200,
        title="Connections",
        connections=held,
        here=_PATH,
        error=error,
    )


ROUTES = (list_page, revoke_page, revoke, revoke_page_of, revoke_of)
