"""Whatever goes wrong, in one shape: a page in the browser, problem details (RFC 9457) over REST.

Every handler of exceptions is here. What the reader gets is an entry of `changeover.errors`, with its code,
what happened and what to do next; what only the operator may see goes to the log under a reference.
"""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple
from urllib.parse import urlencode

import structlog
from jinja2 import Environment
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind
from changeover.errors.trace import trace_of
from changeover.web.application import with_head
from changeover.web.templating import render
from changeover.web.visit import SignInNeeded, asked_by_script, back_to, open_page, visit_of

AnyRequest = Request[Any, Any, Any]

API = "/api/"
PROBLEM = "application/problem+json"
_CSRF_REFUSED = "CSRF token verification failed"  # Litestar's words; tests/web/test_forms.py holds them

_log = structlog.get_logger(__name__)

# What Litestar itself refuses, by status.
_KINDS: dict[int, ErrorKind] = {
    400: errors.REQUEST_INVALID,
    401: errors.TOKEN_REFUSED,
    404: errors.PAGE_NOT_FOUND,
    405: errors.METHOD_NOT_ALLOWED,
    413: errors.REQUEST_TOO_LARGE,
    429: errors.TOO_MANY_REQUESTS,
}


class Problem(NamedTuple):
    """What the reader is told."""

    status: int
    code: str
    title: str
    message: str
    remedy: str
    reference: str = ""
    """Under which the log has the rest; only of what should not happen."""
    fields: tuple[tuple[str, str], ...] = ()
    """Names of values that could not be read, with the reason."""


def of_error(error: ChangeoverError) -> Problem:
    """Return the problem of a refusal."""
    return Problem(error.kind.status, error.code, error.kind.title, error.message, error.remedy)


def of_exception(error: Exception) -> Problem:
    """Return the problem of any exception; what is none of ours and should not happen is logged."""
    if isinstance(error, ChangeoverError):
        if error.kind.status >= errors.INTERNAL.status:
            _log.error("refused", code=error.code, message=error.message)
        return of_error(error)
    if isinstance(error, HTTPException) and error.status_code < errors.INTERNAL.status:
        return _of_litestar(error)
    reference = secrets.token_hex(6)
    _log.error("internal error", reference=reference, trace=trace_of(error))
    kind = errors.INTERNAL
    return Problem(kind.status, kind.code, kind.title, kind.title, kind.remedy, reference)


def _of_litestar(error: HTTPException) -> Problem:
    kind = _KINDS.get(error.status_code, errors.REQUEST_INVALID)
    if error.detail == _CSRF_REFUSED:
        kind = errors.FORM_STALE
    message = kind.title
    fields: tuple[tuple[str, str], ...] = ()
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        fields = tuple((str(item.get("key", "")), str(item.get("message", ""))) for item in error.extra)
    elif kind is errors.REQUEST_INVALID and error.detail:
        message = error.detail
    return Problem(kind.status, kind.code, kind.title, message, kind.remedy, fields=fields)


def _details(problem: Problem, instance: str) -> Response[dict[str, Any]]:
    """Return problem details; `code` and `remedy` are extensions as RFC 9457 allows them."""
    content: dict[str, Any] = {
        "type": f"urn:changeover:error:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.message,
        "instance": instance,
        "code": problem.code,
        "remedy": problem.remedy,
    }
    if problem.reference:
        content["reference"] = problem.reference
    if problem.fields:
        content["fields"] = [{"name": name, "message": message} for name, message in problem.fields]
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == errors.TOKEN_REFUSED.status else None
    return Response(content, status_code=problem.status, media_type=PROBLEM, headers=headers)


def _page(request: AnyRequest, problem: Problem) -> Response[str]:
    templates: Environment = request.app.state.templates
    context: dict[str, Any] = {"visit": visit_of(request), "problem": problem}
    if asked_by_script(request):
        # Into the dialog or the part of the page that the script asked for: not a page within a page.
        return render(
            templates,
            request,
            "pages/problem_dialog.html",
            problem.status,
            {**context, "back": open_page(request)},
        )
    return render(templates, request, "pages/problem.html", problem.status, context)


def handle(request: AnyRequest, error: Exception) -> Response[Any]:
    """Answer any exception."""
    problem = of_exception(error)
    # Not `request.url`: a Host header that is none makes no URL.
    path: str = request.scope["path"]
    if path.startswith(API):
        if problem.code == errors.PAGE_NOT_FOUND.code:
            problem = of_error(ChangeoverError(errors.API_ADDRESS_UNKNOWN, errors.API_ADDRESS_UNKNOWN.title))
        response: Response[Any] = _details(problem, path)
    else:
        response = _page(request, problem)
    if isinstance(error, HTTPException) and error.headers:
        for name, value in error.headers.items():
            allow = name.lower() == "allow"
            response.set_header(name, ", ".join(sorted(with_head(value.split(", ")))) if allow else value)
    return response


def lead_to_sign_in(request: AnyRequest, _error: SignInNeeded) -> Response[Any]:
    """Lead to the sign-in page and, after that, back to where one was."""
    back = open_page(request) if asked_by_script(request) else back_to(request)
    target = f"/sign-in?{urlencode({'next': back})}"
    if asked_by_script(request):
        return Response("", status_code=200, media_type=MediaType.HTML, headers={"HX-Redirect": target})
    return Redirect(target, status_code=303)


def handlers() -> ExceptionHandlersMap:
    """Return who answers which exception."""
    return {SignInNeeded: lead_to_sign_in, HTTPException: handle, Exception: handle}
