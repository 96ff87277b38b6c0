"""Statements that every login runs: compiled once for a kind of database, then given to its driver as is.

SQLAlchemy looks at a statement anew each time it runs it, which takes longer than SQLite takes to answer. The
statement is written with SQLAlchemy all the same, and its types read and write the values, so that both ways
of running it give the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Delete, Dialect, Insert, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.selectable import SelectBase

from changeover.store.remembering import KEPT
from changeover.store.types import Text, UtcDateTime, checked, from_sqlite_time, sqlite_time, storable

Convert = Callable[[Any], Any]
Row = Mapping[Any, Any]
T = TypeVar("T")
_WAITING = "statements that wait to be sent"
_ANSWERS = "answers that have come before anybody asked"
_MEANWHILE = "what is done while a commit is on its way"
_KNOWN = frozenset({"IDLE", "INERROR"})
"""What psycopg calls it where a transaction is rolled back, or can only be."""


class _Made(NamedTuple):
    """A statement in the words of one kind of database."""

    text: str
    in_order: Convert | None
    """Returns the values in the order of the parameters, None where the driver takes them by name."""
    fixed: Mapping[str, Any]
    """Values that stand in the statement itself, as the driver takes them."""
    texts: Sequence[str]
    """Which of the other values are texts: they are checked together, without SQLAlchemy's layers."""
    binds: Sequence[tuple[str, Convert]]
    """What the others go through, where they are not given as they are."""
    columns: Sequence[str]
    results: Sequence[tuple[str, Convert]]
    """What columns go through that are not taken as they come."""
    waits: bool
    """Whether statements may wait to be sent (`Prepared.later`)."""


class _Ahead(NamedTuple):
    """A question before it is asked."""

    made: _Made
    bound: Any


class Prepared:
    """A statement.

    Args:
        statement: with a `bindparam` for each value that is not always the same.
        columns: those that are given to an insert, whose others keep their default, or to an update.
    """

    def __init__(
        self, statement: SelectBase | Insert | Update | Delete, columns: Sequence[str] | None = None
    ) -> None:
        # Without `inline` PostgreSQL would tell the new row's number, which nobody reads.
        self._statement = statement.inline() if isinstance(statement, Insert) else statement
        self._columns = columns
        self._made: dict[str, _Made] = {}

    def one(self, connection: Connection, values: Row) -> Row | None:
        """Return the row that a query finds, None where it finds none.

        Raises as `Connection.execute`; several rows are a fault of ours and not looked for.
        """
        made = self._of(connection.dialect)
        row = _ask(connection, made, values).fetchone()
        return None if row is None else _read(made, row)

    def all(self, connection: Connection, values: Row) -> list[Row]:
        """Return all rows that a query finds. Raises as `Connection.execute`."""
        return self.read(connection.dialect.name, self.stored(connection, values))

    def stored(self, connection: Connection, values: Row) -> list[tuple[Any, ...]]:
        """Return all rows that a query finds, as the driver gives them. Raises as `Connection.execute`."""
        found: list[tuple[Any, ...]] = _ask(connection, self._of(connection.dialect), values).fetchall()
        return found

    def read(self, kind: str, rows: Iterable[Sequence[Any]]) -> list[Row]:
        """Return rows that `stored` found in a kind of database (`Dialect.name`) as `all` does."""
        made = self._made[kind]
        return [_read(made, row) for row in rows]

    def run(self, connection: Connection, values: Row) -> int:
        """Run a statement that writes, and return how many rows it wrote. Raises as `Connection.execute`."""
        connection.info.pop(_ANSWERS, None)
        count: int = _run(connection, self._of(connection.dialect), values).rowcount
        return count

    def later(self, connection: Connection, values: Row) -> None:
        """Run a statement that writes, no later than what comes next on the connection or its commit.

        Several in a row go to PostgreSQL in one message, and the commit with them: each message takes longer
        than such a statement. How many rows it wrote is not told, and an error comes when it is sent.
        """
        made = self._of(connection.dialect)
        bound = _bound(made, values)
        _hear(connection, made.text, bound)
        connection.info.pop(_ANSWERS, None)
        if made.waits:
            connection.info.setdefault(_WAITING, []).append((made.text, bound))
        else:
            _execute(connection, made.text, bound)

    def ahead(self, connection: Connection, values: Row) -> _Ahead | None:
        """Return a question that will be asked, for `foresee`; None where the database answers at once."""
        made = self._of(connection.dialect)
        return _Ahead(made, _bound(made, values)) if made.waits else None

    def _of(self, dialect: Dialect) -> _Made:
        made = self._made.get(dialect.name)
        if made is None:
            made = self._made[dialect.name] = self._make(dialect)
        return made

    def _make(self, dialect: Dialect) -> _Made:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
        binds = {
            name: process
            for bind, name in compiled.bind_names.items()
            if (process := _bind_processor(bind.type, dialect)) is not None
        }
        fixed = {
            name: binds[name](bind.effective_value) if name in binds else bind.effective_value
            for bind, name in compiled.bind_names.items()
            if not bind.required
        }
        given = [(name, process) for name, process in binds.items() if name not in fixed]
        found = self._statement.selected_columns if isinstance(self._statement, SelectBase) else ()
        results = [
            (str(column.key), process)
            for column in found
            if (process := _result_processor(column.type, dialect)) is not None
        ]
        return _Made(
            str(compiled),
            _in_order(compiled.positiontup) if compiled.positional else None,
            fixed,
            [name for name, process in given if process is checked],
            [(name, process) for name, process in given if process is not checked],
            [str(column.key) for column in found],
            results,
            dialect.name != "sqlite",
        )


