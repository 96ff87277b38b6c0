"""What the standards ask and no other test shows: rows of docs/oauth-conformance.md."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

import pytest

from changeover.apps.connected_app import SessionPolicy
from changeover.oauth.authorization import Elsewhere
from changeover.oauth.discovery import configuration
from tests.attack.oauth.conftest import target
from tests.attack.oauth.target import AUTHORIZE, OAUTH, Target, asked, query_of
from tests.attack.oauth.target import BASE as TARGET
from tests.oauth.endpoint import (
    BASE,
    CALLBACK,
    INTEGRATION,
    JWT_BEARER,
    KEY,
    Endpoint,
    Pair,
    payload,
    secrets,
)
from tests.oauth.test_web_server import change
from tests.org.world import START
from tests.web.conftest import Browser, Page

__all__ = ["target"]

GRANT = {"grant_type": "client_credentials"}
NOW = int(START.timestamp())


@pytest.mark.parametrize("response_type", ["", "nonsense", "id_token", "code token", "CODE"])
def test_an_unknown_response_type(endpoint: Endpoint, response_type: str) -> None:
    answer = endpoint.asked(response_type=response_type)
    assert isinstance(answer, Elsewhere)
    assert "error=unsupported_response_type" in answer.url


def test_the_user_agent_flow_gives_a_refresh_token_as_salesforce_does(endpoint: Endpoint) -> None:
    assert "refresh_token" in endpoint.approved(response_type="token", scope="api refresh_token")
    assert "refresh_token" not in endpoint.approved(response_type="token", scope="api")


def test_the_user_agent_flow_wants_a_nonce_for_an_id_token(endpoint: Endpoint) -> None:
    answer = endpoint.asked(response_type="token id_token", scope="api openid")
    assert isinstance(answer, Elsewhere)
    assert "error=invalid_request" in answer.url
    assert "id_token" in endpoint.approved(response_type="token id_token", scope="api openid", nonce="n")


def test_an_answer_says_when_it_was_issued_and_not_how_long_it_is_good(endpoint: Endpoint) -> None:
    answer = endpoint.good(secrets(**GRANT))
    assert int(answer["issued_at"]) == NOW * 1000
    assert "expires_in" not in answer


def test_errors_have_their_status(endpoint: Endpoint) -> None:
    in_the_form = endpoint.token({**secrets(**GRANT), "client_secret": "WRONG"})
    assert in_the_form.status == 400
    by_basic = endpoint.token(GRANT, (KEY, "WRONG"))
    assert by_basic.status == 401
    assert by_basic.headers["WWW-Authenticate"].startswith("Basic ")
    assert endpoint.token({}).status == 400


def test_an_assertion_before_its_time(endpoint: Endpoint, pair: Pair) -> None:
    claims = {"iss": KEY, "sub": INTEGRATION, "aud": BASE, "exp": NOW + 600}

    def form(nbf: Any) -> dict[str, str]:
        return {"grant_type": JWT_BEARER, "assertion": pair.assertion({**claims, "nbf": nbf})}

    assert endpoint.refused(form(NOW + 181)) == ("invalid_grant", "this assertion is not valid yet")
    assert endpoint.refused(form("soon")) == ("invalid_grant", "this assertion is not valid yet")
    for good in (NOW, NOW + 60, NOW - 5, str(NOW), NOW * 1000):
        endpoint.good(form(good))


def test_what_an_id_token_says(endpoint: Endpoint) -> None:
    code = endpoint.code(scope="openid api", nonce="n")
    answer = endpoint.good(secrets(grant_type="authorization_code", code=code, redirect_uri=CALLBACK))
    said = payload(answer["id_token"])
    half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    assert said["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert said["iat"] == NOW
    assert said["exp"] == NOW + 120
    assert said["nonce"] == "n"


def test_user_information_by_post(target: Target) -> None:
    held = target.tokens(scope="openid api")
    bearer = {"Authorization": f"Bearer {held['access_token']}"}
    by_get = target.client.get(f"{OAUTH}/userinfo", headers=bearer)
    by_post = target.post("userinfo", {"access_token": held["access_token"]})
    assert by_get.json() == by_post.json()
    assert by_get.json()["sub"] == payload(held["id_token"])["sub"]
    refused = target.post("userinfo", {"access_token": "nonsense"})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_the_identity_url_takes_a_token_in_its_query_as_salesforces_does(target: Target) -> None:
    held = target.tokens()
    path = urlsplit(held["id"]).path
    for name in ("access_token", "oauth_token"):
        assert target.client.get(f"{path}?{name}={held['access_token']}").json()["username"] == INTEGRATION
        assert target.client.get(f"{OAUTH}/userinfo?{name}={held['access_token']}").status_code == 401


def test_auth_time_is_when_the_user_signed_in(target: Target) -> None:
    browser = target.signed_in()
    target.world.clock.pass_by(timedelta(minutes=5))
    code = query_of(target.allowed(browser, scope="openid"))["code"][0]
    said = payload(target.redeem(code).json()["id_token"])
    assert said["auth_time"] == NOW
    assert said["iat"] == NOW + 300


def test_max_age_asks_for_the_password(target: Target) -> None:
    browser = target.signed_in()
    target.allowed(browser)
    target.world.clock.pass_by(timedelta(minutes=10))
    assert "code" in query_of(browser.get(asked(max_age="600"))), "the password was given to sign in"
    assert browser.get(asked(max_age="599")).location.startswith("/setup/verify?")
    assert query_of(browser.get(asked(max_age="soon")))["error"] == ["invalid_request"]


def test_max_age_counts_from_what_auth_time_tells(target: Target) -> None:
    browser, clock = target.signed_in(), target.world.clock
    target.allowed(browser, scope="openid")
    clock.pass_by(timedelta(hours=1))
    older = {"max_age": "3599", "scope": "openid"}
    assert query_of(browser.get(asked(**older, prompt="none")))["error"] == ["login_required"]
    password = target.world.passwords[INTEGRATION]
    browser.post("/setup/verify", {"password": password, "next": "/setup"})
    proved = NOW + 3600
    clock.pass_by(timedelta(minutes=50))
    code = query_of(browser.get(asked(**older, prompt="none")))["code"][0]
    assert payload(target.redeem(code).json()["id_token"])["auth_time"] == proved
    clock.pass_by(timedelta(minutes=10))
    assert query_of(browser.get(asked(**older, prompt="none")))["error"] == ["login_required"]
    # Both are asked for: the one does not do for the other.
    assert browser.get(asked(prompt="login", max_age="36000")).location.startswith("/setup/verify?")


def test_a_link_that_signs_in_is_no_password(target: Target) -> None:
    token = target.tokens(scope="web openid")["access_token"]
    link = target.client.get(f"{OAUTH}/singleaccess", headers={"Authorization": f"Bearer {token}"}).json()
    browser = target.browser()
    browser.get(link["frontdoor_uri"].removeprefix(TARGET))
    code = query_of(browser.get(asked(scope="openid")))["code"][0]
    assert "auth_time" not in payload(target.redeem(code).json()["id_token"])
    answer = browser.get(asked(scope="openid", max_age="3600", prompt="none"))
    assert query_of(answer)["error"] == ["login_required"]
    browser.post("/setup/verify", {"password": target.world.passwords[INTEGRATION], "next": "/setup"})
    code = query_of(browser.get(asked(scope="openid", max_age="3600", prompt="none")))["code"][0]
    assert payload(target.redeem(code).json()["id_token"])["auth_time"] == NOW


def test_prompt_none_of_somebody_who_is_not_signed_in(target: Target) -> None:
    answer = query_of(target.browser().get(asked(prompt="none", state="s")))
    assert (answer["error"], answer["state"]) == (["login_required"], ["s"])


def test_prompt_login_asks_for_the_password(target: Target) -> None:
    browser = target.signed_in()
    target.allowed(browser)
    assert "code" in query_of(browser.get(asked()))
    page = browser.get(asked(prompt="login"))
    assert page.location.startswith("/setup/verify?")
    proven = browser.post(
        "/setup/verify", {"password": target.world.passwords[INTEGRATION], "next": asked(prompt="login")}
    )
    assert "code" in query_of(browser.follow(proven))


def signed_in_on_the_way(target: Target, **parameters: str) -> tuple[Browser, Page]:
    """Have nobody be signed in when an app asks, and return what the user sees after the sign-in page."""
    browser = target.browser()
    page = browser.get(asked(**parameters))
    form = browser.get(page.location).form("/sign-in")
    given = {"username": INTEGRATION, "password": target.world.passwords[INTEGRATION]}
    return browser, browser.follow(browser.post("/sign-in", {**form, **given}))


def test_prompt_login_is_content_with_the_password_that_it_led_to(target: Target) -> None:
    question = {"prompt": "login", "state": "s"}
    browser, page = signed_in_on_the_way(target, **question)
    assert page.status == 200, "what the app asks for, and not the password once more"
    assert "code" in query_of(browser.post(AUTHORIZE, {**page.form(AUTHORIZE), "decision": "allow"}))
    other = browser.get(asked(prompt="login", state="t"))
    assert other.location.startswith("/setup/verify?"), "another question"
    target.world.clock.pass_by(timedelta(minutes=5))
    assert browser.get(asked(**question)).location.startswith("/setup/verify?"), "too long ago"


def test_prompt_login_wants_an_answer_within_five_minutes_too(target: Target) -> None:
    browser, page = signed_in_on_the_way(target, prompt="login")
    target.world.clock.pass_by(timedelta(minutes=5))
    late = browser.post(AUTHORIZE, {**page.form(AUTHORIZE), "decision": "allow"})
    assert late.location.startswith("/setup/verify?")


def test_signing_in_raises_no_session_to_high_assurance(target: Target) -> None:
    document = target.world.record().document
    policy = SessionPolicy(session_level="HIGH_ASSURANCE", policy_action="RaiseSessionLevel")
    target.world.bring(replace(document, session_policy=policy))
    _, page = signed_in_on_the_way(target, prompt="login")
    assert page.location.startswith("/setup/verify?")


def test_who_does_not_verify_for_an_app_is_led_to_setup(target: Target) -> None:
    browser = target.signed_in()
    asks = browser.get(browser.get(asked(prompt="login")).location)
    assert "An app asks for your password anew" in asks.main
    assert asks.links("Cancel") == ["/setup"]


def test_discovery_promises_what_there_is() -> None:
    said = configuration(BASE)
    assert said["id_token_signing_alg_values_supported"] == ["RS256"]
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["request_parameter_supported"] is False
    assert said["request_uri_parameter_supported"] is False
    assert said["claims_parameter_supported"] is False
    assert (
        not {"dpop_signing_alg_values_supported", "tls_client_certificate_bound_access_tokens"} & said.keys()
    )
    required = {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported"}
    assert required | {"subject_types_supported"} <= said.keys()


@pytest.mark.parametrize(
    "secret", ["a+b/c==0123", "50%25 of it", "100% of it", "a:b:c:d:e", "gr\u00fc\u00dfe-gr\u00fc\u00dfe"]
)
def test_a_secret_by_basic_with_and_without_its_encoding(endpoint: Endpoint, secret: str) -> None:
    """RFC 6749 section 2.3.1 has it encoded; curl, requests and simple-salesforce send it as it is."""
    change(endpoint, consumer_secret=secret)
    for sent in (quote_plus(secret), secret):
        endpoint.good(GRANT, (KEY, sent))
    assert endpoint.refused(GRANT, (KEY, quote_plus(quote_plus(secret)) + "x"))[0] == "invalid_client"


@pytest.mark.parametrize("by", ["form", "basic"])
def test_an_empty_secret_of_a_public_client_is_none(endpoint: Endpoint, by: str) -> None:
    change(endpoint, is_consumer_secret_optional=True, is_secret_required_for_refresh_token=False)
    own = {"client_id": KEY, "client_secret": ""} if by == "form" else {}
    basic = (KEY, "") if by == "basic" else None
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, **own}
    held = endpoint.good({**form, "code": endpoint.code()}, basic)
    again = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"], **own}
    endpoint.good(again, basic)
    # Where a secret is needed, an empty one is none either.
    change(endpoint, is_consumer_secret_optional=False, is_secret_required_for_refresh_token=True)
    assert endpoint.refused(again, basic)[0] == "invalid_client"
    assert endpoint.refused({**form, "code": endpoint.code()}, basic)[0] == "invalid_client"
    assert endpoint.refused({**GRANT, **own}, basic)[0] == "invalid_client"


def test_parameters_without_a_value_count_as_left_out(endpoint: Endpoint) -> None:
    code = endpoint.code(state="", nonce="", code_challenge="", max_age="", prompt="")
    form = secrets(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier="")
    assert "refresh_token" in endpoint.good({**form, "scope": ""})["scope"]
    assert endpoint.refused({**secrets(**GRANT), "client_secret": ""})[0] == "invalid_client"


def test_parameters_that_change_nothing(endpoint: Endpoint) -> None:
    # OpenID Connect Core section 15.1: none of these may be an error.
    asked = {"display": "wap", "ui_locales": "de fr", "claims_locales": "de", "acr_values": "1 2"}
    endpoint.good(
        secrets(grant_type="authorization_code", code=endpoint.code(**asked), redirect_uri=CALLBACK)
    )


def test_userinfo_takes_a_token_of_any_scope(target: Target) -> None:
    """The sf command line and CumulusCI ask it with `api` and `web`, which Salesforce answers."""
    held = target.tokens(scope="api")
    assert held["scope"] == "api"
    bearer = {"Authorization": f"Bearer {held['access_token']}"}
    assert target.client.get(f"{OAUTH}/userinfo", headers=bearer).json()["email"] == INTEGRATION


def test_an_id_token_hint_is_not_heeded(endpoint: Endpoint) -> None:
    assert "code" in endpoint.approved(id_token_hint="whoever")
