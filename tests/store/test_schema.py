"""The schema: Alembic's steps and the tables agree, and the audit trail cannot be rewritten."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, inspect, quoted_name, text
from sqlalchemy.exc import DatabaseError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.installation import list_orgs
from changeover.store.engine import Database
from changeover.store.schema import metadata
from changeover.store.searched import on_postgresql
from changeover.store.upgrade import head, revision_of
from changeover.wiring import House, database_url, open_house
from tests.org.world import World, app


def _ours(made: Any, name: str, kind: str, *_: Any) -> bool:
    """Leave the job queue's tables out: they have a test of their own (test_queue)."""
    table = name if kind == "table" else made.table.name
    return not table.startswith("procrastinate")


def _compared_on(dialect: str) -> Callable[..., bool]:
    """Return what says whether a database should have something: Alembic does not look at `ddl_if`."""
    only = {index.name: index._ddl_if for table in metadata.sorted_tables for index in table.indexes}

    def compared(made: Any, name: str, kind: str, *_: Any) -> bool:
        condition = only.get(quoted_name(name, None)) if kind == "index" and name else None
        return _ours(made, name, kind) and (condition is None or condition.dialect == dialect)

    return compared


def test_the_steps_make_the_tables(world: World) -> None:
    tables = MetaData(naming_convention=metadata.naming_convention)
    for table in (*metadata.sorted_tables, *(() if world.is_sqlite else on_postgresql.sorted_tables)):
        table.to_metadata(tables)
    with world.house.database.read() as connection:
        options = {
            "compare_type": True,
            "target_metadata": tables,
            "include_object": _compared_on(connection.dialect.name),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables) == []
        assert revision_of(connection) == head()


REWRITES = [
    "UPDATE audit_event SET text = 'nothing happened'",
    "DELETE FROM audit_event",
    "DELETE FROM audit_event WHERE number = (SELECT max(number) FROM audit_event)",
]
SQLITE_REWRITES = ["INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event"]
POSTGRESQL_REWRITES = [
    "TRUNCATE audit_event",
    "TRUNCATE org CASCADE",
    "INSERT INTO audit_event SELECT * FROM audit_event ON CONFLICT (number) DO UPDATE SET text = 'nothing'",
    # As replication does, which leaves ordinary triggers out.
    "SET LOCAL session_replication_role = replica; DELETE FROM audit_event",
]


def _refuses(world: World, statement: str) -> None:
    world.bring(app())
    before = world.everything()["audit_event"]
    assert before
    with pytest.raises(DatabaseError, match="append only"), world.house.database.write() as connection:
        connection.exec_driver_sql(statement)
    assert world.everything()["audit_event"] == before


@pytest.mark.parametrize("statement", REWRITES)
def test_the_audit_trail_takes_no_change(world: World, statement: str) -> None:
    _refuses(world, statement)


@pytest.mark.sqlite_only("PostgreSQL has no REPLACE")
@pytest.mark.parametrize("statement", SQLITE_REWRITES)
def test_the_audit_trail_is_not_replaced(world: World, statement: str) -> None:
    _refuses(world, statement)


@pytest.mark.postgresql_only("SQLite has none of these")
@pytest.mark.parametrize("statement", POSTGRESQL_REWRITES)
def test_the_audit_trail_is_not_emptied_and_not_passed_by(world: World, statement: str) -> None:
    _refuses(world, statement)


def test_not_even_by_another_program(world: World) -> None:
    world.bring(app())
    other = sqlite3.connect(world.database) if world.is_sqlite else psycopg.connect(world.database)
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append only"):
        other.execute("DELETE FROM audit_event")
    other.close()


def test_a_reading_unit_cannot_write(world: World) -> None:
    before = world.everything()
    with pytest.raises(ChangeoverError, match=r"read-?only") as caught, world.read() as unit:
        unit.orgs.save(unit.orgs.list()[0])
    assert caught.value.kind is errors.STORE_FAILED
    assert world.everything() == before


@pytest.mark.sqlite_only("its pragmas")
def test_sqlite_is_set_up_to_lose_nothing(world: World) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for begin in (world.house.database.read, world.house.database.write):
        with begin() as connection:
            found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}
            busy = connection.execute(text("PRAGMA busy_timeout")).scalar_one()
            strewn = connection.execute(text("PRAGMA temp_store")).scalar_one()
        assert found == wanted
        assert busy >= 1000
        # What pages were before a savepoint is no other file's business: neither its time nor its safety.
        assert strewn == 2


def test_a_newer_database_is_refused(world: World) -> None:
    with world.house.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    world.house.close()
    with pytest.raises(ChangeoverError) as caught:
        world.again()
    assert caught.value.kind is errors.STORE_SCHEMA
    assert "9999" in caught.value.message


def test_many_that_start_at_once_make_one_database(opening: Callable[..., House]) -> None:
    failures: list[BaseException] = []
    ready = threading.Barrier(4)

    def start() -> None:
        try:
            ready.wait()
            house = opening()
            assert list_orgs(house.units) == ()
            house.close()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("This is not a database, and long enough to be looked at by SQLite as one.\n" * 40)
    for path in (file, tmp_path, "nonsense://x"):
        with pytest.raises(ChangeoverError) as caught:
            open_house(path, key_file=tmp_path / "key", environment={})
        assert caught.value.kind is errors.STORE_UNREADABLE, path
        assert caught.value.remedy


@pytest.mark.sqlite_only("PostgreSQL keeps its files itself")
def test_only_the_owner_may_read_the_files(world: World) -> None:
    world.bring(app())
    for file in world.folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_a_step_that_fails_leaves_nothing(
    opening: Callable[..., House], empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = op.create_table

    def fails_in_the_middle(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "login":
            message = "no space left"
            raise OSError(message)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(op, "create_table", fails_in_the_middle)
    with pytest.raises(ChangeoverError):
        opening()
    database = Database(database_url(empty))
    with database.read() as connection:
        assert inspect(connection).get_table_names() == []
    database.dispose()
    monkeypatch.undo()
    opening().close()
