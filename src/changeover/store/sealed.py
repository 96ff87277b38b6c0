"""Every place that holds sealed values, as one list; and what can be said of them without opening them."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, LargeBinary, Table, exists, func, select

from changeover.store.engine import Database
from changeover.store.schema import connected_app, external_client_app, push_settings
from changeover.store.vault import ID_AT, ID_BYTES


class SealedColumn(NamedTuple):
    """The column `sealed` of a table."""

    table: Table
    optional: bool
    """Whether a row may do without: a row that may not is nothing without its secret."""
    flag: str | None = None
    """The column that says whether a secret is set, for those who need not open it."""

    @property
    def used(self) -> ColumnElement[bytes]:
        """The id of the key with which a value was sealed."""
        return func.substr(self.table.c.sealed, ID_AT + 1, ID_BYTES, type_=LargeBinary)


SEALED = (
    SealedColumn(connected_app, optional=True, flag="secret_set"),
    SealedColumn(external_client_app, optional=True, flag="secret_set"),
    SealedColumn(push_settings, optional=False),
)


def identity(table: Table, *key: str) -> str:
    """Return the identity of a row that its sealed value is bound to.

    Args:
        table: the row's.
        key: the row's primary key, in the order of its columns.
    """
    return ":".join((table.name, *key))


def counts(connection: Connection) -> Counter[bytes]:
    """Return how many values are sealed with which key, by the key's id."""
    found: Counter[bytes] = Counter()
    for column in SEALED:
        used = column.used.label("used")
        query = select(used, func.count()).where(column.table.c.sealed.is_not(None)).group_by(used)
        for key, count in connection.execute(query):
            found[bytes(key)] += count
    return found


def holds_secrets(database: Database) -> bool:
    """Whether anything sealed is stored."""
    with database.read() as connection:
        return any(
            connection.execute(select(exists().where(column.table.c.sealed.is_not(None)))).scalar_one()
            for column in SEALED
        )
