"""Change My Password: the signed-in user's own."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import sign_in as acts
from changeover.web import sessions
from changeover.web.forms import ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.visit import Notice, ThisVisit, Visit, password_stamp

_PATH = "/setup/change-password"


@get(_PATH, sync_to_thread=True)
def page(visit: ThisVisit) -> Response[str]:
    """Show the form."""
    return _page(visit)


@post(_PATH, sync_to_thread=True)
def change(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Change the password. All sessions of the old one end; this one goes on under a new id."""
    new = form.text("new")
    try:
        if new != form.text("again"):
            raise _differ()
        acts.change_password(
            visit.services.units, visit.actor, form.text("old"), new, keep_session=visit.session_id
        )
    except ChangeoverError as error:
        return _page(visit, of_error(error))
    with visit.read() as unit:
        stamp = password_stamp(unit, visit.actor.user_id)
    sessions.restamp(visit.request, stamp)
    return visit.go(
        "/setup", Notice("success", "Your password was changed. Other sessions of yours have ended.")
    )


def _differ() -> ChangeoverError:
    return ChangeoverError(errors.VALUE_REFUSED, "The new password was not given the same way twice.")


def _page(visit: Visit, error: Problem | None = None) -> Response[str]:
    return visit.page(
        "change_password.html",
        status=error.status if error else 200,
        title="Change My Password",
        error=error,
        shortest=acts.SHORTEST_PASSWORD,
        longest=acts.LONGEST_PASSWORD,
    )


ROUTES = (page, change)
