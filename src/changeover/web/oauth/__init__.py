"""The OAuth endpoints over HTTP: a thin edge around `changeover.oauth`."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from changeover.errors import ChangeoverError
from changeover.web.oauth import authorize, connect
from changeover.web.oauth.answers import refuse
from changeover.web.oauth.endpoints import ENDPOINTS, handlers

PAGES: tuple[HTTPRouteHandler, ...] = handlers((*authorize.ENDPOINTS, *connect.ENDPOINTS))
"""The authorization endpoint and the page for devices: with the session and form tokens of all pages."""

MAX_BODY = 64 * 1024
"""Bytes of a form: an assertion is the longest thing in one."""


def oauth_router() -> Router:
    """Return the endpoints that programs call: no session is read, no cookie set."""
    return Router(
        "/",
        route_handlers=[*handlers(ENDPOINTS)],
        request_max_body_size=MAX_BODY,
        exception_handlers={ChangeoverError: refuse},
        opt={"skip_session": True, "exclude_from_csrf": True},
    )
