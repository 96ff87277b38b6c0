"""Orgs of made-up apps in databases of their own, for measurements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.apps import apps
from changeover.org.importing import Incoming, import_apps
from changeover.org.installation import command_line_actor, create_org
from changeover.org.model import Edition
from changeover.wiring import House, open_house

ADMIN = "admin@acme.example"


class Filled(NamedTuple):
    """An installation with one org in it."""

    database: str
    """Path of a SQLite file, or a URL."""
    key_file: Path
    password: str
    """The administrator's."""

    @contextmanager
    def opened(self) -> Iterator[House]:
        """Open it."""
        house = open_house(self.database, key_file=self.key_file, environment={})
        try:
            yield house
        finally:
            house.close()


def fill(database: str, key_file: Path, count: int) -> Filled:
    """Make an org and import so many made-up apps into it, as any import does."""
    house = open_house(database, key_file=key_file, environment={})
    made = create_org(house.units, "Acme", Edition.DEVELOPER, my_domain="acme", username=ADMIN, email=ADMIN)
    actor = command_line_actor(house.units, made.org.org_id)
    items = (Incoming(app=app, path=f"connectedApps/{app.full_name}") for app in apps(count))
    for outcome in import_apps(house.units, actor, items):
        if outcome.result != "created":
            raise RuntimeError(outcome.message)
    house.close()
    return Filled(database, key_file, made.password)
