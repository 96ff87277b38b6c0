"""The web server flow with and without PKCE, refresh tokens, and the handover of both at a migration."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from changeover.oauth.authorization import Asked, Elsewhere, must_approve
from changeover.oauth.keys import public_keys
from changeover.oauth.refusals import CALLBACK_MISMATCH, CLIENT_UNKNOWN
from changeover.org.consumer_details import rotate_external_client_app
from changeover.org.sign_in import prove
from tests.oauth.endpoint import BASE, CALLBACK, INTEGRATION, KEY, Endpoint, secrets
from tests.org.world import app

VERIFIER = "v" * 171
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def exchange(code: str, **more: str) -> dict[str, str]:
    return secrets(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more)


def refresh(token: str, **more: str) -> dict[str, str]:
    return secrets(grant_type="refresh_token", refresh_token=token, **more)


def change(endpoint: Endpoint, **oauth: Any) -> None:
    """Import the app anew with other settings."""
    with endpoint.world.read() as unit:
        record = unit.apps.get(endpoint.world.org_id, "Billing")
    assert record is not None
    config = record.document.oauth_config
    assert config is not None
    endpoint.world.bring(replace(record.document, oauth_config=replace(config, **oauth)))


def test_a_code_becomes_tokens(endpoint: Endpoint) -> None:
    answer = endpoint.good(exchange(endpoint.code(scope="api refresh_token openid", nonce="n-1")))
    assert answer["scope"] == "api openid refresh_token"
    assert answer["refresh_token"].startswith("5Aep")
    with endpoint.world.read() as unit:
        keys = KeySet.import_key_set(cast("Any", public_keys(unit, endpoint.world.org_id)))
    claims = jwt.decode(answer["id_token"], keys, algorithms=["RS256"]).claims
    assert claims["iss"] == BASE
    assert claims["sub"] == answer["id"]
    assert claims["aud"] == KEY
    assert claims["nonce"] == "n-1"
    assert claims["preferred_username"] == INTEGRATION


def test_tokens_from_before_work_after_and_tokens_from_after_work_back(endpoint: Endpoint) -> None:
    before = endpoint.good(exchange(endpoint.code()))
    code = endpoint.code()
    endpoint.migrate()
    during = endpoint.good(refresh(before["refresh_token"]))
    assert during["scope"] == before["scope"]
    issued_during = endpoint.good(exchange(code))
    endpoint.revert()
    endpoint.good(refresh(before["refresh_token"]))
    endpoint.good(refresh(issued_during["refresh_token"]))
    assert [row.sub_type for row in endpoint.logins()] == [
        "OauthRefreshToken",
        "OauthRefreshToken",
        "OauthWebServer",
        "OauthRefreshToken",
        "OauthWebServer",
    ]


def test_pkce_without_a_method_is_s256_and_a_long_verifier_will_do(endpoint: Endpoint) -> None:
    endpoint.good(exchange(endpoint.code(code_challenge=CHALLENGE), code_verifier=VERIFIER))


@pytest.mark.parametrize("verifier", ["w" * 171, "v" * 42, "v" * 257, "v" * 170 + "!", ""])
def test_another_verifier_is_refused_and_the_code_is_spent(endpoint: Endpoint, verifier: str) -> None:
    code = endpoint.code(code_challenge=CHALLENGE)
    assert endpoint.refused(exchange(code, code_verifier=verifier))[1] == "invalid code verifier"
    assert endpoint.refused(exchange(code, code_verifier=VERIFIER))[1] == "invalid authorization code"


def test_a_verifier_without_a_challenge_is_a_downgrade(endpoint: Endpoint) -> None:
    assert endpoint.refused(exchange(endpoint.code(), code_verifier=VERIFIER))[1] == "invalid code verifier"


@pytest.mark.parametrize(
    "parameters",
    [
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"code_challenge_method": "S256"},
    ],
)
def test_a_bad_challenge_is_refused(endpoint: Endpoint, parameters: dict[str, str]) -> None:
    answer = endpoint.asked(**parameters, state="s")
    assert isinstance(answer, Elsewhere)
    assert answer.url.startswith(f"{CALLBACK}?error=invalid_request")
    assert "&state=s&iss=" in answer.url


def test_an_app_that_requires_pkce_gets_no_code_without(endpoint: Endpoint) -> None:
    change(endpoint, is_pkce_required=True)
    answer = endpoint.asked()
    assert isinstance(answer, Elsewhere)
    assert "missing+required+code+challenge" in answer.url
    assert isinstance(endpoint.asked(code_challenge=CHALLENGE), Asked)


def test_a_code_is_good_once_and_its_second_use_ends_what_it_gave(endpoint: Endpoint) -> None:
    code = endpoint.code()
    first = endpoint.good(exchange(code))
    assert endpoint.refused(exchange(code)) == ("invalid_grant", "invalid authorization code")
    assert endpoint.refused(refresh(first["refresh_token"]))[1] == "expired access/refresh token"


def test_a_code_expires(endpoint: Endpoint) -> None:
    code = endpoint.code()
    endpoint.world.clock.pass_by(timedelta(minutes=16))
    assert endpoint.refused(exchange(code)) == ("invalid_grant", "expired authorization code")


@pytest.mark.parametrize(
    "redirect_uri",
    ["", f"{CALLBACK}/", CALLBACK.upper(), f"{CALLBACK}?x=1", "https://evil.example.com/callback"],
)
def test_a_code_goes_with_its_callback_url_only(endpoint: Endpoint, redirect_uri: str) -> None:
    form = {**exchange(endpoint.code()), "redirect_uri": redirect_uri}
    assert endpoint.refused(form)[0] == "redirect_uri_mismatch"


def test_another_app_cannot_redeem_a_code(endpoint: Endpoint) -> None:
    other = {"consumer_key": "OTHER.KEY", "consumer_secret": "OTHER-SECRET-0123456789"}
    endpoint.world.bring(app("Other", oauth=other))
    form = {
        **exchange(endpoint.code()),
        "client_id": "OTHER.KEY",
        "client_secret": "OTHER-SECRET-0123456789",
    }
    assert endpoint.refused(form) == ("invalid_grant", "invalid authorization code")


@pytest.mark.parametrize("callback", [f"{CALLBACK}/", f"{CALLBACK}#x", "https://evil.example.com", ""])
def test_a_callback_url_that_is_not_the_apps_is_followed_nowhere(endpoint: Endpoint, callback: str) -> None:
    assert endpoint.asked(redirect_uri=callback) == CALLBACK_MISMATCH


def test_an_app_that_nobody_knows_is_followed_nowhere(endpoint: Endpoint) -> None:
    assert endpoint.asked(client_id="nobody") == CLIENT_UNKNOWN


def test_a_scope_that_the_app_does_not_have(endpoint: Endpoint) -> None:
    answer = endpoint.asked(scope="api full")
    assert isinstance(answer, Elsewhere)
    assert "error=invalid_scope" in answer.url


def test_a_parameter_given_twice_is_refused(endpoint: Endpoint) -> None:
    from changeover.oauth.authorization import ask  # noqa: PLC0415 - the one test that needs it

    call = endpoint.call({"response_type": "code", "client_id": KEY, "redirect_uri": CALLBACK})
    doubled = replace(call, parameters={**call.parameters, "scope": ("api", "web")})
    with endpoint.world.unit() as unit:
        answer = ask(unit, doubled)
    assert isinstance(answer, Elsewhere)
    assert "error=invalid_request" in answer.url


def test_an_approval_is_remembered_for_what_it_was_given(endpoint: Endpoint) -> None:
    change(endpoint, is_admin_approved=False)

    def asks(scope: str, prompt: str = "") -> bool:
        asked = endpoint.asked(scope=scope, prompt=prompt)
        assert isinstance(asked, Asked)
        with endpoint.world.read() as unit:
            user = unit.users.in_org(endpoint.world.org_id, INTEGRATION)
            assert user is not None
            return must_approve(unit, endpoint.call({}), asked, user)

    assert asks("api")
    endpoint.code(scope="api")
    assert not asks("api")
    assert asks("api web")
    assert asks("api", prompt="consent")


def test_rotation_gives_another_refresh_token_and_a_replay_ends_both(endpoint: Endpoint) -> None:
    change(endpoint, is_refresh_token_rotation_enabled=True)
    first = endpoint.good(exchange(endpoint.code()))["refresh_token"]
    second = endpoint.good(refresh(first))["refresh_token"]
    assert second != first
    assert endpoint.refused(refresh(first))[1] == "expired access/refresh token"
    assert endpoint.refused(refresh(second))[1] == "expired access/refresh token"


def test_a_refresh_cannot_raise_its_scopes(endpoint: Endpoint) -> None:
    token = endpoint.good(exchange(endpoint.code(scope="api refresh_token")))["refresh_token"]
    assert endpoint.refused(refresh(token, scope="api web"))[0] == "invalid_scope"
    assert endpoint.good(refresh(token, scope="api"))["scope"] == "api"


@pytest.mark.parametrize(
    ("policy", "good_after", "bad_after"),
    [
        ("infinite", 29, 61),
        ("specific_lifetime:40:DAYS", 29, 12),
        ("specific_inactivity:10:DAYS", 9, 11),
    ],
)
def test_a_refresh_token_lives_as_its_policy_says(
    endpoint: Endpoint, policy: str, good_after: int, bad_after: int
) -> None:
    with endpoint.world.read() as unit:
        record = unit.apps.get(endpoint.world.org_id, "Billing")
    assert record is not None
    assert record.document.oauth_policy is not None
    changed = replace(record.document.oauth_policy, refresh_token_policy=policy)
    endpoint.world.bring(replace(record.document, oauth_policy=changed))
    token = endpoint.good(exchange(endpoint.code()))["refresh_token"]
    endpoint.world.clock.pass_by(timedelta(days=good_after))
    endpoint.good(refresh(token))
    endpoint.world.clock.pass_by(timedelta(days=bad_after))
    assert endpoint.refused(refresh(token))[1] == "expired access/refresh token"


def test_a_sixth_authorization_ends_the_longest_unused(endpoint: Endpoint) -> None:
    held = []
    for _ in range(5):
        held.append(endpoint.good(exchange(endpoint.code()))["refresh_token"])
        endpoint.world.clock.pass_by(timedelta(minutes=1))
    endpoint.good(refresh(held[0]))
    endpoint.world.clock.pass_by(timedelta(minutes=1))
    endpoint.good(exchange(endpoint.code()))
    endpoint.good(refresh(held[0]))
    assert endpoint.refused(refresh(held[1]))[1] == "expired access/refresh token"


def test_a_key_rotated_since_the_migration_ends_with_the_revert(endpoint: Endpoint) -> None:
    endpoint.migrate()
    world = endpoint.world
    proof = prove(world.house.units, world.admin, world.password)
    rotated = world.do(rotate_external_client_app, "Billing", proof, key=True, seen_version=None)
    fresh = {"client_id": rotated.consumer_key, "client_secret": rotated.consumer_secret}
    endpoint.good({"grant_type": "client_credentials", **fresh})
    assert endpoint.refused(secrets(grant_type="client_credentials"))[0] == "invalid_client_id"
    endpoint.revert()
    assert endpoint.refused({"grant_type": "client_credentials", **fresh})[0] == "invalid_client_id"
    endpoint.good(secrets(grant_type="client_credentials"))
