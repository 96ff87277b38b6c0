"""Orgs of made-up apps in databases of their own, for measurements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bench.apps import apps
from changeover.org.importing import Incoming, import_apps
from changeover.org.installation import command_line_actor, create_org
from changeover.org.logins import import_login_histories
from changeover.org.model.events import LoginRow
from changeover.org.model.orgs import Edition
from changeover.wiring import House, open_house

ADMIN = "admin@acme.example"
LOGINS = 3
"""Logins an app, so that there is evidence to look at."""


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
    """Make an org, and import Login History and so many made-up apps into it, as any import does."""
    house = open_house(database, key_file=key_file, environment={})
    made = create_org(house.units, "Acme", Edition.DEVELOPER, my_domain="acme", username=ADMIN, email=ADMIN)
    actor = command_line_actor(house.units, made.org.org_id)
    began = datetime.now(UTC) - timedelta(days=90)
    logins = (
        LoginRow(
            at=began + timedelta(minutes=number),
            username=f"user{number % 100}@acme.example",
            application=app.label or app.full_name,
            login_type="Remote Access 2.0",
            sub_type="OauthHybridAuthCode" if number % 3 else "OauthRefreshToken",
            status="Success",
        )
        for number, app in enumerate(app for app in apps(count) for _ in range(LOGINS))
    )
    import_login_histories(house.units, actor, [logins])
    items = (Incoming(app=app, path=f"connectedApps/{app.full_name}") for app in apps(count))
    for outcome in import_apps(house.units, actor, items):
        if outcome.result != "created":
            raise RuntimeError(outcome.message)
    house.close()
    return Filled(database, key_file, made.password)
