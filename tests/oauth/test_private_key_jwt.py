"""Clients that prove themselves with an assertion (`private_key_jwt`), and whoever tries to."""

from __future__ import annotations

from typing import Any

import pytest

from changeover.oauth.discovery import configuration
from changeover.oauth.proof import JWT
from changeover.oauth.resource import introspect
from changeover.org.lists import AppKind
from tests.oauth.endpoint import BASE, CALLBACK, KEY, Endpoint, Pair, secrets
from tests.oauth.test_jwt_bearer import NOW
from tests.oauth.test_web_server import change
from tests.org.world import SECRET, app

GRANT = {"grant_type": "client_credentials"}


def claims(**more: Any) -> dict[str, Any]:
    return {"iss": KEY, "sub": KEY, "aud": BASE, "exp": NOW + 180, "jti": "once", **more}


def proof(pair: Pair, **more: Any) -> dict[str, str]:
    return {"client_assertion_type": JWT, "client_assertion": pair.assertion(claims(**more))}


@pytest.mark.parametrize("kind", AppKind)
@pytest.mark.parametrize(
    "aud",
    [BASE, f"{BASE}/", f"{BASE}/services/oauth2/token", [BASE], "https://login.salesforce.com"],
)
def test_it_does_for_a_secret(endpoint: Endpoint, pair: Pair, kind: AppKind, aud: Any) -> None:
    endpoint.become(kind)
    endpoint.good({**GRANT, **proof(pair, aud=aud)})
    assert endpoint.logins()[0].application == "Billing"


@pytest.mark.parametrize(
    "more", [{"exp": (NOW + 300) * 1000}, {"exp": str(NOW + 100)}, {"exp": NOW - 1}, {"alg": "RS256"}]
)
def test_what_real_clients_send(endpoint: Endpoint, pair: Pair, more: dict[str, Any]) -> None:
    endpoint.good({**GRANT, "client_id": KEY, **proof(pair, **more)})


def test_it_does_at_each_flow_that_needs_a_secret_and_at_introspection(
    endpoint: Endpoint, pair: Pair
) -> None:
    code = {"grant_type": "authorization_code", "code": endpoint.code(), "redirect_uri": CALLBACK}
    held = endpoint.good({**code, **proof(pair, jti="1")})
    again = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
    endpoint.good({**again, **proof(pair, jti="2")})
    with endpoint.world.unit() as unit:
        call = endpoint.call({"token": held["access_token"], **proof(pair, jti="3")})
        answer = introspect(unit, call)
    assert answer.body is not None
    assert answer.body["active"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"aud": "https://evil.example.com"}, "audience of the client assertion is invalid"),
        ({"aud": None}, "audience of the client assertion is invalid"),
        ({"exp": NOW - 181}, "expired client assertion"),
        ({"exp": None}, "expired client assertion"),
        ({"sub": "int@example.com"}, "invalid client assertion"),
        ({"iss": "OTHER"}, "client identifier invalid"),
    ],
)
def test_what_is_refused(endpoint: Endpoint, pair: Pair, more: dict[str, Any], said: str) -> None:
    error, description = endpoint.refused({**GRANT, **proof(pair, **more)})
    assert error.startswith("invalid_client")
    assert description == said


def test_an_assertion_is_good_once(endpoint: Endpoint, pair: Pair) -> None:
    form = {**GRANT, **proof(pair)}
    endpoint.good(form)
    assert endpoint.refused(form) == ("invalid_client", "this client assertion was used before")
    endpoint.migrate()
    assert endpoint.refused(form)[0] == "invalid_client"


def test_another_key_pair_another_algorithm_or_no_jwt_at_all(endpoint: Endpoint, pair: Pair) -> None:
    typed = {"client_assertion_type": JWT, "client_id": KEY}
    for text in (Pair().assertion(claims()), pair.assertion(claims(), "RS512"), "x.y.z", "", "e30.e30."):
        form = {**GRANT, **typed, "client_assertion": text}
        assert endpoint.refused(form)[0] == "invalid_client"
    form = {**GRANT, **proof(pair), "client_assertion_type": "urn:example:saml2-bearer"}
    assert endpoint.refused(form) == ("invalid_client", "invalid client assertion")


def test_the_assertion_of_one_app_proves_no_other(endpoint: Endpoint, pair: Pair) -> None:
    other = {"consumer_key": "OTHER.KEY", "consumer_secret": SECRET, "certificate": Pair().certificate}
    endpoint.world.bring(app("Other", oauth={**other, "is_client_credential_enabled": True}))
    assert endpoint.refused({**GRANT, "client_id": "OTHER.KEY", **proof(pair)})[0] == "invalid_client"


def test_nobody_proves_himself_twice(endpoint: Endpoint, pair: Pair) -> None:
    assert endpoint.refused(secrets(**GRANT, **proof(pair)))[0] == "invalid_client"
    assert endpoint.token({**GRANT, **proof(pair)}, (KEY, SECRET)).status == 401


def test_an_app_without_a_certificate(endpoint: Endpoint, pair: Pair) -> None:
    change(endpoint, certificate=None)
    assert endpoint.refused({**GRANT, **proof(pair)})[0] == "invalid_client"


def test_discovery_names_it() -> None:
    told = configuration(BASE)
    for endpoint in ("token", "introspection"):
        assert "private_key_jwt" in told[f"{endpoint}_endpoint_auth_methods_supported"]
        assert told[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] == ["RS256"]