class Question(NamedTuple):
    """A query with its values."""

    statement: Prepared
    values: Row

    def ahead(self, connection: Connection) -> _Ahead | None:
        """Return it for `foresee`, as `Prepared.ahead`."""
        return self.statement.ahead(connection, self.values)

    def one(self, connection: Connection) -> Row | None:
        """Ask it, as `Prepared.one`."""
        return self.statement.one(connection, self.values)

    def all(self, connection: Connection) -> list[Row]:
        """Ask it, as `Prepared.all`."""
        return self.statement.all(connection, self.values)


class Remembered(Generic[T]):
    """A query and what its rows mean, which is worked out once for as long as they are stored as they are.

    The rows are read each time, so that what was committed last counts, whoever wrote it. They stay in
    memory: they must hold no secret.

    Args:
        statement: the query; JSON is not among its columns.
        meaning: what is made of all rows that it finds; it hangs on nothing else.
    """

    def __init__(self, statement: SelectBase, meaning: Callable[[list[Row]], T]) -> None:
        self._query = Prepared(statement)
        self._meaning = meaning
        self._kept = lru_cache(KEPT)(self._meant)

    def find(self, connection: Connection, values: Row) -> T:
        """Return what is meant by the rows that are found. Raises as `Connection.execute`."""
        return self._kept(connection.dialect.name, *self._query.stored(connection, values))

    def question(self, values: Row) -> Question:
        """Return what `find` asks."""
        return Question(self._query, values)

    def _meant(self, kind: str, *rows: tuple[Any, ...]) -> T:
        return self._meaning(self._query.read(kind, rows))


