"""An org in a database of its own, with users of each kind of permission, for tests of acts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import inspect, text

from changeover.apps.connected_app import ConnectedApp, OauthConfig, OauthPolicy
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.reference import Reference
from changeover.errors import ChangeoverError, ErrorKind
from changeover.org import importing, logins, migrate, people, push
from changeover.org.importing import Incoming
from changeover.org.installation import NewOrg, create_org
from changeover.org.model.apps import Confirmation, ConnectedAppRecord, ExternalClientAppRecord
from changeover.org.model.batches import Outcome
from changeover.org.model.events import LoginRow
from changeover.org.model.orgs import Actor, Door, Edition
from changeover.org.people import NewUser
from changeover.org.ports import Unit
from changeover.store.passwords import Argon2Passwords
from changeover.wiring import House, open_house

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
YES = Confirmation(local=True, no_username_password=True)
FAST = Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
DATABASE = "changeover.db"
SECRET = "THE-BILLING-SECRET-0123456789"


class TestClock:
    """A clock that a test sets."""

    __test__ = False

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def now(self) -> datetime:
        return self.time

    def go_to(self, day: date) -> None:
        self.time = datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC)

    def pass_by(self, time: timedelta) -> None:
        self.time += time


def app(api_name: str = "Billing", **changes: Any) -> ConnectedApp:
    """An ordinary connected app for OAuth; nothing about it keeps the button away."""
    oauth = {
        "callback_url": f"https://{api_name.lower()}.example.com/callback",
        "consumer_key": f"3MVG9.{api_name}_key",
        "consumer_secret": None,
        "scopes": ("Api", "RefreshToken"),
        **changes.pop("oauth", {}),
    }
    base = ConnectedApp(
        full_name=api_name,
        label=api_name.replace("_", " "),
        contact_email="owner@example.com",
        oauth_config=OauthConfig(**oauth),
        oauth_policy=OauthPolicy(ip_relaxation="ENFORCE", refresh_token_policy="infinite"),
    )
    return replace(base, **changes)


@dataclass
class World:
    """The org of a test."""

    house: House
    clock: TestClock
    folder: Path
    """Where the key is kept, and SQLite's file."""
    database: str
    """Path of SQLite's file, or PostgreSQL's URL."""
    org_id: str
    admin: Actor
    password: str
    """The administrator's."""
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def is_sqlite(self) -> bool:
        return self.house.database.is_sqlite

    def again(self, **more: Any) -> House:
        """Open the same installation once more, as another process would."""
        return open_house(
            self.database,
            **{"key_file": key_beside(self.folder), "passwords": FAST, "environment": {}, **more},
        )

    def unit(self) -> AbstractContextManager[Unit]:
        return self.house.units.unit()

    def read(self) -> AbstractContextManager[Unit]:
        return self.house.units.read()

    def do(self, act: Callable[..., Any], *args: Any, actor: Actor | None = None, **kwargs: Any) -> Any:
        """Run an act in a unit of its own."""
        with self.unit() as unit:
            return act(unit, actor or self.admin, *args, **kwargs)

    def see(self, act: Callable[..., Any], *args: Any, actor: Actor | None = None, **kwargs: Any) -> Any:
        """Run an act in a unit that only reads."""
        with self.read() as unit:
            return act(unit, actor or self.admin, *args, **kwargs)

    def user(self, username: str, profile: str, *permission_sets: str, door: Door = Door.BROWSER) -> Actor:
        """Make a user and return the actor."""
        new = NewUser(username=username, name=username, email=username, profile=profile)
        self.passwords[username] = people.create_user(self.house.units, self.admin, new)
        for permission_set in permission_sets:
            self.do(people.assign_permission_set, username, permission_set)
        return actor_named(self.house, username, door)

    def bring(
        self,
        *apps: ConnectedApp | ExternalClientApp,
        references: tuple[Reference, ...] = (),
        actor: Actor | None = None,
    ) -> list[Outcome]:
        """Import apps."""
        items = [
            Incoming(
                app=one,
                path=f"connectedApps/{one.full_name if isinstance(one, ConnectedApp) else one.api_name}",
                references=references,
            )
            for one in apps
        ]
        return list(importing.import_apps(self.house.units, actor or self.admin, items))

    def record(self, api_name: str = "Billing") -> ConnectedAppRecord:
        with self.read() as unit:
            found = unit.apps.get(self.org_id, api_name)
        assert found is not None
        return found

    def migrated(
        self, api_name: str = "Billing", confirmation: Confirmation = YES
    ) -> ExternalClientAppRecord:
        made: ExternalClientAppRecord = self.do(migrate.migrate, api_name, confirmation)
        return made

    def log_in(self, application: str = "Billing", times: int = 14, **changes: Any) -> None:
        """Import logins, by default with username and password."""
        rows = [
            LoginRow(
                at=START - timedelta(days=20, minutes=number),
                username="int@example.com",
                application=application,
                login_type="Remote Access 2.0",
                sub_type="OauthUsernamePassword",
                status="Success",
                source_ip="203.0.113.7",
            )
            for number in range(times)
        ]
        self.do(logins.import_login_history, [replace(row, **changes) for row in rows])

    def server_key(self, api_name: str = "Billing") -> None:
        """Give an app push settings with which a migration fails."""
        given = push.AndroidServerKey(server_key="AAAA-legacy-server-key")
        self.do(push.set_push, api_name, given, seen_version=None)

    def everything(self) -> Mapping[str, Any]:
        """Return the whole content of the database, to show that nothing has changed."""
        engine = self.house.database
        with engine.read() as connection:
            tables = inspect(connection).get_table_names()
            return {
                table: sorted(
                    json.dumps([str(value) for value in row])
                    for row in connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 - our tables
                )
                for table in tables
                if table != "key_value"
            }

    def on_disk(self) -> bytes:
        """Return every byte of the database that is on disk; the key is left out."""
        if self.is_sqlite:
            folder = self.folder
        else:
            with self.house.database.write() as connection:
                connection.exec_driver_sql("CHECKPOINT")
                where = "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('org')"
                folder = Path(connection.exec_driver_sql(where).scalar_one()).parent
        files = [file for file in folder.iterdir() if file.is_file() and not file.name.endswith(".key")]
        assert files
        return b"".join(file.read_bytes() for file in files)


