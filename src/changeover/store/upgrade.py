"""Brings the schema to the newest step, once, however many processes start at the same time."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.engine import Database

_STEPS = Path(__file__).parent / "migrations"
# Any number will do, as long as it is always the same: PostgreSQL's lock for whoever upgrades.
_ADVISORY_LOCK = 5_207_101
# How long another process may take to upgrade, and a single statement of a step. A lock on a table is waited
# for no longer than any other: behind whoever waits for it, everybody else queues.
_UPGRADE_SECONDS = 600
_ALEMBIC = threading.Lock()
"""Alembic keeps what it is at in its modules: two threads that each make an installation, as for rehearsals,
would run the one's steps on the other's connection."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    return config


def head() -> str | None:
    """Return the newest step."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def revision_of(connection: Connection) -> str | None:
    """Return the step at which a database stands, None for one that holds nothing yet."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> None:
    """Bring the schema to the newest step, and the job queue's tables to what works with them.

    Raises:
        ChangeoverError: E-STORE-SCHEMA if a newer Changeover wrote the database, E-STORE-UNREADABLE if it
            cannot hold every character or is somebody else's, E-STORE-BUSY if others use it for too long; it
            is then as before.
    """
    if database.is_sqlite:
        with database.write() as connection:
            _steps(connection)
        return
    # Loaded here: an installation on SQLite has no job queue.
    from changeover.store import queue_schema  # noqa: PLC0415

    with database.read() as connection:
        if revision_of(connection) == head() and queue_schema.is_current(connection):
            # Who starts beside others that work keeps none of them waiting.
            return
    try:
        with database.write() as connection:
            hold_schema(connection, database.busy_seconds)
            _steps(connection)
            queue_schema.follow(connection)
    except ChangeoverError as error:
        if error.kind is not errors.STORE_BUSY:
            raise
        message = f"The schema was not brought up to date. {error.message}"
        remedy = "Stop the other processes that use the database, then start again."
        raise ChangeoverError(errors.STORE_BUSY, message, remedy) from error


def hold_schema(connection: Connection, busy_seconds: float) -> None:
    """Let nobody else change the schema until the transaction ends.

    On PostgreSQL wait for another process that does, and from then on for locks only as long as others can
    wait; on SQLite whoever writes is alone.

    Raises E-STORE-UNREADABLE if the database cannot hold every character.
    """
    if connection.dialect.name == "sqlite":
        return
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        message = f"The database keeps text as {encoding}, which cannot hold every character."
        remedy = "Create a database with ENCODING 'UTF8' and name that one."
        raise ChangeoverError(errors.STORE_UNREADABLE, message, remedy)
    limits = ("lock_timeout", "statement_timeout")
    wait = f"SELECT {', '.join(f'set_config({name!r}, :{name}, true)' for name in limits)}"
    upgrading = dict.fromkeys(limits, f"{_UPGRADE_SECONDS}s")
    connection.execute(text(wait), upgrading)
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    connection.execute(text(wait), {**upgrading, "lock_timeout": f"{round(busy_seconds * 1000)}ms"})


def _steps(connection: Connection) -> None:
    before = revision_of(connection)
    if before == head():
        return
    if before is not None and not is_known(before):
        message = f"The database stands at step {before}, which this Changeover does not know."
        raise ChangeoverError(errors.STORE_SCHEMA, message)
    if before is None and (others := foreign_tables(connection)):
        shown = ", ".join(others[:10])
        message = f"The database holds tables, and they are not Changeover's: {shown}."
        remedy = "Name a database that is empty, or one that Changeover has made."
        raise ChangeoverError(errors.STORE_UNREADABLE, message, remedy)
    step_up(connection, "head")


def foreign_tables(connection: Connection) -> list[str]:
    """Return the tables of a database that holds no schema of ours: somebody else's, then."""
    return sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})


def is_known(step: str) -> bool:
    """Whether this Changeover knows a step; it does not know those of newer ones."""
    try:
        ScriptDirectory.from_config(_config()).get_revision(step)
    except CommandError:
        return False
    return True


def step_up(connection: Connection, step: str) -> None:
    """Bring the schema up to a step, in a transaction that holds the schema."""
    config = _config()
    config.attributes["connection"] = connection
    with _ALEMBIC:
        command.upgrade(config, step)


def leads_to(lower: str, upper: str) -> bool:
    """Whether a step comes before another one, or is that step. Both are known."""
    steps = ScriptDirectory.from_config(_config()).iterate_revisions(upper, "base")
    return lower in {each.revision for each in steps}
