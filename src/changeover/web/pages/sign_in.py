"""Signing in and out, and giving the password again for what needs it fresh."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, cast
from urllib.parse import parse_qs, urlsplit

from litestar import Request, Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import sign_in as acts
from changeover.org.model.orgs import Actor, Door
from changeover.web import sessions
from changeover.web.forms import ThisForm
from changeover.web.problems import Problem, of_error
from changeover.web.security import local_path
from changeover.web.services import Services
from changeover.web.templating import render
from changeover.web.visit import ThisVisit, Visit, password_stamp

AnyRequest = Request[Any, Any, Any]
Next = Annotated[str, QueryParameter(name="next")]

# Wrong passwords from one address, whatever the users: a whole office may share an address. The lock of a
# single user is the act's own.
ADDRESS_FAILURES = 30
ADDRESS_WINDOW = timedelta(minutes=15)
_FAILURES = "sign-in-failures"
_LONGEST_HINT = 80
"""Characters of a username."""


@get("/sign-in", sync_to_thread=True, name="sign-in")
def sign_in_page(request: AnyRequest, next_: Next = "") -> Response[str]:
    """Show the sign-in form."""
    return _page(request, next_, _login_hint(local_path(next_)))


def _login_hint(target: str) -> str:
    """Return whom an app that sent the user here expects (OpenID Connect Core section 3.1.2.1)."""
    hints = parse_qs(urlsplit(target).query).get("login_hint", [""])
    return hints[0][:_LONGEST_HINT]


@post("/sign-in", sync_to_thread=True)
def sign_in(request: AnyRequest, form: ThisForm) -> Response[Any]:
    """Sign a user in under a new session id and lead on to the page asked for."""
    services = cast("Services", request.app.state.services)
    target, username = form.text("next"), form.text("username").strip()
    address = request.client.host if request.client else "unknown"
    try:
        actor = _admit(services, address, username, form.text("password"))
    except ChangeoverError as error:
        return _page(request, target, username, of_error(error))
    with services.units.read() as unit:
        stamp = password_stamp(unit, actor.user_id)
    sessions.begin(request, actor, stamp, on_the_way_to=local_path(target))
    return Redirect(local_path(target), status_code=303)


def _admit(services: Services, address: str, username: str, password: str) -> Actor:
    """Sign a user in, unless too many attempts from the same address have failed."""
    failures = services.key_values(_FAILURES)
    if int(failures.read(address) or 0) >= ADDRESS_FAILURES:
        raise ChangeoverError(errors.TOO_MANY_REQUESTS, "Too many sign-ins from this address have failed.")
    try:
        return acts.sign_in(services.units, username, password, Door.BROWSER)
    except ChangeoverError as error:
        if error.kind not in {errors.SIGN_IN_FAILED, errors.SIGN_IN_LOCKED}:
            raise
        failures.count(address, ADDRESS_WINDOW)
        # One answer for both: only a user who exists can be locked.
        message = (
            "This username and password do not go together, or the user is locked:"
            f" {acts.ATTEMPTS} wrong passwords lock a user for {acts.LOCK.seconds // 60} minutes."
        )
        raise ChangeoverError(errors.SIGN_IN_FAILED, message) from error


@post("/sign-out", sync_to_thread=True)
def sign_out(request: AnyRequest) -> Response[Any]:
    """End the session."""
    sessions.end(request)
    return Redirect("/sign-in", status_code=303)


@get("/setup/verify", sync_to_thread=True)
def verify_page(visit: ThisVisit, next_: Next = "") -> Response[str]:
    """Ask for the password again."""
    return _verify(visit, local_path(next_))


@post("/setup/verify", sync_to_thread=True)
def verify(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Check the password, renew the session id, and lead on to what needed it."""
    target = local_path(form.text("next"))
    try:
        acts.prove(visit.services.units, visit.actor, form.text("password"))
    except ChangeoverError as error:
        return _verify(visit, target, of_error(error))
    sessions.prove(visit.request, visit.services.clock.now())
    return visit.go(target)


def _verify(visit: Visit, target: str, error: Problem | None = None) -> Response[str]:
    # Who cancels is led to the page above: the one that needs the password would only ask again.
    above = urlsplit(target).path.rpartition("/")[0]
    for_app = not above.startswith("/setup") and target != "/setup"
    return visit.dialog(
        "verify.html",
        status=error.status if error else 200,
        title="Verify Your Identity",
        next=target,
        back="/setup" if for_app else above or "/setup",
        for_app=for_app,
        error=error,
    )


def _page(
    request: AnyRequest, target: str, username: str = "", error: Problem | None = None
) -> Response[str]:
    context = {
        "visit": None,
        "title": "Sign In",
        "next": local_path(target),
        "username": username,
        "error": error,
    }
    status = error.status if error else 200
    return render(request.app.state.templates, request, "pages/sign_in.html", status, context)


ROUTES = (sign_in_page, sign_in, sign_out, verify_page, verify)