def _in_order(names: Sequence[str]) -> Convert:
    """Return what gives a tuple of the values of these names."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda given: tuple(given[name] for name in names)


def _result_processor(column: Any, dialect: Dialect) -> Convert | None:  # noqa: ANN401 - SQLAlchemy's generics
    """Return what a stored value of a type goes through."""
    if isinstance(column, UtcDateTime) and dialect.name == "sqlite":
        return from_sqlite_time
    process: Convert | None = column.dialect_impl(dialect).result_processor(dialect, None)
    return process


def _bind_processor(column: Any, dialect: Dialect) -> Convert | None:  # noqa: ANN401 - SQLAlchemy's generics
    """Return what a value of a type goes through."""
    if isinstance(column, Text):
        return checked
    if isinstance(column, UtcDateTime) and dialect.name == "sqlite":
        return sqlite_time
    process: Convert | None = column.dialect_impl(dialect).bind_processor(dialect)
    return process


def foresee(connection: Connection, questions: Iterable[Question]) -> None:
    """Put questions to PostgreSQL in one message that will be asked one after the other anyway.

    Whoever asks one of them next, by the same values, has its answer at once; until something is written,
    since that might change it. Raises as `Connection.execute`.
    """
    ahead = [one for question in questions if (one := question.ahead(connection)) is not None]
    if not ahead:
        return
    send(connection)
    driver: Any = connection.connection.dbapi_connection
    answers = {}
    try:
        with driver.pipeline():
            for cursor, (made, bound) in zip(driver.cursors(len(ahead)), ahead, strict=True):
                _hear(connection, made.text, bound)
                answers[made.text] = bound, cursor.execute(made.text, bound)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, ahead[-1].made.text, error) from error
    connection.info[_ANSWERS] = answers


def _ask(connection: Connection, made: _Made, values: Row) -> Any:  # noqa: ANN401 - the driver's own cursor
    """Run a query, unless its answer is there."""
    answers = connection.info.get(_ANSWERS) if made.waits else None
    if answers and made.text in answers:
        bound, answer = answers.pop(made.text)
        if bound == _bound(made, values):
            return answer
    return _run(connection, made, values)


def settle(connection: Connection) -> None:
    """Send what waits, before something is done that is not prepared and may write. Raises as `send`."""
    connection.info.pop(_ANSWERS, None)
    send(connection)


def send(connection: Connection, commit: Callable[[], None] | None = None) -> None:
    """Send what waits to be sent; with it the commit, where that is given. Raises as `Connection.execute`."""
    waiting = connection.info.pop(_WAITING, ())
    if not waiting:
        if commit is not None:
            commit()
        return
    driver: Any = connection.connection.dbapi_connection
    failed = connection.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline():
            for text, bound in waiting:
                driver.execute(text, bound)
            if commit is not None:
                _commit_meanwhile(connection, driver)
        if commit is not None:
            # The driver sees that it is done; SQLAlchemy is told.
            commit()
    except (DBAPIError, failed) as error:
        # The commit was on its way: that nothing of it happened is certain only where the server says how the
        # transaction stands. One that is told to quit says goodbye, and may have committed before.
        lost = commit is not None and driver.info.transaction_status.name not in _KNOWN
        if isinstance(error, DBAPIError):
            raise
        raise _told(connection, waiting[-1][0], error, lost=lost) from error


def meanwhile(connection: Connection, work: Callable[[], None]) -> None:
    """Have something done while PostgreSQL commits, which takes longer than to send it what it commits.

    It must not raise, and nothing may hang on it: on SQLite, and where nothing waits to be sent, it is not
    done.
    """
    connection.info[_MEANWHILE] = work


def _commit_meanwhile(connection: Connection, driver: Any) -> None:  # noqa: ANN401 - the driver's own connection
    # Not the driver's own commit: it waits for the answer.
    driver.execute("COMMIT")
    work = connection.info.pop(_MEANWHILE, None)
    if work is not None:
        work()


def forget(connection: Connection) -> None:
    """Drop what waits to be sent or asked: its transaction is over. A lost connection has nothing."""
    if not connection.invalidated:
        for name in (_WAITING, _ANSWERS, _MEANWHILE):
            connection.info.pop(name, None)


def command(connection: Connection, text: str) -> None:
    """Run a text that takes no values and gives none, such as BEGIN. Raises as `Connection.execute`."""
    send(connection)
    _hear(connection, text, ())
    _execute(connection, text, ())


def _run(connection: Connection, made: _Made, values: Row) -> Any:  # noqa: ANN401 - the driver's own cursor
    bound = _bound(made, values)
    if made.waits:
        send(connection)
    _hear(connection, made.text, bound)
    return _execute(connection, made.text, bound)


def _bound(made: _Made, values: Row) -> Any:  # noqa: ANN401 - by name or in order, as the driver wants them
    given = {**made.fixed, **values}
    if made.texts and not storable("".join([given[name] or "" for name in made.texts])):
        for name in made.texts:
            checked(given[name])
    for name, process in made.binds:
        given[name] = process(given[name])
    return given if made.in_order is None else made.in_order(given)


def _hear(connection: Connection, text: str, bound: Any) -> None:  # noqa: ANN401 - as above
    """Tell whoever listens to the statements of an engine."""
    heard = connection.engine.dispatch.before_cursor_execute
    if heard:
        heard(connection, None, text, bound, None, False)  # noqa: FBT003 - SQLAlchemy's signature


def _execute(connection: Connection, text: str, bound: Any) -> Any:  # noqa: ANN401 - the driver's own cursor
    driver: Any = connection.connection.dbapi_connection
    try:
        return driver.execute(text, bound)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, text, error) from error


def _read(made: _Made, row: Sequence[Any]) -> Row:
    read = dict(zip(made.columns, row, strict=True))
    for name, process in made.results:
        read[name] = process(read[name])
    return read


def _told(connection: Connection, text: str, error: Any, *, lost: bool = False) -> Exception:  # noqa: ANN401 - the driver's own
    """Return the driver's error as SQLAlchemy would raise it, without values; note a lost connection."""
    dialect: Any = connection.dialect
    lost = lost or dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    if primary is not None:
        # PostgreSQL would add the whole row that failed (as `engine` does for all other statements).
        error.args = (primary,)
    if lost:
        connection.invalidate(error)
    told: Exception = DBAPIError.instance(
        text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )
    return told
