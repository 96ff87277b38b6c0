"""Which app holds a key: asked in one statement, between whose looks no migration can be committed."""

from __future__ import annotations

from changeover.oauth.registry import registered
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.lists import AppKind
from tests.heard import heard
from tests.org.world import World, app

KEY = "3MVG9.one-look"


def _holder(world: World) -> AppKind:
    with world.house.units.read() as unit, heard(world.house.database._reader) as said:
        found = registered(unit, world.org_id, KEY)
    assert found is not None
    assert len([one for one in said if "consumer_key" in one.text]) == 1
    return found.client.kind


def test_one_look_tells_which_app_has_a_key(world: World) -> None:
    world.bring(app(oauth={"consumer_key": KEY}))
    assert _holder(world) is AppKind.CONNECTED
    world.migrated("Billing")
    assert _holder(world) is AppKind.EXTERNAL
    world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    assert _holder(world) is AppKind.CONNECTED
