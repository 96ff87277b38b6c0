"""Statements that every login runs: compiled once for a kind of database, then given to its driver as is.

SQLAlchemy looks at a statement anew each time it runs it, which takes longer than SQLite takes to answer. The
statement is written with SQLAlchemy all the same, and its types read and write the values, so that both ways
of running it give the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Delete, Dialect, Insert, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.selectable import SelectBase

from changeover.store.types import Text, UtcDateTime, checked

Convert = Callable[[Any], Any]
Row = Mapping[Any, Any]
Listener = Callable[[Connection, str, Any], None]
"""Told of a statement and its values before it is run."""
LISTENERS: list[Listener] = []
"""Whoever counts statements. SQLAlchemy's own events cost a login as much as one of its statements."""
_WAITING = "statements that wait to be sent"
_ANSWERS = "answers that have come before anybody asked"


class _Made(NamedTuple):
    """A statement in the words of one kind of database."""

    text: str
    pick: Callable[[Row], Any]
    """Picks from the values what the driver is given: in order, or by name."""
    fixed: Mapping[str, Any]
    """Values that stand in the statement itself, as the driver takes them."""
    texts: Sequence[str]
    """Values that are texts: nothing happens to them, but not every text can be stored."""
    binds: Sequence[tuple[str, Convert]]
    """What the other values go through, where they are not given as they are."""
    columns: Sequence[str]
    results: Sequence[tuple[str, Convert]]
    """What columns go through that are not taken as they come."""
    waits: bool
    """Whether statements may wait to be sent (`Prepared.later`)."""


class _Ahead(NamedTuple):
    """A question before it is asked."""

    made: _Made
    bound: Any


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
        made = self._of(connection.dialect)
        return [_read(made, row) for row in _ask(connection, made, values).fetchall()]

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
        _hear(connection, made, bound)
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
            if (process := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        fixed = {
            name: binds[name](bind.effective_value) if name in binds else bind.effective_value
            for bind, name in compiled.bind_names.items()
            if not bind.required
        }
        found = self._statement.selected_columns if isinstance(self._statement, SelectBase) else ()
        results = [
            (str(column.key), process)
            for column in found
            if (process := _result_processor(column.type, dialect)) is not None
        ]
        given = [(bind, name) for bind, name in compiled.bind_names.items() if name not in fixed]
        texts = [name for bind, name in given if isinstance(bind.type, Text)]
        return _Made(
            str(compiled),
            _picking(compiled.positiontup) if compiled.positional else dict,
            fixed,
            texts,
            [(name, binds[name]) for _, name in given if name in binds and name not in texts],
            [str(column.key) for column in found],
            results,
            dialect.name != "sqlite",
        )


def _picking(names: Sequence[str]) -> Callable[[Row], Any]:
    """Return what picks values in an order. Python's own way to pick gives a single one bare."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def _result_processor(column: Any, dialect: Dialect) -> Convert | None:  # noqa: ANN401 - SQLAlchemy's generics
    """Return what a column's value goes through. A time on SQLite needs none of SQLAlchemy's layers."""
    if isinstance(column, UtcDateTime) and dialect.name == "sqlite":
        return _utc
    process: Convert | None = column.dialect_impl(dialect).result_processor(dialect, None)
    return process


def _utc(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


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
            for made, bound in ahead:
                _hear(connection, made, bound)
                answers[made.text] = bound, driver.cursor().execute(made.text, bound)
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
                commit()
    except (DBAPIError, failed) as error:
        if commit is not None:
            # SQLAlchemy takes a transaction whose commit failed for ended; here the commit was not reached.
            with suppress(failed):
                driver.rollback()
        if isinstance(error, DBAPIError):
            raise
        raise _told(connection, waiting[-1][0], error) from error


def forget(connection: Connection) -> None:
    """Drop what waits to be sent or asked: its transaction is over. A lost connection has nothing."""
    if not connection.invalidated:
        connection.info.pop(_WAITING, None)
        connection.info.pop(_ANSWERS, None)


def command(connection: Connection, text: str) -> None:
    """Run a text that takes no values and gives none, such as BEGIN. Raises as `Connection.execute`."""
    _run(connection, _Made(text, _picking(()), {}, (), (), (), (), waits=True), {})


def _run(connection: Connection, made: _Made, values: Row) -> Any:  # noqa: ANN401 - the driver's own cursor
    bound = _bound(made, values)
    if made.waits:
        send(connection)
    _hear(connection, made, bound)
    return _execute(connection, made.text, bound)


def _bound(made: _Made, values: Row) -> Any:  # noqa: ANN401 - by name or in order, as the driver wants them
    given = {**made.fixed, **values}
    # All at once, since most are short and all are in order.
    checked("".join([given[name] or "" for name in made.texts]))
    for name, process in made.binds:
        given[name] = process(given[name])
    return made.pick(given)


def _hear(connection: Connection, made: _Made, bound: Any) -> None:  # noqa: ANN401 - as above
    for listener in LISTENERS:
        listener(connection, made.text, bound)


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


def _told(connection: Connection, text: str, error: Any) -> Exception:  # noqa: ANN401 - the driver's own
    """Return the driver's error as SQLAlchemy would raise it, without values; note a lost connection."""
    dialect: Any = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
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
