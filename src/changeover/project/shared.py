"""The apps of a project worked on by several processes at once: in order, a few at a time, errors kept.

Few apps are worked on right here: starting processes would cost more than it saves. Each worker opens the
project's files for itself; what is known of the whole (the index) stays here and goes along with each app as
its situation. Only so many apps are on their way that the answer is a stream and memory stays flat.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from itertools import islice
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from changeover.apps.connected_app import ConnectedApp
from changeover.errors import WORKER_LOST, ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.migration.situation import Situation
from changeover.project.login_history import LoginHistory
from changeover.project.project import ConnectedAppEntry, Project, read_entry
from changeover.project.tree import Tree, open_tree
from changeover.project.usage import Usage

R = TypeVar("R")

WORTH_A_PROCESS = 250
"""Apps for which another process pays: it takes as long to start as it takes to work on so many."""
AT_ONCE = 40
"""Apps handed to a worker together."""
AHEAD = 3
"""Such lots that wait for each worker, finished ones included."""
MOST_PROCESSES = 8


class Task(NamedTuple):
    """One connected app to work on."""

    path: str
    situation: Situation


class Done(NamedTuple):
    """What came of it: a result, or an error in the file that showed only now."""

    path: str
    result: Any
    error: FileError | None


def share(
    project: Project,
    work: Callable[[ConnectedAppEntry], R],
    today: date,
    logins: LoginHistory | None = None,
    *,
    usage: Usage | None = None,
    processes: int | None = None,
) -> Iterator[R]:
    """Do some work on every connected app of a project; yield the results in order of the paths.

    Args:
        project: the apps. What is wrong with a file is in its `errors`, as if it had been read right here.
        work: a function of the top level of a module, or an object of such a class that can be called: it and
            its results travel between processes.
        today: the day on which rules with a date are judged.
        logins: what was read from Login History, None if none was given.
        usage: what was read of other evidence, None if none was given.
        processes: how many to share the work over; by default by the number of apps and of processors.

    Raises:
        ChangeoverError: WORKER_LOST if a process ended in the middle.
    """
    count = processes or processes_for(len(project.index.connected_apps))
    if count == 1:
        yield from map(work, project.connected_apps(today, logins, usage))
        return
    lots = _lots(Task(path, situation) for path, situation in project.situations(today, logins, usage))
    pool = ProcessPoolExecutor(count, initializer=_WORKER.start, initargs=(project.path, work))
    try:
        on_their_way: deque[Future[list[Done]]] = deque()
        for lot in lots:
            on_their_way.append(pool.submit(_work_on, lot))
            if len(on_their_way) >= AHEAD * count:
                yield from _taken(project, on_their_way.popleft())
        while on_their_way:
            yield from _taken(project, on_their_way.popleft())
    except BrokenProcessPool:
        says = "A process that shared the work ended in the middle; most often memory had run out."
        raise ChangeoverError(WORKER_LOST, says) from None
    finally:
        # Also when whoever reads the results has gone: what has not begun is dropped.
        pool.shutdown(cancel_futures=True)


def processes_for(apps: int) -> int:
    """Return over how many processes to share the work on so many apps."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available, MOST_PROCESSES, apps // WORTH_A_PROCESS))


def _lots(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    rest = iter(tasks)
    while lot := list(islice(rest, AT_ONCE)):
        yield lot


def _taken(project: Project, future: Future[list[Done]]) -> Iterator[Any]:
    for path, result, error in future.result():
        if error is None:
            yield result
        else:
            project.refuse(path, error)


class _Worker:
    """What a worker holds from its start on."""

    tree: Tree
    work: Callable[[ConnectedAppEntry], object]

    def start(self, path: Path, work: Callable[[ConnectedAppEntry], object]) -> None:
        # Ctrl-C reaches the whole group; the parent answers it, and workers end with the pool.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_end_with_the_parent, daemon=True).start()
        _WORKER.tree, _WORKER.work = open_tree(path), work


_WORKER = _Worker()


def _end_with_the_parent() -> None:
    """A parent that is killed cannot end its workers: without this they would wait for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _work_on(lot: list[Task]) -> list[Done]:
    return [_done(task) for task in lot]


def _done(task: Task) -> Done:
    entry = read_entry(_WORKER.tree, task.path)
    if not isinstance(entry.document, ConnectedApp):
        return Done(task.path, None, entry.error)
    found = ConnectedAppEntry(task.path, entry.document, task.situation, entry.comments)
    return Done(task.path, _WORKER.work(found), None)
