"""The device flow, in both spellings, before a migration and after it, and as attackers would."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from changeover.oauth import device
from changeover.oauth.discovery import configuration
from changeover.oauth.refusals import Refusal
from changeover.oauth.server import GRANTS
from changeover.org.lists import AppKind
from changeover.org.oauth_records import DeviceState, Flow
from changeover.org.people import edit_user
from changeover.org.permission_sets import save_profile
from tests.oauth.endpoint import BASE, INTEGRATION, KEY, Endpoint, secrets
from tests.oauth.test_web_server import change, refresh
from tests.org.world import app

RFC = "urn:ietf:params:oauth:grant-type:device_code"
START = {"response_type": "device_code", "client_id": KEY}
LOCAL = "http://localhost:9000/callback"


@pytest.fixture(autouse=True)
def on(endpoint: Endpoint) -> None:
    """The app may use the flow."""
    change(endpoint, is_device_flow_enabled=True)


def poll(code: str, **more: str) -> dict[str, str]:
    return {"grant_type": RFC, "device_code": code, "client_id": KEY, **more}


def as_salesforce_says(code: str) -> dict[str, str]:
    return {"grant_type": "device", "code": code, "client_id": KEY}


def answer(endpoint: Endpoint, user_code: str, *, yes: bool = True) -> Refusal | None:
    """Have the integration user answer, as the page does."""
    call = endpoint.call({})
    with endpoint.world.unit() as unit:
        found = device.waiting(unit, call, user_code)
        assert found is not None
        user = unit.users.in_org(endpoint.world.org_id, INTEGRATION)
        assert user is not None
        if yes:
            return device.allow(unit, call, *found, user)
        device.deny(unit, found[0], user)
        return None


def waits(endpoint: Endpoint, user_code: str) -> bool:
    with endpoint.world.unit() as unit:
        return device.waiting(unit, endpoint.call({}), user_code) is not None


@pytest.mark.parametrize("spelling", [poll, as_salesforce_says])
@pytest.mark.parametrize("kind", AppKind)
def test_a_device_gets_its_tokens(endpoint: Endpoint, spelling: Any, kind: AppKind) -> None:
    endpoint.become(kind)
    told = endpoint.good({**START, "scope": "api refresh_token openid"})
    assert told["verification_uri"] == f"{BASE}/setup/connect"
    assert (told["expires_in"], told["interval"]) == (600, 5)
    assert endpoint.refused(spelling(told["device_code"]))[0] == "authorization_pending"
    assert answer(endpoint, told["user_code"]) is None
    tokens = endpoint.good(spelling(told["device_code"]))
    assert tokens["scope"] == "api openid refresh_token"
    assert "id_token" in tokens
    endpoint.good(refresh(tokens["refresh_token"]))
    first = endpoint.logins()[1]
    assert (first.sub_type, first.status, first.username) == ("OauthDevice", "Success", INTEGRATION)
    assert len(endpoint.logins()) == 2, "waiting is no refused login"


def test_a_device_that_began_before_a_migration_ends_after_it(endpoint: Endpoint) -> None:
    told = endpoint.good(START)
    endpoint.migrate()
    answer(endpoint, told["user_code"])
    endpoint.good(poll(told["device_code"]))


def test_a_code_is_good_once(endpoint: Endpoint) -> None:
    told = endpoint.good(START)
    answer(endpoint, told["user_code"])
    endpoint.good(poll(told["device_code"]))
    assert endpoint.refused(poll(told["device_code"])) == ("invalid_grant", "invalid device code")
    assert not waits(endpoint, told["user_code"])


def test_who_polls_too_fast_is_slowed_down(endpoint: Endpoint) -> None:
    code = endpoint.good(START)["device_code"]
    assert endpoint.refused(poll(code))[0] == "authorization_pending"
    endpoint.world.clock.pass_by(timedelta(seconds=2))
    assert endpoint.refused(poll(code))[0] == "slow_down"
    endpoint.world.clock.pass_by(timedelta(seconds=3))
    assert endpoint.refused(poll(code))[0] == "slow_down", "counted from the last poll"
    endpoint.world.clock.pass_by(timedelta(seconds=5))
    assert endpoint.refused(poll(code))[0] == "authorization_pending"


def test_a_code_expires(endpoint: Endpoint) -> None:
    told = endpoint.good(START)
    endpoint.world.clock.pass_by(timedelta(minutes=10))
    assert endpoint.refused(poll(told["device_code"]))[0] == "expired_token"
    assert not waits(endpoint, told["user_code"])


def test_an_approved_code_expires_too(endpoint: Endpoint) -> None:
    told = endpoint.good(START)
    answer(endpoint, told["user_code"])
    endpoint.world.clock.pass_by(timedelta(minutes=10))
    assert endpoint.refused(poll(told["device_code"]))[0] == "expired_token"


def test_a_user_who_denies(endpoint: Endpoint) -> None:
    told = endpoint.good(START)
    answer(endpoint, told["user_code"], yes=False)
    assert endpoint.refused(poll(told["device_code"]))[0] == "access_denied"


def test_a_user_whom_a_check_refuses(endpoint: Endpoint) -> None:
    told = endpoint.good(START)
    endpoint.world.do(save_profile, "Visitors", [])
    endpoint.world.do(edit_user, INTEGRATION, profile="Visitors")
    refusal = answer(endpoint, told["user_code"])
    assert refusal is not None
    assert refusal.error == "invalid_app_access"
    assert endpoint.logins()[0].status == "Failed: user is not admin approved to access this app"
    assert endpoint.refused(poll(told["device_code"]))[0] == "access_denied"


def test_the_checks_are_asked_again_when_the_token_is_given(endpoint: Endpoint) -> None:
    told = endpoint.good(START)
    answer(endpoint, told["user_code"])
    endpoint.world.do(edit_user, INTEGRATION, active=False)
    assert endpoint.refused(poll(told["device_code"]))[0] == "inactive_user"


@pytest.mark.parametrize("kind", AppKind)
def test_an_app_without_the_switch(endpoint: Endpoint, kind: AppKind) -> None:
    change(endpoint, is_device_flow_enabled=False)
    endpoint.become(kind)
    assert endpoint.refused(START) == ("invalid_grant", "this flow is not enabled for this app")
    assert endpoint.logins()[0].sub_type == "OauthDevice"


def test_a_switch_turned_off_while_a_device_waits(endpoint: Endpoint) -> None:
    told = endpoint.good(START)
    answer(endpoint, told["user_code"])
    change(endpoint, is_device_flow_enabled=False)
    assert endpoint.refused(poll(told["device_code"]))[1] == "this flow is not enabled for this app"


@pytest.mark.parametrize(
    ("callback", "kind", "stays"),
    [
        (None, AppKind.CONNECTED, ""),
        (None, AppKind.EXTERNAL, ""),
        (LOCAL, AppKind.CONNECTED, ""),
        (LOCAL, AppKind.EXTERNAL, "stays"),
        ("http://localhost.evil.example/callback", AppKind.EXTERNAL, ""),
    ],
)
def test_from_its_day_on_only_local_external_client_apps_at_localhost(
    endpoint: Endpoint, callback: str | None, kind: AppKind, stays: str
) -> None:
    if callback is not None:
        change(endpoint, callback_url=f"https://billing.example.com/callback\n{callback}")
    endpoint.become(kind)
    endpoint.world.clock.go_to(date(2026, 11, 29))
    endpoint.good(START)
    endpoint.world.clock.go_to(date(2026, 11, 30))
    if stays:
        endpoint.good(START)
    else:
        assert endpoint.refused(START)[1].startswith("the device flow is limited to local")


def test_a_scope_that_the_app_does_not_have(endpoint: Endpoint) -> None:
    assert endpoint.refused({**START, "scope": "full"})[0] == "invalid_scope"


def test_a_device_needs_no_secret_and_a_wrong_one_is_refused(endpoint: Endpoint) -> None:
    assert endpoint.refused({**START, "client_secret": "WRONG"})[0] == "invalid_client"
    told = endpoint.good({**START, **secrets()})
    assert endpoint.refused(poll(told["device_code"], client_secret="WRONG"))[0] == "invalid_client"


def test_nobody_else_gets_what_a_device_was_given(endpoint: Endpoint) -> None:
    endpoint.world.bring(app("Other", oauth={"consumer_key": "OTHER.KEY", "is_device_flow_enabled": True}))
    told = endpoint.good(START)
    answer(endpoint, told["user_code"])
    stolen = {**poll(told["device_code"]), "client_id": "OTHER.KEY"}
    assert endpoint.refused(stolen) == ("invalid_grant", "invalid device code")
    assert endpoint.refused(poll(told["user_code"]))[1] == "invalid device code"
    assert endpoint.refused(poll(""))[1] == "invalid device code"
    endpoint.good(poll(told["device_code"]))


def test_a_code_typed_as_people_type_it(endpoint: Endpoint) -> None:
    user_code = endpoint.good(START)["user_code"]
    assert len(user_code) == 8
    assert waits(endpoint, f" {user_code[:4].lower()}-{user_code[4:]} ")
    assert not waits(endpoint, user_code[:-1])
    assert not waits(endpoint, "")


def test_codes_are_kept_as_digests(endpoint: Endpoint) -> None:
    told = endpoint.good(START)
    assert told["device_code"] not in str(endpoint.world.everything())
    with endpoint.world.unit() as unit:
        held = unit.oauth.by_user_code(endpoint.world.org_id, told["user_code"])
    assert held is not None
    assert held.state is DeviceState.PENDING


def test_discovery_names_it() -> None:
    told = configuration(BASE)
    assert told["device_authorization_endpoint"] == f"{BASE}/services/oauth2/token"
    assert RFC in told["grant_types_supported"]
    assert Flow.DEVICE in {grant.FLOW for grant in GRANTS}
