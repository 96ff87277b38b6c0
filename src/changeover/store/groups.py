"""The work of many requests in one transaction: committed together, and answered after the commit.

A commit waits for the disk. What came in meanwhile is done in one transaction and waits once for all. Each
piece of work is still all or nothing: it runs in a savepoint, and one that fails is taken back, alone.

On SQLite only, which has one writer anyway. PostgreSQL gathers commits itself, and a piece of work that waits
for a lock there must not hold up others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from sqlalchemy import Connection

from changeover.org.ports import Done
from changeover.store.failing import in_our_words

MOST = 64
"""Pieces of work of one transaction: others wait for the writer too."""
AT_ONCE = 4
"""Pieces of work that a process has under way on PostgreSQL. Python runs one of them at a time, the others
wait with a transaction open; beside three times as many a batch did half as much."""


class Piece(NamedTuple):
    """A piece of work."""

    work: Callable[[Any], Any]
    done: Done[Any]


class _Ended(NamedTuple):
    piece: Piece
    unit: Any
    result: Any
    error: Exception | None


class Grouped:
    """One thread that does what has come in since it last looked, in one transaction.

    Args:
        begin: begins a transaction.
        unit_on: returns a unit on it; each piece of work has its own.
        writes: whether it writes: then each piece of work gets a savepoint.
    """

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[Connection]],
        unit_on: Callable[[Connection], Any],
        *,
        writes: bool,
    ) -> None:
        self._begin = begin
        self._unit_on = unit_on
        self._writes = writes
        self._queue: SimpleQueue[Piece | None] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, piece: Piece) -> None:
        """Have a piece of work done; returns at once."""
        if self._thread is None:
            self._start()
        self._queue.put(piece)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                name = "grouped writes" if self._writes else "grouped reads"
                self._thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Do what has come in so far, then end the thread."""
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        more = True
        while more:
            pieces, more = self._next()
            if pieces:
                self._do(pieces)

    def _next(self) -> tuple[list[Piece], bool]:
        """Wait for work, and return all that is there; False with the last."""
        found: list[Piece] = []
        piece = self._queue.get()
        while piece is not None:
            found.append(piece)
            if len(found) == MOST:
                return found, True
            try:
                piece = self._queue.get_nowait()
            except Empty:
                return found, True
        return found, False

    def _do(self, pieces: list[Piece]) -> None:
        try:
            with self._begin() as connection:
                ended = [self._one(connection, piece) for piece in pieces]
        except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it was
            # Nothing of it was committed, so nobody has anything.
            for piece in pieces:
                piece.done(None, error)
            return
        for each in ended:
            if each.error is None:
                each.unit.committed()
            each.piece.done(each.result, each.error)

    def _one(self, connection: Connection, piece: Piece) -> _Ended:
        unit, result = self._unit_on(connection), None
        error: Exception | None = None
        driver: Any = connection.connection.dbapi_connection
        if self._writes:
            # Not SQLAlchemy's own savepoints: they cost more than the work that they are around.
            driver.execute("SAVEPOINT piece")
        try:
            result = piece.work(unit)
        except Exception as caught:  # noqa: BLE001 - told to whoever asked for this piece, and to nobody else
            error = in_our_words(caught)
        if self._writes:
            if not driver.in_transaction:
                # SQLite has taken the whole transaction back (a full disk): nobody's work is there any more.
                raise error or RuntimeError("a piece of work ended the transaction of all")
            if error is not None:
                driver.execute("ROLLBACK TO piece")
            driver.execute("RELEASE piece")
        return _Ended(piece, unit, result, error)


class Separate:
    """Each piece of work in a transaction of its own, in a thread of a pool.

    Args:
        begin: begins a transaction with a unit on it.
        threads: at most so many at once.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[Any]], threads: int) -> None:
        self._begin = begin
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pieces")

    def add(self, piece: Piece) -> None:
        """Have a piece of work done; returns at once."""
        self._threads.submit(self._do, piece)

    def _do(self, piece: Piece) -> None:
        try:
            with self._begin() as unit:
                result = piece.work(unit)
        except Exception as error:  # noqa: BLE001 - told to whoever asked
            piece.done(None, error)
        else:
            piece.done(result, None)

    def close(self) -> None:
        """Do what has come in so far, then end the threads."""
        self._threads.shutdown()
