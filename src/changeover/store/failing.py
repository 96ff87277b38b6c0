"""What a database says when it fails, in the words of the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind

# SQLSTATE (PostgreSQL's documentation, Appendix A): what goes by when one tries again.
_BUSY = {
    "40001": "Another transaction changed the same records at the same time.",
    "40P01": "Two transactions waited for each other.",
    "53300": "The server takes no more connections.",
    "55P03": "Another transaction held the same records for too long.",
    "57014": "It took longer than a statement may take.",
    "57P03": "The server is starting or stopping.",
}
# Classes of SQLSTATE in which the server could not, or would not, do it: connection, privileges and missing
# tables, resources, limits, operator, system. Not among them: data (22), constraints (23), triggers (P0).
_FAILED = ("08", "25", "42", "53", "55", "57", "58", "XX")
_TOO_LONG_FOR_AN_INDEX = "54000"
_NOT_TEXT, _TOO_LONG = "22021", "22001"


def sqlstate(error: DBAPIError) -> str:
    """Return PostgreSQL's code of an error, an empty text where there is none: SQLite, a lost connection."""
    return getattr(error.orig, "sqlstate", None) or ""


def reason(error: DBAPIError) -> str:
    """Return what the database said, in one line: neither statement nor values."""
    diagnosis = getattr(error.orig, "diag", None)
    said = getattr(diagnosis, "message_primary", None) or str(error.orig)
    return "; ".join(line.strip() for line in said.splitlines() if line.strip()).rstrip(".")


@contextmanager
def told() -> Iterator[None]:
    """Turn errors of the driver into those of the catalogue; the statement stays in the cause.

    Raises E-STORE-BUSY, E-STORE-FAILED, E-VALUE-REFUSED. What is a fault of ours passes as it is.
    """
    try:
        yield
    except PoolTimeoutError as error:
        message = "All connections of this process to the database were in use for too long."
        raise ChangeoverError(errors.STORE_BUSY, message) from error
    except StatementError as error:
        # What a column type refuses comes wrapped.
        if isinstance(error.orig, ChangeoverError):
            raise error.orig from None
        if not isinstance(error, DBAPIError):
            raise
        kind, message = _verdict(error)
        if kind is None:
            raise
        raise ChangeoverError(kind, message) from error


def _verdict(error: DBAPIError) -> tuple[ErrorKind | None, str]:
    code = sqlstate(error)
    if code in _BUSY:
        return errors.STORE_BUSY, f"{_BUSY[code]} ({reason(error)})."
    if code == _TOO_LONG_FOR_AN_INDEX:
        return errors.VALUE_REFUSED, f"A text is longer than the database can find again ({reason(error)})."
    if code in {_NOT_TEXT, _TOO_LONG}:
        return errors.VALUE_REFUSED, f"The database cannot hold a text of it ({reason(error)})."
    if isinstance(error, OperationalError) or code[:2] in _FAILED:
        return errors.STORE_FAILED, f"The database failed: {reason(error)}."
    return None, ""
