"""OAuth usage: seen by app and user, taken back at each level, and handed over at a migration."""

from __future__ import annotations

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.oauth.resource import live_token
from changeover.org.connections import list_connections, revoke_connection
from changeover.org.consumer_details import rotate_external_client_app
from changeover.org.lists import AppKind, AuditQuery, UsageQuery
from changeover.org.oauth_usage import (
    authorizations_of,
    block_app,
    is_blocked,
    list_usage,
    revoke_app,
    revoke_authorization,
    revoke_user,
    unblock_app,
    users_of,
)
from changeover.org.permission_sets import save_permission_set
from changeover.org.sign_in import prove
from tests.oauth.endpoint import INTEGRATION, KEY, Endpoint, secrets
from tests.oauth.test_web_server import exchange, refresh

OURS, THEIRS = AppKind.CONNECTED, AppKind.EXTERNAL


def listed(endpoint: Endpoint, kind: AppKind) -> list[tuple[str, int, int]]:
    found = endpoint.world.see(list_usage, kind)
    assert found.total == len(found.rows)
    return [(one.api_name, one.users, one.use.tokens) for one in found]


def held(endpoint: Endpoint, kind: AppKind = OURS) -> list[str]:
    found = endpoint.world.see(authorizations_of, kind, "Billing", INTEGRATION)
    return [one.authorization_id for one in found]


def alive(endpoint: Endpoint, token: str) -> bool:
    with endpoint.world.unit() as unit:
        return live_token(unit, endpoint.call({}), token) is not None


def approved(endpoint: Endpoint) -> bool:
    world = endpoint.world
    with world.read() as unit:
        user = unit.users.in_org(world.org_id, INTEGRATION)
        assert user is not None
        return unit.oauth.approval(world.org_id, KEY, user.user_id) is not None


def test_usage_goes_over_with_the_migration_and_back_with_the_revert(endpoint: Endpoint) -> None:
    assert listed(endpoint, OURS) == []
    first = endpoint.good(exchange(endpoint.code()))
    endpoint.good(exchange(endpoint.code()))
    endpoint.good(refresh(first["refresh_token"]))
    assert listed(endpoint, OURS) == [("Billing", 1, 2)]
    endpoint.migrate()
    assert (listed(endpoint, OURS), listed(endpoint, THEIRS)) == ([], [("Billing", 1, 2)])
    (row,) = endpoint.world.see(users_of, THEIRS, "Billing")
    assert (row.username, row.use.tokens, row.use.use_count) == (INTEGRATION, 2, 3)
    assert len(held(endpoint, THEIRS)) == 2
    assert endpoint.world.see(users_of, OURS, "Billing").rows == ()
    endpoint.revert()
    assert listed(endpoint, OURS) == [("Billing", 1, 2)]


def test_a_token_a_user_and_an_app_are_revoked(endpoint: Endpoint) -> None:
    world = endpoint.world
    tokens = [endpoint.good(exchange(endpoint.code()))["refresh_token"] for _ in range(3)]
    world.do(revoke_authorization, OURS, "Billing", held(endpoint)[0])
    assert approved(endpoint)
    assert listed(endpoint, OURS) == [("Billing", 1, 2)]
    assert world.do(revoke_user, OURS, "Billing", INTEGRATION) == 2
    assert listed(endpoint, OURS) == []
    assert not approved(endpoint)
    for token in tokens:
        assert endpoint.refused(refresh(token))[0] == "invalid_grant"
    endpoint.good(exchange(endpoint.code()))
    assert world.do(revoke_app, OURS, "Billing") == 1
    with world.read() as unit:
        told = [row.event for row in unit.audit.page(world.org_id, AuditQuery()).rows][:3]
    assert not approved(endpoint)
    assert told == ["oauth:app:revoked", "oauth:user:revoked", "oauth:authorization:revoked"]


def test_another_apps_token_is_not_revoked_by_this_ones_page(endpoint: Endpoint) -> None:
    endpoint.good(exchange(endpoint.code()))
    world = endpoint.world
    (first,) = held(endpoint)
    endpoint.migrate()
    for kind, name, authorization in (
        (OURS, "Billing", first),
        (THEIRS, "Billing", "0CQ000000000000000"),
    ):
        with pytest.raises(ChangeoverError) as caught:
            world.do(revoke_authorization, kind, name, authorization)
        assert caught.value.kind is errors.RECORD_NOT_FOUND


def test_with_the_last_token_of_a_user_the_approval_ends(endpoint: Endpoint) -> None:
    endpoint.good(exchange(endpoint.code()))
    endpoint.world.do(revoke_authorization, OURS, "Billing", held(endpoint)[0])
    assert not approved(endpoint)


def test_access_tokens_without_an_authorization_end_with_their_user(endpoint: Endpoint) -> None:
    held = endpoint.good(secrets(grant_type="client_credentials"))["access_token"]
    assert alive(endpoint, held)
    endpoint.world.do(revoke_user, OURS, "Billing", INTEGRATION)
    assert not alive(endpoint, held)


