"""Introspection, revocation, user information: of an app's own tokens, and of nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from changeover.oauth.resource import introspect, revoke, userinfo
from changeover.org.connected_apps import delete_app
from tests.oauth.endpoint import INTEGRATION, KEY, Endpoint, secrets
from tests.oauth.test_web_server import exchange, refresh
from tests.org.world import app

OTHER = {"client_id": "OTHER.KEY", "client_secret": "OTHER-SECRET-0123456789"}


def asked(endpoint: Endpoint, token: str, **form: str) -> dict[str, Any]:
    with endpoint.world.unit() as unit:
        answer = introspect(unit, endpoint.call({**(form or secrets()), "token": token}))
    assert answer.body is not None
    return dict(answer.body)


def test_an_apps_own_tokens_are_told(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    told = asked(endpoint, held["access_token"])
    assert (told["active"], told["client_id"], told["username"]) == (True, KEY, INTEGRATION)
    assert told["exp"] - told["iat"] == 7200
    assert asked(endpoint, held["refresh_token"])["active"]
    endpoint.migrate()
    assert asked(endpoint, held["access_token"])["active"]


def test_another_apps_tokens_are_not_told_unless_allowed(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    oauth = {"consumer_key": OTHER["client_id"], "consumer_secret": OTHER["client_secret"]}
    endpoint.world.bring(app("Other", oauth=oauth))
    assert asked(endpoint, held["access_token"], **OTHER) == {"active": False}
    assert asked(endpoint, held["refresh_token"], **OTHER) == {"active": False}
    endpoint.world.bring(app("Other", oauth={**oauth, "is_introspect_all_tokens": True}))
    assert asked(endpoint, held["access_token"], **OTHER)["active"]


def test_who_asks_must_prove_itself(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    assert asked(endpoint, held["access_token"], client_id=KEY)["error"] == "invalid_client"
    assert asked(endpoint, "", **secrets())["error"] == "invalid_request"


def test_tokens_expire_with_the_session(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    endpoint.world.clock.pass_by(timedelta(hours=2))
    assert asked(endpoint, held["access_token"]) == {"active": False}


def test_revocation_ends_what_hangs_on_a_refresh_token(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    for _ in range(2):
        with endpoint.world.unit() as unit:
            assert revoke(unit, endpoint.call({"token": held["refresh_token"]})).status == 200
    assert asked(endpoint, held["access_token"]) == {"active": False}
    assert endpoint.refused(refresh(held["refresh_token"]))[0] == "invalid_grant"


def test_revocation_of_an_access_token_leaves_the_refresh_token(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    with endpoint.world.unit() as unit:
        revoke(unit, endpoint.call({"token": held["access_token"]}))
    assert asked(endpoint, held["access_token"]) == {"active": False}
    endpoint.good(refresh(held["refresh_token"]))


def test_user_information(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    bearer = {"authorization": f"Bearer {held['access_token']}"}
    with endpoint.world.read() as unit:
        answer = userinfo(unit, endpoint.call({}, **bearer))
    assert answer.body is not None
    assert answer.body["sub"] == held["id"]
    assert answer.body["preferred_username"] == INTEGRATION
    with endpoint.world.read() as unit:
        assert userinfo(unit, endpoint.call({})).status == 401


def test_an_app_that_is_gone_takes_its_tokens_along(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    endpoint.world.do(delete_app, "Billing", confirmed=True, seen_version=None)
    bearer = {"authorization": f"Bearer {held['access_token']}"}
    with endpoint.world.read() as unit:
        assert userinfo(unit, endpoint.call({}, **bearer)).status == 401
