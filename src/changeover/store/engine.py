"""Connections: on SQLite one writer a process and many readers; a unit is one transaction on one of them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exists, make_url, select
from sqlalchemy.exc import OperationalError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.schema import connected_app, external_client_app, push_settings

BUSY_SECONDS = 10.0
_READERS = 8
_MORE_READERS = 32


class Database:
    """The database of an installation.

    Measured on SQLite: with a connection a thread the slowest of a hundred writes waited 672 ms, with one
    writer 13 to 24 ms. So writers of one process queue on a lock here, and processes on SQLite's own.
    """

    def __init__(self, url: str | URL, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = make_url(url)
        self._busy_seconds = busy_seconds
        self._turn = threading.Lock()
        self._inside = threading.local()
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = self._sqlite(read_only=False)
            self._reader = self._sqlite(read_only=True)
        else:
            self._writer = self._reader = self._postgresql()

    def _postgresql(self) -> Engine:
        engine = create_engine(self.url, pool_pre_ping=True, isolation_level="READ COMMITTED")

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own connection
            # Whatever the server is set up for: the driver reads no other dates.
            with connection.cursor() as cursor:
                cursor.execute("SET datestyle = 'ISO'; SET timezone = 'UTC'")
            connection.commit()

        return engine

    def _sqlite(self, *, read_only: bool) -> Engine:
        size = {"pool_size": _READERS, "max_overflow": _MORE_READERS} if read_only else {"pool_size": 1}
        engine = create_engine(
            self.url,
            connect_args={"timeout": self._busy_seconds, "check_same_thread": False},
            **size,
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own record
            # The driver must not begin transactions by itself: `begin` below says how.
            connection.isolation_level = None
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                f"query_only = {'ON' if read_only else 'OFF'}",
            ):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

        return engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Begin a writing transaction; commit at the end, roll back on any exception.

        Raises E-STORE-BUSY where the turn does not come within the busy time, E-STORE-FAILED where the
        database fails in the middle: a full disk, a file that cannot be written.
        """
        if getattr(self._inside, "unit", False):
            message = "a unit inside a unit would wait for itself"
            raise RuntimeError(message)
        if not self.is_sqlite:
            with _told(), self._writer.begin() as connection:
                yield connection
            return
        if not self._turn.acquire(timeout=self._busy_seconds):
            raise ChangeoverError(errors.STORE_BUSY, "The writer of this process was busy for too long.")
        self._inside.unit = True
        try:
            with self._writer.connect() as connection:
                transaction = self._begin(connection)
                with _told(), transaction:
                    yield connection
        finally:
            self._inside.unit = False
            self._turn.release()

    def _begin(self, connection: Connection) -> Any:  # noqa: ANN401 - a context manager of SQLAlchemy
        try:
            return connection.begin()
        except OperationalError as error:
            if "locked" in str(error.orig) or "busy" in str(error.orig):
                message = "Another process wrote to the database for too long."
                raise ChangeoverError(errors.STORE_BUSY, message) from error
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Begin a reading transaction: one state throughout. On SQLite a write in it fails.

        Raises E-STORE-FAILED where the database cannot be read.
        """
        with _told(), self._reader.connect() as connection:
            if self.is_sqlite:
                with connection.begin():
                    yield connection
            else:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                with connection.begin():
                    yield connection

    def holds_secrets(self) -> bool:
        """Whether anything sealed is stored."""
        with self.read() as connection:
            return any(
                connection.execute(select(exists().where(table.c.sealed.is_not(None)))).scalar_one()
                for table in (connected_app, external_client_app, push_settings)
            )

    def dispose(self) -> None:
        """Close all connections."""
        self._writer.dispose()
        self._reader.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """Say in the words of the house that the database failed; the statement stays in the cause."""
    try:
        yield
    except OperationalError as error:
        raise ChangeoverError(errors.STORE_FAILED, f"The database failed: {error.orig}.") from error
