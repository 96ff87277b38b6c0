"""What a database says when it fails, in the words of the house."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind

# SQLSTATE (PostgreSQL's documentation, Appendix A): what goes by when one tries again.
_NO_ROOM = "53300"
_BUSY = {
    "40001": "Another transaction changed the same records at the same time.",
    "40P01": "Two transactions waited for each other.",
    _NO_ROOM: "The server takes no more connections.",
    "55P03": "Another transaction held the same records for too long.",
    "57014": "It took longer than a statement may take.",
    "57P03": "The server is starting or stopping.",
}
# Who is not let in gets no SQLSTATE from the driver, only what the server says (in its own language).
_FULL = ("too many clients", "too many connections", "connection slots are reserved")
_MAKE_ROOM = (
    "Try again. If it stays so, let the server take more (max_connections), or run fewer processes: each"
    " takes twelve connections at most, a worker five more."
)
# Classes of SQLSTATE in which the server could not, or would not, do it: connection, what was prepared and is
# not what it was (0A, 26), privileges and missing tables, resources, limits, operator, system. Not among
# them: data (22), constraints (23), triggers (P0).
_FAILED = ("08", "0A", "25", "26", "42", "53", "55", "57", "58", "XX")
# The same of SQLite, beside what its driver calls an operational error: a file that is damaged, or is none.
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NOT_LASTING = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})
_TOO_LONG_FOR_AN_INDEX = "54000"
_NOT_TEXT, _TOO_LONG = "22021", "22001"


def sqlstate(error: DBAPIError) -> str:
    """Return PostgreSQL's code of an error, an empty text where there is none: SQLite, a lost connection."""
    return getattr(error.orig, "sqlstate", None) or ""


def is_taken(error: DBAPIError) -> bool:
    """Whether it is a unique constraint that a row goes against."""
    return sqlstate(error) == "23505" or "UNIQUE constraint failed" in str(error.orig)


def is_torn(error: DBAPIError) -> bool:
    """Whether SQLite wrote and could not see to it that it lasts: after a crash it may be there, or may not.

    A write that fails leaves nothing open (https://www.sqlite.org/rescode.html).
    """
    return getattr(error.orig, "sqlite_errorcode", 0) in _NOT_LASTING


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
    except (PoolTimeoutError, DBAPIError) as error:
        said = in_our_words(error)
        if said is error:
            raise
        raise said from error


def in_our_words(error: Exception) -> Exception:
    """Return an error of the driver as one of the catalogue, as `told` raises it; any other as it is."""
    said = _said(error)
    if said is None:
        return error
    said.__cause__ = error
    return said


def _said(error: Exception) -> ChangeoverError | None:
    if isinstance(error, PoolTimeoutError):
        message = "All connections of this process to the database were in use for too long."
        return ChangeoverError(errors.STORE_BUSY, message)
    if not isinstance(error, DBAPIError):
        return None
    if _is_full(error):
        return ChangeoverError(errors.STORE_BUSY, _BUSY[_NO_ROOM], _MAKE_ROOM)
    if is_locked(error.orig):
        message = "Another process wrote to the database for too long."
        return ChangeoverError(errors.STORE_BUSY, message)
    kind, message = _verdict(error)
    return None if kind is None else ChangeoverError(kind, message)


def is_locked(error: object) -> bool:
    """Whether SQLite gave up waiting for somebody else, or did not wait at all."""
    return isinstance(error, sqlite3.OperationalError) and _code_of_sqlite(error) == sqlite3.SQLITE_BUSY


def _code_of_sqlite(error: object) -> int:
    """Return SQLite's primary code of an error, 0 where there is none."""
    # Of an extended code the last byte is the primary one.
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _is_full(error: DBAPIError) -> bool:
    """Whether the server takes no more connections: its own limit, a database's or a user's."""
    said = str(error.orig).casefold()
    return sqlstate(error) == _NO_ROOM or (not sqlstate(error) and any(words in said for words in _FULL))


def _verdict(error: DBAPIError) -> tuple[ErrorKind | None, str]:
    code = sqlstate(error)
    if code in _BUSY:
        return errors.STORE_BUSY, f"{_BUSY[code]} ({reason(error)})."
    if code == _TOO_LONG_FOR_AN_INDEX:
        return errors.VALUE_REFUSED, f"A text is longer than the database can find again ({reason(error)})."
    if code in {_NOT_TEXT, _TOO_LONG}:
        return errors.VALUE_REFUSED, f"The database cannot hold a text of it ({reason(error)})."
    if error.connection_invalidated or getattr(error.orig, "sqlstate", "") is None:
        # Where the server is and as whom we speak to it is nobody's business who only asks for a page.
        return errors.STORE_FAILED, "The database cannot be reached, or went away in the middle."
    damaged = _code_of_sqlite(error.orig) in _DAMAGED
    if damaged or isinstance(error, OperationalError) or code[:2] in _FAILED:
        return errors.STORE_FAILED, f"The database failed: {reason(error)}."
    return None, ""
