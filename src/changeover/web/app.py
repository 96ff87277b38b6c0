"""The application: pages under /setup, the REST API under /api/v1."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from litestar import Litestar, Router
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide

from changeover.web import metrics, problems
from changeover.web.api.router import api_router
from changeover.web.application import Application
from changeover.web.assets import Assets
from changeover.web.form_tokens import form_tokens
from changeover.web.forms import provide_form
from changeover.web.oauth import ENDPOINTS, PAGES, Programs
from changeover.web.pages import ROUTES
from changeover.web.salesforce import single_access
from changeover.web.salesforce.rest import rest_router
from changeover.web.salesforce.soap import soap_router
from changeover.web.security import KnownHosts, SecurityHeaders
from changeover.web.services import KeyValues, Services
from changeover.web.sessions import session_middleware
from changeover.web.templating import environment
from changeover.web.visit import provide_visit

_OWN = "web"
_CSRF_KEY = "csrf-secret"
_FOR_YEARS = timedelta(days=3650)


def create_app(services: Services) -> Litestar:
    """Return the application.

    Args:
        services: the house, as `wiring` put it together.

    Raises:
        ChangeoverError: `ASSETS_MISSING` where the design system is not installed.
    """
    assets = Assets()
    hosts, headers = KnownHosts(services.hosts), SecurityHeaders(strict=services.strict)
    counting = metrics.middleware(services)
    return Application(
        in_front=Programs(ENDPOINTS, hosts, headers, counting),
        # One router, not its handlers one by one: Litestar 2.25 prepares a handler anew whenever another one
        # of the same path comes later, and a sync handler prepared twice answers with a coroutine.
        route_handlers=[
            Router("/", route_handlers=[*ROUTES, *PAGES, *single_access.PAGES, *metrics.routes(services)]),
            api_router(),
            rest_router(),
            single_access.single_access_router(),
            soap_router(),
        ],
        dependencies={
            "visit": Provide(provide_visit, sync_to_thread=True),
            "form": Provide(provide_form),
        },
        middleware=[
            *counting,
            hosts,
            form_tokens(
                CSRFConfig(
                    secret=_csrf_secret(services.key_values(_OWN)),
                    cookie_name="__Host-csrf" if services.https else "csrf",
                    cookie_secure=services.https,
                    cookie_httponly=True,
                )
            ),
            session_middleware(
                cookie="__Host-session" if services.https else "session",
                https=services.https,
                lifetimes=services.lifetimes,
                clock=services.clock.now,
            ),
        ],
        before_send=[headers.before_send],
        exception_handlers=problems.handlers(),
        state=State({"services": services, "assets": assets, "templates": environment(assets)}),
        openapi_config=None,
        lifespan=[_with_batches],
    )


@asynccontextmanager
async def _with_batches(app: Litestar) -> AsyncIterator[None]:
    """Run batches beside the pages where this process is the one to do so; at the end, the app at hand."""
    services: Services = app.state.services
    await asyncio.to_thread(services.rehearsals.begin)
    with services.beside():
        yield
    await asyncio.to_thread(services.rehearsals.close)


def _csrf_secret(values: KeyValues) -> str:
    """Return the secret that signs forms, the same for all processes; made by the first one."""
    kept = values.read(_CSRF_KEY)
    if kept is None:
        values.write(_CSRF_KEY, secrets.token_hex(32).encode(), _FOR_YEARS, only_first=True)
        # What is kept now: another process may have been first.
        kept = values.read(_CSRF_KEY)
    return (kept or b"").decode()
