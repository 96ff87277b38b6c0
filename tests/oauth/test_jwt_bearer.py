"""The JWT bearer flow, as real clients spell it and as attackers would."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from changeover.oauth.proof import JWT
from changeover.oauth.server import token
from tests.oauth.endpoint import BASE, INTEGRATION, JWT_BEARER, KEY, Endpoint, Pair, secrets
from tests.oauth.test_web_server import change
from tests.org.world import SECRET

NOW = 1795435200


def claims(**more: Any) -> dict[str, Any]:
    return {"iss": KEY, "sub": INTEGRATION, "aud": BASE, "exp": NOW + 180, **more}


def form(assertion: str, **more: str) -> dict[str, str]:
    return {"grant_type": JWT_BEARER, "assertion": assertion, **more}


def test_the_same_key_pair_logs_in_before_during_and_after(endpoint: Endpoint, pair: Pair) -> None:
    assert int(endpoint.world.clock.now().timestamp()) == NOW
    for step in (None, endpoint.migrate, endpoint.revert):
        if step is not None:
            step()
        answer = endpoint.good(form(pair.assertion(claims())))
        assert "refresh_token" not in answer
        assert "refresh_token" not in answer["scope"]
    assert [(row.sub_type, row.username) for row in endpoint.logins()] == [
        ("OauthJwtBearer", INTEGRATION)
    ] * 3


@pytest.mark.parametrize(
    "more",
    [
        {"aud": f"{BASE}/"},
        {"aud": "https://login.salesforce.com"},
        {"aud": "https://test.salesforce.com"},
        {"aud": [f"{BASE}/services/oauth2/token"]},
        {"exp": (NOW + 300) * 1000},
        {"exp": NOW * 1000 + 300, "aud": f"{BASE}/"},
        {"exp": str(NOW + 100)},
        {"exp": NOW - 1},
        {"exp": NOW - 180},
        {"exp": NOW + 3600, "jti": "once"},
        {"alg": "RS256"},
    ],
)
def test_what_real_clients_send(endpoint: Endpoint, pair: Pair, more: dict[str, Any]) -> None:
    endpoint.good(form(pair.assertion(claims(**more))))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"aud": "https://evil.example.com"}, "audience is invalid"),
        ({"aud": None}, "audience is invalid"),
        ({"aud": f"{BASE}.evil.example.com"}, "audience is invalid"),
        ({"exp": NOW - 181}, "expired assertion"),
        ({"exp": "soon"}, "expired assertion"),
        ({"exp": True}, "expired assertion"),
        ({"exp": -1}, "expired assertion"),
        ({"sub": "nobody@example.com"}, "authentication failure"),
        ({"sub": ""}, "invalid assertion"),
        ({"iss": 7}, "invalid assertion"),
    ],
)
def test_what_is_refused(endpoint: Endpoint, pair: Pair, more: dict[str, Any], said: str) -> None:
    assert endpoint.refused(form(pair.assertion(claims(**more)))) == ("invalid_grant", said)


def test_an_assertion_of_another_key_pair_is_refused(endpoint: Endpoint) -> None:
    assert endpoint.refused(form(Pair().assertion(claims())))[1] == "invalid assertion"


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_algorithms_are_not_the_clients_to_choose(endpoint: Endpoint, pair: Pair) -> None:
    unsigned = f"{_part({'alg': 'none'})}.{_part(claims())}."
    head = f"{_part({'alg': 'HS256'})}.{_part(claims())}"
    mac = hmac.digest(pair.certificate.encode(), head.encode(), "sha256")
    confused = f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    for assertion in (unsigned, confused, pair.assertion(claims(), "RS512"), "x.y.z", "", "x" * 9000):
        assert endpoint.refused(form(assertion))[1] == "invalid assertion"


def test_a_jti_is_good_once(endpoint: Endpoint, pair: Pair) -> None:
    assertion = pair.assertion(claims(jti="4711"))
    endpoint.good(form(assertion))
    assert endpoint.refused(form(assertion))[1] == "this assertion was used before"
    endpoint.migrate()
    assert endpoint.refused(form(assertion))[1] == "this assertion was used before"


def test_a_user_must_have_approved_or_be_pre_authorized(endpoint: Endpoint, pair: Pair) -> None:
    change(endpoint, is_admin_approved=False)
    assertion = pair.assertion(claims())
    assert endpoint.refused(form(assertion)) == ("invalid_grant", "user hasn't approved this consumer")
    endpoint.code(scope="api")
    assert endpoint.refused(form(assertion))[1] == "user hasn't approved this consumer"
    endpoint.code(scope="api refresh_token")
    endpoint.good(form(assertion))
    endpoint.migrate()
    endpoint.good(form(assertion))


def test_an_app_without_a_certificate(endpoint: Endpoint, pair: Pair) -> None:
    change(endpoint, certificate=None)
    said = endpoint.refused(form(pair.assertion(claims())))[1]
    assert said == "this app has no certificate for digital signatures"


def test_a_secret_sent_along_must_be_right(endpoint: Endpoint, pair: Pair) -> None:
    along = {"client_id": KEY, "client_secret": "WRONG"}
    assert endpoint.refused(form(pair.assertion(claims()), **along))[0] == "invalid_client"


def test_a_secret_or_an_assertion_that_is_right_may_come_along(endpoint: Endpoint, pair: Pair) -> None:
    bearer = pair.assertion(claims())
    endpoint.good(form(bearer, **secrets()))
    endpoint.good(form(bearer), (KEY, SECRET))
    proof = pair.assertion(claims(sub=KEY))
    endpoint.good(form(bearer, client_assertion=proof, client_assertion_type=JWT))


def test_a_header_that_is_not_understood_is_ignored_unless_it_is_critical(
    endpoint: Endpoint, pair: Pair
) -> None:
    endpoint.good(form(pair.assertion(claims(), iss="somebody")))
    critical = pair.assertion(claims(), crit=["odd"], odd="yes")
    assert endpoint.refused(form(critical))[1] == "invalid assertion"


def test_the_address_without_the_orgs_path_will_do_as_audience(endpoint: Endpoint, pair: Pair) -> None:
    bare = "http://localhost:8000"
    bearer = form(pair.assertion(claims(aud=f"{bare}/")))
    call = replace(endpoint.call(bearer), base_url=f"{bare}/org/acme")
    with endpoint.world.unit() as unit:
        assert token(unit, call).status == 200
    other = form(pair.assertion(claims(aud=f"{bare}/org/globex")))
    with endpoint.world.unit() as unit:
        assert token(unit, replace(call, parameters=endpoint.call(other).parameters)).status == 400
