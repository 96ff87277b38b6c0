"""OAuth usage: seen by app and user, taken back at each level, and handed over at a migration."""

from __future__ import annotations

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.lists import AppKind, AuditQuery
from changeover.org.oauth_usage import (
    list_usage,
    revoke_app,
    revoke_authorization,
    revoke_user,
    users_of,
)
from tests.oauth.endpoint import INTEGRATION, KEY, Endpoint
from tests.oauth.test_web_server import exchange, refresh

OURS, THEIRS = AppKind.CONNECTED, AppKind.EXTERNAL


def listed(endpoint: Endpoint, kind: AppKind) -> list[tuple[str, int, int]]:
    found = endpoint.world.see(list_usage, kind)
    return [(one.api_name, one.usage.users, one.usage.authorizations) for one in found]


def test_usage_goes_over_with_the_migration_and_back_with_the_revert(endpoint: Endpoint) -> None:
    assert listed(endpoint, OURS) == []
    held = endpoint.good(exchange(endpoint.code()))
    endpoint.good(exchange(endpoint.code()))
    endpoint.good(refresh(held["refresh_token"]))
    assert listed(endpoint, OURS) == [("Billing", 1, 2)]
    endpoint.migrate()
    assert (listed(endpoint, OURS), listed(endpoint, THEIRS)) == ([], [("Billing", 1, 2)])
    rows = endpoint.world.see(users_of, THEIRS, "Billing")
    assert [(row.username, row.authorization.use_count) for row in rows] in (
        [(INTEGRATION, 2), (INTEGRATION, 1)],
        [(INTEGRATION, 1), (INTEGRATION, 2)],
    )
    assert endpoint.world.see(users_of, OURS, "Billing") == ()
    endpoint.revert()
    assert listed(endpoint, OURS) == [("Billing", 1, 2)]


def test_a_token_a_user_and_an_app_are_revoked(endpoint: Endpoint) -> None:
    world = endpoint.world
    tokens = [endpoint.good(exchange(endpoint.code()))["refresh_token"] for _ in range(3)]
    first = world.see(users_of, OURS, "Billing")[0].authorization.authorization_id
    world.do(revoke_authorization, OURS, "Billing", first)
    assert listed(endpoint, OURS) == [("Billing", 1, 2)]
    assert world.do(revoke_user, OURS, "Billing", INTEGRATION) == 2
    assert listed(endpoint, OURS) == []
    for token in tokens:
        assert endpoint.refused(refresh(token))[0] == "invalid_grant"
    endpoint.good(exchange(endpoint.code()))
    assert world.do(revoke_app, OURS, "Billing") == 1
    with world.read() as unit:
        told = [row.event for row in unit.audit.page(world.org_id, AuditQuery()).rows][:3]
        user = unit.users.in_org(world.org_id, INTEGRATION)
        assert user is not None
        assert unit.oauth.approval(world.org_id, KEY, user.user_id) is None
    assert told == ["oauth:app:revoked", "oauth:user:revoked", "oauth:authorization:revoked"]


def test_another_apps_token_is_not_revoked_by_this_ones_page(endpoint: Endpoint) -> None:
    endpoint.good(exchange(endpoint.code()))
    world = endpoint.world
    first = world.see(users_of, OURS, "Billing")[0].authorization.authorization_id
    endpoint.migrate()
    for kind, name, authorization in (
        (OURS, "Billing", first),
        (THEIRS, "Billing", "0CQ000000000000000"),
    ):
        with pytest.raises(ChangeoverError) as caught:
            world.do(revoke_authorization, kind, name, authorization)
        assert caught.value.kind is errors.RECORD_NOT_FOUND
