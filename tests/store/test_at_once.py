"""Two at once: one wins, the other is told so, and there is one of everything."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from multiprocessing.queues import Queue
from pathlib import Path

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.batch_runs import run_batch
from changeover.org.batches import start_batch
from changeover.org.doctor import examine
from changeover.org.external_client_apps import list_external_client_apps
from changeover.org.lists import AuditQuery
from changeover.org.migrate import migrate
from changeover.org.model.orgs import Actor
from changeover.store.engine import Database
from changeover.wiring import open_house
from tests.org.world import FAST, YES, World, app, key_beside

THREADS, PROCESSES = 16, 4


def _one_of_everything(world: World, api_name: str = "Billing") -> None:
    event = audit.Event.CONNECTED_APP_MIGRATED.value
    assert world.see(audit.list_audit, AuditQuery(event=event, subject=api_name)).total == 1
    names = [row.api_name for row in world.see(list_external_client_apps).rows]
    assert names.count(api_name) == 1
    assert all(check.ok for check in examine(world.house.units))


def test_threads_that_migrate_one_app(world: World) -> None:
    world.bring(app())
    ready = threading.Barrier(THREADS)
    outcomes: list[str] = []

    def click() -> None:
        ready.wait()
        try:
            world.do(migrate, "Billing", YES)
            outcomes.append("migrated")
        except ChangeoverError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=click) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcomes) == {"migrated": 1, "E-ALREADY-MIGRATED": THREADS - 1}
    _one_of_everything(world)


def _click(database: str, key_file: Path, actor: Actor, begin: float, outcomes: Queue[str]) -> None:
    house = open_house(database, key_file=key_file, passwords=FAST, environment={})
    time.sleep(max(0.0, begin - time.time()))
    try:
        with house.units.unit() as unit:
            migrate(unit, actor, "Billing", YES)
        outcomes.put("migrated")
    except ChangeoverError as error:
        outcomes.put(error.code)
    finally:
        house.close()


def test_processes_that_migrate_one_app(world: World) -> None:
    world.bring(app())
    spawn = multiprocessing.get_context("spawn")
    outcomes = spawn.Queue()
    begin = time.time() + 3
    processes = [
        spawn.Process(
            target=_click,
            args=(world.database, key_beside(world.folder), world.admin, begin, outcomes),
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    found = Counter(outcomes.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    assert found == {"migrated": 1, "E-ALREADY-MIGRATED": PROCESSES - 1}
    _one_of_everything(world)


def test_a_batch_that_two_run_does_everything_once(world: World) -> None:
    names = [f"App{number}" for number in range(6)]
    world.bring(*(app(name) for name in names))
    with world.unit() as unit:
        batch = start_batch(unit, world.admin, names, YES)

    def run() -> None:
        with suppress(ChangeoverError):  # E-BATCH-RUNNING, where the other one is at it
            list(run_batch(world.house.units, batch.batch_id))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.read() as unit:
        done = unit.batches.get(world.org_id, batch.batch_id)
    assert done is not None
    assert done.done
    assert done.results == {"migrated": len(names)}
    for name in names:
        _one_of_everything(world, name)


def test_a_reader_sees_one_state_and_waits_for_no_writer(world: World) -> None:
    world.bring(app())
    with world.read() as before, world.unit() as writer:
        assert before.apps.get(world.org_id, "Billing") is not None
        migrate(writer, world.admin, "Billing", YES)
        record = before.apps.get(world.org_id, "Billing")
        assert record is not None
        assert not record.read_only
    assert world.record().read_only


@pytest.mark.sqlite_only("PostgreSQL has many writers, and one turn an org: test_turns.py")
def test_who_waits_too_long_for_the_writer_is_told_so(world: World) -> None:
    impatient = Database(world.house.database.url, busy_seconds=0.2)
    with (
        world.house.database.write(),
        pytest.raises(ChangeoverError) as caught,
        impatient.write(),
    ):
        pytest.fail("two writers at once")
    assert caught.value.kind is errors.STORE_BUSY
    impatient.dispose()


@pytest.mark.sqlite_only("PostgreSQL has many writers, and one turn an org: test_turns.py")
def test_who_waits_too_long_in_the_same_process_is_told_so(world: World) -> None:
    database = Database(world.house.database.url, busy_seconds=0.2)
    caught: list[ChangeoverError] = []

    def write() -> None:
        try:
            with database.write():
                pass
        except ChangeoverError as error:
            caught.append(error)

    with database.write():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert [error.kind for error in caught] == [errors.STORE_BUSY]
    database.dispose()


def test_a_unit_inside_a_unit_is_a_mistake_that_shows(world: World) -> None:
    with world.unit(), pytest.raises(RuntimeError, match="inside a unit"), world.unit():
        pytest.fail("it would wait for itself")


def test_counters_of_many_threads_add_up(world: World) -> None:
    values = world.house.key_values("rate")
    counts: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: counts.extend(values.count("ip", timedelta(minutes=1)) for _ in range(10))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 41))
