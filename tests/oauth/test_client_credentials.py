"""The client credentials flow, before a migration, after it, and after the way back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest

from changeover.oauth.authorization import Elsewhere
from changeover.oauth.server import token
from changeover.org.people import assign_permission_set, edit_user
from changeover.org.permission_sets import save_permission_set, save_profile
from changeover.org.permissions import Permission
from tests.oauth.endpoint import BASE, INTEGRATION, KEY, Endpoint, secrets
from tests.org.world import SECRET, app

GRANT = {"grant_type": "client_credentials"}


def test_the_answer_has_salesforces_shape(endpoint: Endpoint) -> None:
    answer = endpoint.good(secrets(**GRANT))
    assert answer["access_token"].startswith(f"{endpoint.world.org_id[:15]}!")
    assert answer["token_type"] == "Bearer"
    assert answer["instance_url"] == BASE
    assert answer["id"].startswith(f"{BASE}/id/{endpoint.world.org_id}/005")
    assert answer["scope"] == "api openid"
    assert "refresh_token" not in answer
    mac = hmac.new(SECRET.encode(), (answer["id"] + answer["issued_at"]).encode(), hashlib.sha256)
    assert base64.b64decode(answer["signature"]) == mac.digest()
    assert int(answer["issued_at"]) == int(endpoint.world.clock.now().timestamp() * 1000)


def test_the_same_key_and_secret_log_in_before_and_after_and_after_the_way_back(endpoint: Endpoint) -> None:
    before = endpoint.good(secrets(**GRANT))
    endpoint.migrate()
    during = endpoint.good(GRANT, (KEY, SECRET))
    endpoint.revert()
    after = endpoint.good(secrets(**GRANT))
    assert before["id"] == during["id"] == after["id"]
    assert before["scope"] == during["scope"] == after["scope"]
    rows = endpoint.logins()
    assert [(row.sub_type, row.status, row.username, row.application) for row in rows] == [
        ("OauthClientCredentials", "Success", INTEGRATION, "Billing")
    ] * 3
    assert {(row.login_type, row.source_ip) for row in rows} == {("Remote Access 2.0", "127.0.0.1")}


def test_a_wrong_secret_is_refused_and_stands_in_login_history(endpoint: Endpoint) -> None:
    said = endpoint.refused({**secrets(**GRANT), "client_secret": "WRONG"})
    assert said == ("invalid_client", "invalid client credentials")
    (row,) = endpoint.logins()
    assert (row.status, row.refused) == ("Failed: invalid client credentials", True)
    assert endpoint.token(GRANT, (KEY, "WRONG")).status == 401


def test_an_unknown_key_is_told_from_a_wrong_secret(endpoint: Endpoint) -> None:
    said = endpoint.refused({**GRANT, "client_id": "nobody", "client_secret": SECRET})
    assert said == ("invalid_client_id", "client identifier invalid")


def test_a_secret_sent_twice_is_refused(endpoint: Endpoint) -> None:
    assert endpoint.refused(secrets(**GRANT), (KEY, SECRET))[0] == "invalid_client"


def test_without_a_secret_nobody_gets_in(endpoint: Endpoint) -> None:
    assert endpoint.refused({**GRANT, "client_id": KEY})[0] == "invalid_client"


def test_an_app_without_the_flow_or_without_its_user(endpoint: Endpoint) -> None:
    world = endpoint.world
    world.bring(
        app("Plain", oauth={"consumer_secret": "PLAIN-SECRET-0123456789", "consumer_key": "PLAIN.KEY"})
    )
    plain = {"client_id": "PLAIN.KEY", "client_secret": "PLAIN-SECRET-0123456789"}
    assert endpoint.refused({**GRANT, **plain}) == (
        "invalid_grant",
        "this flow is not enabled for this app",
    )
    with world.unit() as unit:
        user = unit.users.in_org(world.org_id, INTEGRATION)
        assert user is not None
        unit.users.save(replace(user, active=False))
    assert endpoint.refused(secrets(**GRANT)) == ("inactive_user", "user is inactive")


def test_a_user_who_is_not_admin_approved(endpoint: Endpoint) -> None:
    world = endpoint.world
    world.do(save_profile, "Visitors", [])
    world.do(edit_user, INTEGRATION, profile="Visitors")
    assert endpoint.refused(secrets(**GRANT)) == (
        "invalid_app_access",
        "user is not admin approved to access this app",
    )
    world.do(save_permission_set, "Any", "Any client", [Permission.USE_ANY_API_CLIENT.value])
    world.do(assign_permission_set, INTEGRATION, "Any")
    endpoint.good(secrets(**GRANT))


@pytest.mark.parametrize(
    "grant_type",
    [
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "assertion",
        "hybrid_auth_code",
        "hybrid_refresh",
        "nonsense",
        "",
    ],
)
def test_what_is_not_offered_is_unsupported(endpoint: Endpoint, grant_type: str) -> None:
    answer = endpoint.token(secrets(grant_type=grant_type))
    assert answer.status == 400
    assert answer.body is not None
    assert answer.body["error"] == "unsupported_grant_type"
    assert endpoint.logins() == []


@pytest.mark.parametrize("response_type", ["hybrid_token", "code_credentials", "id_token", "code token"])
def test_what_the_authorization_endpoint_does_not_offer(endpoint: Endpoint, response_type: str) -> None:
    answer = endpoint.asked(response_type=response_type, state="s")
    assert isinstance(answer, Elsewhere)
    assert "error=unsupported_response_type" in answer.url


@pytest.mark.parametrize("host", ["login", "test"])
def test_it_works_at_the_orgs_own_address_only(endpoint: Endpoint, host: str) -> None:
    call = endpoint.call(secrets(**GRANT))
    with endpoint.world.unit() as unit:
        answer = token(unit, replace(call, base_url=f"https://{host}.salesforce.com"))
    assert answer.body is not None
    assert answer.body["error_description"] == "request not supported on this domain"
