"""The REST API of an org over HTTP, at the addresses that Salesforce has, and below `/org/<My Domain>`."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from litestar import MediaType, Request, Response, Router, route
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException

from changeover.errors import INTERNAL, ChangeoverError
from changeover.oauth.call import bearer
from changeover.salesforce.refusals import (
    INVALID_INPUT,
    INVALID_SESSION_ID,
    METHOD_NOT_ALLOWED,
    UNKNOWN_EXCEPTION,
    ApiRefused,
    of_error,
)
from changeover.salesforce.rest.call import BodyPart, RestCall
from changeover.salesforce.rest.router import answer
from changeover.salesforce.rest.versions import all_versions
from changeover.web import problems
from changeover.web.oauth.place import PREFIXES, Hints, place_of, services_of

ROOT: Final = "/services/data"
KEPT = "salesforce-api"
"""Namespace of what outlives a request: query locators."""
MAX_BODY = 64 * 1024 * 1024
"""Bytes of a body: a package to deploy (salesforce-reference: 39 MB zipped) with room to spare."""
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CHALLENGE = {"WWW-Authenticate": "Token"}

AnyRequest = Request[Any, Any, Any]


class Sent(NamedTuple):
    """What came with a request."""

    body: bytes
    parts: tuple[BodyPart, ...]


async def provide_sent(request: AnyRequest) -> Sent:
    """Return the body of a request, taken apart where it has parts. Reading is asynchronous in Litestar."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/"):
        return Sent(await request.body(), ())
    parts = []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            parts.append(BodyPart(name, value.content_type, await value.read()))
        else:
            # Litestar reads a part of JSON by itself.
            text = value if isinstance(value, str) else json.dumps(value)
            parts.append(BodyPart(name, "text/plain", text.encode()))
    return Sent(b"", tuple(parts))


def rest_router() -> Router:
    """Return the REST API: no session of a browser is read, no cookie set."""
    return Router(
        "/",
        route_handlers=[
            route(f"{prefix}{ROOT}{rest}", http_method=list(METHODS), status_code=200, sync_to_thread=True)(
                act
            )
            for prefix in PREFIXES
            for rest, act in (("", _versions), ("/{rest:path}", _resource))
        ],
        dependencies={"sent": Provide(provide_sent)},
        request_max_body_size=MAX_BODY,
        exception_handlers={
            ApiRefused: refuse,
            ChangeoverError: refuse,
            HTTPException: refuse,
            Exception: refuse,
        },
        opt={"skip_session": True, "exclude_from_csrf": True},
    )


def _versions(request: AnyRequest) -> Response[Any]:
    """Answer with the versions: no token is asked for, and no org has to be told."""
    if request.method != "GET":
        raise ApiRefused(
            METHOD_NOT_ALLOWED, f"HTTP Method '{request.method}' not allowed. Allowed are GET,HEAD"
        )
    return Response(all_versions().body, media_type=MediaType.JSON)


def _resource(request: AnyRequest, sent: NamedDependency[Sent]) -> Response[Any]:
    """Answer everything else."""
    token = bearer(request.headers.get("authorization", ""))
    place = place_of(request, Hints(token=token))
    services = services_of(request)
    call = RestCall(
        units=services.units,
        org=place.org,
        base_url=place.base_url,
        token=token,
        kept=services.key_values(KEPT),
        query={name: tuple(request.query_params.getall(name)) for name in request.query_params},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=sent.body,
        parts=sent.parts,
    )
    reply = answer(call, request.method, str(request.path_params["rest"]))
    return Response(
        reply.body if reply.body is not None else "",
        status_code=reply.status,
        media_type=MediaType.JSON if reply.body is not None else MediaType.TEXT,
        headers=dict(reply.headers),
    )


def refuse(_request: AnyRequest, error: Exception) -> Response[Any]:
    """Answer whatever goes wrong with an array of errors, as Salesforce's clients read it."""
    refused = _refusal(error)
    headers = _CHALLENGE if refused.code is INVALID_SESSION_ID else {}
    return Response(refused.body, status_code=refused.status, media_type=MediaType.JSON, headers=headers)


def _refusal(error: Exception) -> ApiRefused:
    if isinstance(error, ApiRefused):
        return error
    problem = problems.of_exception(error)
    if isinstance(error, ChangeoverError):
        return of_error(error)
    if problem.status < INTERNAL.status:
        return ApiRefused(
            INVALID_INPUT, f"{problem.code}: {problem.message} {problem.remedy}", problem.status
        )
    message = f"An unexpected error occurred. Please include this ErrorId: {problem.reference}"
    return ApiRefused(UNKNOWN_EXCEPTION, message)
