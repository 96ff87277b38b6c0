"""A database that fails in the middle: one clear error, and nothing half done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import State
from changeover.org import importing
from changeover.store import engine
from changeover.store.schema.orgs import user as user_table
from tests.org.world import World, app


@pytest.mark.sqlite_only("a server's disk is not a test's to fill")
def test_a_full_disk_is_said_and_leaves_what_was_there(world: World) -> None:
    world.bring(app())
    with world.house.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    before = world.everything()
    long = app("Verbose", description="long " * 20_000)
    with pytest.raises(ChangeoverError) as caught, world.unit() as unit:
        importing.import_app(unit, world.admin, importing.Incoming(app=long, path="Verbose.connectedApp"))
    assert caught.value.kind is errors.STORE_FAILED
    assert "full" in caught.value.message
    assert "E-STORE-FAILED" in str(caught.value)
    assert world.everything() == before
    with world.house.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    world.migrated()
    assert world.record().state is State.MIGRATED


def test_a_database_that_loses_a_table_is_said(world: World) -> None:
    with world.house.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE briefcase RENAME TO elsewhere")
    with pytest.raises(ChangeoverError) as caught, world.read() as unit:
        unit.briefcases.list(world.org_id)
    assert caught.value.kind is errors.STORE_FAILED


def test_what_a_statement_was_given_stands_in_no_error(world: World) -> None:
    secret = "$argon2id$the-hash-of-a-password"
    with world.read() as unit:
        user = unit.users.get(world.admin.user_id)
    assert user is not None
    with pytest.raises(DatabaseError) as caught, world.house.database.write() as connection:
        connection.execute(insert(user_table).values(id=user.user_id, password_hash=secret))
    told = f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert "user_account" in told
    assert "null" in told.lower()
    assert secret not in told


@pytest.mark.parametrize("name", ["a\0b", "\0", "half of a pair \ud83d", "\udfff"])
def test_a_text_that_no_database_can_hold_is_refused_before_it_is_asked(world: World, name: str) -> None:
    before = world.everything()
    with world.unit() as unit:
        for ask in (unit.apps.get, unit.external.get, unit.users.in_org):
            with pytest.raises(ChangeoverError) as caught:
                ask(world.org_id, name)
            assert caught.value.kind is errors.VALUE_REFUSED
        assert unit.users.by_username(name) is None
    with pytest.raises(ChangeoverError) as caught, world.unit() as unit:
        unit.orgs.save(replace(unit.orgs.list()[0], name=name))
    assert caught.value.kind is errors.VALUE_REFUSED
    assert world.everything() == before


@pytest.mark.sqlite_only("PostgreSQL's disk is the server's")
def test_a_disk_that_fails_in_a_commit_leaves_open_whether_it_happened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.bring(app())
    failed = sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC

    def torn(connection: Connection, commit: Callable[[], None]) -> None:
        del connection
        commit()
        raise OperationalError("COMMIT", None, failed)

    with monkeypatch.context() as patched:
        patched.setattr(engine, "send", torn)
        with pytest.raises(ChangeoverError) as caught:
            world.migrated()
    assert caught.value.kind is errors.STORE_UNCERTAIN
    assert "disk I/O error" in caught.value.message
    assert world.record().state is State.MIGRATED


@pytest.mark.sqlite_only("PostgreSQL has a pool, and asks what it takes out of it")
def test_the_writer_is_opened_once_and_anew_after_a_failure(world: World) -> None:
    database = world.house.database
    with database.write() as first:
        first.execute(update(user_table).values(name="One"))
    with database.write() as second:
        second.execute(update(user_table).values(name="Two"))
    assert second is first
    with pytest.raises(IntegrityError), database.write() as failing:
        failing.execute(update(user_table).values(name="Three", org_id=None))
    assert failing is first
    assert first.closed
    with database.write() as third:
        names = set(third.execute(select(user_table.c.name)).scalars())
    assert names == {"Two"}
    assert third is not first
    world.house.close()
    assert third.closed
