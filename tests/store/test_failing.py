"""A database that fails in the middle: one clear error, and nothing half done."""

from __future__ import annotations

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import State
from changeover.org import importing
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
