"""A SQLite database whose file is moved away, removed, replaced or damaged while it is open."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.installation import list_orgs
from changeover.org.migrate import migrate
from tests.org.world import YES, World, app

pytestmark = pytest.mark.sqlite_only("PostgreSQL looks after its files")


def _files(world: World) -> list[Path]:
    return [Path(f"{world.database}{end}") for end in ("", "-wal", "-shm")]


def _refused(world: World) -> set[str]:
    """Ask for something that writes and for something that reads; return how both are refused."""
    told = set()
    for ask in (lambda: world.do(migrate, "Billing", YES), lambda: list_orgs(world.house.units)):
        with pytest.raises(ChangeoverError) as caught:
            ask()
        assert caught.value.kind is errors.STORE_FAILED
        told.add(caught.value.message)
    return told


def test_a_file_that_is_gone_takes_nothing_more_and_none_is_made_in_its_place(world: World) -> None:
    world.bring(app())
    away = world.folder / "away"
    away.mkdir()
    for file in _files(world):
        file.rename(away / file.name)
    assert _refused(world) == {"The database failed: its file is gone."}
    assert [file for file in _files(world) if file.exists()] == []
    # Put back, it is served again, with all that was committed.
    for file in _files(world):
        if (away / file.name).exists():
            (away / file.name).rename(file)
    assert not world.record().read_only
    world.migrated()


def test_a_file_that_was_replaced_is_the_one_that_is_served(world: World) -> None:
    world.bring(app())
    copy = world.folder / "copy.db"
    with sqlite3.connect(world.database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    world.migrated()
    assert world.record().read_only
    for file in _files(world):
        file.unlink(missing_ok=True)
    shutil.copy2(copy, world.database)
    assert not world.record().read_only, "what is there now, and not what was there"
    world.migrated()
    with sqlite3.connect(world.database) as there:
        assert there.execute("SELECT count(*) FROM external_client_app").fetchone() == (1,)


def test_a_file_that_is_damaged_while_it_is_served_is_said(world: World) -> None:
    world.bring(app())
    world.house.close()
    whole = Path(world.database).read_bytes()
    assert len(whole) > 3 * 4096
    Path(world.database).write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    (told,) = _refused(world)
    assert "malformed" in told
