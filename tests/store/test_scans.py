"""Rows that are read in chunks: none twice, none missing, in their order, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from changeover.oauth import tokens
from changeover.org.model.events import LoginRow
from changeover.org.oauth_records import Authorization, Flow
from tests.org.conftest import prepared, world
from tests.org.world import START, World, app, other_org

__all__ = ["prepared", "world"]

CHUNKS = ("logins._SCANNED", "audit._SCANNED", "oauth_records._SCANNED")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CHUNKS:
        monkeypatch.setattr(f"changeover.store.{name}", 3)
    for name in ("connected_apps", "external_client_apps"):
        monkeypatch.setattr(f"changeover.store.{name}._CHUNK", 3)


def test_logins(world: World) -> None:
    other = other_org(world)
    rows = [
        LoginRow(
            at=START - timedelta(minutes=number // 4),
            username=f"user{number % 2}@example.com",
            application="Billing",
            source_ip=f"203.0.113.{number}",
        )
        for number in range(14)
    ]
    with world.unit() as unit:
        unit.logins.add(world.org_id, rows)
        unit.logins.add(other.org_id, rows[:2])
    with world.read() as unit:
        found = list(unit.logins.scan(world.org_id))
        assert sorted(row.source_ip for _number, row in found) == sorted(row.source_ip for row in rows)
        order = [(row.at, number) for number, row in found]
        assert order == sorted(order, reverse=True)
        assert len({number for number, _row in found}) == len(rows)
        since, until = START - timedelta(minutes=2), START - timedelta(minutes=1)
        within = [row for row in found if since <= row[1].at <= until]
        assert list(unit.logins.scan(world.org_id, since=since, until=until)) == within
        mine = [row for row in found if row[1].username == "user1@example.com"]
        assert list(unit.logins.scan(world.org_id, usernames=["user1@example.com"])) == mine
        assert list(unit.logins.scan(world.org_id, usernames=[])) == []
        assert list(unit.logins.scan(world.org_id, number=found[5][0])) == [found[5]]
        assert list(unit.logins.scan(other.org_id, number=found[5][0])) == []


def test_the_audit_trail(world: World) -> None:
    world.bring(*(app(f"App{number}") for number in range(5)))
    with world.read() as unit:
        found = list(unit.audit.scan(world.org_id))
        numbers = [entry.number for entry in found]
        assert numbers == sorted(set(numbers), reverse=True)
        assert len(numbers) > 3
        assert list(unit.audit.scan(world.org_id, number=numbers[2])) == [found[2]]
        assert list(unit.audit.scan(world.org_id, since=START, until=START)) == found
        assert list(unit.audit.scan(world.org_id, since=START + timedelta(seconds=1))) == []


def test_apps_of_both_kinds(world: World) -> None:
    names = [f"App{number}" for number in range(7)]
    world.bring(*map(app, names))
    for name in names[:4]:
        world.migrated(name)
    with world.read() as unit:
        found = list(unit.apps.scan(world.org_id))
        assert [record.api_name for record in found] == names
        assert found[5] == unit.apps.get(world.org_id, "App5")
        assert list(unit.apps.scan(world.org_id, app_id=found[5].app_id)) == [found[5]]
        external = list(unit.external.scan(world.org_id))
        assert [record.api_name for record in external] == names[:4]
        assert list(unit.external.scan(world.org_id, app_id=external[3].app_id)) == [external[3]]
        assert list(unit.external.scan(world.org_id, app_id="0xI000000000000AAA")) == []


def test_authorizations(world: World) -> None:
    user = world.user("int@example.com", "Standard User")
    with world.unit() as unit:
        made = Authorization(
            authorization_id="",
            org_id=world.org_id,
            consumer_key="key",
            user_id=world.admin.user_id,
            scopes=("api",),
            flow=Flow.WEB_SERVER,
            created_at=START,
            last_used_at=START,
            use_count=1,
            refresh_issued_at=START,
        )
        for number in range(8):
            whose = user.user_id if number % 2 else world.admin.user_id
            one = replace(made, authorization_id=unit.ids.record("0CQ"), user_id=whose)
            unit.oauth.authorize(one, tokens.digest(str(number)))
        found = list(unit.oauth.scan(world.org_id))
        assert len({one.authorization_id for one in found}) == 8
        assert list(unit.oauth.scan(world.org_id, user_id=user.user_id)) == [
            one for one in found if one.user_id == user.user_id
        ]
