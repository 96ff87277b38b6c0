"""procrastinate's own tables on PostgreSQL: made and followed in our upgrade, under our lock.

procrastinate ships its schema, and scripts that change it, whose names sort in the order in which they apply.
We note the last script that a database has seen. A new database gets the schema whole; after an upgrade of
procrastinate the scripts behind the noted one are applied.
"""

from __future__ import annotations

from importlib import resources

import psycopg
from sqlalchemy import Connection, insert, update

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.notes import QUEUE, noted
from changeover.store.schema.orgs import installation


def scripts() -> dict[str, str]:
    """Return the scripts of the procrastinate that is installed, by name, in their order."""
    folder = resources.files("procrastinate.sql") / "migrations"
    found = {file.name: file for file in folder.iterdir() if file.name.endswith(".sql")}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def is_current(connection: Connection) -> bool:
    """Whether procrastinate's tables are what the procrastinate that is installed works with."""
    return noted(connection, QUEUE) == max(scripts())


def follow(connection: Connection) -> None:
    """Bring procrastinate's tables to what the procrastinate that is installed works with.

    Raises E-STORE-SCHEMA where a newer one has been at work.
    """
    known = scripts()
    last = max(known)
    seen = noted(connection, QUEUE)
    if seen == last:
        return
    if seen is None:
        _run(connection, (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8"))
        connection.execute(insert(installation).values(name=QUEUE, value=last))
        return
    if seen not in known:
        message = f"The job queue stands at {seen}, which the procrastinate that is installed does not know."
        raise ChangeoverError(errors.STORE_SCHEMA, message)
    for name, script in known.items():
        if name > seen:
            _run(connection, script)
    connection.execute(update(installation).where(installation.c.name == QUEUE).values(value=last))


def _run(connection: Connection, script: str) -> None:
    """Run a script of several statements, which only the driver itself takes."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a connection in a transaction has one
    try:
        # procrastinate's own text, as trusted as its code.
        driver.execute(script)
    except psycopg.Error as error:
        message = f"The job queue's tables could not be brought up to date: {error}."
        raise ChangeoverError(errors.STORE_FAILED, message) from error
