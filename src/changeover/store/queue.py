"""Jobs on PostgreSQL: procrastinate keeps them, `changeover worker` runs them.

A job says which batch is to be run and no more; how far the batch is stands in the batch. So a job that is
run twice, late or after a crash does what is left to do, and one that was lost is put in again by any worker
that finds a batch with nobody at it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import structlog
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from sqlalchemy import URL, Connection

from changeover.org.batch_runs import run_in_background
from changeover.org.batches import waiting_batches
from changeover.org.ports import Jobs, Units
from changeover.store.engine import link
from changeover.store.jobs import AfterCommit

QUEUE = "batches"
RUN = "changeover.run_batch"
PICK_UP = "changeover.pick_up_batches"
EVERY_TEN_SECONDS = "* * * * * */10"

STALLED_SECONDS = 30.0
"""How long after its last heartbeat a worker counts as dead; workers give one every ten seconds."""
_PAUSE = 1.0
# Whatever the server is set up for: procrastinate reads no other dates, and is written for this isolation.
# Not as `options` of the connection, in which a URL may say where our tables are.
_SESSION = "SET datestyle = 'ISO'; SET timezone = 'UTC'; SET default_transaction_isolation = 'read committed'"

_log = structlog.get_logger(__name__)


class QueuedJobs:
    """The jobs of an installation on PostgreSQL.

    Args:
        url: its database.
    """

    def __init__(self, url: URL) -> None:
        # As SQLAlchemy reads a URL: what it writes as one, blanks in it, libpq does not read.
        _, named = url.get_dialect()().create_connect_args(url)
        self._named = {**link(url), **named}
        # It tells of every job that is put in; what goes wrong is enough.
        logging.getLogger("procrastinate").setLevel(logging.WARNING)
        # Never opened: jobs are put in on the connection of a unit, in its transaction.
        self._putting_in = App(connector=SyncPsycopgConnector())

    def on(self, connection: Connection, after_commit: AfterCommit) -> Jobs:
        """Return the jobs of one unit."""
        del after_commit
        return _Deferring(self._putting_in, connection)

    @contextmanager
    def beside(self, units: Units) -> Iterator[None]:
        """Run nothing here: that is what `changeover worker` is for."""
        del units
        yield

    def work(self, units: Units, *, concurrency: int) -> None:
        """Run jobs until this process is asked to end; a database that goes away is waited for."""
        while not asyncio.run(self._work(units, concurrency)):
            _log.warning("the worker lost the database and begins again")
            time.sleep(_PAUSE)

    async def _work(self, units: Units, concurrency: int) -> bool:
        """Run jobs. Returns whether this process was asked to end."""
        app = self._worker(units)
        with _cancelled_when_asked() as asked, suppress(psycopg.Error, ConnectorException):
            async with app.open_async():
                await app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    # Jobs are told at once, and end with the app at hand.
                    shutdown_graceful_timeout=0,
                    # What became of a batch stands in the batch.
                    delete_jobs="always",
                    stalled_worker_timeout=STALLED_SECONDS,
                )
        return asked.is_set()

    def _worker(self, units: Units) -> App:
        connector = PsycopgConnector(configure=_set_up, kwargs=self._named)
        app = App(connector=connector)

        @app.task(name=RUN, queue=QUEUE, pass_context=True)
        def run(context: JobContext, batch_id: str) -> None:
            run_in_background(units, batch_id, context.should_abort)

        @app.periodic(cron=EVERY_TEN_SECONDS)
        @app.task(name=PICK_UP, queue=QUEUE, queueing_lock=PICK_UP, pass_context=True)
        async def pick_up(context: JobContext, timestamp: int) -> None:
            del timestamp
            await _free_stalled(context.app.job_manager)
            await asyncio.to_thread(_put_in_waiting, units)

        return app


async def _set_up(connection: psycopg.AsyncConnection[Any]) -> None:
    """Say for a connection of the queue's what the server must not decide."""
    await connection.execute(_SESSION)
    await connection.commit()


class _Deferring:
    """The jobs of one unit."""

    def __init__(self, app: App, connection: Connection) -> None:
        self._app = app
        self._connection = connection

    def defer(self, batch_id: str) -> None:
        """Put a job in, in the unit's own transaction; one that waits for the same batch already will do."""
        job = self._app.configure_task(
            RUN,
            queue=QUEUE,
            queueing_lock=batch_id,
            allow_unknown=True,
            connection=self._connection.connection.driver_connection,
        )
        with suppress(AlreadyEnqueued), self._connection.begin_nested():
            job.defer(batch_id=batch_id)


def _put_in_waiting(units: Units) -> None:
    """Put in a job for every batch that nobody is at: its process died, and its job may be gone."""
    for batch_id in waiting_batches(units):
        with units.unit() as unit:
            unit.jobs.defer(batch_id)


async def _free_stalled(jobs: JobManager) -> None:
    """Give the jobs of dead workers up: their batches wait again as soon as their leases are over."""
    for job in await jobs.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_SECONDS):
        await jobs.finish_job(job=job, status=Status.FAILED, delete_job=True)


@contextmanager
def _cancelled_when_asked() -> Iterator[asyncio.Event]:
    """Cancel the task in hand, once, when the process is asked to end: procrastinate then ends in order."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def ask() -> None:
        if not asked.is_set() and task is not None:
            asked.set()
            task.cancel()

    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, ask)
    try:
        with suppress(asyncio.CancelledError):
            yield asked
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
