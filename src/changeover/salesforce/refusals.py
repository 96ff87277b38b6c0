"""How the APIs refuse: Salesforce's error codes, each with the HTTP status that REST gives it.

SOAP wraps the same codes in a fault (`sf:INVALID_SESSION_ID`). Source: REST API guide, Status Codes and Error
Responses; SOAP API guide, Core Data Types, ExceptionCode. The messages of INVALID_SESSION_ID, NOT_FOUND,
METHOD_NOT_ALLOWED, INVALID_TYPE, INVALID_FIELD and MALFORMED_QUERY are Salesforce's as its users quote them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind


class ErrorCode(NamedTuple):
    """One of Salesforce's error codes."""

    name: str
    status: int


INVALID_SESSION_ID = ErrorCode("INVALID_SESSION_ID", 401)
INSUFFICIENT_ACCESS = ErrorCode("INSUFFICIENT_ACCESS", 403)
NOT_FOUND = ErrorCode("NOT_FOUND", 404)
METHOD_NOT_ALLOWED = ErrorCode("METHOD_NOT_ALLOWED", 405)
MALFORMED_QUERY = ErrorCode("MALFORMED_QUERY", 400)
MALFORMED_ID = ErrorCode("MALFORMED_ID", 400)
INVALID_TYPE = ErrorCode("INVALID_TYPE", 400)
INVALID_FIELD = ErrorCode("INVALID_FIELD", 400)
INVALID_QUERY_FILTER_OPERATOR = ErrorCode("INVALID_QUERY_FILTER_OPERATOR", 400)
INVALID_QUERY_LOCATOR = ErrorCode("INVALID_QUERY_LOCATOR", 400)
NUMBER_OUTSIDE_VALID_RANGE = ErrorCode("NUMBER_OUTSIDE_VALID_RANGE", 400)
EXCEEDED_ID_LIMIT = ErrorCode("EXCEEDED_ID_LIMIT", 400)
OPERATION_TOO_LARGE = ErrorCode("OPERATION_TOO_LARGE", 400)
JSON_PARSER_ERROR = ErrorCode("JSON_PARSER_ERROR", 400)
INVALID_INPUT = ErrorCode("INVALID_INPUT", 400)
SERVER_UNAVAILABLE = ErrorCode("SERVER_UNAVAILABLE", 503)
UNKNOWN_EXCEPTION = ErrorCode("UNKNOWN_EXCEPTION", 500)

_OURS = errors.INTERNAL.status


class ApiRefused(Exception):  # noqa: N818 - what happened to a request
    """A request that an API refuses.

    Args:
        code: Salesforce's error code.
        message: what the client shows; never a secret or a token.
        status: of the answer over REST, where it is not the code's own.
    """

    def __init__(self, code: ErrorCode, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or code.status

    @property
    def body(self) -> list[dict[str, Any]]:
        """The answer over REST: an array of errors."""
        return [{"message": self.message, "errorCode": self.code.name}]


_KINDS: dict[ErrorKind, ErrorCode] = {
    errors.NOT_PERMITTED: INSUFFICIENT_ACCESS,
    errors.USER_NOT_ACTIVE: INVALID_SESSION_ID,
    errors.ORG_UNKNOWN: NOT_FOUND,
    errors.APP_NOT_FOUND: NOT_FOUND,
    errors.EXTERNAL_CLIENT_APP_NOT_FOUND: NOT_FOUND,
    errors.RECORD_NOT_FOUND: NOT_FOUND,
    errors.SECRETS_OVER_REST_OFF: INSUFFICIENT_ACCESS,
    errors.STORE_BUSY: SERVER_UNAVAILABLE,
}


def of_error(error: ChangeoverError) -> ApiRefused:
    """Return a refusal of the house as an API tells it: with our code in the message, where there is more."""
    code = _KINDS.get(error.kind)
    if code is None:
        code = UNKNOWN_EXCEPTION if error.kind.status >= _OURS else INVALID_INPUT
        return ApiRefused(code, str(error), error.kind.status)
    return ApiRefused(code, str(error))
