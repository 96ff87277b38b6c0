"""All operations of the API behind one door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from litestar import Response, Router, route
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.web import problems
from changeover.web.api import (
    app_access,
    audit_trail,
    company,
    connected_apps,
    connections,
    credentials,
    deliveries,
    external_client_apps,
    files,
    login_history,
    me,
    migrations,
    oauth_usage,
    people,
    push,
    rehearsals,
    user_access,
)
from changeover.web.api.call import (
    DEPENDENCIES,
    PUBLIC,
    ROOT,
    AnyRequest,
    ApiRequest,
    BearerTokens,
    check_request,
)
from changeover.web.api.openapi import openapi_handler
from changeover.web.api.refusals import PRECONDITION_FAILED
from changeover.web.application import with_head

# One line a resource.
_MODULES = (
    connected_apps,
    migrations,
    rehearsals,
    external_client_apps,
    credentials,
    push,
    deliveries,
    files,
    login_history,
    people,
    app_access,
    user_access,
    connections,
    oauth_usage,
    company,
    audit_trail,
    me,
)

OPERATIONS: tuple[HTTPRouteHandler, ...] = tuple(
    operation for module in _MODULES for operation in module.OPERATIONS
)
MAX_BODY = 2 * 1024 * 1024
"""Bytes of a JSON body: ten thousand API names, or a push certificate, with room to spare."""


def api_router() -> Router:
    """Return the API, to be put among the routes of the application."""
    return Router(
        ROOT,
        # Those that tell the methods come first: Litestar's own would tell those of the first operation only.
        route_handlers=[*_options(), *OPERATIONS, openapi_handler(OPERATIONS)],
        dependencies=DEPENDENCIES,
        middleware=[BearerTokens()],
        before_request=check_request,
        request_class=ApiRequest,
        request_max_body_size=MAX_BODY,
        exception_handlers={ChangeoverError: refuse, ValidationException: name_parameters},
        # No session, no CSRF: no cookie is read and none is set.
        opt={"skip_session": True, "exclude_from_csrf": True},
    )


def _options() -> Iterator[HTTPRouteHandler]:
    """Yield what answers OPTIONS at each address: its methods, which are no secret."""
    methods: dict[str, set[str]] = {}
    for operation in OPERATIONS:
        for path in operation.paths:
            methods.setdefault(path, {"OPTIONS"}).update(with_head(operation.http_methods))
    for path, found in methods.items():
        yield _options_at(path, ", ".join(sorted(found)))


def _options_at(path: str, allow: str) -> HTTPRouteHandler:
    @route(
        path,
        http_method="OPTIONS",
        sync_to_thread=False,
        status_code=204,
        include_in_schema=False,
        opt={PUBLIC: True},
    )
    def options() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": allow})

    return options


def name_parameters(request: AnyRequest, error: ValidationException) -> Response[Any]:
    """Answer a parameter that cannot be read under its name in the address, not in our code."""
    parameters = request.route_handler.parsed_fn_signature.parameters
    for item in error.extra if isinstance(error.extra, list) else ():
        declared = parameters.get(str(item.get("key")))
        if declared is not None and isinstance(declared.kwarg_definition, ParameterKwarg):
            item["key"] = declared.kwarg_definition.name or item["key"]
    return problems.handle(request, error)


def refuse(request: AnyRequest, error: ChangeoverError) -> Response[Any]:
    """Answer a refusal: as everywhere, but a stale If-Match gets the status that HTTP has for it."""
    response = problems.handle(request, error)
    if error.kind is errors.STALE_PAGE and "if-match" in request.headers:
        response.status_code = PRECONDITION_FAILED
        response.content = {**response.content, "status": PRECONDITION_FAILED}
    return response
