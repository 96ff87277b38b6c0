"""Doctor: everything in order is said to be so, and each thing that is not is found."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from sqlalchemy import text

from changeover.migration.finding import Verdict
from changeover.org.app_manager import list_apps
from changeover.org.lists import AppQuery
from changeover.wiring import open_house
from tests.org.world import DATABASE, FAST, SECRET, World, app


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
    assert [check for check in checks if not check.ok] == []
    assert len(checks) >= 12
    assert SECRET not in repr(checks)


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (_sql("DROP TRIGGER audit_event_no_delete"), "audit trail"),
        (_sql("UPDATE alembic_version SET version_num = '0000'"), "schema"),
        (_open_to_others, f"rights of {DATABASE}"),
        (_key_to_others, f"rights of {DATABASE}.key"),
        (
            _sql("PRAGMA defer_foreign_keys = ON", "UPDATE connected_app SET state = 'active'"),
            "Acme: migrated apps and external client apps",
        ),
        (_sql("DELETE FROM external_client_app"), "Acme: migrated apps and external client apps"),
        (_sql("UPDATE connected_app SET sealed = x'00'"), "Acme: secrets"),
        (_sql("UPDATE user_account SET active = false"), "Acme: administrators"),
        (_sql("UPDATE connected_app SET verdict = 'confirm'"), "Acme: verdicts"),
    ],
)
def test_what_is_not_in_order_is_found(world: World, damage: Callable[[World], None], name: str) -> None:
    world.bring(app(oauth={"consumer_secret": SECRET}))
    world.migrated()
    damage(world)
    found = _failing(world)
    assert name in found
    assert found[name]


def test_an_installation_without_orgs_says_what_to_do(world: World) -> None:
    house = open_house(world.folder / "other.db", passwords=FAST, environment={})
    (check,) = [check for check in house.examine() if not check.ok]
    assert "org create" in check.remedy
    house.close()


def test_verdicts_follow_the_rules_when_they_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.bring(app())
    _sql("UPDATE connected_app SET verdict = 'blocked', digest = ''")(world)
    world.house.close()
    again = shutil.copytree(world.folder, world.folder.parent / "again")
    house = open_house(again / DATABASE, passwords=FAST, environment={})
    with house.units.read() as unit:
        # The same rules: nobody looks at ten thousand apps at every start.
        assert [row.verdict for row in list_apps(unit, world.admin, AppQuery())] == [Verdict.BLOCKED]
    house.close()
    monkeypatch.setattr("changeover.wiring._rules", lambda: "others")
    house = open_house(again / DATABASE, passwords=FAST, environment={})
    with house.units.read() as unit:
        assert [row.verdict for row in list_apps(unit, world.admin, AppQuery())] == [Verdict.ELIGIBLE]
    house.close()
