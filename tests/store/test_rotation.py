"""Another key for everything sealed: while others run, killed at any moment, and no key is ever lost."""

from __future__ import annotations

import base64
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select, text

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit, consumer_details
from changeover.org.lists import AuditQuery
from changeover.store.key_source import KeySource, new_key
from changeover.store.schema import metadata
from changeover.store.sealed import SEALED, counts
from changeover.store.vault import ID_AT, ID_BYTES, key_id
from changeover.wiring import open_house
from tests.org.world import FAST, SECRET, World, app
from tests.store.places import Place, not_in_order, sealed_everywhere, secrets_in

BYTES_THAT_ARE_NOT_SEALED = {"key_value.value", "web_session.data"}
"""Web sessions and counters: nothing of them is a secret that must be opened again."""


def _sealed_with(world: World) -> dict[bytes, int]:
    with world.house.database.read() as connection:
        return dict(counts(connection))


def _keys(place: Place) -> list[bytes]:
    return [key_id(key) for key in KeySource(place.key_file, {}).load()]


def test_every_place_that_holds_sealed_values_is_in_the_list() -> None:
    """A new column of bytes must be put into `SEALED`, or above with the reason."""
    listed = {f"{column.table.name}.sealed" for column in SEALED}
    held = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert held - BYTES_THAT_ARE_NOT_SEALED == listed


def test_nothing_sealed_lies_anywhere_else(world: World) -> None:
    sealed_everywhere(world)
    current = world.house.vault.current
    found = set()
    with world.house.database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found |= {
                    f"{table.name}.{name}"
                    for name, value in row.items()
                    if current in (value if isinstance(value, bytes) else str(value).encode())
                }
    assert found == {f"{column.table.name}.sealed" for column in SEALED}


def test_everything_is_sealed_anew_and_the_old_key_can_go(place: Place) -> None:
    world = place.world()
    sealed_everywhere(world)
    before, versions = secrets_in(world.house, world.org_id), world.record("App2").version
    (old,) = _keys(place)
    done = world.house.rotate_key()
    assert (done.sealed, done.resumed) == (7, False)
    assert _keys(place) == [bytes.fromhex(done.key), old]
    assert _sealed_with(world) == {bytes.fromhex(done.key): 7}
    assert world.house.retire_keys() == (old.hex(),)
    world.house.close()
    again = place.open()
    assert secrets_in(again, world.org_id) == before
    assert len([value for value in before.values() if value and SECRET in value]) == 4
    assert world.record("App2").version == versions
    assert not_in_order(again) == []
    (use,) = again.key_status()
    assert (use.key, use.here, use.current, use.sealed) == (done.key, True, True, 7)
    again.close()
    world.house.close()


def test_the_audit_trail_tells_of_it_and_holds_no_key(world: World) -> None:
    sealed_everywhere(world)
    (old,) = world.house.keys.load()
    world.house.rotate_key()
    world.house.retire_keys()
    events = [entry.event for entry in world.see(audit.list_audit, AuditQuery()).rows][:2]
    assert events == ["org:encryption-key:retired", "org:encryption-key:rotated"]
    for key in (old, *world.house.keys.load()):
        assert base64.b64encode(key) not in world.on_disk()
        assert key not in world.on_disk()


def test_a_server_that_runs_goes_on_without_a_restart(place: Place) -> None:
    world = place.world()
    sealed_everywhere(world)
    server = place.open()
    before = secrets_in(server, world.org_id)
    world.house.rotate_key()
    assert secrets_in(server, world.org_id) == before
    # It seals with the new key from now on, so that the old one can be dropped beneath it.
    world.house.rotate_key()
    with server.units.unit() as unit:
        consumer_details.set_secret(unit, world.admin, "App2", "set-by-the-server", seen_version=None)
    assert set(_sealed_with(world)) == {_keys(place)[0]}
    world.house.retire_keys()
    assert secrets_in(server, world.org_id) == before | {"App2": "set-by-the-server"}
    server.close()
    world.house.close()


def test_an_old_key_stays_as_long_as_it_is_needed(place: Place) -> None:
    world = place.world()
    sealed_everywhere(world)
    keys = KeySource(place.key_file, {})
    keys.replace((new_key(), *keys.load()))
    with pytest.raises(ChangeoverError) as caught:
        world.house.retire_keys()
    assert caught.value.kind is errors.KEY_IN_USE
    assert "7 with " in caught.value.message
    assert len(_keys(place)) == 2
    done = world.house.rotate_key()
    assert (done.sealed, done.resumed) == (7, True)
    assert len(world.house.retire_keys()) == 1
    assert world.house.retire_keys() == ()
    world.house.close()


def test_no_key_is_dropped_under_somebody_who_has_sealed_with_it(place: Place) -> None:
    """Sealed with the old key, not committed yet: whoever drops keys waits, and then sees it."""
    world = place.world()
    world.bring(app("Billing"))
    keys = KeySource(place.key_file, {})
    caught: list[ChangeoverError] = []

    def drop() -> None:
        try:
            world.house.retire_keys()
        except ChangeoverError as error:
            caught.append(error)

    dropping = threading.Thread(target=drop)
    server = place.open()
    with server.units.unit() as unit:
        consumer_details.set_secret(unit, world.admin, "Billing", "in-the-balance", seen_version=None)
        keys.replace((new_key(), *keys.load()))
        dropping.start()
        dropping.join(0.3)
        assert dropping.is_alive()
    dropping.join()
    assert [error.kind for error in caught] == [errors.KEY_IN_USE]
    assert secrets_in(server, world.org_id)["Billing"] == "in-the-balance"
    server.close()
    world.house.close()


