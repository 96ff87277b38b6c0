"""Problem details (RFC 9457) as the API answers with, and which of them an operation may answer with."""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from typing import Annotated

from litestar.openapi import ResponseSpec
from msgspec import Meta, Struct

from changeover import errors
from changeover.errors import ErrorKind
from changeover.web.problems import PROBLEM

PRECONDITION_FAILED = HTTPStatus.PRECONDITION_FAILED.value
"""RFC 9110, section 13.1.1: what answers a request whose If-Match names another version."""

_ALWAYS = (
    errors.HOST_UNKNOWN,
    errors.REQUEST_INVALID,
    errors.TOKEN_MISSING,
    errors.TOKEN_REFUSED,
    errors.INTERNAL,
    errors.STORE_BUSY,
    errors.STORE_FAILED,
    errors.STORE_UNCERTAIN,
)
_BODY = (errors.REQUEST_TOO_LARGE, errors.MEDIA_TYPE_REFUSED)
_VERSION = (errors.VERSION_MISSING,)


class FieldProblem(Struct, frozen=True, kw_only=True):
    """A value of the request that could not be read."""

    name: str
    message: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Problem details (RFC 9457): the one shape of every error."""

    type: Annotated[str, Meta(examples=["urn:changeover:error:E-ALREADY-MIGRATED"])]
    title: Annotated[str, Meta(description="What happened, in general.")]
    status: int
    detail: Annotated[str, Meta(description="What happened, with the names of this case.")]
    instance: Annotated[str, Meta(description="Path of the request.")]
    code: Annotated[str, Meta(description="Stable: see docs/errors.md.", examples=["E-ALREADY-MIGRATED"])]
    remedy: Annotated[str, Meta(description="What to do next.")]
    reference: Annotated[str, Meta(description="Under which the server's log says more.")] = ""
    fields: tuple[FieldProblem, ...] = ()


def refusals(
    *kinds: ErrorKind,
    permission: bool = True,
    body: bool = False,
    version: bool = False,
) -> dict[int, ResponseSpec]:
    """Return the problem details that an operation may answer with, by status, for its OpenAPI description.

    Args:
        kinds: errors of its own.
        permission: whether it takes a permission, and not only a token.
        body: whether it takes a body.
        version: whether it takes If-Match.
    """
    by_status: dict[int, list[ErrorKind]] = defaultdict(list)
    every = (
        *_ALWAYS,
        *((errors.NOT_PERMITTED,) if permission else ()),
        *(_BODY if body else ()),
        *(_VERSION if version else ()),
        *kinds,
    )
    for kind in dict.fromkeys(every):
        by_status[kind.status].append(kind)
    if version:
        by_status[PRECONDITION_FAILED].append(errors.STALE_PAGE)
    return {
        status: ResponseSpec(
            data_container=Problem,
            generate_examples=False,
            media_type=PROBLEM,
            description=" ".join(f"`{kind.code}`: {kind.title}" for kind in found),
        )
        for status, found in sorted(by_status.items())
    }
