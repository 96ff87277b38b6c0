"""Brings the schema to the newest step, once, however many processes start at the same time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.engine import Database

_STEPS = Path(__file__).parent / "migrations"
# Any number will do, as long as it is always the same: PostgreSQL's lock for whoever upgrades.
_ADVISORY_LOCK = 5_207_101
# How long another process may take to upgrade, and a single statement of a step. A lock on a table is waited
# for no longer than any other: behind whoever waits for it, everybody else queues.
_UPGRADE_SECONDS = 600


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
    """Bring the schema to the newest step.

    Raises:
        ChangeoverError: E-STORE-SCHEMA if a newer Changeover wrote the database, E-STORE-UNREADABLE if it
            cannot hold every character, E-STORE-BUSY if others use it for too long; it is then as before.
    """
    if database.is_sqlite:
        with database.write() as connection:
            _steps(connection)
        return
    with database.read() as connection:
        if revision_of(connection) == head():
            # Who starts beside others that work keeps none of them waiting.
            return
    try:
        with database.write() as connection:
            _wait_for_others(connection, database.busy_seconds)
            _steps(connection)
    except ChangeoverError as error:
        if error.kind is not errors.STORE_BUSY:
            raise
        message = f"The schema was not brought up to date. {error.message}"
        remedy = "Stop the other processes that use the database, then start again."
        raise ChangeoverError(errors.STORE_BUSY, message, remedy) from error


def _wait_for_others(connection: Connection, busy_seconds: float) -> None:
    """Wait for another process that upgrades; from then on for locks only as long as others can wait."""
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
    config = _config()
    before = revision_of(connection)
    if before == head():
        return
    if before is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(before)
        except CommandError:
            message = f"The database stands at step {before}, which this Changeover does not know."
            raise ChangeoverError(errors.STORE_SCHEMA, message) from None
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
