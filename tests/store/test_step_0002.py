"""The step to sessions in a table of their own: what was there stays, and everybody signs in once more."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import text

from changeover.org.company import view_org
from changeover.store import upgrade
from changeover.store.engine import Database
from changeover.wiring import database_url, open_house
from tests.org.world import FAST, World, actor_named

_PEOPLE = ("org", "profile", "permission_set", "user_account", "permission_set_assignment")


def test_an_installation_of_the_first_step_goes_on(world: World, tmp_path: Path) -> None:
    old = Database(database_url(tmp_path / "old.db"), busy_seconds=1)
    config = upgrade._config()
    with old.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with world.house.database.read() as source, old.write() as target:
        for table in _PEOPLE:
            names = [row[1] for row in target.execute(text(f"PRAGMA table_info({table})"))]
            places = ", ".join(f":{name}" for name in names)
            for row in source.execute(text(f"SELECT * FROM {table}")).mappings():  # noqa: S608 - our tables
                values = {name: row[name] for name in names}
                target.execute(text(f"INSERT INTO {table} VALUES ({places})"), values)  # noqa: S608 - our tables
        for space in ("sessions", "uploads"):
            added = "INSERT INTO key_value VALUES (:space, 'x', :value, '2099-01-01 00:00:00')"
            target.execute(text(added), {"space": space, "value": b"{}"})
    old.dispose()
    house = open_house(tmp_path / "old.db", clock=world.clock, passwords=FAST, environment={})
    actor = actor_named(house, "admin@acme.example")
    with house.units.read() as unit:
        org = view_org(unit, actor)
        assert unit.sessions.list(actor.user_id) == ()
    assert (org.name, org.pkce_required, org.code_credentials_allowed) == ("Acme", False, False)
    with house.database.read() as connection:
        spaces = connection.execute(text("SELECT namespace FROM key_value")).scalars().all()
        assert upgrade.revision_of(connection) == upgrade.head()
    assert spaces == ["uploads"]
    house.close()
