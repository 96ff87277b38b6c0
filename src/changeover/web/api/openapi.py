"""The OpenAPI 3.1 description of the API, made from the operations themselves.

Litestar writes it; what it cannot know, or says less than truly, is put right here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from inspect import cleandoc
from typing import Any

import msgspec
from litestar import Litestar, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from msgspec import Struct

from changeover import __version__
from changeover.web.api.call import DEPENDENCIES, PUBLIC, ROOT, TAKES

MEDIA_TYPE = "application/vnd.oai.openapi+json"
_METHODS = ("get", "put", "post", "patch", "delete")
_SCHEME = "personalApiToken"

_DESCRIPTION = """
The acts of Setup in one org: the org of the user whose personal API token comes with the request. The user's
permissions hold; what they do not permit is refused.

Send the token as `Authorization: Bearer TOKEN`. Cookies do not count. Every error is a problem detail
(RFC 9457) with a stable `code` and a `remedy`. A change of a record names in `If-Match` the ETag of the
record that it was made for.

Changeover is not a product of Salesforce, and this is not an API of Salesforce.
"""


def describe(operations: Sequence[HTTPRouteHandler]) -> dict[str, Any]:
    """Return the OpenAPI document of operations, as JSON holds it."""
    app = Litestar(
        [Router(ROOT, route_handlers=operations, dependencies=DEPENDENCIES)],
        openapi_config=OpenAPIConfig(
            title="Changeover",
            version=__version__,
            description=_DESCRIPTION.strip(),
            use_handler_docstrings=True,
            operation_id_creator=lambda handler, _method, _path: handler.handler_name,
            components=Components(
                security_schemes={_SCHEME: SecurityScheme(type="http", scheme="bearer")},
            ),
            security=[{_SCHEME: []}],
            render_plugins=[JsonRenderPlugin()],
        ),
    )
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(app.openapi_schema.to_schema()))
    takes = {handler.handler_name: handler.opt.get(TAKES, ()) for handler in operations}
    for operation in _operations(document):
        _complete(operation, takes[operation["operationId"]])
    structs = {each.__name__: each for each in _own(Struct)}
    enums = {
        (each.__name__, *(str(value) for value in each.__members__.values())): each for each in _own(StrEnum)
    }
    for name, schema in document["components"]["schemas"].items():
        _complete_schema(schema, structs.get(name) or enums.get((name, *schema.get("enum", ()))))
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        for method in _METHODS:
            if method in item:
                yield item[method]


def _complete(operation: dict[str, Any], takes: tuple[str, ...]) -> None:
    """Say of an operation what its handler's signature cannot say.

    Args:
        operation: its description.
        takes: media types of a body that is a file.
    """
    # The first paragraph of the docstring is the summary.
    summary, _, rest = operation.get("description", "").partition("\n\n")
    operation["summary"] = " ".join(summary.split()).removesuffix(".")
    if rest:
        operation["description"] = rest
    for parameter in operation.get("parameters", ()):
        # A parameter is there or not; no address and no header can hold a null.
        parameter["schema"] = _without_null(parameter["schema"])
        if parameter["name"] == "If-Match":
            parameter["required"] = True
    for response in operation["responses"].values():
        for header in response.get("headers", {}).values():
            header.update(schema={"type": "string"}, required=True)
    if takes:
        operation["requestBody"] = {"required": True, "content": {kind: {} for kind in takes}}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    choices = schema.get("oneOf")
    if choices is not None:
        left = [each for each in choices if each.get("type") != "null"]
        rest = {name: value for name, value in schema.items() if name != "oneOf"}
        return {**left[0], **rest} if len(left) == 1 else {**rest, "oneOf": left}
    kept = dict(schema)
    if isinstance(kept.get("type"), list):
        kept["type"] = next(each for each in kept["type"] if each != "null")
    if None in kept.get("enum", ()):
        kept["enum"] = [each for each in kept["enum"] if each is not None]
    return kept


def _complete_schema(schema: dict[str, Any], cls: type[Any] | None) -> None:
    if cls is None:
        return
    # Litestar puts the words of whichever field comes first on a shape that many fields share.
    schema["description"] = cleandoc(cls.__doc__ or "")
    if issubclass(cls, Struct) and cls.__struct_config__.forbid_unknown_fields:
        schema["additionalProperties"] = False


def _own(cls: type[Any]) -> Iterator[type[Any]]:
    """Yield the subclasses that are ours, however far down; what commands print has names of its own."""
    for each in cls.__subclasses__():
        module = each.__module__
        if module.startswith("changeover.") and not module.startswith("changeover.shapes.answers"):
            yield each
        yield from _own(each)


def openapi_handler(operations: Sequence[HTTPRouteHandler]) -> HTTPRouteHandler:
    """Return what serves the document at `/openapi.json`; it holds nothing of any org and needs no token."""

    @cache
    def document() -> bytes:
        return msgspec.json.encode(describe(operations))

    @get(
        "/openapi.json",
        sync_to_thread=True,
        include_in_schema=False,
        media_type=MEDIA_TYPE,
        opt={PUBLIC: True},
        name="openapi",
    )
    def openapi() -> Response[bytes]:
        return Response(document(), media_type=MEDIA_TYPE)

    return openapi
