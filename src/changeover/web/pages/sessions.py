"""Session Management: the signed-in user's own browser sessions."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from changeover.errors import ChangeoverError
from changeover.org import sessions as acts
from changeover.web.forms import ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit

_PATH = "/setup/sessions"


@get(_PATH, sync_to_thread=True)
def list_page(visit: ThisVisit) -> Response[str]:
    """List the user's sessions."""
    return _page(visit)


@post(f"{_PATH}/end", sync_to_thread=True)
def end(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """End a session; where it is this one, the next page is that of signing in."""
    try:
        with visit.unit() as unit:
            acts.end_session(unit, visit.actor, form.text("session"))
    except ChangeoverError as error:
        return _page(visit, of_error(error))
    return visit.go(_PATH, Notice("success", "The session was ended. Its browser has to sign in again."))


@post(f"{_PATH}/end-others", sync_to_thread=True)
def end_others(visit: ThisVisit) -> Response[Any]:
    """End all sessions but this one."""
    try:
        with visit.unit() as unit:
            ended = acts.end_sessions(unit, visit.actor, keep=visit.session_id)
    except ChangeoverError as error:
        return _page(visit, of_error(error))
    return visit.go(_PATH, Notice("success", f"{told(ended)} ended."))


def told(ended: int) -> str:
    """Say how many sessions were ended: `1 session was`."""
    return "1 session was" if ended == 1 else f"{ended or 'No'} sessions were"


def _page(visit: Visit, error: Problem | None = None) -> Response[str]:
    with visit.read() as unit:
        held = acts.list_sessions(unit, visit.actor)
    return visit.page(
        "sessions.html",
        status=error.status if error else 200,
        title="Session Management",
        sessions=held,
        current=visit.session_id,
        lifetimes=visit.services.lifetimes,
        here=_PATH,
        error=error,
    )


ROUTES = (list_page, end, end_others)
