"""Answers of the protocol as answers over HTTP."""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Request, Response

from changeover import errors
from changeover.errors import INTERNAL, ChangeoverError
from changeover.oauth.call import Answer
from changeover.oauth.guard import LimitReached


def response_of(answer: Answer) -> Response[Any]:
    """Return an answer as Litestar sends it."""
    return Response(
        answer.body if answer.body is not None else "",
        status_code=answer.status,
        media_type=MediaType.JSON if answer.body is not None else MediaType.TEXT,
        headers=dict(answer.headers),
    )


def refuse(_request: Request[Any, Any, Any], error: ChangeoverError) -> Response[Any]:
    """Answer an error of the house in the shape that OAuth clients read (RFC 6749 section 5.2)."""
    ours = error.kind.status >= INTERNAL.status
    name = "server_error" if ours else "invalid_request"
    body = {"error": name, "error_description": f"{error.code}: {error.message}"}
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, LimitReached):
        body["error"] = "rate_limit_exceeded"
        headers["Retry-After"] = str(error.seconds)
    # RFC 6749 section 5.2: what is wrong with a request is a 400, an odd character in it as well.
    status = errors.REQUEST_INVALID.status if error.kind is errors.VALUE_REFUSED else error.kind.status
    return Response(body, status_code=status, headers=headers)