ROTATES = """
import sys
from pathlib import Path
from changeover.store import rotation
from changeover.wiring import open_house
rotation._BATCH = 3
house = open_house(sys.argv[1], key_file=Path(sys.argv[2]), environment={})
print("ready", flush=True)
house.rotate_key()
print("done", flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on(place: Place, root: Path) -> None:
    world = place.world()
    sealed_everywhere(world, apps=30)
    before = secrets_in(world.house, world.org_id)
    seed = time.time_ns()
    chance = random.Random(seed)  # noqa: S311 - when to kill
    killed = 0
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", ROTATES, place.database, str(place.key_file)],
            cwd=root,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.0, 0.06))
            process.send_signal(signal.SIGKILL)
            killed += process.stdout.read() == ""
        assert set(_sealed_with(world)) <= set(_keys(place)), seed
        assert secrets_in(world.house, world.org_id) == before, seed
    assert killed, seed
    world.house.rotate_key()
    world.house.retire_keys()
    assert len(_keys(place)) == 1
    assert [file.name for file in place.folder.iterdir() if "draft" in file.name] == []
    again = place.open()
    assert secrets_in(again, world.org_id) == before
    again.close()
    world.house.close()


FULL = """
import resource, sys
from pathlib import Path
from changeover.errors import ChangeoverError
from changeover.store.key_source import KeySource, new_key
keys = KeySource(Path(sys.argv[1]), {})
resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
try:
    keys.replace((new_key(), *keys.load()))
except ChangeoverError as error:
    print(error.code)
"""


def test_a_full_disk_loses_no_key(tmp_path: Path, root: Path) -> None:
    file = tmp_path / "changeover.db.key"
    before = KeySource(file, {}).load(create=True)
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(file)], cwd=root, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "E-OUTPUT-FAILED\n"
    assert KeySource(file, {}).load() == before
    assert [one.name for one in tmp_path.iterdir()] == [file.name]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_key_behind_a_link_stays_there_and_keeps_its_owner(tmp_path: Path) -> None:
    real, link = tmp_path / "kept" / "key", tmp_path / "changeover.db.key"
    (before,) = KeySource(real, {}).load(create=True)
    link.symlink_to(real)
    if not os.geteuid():
        os.chown(real, 65534, 65534)
    owner = real.stat().st_uid
    KeySource(link, {}).replace((new_key(), before))
    assert link.is_symlink()
    assert KeySource(real, {}).load()[1] == before
    assert (real.stat().st_uid, real.stat().st_mode & 0o777) == (owner, 0o600)


def test_a_key_that_has_gone_seals_nothing_more_and_still_opens(world: World) -> None:
    sealed_everywhere(world)
    before = secrets_in(world.house, world.org_id)
    world.house.keys.key_file.unlink()
    with pytest.raises(ChangeoverError) as caught:
        world.do(consumer_details.set_secret, "App2", "lost-at-the-next-start", seen_version=None)
    assert caught.value.kind is errors.KEY_MISSING
    assert str(world.house.keys.key_file) in caught.value.remedy
    assert secrets_in(world.house, world.org_id) == before


def test_keys_in_the_variable_are_used_and_never_written(world: World) -> None:
    sealed_everywhere(world)
    (old,), new = world.house.keys.load(), new_key()
    file = world.house.keys.key_file.read_bytes()
    world.house.close()

    def given(*keys: bytes) -> World:
        variable = " ".join(base64.b64encode(key).decode() for key in keys)
        world.house = open_house(world.database, passwords=FAST, environment={"CHANGEOVER_KEY": variable})
        return world

    with pytest.raises(ChangeoverError) as nothing_newer:
        given(old).house.rotate_key()
    assert nothing_newer.value.kind is errors.KEY_ELSEWHERE
    assert "openssl rand" in nothing_newer.value.remedy
    world.house.close()
    done = given(new, old).house.rotate_key()
    assert (done.key, done.sealed, done.resumed) == (key_id(new).hex(), 7, True)
    with pytest.raises(ChangeoverError) as now_restart:
        world.house.retire_keys()
    assert now_restart.value.kind is errors.KEY_ELSEWHERE
    assert key_id(old).hex() in now_restart.value.message
    world.house.close()
    assert secrets_in(given(new).house, world.org_id)["App0"] == f"{SECRET}-App0"
    assert (world.folder / "changeover.db.key").read_bytes() == file


def test_what_cannot_be_opened_is_named_and_the_rest_is_done(world: World) -> None:
    sealed_everywhere(world)
    other = b"\x01" + key_id(b"x" * 32) + b"n" * 40
    app_id = world.record("App2").app_id
    with world.house.database.write() as connection:
        connection.execute(
            text("UPDATE connected_app SET sealed = :sealed WHERE id = :app"),
            {"sealed": other, "app": app_id},
        )
    with pytest.raises(ChangeoverError) as caught:
        world.house.rotate_key()
    assert caught.value.kind is errors.SEAL_BROKEN
    assert f"connected_app:{app_id}" in caught.value.message
    uses = {use.key: (use.here, use.current, use.sealed) for use in world.house.key_status()}
    assert sorted(uses.values()) == [(False, False, 1), (True, False, 0), (True, True, 6)]
    assert uses[other[ID_AT : ID_AT + ID_BYTES].hex()] == (False, False, 1)
