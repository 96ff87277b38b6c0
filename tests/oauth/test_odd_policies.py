"""Policies as files may hold them: lengths beyond all measure, ranges that are none, old certificates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from changeover.apps.connected_app import IdTokenConfig, IpRange, SessionPolicy
from changeover.apps.external_client_app import ExtlClntAppOauthConfigurablePolicies
from changeover.org.lists import AppKind
from tests.oauth.endpoint import JWT_BEARER, Endpoint, Pair, payload, secrets
from tests.oauth.test_jwt_bearer import claims
from tests.oauth.test_policies import change_part, refresh_policy, reshape
from tests.oauth.test_resource import asked as introspected
from tests.oauth.test_web_server import change, exchange, refresh

GRANT = {"grant_type": "client_credentials"}
HUGE = 10**17


@pytest.fixture(params=AppKind)
def kind(request: pytest.FixtureRequest) -> AppKind:
    found: AppKind = request.param
    return found


@pytest.mark.parametrize("policy", ["specific_lifetime:999999:MONTHS", "specific_inactivity:999999:MONTHS"])
def test_a_refresh_token_for_longer_than_the_calendar_goes(
    endpoint: Endpoint, kind: AppKind, policy: str
) -> None:
    token = endpoint.good(exchange(endpoint.code()))["refresh_token"]
    refresh_policy(endpoint, policy)
    endpoint.become(kind)
    endpoint.world.clock.pass_by(timedelta(days=300))
    endpoint.good(refresh(token))


def test_a_period_of_nine_digits_on_an_external_client_app(endpoint: Endpoint) -> None:
    endpoint.migrate()
    token = endpoint.good(exchange(endpoint.code()))["refresh_token"]
    changes: dict[str, Any] = {"refresh_token_validity_period": 999_999_999}
    for kind in ("SpecificLifetime", "SpecificInactivity"):
        changes |= {"refresh_token_policy_type": kind, "refresh_token_validity_unit": "Months"}
        change_part(endpoint, ExtlClntAppOauthConfigurablePolicies, **changes)
        endpoint.good(refresh(token))


@pytest.mark.parametrize(
    ("minutes", "lasts"), [(HUGE, timedelta(days=365_000)), (-5, timedelta(hours=2)), (0, timedelta(hours=2))]
)
def test_a_session_timeout_that_is_none(
    endpoint: Endpoint, kind: AppKind, minutes: int, lasts: timedelta
) -> None:
    reshape(endpoint, session_policy=SessionPolicy(session_timeout=minutes))
    endpoint.become(kind)
    told = introspected(endpoint, endpoint.good(secrets(**GRANT))["access_token"])
    assert told["exp"] - told["iat"] == lasts.total_seconds()


@pytest.mark.parametrize("minutes", [HUGE, -5, 0])
def test_a_validity_of_id_tokens_that_is_none(endpoint: Endpoint, kind: AppKind, minutes: int) -> None:
    change(endpoint, id_token_config=IdTokenConfig(id_token_validity=minutes))
    endpoint.become(kind)
    said = payload(endpoint.good(exchange(endpoint.code(scope="openid")))["id_token"])
    assert said["exp"] - said["iat"] == (365_000 * 86_400 if minutes == HUGE else 120)


@pytest.mark.parametrize("start", ["198.18.0.01", "", "198.18.0.0/16", "2001:db8::1", "198.18.0.1"])
def test_a_trusted_range_that_cannot_be_read_opens_no_door(
    endpoint: Endpoint, kind: AppKind, start: str
) -> None:
    """An app with one range, which is none, is not an app without ranges."""
    end = "2001:db8::ff" if start == "198.18.0.1" else "198.18.0.9"
    reshape(endpoint, ip_ranges=(IpRange(start=start, end=end),))
    endpoint.become(kind)
    for address in ("198.18.0.5", "203.0.113.9", "2001:db8::5"):
        endpoint.address = address
        assert endpoint.refused(secrets(**GRANT)) == ("invalid_grant", "ip restricted")


def test_beside_a_range_that_cannot_be_read_the_others_hold(endpoint: Endpoint, kind: AppKind) -> None:
    ranges = (IpRange(start="here", end="there"), IpRange(start="2001:db8::1", end="2001:db8::ff"))
    reshape(endpoint, ip_ranges=ranges)
    endpoint.become(kind)
    endpoint.address = "2001:db8::5"
    endpoint.good(secrets(**GRANT))
    for outside in ("2001:db8::100", "2001:db8:1::5", "::1", "32.1.13.184"):
        endpoint.address = outside
        assert endpoint.refused(secrets(**GRANT))[1] == "ip restricted"


@pytest.mark.parametrize(
    ("first", "last"), [(date(2019, 1, 1), date(2020, 1, 1)), (date(2030, 1, 1), date(2031, 1, 1))]
)
def test_the_dates_of_a_certificate_do_not_count(
    endpoint: Endpoint, kind: AppKind, pair: Pair, first: date, last: date
) -> None:
    """As at Salesforce: salesforce.stackexchange.com 313488, quoting its product management."""
    change(endpoint, certificate=pair.certified(first, last))
    endpoint.become(kind)
    endpoint.good({"grant_type": JWT_BEARER, "assertion": pair.assertion(claims())})


def test_an_address_as_a_socket_for_both_families_writes_it() -> None:
    from changeover.web.oauth.endpoints import _address  # noqa: PLC0415 - only here

    assert [str(_address(text)) for text in ("::ffff:198.18.0.5", "198.18.0.5", "::1", "x")] == [
        "198.18.0.5",
        "198.18.0.5",
        "::1",
        "None",
    ]
