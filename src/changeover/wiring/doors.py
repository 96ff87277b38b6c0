"""What is served of an installation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from changeover.oauth.limits import DEFAULT, Limits
from changeover.wiring.house import House, open_house
from changeover.wiring.metering import count_together, metrics_token

if TYPE_CHECKING:
    from litestar import Litestar


def web_application(
    house: House, *, https: bool = False, hosts: frozenset[str] = frozenset(), limits: Limits = DEFAULT
) -> Litestar:
    """Return the pages and the REST API over an installation.

    Args:
        house: the installation; it stays open as long as the application runs.
        https: whether browsers come over https; cookies are then sent over https only.
        hosts: names that it answers to, without port; empty for any.
        limits: how often logins may fail, and how many there may be.

    Raises:
        ChangeoverError: E-ASSETS-MISSING.
    """
    # Loaded here: commands that serve nothing do without the pages.
    from changeover.web.app import create_app  # noqa: PLC0415
    from changeover.web.services import Services  # noqa: PLC0415

    services = Services(
        units=house.units,
        key_values=house.key_values,
        clock=house.clock,
        https=https,
        hosts=hosts,
        beside=house.beside,
        limits=limits,
        metrics_token=metrics_token(),
    )
    return create_app(services)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a worker of `changeover serve --workers` serves; it travels to the worker, and is opened there."""

    database: str
    key_file: Path
    https: bool
    hosts: frozenset[str]
    limits: Limits = DEFAULT

    def __call__(self) -> Litestar:
        """Open the installation in this process, and return the pages and the REST API over it.

        The house stays open as long as the process lives.
        """
        house = open_house(self.database, key_file=self.key_file)
        return web_application(house, https=self.https, hosts=self.hosts, limits=self.limits)


def served(
    house: House, *, https: bool = False, hosts: frozenset[str] = frozenset(), limits: Limits = DEFAULT
) -> Served:
    """Return what workers of this installation serve: as `web_application`, for processes of their own."""
    count_together()
    database = house.database.url.render_as_string(hide_password=False)
    return Served(database=database, key_file=house.keys.key_file, https=https, hosts=hosts, limits=limits)
