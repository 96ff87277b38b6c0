"""Connections: on SQLite one writer a process and many readers, on PostgreSQL a pool."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Integer,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.engine import ExceptionContext, RootTransaction
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.codec import read_json, write_json
from changeover.store.database_file import DatabaseFile, Identity
from changeover.store.failing import is_locked, is_torn, reason, told
from changeover.store.prepared import Prepared, Question, command, forget, send, settle
from changeover.store.turns import Turn
from changeover.store.types import Text

BUSY_SECONDS = 10.0
# Pages that a connection keeps, in KiB: the whole list of an org of ten thousand apps, which a search reads.
# Below zero, as SQLite wants it; by default it is 2 MiB.
_CACHE = -8_192
CHECKPOINT_PAGES = 4_000
"""Pages that wait in the write-ahead log of SQLite until they are written to the database."""
_WAIT = 0.01
_READERS = 8
_MORE_READERS = 32
# A process takes at most twelve connections of PostgreSQL's hundred, so several processes find room.
_CONNECTIONS = 4
_MORE_CONNECTIONS = 8
# No statement takes long; one that does holds up an org. A process that freezes in the middle of a
# transaction keeps the others waiting until the server gives up on it.
_STATEMENT_SECONDS = 60
_IDLE_SECONDS = 300
_LEFT = "left"
_IDLE_UNASKED_SECONDS = 0.5
# Any number will do, as long as it is always the same and no other lock's: whose turn it is in an org.
_TURNS = 5_207_102
_TAKE_TURN = Prepared(
    select(
        func.pg_advisory_xact_lock(
            bindparam("turns", type_=Integer), func.hashtext(bindparam("org", type_=Text))
        ),
        # An act looks everything up by its keys, whatever they are. The server would plan its larger
        # questions anew for each, which takes longer than to answer them.
        # Planned while tables were empty it would go on to read them from end to end as they grow.
        *(
            func.set_config(name, value, True)  # noqa: FBT003 - until the end of the transaction
            for name, value in (("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"))
        ),
    )
)
# What libpq does by default: wait for a dead server for hours. A URL may say otherwise.
_LINK = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


class Database:
    """The database of an installation.

    What a statement was given stands in no error and so in no log: password hashes are among it.

    Measured on SQLite: with a connection a thread the slowest of a hundred writes waited 672 ms, with one
    writer 13 to 24 ms. So writers of one process queue here, who comes first goes first, and processes
    on SQLite's own lock.
    """

    def __init__(self, url: str | URL, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = make_url(url)
        self.busy_seconds = busy_seconds
        self._turn = Turn()
        self._inside = threading.local()
        self._lent: Connection | None = None
        self._lent_of: Identity | None = None
        self._file = DatabaseFile(self.url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = self._sqlite(read_only=False)
            self._reader = self._sqlite(read_only=True)
        else:
            self._writer = self._postgresql()
            # The same connections.
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    def _postgresql(self) -> Engine:
        engine = create_engine(
            self.url,
            connect_args=link(self.url),
            hide_parameters=True,
            json_serializer=write_json,
            json_deserializer=read_json,
            isolation_level="READ COMMITTED",
            max_overflow=_MORE_CONNECTIONS,
            pool_size=_CONNECTIONS,
            pool_timeout=self.busy_seconds,
        )

        @event.listens_for(engine, "do_connect")
        def connect(_dialect: Any, _record: Any, given: list[Any], named: dict[str, Any]) -> Any:  # noqa: ANN401 - SQLAlchemy's own
            # Imported here: on SQLite there is no need for the driver.
            from changeover.store.lasting import Lasting  # noqa: PLC0415

            return Lasting.connect(*given, **named)

        # Whatever server and role are set up for. The driver reads no other dates.
        settings = {
            "datestyle": "ISO",
            "timezone": "UTC",
            "lock_timeout": round(self.busy_seconds * 1000),
            "statement_timeout": _STATEMENT_SECONDS * 1000,
            "idle_in_transaction_session_timeout": _IDLE_SECONDS * 1000,
        }
        said = "; ".join(f"SET {name} = '{value}'" for name, value in settings.items())

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own connection
            with connection.cursor() as cursor:
                cursor.execute(said)
            connection.commit()

        event.listen(engine, "handle_error", _without_details)
        # What was written before a statement is there for it to see.
        event.listen(engine, "before_execute", lambda connection, *_: settle(connection))
        _ask_idle_connections(engine)
        return engine

    def _sqlite(self, *, read_only: bool) -> Engine:
        size = {"pool_size": _READERS, "max_overflow": _MORE_READERS} if read_only else {"pool_size": 1}
        engine = create_engine(
            self.url,
            connect_args={"timeout": self.busy_seconds, "check_same_thread": False},
            hide_parameters=True,
            json_serializer=write_json,
            json_deserializer=read_json,
            **size,
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own record
            # The driver must not begin transactions by itself: `begin` below says how.
            connection.isolation_level = None
            _write_ahead(connection, self.busy_seconds)
            for pragma in (
                "synchronous = FULL",
                "foreign_keys = ON",
                f"query_only = {'ON' if read_only else 'OFF'}",
                f"cache_size = {_CACHE}",
                # A page that many commits change is written to the database once for all of them.
                f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
                # A savepoint keeps what pages were before it: else in a file, written before each change.
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}")

        self._file.watch(engine)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            command(connection, "BEGIN" if read_only else "BEGIN IMMEDIATE")

        return engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Begin a writing transaction; commit at the end, roll back on any exception.

        Raises:
            ChangeoverError: E-STORE-BUSY where the turn does not come within the busy time, E-STORE-FAILED
                where the database fails in the middle (a full disk, a server that stops), E-STORE-UNCERTAIN
                where it goes away during the commit.
        """
        with (
            self._alone(),
            told(),
            self._writing() as connection,
            connection.begin() as transaction,
        ):
            try:
                yield connection
                _commit(connection, transaction)
            finally:
                forget(connection)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Lend a connection that writes: on SQLite always the same one, until something goes wrong.

        Or until its file is another one.
        """
        if not self.is_sqlite:
            with self._writer.connect() as connection:
                yield connection
            return
        there = self._file.now()
        if there != self._lent_of:
            self._give_back()
        if self._lent is None:
            self._lent, self._lent_of = self._writer.connect(), there
        try:
            yield self._lent
        except BaseException:
            self._give_back()
            raise

    def _give_back(self) -> None:
        lent, self._lent, self._lent_of = self._lent, None, None
        if lent is not None:
            lent.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a thread from waiting for itself, and on SQLite the writers of a process in a queue."""
        if getattr(self._inside, "unit", False):
            message = "a unit inside a unit would wait for itself"
            raise RuntimeError(message)
        if self.is_sqlite and not self._turn.acquire(timeout=self.busy_seconds):
            raise ChangeoverError(errors.STORE_BUSY, "The writer of this process was busy for too long.")
        self._inside.unit = True
        try:
            yield
        finally:
            self._inside.unit = False
            if self.is_sqlite:
                self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Begin a reading transaction: one state throughout. A write in it fails.

        Raises E-STORE-FAILED where the database cannot be read, E-STORE-BUSY where it takes nobody in.
        """
        with told(), self._reader.connect() as connection, connection.begin():
            yield connection

    def turn(self, org_id: str) -> Question | None:
        """Return what waits until no other writing transaction has its turn in an org, once it is asked.

        The turn is ours until the transaction ends. SQLite needs none: it has one writer. On PostgreSQL it
        makes the writers of an org one after the other too, so that what an act has read still holds when it
        writes, whichever records it read. Asking it raises E-STORE-BUSY (through `write`) where the turn does
        not come within the busy time.
        """
        return None if self.is_sqlite else Question(_TAKE_TURN, {"turns": _TURNS, "org": org_id})

    def dispose(self) -> None:
        """Close all connections. A writer that does not end in time keeps its own."""
        if self._turn.acquire(timeout=self.busy_seconds):
            self._give_back()
            self._turn.release()
        self._writer.dispose()
        self._reader.dispose()


def link(url: URL) -> dict[str, str]:
    """Return how long a connection to a PostgreSQL waits for its server, where its URL does not say so."""
    return {name: value for name, value in _LINK.items() if name not in url.query}


def _ask_idle_connections(engine: Engine) -> None:
    """Ask a connection that was idle whether it is alive, and replace one that a restart has cut.

    One that was used a moment ago is not asked: the question takes as long as any other one.
    """

    @event.listens_for(engine, "checkin")
    def left(_connection: Any, record: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the driver's own connection
        record.info[_LEFT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:  # noqa: ANN401 - the same
        since = record.info.get(_LEFT)
        if since is None or time.monotonic() - since < _IDLE_UNASKED_SECONDS:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            alive = False
        if not alive:
            raise DisconnectionError


def _write_ahead(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch to write-ahead logging, which a database stays in from then on.

    At first starts at the same moment one of them does it while others write: there SQLite does not wait, it
    refuses at once, whatever time-out it was given.
    """
    until = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_locked(error) or time.monotonic() > until:
                raise
            time.sleep(_WAIT)
        else:
            return


def _without_details(context: ExceptionContext) -> None:
    """Take out of an error what PostgreSQL adds to it: the whole row that failed, a password hash in it."""
    primary = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if primary is not None:
        context.original_exception.args = (primary,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (primary,)


def _commit(connection: Connection, transaction: RootTransaction) -> None:
    """Commit; what breaks just now leaves open whether it happened: the connection, or the disk."""
    try:
        send(connection, transaction.commit)
    except DBAPIError as error:
        if error.connection_invalidated:
            message = f"The connection to the database was lost while it committed: {reason(error)}."
        elif is_torn(error):
            message = f"The disk failed while the database committed: {reason(error)}."
        else:
            raise
        raise ChangeoverError(errors.STORE_UNCERTAIN, message) from error
