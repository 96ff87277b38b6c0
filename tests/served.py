"""One application for all tests of a process, over the house that a test has.

Its routes take a third of a second to make; nothing of a house is in them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from litestar import Litestar

from changeover.web.app import create_app
from changeover.web.services import Services

_made: dict[frozenset[str], Litestar] = {}
"""By the hosts that they answer to."""


class _Now:
    """The clock of the house that is served by an application."""

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = hosts

    def now(self) -> datetime:
        services: Services = _made[self._hosts].state.services
        return services.clock.now()


def served(services: Services) -> Litestar:
    """Return the application over a house.

    But for the hosts, `services` are those of a server without options: what an application is made with, and
    not asked for with each request, is the same for all tests.
    """
    app = _made.get(services.hosts)
    if app is None:
        app = _made[services.hosts] = create_app(replace(services, clock=_Now(services.hosts)))
    app.state.services = services
    return app
