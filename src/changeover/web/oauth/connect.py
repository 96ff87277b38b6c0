"""The page where a signed-in user connects a device: type its code, see what it asks for, allow or deny.

Source: RFC 8628 section 3.3; Salesforce's own page has the same address.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Response

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth import device
from changeover.web.forms import ThisForm
from changeover.web.oauth.authorize import ALLOW, DECISION, SAID, call_of_visit
from changeover.web.oauth.pages import Page
from changeover.web.oauth.programs import parameters_of
from changeover.web.visit import ThisVisit, Visit

USER_CODE = "user_code"
# A user types a code once or twice. RFC 8628 section 5.1: who guesses must not get far.
TYPED = 20
TYPED_WINDOW = timedelta(minutes=15)
_TYPED = "device-codes-typed"


def connect_page(visit: ThisVisit) -> Response[Any]:
    """Ask for the code. One in the address is written into the field and looked up for nobody."""
    call_of_visit(visit, {})
    return _form(visit, visit.request.query_params.get(USER_CODE, ""))


def connect(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Show what a device asks for, or take the user's answer to it."""
    call, typed = call_of_visit(visit, parameters_of(form)), form.text(USER_CODE)
    _refuse_guesses(visit)
    with visit.unit() as unit:
        found = device.waiting(unit, call, typed)
        if found is None:
            return _form(visit, typed, error="No device waits under this code, or it has waited too long.")
        waits, registered = found
        if DECISION not in form:
            return visit.page(
                "connect_allow.html",
                title="Allow Access?",
                client=registered.client,
                waits=waits,
                said=SAID,
            )
        if form.text(DECISION) != ALLOW:
            device.deny(unit, waits, visit.user)
            return _done(visit, "The device was denied access.")
        refusal = device.allow(unit, call, waits, registered, visit.user)
    if refusal is not None:
        return _done(visit, f"{registered.client.label} was refused: {refusal.description}.", status=403)
    return _done(visit, f"{registered.client.label} has access. You may go back to your device.")


def _refuse_guesses(visit: Visit) -> None:
    """Raise E-TOO-MANY-REQUESTS for a user who types more codes than anybody has devices."""
    if visit.services.key_values(_TYPED).count(visit.user.user_id, TYPED_WINDOW) > TYPED:
        message = f"More than {TYPED} codes of devices were typed within a quarter of an hour."
        raise ChangeoverError(errors.TOO_MANY_REQUESTS, message)


def _form(visit: Visit, typed: str, error: str = "") -> Response[Any]:
    return visit.page(
        "connect.html", status=400 if error else 200, title="Connect a Device", typed=typed, error=error
    )


def _done(visit: Visit, said: str, *, status: int = 200) -> Response[Any]:
    return visit.page("connect_done.html", status=status, title="Connect a Device", said=said)


PAGES = (Page("GET", device.PAGE, connect_page), Page("POST", device.PAGE, connect))
