"""What programs are told when something goes wrong, in the shape that OAuth clients read."""

from __future__ import annotations

from changeover import errors
from changeover.errors import INTERNAL
from changeover.oauth.call import Answer
from changeover.oauth.guard import LimitReached
from changeover.web import problems


def answer_to(error: Exception) -> Answer:
    """Return an error as OAuth clients read it (RFC 6749 section 5.2); one of ours to be mended is logged."""
    problem = problems.of_exception(error)
    ours = problem.status >= INTERNAL.status
    reference = f" Reference: {problem.reference}." if problem.reference else ""
    body = {
        "error": "server_error" if ours else "invalid_request",
        "error_description": f"{problem.code}: {problem.message}{reference}",
    }
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, LimitReached):
        body["error"] = "rate_limit_exceeded"
        headers["Retry-After"] = str(error.seconds)
    # RFC 6749 section 5.2: what is wrong with a request is a 400, an odd character in it as well.
    refused = problem.code == errors.VALUE_REFUSED.code
    return Answer(
        status=errors.REQUEST_INVALID.status if refused else problem.status, body=body, headers=headers
    )
