"""Upgrading: from every step that landed the newest schema comes out, and every row is still there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine

from changeover.store.engine import Database
from changeover.store.schema import metadata
from changeover.store.searched import connected_app_text, on_postgresql
from changeover.store.upgrade import _config, head, revision_of, upgrade
from changeover.wiring import database_url
from tests.store.shape import of_tables, shape

REVISIONS = [step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]

# Values that steps read and take apart; any other column holds just something of its type.
MEANT: dict[str, Any] = {
    "batch.names": ["Billing", "Portal"],
    "batch.confirmation": {
        "local": True,
        "no_username_password": True,
        "despite_evidence": ["Portal"],
        "seen_versions": {"Billing": 3},
    },
    "batch_outcome.name": "Billing",
    "batch_outcome.result": "migrated",
    "external_client_app.documents": [
        {"type": "ExternalClientApplication", "name": "Billing", "leaves": []},
        {"type": "ExtlClntAppOauthSettings", "name": "Shared_oauth", "leaves": []},
    ],
}
# What a step takes away or writes otherwise, `table` or `table.column`: which step, and where it is then.
ELSEWHERE: dict[str, str] = {
    "batch.names": "0003: batch_app, a row an app (test_batches_upgraded)",
    "batch.confirmation": "0003: what was said of one app stands in its row",
    "batch_outcome": "0003: batch_app",
}
# Made of the rows of another table, by the database itself.
DERIVED = {"connected_app_text"}


@pytest.fixture
def database(empty: str) -> Iterator[Database]:
    """A database that holds nothing."""
    opened = Database(database_url(empty))
    yield opened
    opened.dispose()


def _value(kind: TypeEngine[Any], where: str) -> Any:
    """Return a value that a column can hold, another one for each column of texts."""
    values: list[tuple[type[TypeEngine[Any]], Any]] = [
        (JSON, {"in": [where]}),
        (Boolean, True),
        (Integer, 7),
        (DateTime, datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (Date, date(2026, 11, 23)),
        (LargeBinary, where.encode()),
    ]
    for one, value in values:
        if isinstance(kind, one):
            naive = isinstance(kind, DateTime) and not kind.timezone
            return value.replace(tzinfo=None) if naive else value
    assert isinstance(kind, String), (where, kind)
    return where[-kind.length :] if kind.length else where


def _filled(connection: Connection) -> dict[str, dict[str, Any]]:
    """Put a row into every table that the database has, whatever its tables are; returns the rows."""
    there = MetaData()
    there.reflect(connection)
    rows: dict[str, dict[str, Any]] = {}
    for table in there.sorted_tables:
        if table.name == "alembic_version" or table.name.startswith("procrastinate"):
            continue
        if table.name in DERIVED:
            continue
        named = {column.name: f"{table.name}.{column.name}" for column in table.columns}
        row = {
            column.name: MEANT.get(named[column.name], _value(column.type, named[column.name]))
            for column in table.columns
        }
        for column in table.columns:
            for key in column.foreign_keys:
                # A record that refers to others of its own kind refers to itself.
                referred = row if key.column.table is table else rows[key.column.table.name]
                row[column.name] = referred[key.column.name]
        connection.execute(insert(table).values(**row))
        rows[table.name] = row
    return rows


def _row(connection: Connection, table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row is now; an upgrade may add others beside it."""
    this = select(table).where(*(column == row[column.name] for column in table.primary_key))
    return dict(connection.execute(this).mappings().one())


def _brought_to(database: Database, revision: str) -> dict[str, dict[str, Any]]:
    """Make the schema of a step, with rows in it."""
    with database.write() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        assert revision_of(connection) == revision
        return _filled(connection)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_step_leads_to_the_newest_schema_with_all_rows(
    database: Database, other: Callable[[], Database], revision: str
) -> None:
    rows = _brought_to(database, revision)
    upgrade(database)
    fresh = other()
    upgrade(fresh)
    with database.read() as upgraded, fresh.read() as wanted:
        assert revision_of(upgraded) == head()
        assert shape(upgraded) == shape(wanted)
        there = MetaData()
        there.reflect(upgraded)
        for name, row in rows.items():
            if name in ELSEWHERE:
                continue
            kept = _row(upgraded, there.tables[name], row)
            same = [column for column in row if f"{name}.{column}" not in ELSEWHERE]
            assert {column: kept[column] for column in same} == {column: row[column] for column in same}


def test_the_steps_make_what_the_tables_say(database: Database, other: Callable[[], Database]) -> None:
    upgrade(database)
    plain = other()
    names = set(metadata.tables)
    with plain.write() as connection:
        metadata.create_all(connection)
        if not plain.is_sqlite:
            on_postgresql.create_all(connection)
            names |= set(on_postgresql.tables)
    with database.read() as stepwise, plain.read() as wanted:
        assert of_tables(shape(stepwise), names) == of_tables(shape(wanted), names)


def test_a_shape_tells_what_differs(database: Database) -> None:
    upgrade(database)
    with database.read() as connection:
        before = shape(connection)
    trigger = "audit_event_no_delete" if database.is_sqlite else "audit_event_append_only ON audit_event"
    for kind, statement in {
        "columns": "ALTER TABLE login ADD COLUMN more TEXT",
        "indexes": "DROP INDEX ix_login_org_id_at",
        "triggers": f"DROP TRIGGER {trigger}",
    }.items():
        with database.write() as connection:
            connection.exec_driver_sql(statement)
        with database.read() as connection:
            now = shape(connection)
        assert {name for name in now if now[name] != before[name]} == {kind}
        before = now


@pytest.mark.postgresql_only("SQLite has no such table")
@pytest.mark.parametrize("revision", ["0012", "0013"])
def test_the_texts_of_apps_that_are_there_are_searched(database: Database, revision: str) -> None:
    app = _brought_to(database, revision)["connected_app"]
    upgrade(database)
    with database.read() as connection:
        (row,) = connection.execute(select(connected_app_text)).mappings()
    shared = {name: app[name] for name in ("org_id", "api_name_folded", "label_folded")}
    assert row == {**shared, "content": app["search_text"].encode()}


def test_names_of_parts_that_do_not_follow_from_their_apps_are_noted(database: Database) -> None:
    with database.write() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
        app = _filled(connection)["external_client_app"]
    upgrade(database)
    with database.read() as connection:
        there = MetaData()
        there.reflect(connection)
        (row,) = connection.execute(select(there.tables["part_name"])).mappings()
    assert (row["type_name"], row["name_folded"]) == ("ExtlClntAppOauthSettings", "shared_oauth")
    assert (row["app_id"], row["org_id"]) == (app["id"], app["org_id"])
