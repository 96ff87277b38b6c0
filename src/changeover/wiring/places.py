"""Where an installation is: its database and its key."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.engine import Database

# As PostgreSQL's own programs write it, and as many tools still do.
_POSTGRESQL = frozenset({"postgresql", "postgres"})
# What is meant as the place of a database server and would pass for the name of a file.
_NO_PATH = re.compile(
    r"(?:sqlite|postgres(?:ql)?|mysql|mariadb|mssql|oracle)(?:\+\w+)?:"
    r"|\s*(?:host|hostaddr|port|dbname|user|password|service|sslmode)\s*="
)
_AS_URL = (
    "Name the path of a SQLite file, or a URL: postgresql://user@host/name, sqlite:////folder/changeover.db."
)


def database_url(database: str | Path) -> URL:
    """Return the URL of a database: a path as a SQLite file; PostgreSQL with the driver that comes along."""
    text = str(database)
    if "://" not in text and _NO_PATH.match(text):
        # Without the text: a password may stand in it.
        message = (
            "What was given as the database is neither a path nor a URL, which has // behind its scheme."
        )
        raise ChangeoverError(errors.STORE_UNREADABLE, message, _AS_URL)
    try:
        url = make_url(text) if "://" in text else URL.create("sqlite", database=text)
    except (ArgumentError, ValueError):
        # Without what stands before the host: there the password is, in a URL that nobody could take apart.
        shown = re.sub(r"//.*@|[?].*", "//…@", text)
        message = f"{shown} is neither the path of a SQLite file nor a database URL."
        raise ChangeoverError(errors.STORE_UNREADABLE, message) from None
    if "@" in (url.host or ""):
        remedy = "Write @ in a username or password as %40, / as %2F, : as %3A."
        raise ChangeoverError(errors.STORE_UNREADABLE, "The database URL has more than one @.", remedy)
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        message = "A SQLite database without a file would be another one for each connection."
        raise ChangeoverError(errors.STORE_UNREADABLE, message, _AS_URL)
    return url.set(drivername="postgresql+psycopg") if url.drivername in _POSTGRESQL else url


def key_beside(url: URL) -> Path:
    """Return where the key is kept by default: beside a SQLite file, else in the working directory."""
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(f"{url.database}.key")
    return Path("changeover.key")


@contextlib.contextmanager
def database_at(url: URL, *, create: bool) -> Iterator[Database]:
    """Open a database without a look at its schema. Raises E-STORE-UNREADABLE, E-STORE-BUSY."""
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if file is not None and not create and not file.is_file():
        raise ChangeoverError(errors.STORE_UNREADABLE, f"There is no installation at {file}.")
    try:
        opened = Database(url)
        try:
            if file is not None and create:
                prepare(file)
            _reach(opened)
            yield opened
        finally:
            opened.dispose()
    except (ImportError, OSError, SQLAlchemyError) as error:
        raise unreadable(url, error) from error


def _reach(database: Database) -> None:
    """Make sure that a database answers, and say why where it does not. Raises E-STORE-UNREADABLE."""
    try:
        with database.read():
            pass
    except ChangeoverError as error:
        if error.kind is errors.STORE_FAILED:
            raise unreadable(database.url, error) from error
        raise


def prepare(file: Path) -> None:
    """Make an empty database file that only its owner may read: it will hold password hashes and sessions."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR))


def unreadable(url: URL, error: Exception) -> ChangeoverError:
    """Return E-STORE-UNREADABLE, which says why a database could not be opened, and no password."""
    # Whoever opens it may know what whoever asks for a page may not: where it is, and as whom we come.
    whole = error.__cause__ if isinstance(error, ChangeoverError) else error
    reason = getattr(whole, "orig", None) or whole
    # A password may stand before the host or, as libpq also takes it, among the options.
    kept = {name: value for name, value in url.query.items() if name in {"host", "port"}}
    shown = url.set(query=kept).render_as_string(hide_password=True)
    lines = "; ".join(line.strip() for line in str(reason).splitlines() if line.strip())
    return ChangeoverError(errors.STORE_UNREADABLE, f"{shown}: {lines.rstrip('.')}.")
