"""What an installation remembers about itself."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from changeover.store.engine import Database
from changeover.store.rows import put
from changeover.store.schema.orgs import installation as table

QUEUE = "procrastinate"
"""The note that says which tables of the job queue a database has: of the database, and in no restore."""


class Notes:
    """Texts by name. Every call is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, name: str) -> str | None:
        """Return a note, None where there is none."""
        with self._database.read() as connection:
            return noted(connection, name)

    def write(self, name: str, value: str) -> None:
        """Write a note."""
        with self._database.write() as connection:
            put(connection, table, {"name": name}, {"value": value})


def noted(connection: Connection, name: str) -> str | None:
    """Return a note as part of a transaction, None where there is none."""
    query = select(table.c.value).where(table.c.name == name)
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def forget(connection: Connection, name: str) -> None:
    """Forget a note, as part of a transaction."""
    connection.execute(delete(table).where(table.c.name == name))
