"""The app of Salesforce's command line, which every org has."""

from __future__ import annotations

from typing import Any

import pytest

from changeover import errors
from changeover.oauth.authorization import Asked, Elsewhere, must_approve
from changeover.oauth.refusals import CALLBACK_MISMATCH
from changeover.org.app_manager import list_apps
from changeover.org.connections import list_connections, revoke_connection
from changeover.org.lists import AppKind, UsageQuery
from changeover.org.migrate import migrate
from changeover.org.oauth_usage import (
    block_app,
    export_tokens,
    list_usage,
    revoke_app,
    unblock_app,
    users_of,
)
from tests.oauth.endpoint import INTEGRATION, Endpoint
from tests.oauth.test_web_server import CHALLENGE, VERIFIER
from tests.org.world import SECRET, YES, actor_named, app, refused

CLI = {
    "client_id": "PlatformCLI",
    "redirect_uri": "http://localhost:1717/OauthRedirect",
    "scope": "refresh_token api web",
    "prompt": "login",
    "state": "s",
}
"""As `sf org login web` asks: no `code_challenge_method`."""


def code(endpoint: Endpoint, **more: str) -> dict[str, str]:
    (given,) = endpoint.approved(**{**CLI, "code_challenge": CHALLENGE, **more})["code"]
    return {
        "grant_type": "authorization_code",
        "code": given,
        "client_id": "PlatformCLI",
        "redirect_uri": CLI["redirect_uri"],
    }


def test_sf_org_login_web(endpoint: Endpoint) -> None:
    assert len(VERIFIER) == 171
    tokens = endpoint.good({**code(endpoint), "code_verifier": VERIFIER})
    assert tokens["scope"] == "api refresh_token web"
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    endpoint.good({**again, "client_id": "PlatformCLI"})
    assert [(row.application, row.sub_type, row.username) for row in endpoint.logins()] == [
        ("Salesforce CLI", "OauthRefreshToken", INTEGRATION),
        ("Salesforce CLI", "OauthWebServer", INTEGRATION),
    ]


def test_a_user_is_asked(endpoint: Endpoint) -> None:
    asked = endpoint.asked(**CLI, code_challenge=CHALLENGE)
    assert isinstance(asked, Asked)
    with endpoint.world.read() as unit:
        user = unit.users.in_org(endpoint.world.org_id, INTEGRATION)
        assert user is not None
        assert must_approve(unit, endpoint.call({}), asked, user)


def test_a_public_client_gets_no_code_without_a_challenge(endpoint: Endpoint) -> None:
    answer = endpoint.asked(**CLI)
    assert isinstance(answer, Elsewhere)
    assert "missing+required+code+challenge" in answer.url


@pytest.mark.parametrize(
    "callback",
    [
        "http://localhost:1718/OauthRedirect",
        "http://127.0.0.1:1717/OauthRedirect",
        "http://localhost:1717/OauthRedirect/",
        "https://evil.example.com/OauthRedirect",
    ],
)
def test_its_callback_url_counts_to_the_letter(endpoint: Endpoint, callback: str) -> None:
    assert endpoint.asked(**{**CLI, "redirect_uri": callback}) == CALLBACK_MISMATCH


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "client_credentials"},
        {"grant_type": "password", "username": INTEGRATION, "password": "x"},
        {"response_type": "device_code"},
        {"grant_type": "refresh_token", "refresh_token": "5Aepguess"},
    ],
)
def test_it_gets_nothing_without_a_user(endpoint: Endpoint, form: dict[str, str]) -> None:
    with endpoint.world.read() as unit:
        user = unit.users.in_org(endpoint.world.org_id, INTEGRATION)
    assert user is not None
    endpoint.extra["proven_user"] = user.user_id
    assert endpoint.refused({**form, "client_id": "PlatformCLI"})[0] in {"invalid_grant", "invalid_client"}


def test_it_asks_for_no_more_than_it_has(endpoint: Endpoint) -> None:
    answer = endpoint.asked(**{**CLI, "scope": "full"}, code_challenge=CHALLENGE)
    assert isinstance(answer, Elsewhere)
    assert "error=invalid_scope" in answer.url


def test_no_app_of_an_org_takes_its_key_over(endpoint: Endpoint) -> None:
    taken: dict[str, Any] = {
        "consumer_key": "PlatformCLI",
        "consumer_secret": SECRET,
        "callback_url": "https://evil.example.com/callback",
    }
    endpoint.world.bring(app("Evil", oauth=taken))
    evil = {**CLI, "redirect_uri": "https://evil.example.com/callback"}
    assert endpoint.asked(**evil) == CALLBACK_MISMATCH
    secret = {"client_id": "PlatformCLI", "client_secret": SECRET}
    assert endpoint.refused({**code(endpoint), **secret, "code_verifier": VERIFIER})[0] == "invalid_client"


def test_its_user_sees_it_and_takes_it_back(endpoint: Endpoint) -> None:
    tokens = endpoint.good({**code(endpoint), "code_verifier": VERIFIER})
    world = endpoint.world
    user = actor_named(world.house, INTEGRATION)
    (mine,) = world.see(list_connections, actor=user)
    assert (mine.label, mine.api_name, mine.use.tokens) == ("Salesforce CLI", "PlatformCLI", 1)
    assert world.do(revoke_connection, AppKind.CONNECTED, "PlatformCLI", actor=user) == 1
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert endpoint.refused({**again, "client_id": "PlatformCLI"})[0] == "invalid_grant"
    assert world.see(list_connections, actor=user) == ()


def test_it_stands_in_no_list_of_apps_and_cannot_be_migrated(endpoint: Endpoint) -> None:
    world = endpoint.world
    assert "PlatformCLI" not in [row.api_name for row in world.see(list_apps)]
    refused(world, errors.APP_NOT_FOUND, migrate, "PlatformCLI", YES)


def test_an_admin_sees_it_in_oauth_usage_blocks_it_and_takes_it_back(endpoint: Endpoint) -> None:
    tokens = endpoint.good({**code(endpoint), "code_verifier": VERIFIER})
    again = {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "client_id": "PlatformCLI",
    }
    world, kind = endpoint.world, AppKind.CONNECTED
    for query in (None, UsageQuery(search="salesforce cli"), UsageQuery(sort="label", descending=False)):
        (row,) = world.see(list_usage, kind, query).rows
        shown = (row.api_name, row.label, row.users, row.use.tokens, row.built_in, row.blocked)
        assert shown == ("PlatformCLI", "Salesforce CLI", 1, 1, True, False)
    assert world.see(list_usage, kind, UsageQuery(search="billing")).rows == ()
    assert world.see(list_usage, AppKind.EXTERNAL).rows == ()
    assert [one.username for one in world.see(users_of, kind, "PlatformCLI").rows] == [INTEGRATION]
    with world.read() as unit:
        assert [one.app_name for one in export_tokens(unit, world.admin)] == ["Salesforce CLI"]

    world.do(block_app, kind, "PlatformCLI")
    assert world.see(list_usage, kind).rows[0].blocked
    assert endpoint.refused(again)[0] == "OAUTH_APP_BLOCKED"
    world.do(unblock_app, kind, "PlatformCLI")
    endpoint.good(again)
    assert world.do(revoke_app, kind, "PlatformCLI") == 1
    assert endpoint.refused(again)[0] == "invalid_grant"
    assert world.see(list_usage, kind).rows == ()
