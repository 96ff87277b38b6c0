"""PostgreSQL restarted in the middle of migrations: nothing half done, and afterwards they go on."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import State
from changeover.org import audit
from changeover.org.app_manager import list_apps
from changeover.org.external_client_apps import list_external_client_apps
from changeover.org.installation import list_orgs
from changeover.org.lists import AppQuery, AuditQuery, ExternalClientAppQuery
from changeover.org.migrate import migrate
from tests.org.world import YES, World, app, open_world, prepare
from tests.postgresql import Server

APPS = 40
THREADS = 3
# A stop in order, which cuts connections and tells them so, and a crash, which does not.
RESTARTS = (signal.SIGINT, signal.SIGQUIT, signal.SIGINT)
AGAIN = {"E-STORE-BUSY", "E-STORE-FAILED", "E-STORE-UNCERTAIN"}


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL of the test's own that keeps what it has answered."""
    own = Server(durable=True)
    try:
        own.start()
        yield own
    finally:
        own.remove()


class Migrations:
    """Threads that migrate apps, each until it is done, whatever the database says meanwhile."""

    def __init__(self, world: World, names: list[str]) -> None:
        self.world = world
        self.done: dict[str, str] = {}
        self.refusals: list[str] = []
        self.faults: list[Exception] = []
        self._left: SimpleQueue[str] = SimpleQueue()
        for name in names:
            self._left.put(name)
        self.threads = [threading.Thread(target=self._run) for _ in range(THREADS)]

    def _run(self) -> None:
        try:
            while True:
                name = self._left.get_nowait()
                while name not in self.done:
                    self._try(name)
        except Empty:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            self.faults.append(error)

    def _try(self, name: str) -> None:
        try:
            self.world.do(migrate, name, YES)
            self.done[name] = "migrated"
        except ChangeoverError as error:
            if error.code == "E-ALREADY-MIGRATED":
                self.done[name] = error.code
                return
            self.refusals.append(error.code)
            time.sleep(0.02)


@pytest.mark.slow
def test_restarted_in_the_middle_of_migrations(server: Server, tmp_path: Path) -> None:
    url = server.url(server.new())
    world = open_world(tmp_path, prepare(tmp_path, url), url)
    names = [f"App{number:02}" for number in range(APPS)]
    world.bring(*(app(name, oauth={"consumer_secret": "a-secret-of-its-own"}) for name in names))
    running = Migrations(world, names)
    for thread in running.threads:
        thread.start()
    for number, how in enumerate(RESTARTS, start=1):
        while len(running.done) < number * APPS // (len(RESTARTS) + 2) and not running.faults:
            time.sleep(0.005)
        server.stop(how)
        refused = len(running.refusals)
        # Whoever asks meanwhile is told so.
        while len(running.refusals) == refused and not running.faults:
            time.sleep(0.005)
        server.start()
        # The connections of the pool are dead, and nobody notices.
        assert len(list_orgs(world.house.units)) == 1
    for thread in running.threads:
        thread.join()
    assert running.faults == []
    assert set(running.refusals) <= AGAIN
    # An app is said to be migrated already only where its commit was cut off from its answer.
    late = [name for name, how in running.done.items() if how != "migrated"]
    assert len(late) <= running.refusals.count("E-STORE-UNCERTAIN")
    assert {
        row.api_name for row in world.see(list_apps, AppQuery(state=State.MIGRATED, page_size=500))
    } == set(names)
    made = world.see(list_external_client_apps, ExternalClientAppQuery(page_size=500))
    assert [row.api_name for row in made] == names
    query = AuditQuery(event=audit.Event.CONNECTED_APP_MIGRATED.value, page_size=500)
    assert sorted(row.subject for row in world.see(audit.list_audit, query)) == names
    assert [check for check in world.house.examine() if not check.ok] == []
    world.house.close()
