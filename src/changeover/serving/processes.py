"""The process or processes that serve."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog
import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.supervisors import Multiprocess

from changeover.errors import ChangeoverError
from changeover.serving.certificates import Certificate
from changeover.serving.doors import Application, Door, TlsDoor, WithDoors, config
from changeover.serving.proxy import ClientProxy
from changeover.serving.rubbish import look_at_rubbish_less

AGAIN_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class Applications(Protocol):
    """Makes applications over one installation that is open."""

    def __call__(self, *, https: bool, strict: bool) -> Application:
        """Return the pages, the REST API and the OAuth endpoints.

        Args:
            https: browsers come over https: cookies are sent over https only.
            strict: and over nothing else, on any port of this host: browsers are told so.
        """


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The sockets of a server, and what stands behind each; it travels to the workers."""

    plain: socket.socket
    behind_https: bool
    """A proxy in front of the plain socket speaks https to browsers."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies in front of the plain socket, whose word on their clients counts."""
    tls: socket.socket | None = None
    certificate: Certificate | None = None
    proxy: ClientProxy | None = None

    def application(self, make: Applications) -> Application:
        """Return the application for the plain socket, with all doors beside it."""
        doors: list[Door] = []
        if self.tls is not None and self.certificate is not None:
            # Of its own, since its cookies are others. Not strict: browsers would take that for every port of
            # `localhost`, and people have other servers there.
            doors.append(TlsDoor(self.tls, self.certificate, make(https=True, strict=False)))
        if self.proxy is not None:
            doors.append(self.proxy)
        plain = make(https=self.behind_https, strict=self.behind_https)
        if self.trusted_proxies:
            # Without it every client of a proxy has the proxy's address: at trusted IP ranges, in Login
            # History, and where failures are counted by address.
            plain = ProxyHeadersMiddleware(plain, list(self.trusted_proxies))
        look_at_rubbish_less()
        return WithDoors(plain, doors)


def serve_here(make: Applications, opened: Opened) -> None:
    """Serve in this process until it is asked to end."""
    # uvicorn shuts down in order, and then raises what stopped it once more.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config(opened.application(make))).run(sockets=[opened.plain])


def serve_with_workers(make: Callable[[], Applications], opened: Opened, workers: int) -> None:
    """Serve in several processes until this one is asked to end; it only looks after them.

    Args:
        make: opens the installation in a worker; it travels there.
        opened: the sockets, which all workers share.
        workers: how many.
    """
    with suppress(KeyboardInterrupt):
        one = config(Worker(make, opened), factory=True, workers=workers)
        Multiprocess(one, sockets=[opened.plain]).run()


class Worker:
    """What one of several processes runs: it makes its application, and ends when its parent is gone.

    Args:
        make: opens the installation.
        opened: the sockets.
    """

    def __init__(self, make: Callable[[], Applications], opened: Opened) -> None:
        self._make = make
        self._opened = opened

    def __call__(self) -> Application:
        """Return the application. Where it cannot be made now, the parent tries again."""
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
        try:
            return self._opened.application(self._make())
        except ChangeoverError as error:
            _log.error("a worker cannot start", code=error.code, message=error.message)
            time.sleep(AGAIN_SECONDS)
            raise SystemExit(1) from None


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        # A killed parent ends nobody: without this its workers would go on, and hold the address.
        os.kill(os.getpid(), signal.SIGTERM)
