"""What is served beside plain http, in the same process: https, and the client proxy.

uvicorn serves one application on plain sockets. Every further door opens when that application has started,
and closes before it ends, as a part of its lifespan: so it works the same in one process and in each of
several workers, which all take connections from the same sockets.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
import uvicorn

from changeover.errors import ChangeoverError
from changeover.serving.certificates import Certificate, TlsContext
from changeover.serving.listening import BACKLOG

Application = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application."""
HEALTH_SECONDS = 30
CLOSES_WITHIN = 1.0
"""Seconds that a client has to answer the end of a TLS connection; asyncio would wait for thirty."""
LOOKS_EVERY = 60.0
"""Seconds between two looks at whether another certificate is to be served."""

_log = structlog.get_logger(__name__)


class Door(Protocol):
    """Something that takes connections beside the plain sockets."""

    def open(self) -> AbstractAsyncContextManager[None]:
        """Take connections as long as the block runs."""


def config(app: Any, **more: Any) -> uvicorn.Config:  # noqa: ANN401 - uvicorn's own arguments
    """Return how an application is served."""
    return uvicorn.Config(
        app,
        backlog=BACKLOG,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # A worker on a busy machine is slow to say that it is alive, and not dead.
        timeout_worker_healthcheck=HEALTH_SECONDS,
        **more,
    )


class _Beside(uvicorn.Server):
    """A server beside another one in the same loop, which is the one to hear signals."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Hear none."""
        yield


@dataclass(frozen=True)
class TlsDoor:
    """https: an application on a socket of its own."""

    listening: socket.socket
    certificate: Certificate
    app: Application

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve as long as the block runs. Raises as `TlsContext`."""
        tls = TlsContext(self.certificate)
        # Its lifespan is that of the application at the plain sockets.
        server = _Beside(config(self.app, ssl_context_factory=lambda *_: tls.context, lifespan="off"))
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(_follow(tls))
            tasks.create_task(server.serve(sockets=[self.listening]))
            try:
                yield
            finally:
                following.cancel()
                server.should_exit = True
                tasks.create_task(_hang_up(server))


async def _hang_up(server: uvicorn.Server) -> None:
    """Cut what is closing already: a client that keeps a connection for later may not answer its end."""
    while True:
        await asyncio.sleep(CLOSES_WITHIN)
        waiting = [connection.transport for connection in server.server_state.connections]
        for transport in waiting:
            if transport.is_closing():
                transport.abort()
        if not waiting:
            return


async def _follow(tls: TlsContext) -> None:
    """Serve another certificate when it is there: renewed, or brought by the operator."""
    while True:
        await asyncio.sleep(LOOKS_EVERY)
        try:
            if await asyncio.to_thread(tls.follow):
                _log.info("another certificate is served")
        except ChangeoverError as error:
            _log.error("the certificate could not be renewed", code=error.code, message=error.message)


class WithDoors:
    """An application that opens further doors when it has started.

    Args:
        app: the application.
        doors: what opens beside it.
    """

    def __init__(self, app: Application, doors: Sequence[Door]) -> None:
        self._app = app
        self._doors = tuple(doors)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Answer a request, or live through the application's lifespan with the doors open."""
        if scope["type"] != "lifespan" or not self._doors:
            await self._app(scope, receive, send)
            return
        async with AsyncExitStack() as opened:

            async def heard() -> Any:  # noqa: ANN401 - ASGI
                message = await receive()
                if message["type"] == "lifespan.shutdown":
                    await opened.aclose()
                return message

            async def told(message: Any) -> None:  # noqa: ANN401 - ASGI
                if message["type"] == "lifespan.startup.complete":
                    for door in self._doors:
                        await opened.enter_async_context(door.open())
                await send(message)

            await self._app(scope, heard, told)
