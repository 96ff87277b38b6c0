"""Which app holds a key, while a migration is committed between two looks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from changeover.oauth.registry import registered
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.lists import AppKind
from tests.org.world import World, app

KEY = "3MVG9.between"


@pytest.mark.postgresql_only("a transaction of SQLite sees one state throughout")
def test_a_migration_between_two_looks_hides_no_app(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.bring(app(oauth={"consumer_key": KEY}))
    with world.house.units.unit() as unit:
        look = unit.apps.consumer

        def after_a_migration(org_id: str, key: str) -> object:
            # By somebody else, on a connection of their own.
            with ThreadPoolExecutor(1) as elsewhere:
                elsewhere.submit(world.migrated, "Billing").result(30)
            return look(org_id, key)

        monkeypatch.setattr(unit.apps, "consumer", after_a_migration)
        found = registered(unit, world.org_id, KEY)
        assert found is not None
        assert found.client.kind is AppKind.EXTERNAL
    world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    with world.house.units.unit() as unit:
        found = registered(unit, world.org_id, KEY)
        assert found is not None
        assert found.client.kind is AppKind.CONNECTED
