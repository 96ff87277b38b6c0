"""The schema: Alembic's steps and the tables agree, and the audit trail cannot be rewritten."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, quoted_name, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import CreateTable

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.installation import list_orgs
from changeover.store.schema import metadata
from changeover.store.upgrade import head, revision_of
from changeover.wiring import open_house
from tests.org.world import DATABASE, FAST, World, app


def _is_for_sqlite(_item: Any, name: str | None, kind: str, *_more: Any) -> bool:
    """Whether SQLite should have something: Alembic does not look at `ddl_if`."""
    only = {index.name: index._ddl_if for table in metadata.sorted_tables for index in table.indexes}
    condition = only.get(quoted_name(name, None)) if kind == "index" and name else None
    return condition is None or condition.dialect == "sqlite"


def test_the_steps_make_the_tables(world: World) -> None:
    with world.house.database.read() as connection:
        opts = {"compare_type": True, "target_metadata": metadata, "include_object": _is_for_sqlite}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
        assert revision_of(connection) == head()


def test_every_index_and_constraint_of_the_tables_is_made(world: World) -> None:
    # Autogenerate does not compare everything; the database itself is asked.
    fresh = create_engine("sqlite://")
    metadata.create_all(fresh)
    names = text("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'index') ORDER BY 1, 2")
    with fresh.connect() as connection:
        wanted = {tuple(row) for row in connection.execute(names)}
    fresh.dispose()
    with world.house.database.read() as connection:
        made = {tuple(row) for row in connection.execute(names)}
    assert made - wanted == {("table", "alembic_version"), ("index", "sqlite_autoindex_alembic_version_1")}
    assert wanted <= made


def test_postgresql_can_make_the_tables() -> None:
    for table in metadata.sorted_tables:
        dialect = PGDialect()  # type: ignore[no-untyped-call]
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET text = 'nothing happened'",
        "DELETE FROM audit_event",
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event",
    ],
)
def test_the_audit_trail_takes_no_change(world: World, statement: str) -> None:
    world.bring(app())
    before = world.everything()["audit_event"]
    assert before
    with pytest.raises(DatabaseError, match="append only"), world.house.database.write() as connection:
        connection.execute(text(statement))
    assert world.everything()["audit_event"] == before


def test_not_even_by_another_program(world: World) -> None:
    world.bring(app())
    other = sqlite3.connect(world.folder / DATABASE)
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        other.execute("DELETE FROM audit_event")
    other.close()


def test_a_reading_unit_cannot_write(world: World) -> None:
    before = world.everything()
    with pytest.raises(ChangeoverError, match="readonly") as caught, world.read() as unit:
        unit.orgs.save(unit.orgs.list()[0])
    assert caught.value.kind is errors.STORE_FAILED
    assert world.everything() == before


def test_sqlite_is_set_up_to_lose_nothing(world: World) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for begin in (world.house.database.read, world.house.database.write):
        with begin() as connection:
            found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}
            busy = connection.execute(text("PRAGMA busy_timeout")).scalar_one()
        assert found == wanted
        assert busy >= 1000


def test_a_newer_database_is_refused(world: World) -> None:
    with world.house.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    world.house.close()
    with pytest.raises(ChangeoverError) as caught:
        open_house(world.folder / DATABASE, passwords=FAST, environment={})
    assert caught.value.kind is errors.STORE_SCHEMA
    assert "9999" in caught.value.message


def test_many_that_start_at_once_make_one_database(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    ready = threading.Barrier(4)

    def start() -> None:
        try:
            ready.wait()
            house = open_house(tmp_path / "new" / DATABASE, passwords=FAST, environment={})
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


def test_only_the_owner_may_read_the_files(world: World) -> None:
    world.bring(app())
    for file in world.folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_a_step_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = op.create_table

    def fails_in_the_middle(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "login":
            message = "no space left"
            raise OSError(message)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(op, "create_table", fails_in_the_middle)
    with pytest.raises(ChangeoverError):
        open_house(tmp_path / DATABASE, passwords=FAST, environment={})
    database = sqlite3.connect(tmp_path / DATABASE)
    assert database.execute("SELECT name FROM sqlite_master").fetchall() == []
    database.close()
    monkeypatch.undo()
    open_house(tmp_path / DATABASE, passwords=FAST, environment={}).close()
