"""All operations of the API behind one door."""

from __future__ import annotations

from typing import Any

from litestar import Response, Router
from litestar.handlers import HTTPRouteHandler

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.web import problems
from changeover.web.api import (
    audit_trail,
    company,
    connected_apps,
    credentials,
    deliveries,
    external_client_apps,
    files,
    login_history,
    me,
    migrations,
    people,
    push,
)
from changeover.web.api.call import (
    DEPENDENCIES,
    ROOT,
    AnyRequest,
    ApiRequest,
    BearerTokens,
    check_body,
)
from changeover.web.api.openapi import openapi_handler
from changeover.web.api.refusals import PRECONDITION_FAILED

# One line a resource.
_MODULES = (
    connected_apps,
    migrations,
    external_client_apps,
    credentials,
    push,
    deliveries,
    files,
    login_history,
    people,
    company,
    audit_trail,
    me,
)

OPERATIONS: tuple[HTTPRouteHandler, ...] = tuple(
    operation for module in _MODULES for operation in module.OPERATIONS
)
MAX_BODY = 8 * 1024 * 1024
"""Bytes of a JSON body: ten thousand API names, or a push certificate, with room to spare."""


def api_router() -> Router:
    """Return the API, to be put among the routes of the application."""
    return Router(
        ROOT,
        route_handlers=[*OPERATIONS, openapi_handler(OPERATIONS)],
        dependencies=DEPENDENCIES,
        middleware=[BearerTokens()],
        before_request=check_body,
        request_class=ApiRequest,
        request_max_body_size=MAX_BODY,
        exception_handlers={ChangeoverError: refuse},
        # No session, no CSRF: no cookie is read and none is set.
        opt={"skip_session": True, "exclude_from_csrf": True},
    )


def refuse(request: AnyRequest, error: ChangeoverError) -> Response[Any]:
    """Answer a refusal: as everywhere, but a stale If-Match gets the status that HTTP has for it."""
    response = problems.handle(request, error)
    if error.kind is errors.STALE_PAGE and "if-match" in request.headers:
        response.status_code = PRECONDITION_FAILED
        response.content = {**response.content, "status": PRECONDITION_FAILED}
    return response
