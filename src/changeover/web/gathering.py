"""The event loop's side of work that is done for many requests at once (`org.ports.Gathering`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import TypeVar

from changeover.org.ports import Gathering, Unit

T = TypeVar("T")


async def gathered(units: Gathering, work: Callable[[Unit], T], *, only_reads: bool = False) -> T:
    """Have a piece of work done in a transaction, and return what it returned, once it is committed.

    The event loop goes on meanwhile. Whoever is no longer there when it is done (a client that hung up)
    changes nothing about it.

    Args:
        units: where it is done.
        work: what to do. Raises what it raises, and what the store raises.
        only_reads: it writes nothing.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T, error: Exception | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def done(result: T, error: Exception | None) -> None:
        # A loop that has ended has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, error)

    # What the log says of a request is bound to its context; the work is done in another thread.
    context = copy_context()
    units.together(lambda unit: context.run(work, unit), done, only_reads=only_reads)
    return await future
