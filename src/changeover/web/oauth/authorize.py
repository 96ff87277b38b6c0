"""The authorization endpoint in the browser: sign in, see what the app asks for, allow or deny."""

from __future__ import annotations

import hmac
import json
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Response
from litestar.response import Redirect

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth.authorization import (
    NONE,
    Asked,
    Elsewhere,
    approve,
    ask,
    deny,
    must_approve,
    must_prove,
)
from changeover.oauth.call import Call, Parameters
from changeover.oauth.refusals import CONSENT_REQUIRED, LOGIN_REQUIRED, Refusal
from changeover.org.proof import LIFETIME
from changeover.web import sessions
from changeover.web.forms import ThisForm
from changeover.web.oauth.endpoints import OAUTH, call_of
from changeover.web.oauth.pages import Page
from changeover.web.oauth.place import AnyRequest, Hints, place_of, services_of
from changeover.web.oauth.programs import parameters_of
from changeover.web.security import CONTENT_SECURITY_POLICY
from changeover.web.visit import SignInNeeded, ThisVisit, Visit, provide_visit

SAID = {
    "api": "read and change your data through the APIs (api)",
    "full": "do all that you may do (full)",
    "web": "open pages as you (web)",
    "refresh_token": "do so at any time, also when you are away (refresh_token)",
    "offline_access": "do so at any time, also when you are away (offline_access)",
    "openid": "know who you are (openid)",
    "id": "know who you are (id)",
    "profile": "know your name (profile)",
    "email": "know your e-mail address (email)",
}
"""What the page says of a scope; others stand there under their own name."""
SHOWN = "shown"
DECISION = "decision"
ALLOW = "allow"


def authorize_page(request: AnyRequest) -> Response[Any]:
    """Ask the user, or lead straight back where there is nothing to ask, or nobody may be asked."""
    query = request.query_params
    parameters = {name: tuple(query.getall(name)) for name in query}
    silent = NONE in " ".join(parameters.get("prompt", ())).split()
    try:
        visit = provide_visit(request)
    except SignInNeeded:
        if not silent:
            raise
        return _refuse_silently(request, parameters)
    try:
        call = call_of_visit(visit, parameters)
    except ChangeoverError as error:
        if not silent or error.kind is not errors.OTHER_ORG:
            raise
        return _refuse_silently(request, parameters)
    with visit.unit() as unit:
        asked = ask(unit, call, visit.user.username)
        if isinstance(asked, Asked):
            if _must_prove(visit, asked, unit.now, _here(request)):
                return _lead(asked.refuse(LOGIN_REQUIRED)) if silent else visit.verify(_here(request))
            if not must_approve(unit, call, asked, visit.user):
                return _lead(approve(unit, call, asked, visit.user, sessions.authenticated_at(visit.request)))
            if silent:
                return _lead(asked.refuse(CONSENT_REQUIRED))
    return _answer(visit, call, asked)


def _refuse_silently(request: AnyRequest, parameters: Parameters) -> Response[Any]:
    """Answer `prompt=none` where nobody of the org is signed in (OpenID Connect Core section 3.1.2.6)."""
    place = place_of(request, Hints(client_id=next(iter(parameters.get("client_id", ())), None)))
    call = call_of(request, place, parameters)
    with services_of(request).units.read() as unit:
        asked = ask(unit, call)
    if isinstance(asked, Refusal):
        # Shown on the page of whoever signs in, and sent nowhere.
        raise SignInNeeded
    return _lead(asked.refuse(LOGIN_REQUIRED) if isinstance(asked, Asked) else asked)


def authorize(visit: ThisVisit, form: ThisForm) -> Response[Any]:
    """Take the user's answer. What the app asks for is checked anew: the form came through the browser."""
    call = call_of_visit(visit, parameters_of(form))
    with visit.unit() as unit:
        asked = ask(unit, call, visit.user.username)
        if not isinstance(asked, Asked):
            return _answer(visit, call, asked)
        if not hmac.compare_digest(form.text(SHOWN).encode(), _shown(visit, call).encode()):
            raise ChangeoverError(
                errors.FORM_STALE, "The answer is to another question than the page showed."
            )
        if form.text(DECISION) != ALLOW:
            return _lead(deny(asked))
        # That the page was shown at all says for which question the user signed in.
        if _must_prove(visit, asked, unit.now, None):
            return visit.verify(f"{visit.path}?{urlencode(_carried(call))}")
        return _lead(approve(unit, call, asked, visit.user, sessions.authenticated_at(visit.request)))


def _must_prove(visit: Visit, asked: Asked, now: datetime, address: str | None) -> bool:
    proved_at = visit.proof.at if visit.proof is not None else None
    last = sessions.authenticated_at(visit.request)
    fresh = last is not None and now - last < LIFETIME
    for_it = fresh and sessions.signed_in_for(visit.request, address)
    return must_prove(asked, proved_at, now, last, signed_in_for_it=for_it)


def _here(request: AnyRequest) -> str:
    return f"{request.url.path}?{request.url.query}"


def _carried(call: Call) -> dict[str, str]:
    """Return what of a request the page takes along to the answer."""
    return {name: values[0] for name, values in call.parameters.items() if values and name in _CARRIED}


def call_of_visit(visit: Visit, parameters: Parameters) -> Call:
    """Return a signed-in user's request as the protocol sees it. Raises E-OTHER-ORG, E-ORG-UNKNOWN."""
    hints = Hints(username=visit.user.username)
    place = place_of(visit.request, hints)
    if place.org.org_id != visit.actor.org_id:
        message = f"You are signed in to {visit.org.name}, and the app asks for {place.org.name}."
        raise ChangeoverError(errors.OTHER_ORG, message)
    return call_of(visit.request, place, parameters)


def _answer(visit: Visit, call: Call, asked: Asked | Elsewhere | Refusal) -> Response[Any]:
    if isinstance(asked, Elsewhere):
        return _lead(asked)
    if isinstance(asked, Refusal):
        return visit.page("authorize_refused.html", status=400, title="Authorization Error", refusal=asked)
    carried = {**_carried(call), SHOWN: _shown(visit, call)}
    page = visit.page("authorize.html", title="Allow Access?", asked=asked, carried=carried, said=SAID)
    # A browser that obeys `form-action` follows the answer to no other place than these.
    page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action 'self' {_source(asked.callback_url)}"
    )
    return page


def _shown(visit: Visit, call: Call) -> str:
    """Return what ties an answer to the question: the request as it was shown, and the user's session."""
    # A form's line breaks are normalized on their way.
    said = {name: "\n".join(value.splitlines()) for name, value in _carried(call).items()}
    return sessions.seal(visit.request, json.dumps([call.org.org_id, sorted(said.items())]))


_CARRIED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "display",
    "login_hint",
)


def _source(callback_url: str) -> str:
    """Return a callback URL as a source of a Content-Security-Policy: its origin, or its own scheme."""
    parts = urlsplit(callback_url)
    if parts.scheme in {"http", "https"} and parts.netloc and not set(parts.netloc) & set(" ;,'"):
        # Headers are in ASCII, and so are the names that browsers look up.
        with suppress(UnicodeError):
            return f"{parts.scheme}://{parts.netloc.encode('idna').decode()}"
    return f"{parts.scheme}:"


def _lead(elsewhere: Elsewhere) -> Redirect:
    return Redirect(elsewhere.url, status_code=302)


PAGES = (
    Page("GET", f"{OAUTH}/authorize", authorize_page),
    Page("POST", f"{OAUTH}/authorize", authorize),
)
