"""Copies for rehearsals: an installation of its own in a temporary folder, served on loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import structlog
from argon2 import PasswordHasher
from structlog.typing import EventDict, WrappedLogger

from changeover.oauth.counting import uncounted
from changeover.oauth.limits import Kind, Limits
from changeover.rehearse.copy import Copy, CopyClock
from changeover.store.keyvalue import KeyValues
from changeover.store.passwords import Argon2Passwords
from changeover.wiring.house import open_house

if TYPE_CHECKING:
    from litestar import Litestar

_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Passwords of a copy are random, and gone with it: nothing is won by a slow hash."""
_NONE = Limits(failures=dict.fromkeys(Kind, 0), logins=dict.fromkeys(Kind, 0))
_START_SECONDS = 30.0
_LOOPBACK = "127.0.0.1"


@contextmanager
def rehearsal_copy(start: datetime | None = None) -> Iterator[Copy]:
    """Make an empty installation, and serve it for the length of a `with` block; it is gone afterwards.

    Nothing of it is shared with another installation: not the key either, whatever the environment says.

    Args:
        start: the time on the copy; now by default.
    """
    from changeover.web.app import create_app  # noqa: PLC0415 - as in doors
    from changeover.web.services import Services  # noqa: PLC0415

    clock = CopyClock(start)
    with TemporaryDirectory(prefix="changeover-rehearsal-") as folder:
        house = open_house(
            Path(folder) / "copy.db", clock=clock, passwords=Argon2Passwords(_QUICK), environment={}
        )
        try:
            services = Services(
                units=house.units,
                key_values=lambda name: _Uncounted(house.key_values(name)),
                clock=clock,
                limits=_NONE,
            )
            _keep_quiet()
            with _served(_Unheard(create_app(services))) as address:
                yield Copy(units=house.units, clock=clock, address=address)
        finally:
            house.close()


class _Uncounted:
    """Shared values without counters: a rehearsal logs in again and again, and attacks nobody."""

    def __init__(self, values: KeyValues) -> None:
        self.read, self.write = values.read, values.write
        self.remove, self.remove_all, self.ends = values.remove, values.remove_all, values.ends

    def count(self, key: str, lifetime: timedelta, by: int = 1) -> int:
        """Return the count of the first time."""
        del key, lifetime, by
        return 1


_MARK = "rehearsal"


class _Unheard:
    """An application whose requests are marked: what they log is thrown away, as all of the copy is.

    Nor are its logins among those that the server counts which runs the rehearsal.
    """

    def __init__(self, app: Litestar) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Answer a request."""
        with structlog.contextvars.bound_contextvars(**{_MARK: True}), uncounted():
            await self._app(scope, receive, send)


def _unless_marked(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    del logger, name
    if _MARK in event:
        raise structlog.DropEvent
    return event


def _keep_quiet() -> None:
    """Have the log leave out what is marked, however it is set up."""
    known = structlog.get_config()["processors"]
    if _unless_marked not in known:
        # The first brings in the mark.
        structlog.configure(processors=[structlog.contextvars.merge_contextvars, _unless_marked, *known])


@contextmanager
def _served(app: _Unheard) -> Iterator[str]:
    """Serve an application on a free port of loopback, in a thread; its address is given."""
    import uvicorn  # noqa: PLC0415 - as in doors

    listening = socket.create_server((_LOOPBACK, 0))
    # What is accepted inherits it. asyncio sets it only where the socket names its protocol, and without it
    # every answer waits 40 ms for the client to acknowledge its head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        # A client says from which address it comes, so that trusted ranges can be rehearsed.
        proxy_headers=True,
        forwarded_allow_ips=_LOOPBACK,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="rehearsal", daemon=True
    )
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            message = "the copy of a rehearsal does not start"
            raise RuntimeError(message)
        time.sleep(0.01)
    try:
        yield f"http://{_LOOPBACK}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
