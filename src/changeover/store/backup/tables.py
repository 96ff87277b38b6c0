"""What of a database goes into a backup: tables, columns, and how each kind of value is written.

The database is asked, not the code: a backup is taken at whatever step a database stands, and restored there.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from graphlib import TopologicalSorter
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    TableClause,
    Text,
    TypeDecorator,
    column,
    inspect,
    table,
)
from sqlalchemy.types import TypeEngine

from changeover.store.schema import metadata
from changeover.store.types import UtcDateTime

LEFT_OUT: Mapping[str, str] = {
    "key_value": "form tokens and rate-limit counters: they last no longer than the processes that count",
    "web_session": "browser sessions: everybody signs in again",
}
"""Tables that are in no backup, and why. Whatever else the schema has is in every one.

The job queue's own tables are not of the schema: what is to be done stands in the batches themselves.
"""
FORMER: frozenset[str] = frozenset({"batch_outcome"})
"""Tables that older steps had: a database that stands there is backed up whole."""


class ValueRefused(Exception):  # noqa: N818 - it never leaves the package
    """A value is not what its column holds."""


def _plain(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:  # noqa: ANN401 - whatever stands in a file
        if type(value) is not kind:
            raise ValueRefused(value)
        return value

    return check


def _time(value: Any) -> datetime:  # noqa: ANN401 - whatever stands in a file
    found = datetime.fromisoformat(_plain(str)(value))
    if found.tzinfo is None:
        raise ValueRefused(value)
    return found.astimezone(UTC)


@dataclass(frozen=True)
class Kind:
    """A kind of value."""

    name: str
    stored: type[TypeEngine[Any]]
    """What columns of the kind are in a database."""
    used: TypeEngine[Any]
    """What reads and writes them."""
    to_file: Callable[[Any], Any]
    """From what a database gives to what JSON can hold."""
    from_file: Callable[[Any], Any]
    """The way back. Raises ValueRefused, ValueError."""


def _same(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    return value


KINDS: tuple[Kind, ...] = (
    Kind("boolean", Boolean, Boolean(), _same, _plain(bool)),
    Kind("integer", Integer, Integer(), _same, _plain(int)),
    Kind("json", JSON, JSON(none_as_null=True), _same, _same),
    Kind("time", DateTime, UtcDateTime(), lambda value: value.isoformat(), _time),
    Kind(
        "date",
        Date,
        Date(),
        lambda value: value.isoformat(),
        lambda value: date.fromisoformat(_plain(str)(value)),
    ),
    Kind(
        "bytes",
        LargeBinary,
        LargeBinary(),
        lambda value: b64encode(value).decode(),
        lambda value: b64decode(_plain(str)(value), validate=True),
    ),
    Kind("text", String, Text(), _same, _plain(str)),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BROKEN_VALUE = (ValueRefused, ValueError, OverflowError)


def kind_of(stored: TypeEngine[Any]) -> Kind:
    """Return the kind of a column. Raises LookupError for a type that needs an entry in `KINDS`."""
    asked = stored.impl_instance if isinstance(stored, TypeDecorator) else stored
    for kind in KINDS:
        if isinstance(asked, kind.stored):
            return kind
    raise LookupError(f"no backup can hold a column of type {stored!r}")


@dataclass(frozen=True)
class Shape:
    """A table, without what only a database needs to know."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    key: tuple[str, ...]
    itself: tuple[str, ...] = ()
    """The columns that lead to another row of the same table: it may come later."""

    @property
    def clause(self) -> TableClause:
        """The table as statements name it."""
        return table(self.name, *(column(name, kind.used) for name, kind in self.columns))

    @property
    def kinds(self) -> dict[str, str]:
        """The columns with the names of their kinds, in whatever order."""
        return {name: kind.name for name, kind in self.columns}


def shapes(connection: Connection) -> tuple[Shape, ...]:
    """Return the tables that go into a backup of a database, each after those it refers to."""
    asked = inspect(connection)
    there = (metadata.tables.keys() | FORMER) - LEFT_OUT.keys()
    found: dict[str, Shape] = {}
    after: dict[str, set[str]] = {}
    for name in sorted(there & set(asked.get_table_names())):
        columns = tuple((each["name"], kind_of(each["type"])) for each in asked.get_columns(name))
        key = tuple(asked.get_pk_constraint(name)["constrained_columns"])
        leads = [
            (each["referred_table"], each["constrained_columns"]) for each in asked.get_foreign_keys(name)
        ]
        itself = (column for to, of in leads if to == name for column in of)
        found[name] = Shape(name, columns, key, tuple(itself))
        after[name] = {to for to, _ in leads} - {name}
    return tuple(found[name] for name in TopologicalSorter(after).static_order())
