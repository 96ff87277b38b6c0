"""Every place that holds sealed values, as one list; and what can be said of them without opening them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    LargeBinary,
    Table,
    Update,
    delete,
    exists,
    func,
    select,
    update,
)

from changeover.store.engine import Database
from changeover.store.schema.apps import connected_app, external_client_app, staged_credentials
from changeover.store.schema.beside_apps import push_settings
from changeover.store.schema.oauth import oauth_signing_key
from changeover.store.vault import ID_AT, ID_BYTES


class SealedColumn(NamedTuple):
    """The column `sealed` of a table."""

    table: Table
    flag: str | None
    """The column that says whether a secret is set; None where a row is nothing without its secret."""

    @property
    def used(self) -> ColumnElement[bytes]:
        """The id of the key with which a value was sealed."""
        return func.substr(self.table.c.sealed, ID_AT + 1, ID_BYTES, type_=LargeBinary)


SEALED = (
    SealedColumn(connected_app, "secret_set"),
    SealedColumn(external_client_app, "secret_set"),
    SealedColumn(staged_credentials, "secret_set"),
    SealedColumn(push_settings, None),
    SealedColumn(oauth_signing_key, None),
)


def identity(table: Table, *key: str) -> str:
    """Return the identity of a row that its sealed value is bound to.

    Args:
        table: the row's.
        key: the row's primary key, in the order of its columns.
    """
    return ":".join((table.name, *key))


def counts(connection: Connection, among: Collection[str] | None = None) -> Counter[bytes]:
    """Return how many values are sealed with which key, by the key's id.

    Args:
        connection: of any transaction.
        among: the tables that the database has, where it may stand at an older step.
    """
    found: Counter[bytes] = Counter()
    for column in SEALED:
        if among is not None and column.table.name not in among:
            continue
        used = column.used.label("used")
        query = select(used, func.count()).where(column.table.c.sealed.is_not(None)).group_by(used)
        for key, count in connection.execute(query):
            found[bytes(key)] += count
    return found


def drop_locked(connection: Connection, known: Collection[bytes]) -> int:
    """Take out what is sealed with none of the known keys; returns how many values that were.

    An app then is as one whose file held no secret; push settings, nothing without theirs, are gone.
    """
    dropped = 0
    for column in SEALED:
        locked = column.used.not_in(known)
        if column.flag is None:
            statement: Update | Delete = delete(column.table).where(locked)
        else:
            statement = update(column.table).where(locked).values({"sealed": None, column.flag: False})
        dropped += connection.execute(statement).rowcount
    return dropped


def holds_secrets(database: Database) -> bool:
    """Whether anything sealed is stored."""
    with database.read() as connection:
        return any(
            connection.execute(select(exists().where(column.table.c.sealed.is_not(None)))).scalar_one()
            for column in SEALED
        )
