"""Doctor: everything in order is said to be so, and each thing that is not is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from changeover.migration.finding import Verdict
from changeover.org.app_manager import list_apps
from changeover.org.lists import AppQuery
from changeover.wiring import House
from tests.org.world import DATABASE, SECRET, World, app


def _failing(world: World) -> dict[str, str]:
    return {check.name: check.remedy for check in world.house.examine() if not check.ok}


def _sql(*statements: str) -> Callable[[World], None]:
    def run(world: World) -> None:
        with world.house.database.write() as connection:
            for statement in statements:
                connection.execute(text(statement))

    return run


def _open_to_others(world: World) -> None:
    (world.folder / DATABASE).chmod(0o644)


def _key_to_others(world: World) -> None:
    (world.folder / f"{DATABASE}.key").chmod(0o604)


def test_all_is_in_order(world: World) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}), app("Second"))
    world.server_key("Second")
    world.migrated()
    checks = list(world.house.examine())
    # The tests' PostgreSQL is quick because it may lose what it has answered, and that is found.
    assert {check.name for check in checks if not check.ok} == (set() if world.is_sqlite else {"commits"})
    assert len(checks) >= 12
    assert SECRET not in repr(checks)


def _finds(world: World, damage: Callable[[World], None], name: str) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    world.migrated()
    damage(world)
    found = _failing(world)
    assert name in found
    assert found[name]


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (_sql("UPDATE alembic_version SET version_num = '0000'"), "schema"),
        (_key_to_others, f"rights of {DATABASE}.key"),
        (_sql("DELETE FROM external_client_app"), "Acme: migrated apps and external client apps"),
        (_sql("UPDATE user_account SET active = false"), "Acme: administrators"),
        (_sql("UPDATE connected_app SET verdict = 'confirm'"), "Acme: verdicts"),
    ],
)
def test_what_is_not_in_order_is_found(world: World, damage: Callable[[World], None], name: str) -> None:
    _finds(world, damage, name)


@pytest.mark.sqlite_only("the damage is SQLite's own")
@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (_sql("DROP TRIGGER audit_event_no_delete"), "audit trail"),
        (_open_to_others, f"rights of {DATABASE}"),
        (
            _sql("PRAGMA defer_foreign_keys = ON", "UPDATE connected_app SET state = 'active'"),
            "Acme: migrated apps and external client apps",
        ),
        (_sql("UPDATE connected_app SET sealed = x'00'"), "Acme: secrets"),
    ],
)
def test_what_is_not_in_order_on_sqlite(world: World, damage: Callable[[World], None], name: str) -> None:
    _finds(world, damage, name)


@pytest.mark.postgresql_only("the damage is PostgreSQL's own")
@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (_sql("DROP TRIGGER audit_event_append_only ON audit_event"), "audit trail"),
        (_sql("ALTER TABLE audit_event DISABLE TRIGGER ALL"), "audit trail"),
        (_sql("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only"), "audit trail"),
        (
            _sql(
                "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql"
                " AS 'BEGIN RETURN NULL; END'"
            ),
            "audit trail",
        ),
        (_sql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'pk_login'::regclass"), "indexes"),
        (
            _sql("ALTER TABLE login ADD CONSTRAINT late CHECK (id > 0) NOT VALID"),
            "indexes",
        ),
        (_sql("UPDATE connected_app SET sealed = '\\x00'"), "Acme: secrets"),
        (_sql("DELETE FROM connected_app_text"), "search"),
        (
            _sql(
                "ALTER TABLE connected_app DISABLE TRIGGER connected_app_text_kept",
                "UPDATE connected_app SET search_text = 'another'",
            ),
            "search",
        ),
    ],
)
def test_what_is_not_in_order_on_postgresql(world: World, damage: Callable[[World], None], name: str) -> None:
    _finds(world, damage, name)


def test_an_installation_without_orgs_says_what_to_do(opening: Callable[..., House]) -> None:
    house = opening()
    (check,) = [check for check in house.examine() if not check.ok and check.name != "commits"]
    assert "org create" in check.remedy
    house.close()


def test_verdicts_follow_the_rules_when_they_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.bring(app())
    _sql("UPDATE connected_app SET verdict = 'blocked', digest = ''")(world)
    world.house.close()
    house = world.again()
    with house.units.read() as unit:
        # The same rules: nobody looks at ten thousand apps at every start.
        assert [row.verdict for row in list_apps(unit, world.admin, AppQuery())] == [Verdict.BLOCKED]
    house.close()
    monkeypatch.setattr("changeover.wiring.house._rules", lambda: "others")
    house = world.again()
    with house.units.read() as unit:
        assert [row.verdict for row in list_apps(unit, world.admin, AppQuery())] == [Verdict.ELIGIBLE]
    house.close()