def actor_named(house: House, username: str, door: Door = Door.BROWSER) -> Actor:
    """Return the actor of a username, without the password."""
    with house.units.read() as unit:
        user = unit.users.by_username(username)
    assert user is not None
    return Actor(org_id=user.org_id, user_id=user.user_id, username=user.username, door=door)


def key_beside(folder: Path) -> Path:
    """Return where the key of a world in a folder is, whatever its database."""
    return folder / f"{DATABASE}.key"


def prepare(folder: Path, database: str | None = None) -> NewOrg:
    """Make a database with an org in it, to be copied for each test.

    Args:
        folder: for the key, and for a SQLite file.
        database: URL of another database than a SQLite file in the folder.
    """
    where = database or str(folder / DATABASE)
    house = open_house(where, key_file=key_beside(folder), clock=TestClock(), passwords=FAST, environment={})
    made = create_org(
        house.units,
        "Acme",
        Edition.DEVELOPER,
        my_domain="acme",
        username="admin@acme.example",
        email="admin@acme.example",
    )
    house.close()
    return made


def open_world(folder: Path, made: NewOrg, database: str | None = None) -> World:
    """Open a database that `prepare` made."""
    clock = TestClock()
    where = database or str(folder / DATABASE)
    house = open_house(where, key_file=key_beside(folder), clock=clock, passwords=FAST, environment={})
    return World(
        house=house,
        clock=clock,
        folder=folder,
        database=where,
        org_id=made.org.org_id,
        admin=actor_named(house, made.username),
        password=made.password,
    )


def other_org(world: World) -> Actor:
    """Add another org to the installation, and return its administrator."""
    made = create_org(
        world.house.units,
        "Globex",
        Edition.DEVELOPER,
        my_domain="globex",
        username="admin@globex.example",
        email="admin@globex.example",
    )
    return actor_named(world.house, made.username)


def refused(
    world: World, kind: ErrorKind, act: Callable[..., Any], *args: Any, **kwargs: Any
) -> ChangeoverError:
    """Run an act that must be refused, and make sure that nothing has changed."""
    before = world.everything()
    with pytest.raises(ChangeoverError) as caught:
        world.do(act, *args, **kwargs)
    assert caught.value.kind is kind, str(caught.value)
    assert world.everything() == before
    return caught.value
