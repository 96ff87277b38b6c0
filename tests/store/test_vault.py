"""Secrets at rest: sealed, bound to their row, and opened by no other key."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.vault import Vault, load_keys
from tests.org.world import SECRET, World, app, key_beside

ONE, TWO = b"1" * 32, b"2" * 32


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_was_sealed_opens_for_its_row_only(clear: bytes, identity: str) -> None:
    vault = Vault(ONE)
    sealed = vault.seal(identity, clear)
    assert vault.unseal(identity, sealed) == clear
    assert sealed != vault.seal(identity, clear)
    with pytest.raises(ChangeoverError) as caught:
        vault.unseal(f"{identity}x", sealed)
    assert caught.value.kind is errors.SEAL_BROKEN


@given(st.integers(min_value=0, max_value=60))
def test_an_altered_value_does_not_open(at: int) -> None:
    vault = Vault(ONE)
    sealed = bytearray(vault.seal("row", b"a secret of some length, to be found"))
    sealed[at] ^= 1
    with pytest.raises(ChangeoverError) as caught:
        vault.unseal("row", bytes(sealed))
    assert caught.value.kind in {errors.SEAL_BROKEN, errors.KEY_MISSING}


def test_another_key_does_not_open_and_says_which_is_missing() -> None:
    sealed = Vault(ONE).seal("row", b"secret")
    with pytest.raises(ChangeoverError) as caught:
        Vault(TWO).unseal("row", sealed)
    assert caught.value.kind is errors.KEY_MISSING
    assert Vault(TWO, ONE).unseal("row", sealed) == b"secret"


def test_the_first_key_seals() -> None:
    sealed = Vault(TWO, ONE).seal("row", b"secret")
    assert Vault(TWO).unseal("row", sealed) == b"secret"


def test_a_truncated_value_does_not_open() -> None:
    sealed = Vault(ONE).seal("row", b"secret")
    for length in range(len(sealed)):
        with pytest.raises(ChangeoverError):
            Vault(ONE).unseal("row", sealed[:length])


def test_a_key_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "key"
    made: list[tuple[bytes, ...]] = []
    threads = [
        threading.Thread(target=lambda: made.append(load_keys(file, create=True, environment={})))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    assert len(made[0][0]) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


def test_the_environment_comes_first(tmp_path: Path) -> None:
    given_keys = f"{base64.b64encode(TWO).decode()} {base64.b64encode(ONE).decode()}"
    keys = load_keys(tmp_path / "key", create=True, environment={"CHANGEOVER_KEY": given_keys})
    assert keys == (TWO, ONE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "short", base64.b64encode(b"x" * 31).decode(), "é", "\x00"])
def test_what_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(ChangeoverError) as caught:
        load_keys(file, create=True, environment={})
    assert caught.value.kind is errors.KEY_MISSING


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    load_keys(file, create=True, environment={})
    file.chmod(0o640)
    with pytest.raises(ChangeoverError) as caught:
        load_keys(file, create=False, environment={})
    assert caught.value.kind is errors.KEY_OPEN
    assert "chmod 600" in caught.value.remedy


def test_no_new_key_beside_stored_secrets(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    world.house.close()
    key_beside(world.folder).unlink()
    with pytest.raises(ChangeoverError) as caught:
        world.again()
    assert caught.value.kind is errors.KEY_MISSING
    assert not key_beside(world.folder).exists()


def test_a_new_key_where_nothing_is_sealed_yet(world: World) -> None:
    world.bring(app())
    world.house.close()
    key_beside(world.folder).unlink()
    world.again().close()


def test_a_secret_moved_to_another_app_does_not_open_there(world: World) -> None:
    world.bring(
        app(oauth={"consumer_secret": SECRET}), app("Mine", oauth={"consumer_secret": "another-secret"})
    )
    with world.house.database.write() as connection:
        connection.execute(
            text(
                "UPDATE connected_app SET sealed ="
                " (SELECT sealed FROM connected_app WHERE api_name = 'Billing') WHERE api_name = 'Mine'"
            )
        )
    with pytest.raises(ChangeoverError) as caught, world.read() as unit:
        unit.apps.secret(world.record("Mine").app_id)
    assert caught.value.kind is errors.SEAL_BROKEN
