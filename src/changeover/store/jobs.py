"""Jobs on SQLite: batches run in a thread of a process that serves, or of `changeover worker`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog
from sqlalchemy import Connection

from changeover.errors import ChangeoverError
from changeover.errors.trace import trace_of
from changeover.org.batch_runs import run_waiting
from changeover.org.ports import Jobs, Units
from changeover.store.asked_to_end import asked_to_end

POLL_SECONDS = 2.0
"""How often a process looks for a batch that another one left, or that the command line was killed in."""

AfterCommit = Callable[[Callable[[], None]], None]
"""Takes what is to be done once the unit is committed."""

_log = structlog.get_logger(__name__)


class JobsBackend(Protocol):
    """What keeps jobs: chosen by the database."""

    def on(self, connection: Connection, after_commit: AfterCommit) -> Jobs:
        """Return the jobs of one unit."""

    @contextmanager
    def beside(self, units: Units) -> Iterator[None]:
        """Run jobs in this process for the length of a `with` block, if this database has them run there."""

    def work(self, units: Units, *, concurrency: int) -> None:
        """Run jobs until this process is asked to end (SIGTERM, SIGINT)."""


class LocalJobs:
    """No queue: a batch that is to be run and that nobody is at is its own job.

    So nothing can be lost between the two, and whoever serves next goes on with what a killed process left.
    """

    def __init__(self) -> None:
        self._nudge = threading.Event()

    def on(self, connection: Connection, after_commit: AfterCommit) -> Jobs:
        """Return the jobs of one unit."""
        del connection
        return _Nudging(self._nudge, after_commit)

    @contextmanager
    def beside(self, units: Units) -> Iterator[None]:
        """Run batches in a thread; at the end of the block it finishes the app at hand."""
        stop = threading.Event()
        # Where the process ends without order, it does not wait: a batch survives worse.
        thread = threading.Thread(target=self._run, args=(units, stop), name="batches", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            self._nudge.set()
            thread.join()

    def work(self, units: Units, *, concurrency: int) -> None:
        """Run batches until this process is asked to end. One at a time: SQLite has one writer."""
        del concurrency
        with asked_to_end() as asked, self.beside(units):
            asked.wait()

    def _run(self, units: Units, stop: threading.Event) -> None:
        while not stop.is_set():
            self._nudge.clear()
            try:
                run_waiting(units, stop.is_set)
            except Exception as error:  # noqa: BLE001 - whatever it is
                # The next look may do better; a thread that has died looks no more.
                _tell(error)
                stop.wait(POLL_SECONDS)
            if not stop.is_set():
                self._nudge.wait(POLL_SECONDS)


def _tell(error: Exception) -> None:
    if isinstance(error, ChangeoverError):
        _log.warning("batches could not be run", code=error.code, reason=error.message)
    else:
        _log.error("batches could not be run", trace=trace_of(error))


class _Nudging:
    """The jobs of one unit."""

    def __init__(self, nudge: threading.Event, after_commit: AfterCommit) -> None:
        self._nudge = nudge
        self._after_commit = after_commit

    def defer(self, batch_id: str) -> None:
        """Have the thread of this process look at once; without one, another process finds the batch."""
        del batch_id
        self._after_commit(self._nudge.set)
