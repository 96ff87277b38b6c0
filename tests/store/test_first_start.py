"""Processes that start at the same moment, on a database that is not there yet; and a server that is full."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.store.engine import Database
from changeover.store.upgrade import head
from changeover.wiring import open_house
from tests.org.world import FAST, key_beside
from tests.postgresql import Server

TOGETHER = 6


def _start(folder: Path, at: float) -> str:
    time.sleep(max(0.0, at - time.time()))
    try:
        open_house(folder / "changeover.db", passwords=FAST, environment={}).close()
    except ChangeoverError as error:
        return str(error)
    return "started"


def test_many_first_starts_at_once_all_start(tmp_path: Path) -> None:
    with ProcessPoolExecutor(TOGETHER, mp_context=get_context("spawn")) as pool:
        # Each once by itself, so that all have loaded what they need before the moment comes.
        alone = [tmp_path / str(number) for number in range(TOGETHER)]
        for folder in alone:
            folder.mkdir()
        assert [*pool.map(_start, alone, [0.0] * TOGETHER)] == ["started"] * TOGETHER
        for turn in range(3):
            folder = tmp_path / f"turn{turn}"
            folder.mkdir()
            at = time.time() + 0.2
            assert [*pool.map(_start, [folder] * TOGETHER, [at] * TOGETHER)] == ["started"] * TOGETHER


def test_several_installations_are_made_at_once_in_one_process(tmp_path: Path) -> None:
    """As copies for rehearsals are, when several are asked for at the same moment."""
    folders = [tmp_path / str(number) for number in range(TOGETHER)]
    together = threading.Barrier(TOGETHER)

    def make(folder: Path) -> str:
        folder.mkdir()
        together.wait()
        return _start(folder, 0.0)

    with ThreadPoolExecutor(TOGETHER) as pool:
        assert [*pool.map(make, folders)] == ["started"] * TOGETHER
    for folder in folders:
        with closing(sqlite3.connect(folder / "changeover.db")) as made:
            assert made.execute("SELECT version_num FROM alembic_version").fetchall() == [(head(),)]


def test_who_comes_while_another_writes_before_the_switch_waits(tmp_path: Path) -> None:
    path = tmp_path / "changeover.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE there (x)")
    other.execute("BEGIN IMMEDIATE")
    end = threading.Timer(0.3, other.execute, ["COMMIT"])
    end.start()
    database = Database(f"sqlite:///{path}", busy_seconds=5)
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    end.join()
    database.dispose()
    other.close()


def test_who_waits_too_long_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "changeover.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE there (x)")
    other.execute("BEGIN IMMEDIATE")
    database = Database(f"sqlite:///{path}", busy_seconds=0.1)
    with pytest.raises(ChangeoverError) as caught, database.read():
        pass
    assert caught.value.kind is errors.STORE_BUSY
    other.close()
    database.dispose()


@pytest.fixture
def full() -> Iterator[Server]:
    """A server that takes few connections, all of which are taken."""
    server = Server()
    server._settings = {**server._settings, "max_connections": "6", "superuser_reserved_connections": "2"}
    held: list[psycopg.Connection] = []
    try:
        server.start()
        name = server.new()
        assert name == "changeover_1"
        while True:
            try:
                held.append(psycopg.connect(server.url("postgres")))
            except psycopg.OperationalError:
                break
        yield server
    finally:
        for connection in held:
            connection.close()
        server.remove()


def test_a_server_that_takes_no_more_connections_is_busy(full: Server, tmp_path: Path) -> None:
    with pytest.raises(ChangeoverError) as caught:
        open_house(full.url("changeover_1"), key_file=key_beside(tmp_path), passwords=FAST, environment={})
    assert caught.value.kind is errors.STORE_BUSY
    assert "takes no more connections" in caught.value.message
    assert "max_connections" in caught.value.remedy
