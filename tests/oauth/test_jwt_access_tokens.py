"""Access tokens in JWT form."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry
from sqlalchemy import text

from changeover.apps.external_client_app import ExtlClntAppOauthConfigurablePolicies
from changeover.oauth import keys, tokens
from changeover.oauth.keys import public_keys
from changeover.oauth.resource import identity, live_token, revoke, userinfo
from changeover.org.lists import AppKind
from tests.oauth.endpoint import BASE, INTEGRATION, JWT_BEARER, KEY, Endpoint, Pair, payload, secrets
from tests.oauth.test_jwt_bearer import claims
from tests.oauth.test_resource import asked
from tests.oauth.test_web_server import change, exchange, refresh
from tests.org.world import START

REGISTRY = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(autouse=True)
def on(endpoint: Endpoint) -> None:
    """The app asks for them."""
    change(endpoint, is_named_user_jwt_enabled=True)


def user_of(endpoint: Endpoint, token: str) -> int:
    with endpoint.world.read() as unit:
        return userinfo(unit, endpoint.call({}, authorization=f"Bearer {token}")).status


@pytest.mark.parametrize("kind", AppKind)
def test_a_token_that_anybody_can_check(endpoint: Endpoint, kind: AppKind) -> None:
    endpoint.become(kind)
    answer = endpoint.good(secrets(**GRANT))
    assert answer["token_format"] == "jwt"
    with endpoint.world.read() as unit:
        published = KeySet.import_key_set(cast("Any", public_keys(unit, endpoint.world.org_id)))
        user = unit.users.in_org(endpoint.world.org_id, INTEGRATION)
    assert user is not None
    token = jwt.decode(answer["access_token"], published, registry=REGISTRY)
    assert {"typ": "JWT", "alg": "RS256", "tty": "sfdc-core-token", "ver": "1.0"}.items() <= (
        token.header.items()
    )
    assert token.header["tnk"] == f"core/local/{endpoint.world.org_id}"
    assert token.header["kid"]
    now = int(endpoint.world.clock.now().timestamp())
    assert token.claims["iss"] == BASE
    assert token.claims["aud"] == [BASE]
    assert token.claims["sub"] == f"uid:{user.user_id}"
    assert (token.claims["client_id"], token.claims["scp"]) == (KEY, "api openid")
    assert (token.claims["iat"], token.claims["exp"]) == (now, now + 7200)


def test_every_flow_gives_one(endpoint: Endpoint, pair: Pair) -> None:
    first = endpoint.good(exchange(endpoint.code()))
    bearer = {"grant_type": JWT_BEARER, "assertion": pair.assertion(claims())}
    given = [first, endpoint.good(refresh(first["refresh_token"])), endpoint.good(bearer)]
    assert [one["token_format"] for one in given] == ["jwt"] * 3
    assert len({one["access_token"] for one in given}) == 3, "also within one second"


def test_an_app_that_does_not_ask_gets_opaque_ones(endpoint: Endpoint) -> None:
    change(endpoint, is_named_user_jwt_enabled=False)
    answer = endpoint.good(secrets(**GRANT))
    assert "token_format" not in answer
    assert not tokens.is_jwt(answer["access_token"])


def test_it_is_good_wherever_a_token_is(endpoint: Endpoint) -> None:
    held = endpoint.good(exchange(endpoint.code()))
    token = held["access_token"]
    assert user_of(endpoint, token) == 200
    told = asked(endpoint, token)
    assert (told["active"], told["client_id"]) == (True, KEY)
    user_id = held["id"].rpartition("/")[2]
    with endpoint.world.read() as unit:
        call = endpoint.call({}, authorization=f"Bearer {token}")
        assert identity(unit, call, org_id=endpoint.world.org_id, user_id=user_id).status == 200
        assert live_token(unit, call, token) is not None
    endpoint.migrate()
    assert user_of(endpoint, token) == 200
    with endpoint.world.unit() as unit:
        assert revoke(unit, endpoint.call({"token": token})).status == 200
    assert user_of(endpoint, token) == 401
    assert asked(endpoint, token) == {"active": False}


def test_the_token_is_not_kept(endpoint: Endpoint) -> None:
    token = endpoint.good(secrets(**GRANT))["access_token"]
    assert token not in str(endpoint.world.everything())
    assert tokens.digest(token) in str(endpoint.world.everything())


def test_one_that_was_tampered_with_or_made_elsewhere_opens_nothing(endpoint: Endpoint, pair: Pair) -> None:
    token = endpoint.good(secrets(**GRANT))["access_token"]
    head, body, signature = token.split(".")
    forged = pair.assertion(payload(token))
    for other in (f"{head}.{body}.", f"{head}.{body}.{signature[:-4]}AAAA", forged, f"{head}.{body}"):
        assert user_of(endpoint, other) == 401
        assert asked(endpoint, other) == {"active": False}


def test_the_session_timeout_is_for_opaque_tokens_only(endpoint: Endpoint) -> None:
    token = endpoint.good(secrets(**GRANT))["access_token"]
    endpoint.world.clock.pass_by(timedelta(minutes=119))
    assert user_of(endpoint, token) == 200
    endpoint.world.clock.pass_by(timedelta(minutes=1))
    assert user_of(endpoint, token) == 401


def test_the_policies_of_an_external_client_app_may_name_a_lifetime(endpoint: Endpoint) -> None:
    endpoint.migrate()
    with endpoint.world.unit() as unit:
        record = unit.external.get(endpoint.world.org_id, "Billing")
        assert record is not None
        policy = record.app.part(ExtlClntAppOauthConfigurablePolicies)
        assert policy is not None
        policy = replace(policy, named_user_jwt_session_timeout_type="Custom", named_user_jwt_timeout=5)
        parts = tuple(policy if isinstance(one, type(policy)) else one for one in record.app.parts)
        unit.external.save(replace(record, app=replace(record.app, parts=parts)))
    token = endpoint.good(secrets(**GRANT))["access_token"]
    assert payload(token)["exp"] - payload(token)["iat"] == 300
    endpoint.world.clock.pass_by(timedelta(minutes=5))
    assert user_of(endpoint, token) == 401


def test_which_org_a_token_is_of(endpoint: Endpoint) -> None:
    org_id = endpoint.world.org_id
    assert tokens.org_of(endpoint.good(secrets(**GRANT))["access_token"]) == org_id
    assert tokens.org_of(tokens.access_token(org_id, START)) == org_id[:15]
    for odd in ("", "x", "a.b.c", "e30.e30.e30", "é.é.é", "5Aep"):
        assert tokens.org_of(odd) is None


def test_another_key_counts_though_one_was_read(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that a process has read is not read anew; which one signs is asked each time."""
    read: list[str] = []

    def counted(value: Any, *more: Any) -> RSAKey:
        read.append(value["kid"])
        return RSAKey.import_key(value, *more)

    monkeypatch.setattr(keys, "RSAKey", SimpleNamespace(import_key=counted, generate_key=RSAKey.generate_key))

    def signed_by() -> str:
        token = endpoint.good(secrets(**GRANT))["access_token"]
        return str(jws.extract_compact(token.encode()).headers()["kid"])

    first = signed_by()
    assert [signed_by(), signed_by()] == [first, first]
    assert read == [first]
    with endpoint.world.house.database.write() as connection:
        # As another process might.
        connection.execute(text("DELETE FROM oauth_signing_key"))
    second = signed_by()
    assert second != first
    assert signed_by() == second
    assert read == [first, second]
