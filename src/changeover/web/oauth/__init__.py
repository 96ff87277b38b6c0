"""OAuth over HTTP: a thin edge around `changeover.oauth`."""

from litestar.handlers import HTTPRouteHandler

from changeover.web.oauth import authorize, connect
from changeover.web.oauth.endpoints import ENDPOINTS
from changeover.web.oauth.pages import handlers
from changeover.web.oauth.programs import Programs

__all__ = ("ENDPOINTS", "PAGES", "Programs")

PAGES: tuple[HTTPRouteHandler, ...] = handlers((*authorize.PAGES, *connect.PAGES))
"""The authorization endpoint and the page for devices: with the session and form tokens of all pages."""
