"""PostgreSQL: opened by its URL, set up by nobody for us, and failing in the middle like any server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.app_manager import list_apps
from changeover.org.installation import list_orgs
from changeover.org.lists import AppQuery
from changeover.org.migrate import migrate
from changeover.store import prepared
from changeover.store.engine import Database
from changeover.store.schema import metadata
from changeover.wiring import House, database_url, open_house
from tests.org.world import YES, World, app
from tests.postgresql import GUARDED, Server

pytestmark = pytest.mark.postgresql_only("the file is about it")
PASSWORD = "S3CRET"


@pytest.fixture
def guarded(postgresql: Server, empty: str) -> Iterator[str]:
    """The name of an empty database that a user who has to know a password may fill."""
    name = database_url(empty).database or ""
    with psycopg.connect(postgresql.url("postgres"), autocommit=True) as connection:
        role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'right'").format(sql.Identifier(GUARDED))
        connection.execute(role)
        yield name
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(GUARDED)))


def _told(error: BaseException | None) -> str:
    """Return all that a log would hold of an error and its causes."""
    said = []
    while error is not None:
        said.append(f"{error} {error!r}")
        error = error.__cause__
    return "\n".join(said)


def test_a_wrong_password_is_said_and_not_repeated(postgresql: Server, guarded: str, tmp_path: Path) -> None:
    for url in (
        f"postgresql://{GUARDED}:{PASSWORD}@/{guarded}?host={postgresql.folder}",
        f"postgres://{GUARDED}@/{guarded}?host={postgresql.folder}&password={PASSWORD}",
    ):
        with pytest.raises(ChangeoverError) as caught:
            open_house(url, key_file=tmp_path / "key", environment={})
        assert caught.value.kind is errors.STORE_UNREADABLE
        assert "password authentication failed" in caught.value.message
        assert GUARDED in caught.value.message
        assert PASSWORD not in _told(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ada:{PASSWORD}@127.0.0.1:1/x",
        f"postgresql://ada:{PASSWORD}@127.0.0.1:port/x",
        f"postgresql://ada:{PASSWORD}@nowhere.invalid/x",
        f"postgresql://ada:half@{PASSWORD}@127.0.0.1:1/x",
        f"postgresql://ada@127.0.0.1:1/x?nonsense={PASSWORD}",
        f"postgresql+psycopg2://ada:{PASSWORD}@127.0.0.1/x",
        f"mysql://ada:{PASSWORD}@127.0.0.1/x",
    ],
)
def test_what_cannot_be_reached_is_said_without_the_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(ChangeoverError) as caught:
        open_house(url, key_file=tmp_path / "key", environment={})
    assert caught.value.kind is errors.STORE_UNREADABLE
    assert caught.value.remedy
    assert PASSWORD not in str(caught.value)
    assert not (tmp_path / "key").exists()


def test_a_database_that_is_not_there_is_said(postgresql: Server, tmp_path: Path) -> None:
    with pytest.raises(ChangeoverError, match='database "nowhere" does not exist') as caught:
        open_house(postgresql.url("nowhere"), key_file=tmp_path / "key", environment={})
    assert caught.value.kind is errors.STORE_UNREADABLE


def test_a_database_that_cannot_hold_every_character_is_refused(postgresql: Server, tmp_path: Path) -> None:
    with psycopg.connect(postgresql.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
        with pytest.raises(ChangeoverError, match="LATIN1") as caught:
            open_house(postgresql.url("latin"), key_file=tmp_path / "key", environment={})
        connection.execute("DROP DATABASE latin")
    assert caught.value.kind is errors.STORE_UNREADABLE
    assert "UTF8" in caught.value.remedy


def test_a_user_who_may_not_make_tables_is_told_so(postgresql: Server, guarded: str, tmp_path: Path) -> None:
    url = f"postgresql://{GUARDED}:right@/{guarded}?host={postgresql.folder}"
    with pytest.raises(ChangeoverError, match="permission denied") as caught:
        open_house(url, key_file=tmp_path / "key", environment={})
    assert caught.value.kind is errors.STORE_UNREADABLE


def test_texts_are_ordered_as_python_orders_them(world: World) -> None:
    labels = ["a", "B", "ä", "Z", "_", "é", "ß", "z z", "z-z", "zz", "İ", "😀", "\ufffd", "E\u0301"]
    world.bring(*(app(f"App{number}", label=label) for number, label in enumerate(labels)))
    rows = world.see(list_apps, AppQuery()).rows
    assert [row.label for row in rows] == sorted(labels, key=str.casefold)


def test_no_text_is_ordered_by_the_language_of_the_server(world: World) -> None:
    query = (
        "SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation l ON l.oid = a.attcollation"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
        " AND l.collname <> 'C' AND c.relname = ANY(:ours)"
    )
    with world.house.database.read() as connection:
        # A step that makes a text says `changeover.store.types.Text` and not `sa.Text`.
        assert connection.execute(text(query), {"ours": list(metadata.tables)}).scalars().all() == []


@pytest.mark.parametrize("label", ["a" * 32_000, "ж" * 32_000, "".join(map(chr, range(0x4E00, 0x9E00)))])
def test_what_an_index_cannot_hold_is_refused_or_stored(world: World, label: str) -> None:
    world.bring(app(), app("Long", label=label))
    world.bring(app("After"))
    rows = {row.api_name: row.label for row in world.see(list_apps, AppQuery()).rows}
    assert rows.pop("Long", label) == label
    assert set(rows) == {"Billing", "After"}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)", errors.STORE_BUSY),
        ("SELECT pg_terminate_backend(pg_backend_pid())", errors.STORE_FAILED),
        ("SET LOCAL transaction_read_only = on; UPDATE org SET version = 1", errors.STORE_FAILED),
        ("SELECT * FROM nowhere", errors.STORE_FAILED),
        ("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", errors.STORE_BUSY),
        ("DO $$ BEGIN RAISE SQLSTATE '53100' USING MESSAGE = 'disk full'; END $$", errors.STORE_FAILED),
        ("SET LOCAL idle_in_transaction_session_timeout = 20; SELECT pg_sleep(0)", errors.STORE_FAILED),
        ("UPDATE org SET id = repeat('0', 19)", errors.VALUE_REFUSED),
        ("UPDATE org SET name_folded = (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 9000) n)"
         , errors.VALUE_REFUSED),
    ],
)  # fmt: skip
def test_what_the_server_says_is_told_in_the_words_of_the_house(
    world: World, statement: str, kind: errors.ErrorKind
) -> None:
    before = world.everything()

    def change() -> None:
        with world.house.database.write() as connection:
            connection.execute(text("UPDATE org SET version = version + 1"))
            connection.exec_driver_sql(statement)
            time.sleep(0.1 if "idle" in statement else 0)
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(ChangeoverError) as caught:
        change()
    assert caught.value.kind is kind, str(caught.value)
    assert "org SET" not in str(caught.value)
    # The next one gets a whole connection.
    assert world.everything() == before


def test_two_that_wait_for_each_other_are_both_answered(world: World) -> None:
    world.bring(app("One"), app("Two"))
    ready = threading.Barrier(2)
    found: list[str] = []

    def cross(first: str, second: str) -> None:
        try:
            with world.house.database.write() as connection:
                change = text("UPDATE connected_app SET version = version + 1 WHERE api_name = :name")
                connection.execute(change, {"name": first})
                ready.wait()
                connection.execute(change, {"name": second})
            found.append("done")
        except ChangeoverError as error:
            found.append(error.code)

    threads = [threading.Thread(target=cross, args=pair) for pair in (("One", "Two"), ("Two", "One"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["E-STORE-BUSY", "done"]


def test_a_connection_that_is_lost_in_the_commit_leaves_it_open_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.bring(app())
    really = prepared._commit_meanwhile

    def cut(connection: Any, driver: Any) -> None:
        monkeypatch.undo()
        # The commit goes in one message with what was written last: nothing can be asked in between.
        with psycopg.connect(world.database, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [driver.info.backend_pid])
        really(connection, driver)

    monkeypatch.setattr(prepared, "_commit_meanwhile", cut)
    with pytest.raises(ChangeoverError) as caught:
        world.do(migrate, "Billing", YES)
    assert caught.value.kind is errors.STORE_UNCERTAIN
    assert "E-STORE-UNCERTAIN" in str(caught.value)
    # Whole or not at all; here the server never heard of the commit.
    assert not world.record().read_only
    world.migrated()


def test_more_than_the_pool_holds_are_told_to_come_again(world: World) -> None:
    impatient = world.again(busy_seconds=0.2)
    pool = impatient.database._reader.pool
    held = [impatient.database._reader.connect() for _ in range(pool.size() + pool._max_overflow)]  # type: ignore[attr-defined]
    with pytest.raises(ChangeoverError) as caught:
        list_orgs(impatient.units)
    assert caught.value.kind is errors.STORE_BUSY
    for connection in held:
        connection.close()
    assert len(list_orgs(impatient.units)) == 1
    impatient.close()


def test_a_connection_says_what_the_server_must_not_decide(world: World) -> None:
    def shown(connection: Any, name: str) -> str:
        found: str = connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        return found

    database = world.house.database
    with database.read() as reader, database.write() as writer:
        for connection in (reader, writer):
            assert shown(connection, "timezone") == "UTC"
            assert shown(connection, "lock_timeout") == "10s"
            assert shown(connection, "statement_timeout") == "1min"
            assert shown(connection, "idle_in_transaction_session_timeout") == "5min"
        assert (shown(reader, "transaction_isolation"), shown(reader, "transaction_read_only")) == (
            "repeatable read",
            "on",
        )
        assert (shown(writer, "transaction_isolation"), shown(writer, "transaction_read_only")) == (
            "read committed",
            "off",
        )


def test_a_table_in_use_ends_an_upgrade_and_not_the_others(
    opening: Callable[..., House], empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening().close()
    database = Database(database_url(empty))
    with database.write() as connection:
        # As a database would stand before its last step, with a table in use that the step changes.
        connection.exec_driver_sql("DELETE FROM alembic_version")
    with database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM alembic_version")
        monkeypatch.setattr("changeover.store.upgrade._steps", _locks_everybody_out)
        with pytest.raises(ChangeoverError) as caught:
            opening(busy_seconds=0.2)
    assert caught.value.kind is errors.STORE_BUSY
    assert "schema" in caught.value.message
    assert "Stop the other processes" in caught.value.remedy
    database.dispose()


def _locks_everybody_out(connection: Any) -> None:
    connection.exec_driver_sql("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")


STARTS = """
import sys
from tests.postgresql import Server
server = Server()
server.start()
print(server.folder, (server.folder / "data" / "postmaster.pid").read_text().split()[0], flush=True)
sys.stdin.read()
"""


def test_no_server_outlives_the_tests(root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTS], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        folder, server = process.stdout.readline().split()
        os.kill(int(server), 0)
        process.send_signal(signal.SIGKILL)
    gone = Path(folder, "data", "postmaster.pid")
    for _ in range(600):
        if not gone.exists():
            break
        time.sleep(0.05)
    assert not gone.exists()
    shutil.rmtree(folder)
