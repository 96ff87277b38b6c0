"""Faults: how SOAP says no. HTTP 500 in every case (SOAP 1.1, section 6.2).

Source: SOAP API guide, Error Handling (ExceptionCode, LoginFault); salesforce-reference 7.4. The texts of
INVALID_SESSION_ID, INVALID_LOGIN, UNSUPPORTED_API_VERSION, INVALID_OPERATION and "No operation available" are
Salesforce's as its users quote them, the others are ours.
"""

from __future__ import annotations

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind
from changeover.salesforce.refusals import ApiRefused

CLIENT = "soapenv:Client"
"""The request itself is wrong; anything else is one of Salesforce's exception codes."""
INVALID_SESSION_ID = "INVALID_SESSION_ID"
INVALID_LOGIN = "INVALID_LOGIN"
INVALID_OPERATION = "INVALID_OPERATION"
INVALID_TYPE = "INVALID_TYPE"
INVALID_CROSS_REFERENCE_KEY = "INVALID_CROSS_REFERENCE_KEY"
INSUFFICIENT_ACCESS = "INSUFFICIENT_ACCESS"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
SERVER_UNAVAILABLE = "SERVER_UNAVAILABLE"
UNKNOWN_EXCEPTION = "UNKNOWN_EXCEPTION"
UNSUPPORTED_API_VERSION = "UNSUPPORTED_API_VERSION"

NO_RECORD = "invalid cross reference id"
NO_LOGIN = "Invalid username, password, security token; or user locked out."
NO_VERSION = "Invalid Api version specified on URL"
NO_SESSION = (
    "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key"
)
LOGIN_OFF = "SOAP API login() is disabled by default in this org."


class SoapFault(Exception):  # noqa: N818 - SOAP's own word
    """A request that is refused as a whole.

    Args:
        code: `CLIENT`, or Salesforce's exception code.
        message: what the client shows; never a secret or a token.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


_KINDS: dict[ErrorKind, str] = {
    errors.NOT_PERMITTED: INSUFFICIENT_ACCESS,
    errors.USER_NOT_ACTIVE: INVALID_SESSION_ID,
    errors.STORE_BUSY: SERVER_UNAVAILABLE,
}


def fault_of(error: ChangeoverError | ApiRefused) -> SoapFault:
    """Return a refusal of the house, or of an API, as the fault of a whole request."""
    if isinstance(error, ApiRefused):
        code = error.code.name
        return SoapFault(code, NO_SESSION if code == INVALID_SESSION_ID else error.message)
    return SoapFault(_KINDS.get(error.kind, UNKNOWN_EXCEPTION), str(error))
