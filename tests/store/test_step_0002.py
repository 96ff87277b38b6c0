"""The step to sessions in a table of their own: what was there stays, and everybody signs in once more."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import text

from changeover.store import upgrade
from changeover.store.engine import Database
from changeover.wiring import database_url, open_house
from tests.org.world import DATABASE, FAST

_FIRST = """
    INSERT INTO org (id, name, name_folded, edition, my_domain, version, created_at)
        VALUES ('00D', 'Acme', 'acme', 'Developer', 'acme', 3, '2026-11-20 12:00:00');
    INSERT INTO user_account (id, org_id, username, username_folded, name, email, created_at)
        VALUES ('005', '00D', 'a@b.example', 'a@b.example', 'A', 'a@b.example', '2026-11-20 12:00:00');
    INSERT INTO key_value VALUES ('sessions', 'x', '{}', '2099-01-01 00:00:00');
    INSERT INTO key_value VALUES ('uploads', 'x', '{}', '2099-01-01 00:00:00')
"""


def test_an_installation_of_the_first_step_goes_on(tmp_path: Path) -> None:
    old = Database(database_url(tmp_path / DATABASE), busy_seconds=1)
    config = upgrade._config()
    with old.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in _FIRST.split(";"):
            connection.execute(text(statement))
    old.dispose()
    house = open_house(tmp_path / DATABASE, passwords=FAST, environment={})
    with house.units.read() as unit:
        (org,) = unit.orgs.list()
        assert unit.users.by_username("a@b.example") is not None
        assert unit.sessions.list("005") == ()
    assert (org.name, org.version) == ("Acme", 3)
    assert (org.pkce_required, org.code_credentials_allowed) == (False, False)
    with house.database.read() as connection:
        assert connection.execute(text("SELECT namespace FROM key_value")).scalars().all() == ["uploads"]
        assert upgrade.revision_of(connection) == upgrade.head()
    house.close()
