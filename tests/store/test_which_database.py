"""What is given as the database: nothing is made of a slip, and what is somebody else's is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from changeover import errors, wiring
from changeover.errors import ChangeoverError
from changeover.store.engine import Database
from changeover.wiring import database_url, open_house
from tests.org.world import World
from tests.store.places import Place, back_up

PASSWORD = "S3CRET"


@pytest.mark.sqlite_only("nothing is asked of either")
@pytest.mark.parametrize(
    "given",
    [
        f"postgresql:/ada:{PASSWORD}@127.0.0.1/x",
        f"postgres:ada:{PASSWORD}@127.0.0.1/x",
        f"postgresql+psycopg:/ada:{PASSWORD}@127.0.0.1/x",
        f"host=127.0.0.1 dbname=x user=ada password={PASSWORD}",
        f"password = {PASSWORD} dbname=x",
        "sqlite:changeover.db",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_a_slip_of_the_pen_makes_no_database(
    given: str, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not Path(empty).exists()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ChangeoverError) as caught:
        open_house(given, environment={})
    assert caught.value.kind is errors.STORE_UNREADABLE
    assert "postgresql://user@host/name" in caught.value.remedy
    assert PASSWORD not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_something_else_is_not_moved_into(empty: str, tmp_path: Path) -> None:
    bare = Database(database_url(empty))
    with bare.write() as connection:
        connection.exec_driver_sql("CREATE TABLE invoices (number INTEGER)")
        connection.exec_driver_sql("INSERT INTO invoices VALUES (7)")
    with pytest.raises(ChangeoverError, match=r"not Changeover's: invoices\.") as caught:
        open_house(empty, key_file=tmp_path / "key", environment={})
    assert caught.value.kind is errors.STORE_UNREADABLE
    with bare.read() as connection:
        assert inspect(connection).get_table_names() == ["invoices"]
    bare.dispose()
    assert not (tmp_path / "key").exists()


@pytest.mark.postgresql_only("SQLite has no server")
def test_a_backup_says_why_the_server_does_not_answer(tmp_path: Path) -> None:
    place = Place(tmp_path, f"postgresql://ada:{PASSWORD}@127.0.0.1:1/x")
    with pytest.raises(ChangeoverError, match="Connection refused") as caught:
        back_up(place, tmp_path / "a.backup")
    assert caught.value.kind is errors.STORE_UNREADABLE
    assert PASSWORD not in str(caught.value)


def test_a_backup_is_put_in_place_of_nothing_that_it_saves(place: Place, world: World) -> None:
    own: list[Path] = [place.key_file]
    if world.is_sqlite:
        own += [Path(f"{place.database}{end}") for end in ("", "-wal")]
    (place.folder / "link").symlink_to(place.folder)
    for file in (*own, *(place.folder / "link" / file.name for file in own)):
        before = file.read_bytes()
        with pytest.raises(ChangeoverError) as caught:
            wiring.back_up(place.database, file, key_file=place.key_file, overwrite=True, environment={})
        assert caught.value.kind is errors.OUTPUT_IN_THE_WAY
        assert "installation's own" in caught.value.message
        assert file.read_bytes() == before
