"""A call: one request with a personal API token, and what every operation does with it."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from functools import cache
from typing import Annotated, Any, cast
from urllib.parse import quote

import msgspec
from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Headers
from litestar.di import NamedDependency, Provide
from litestar.enums import ScopeType
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.params import HeaderParameter, QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.org.tokens import actor_of_token
from changeover.rehearse.background import Background
from changeover.web.services import Services

AnyRequest = Request[Any, Any, Any]

ROOT = "/api/v1"
JSON = "application/json"
PUBLIC = "without_token"
"""Key in a handler's `opt`: it needs no token. Only the OpenAPI document does without."""
TAKES = "takes"
"""Key in a handler's `opt`: the media types of its body, where that is not JSON."""

_BEARER = re.compile(r"bearer +(?P<token>[\x21-\x7e]+) *", re.IGNORECASE)
_ETAG = re.compile(r'"(?P<version>[0-9]{1,18})"')
_NUL = "The {what} holds a NUL, which no name and no text in Salesforce can hold."
_UNSAFE = frozenset({"POST", "PUT", "PATCH"})

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description="ETag of the record that this change was made for; `*` for whatever is there.",
        schema_extra={"examples": ['"3"'], "pattern": r'^(\*|"[0-9]{1,18}")$'},
    ),
]


class BearerTokens(ASGIMiddleware):
    """Lets in who bears a valid token; a cookie, or a token anywhere else, does not count."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = PUBLIC

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Put the token's user into the scope and pass on. Raises E-TOKEN-MISSING, E-TOKEN-REFUSED."""
        given = Headers.from_scope(scope).getall("authorization", [])
        match = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
        if match is None:
            message = "The request bears no API token in its Authorization header."
            raise ChangeoverError(errors.TOKEN_MISSING, message)
        units = cast("Services", scope["litestar_app"].state.services).units
        scope["user"] = await sync_to_thread(actor_of_token, units, match["token"])
        await next_app(scope, receive, send)


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(each) for each in (*value, *value.values()))
        case list():
            return any(_holds_nul(each) for each in value)
    return False


def _check_types(read: object, handler: HTTPRouteHandler) -> None:
    """Refuse a body with values of other types than described: Litestar would take "true" or 1 for true."""
    declared = handler.parsed_fn_signature.parameters.get("data")
    if declared is None:
        return
    try:
        msgspec.convert(read, declared.annotation, strict=True)
    except msgspec.ValidationError as error:
        says, _, place = str(error).partition(" - at `$")
        name = place.rstrip("`").removeprefix(".") or "body"
        raise ValidationException(extra=[{"key": name, "message": says}]) from None


class ApiRequest(Request[Actor, Any, Any]):
    """A request whose JSON is nested within reason, and holds no text that a database cannot."""

    async def json(self) -> Any:  # noqa: ANN401 - what JSON holds
        """Return the body. Raises E-REQUEST-INVALID for deep nesting, NUL, values of other types."""
        try:
            read = await super().json()
        except RecursionError:
            message = "The body is nested too deeply."
            raise ChangeoverError(errors.REQUEST_INVALID, message) from None
        if b"\\u0000" in await self.body() and _holds_nul(read):
            raise ChangeoverError(errors.REQUEST_INVALID, _NUL.format(what="body"))
        _check_types(read, cast("AnyRequest", self).route_handler)
        return read


class Call:
    """One request of one token's user. Operations ask for it by the name `call`."""

    def __init__(self, actor: Actor, services: Services) -> None:
        self.actor = actor
        self.units = services.units
        self._services = services

    @property
    def rehearsals(self) -> Background:
        """What runs rehearsals, and keeps them."""
        return self._services.rehearsals

    def unit(self) -> AbstractContextManager[Unit]:
        """Begin a transaction that may write."""
        return self.units.unit()

    def read(self) -> AbstractContextManager[Unit]:
        """Begin a transaction that only reads."""
        return self.units.read()


def provide_call(request: AnyRequest) -> Call:
    """Return the call of a request."""
    services = cast("Services", request.app.state.services)
    return Call(cast("Actor", request.user), services)


ThisCall = NamedDependency[Call]
"""How an operation asks for the call."""

DEPENDENCIES = {"call": Provide(provide_call, sync_to_thread=False)}


@cache
def _query_names(handler: HTTPRouteHandler) -> frozenset[str]:
    """Return the names of the parameters that an operation takes in its address."""
    return frozenset(
        declared.kwarg_definition.name or name
        for name, declared in handler.parsed_fn_signature.parameters.items()
        if isinstance(declared.kwarg_definition, QueryParameter)
    )


async def check_request(request: AnyRequest) -> None:
    """Refuse an address with NUL or an unknown parameter, a body of another kind, and a missing one.

    Raises:
        ChangeoverError: E-MEDIA-TYPE, E-REQUEST-INVALID.
    """
    if "\0" in request.url.path or "%00" in request.url.query:
        raise ChangeoverError(errors.REQUEST_INVALID, _NUL.format(what="address"))
    handler = request.route_handler
    unknown = sorted(set(request.query_params) - _query_names(handler))
    if unknown:
        message = f"This takes no parameter {unknown[0][:60]!r}."
        raise ChangeoverError(errors.REQUEST_INVALID, message)
    takes: tuple[str, ...] = handler.opt.get(TAKES, ())
    if not takes and "data" in handler.parsed_fn_signature.parameters:
        takes = (JSON,)
    if not takes or request.method not in _UNSAFE:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in takes:
        named = f"is “{kind[:60]}”" if kind else "is not named"
        message = f"The kind of the body {named}; this takes {' or '.join(takes)}."
        raise ChangeoverError(errors.MEDIA_TYPE_REFUSED, message)
    if takes == (JSON,) and not await request.body():
        message = "The body is empty; this takes a JSON object."
        raise ChangeoverError(errors.REQUEST_INVALID, message)


def seen(if_match: str | None) -> int | None:
    """Return the version that a change was made for, None where it is to be made whatever is there.

    Raises:
        ChangeoverError: E-VERSION-MISSING without the header, E-REQUEST-INVALID for what is no ETag.
    """
    if if_match is None:
        message = "The request changes a record and has no If-Match header."
        raise ChangeoverError(errors.VERSION_MISSING, message)
    given = if_match.strip()
    if given == "*":
        return None
    match = _ETAG.fullmatch(given)
    if match is None:
        message = f"If-Match is neither * nor the ETag of one record: {given[:40]!r}."
        raise ChangeoverError(errors.REQUEST_INVALID, message)
    return int(match["version"])


def etag(version: int) -> str:
    """Return the ETag of a record's version."""
    return f'"{version}"'


def address(*steps: str) -> str:
    """Return the address of a resource: `"users", "a@b"` gives `/api/v1/users/a%40b`."""
    return "/".join((ROOT, *(quote(step, safe="") for step in steps)))
