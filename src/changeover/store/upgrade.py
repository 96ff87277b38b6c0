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

    Raises E-STORE-SCHEMA if a newer Changeover wrote the database.
    """
    config = _config()
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
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
