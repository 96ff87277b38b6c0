"""The edge of the endpoints that programs call: in front of Litestar, since a login is waited for.

What a framework does between the socket and a function takes longer than a login: routing, sessions, form
tokens, dependencies, an answer made in layers. These endpoints need none of it. What they share with the
pages they ask for by name: which hosts are ours, the headers of every answer, what is told of an error.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.middleware.base import DefineMiddleware
from litestar.serialization import encode_json
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send
from litestar.utils import normalize_path
from litestar.utils.scope.state import ScopeState

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth.call import Answer, Parameters
from changeover.web.application import with_head
from changeover.web.forms import Form, form_of
from changeover.web.oauth.answers import answer_to
from changeover.web.oauth.place import AnyRequest, header_of
from changeover.web.security import KnownHosts, RawHeaders, SecurityHeaders

MAX_BODY = 64 * 1024
"""Bytes of a form: an assertion is the longest thing in one."""
_DIGITS = 18
_ORG = "/org/"
_OPTIONS, _NO_CONTENT = "OPTIONS", 204
_FOUND = "changeover_endpoints"
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"
_HEADS = 64


def parameters_of(form: Form) -> Parameters:
    """Return a form as the protocol sees it."""
    return {name: form.texts(name) for name in form.names()}


class Endpoint(NamedTuple):
    """One endpoint for programs."""

    method: Literal["GET", "POST"]
    path: str
    """With a `{name}` where addresses differ."""
    answer: Callable[[AnyRequest, Parameters], Awaitable[Answer]]
    """Given the form of a POST. It never waits in the event loop (`gathered`)."""


class Found(NamedTuple):
    """Endpoints of an address, by method."""

    by_method: Mapping[str, Endpoint]
    template: str
    names: Mapping[str, str]


class Programs:
    """The endpoints, each at its own address and at the same below `/org/<My Domain>`.

    Args:
        endpoints: all of them.
        hosts: which hosts are ours.
        headers: what every answer carries.
        middleware: what counts requests.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        hosts: KnownHosts,
        headers: SecurityHeaders,
        middleware: Sequence[DefineMiddleware] = (),
    ) -> None:
        self._hosts = hosts
        self._headers = headers
        # Most answers have the same.
        self._encoded = lru_cache(_HEADS)(self._head)
        self._endpoints: dict[str, dict[str, Endpoint]] = {}
        for one in endpoints:
            self._endpoints.setdefault(one.path, {})[one.method] = one
        self._patterns = [
            (re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), path)
            for path in self._endpoints
            if "{" in path
        ]
        self._app: ASGIApp = self._answer
        for each in middleware:
            self._app = each(app=self._app)

    def find(self, path: str) -> Found | None:
        """Return the endpoints of an address, None where it is none of theirs."""
        if not path.startswith(_ORG):
            return self._at(path)
        place, slash, rest = path.removeprefix(_ORG).partition("/")
        found = self._at(slash + rest) if place else None
        if found is None:
            return None
        names = {**found.names, "place": place}
        return Found(found.by_method, f"{_ORG}{{place}}{found.template}", names)

    def _at(self, path: str) -> Found | None:
        at = self._endpoints.get(path)
        if at is not None:
            return Found(at, path, {})
        for pattern, template in self._patterns:
            names = pattern.fullmatch(path)
            if names is not None:
                return Found(self._endpoints[template], template, names.groupdict())
        return None

    async def answered(self, scope: HTTPScope, receive: Receive, send: Send) -> bool:
        """Answer a request that is for one of these; False, and nothing done, where it is for none."""
        # A slash more makes no other address, as everywhere else here.
        found = self.find(normalize_path(scope["path"]))
        if found is None:
            return False
        scope.setdefault("state", {})
        scope["path_template"], scope["path_params"] = found.template, {**found.names}
        scope["state"][_FOUND] = found
        # As Litestar does: what no endpoint takes is not counted, since anybody can make up a method.
        app = self._app if scope["method"] in found.by_method else self._answer
        await app(scope, receive, send)
        return True

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request: AnyRequest = Request(scope, receive, send)
        try:
            self._hosts.refuse_unknown(header_of(request, b"host"))
            answer = await _asked(request, scope["state"][_FOUND])
        except _GoneError:
            return
        except Exception as error:  # noqa: BLE001 - what should not happen is logged there
            answer = answer_to(error)
        body = encode_json(answer.body) if answer.body is not None else b""
        said = [*answer.headers.items()]
        if answer.status != _NO_CONTENT:
            said += (("content-type", _TEXT if answer.body is None else _JSON),)
        headers = [*self._encoded(*said)]
        if answer.status != _NO_CONTENT:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _head(self, *said: tuple[str, str]) -> RawHeaders:
        """Return headers as they are sent, with those of every answer; of one name the last."""
        own = {name.lower().encode(): value.encode("latin-1") for name, value in said}
        return self._headers.beside([*own.items()])


class _GoneError(Exception):
    """The client hung up before it had asked."""


async def _asked(request: AnyRequest, found: Found) -> Answer:
    """Ask the endpoint that takes the request's method. Raises what it raises."""
    endpoint = found.by_method.get(request.method)
    if endpoint is not None:
        return await endpoint.answer(request, await _form(request) if endpoint.method == "POST" else {})
    allow = {"Allow": ", ".join(sorted({*with_head(found.by_method), _OPTIONS}))}
    if request.method == _OPTIONS:
        return Answer(status=_NO_CONTENT, headers=allow)
    refused = answer_to(ChangeoverError(errors.METHOD_NOT_ALLOWED, errors.METHOD_NOT_ALLOWED.title))
    return replace(refused, headers={**refused.headers, **allow})


async def _form(request: AnyRequest) -> Parameters:
    """Return the form of a request, none where it is of a kind that is no form.

    Raises:
        ChangeoverError: E-REQUEST-TOO-LARGE.
        HTTPException: it is broken.
    """
    body = await _body(request)
    kind = header_of(request, b"content-type").partition(";")[0].strip().lower()
    if kind == RequestEncodingType.URL_ENCODED:
        # Not Litestar's way, which remembers the last thousand forms: secrets are not kept. Whoever leaves
        # out the percent signs (`curl -d`) means UTF-8 all the same.
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(body.decode(errors="replace"), keep_blank_values=True):
            found.setdefault(name, []).append(value.replace("\r\n", "\n"))
        return found
    if kind != RequestEncodingType.MULTI_PART:
        return {}
    # What is there already is not read, and so needs no route that would limit it.
    ScopeState.from_scope(request.scope).body = body
    form = await form_of(Request[Any, Any, Any](request.scope))
    try:
        return parameters_of(Form(form))
    finally:
        await form.close()


async def _body(request: AnyRequest) -> bytes:
    announced = header_of(request, b"content-length")
    # Servers take no length that is none; one of thousands of digits is too long whatever it is.
    if announced.isdecimal() and (len(announced) > _DIGITS or int(announced) > MAX_BODY):
        raise ChangeoverError(errors.REQUEST_TOO_LARGE, errors.REQUEST_TOO_LARGE.title)
    body, more = b"", True
    while more:
        message: Any = await request.receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise ChangeoverError(errors.REQUEST_TOO_LARGE, errors.REQUEST_TOO_LARGE.title)
        more = message.get("more_body", False)
    return body
