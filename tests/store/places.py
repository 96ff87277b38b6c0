"""Where an installation is kept, on SQLite or PostgreSQL: made, filled, opened again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from changeover import wiring
from changeover.oauth.keys import signed
from changeover.org.custody import Backup, Restored
from changeover.org.doctor import Check
from changeover.org.installation import create_org
from changeover.org.model.orgs import Edition
from changeover.org.proof import Proof
from changeover.org.staged_credentials import stage
from changeover.store.backup.tables import shapes
from changeover.store.notes import QUEUE
from changeover.wiring import House, open_house
from tests.org.world import DATABASE, FAST, SECRET, TestClock, World, actor_named, app
from tests.postgresql import Server

KINDS = ("sqlite", "postgresql")
PERSON = "admin@acme.example"


@dataclass(frozen=True)
class Place:
    """A database that may be empty, and a key file that may be missing."""

    folder: Path
    database: str
    """Path or URL."""
    made: World | None = None
    """The org that is there to begin with, if there is one."""

    @property
    def key_file(self) -> Path:
        return self.folder / f"{DATABASE}.key"

    def open(self) -> House:
        return open_house(
            self.database, key_file=self.key_file, clock=TestClock(), passwords=FAST, environment={}
        )

    def world(self) -> World:
        """Return the org that is there, or make one."""
        if self.made is not None:
            return self.made
        house = self.open()
        made = create_org(
            house.units, "Acme", Edition.DEVELOPER, my_domain="acme", username=PERSON, email=PERSON
        )
        return World(
            house=house,
            clock=TestClock(),
            folder=self.folder,
            database=self.database,
            org_id=made.org.org_id,
            admin=actor_named(house, made.username),
            password=made.password,
        )


def make_place(kind: str, folder: Path, postgresql: Server | None) -> Place:
    """Return a place of its own in a folder that is made."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        return Place(folder, str(folder / DATABASE))
    assert postgresql is not None
    return Place(folder, postgresql.url(postgresql.new()))


def sealed_everywhere(world: World, apps: int = 3) -> None:
    """Bring apps with secrets, migrate the first, push settings to the second, sign: all are in use."""
    names = [f"App{number}" for number in range(apps)]
    world.bring(*(app(name, oauth={"consumer_secret": f"{SECRET}-{name}"}) for name in names))
    world.migrated(names[0])
    world.server_key(names[1])
    world.do(stage, names[0], Proof(user_id=world.admin.user_id, at=world.clock.now()))
    with world.house.units.unit() as unit:
        signed(unit, world.org_id, {"sub": PERSON})


def secrets_in(house: House, org_id: str) -> dict[str, str | None]:
    """Return every secret of an org in clear."""
    found: dict[str, str | None] = {}
    with house.units.read() as unit:
        for name in unit.apps.names(org_id):
            record = unit.apps.get(org_id, name)
            assert record is not None
            found[name] = unit.apps.secret(record.app_id)
            for settings in unit.push.list(record.app_id):
                found[f"{name}:push"] = str(unit.push.credentials(record.app_id, settings.service))
        for name in unit.external.names(org_id):
            made = unit.external.get(org_id, name)
            assert made is not None
            found[f"{name}:external"] = unit.external.secret(made.app_id)
            staged = unit.staged.of(made.app_id)
            if staged is not None:
                found[f"{name}:staged"] = unit.staged.secret(staged)
        key = unit.oauth.signing_key(org_id)
        if key is not None:
            found["signing"] = key[1]
    return found


Rows = dict[str, list[tuple[Any, ...]]]


def rows_of(connection: Connection) -> Rows:
    """Return all rows that a backup holds, whichever database they are in: equal rows are equal values."""
    return {
        shape.name: sorted((tuple(row) for row in connection.execute(select(shape.clause))), key=repr)
        for shape in shapes(connection)
    }


def all_rows(house: House) -> Rows:
    with house.database.read() as connection:
        return rows_of(connection)


def same_but_for_the_entry(restored: Rows, original: Rows) -> None:
    """Make sure that all is as it was, but for the audit trail's entry of the restoration in each org."""
    trail, before = restored["audit_event"], original["audit_event"]
    added = [row for row in trail if row not in before]
    assert [row for row in trail if row in before] == before
    assert len(added) == len(original["org"])
    assert all("org:org:restored" in row for row in added)
    assert _carried(restored) == _carried(original)


def _carried(rows: Rows) -> Rows:
    """Return rows without the audit trail, and without what is said of the very database they are in."""
    notes = [row for row in rows["installation"] if QUEUE not in row]
    return {**rows, "audit_event": [], "installation": notes}


def back_up(place: Place, file: Path) -> Backup:
    return wiring.back_up(place.database, file, key_file=place.key_file, environment={})


def with_key_of(other: Place, place: Place) -> Place:
    """Put the key of one place at another, as an operator would before a restore."""
    shutil.copy2(other.key_file, place.key_file)
    return place


def restore(place: Place, file: Path, *, without_key: bool = False) -> Restored:
    return wiring.restore_backup(
        place.database, file, key_file=place.key_file, without_key=without_key, environment={}
    )


def not_in_order(house: House) -> list[Check]:
    """Return what the doctor finds fault with, but that the tests' PostgreSQL is a hasty one."""
    hasty = {"commits"} if not house.database.is_sqlite else set()
    return [check for check in house.examine() if not check.ok and check.name not in hasty]
