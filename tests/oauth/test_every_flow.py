"""Each policy at each flow: as a connected app, and as the external client app that it becomes.

Codes, device codes and refresh tokens are from before the policy: what counts is what holds at their use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from changeover.apps.connected_app import IpRange, SessionPolicy
from changeover.apps.external_client_app import ExtlClntAppConfigurablePolicies
from changeover.oauth import device
from changeover.org.lists import AppKind
from changeover.org.oauth_usage import block_app
from changeover.org.people import edit_user
from changeover.org.permission_sets import save_profile
from tests.oauth.endpoint import INTEGRATION, JWT_BEARER, Endpoint, Pair, secrets
from tests.oauth.test_device import START, poll
from tests.oauth.test_jwt_bearer import claims
from tests.oauth.test_policies import change_part, refresh_policy, reshape
from tests.oauth.test_resource import asked as introspected
from tests.oauth.test_web_server import change, exchange, refresh

Answer = dict[str, Any]
Try = Callable[[], Answer]
INSIDE, OUTSIDE = "198.18.0.5", "203.0.113.9"
CLIENT, BEARER, PASSWORD = "client credentials", "JWT bearer", "username-password"
PAGE, CODE, REFRESH, AGENT = "authorization page", "code", "refresh token", "user-agent"
DEVICE_PAGE, DEVICE = "device page", "device code"
EVERY = {PAGE, CODE, REFRESH, CLIENT, BEARER, DEVICE_PAGE, DEVICE, PASSWORD, AGENT}
CONNECTED_ONLY = {PASSWORD, AGENT}


class Flows:
    """Every flow, begun while nothing speaks against it."""

    def __init__(self, endpoint: Endpoint, pair: Pair) -> None:
        self.endpoint = endpoint
        change(endpoint, is_device_flow_enabled=True)
        endpoint.address = INSIDE
        self.held = endpoint.good(exchange(endpoint.code()))
        code = endpoint.code()
        waits, allowed = endpoint.good(START), endpoint.good(START)
        with endpoint.world.read() as unit:
            user = unit.users.in_org(endpoint.world.org_id, INTEGRATION)
        assert user is not None
        self.user_id = user.user_id
        assert self._answered(allowed["user_code"]) == {}
        password = secrets(grant_type="password", username=INTEGRATION, password="checked before")
        bearer = {"grant_type": JWT_BEARER, "assertion": pair.assertion(claims())}
        self.tries: dict[str, Try] = {
            PAGE: self._approved,
            AGENT: lambda: self._approved(response_type="token"),
            CODE: lambda: self._token(exchange(code)),
            REFRESH: lambda: self._token(refresh(self.held["refresh_token"])),
            CLIENT: lambda: self._token(secrets(grant_type="client_credentials")),
            BEARER: lambda: self._token(bearer),
            DEVICE_PAGE: lambda: self._answered(waits["user_code"]),
            DEVICE: lambda: self._token(poll(allowed["device_code"])),
            PASSWORD: lambda: self._token(password),
        }

    def become(self, kind: AppKind) -> set[str]:
        """Become a kind of app; returns the flows that it has."""
        self.endpoint.become(kind)
        self.endpoint.extra["proven_user"] = self.user_id
        return EVERY - CONNECTED_ONLY if kind is AppKind.EXTERNAL else EVERY

    def refused(self, names: set[str]) -> dict[str, str]:
        """Try flows, and return why those were refused that were."""
        found = {name: self.tries[name]() for name in sorted(names)}
        return {name: answer["error_description"] for name, answer in found.items() if "error" in answer}

    def _token(self, form: dict[str, str]) -> Answer:
        answer = self.endpoint.token(form)
        assert answer.status in {200, 400}, answer
        return dict(answer.body or {})

    def _approved(self, **parameters: str) -> Answer:
        found = self.endpoint.asked(**parameters)
        if hasattr(found, "url"):
            return {"error": found.url, "error_description": found.url}
        return {name: values[0] for name, values in self.endpoint.approved(**parameters).items()}

    def _answered(self, user_code: str) -> Answer:
        call = self.endpoint.call({})
        with self.endpoint.world.unit() as unit:
            found, user = device.waiting(unit, call, user_code), unit.users.get(self.user_id)
            assert user is not None
            if found is None:
                return {"error": "gone", "error_description": "no device waits"}
            refusal = device.allow(unit, call, *found, user)
        return {} if refusal is None else {"error": refusal.error, "error_description": refusal.description}


@pytest.fixture
def flows(endpoint: Endpoint, pair: Pair) -> Flows:
    return Flows(endpoint, pair)


@pytest.fixture(params=AppKind)
def kind(request: pytest.FixtureRequest) -> AppKind:
    found: AppKind = request.param
    return found


def test_where_nothing_speaks_against_it_every_flow_lets_in(flows: Flows, kind: AppKind) -> None:
    names = flows.become(kind)
    assert flows.refused(names) == {}
    missing = flows.refused(EVERY - names)
    assert missing.keys() == EVERY - names


def test_a_user_whose_profile_lost_the_app(flows: Flows, kind: AppKind) -> None:
    names, world = flows.become(kind), flows.endpoint.world
    world.do(save_profile, "Visitors", [])
    world.do(edit_user, INTEGRATION, profile="Visitors")
    said = flows.refused(names)
    assert said.keys() == names
    assert {said[name] for name in names - {PAGE, AGENT}} == {"user is not admin approved to access this app"}
    assert said[PAGE] == "this app is blocked by admin"


def test_a_user_who_was_deactivated(flows: Flows, kind: AppKind) -> None:
    names = flows.become(kind)
    flows.endpoint.world.do(edit_user, INTEGRATION, active=False)
    assert flows.refused(names) == dict.fromkeys(names, "user is inactive")


@pytest.mark.parametrize(
    ("relaxation", "let_in"), [("ENFORCE", set()), ("ENFORCE_RELAXREFRESH", {REFRESH}), ("BYPASS", EVERY)]
)
def test_an_address_outside_the_trusted_ranges(
    flows: Flows, kind: AppKind, relaxation: str, let_in: set[str]
) -> None:
    policy = flows.endpoint.world.record().document.oauth_policy
    assert policy is not None
    reshape(
        flows.endpoint,
        ip_ranges=(IpRange(start="198.18.0.1", end="198.18.0.9"),),
        oauth_policy=replace(policy, ip_relaxation=relaxation),
    )
    names = flows.become(kind)
    flows.endpoint.address = OUTSIDE
    assert flows.refused(names) == dict.fromkeys(names - let_in, "ip restricted")


@pytest.mark.parametrize(
    ("action", "let_in"), [("Block", set()), ("RaiseSessionLevel", {PAGE, CODE, REFRESH, AGENT})]
)
def test_high_assurance(flows: Flows, kind: AppKind, action: str, let_in: set[str]) -> None:
    reshape(
        flows.endpoint, session_policy=SessionPolicy(session_level="HIGH_ASSURANCE", policy_action=action)
    )
    names = flows.become(kind)
    assert flows.refused(names) == dict.fromkeys(names - let_in, "this app needs a high assurance session")


def test_a_blocked_app(flows: Flows, kind: AppKind) -> None:
    flows.endpoint.world.do(block_app, AppKind.CONNECTED, "Billing")
    names = flows.become(kind)
    said = flows.refused(names)
    assert said.keys() == names
    # Codes end with the sessions.
    ended = {
        CODE: "invalid authorization code",
        DEVICE: "invalid device code",
        DEVICE_PAGE: "no device waits",
    }
    assert said == {name: ended.get(name, "this app is blocked by admin") for name in names}


@pytest.mark.parametrize("switch", ["is_enabled", "is_oauth_plugin_enabled"])
def test_an_external_client_app_that_is_switched_off(flows: Flows, switch: str) -> None:
    names = flows.become(AppKind.EXTERNAL)
    change_part(flows.endpoint, ExtlClntAppConfigurablePolicies, **{switch: False})
    said = flows.refused(names)
    assert said.keys() == names
    assert "OAUTH_APP_BLOCKED" in said.pop(PAGE)
    assert set(said.values()) == {"this app is blocked by admin"}


def test_every_flows_token_lasts_as_long_as_the_session_policy_says(flows: Flows, kind: AppKind) -> None:
    reshape(flows.endpoint, session_policy=SessionPolicy(session_timeout=15))
    for name in flows.become(kind) - {PAGE, DEVICE_PAGE}:
        token = flows.tries[name]()["access_token"]
        told = introspected(flows.endpoint, token)
        assert told["exp"] - told["iat"] == 15 * 60, name


@pytest.mark.parametrize(
    ("policy", "statuses"),
    [
        ("infinite", (200, 200)),
        ("zero", (400, 400)),
        ("specific_lifetime:90:HOURS", (200, 400)),
        ("specific_inactivity:2:DAYS", (200, 200)),
        ("specific_inactivity:1:DAYS", (400, 400)),
    ],
)
def test_refresh_tokens_of_every_flow_end_as_their_policy_says(
    flows: Flows, kind: AppKind, policy: str, statuses: tuple[int, int]
) -> None:
    refresh_policy(flows.endpoint, policy)
    given = [flows.tries[name]()["refresh_token"] for name in sorted({CODE, AGENT, DEVICE})]
    flows.become(kind)
    for status in statuses:
        flows.endpoint.world.clock.pass_by(timedelta(hours=47))
        for token in given:
            assert flows.endpoint.token(refresh(token)).status == status
