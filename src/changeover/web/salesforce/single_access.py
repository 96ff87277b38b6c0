"""A link that signs a browser in once: `singleaccess` for programs, and the front door that the link opens.

Source: Salesforce Help, Generate a Frontdoor URL to Bridge into UI Sessions (salesforce-reference 7.1, 7.4:
the token needs the scope web). Our decisions: a link is good once, for two minutes; a page elsewhere cannot
lead a browser through it, so that nobody is signed in unawares as somebody else.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from litestar import MediaType, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from changeover.errors import ChangeoverError
from changeover.oauth.call import bearer
from changeover.org.model.orgs import Actor, Door
from changeover.salesforce.refusals import ApiRefused
from changeover.salesforce.session import API, WEB, open_session
from changeover.web import sessions
from changeover.web.oauth.place import PREFIXES, AnyRequest, Hints, place_of, services_of
from changeover.web.salesforce.rest import refuse
from changeover.web.security import local_path
from changeover.web.visit import password_stamp

SINGLE_ACCESS: Final = "/services/oauth2/singleaccess"
FRONT_DOOR: Final = "/secur/frontdoor.jsp"
ALIVE = timedelta(minutes=2)
KEPT = "single-access"
NO_WEB = "Invalid_Scope"
_HERE = frozenset({None, "none", "same-origin"})
"""Sec-Fetch-Site of an address that was typed, opened by a program, or followed on a page of ours."""


def _name(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def single_access(request: AnyRequest) -> Response[Any]:
    """Answer with a link that signs the token's user in at a browser."""
    token = bearer(request.headers.get("authorization", ""))
    place, services = place_of(request, Hints(token=token)), services_of(request)
    with services.units.read() as unit:
        session = open_session(unit, place.org, token, any_of=API | WEB)
    if not session.scopes & WEB:
        return Response(NO_WEB, status_code=403, media_type=MediaType.TEXT)
    code = secrets.token_urlsafe(32)
    target = local_path(request.query_params.get("redirect_uri"))
    kept = json.dumps([place.org.org_id, session.user.user_id, target]).encode()
    services.key_values(KEPT).write(_name(code), kept, ALIVE)
    # Pages have no address below an org's path: a session belongs to the user's org.
    base = place.base_url.partition("/org/")[0]
    return Response({"frontdoor_uri": f"{base}{FRONT_DOOR}?{urlencode({'otp': code})}"})


@get(FRONT_DOOR, sync_to_thread=True)
def front_door(request: AnyRequest) -> Redirect:
    """Sign the browser in that brings a good link; lead any other to the sign-in page."""
    services = services_of(request)
    values, name = services.key_values(KEPT), _name(request.query_params.get("otp", ""))
    kept = values.read(name)
    if kept is None or request.headers.get("sec-fetch-site") not in _HERE:
        return Redirect("/sign-in", status_code=303)
    # Two who come at once: the counter lets one of them in.
    if values.count(f"{name}:used", ALIVE) > 1:
        return Redirect("/sign-in", status_code=303)
    values.remove(name)
    org_id, user_id, target = json.loads(kept)
    with services.units.read() as unit:
        user, standing = unit.users.get(user_id), unit.users.standing(user_id)
        if user is None or standing is None or standing.org_id != org_id:
            return Redirect("/sign-in", status_code=303)
        stamp = password_stamp(unit, user_id)
    actor = Actor(org_id=org_id, user_id=user_id, username=user.username, door=Door.BROWSER)
    sessions.begin(request, actor, stamp, by_link=True)
    return Redirect(target, status_code=303)


def single_access_router() -> Router:
    """Return what programs call: no session is read, no cookie set."""
    return Router(
        "/",
        route_handlers=[
            get(f"{prefix}{SINGLE_ACCESS}", sync_to_thread=True)(single_access) for prefix in PREFIXES
        ],
        exception_handlers={ApiRefused: refuse, ChangeoverError: refuse},
        opt={"skip_session": True, "exclude_from_csrf": True},
    )


PAGES: tuple[HTTPRouteHandler, ...] = (front_door,)
"""The front door: a page, with the session of all pages."""