def test_usage_is_searched_sorted_and_paged(endpoint: Endpoint) -> None:
    world = endpoint.world
    endpoint.good(exchange(endpoint.code()))
    for number in range(3):
        world.user(f"user{number}@example.com", "Standard User")
        (code,) = endpoint.approved(f"user{number}@example.com")["code"]
        endpoint.good(exchange(code))
    page = world.see(
        users_of, OURS, "Billing", UsageQuery(sort="username", descending=False, page=2, page_size=2)
    )
    assert ([row.username for row in page], page.total) == (["user1@example.com", "user2@example.com"], 4)
    for sort in ("tokens", "first_used_at", "last_used_at", "use_count", "nonsense"):
        assert world.see(users_of, OURS, "Billing", UsageQuery(sort=sort)).total == 4
    found = world.see(users_of, OURS, "Billing", UsageQuery(search="USER2"))
    assert [row.username for row in found] == ["user2@example.com"]
    for sort in ("label", "users", "first_used_at", "last_used_at", "use_count", "nonsense"):
        assert [row.users for row in world.see(list_usage, OURS, UsageQuery(sort=sort))] == [4]
    assert world.see(list_usage, OURS, UsageQuery(search="bill")).total == 1
    assert world.see(list_usage, OURS, UsageQuery(search="another")).total == 0


def test_a_blocked_app_lets_nobody_in_until_it_is_unblocked(endpoint: Endpoint) -> None:
    world = endpoint.world
    held = endpoint.good(exchange(endpoint.code()))
    code = endpoint.code()
    world.do(block_app, OURS, "Billing")
    world.do(block_app, OURS, "Billing")
    assert world.see(is_blocked, OURS, "Billing")
    assert not alive(endpoint, held["access_token"])
    for form in (refresh(held["refresh_token"]), secrets(grant_type="client_credentials")):
        assert endpoint.refused(form) == ("OAUTH_APP_BLOCKED", "this app is blocked by admin")
    assert endpoint.refused(exchange(code))[0] == "invalid_grant"
    (listed_,) = world.see(list_usage, OURS)
    assert (listed_.blocked, listed_.use.tokens) == (True, 1)
    world.do(revoke_app, OURS, "Billing")
    # Nothing stands any more; it is listed all the same, or nobody could unblock it.
    (listed_,) = world.see(list_usage, OURS)
    assert (listed_.blocked, listed_.users, listed_.use.last_used_at) == (True, 0, None)
    world.do(unblock_app, OURS, "Billing")
    world.do(unblock_app, OURS, "Billing")
    assert alive(endpoint, endpoint.good(exchange(endpoint.code()))["access_token"])
    with world.read() as unit:
        told = [row.event for row in unit.audit.page(world.org_id, AuditQuery()).rows][:3]
    assert told == ["oauth:app:unblocked", "oauth:app:revoked", "oauth:app:blocked"]


def test_a_refresh_token_from_before_the_block_is_good_after_it(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    endpoint.world.do(block_app, OURS, "Billing")
    endpoint.world.do(unblock_app, OURS, "Billing")
    endpoint.good(refresh(held["refresh_token"]))


def test_a_block_goes_over_and_comes_back_whatever_key_was_rotated(endpoint: Endpoint) -> None:
    world = endpoint.world
    world.do(block_app, OURS, "Billing")
    endpoint.migrate()
    assert world.see(is_blocked, THEIRS, "Billing")
    assert endpoint.refused(secrets(grant_type="client_credentials"))[0] == "OAUTH_APP_BLOCKED"
    with pytest.raises(ChangeoverError) as caught:
        world.do(block_app, OURS, "Billing")
    assert caught.value.kind is errors.APP_READ_ONLY
    proof = prove(world.house.units, world.admin, world.password)
    world.do(rotate_external_client_app, "Billing", proof, key=True, seen_version=None)
    assert [one.blocked for one in world.see(list_usage, THEIRS)] == [True]
    endpoint.revert()
    assert world.see(is_blocked, OURS, "Billing")
    assert [one.blocked for one in world.see(list_usage, OURS)] == [True]


def test_who_may_not_edit_connected_apps_blocks_none(endpoint: Endpoint) -> None:
    world = endpoint.world
    world.do(save_permission_set, "Watcher", "Watcher", ["ViewSetup", "ManageUsers"])
    actor = world.user("watcher@example.com", "Standard User", "Watcher")
    world.see(list_usage, OURS, actor=actor)
    for act, *what in ((block_app, OURS, "Billing"), (unblock_app, OURS, "Billing")):
        with pytest.raises(ChangeoverError) as caught:
            world.do(act, *what, actor=actor)
        assert caught.value.kind is errors.NOT_PERMITTED


def test_users_see_and_revoke_their_own_connections_only(endpoint: Endpoint) -> None:
    world = endpoint.world
    other = world.user("other@example.com", "Standard User")
    endpoint.good(exchange(endpoint.code()))
    (code,) = endpoint.approved("other@example.com")["code"]
    mine = endpoint.good(exchange(code))
    (connection,) = world.see(list_connections, actor=other)
    assert (connection.api_name, connection.use.tokens, "api" in connection.scopes) == ("Billing", 1, True)
    assert world.do(revoke_connection, OURS, "billing", actor=other) == 1
    assert world.see(list_connections, actor=other) == ()
    assert endpoint.refused(refresh(mine["refresh_token"]))[0] == "invalid_grant"
    assert len(held(endpoint)) == 1
    with pytest.raises(ChangeoverError) as caught:
        world.do(revoke_connection, OURS, "Billing", actor=other)
    assert caught.value.kind is errors.RECORD_NOT_FOUND
