"""Jobs on PostgreSQL: put in with the batch, run by workers, and put in again where one was lost."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from psycopg import connect
from sqlalchemy import text

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.batch_runs import run_batch
from changeover.org.batches import resume_batch, start_batch, stop_batch, view_batch
from changeover.org.model.batches import Batch, BatchState
from changeover.store import queue_schema
from changeover.store.queue import QUEUE, QueuedJobs
from changeover.wiring import open_house
from tests.org.world import YES, app
from tests.postgresql import Server
from tests.store.queued import Queued, queued

CHANGEOVER = (sys.executable, str(Path(sys.executable).with_name("changeover")))


@pytest.fixture
def org(postgresql: Server, tmp_path: Path) -> Iterator[Queued]:
    name = postgresql.new()
    with queued(postgresql.url(name), tmp_path) as made:
        yield made
    postgresql.drop(name)


@contextmanager
def working(org: Queued, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Have a worker run until the block ends."""
    command = [*CHANGEOVER, "worker", "--database", org.url, "--data", str(org.data), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Ready")
        try:
            yield process
        finally:
            process.kill()


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def _batch(org: Queued, batch_id: str) -> Batch:
    found: Batch = org.do(view_batch, batch_id)
    return found


SHAPE = (
    "SELECT p.proname, pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.proname LIKE 'procrastinate%'",
    """SELECT table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
         FROM information_schema.columns WHERE table_name LIKE 'procrastinate%'""",
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'procrastinate%'",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'procrastinate%'",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname LIKE 'procrastinate%'",
    "SELECT t.typname, e.enumlabel FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid",
)


WITHOUT = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename AS name FROM pg_tables WHERE tablename LIKE 'procrastinate%' LOOP
    EXECUTE format('DROP TABLE %I CASCADE', one.name);
  END LOOP;
  FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate%' LOOP
    EXECUTE 'DROP FUNCTION ' || one.name;
  END LOOP;
  FOR one IN SELECT typname AS name FROM pg_type WHERE typname LIKE 'procrastinate%' LOOP
    EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', one.name);
  END LOOP;
END $$
"""


def _shape(url: str) -> list[list[tuple[str, ...]]]:
    with connect(url) as connection:
        return [sorted(connection.execute(query).fetchall()) for query in SHAPE]


def test_scripts_applied_one_after_another_give_the_schema_of_a_new_database(postgresql: Server) -> None:
    whole, followed = postgresql.url(postgresql.new()), postgresql.url(postgresql.new())
    with connect(whole) as connection:
        connection.execute((resources.files("procrastinate.sql") / "schema.sql").read_bytes())
    for script in queue_schema.scripts().values():
        with connect(followed) as connection:
            connection.execute(script.encode())
    assert _shape(whole) == _shape(followed)


def test_an_upgrade_applies_what_came_since_and_nothing_twice(org: Queued) -> None:
    fresh = _shape(org.url)
    names = list(queue_schema.scripts())
    since = names.index("03.04.00_01_pre_add_retry_failed_job_procedure.sql")
    note = text("UPDATE installation SET value = :value WHERE name = 'procrastinate'")
    with org.house.database.write() as connection:
        # As an older one left it: made by its own scripts.
        connection.execute(text(WITHOUT))
        for name in names[:since]:
            queue_schema._run(connection, queue_schema.scripts()[name])
        connection.execute(note, {"value": names[since - 1]})
    assert _shape(org.url) != fresh
    open_house(org.url, key_file=org.data / "changeover.key", environment={}).close()
    assert _shape(org.url) == fresh
    open_house(org.url, key_file=org.data / "changeover.key", environment={}).close()
    assert _shape(org.url) == fresh
    with org.house.database.write() as connection:
        connection.execute(note, {"value": "99.00.00_01_of_tomorrow.sql"})
    with pytest.raises(ChangeoverError) as caught:
        open_house(org.url, key_file=org.data / "changeover.key", environment={})
    assert caught.value.kind is errors.STORE_SCHEMA


def test_a_batch_and_its_job_are_one_transaction(org: Queued) -> None:
    org.bring(app("Billing"))

    class OnlyATestError(Exception):
        pass

    def killed() -> None:
        with org.house.units.unit() as unit:
            start_batch(unit, org.admin, ["Billing"], YES)
            raise OnlyATestError

    with pytest.raises(OnlyATestError):
        killed()
    assert org.jobs() == []
    batch = org.do(start_batch, ["Billing"], YES)
    waiting = [("todo", batch.batch_id, batch.batch_id)]
    assert org.jobs() == waiting
    # Whoever asks again is served by the job that waits; the rest of the transaction goes through.
    org.do(resume_batch, batch.batch_id)
    assert org.jobs() == waiting
    org.do(stop_batch, batch.batch_id)
    assert org.do(resume_batch, batch.batch_id).state is BatchState.RUNNING
    assert org.jobs() == waiting


def test_the_queue_is_where_the_url_says_that_the_tables_are(postgresql: Server, tmp_path: Path) -> None:
    """The URL may name a schema, and the worker is at the same one, whatever else a session is told."""
    name = postgresql.new()
    with connect(postgresql.url(name)) as connection:
        connection.execute("CREATE SCHEMA apps")
    url = f"{postgresql.url(name)}&options=-c%20search_path%3Dapps"
    with queued(url, tmp_path) as org:
        org.bring(app("Billing"))
        batch = org.do(start_batch, ["Billing"], YES)
        worker = QueuedJobs(org.house.database.url)._worker(org.house.units)

        async def work() -> dict[str, str]:
            async with worker.open_async():
                await worker.run_worker_async(
                    queues=[QUEUE], wait=False, install_signal_handlers=False, delete_jobs="always"
                )
                connector: Any = worker.connector
                return {
                    each: (await connector.execute_query_one_async(f"SHOW {each}"))[each]
                    for each in ("search_path", "TimeZone", "default_transaction_isolation")
                }

        assert asyncio.run(work()) == {
            "search_path": "apps",
            "TimeZone": "UTC",
            "default_transaction_isolation": "read committed",
        }
        assert _batch(org, batch.batch_id).results == {"migrated": 1}
        assert org.jobs() == []
    with connect(postgresql.url(name)) as connection:
        found = connection.execute(
            "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname !~ '^pg_|^inf'"
        )
        assert found.fetchall() == [("apps",)]
    postgresql.drop(name)


@pytest.mark.slow
def test_workers_run_what_waits_and_leave_no_job_behind(org: Queued) -> None:
    names = [f"App{number}" for number in range(12)]
    org.bring(*(app(name) for name in names))
    first = org.do(start_batch, names[:6], YES)
    # Its job is lost, as after a restore of half a database: the batch itself is what counts.
    with org.house.database.write() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
    with working(org, "--concurrency", "2"):
        second = org.do(start_batch, names[6:], YES)
        until(lambda: _batch(org, second.batch_id).done and _batch(org, first.batch_id).done)
        until(lambda: org.jobs() == [])
    for batch in (first, second):
        assert _batch(org, batch.batch_id).results == {"migrated": 6}


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_stopped_hands_its_batch_on(org: Queued, how: signal.Signals) -> None:
    names = [f"App{number}" for number in range(50)]
    org.bring(*(app(name) for name in names))
    batch = org.do(start_batch, names, YES)
    with working(org) as worker:
        until(lambda: _batch(org, batch.batch_id).count > 0)
        worker.send_signal(how)
        assert worker.wait(30) == 0
    left = _batch(org, batch.batch_id)
    assert 0 < left.count < len(names)
    assert (left.state, left.alive_until) == (BatchState.RUNNING, None)
    assert org.jobs() == [("todo", batch.batch_id, batch.batch_id)]
    list(run_batch(org.house.units, batch.batch_id))
    assert _batch(org, batch.batch_id).results == {"migrated": len(names)}
