"""What is killed: migrations, reverts, a batch by the jobs, one in the foreground, and the undo of one.

Run as a module it loads everything once, and then runs the program in a child of its own for each line that
it reads: what a campaign kills at random need not be loaded two hundred times.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.migration.lifecycle import State
from changeover.org import batch_runs, batches
from changeover.org.batch_undo import start_undo
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.installation import command_line_actor
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.model.batches import Batch
from changeover.org.model.orgs import Actor
from changeover.store import jobs, queue
from changeover.wiring import House, open_house

YES = Confirmation(local=True, no_username_password=True)

SINGLE = tuple(f"Single{number}" for number in range(5))
"""Migrated one by one."""
BACK = tuple(f"Back{number}" for number in range(4))
"""Migrated beforehand, and reverted one by one."""
QUEUED = (*(f"Queued{number}" for number in range(10)), "Blocked", "Seen", "Nowhere")
"""A batch for the jobs; three of its apps have another outcome than migrated."""
HERE = tuple(f"Here{number}" for number in range(6))
"""A batch that the program runs itself; where it is killed, the jobs go on with it."""
UNDONE = tuple(f"Undone{number}" for number in range(6))
"""Migrated beforehand in one batch, which is undone."""


def hurry() -> None:
    """Let what waits for the clock wait less: leases, polls, the worker's look around."""
    for module in (batches, batch_runs):
        vars(module).update(LEASE=timedelta(seconds=0.3))
    vars(jobs).update(POLL_SECONDS=0.05)
    vars(queue).update(EVERY_TEN_SECONDS="* * * * * *", STALLED_SECONDS=1.0)


class Program:
    """One start of the program: it does what is not done yet, and says each thing that is.

    Args:
        url: the database.
        data: the folder of the key.
        say: takes what has just been done.
    """

    def __init__(self, url: str, data: Path, say: Callable[[str], None]) -> None:
        self._house: House = open_house(url, key_file=data / "changeover.key", environment={})
        self._say = say
        with self._house.units.read() as unit:
            (org,) = unit.orgs.list()
        self._actor: Actor = command_line_actor(self._house.units, org.org_id)

    def run(self) -> None:
        """Do all of it; a database that goes away is waited for."""
        self._say("ready")
        for step in (self._singles, self._reverts, self._queued, self._here, self._undo):
            while True:
                try:
                    step()
                except ChangeoverError as error:
                    if error.kind not in {errors.STORE_BUSY, errors.STORE_FAILED}:
                        raise
                    time.sleep(0.1)
                else:
                    break
        self._house.close()
        self._say("finished")

    def _state(self, name: str) -> State:
        with self._house.units.read() as unit:
            record = unit.apps.get(self._actor.org_id, name)
        assert record is not None
        return record.state

    def _singles(self) -> None:
        for name in SINGLE:
            if self._state(name) is State.ACTIVE:
                with self._house.units.unit() as unit:
                    migrate(unit, self._actor, name, YES)
                self._say(name)

    def _reverts(self) -> None:
        for name in BACK:
            if self._state(name) is State.MIGRATED:
                with self._house.units.unit() as unit:
                    delete_external_client_app(unit, self._actor, name, confirmed=True, seen_version=None)
                self._say(name)

    def _batches(self) -> list[Batch]:
        """Return the batches, the oldest first."""
        with self._house.units.read() as unit:
            return list(reversed(batches.list_batches(unit, self._actor)))

    def _queued(self) -> None:
        if len(self._batches()) < 2:
            with self._house.units.unit() as unit:
                batches.start_batch(unit, self._actor, QUEUED, YES)
            self._say("queued")
        self._jobs(1)

    def _here(self) -> None:
        if len(self._batches()) < 3:
            with self._house.units.unit() as unit:
                runner = batch_runs.new_runner(unit)
                batch = batches.start_batch(unit, self._actor, HERE, YES, runner=runner)
            self._say("here")
            for outcome in batch_runs.run_batch(self._house.units, batch.batch_id, runner=runner):
                self._say(outcome.name)
        self._jobs(2)

    def _undo(self) -> None:
        found = self._batches()
        if len(found) < 4:
            with self._house.units.unit() as unit:
                start_undo(unit, self._actor, found[0].batch_id, confirmed=True, stamp=None)
            self._say("undo")
        self._jobs(3)

    def _jobs(self, number: int) -> None:
        """Run jobs as the product does, until a batch is done."""
        batch = self._batches()[number]
        if batch.done:
            return
        ended = threading.Event()
        watching = threading.Thread(target=self._watch, args=(number, batch.count, ended))
        watching.start()
        if self._house.database.is_sqlite:
            with self._house.beside():
                ended.wait()
        else:
            self._house.work(concurrency=1)
        watching.join()

    def _watch(self, number: int, count: int, ended: threading.Event) -> None:
        """Say each app that is done beyond a count, and end with the batch."""
        while not ended.is_set():
            try:
                batch = self._batches()[number]
            except ChangeoverError:
                time.sleep(0.1)
                continue
            for _ in range(batch.count - count):
                self._say(f"app of batch {number}")
            count = batch.count
            if batch.done:
                ended.set()
                if not self._house.database.is_sqlite:
                    os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.005)


def _child(given: dict[str, Any]) -> None:
    def say(what: str) -> None:
        os.write(1, f"{what}\n".encode())

    Program(given["url"], Path(given["data"]), say).run()


def main() -> None:
    """For each line, run the program in a child, and say how it ended."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    hurry()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            logging.disable()
            try:
                _child(json.loads(line))
            except BaseException:  # noqa: BLE001 - a child must not go on as its parent
                os.write(2, traceback.format_exc().encode())
                os._exit(1)
            os._exit(0)
        os.write(1, f"child {child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(1, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main()
