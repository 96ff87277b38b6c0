"""A backup and what is restored from it, on either kind of database: the same, and safe to go on with."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError

from changeover import errors, wiring
from changeover.errors import ChangeoverError
from changeover.org import audit, consumer_details
from changeover.org.app_manager import list_apps
from changeover.org.batches import start_batch
from changeover.org.installation import list_orgs
from changeover.org.lists import AppQuery, AuditQuery
from changeover.org.sign_in import sign_in
from changeover.store import upgrade
from changeover.store.backup.tables import FORMER, LEFT_OUT, kind_of, shapes
from changeover.store.key_source import KeySource, new_key
from changeover.store.schema import metadata
from changeover.store.schema.batches import batch
from changeover.store.searched import on_postgresql
from changeover.store.vault import key_id
from tests.org.world import SECRET, YES, World, app, other_org
from tests.store.places import (
    KINDS,
    PERSON,
    Place,
    all_rows,
    back_up,
    not_in_order,
    restore,
    same_but_for_the_entry,
    sealed_everywhere,
    secrets_in,
    with_key_of,
)

Another = Callable[[str], Place]


def _filled(place: Place) -> World:
    """An installation of two orgs in which every table has rows, but those of batches."""
    world = place.world()
    other_org(world)
    sealed_everywhere(world)
    world.log_in("Elsewhere")
    world.bring(app("Umlaut", label="Straße \U0001f9ed \u202e", description='"\\\r\n\t'))
    return world


def test_every_table_is_in_a_backup_or_left_out_with_a_reason(place: Place) -> None:
    """A new table is in every backup by itself; one that goes must be named in `FORMER`."""
    house = place.open()
    with house.database.read() as connection:
        there = {shape.name for shape in shapes(connection)}
        made = set(inspect(connection).get_table_names())
    house.close()
    assert there | LEFT_OUT.keys() == metadata.tables.keys()
    assert there & LEFT_OUT.keys() == set()
    ours = {name for name in made if not name.startswith(("alembic_", "procrastinate_"))}
    # What PostgreSQL makes of other tables' rows is made anew.
    assert ours - on_postgresql.tables.keys() == metadata.tables.keys()
    assert metadata.tables.keys() & FORMER == set()


def test_every_column_is_of_a_kind_that_a_backup_can_hold(place: Place) -> None:
    house = place.open()
    with house.database.read() as connection:
        for shape in shapes(connection):
            declared = {
                name: kind_of(column.type).name for name, column in metadata.tables[shape.name].c.items()
            }
            assert shape.kinds == declared, shape.name
    house.close()


@pytest.mark.parametrize("to", KINDS)
def test_what_is_restored_is_what_was_there(place: Place, another: Another, tmp_path: Path, to: str) -> None:
    world = _filled(place)
    before, secrets = all_rows(world.house), secrets_in(world.house, world.org_id)
    backup = back_up(place, tmp_path / "a.backup")
    assert backup.rows == {name: len(rows) for name, rows in before.items()}
    assert backup.sealed_with == {world.house.vault.current.hex(): 7}
    world.house.close()
    target = with_key_of(place, another(to))
    restored = restore(target, tmp_path / "a.backup")
    assert (restored.secrets_left_out, restored.backup) == (0, backup)
    house = target.open()
    same_but_for_the_entry(all_rows(house), before)
    if to == "postgresql":
        with house.database.read() as connection:
            assert inspect(connection).has_table("procrastinate_jobs")
    assert secrets_in(house, world.org_id) == secrets
    assert not_in_order(house) == []
    assert sign_in(house.units, PERSON, world.password, world.admin.door).username == PERSON
    house.close()


@pytest.mark.parametrize("to", KINDS)
def test_a_row_may_lead_to_one_that_comes_later(
    place: Place, another: Another, tmp_path: Path, to: str
) -> None:
    """As an undo leads to the batch that it undoes, whichever of their ids comes first."""
    world = place.world()
    world.do(start_batch, ["Nowhere"], YES)
    with world.house.database.write() as connection:
        row = dict(connection.execute(select(batch)).mappings().one())
        for number, of in (("0Bt9", None), ("0Bt1", "0Bt9"), ("0Bt2", "0Bt1")):
            connection.execute(insert(batch), {**row, "id": number, "of_batch": of})
    before = all_rows(world.house)
    back_up(place, tmp_path / "a.backup")
    world.house.close()
    target = with_key_of(place, another(to))
    restore(target, tmp_path / "a.backup")
    house = target.open()
    same_but_for_the_entry(all_rows(house), before)
    house.close()


def test_a_restored_one_can_be_gone_on_with(place: Place, another: Another, tmp_path: Path) -> None:
    """Numbers go on, apps are found, the audit trail is guarded, acts work, and it can be backed up again."""
    world = _filled(place)
    back_up(place, tmp_path / "a.backup")
    world.house.close()
    for to in KINDS:
        target = with_key_of(place, another(to))
        restore(target, tmp_path / "a.backup")
        world.house = target.open()
        entries = world.see(audit.list_audit, AuditQuery(page_size=500)).rows
        assert [row.api_name for row in world.see(list_apps, AppQuery(search="STRASSE"))] == ["Umlaut"]
        world.log_in("App1", times=3)
        world.migrated("App2")
        again = world.see(audit.list_audit, AuditQuery(page_size=500)).rows
        assert again[0].event == "connected-app:app:migrated"
        assert again[-len(entries) :] == entries
        numbers = [entry.number for entry in again]
        assert numbers == sorted(set(numbers), reverse=True)
        for statement in ("UPDATE audit_event SET text = 'x'", "DELETE FROM audit_event"):
            with (
                pytest.raises(DatabaseError, match="append only"),
                world.house.database.write() as connection,
            ):
                connection.execute(text(statement))
        assert not_in_order(world.house) == []
        back_up(target, tmp_path / f"again-{to}.backup")
        world.house.close()


def test_the_file_is_its_owners_alone_and_holds_neither_key_nor_secret(world: World, tmp_path: Path) -> None:
    sealed_everywhere(world)
    place = Place(world.folder, world.database)
    back_up(place, tmp_path / "a.backup")
    content = (tmp_path / "a.backup").read_bytes()
    from changeover.store.backup.container import Reader  # noqa: PLC0415 - one look inside

    with Reader(tmp_path / "a.backup") as reader:
        content += b"\n".join(reader._lines())
    assert stat.S_IMODE((tmp_path / "a.backup").stat().st_mode) == 0o600
    assert SECRET.encode() not in content
    assert place.key_file.read_bytes().strip() not in content
    assert (place.folder / "a.backup").exists()
    assert [file.name for file in tmp_path.iterdir() if "draft" in file.name] == []


def test_who_was_signed_in_signs_in_again(place: Place, another: Another, tmp_path: Path) -> None:
    world = place.world()
    sessions = world.house.key_values("session")
    sessions.write("abc", b"signed in", timedelta(hours=1))
    assert back_up(place, tmp_path / "a.backup").left_out == ("key_value", "web_session")
    target = with_key_of(place, another("sqlite"))
    house = target.open()
    house.key_values("session").write("abc", b"somebody else", timedelta(hours=1))
    house.close()
    restore(target, tmp_path / "a.backup")
    house = target.open()
    assert house.key_values("session").read("abc") is None
    assert sessions.read("abc") == b"signed in"
    house.close()
    world.house.close()


def test_a_place_that_holds_something_is_left_alone(place: Place, another: Another, tmp_path: Path) -> None:
    world = place.world()
    back_up(place, tmp_path / "a.backup")
    before = all_rows(world.house)
    with pytest.raises(ChangeoverError) as caught:
        restore(place, tmp_path / "a.backup")
    assert caught.value.kind is errors.RESTORE_NOT_EMPTY
    assert all_rows(world.house) == before
    world.house.close()
    # One that was opened and never used is empty.
    for kind in KINDS:
        target = with_key_of(place, another(kind))
        target.open().close()
        restore(target, tmp_path / "a.backup")
        house = target.open()
        assert [org.name for org in list_orgs(house.units)] == ["Acme"]
        house.close()


def test_a_database_of_something_else_is_left_alone(world: World, another: Another, tmp_path: Path) -> None:
    place = Place(world.folder, world.database)
    back_up(place, tmp_path / "a.backup")
    target = with_key_of(place, another("sqlite"))
    other = sqlite3.connect(target.database)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    with pytest.raises(ChangeoverError) as caught:
        restore(target, tmp_path / "a.backup")
    assert caught.value.kind is errors.RESTORE_NOT_EMPTY
    assert "not Changeover's" in caught.value.message


# --- keys ------------------------------------------------------------------------------------------------


def test_without_its_key_nothing_is_written(place: Place, another: Another, tmp_path: Path) -> None:
    world = _filled(place)
    back_up(place, tmp_path / "a.backup")
    used = world.house.vault.current.hex()
    world.house.close()
    for other_key in (False, True):
        target = another("sqlite")
        if other_key:
            KeySource(target.key_file, {}).load(create=True)
        with pytest.raises(ChangeoverError) as caught:
            restore(target, tmp_path / "a.backup")
        assert caught.value.kind is errors.BACKUP_KEY
        assert f"{used} (7 secrets in it)" in caught.value.message
        assert str(target.key_file) in caught.value.remedy
        assert not Path(target.database).exists()


def test_a_lost_key_loses_the_secrets_and_nothing_else(
    place: Place, another: Another, tmp_path: Path
) -> None:
    world = _filled(place)
    world.migrated("App2")
    back_up(place, tmp_path / "a.backup")
    world.house.close()
    target = another("sqlite")
    restored = restore(target, tmp_path / "a.backup", without_key=True)
    assert (restored.secrets_left_out, restored.backup.signature_checked) == (8, False)
    world.house = target.open()
    assert not_in_order(world.house) == []
    assert set(secrets_in(world.house, world.org_id).values()) == {None}
    told = world.see(audit.list_audit, AuditQuery()).rows[0].text
    assert "8 secrets of the installation were left out" in told
    # App1's push settings are gone, and with them what kept it from being migrated; a new secret can be set.
    world.migrated("App1")
    world.do(consumer_details.set_secret, "Umlaut", "a-new-secret", seen_version=None)
    assert secrets_in(world.house, world.org_id)["Umlaut"] == "a-new-secret"
    world.house.close()


def test_a_key_that_was_lost_long_ago(place: Place, another: Another, tmp_path: Path) -> None:
    """As docs/operations.md says: another key in its place, a backup, and a restore without the lost one."""
    world = _filled(place)
    world.house.close()
    place.key_file.unlink()
    KeySource(place.key_file, {}).load(create=True)
    back_up(place, tmp_path / "a.backup")
    target = with_key_of(place, another("sqlite"))
    restored = restore(target, tmp_path / "a.backup", without_key=True)
    assert (restored.secrets_left_out, restored.backup.signature_checked) == (7, True)
    house = target.open()
    assert not_in_order(house) == []
    house.close()


def test_a_backup_of_the_middle_of_a_rotation_needs_both_keys(
    place: Place, another: Another, tmp_path: Path
) -> None:
    world = _filled(place)
    (old,) = KeySource(place.key_file, {}).load()
    new = new_key()
    KeySource(place.key_file, {}).replace((new, old))
    world.do(consumer_details.set_secret, "App2", "sealed-with-the-new-one", seen_version=None)
    backup = back_up(place, tmp_path / "a.backup")
    world.house.close()
    assert backup.sealed_with == {key_id(old).hex(): 6, key_id(new).hex(): 1}
    assert backup.signed_with == key_id(new).hex()
    target = with_key_of(place, another("sqlite"))
    KeySource(target.key_file, {}).replace((new,))
    with pytest.raises(ChangeoverError) as caught:
        restore(target, tmp_path / "a.backup")
    assert key_id(old).hex() in caught.value.message
    assert key_id(new).hex() not in caught.value.message
    # What the key that is here opens is kept.
    assert restore(target, tmp_path / "a.backup", without_key=True).secrets_left_out == 6
    house = target.open()
    assert secrets_in(house, world.org_id)["App2"] == "sealed-with-the-new-one"
    house.close()


# --- schemas ---------------------------------------------------------------------------------------------

STEP = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9001", "{head}", None, None

def upgrade():
    op.add_column("login", sa.Column("note", sa.Text(), nullable=False, server_default="old"))
"""


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Make this Changeover one that knows a step more."""
    steps = Path(shutil.copytree(upgrade._STEPS, tmp_path / "steps"))
    (steps / "versions" / "9001_later.py").write_text(STEP.format(head=upgrade.head()))
    return lambda: monkeypatch.setattr(upgrade, "_STEPS", steps)


@pytest.mark.parametrize("to", KINDS)
def test_an_older_backup_is_brought_up_to_date(
    place: Place, another: Another, tmp_path: Path, newer: Callable[[], None], to: str
) -> None:
    world = _filled(place)
    before = all_rows(world.house)
    world.house.close()
    newer()
    # Taken by the newer Changeover, which leaves the database where it is.
    backup = back_up(place, tmp_path / "a.backup")
    database = create_engine(wiring.database_url(place.database))
    with database.connect() as connection:
        assert upgrade.revision_of(connection) == backup.schema != "9001"
    database.dispose()
    target = with_key_of(place, another(to))
    restore(target, tmp_path / "a.backup")
    house = target.open()
    with house.database.read() as connection:
        assert upgrade.revision_of(connection) == "9001"
        assert set(connection.execute(text("SELECT note FROM login")).scalars()) == {"old"}
    same_but_for_the_entry(
        {**all_rows(house), "login": before["login"]},
        before,
    )
    assert not_in_order(house) == []
    house.close()


def test_a_newer_backup_is_refused(
    place: Place, another: Another, tmp_path: Path, newer: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.world().house.close()
    back_up(place, tmp_path / "older.backup")
    newer()
    place.open().close()
    back_up(place, tmp_path / "newer.backup")
    target = with_key_of(place, another("sqlite"))
    target.open().close()
    # An older one does not fit beside tables that are newer.
    with pytest.raises(ChangeoverError) as caught:
        restore(target, tmp_path / "older.backup")
    assert caught.value.kind is errors.RESTORE_NOT_EMPTY
    monkeypatch.undo()
    empty = with_key_of(place, another("sqlite"))
    with pytest.raises(ChangeoverError) as caught:
        restore(empty, tmp_path / "newer.backup")
    assert caught.value.kind is errors.BACKUP_NEWER
    assert "9001" in caught.value.message
    assert not Path(empty.database).exists()
    with pytest.raises(ChangeoverError) as caught:
        restore(target, tmp_path / "older.backup")
    assert caught.value.kind is errors.STORE_SCHEMA
    with pytest.raises(ChangeoverError) as caught:
        back_up(place, tmp_path / "unknown.backup")
    assert caught.value.kind is errors.STORE_SCHEMA


def test_where_there_is_no_installation_there_is_no_backup(another: Another, tmp_path: Path) -> None:
    for kind in KINDS:
        place = another(kind)
        KeySource(place.key_file, {}).load(create=True)
        with pytest.raises(ChangeoverError) as caught:
            back_up(place, tmp_path / "a.backup")
        assert caught.value.kind is errors.STORE_UNREADABLE
        assert not (tmp_path / "a.backup").exists()
