"""What is served of an installation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from changeover.oauth.limits import DEFAULT, Limits
from changeover.serving.authority import Authority
from changeover.store.whole_file import whole_file
from changeover.wiring.copies import rehearsal_copy
from changeover.wiring.house import House, open_house
from changeover.wiring.metering import count_together, have_shared_folder, metrics_token

if TYPE_CHECKING:
    from litestar import Litestar

    from changeover.rehearse.background import Background
    from changeover.serving.processes import Applications

TLS = "tls"
"""Folder of the certificate authority, beside the key."""


def web_application(
    house: House,
    *,
    https: bool = False,
    strict: bool = False,
    hosts: frozenset[str] = frozenset(),
    base_url: str = "",
    limits: Limits = DEFAULT,
    running: Background | None = None,
) -> Litestar:
    """Return the pages and the REST API over an installation.

    Args:
        house: the installation; it stays open as long as the application runs.
        https: whether browsers come over https; cookies are then sent over https only.
        strict: whether they come over nothing else, and are told to hold to it.
        hosts: names that it answers to beside the orgs' own, without port; empty for any.
        base_url: under which clients reach it where no org is named by its host; else what a request says.
        limits: how often logins may fail, and how many there may be.
        running: what runs rehearsals, where other applications share it.

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
        strict=strict,
        hosts=hosts,
        base_url=base_url,
        beside=house.beside,
        limits=limits,
        metrics_token=metrics_token(),
        copies=rehearsal_copy,
        running=running,
    )
    return create_app(services)


def applications(
    house: House, *, hosts: frozenset[str], base_url: str, limits: Limits = DEFAULT
) -> Applications:
    """Return what makes the applications over an installation that is open: one for each door.

    They share what runs rehearsals: only one of them hears that the process is to end.
    """
    from changeover.rehearse.background import Background  # noqa: PLC0415 - as above

    have_shared_folder()
    running = Background(house.units, house.key_values("rehearsals"), rehearsal_copy, house.clock)
    return partial(web_application, house, hosts=hosts, base_url=base_url, limits=limits, running=running)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a worker of `changeover serve --workers` serves; it travels to the worker, and is opened there."""

    database: str
    key_file: Path
    hosts: frozenset[str]
    base_url: str
    limits: Limits = DEFAULT

    def __call__(self) -> Applications:
        """Open the installation in this process, and return what makes the applications over it.

        The house stays open as long as the process lives.
        """
        house = open_house(self.database, key_file=self.key_file)
        return applications(house, hosts=self.hosts, base_url=self.base_url, limits=self.limits)


def served(house: House, *, hosts: frozenset[str], base_url: str, limits: Limits = DEFAULT) -> Served:
    """Return what workers of this installation serve: as `applications`, for processes of their own."""
    have_shared_folder()
    count_together()
    database = house.database.url.render_as_string(hide_password=False)
    return Served(
        database=database,
        key_file=house.keys.key_file,
        hosts=hosts,
        base_url=base_url,
        limits=limits,
    )


def authority(house: House) -> Authority:
    """Return the installation's own certificate authority; nothing is made yet."""
    return Authority(house.folder / TLS, write_private)


def write_private(path: Path, content: bytes, *, overwrite: bool) -> None:
    """Write a file whole or not at all, readable by its owner only. Raises as `whole_file`."""
    with whole_file(path, overwrite=overwrite) as stream:
        stream.write(content)
