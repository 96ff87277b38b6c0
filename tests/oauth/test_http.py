"""The endpoints over HTTP, and the approval in a browser without script."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from changeover.oauth.proof import JWT
from changeover.org.connected_apps import edit_app
from changeover.org.installation import create_org
from changeover.org.model.orgs import Edition
from changeover.web.oauth.endpoints import SECRET as SECRET_NAMES
from tests.oauth.endpoint import Pair, payload
from tests.oauth.test_web_server import CHALLENGE, VERIFIER
from tests.web.conftest import ADMIN, Office, admin, anyone, office

__all__ = ["admin", "anyone", "office"]

SECRET = "A-SECRET-OF-BILLING-0123456789"
KEY = "3MVG9.Billing"
CALLBACK = "https://billing.example/callback"
LEAVES = {
    "oauthConfig/consumerSecret": SECRET,
    "oauthConfig/isClientCredentialEnabled": "true",
    "oauthConfig/oauthClientCredentialUser": ADMIN,
    "oauthConfig/scopes[3]": "OpenID",
}
CREDENTIALS = {"grant_type": "client_credentials", "client_id": KEY, "client_secret": SECRET}
PATH = "/services/oauth2/authorize"
AUTHORIZE = f"{PATH}?" + urlencode(
    {"response_type": "code", "client_id": KEY, "redirect_uri": CALLBACK, "state": "s", "scope": "api openid"}
)


@pytest.fixture(autouse=True)
def billing(office: Office) -> str:
    """An app for every test."""
    return office.connected_app("Billing", LEAVES)


def posted(office: Office, path: str, form: dict[str, str], **headers: str) -> Any:
    return office.client.post(path, data=form, headers=headers)


@pytest.mark.parametrize("path", ["/services/oauth2/token", "/org/acme/services/oauth2/token"])
def test_a_token_and_what_it_is_good_for(office: Office, path: str) -> None:
    answer = posted(office, path, CREDENTIALS)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    body = answer.json()
    base = "http://changeover.local" + path.removesuffix("/services/oauth2/token")
    assert body["instance_url"] == base
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    info = office.client.get(f"{base}/services/oauth2/userinfo", headers=bearer)
    assert info.json()["preferred_username"] == ADMIN
    identity = office.client.get(body["id"], headers=bearer)
    assert identity.json()["username"] == ADMIN
    assert office.client.get(body["id"]).status_code == 401
    told = posted(
        office,
        f"{base}/services/oauth2/introspect",
        {"token": body["access_token"], "client_id": KEY, "client_secret": SECRET},
    )
    assert told.json()["active"]
    assert (
        posted(office, f"{base}/services/oauth2/revoke", {"token": body["access_token"]}).status_code == 200
    )
    assert office.client.get(f"{base}/services/oauth2/userinfo", headers=bearer).status_code == 401


def test_discovery_names_the_address_that_was_asked(office: Office) -> None:
    for base in ("http://changeover.local", "http://changeover.local/org/acme"):
        told = office.client.get(f"{base}/.well-known/openid-configuration").json()
        assert told["issuer"] == base
        assert told["token_endpoint"] == f"{base}/services/oauth2/token"
        assert office.client.get(told["jwks_uri"]).json() == {"keys": []}


def test_an_org_that_is_not_there(office: Office) -> None:
    answer = posted(office, "/org/nobody/services/oauth2/token", CREDENTIALS)
    assert answer.status_code == 404
    said = answer.json()["error_description"]
    assert said.startswith("E-ORG-UNKNOWN: No org here has the My Domain “nobody”")
    assert "changeover org list" in said


def test_username_and_password(office: Office) -> None:
    form = {"grant_type": "password", "client_id": KEY, "client_secret": SECRET, "username": ADMIN}
    right = posted(office, "/services/oauth2/token", {**form, "password": office.passwords[ADMIN]})
    assert right.status_code == 200, right.text
    wrong = posted(office, "/services/oauth2/token", {**form, "password": "wrong"})
    assert wrong.json() == {"error": "invalid_grant", "error_description": "authentication failure"}


def test_a_user_signs_in_allows_and_the_app_gets_its_tokens(office: Office) -> None:
    browser = office.browser()
    asked = browser.get(AUTHORIZE)
    assert asked.status in {302, 303}
    signed_in = browser.sign_in(ADMIN, office.passwords[ADMIN], asked.location)
    assert signed_in.status == 303
    page = browser.get(AUTHORIZE)
    assert page.status == 200
    assert "Billing asks for access" in page.main
    assert f"form-action 'self' {'https://billing.example'}" in page.headers["content-security-policy"]
    form = page.form(PATH)
    denied = browser.post(PATH, {**form, "decision": "deny"})
    assert "error=access_denied" in denied.location
    allowed = browser.post(PATH, {**form, "decision": "allow"})
    query = parse_qs(urlsplit(allowed.location).query)
    assert query["state"] == ["s"]
    answer = posted(
        office,
        "/services/oauth2/token",
        {"grant_type": "authorization_code", "code": query["code"][0], "redirect_uri": CALLBACK},
        Authorization="Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode(),
    )
    assert answer.status_code == 200, answer.text
    assert {"access_token", "id_token"} <= answer.json().keys()
    # Remembered: the second time nobody is asked.
    assert browser.get(AUTHORIZE).location.startswith(CALLBACK)


def test_an_approval_forged_from_elsewhere_is_refused(office: Office) -> None:
    browser = office.signed_in()
    form = browser.get(AUTHORIZE).form(PATH)
    forged = browser.request(
        "POST",
        PATH,
        data={**form, "decision": "allow", "_csrf_token": "forged"},
    )
    assert forged.status == 403
    elsewhere = browser.request(
        "POST",
        PATH,
        data={**form, "decision": "allow"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert elsewhere.status == 403
    assert browser.get(AUTHORIZE).headers["x-frame-options"] == "DENY"


def test_a_callback_url_of_nobodys_is_shown_and_not_followed(office: Office) -> None:
    browser = office.signed_in()
    page = browser.get(AUTHORIZE.replace("billing.example", "evil.example"))
    assert page.status == 400
    assert "redirect_uri_mismatch" in page.main
    assert "location" not in page.headers


def test_a_user_of_another_org_is_told_so(office: Office) -> None:
    made = create_org(
        office.house.units,
        "Globex",
        Edition.DEVELOPER,
        my_domain="globex",
        username="admin@globex.example",
        email="admin@globex.example",
    )
    office.passwords["admin@globex.example"] = made.password
    browser = office.signed_in("admin@globex.example")
    page = browser.get(f"/org/acme{AUTHORIZE}")
    assert page.status == 403
    assert "E-OTHER-ORG" in page.text
    silent = browser.get(f"/org/acme{AUTHORIZE}&prompt=none")
    assert silent.location.startswith(f"{CALLBACK}?error=login_required"), "where no page may be shown"


def test_the_answer_is_checked_anew(office: Office) -> None:
    browser = office.signed_in()
    form = browser.get(AUTHORIZE).form(PATH)
    changed = {**form, "decision": "allow", "redirect_uri": "https://evil.example/callback"}
    assert browser.post(PATH, changed).status == 400
    with office.house.units.unit() as unit:
        edit_app(unit, office.admin, "Billing", {"oauthConfig/scopes": ["Web"]}, seen_version=None)
    answer = browser.post(PATH, {**form, "decision": "allow"})
    assert "error=invalid_scope" in answer.location


def test_an_app_that_wants_the_password_anew_gets_it_by_no_way_around(office: Office) -> None:
    browser = office.signed_in()
    asked = browser.get(f"{AUTHORIZE}&prompt=login")
    assert asked.location.startswith("/setup/verify?next=")
    around = {**browser.get(AUTHORIZE).form(PATH), "prompt": "login", "decision": "allow"}
    assert "E-FORM-STALE" in browser.post(PATH, around).main
    proving = browser.get(asked.location).form("/setup/verify")
    back = browser.post("/setup/verify", {**proving, "password": office.passwords[ADMIN]})
    page = browser.get(back.location)
    assert page.status == 200
    office.clock.pass_by(timedelta(minutes=6))
    late = browser.post(PATH, {**page.form(PATH), "decision": "allow"})
    assert late.location.startswith("/setup/verify?next="), "the password was given too long ago"
    browser.post("/setup/verify", {**proving, "password": office.passwords[ADMIN]})
    page = browser.get(back.location)
    allowed = browser.post(PATH, {**page.form(PATH), "decision": "allow"})
    assert allowed.location.startswith(f"{CALLBACK}?code=")


def test_an_app_may_ask_without_a_page(office: Office) -> None:
    silent = f"{AUTHORIZE}&prompt=none"
    nobody = office.browser().get(silent)
    assert nobody.location.startswith(f"{CALLBACK}?error=login_required")
    assert "state=s" in nobody.location
    browser = office.signed_in()
    assert browser.get(silent).location.startswith(f"{CALLBACK}?error=consent_required")
    office.clock.pass_by(timedelta(seconds=61))
    assert browser.get(f"{silent}&max_age=60").location.startswith(f"{CALLBACK}?error=login_required")
    browser.post(PATH, {**browser.get(AUTHORIZE).form(PATH), "decision": "allow"})
    assert browser.get(silent).location.startswith(f"{CALLBACK}?code=")


@pytest.mark.parametrize("changed", ["billing.example", "3MVG9.Billing"])
def test_without_a_page_nothing_is_sent_where_nobody_vouches_for(office: Office, changed: str) -> None:
    answer = office.browser().get(f"{AUTHORIZE}&prompt=none".replace(changed, "evil.example"))
    assert answer.location.startswith("/sign-in")


def test_whom_an_app_expects_stands_in_the_sign_in_form(office: Office) -> None:
    browser = office.browser()
    page = browser.follow(browser.get(f"{AUTHORIZE}&login_hint=int%40acme.example"))
    assert page.form("/sign-in")["username"] == "int@acme.example"
    odd = browser.follow(browser.get(f"{AUTHORIZE}&login_hint=%22%3E%3Cscript%3E"))
    assert odd.form("/sign-in")["username"] == '"><script>'
    assert browser.get("/sign-in").form("/sign-in")["username"] == ""


def test_an_id_token_says_when_the_user_signed_in(office: Office) -> None:
    browser = office.signed_in()
    signed_in = int(office.clock.now().timestamp())
    office.clock.pass_by(timedelta(minutes=3))
    allowed = browser.post(PATH, {**browser.get(AUTHORIZE).form(PATH), "decision": "allow"})
    office.clock.pass_by(timedelta(minutes=2))
    code = parse_qs(urlsplit(allowed.location).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    proof = {"client_id": KEY, "client_secret": SECRET}
    told = payload(posted(office, "/services/oauth2/token", {**form, **proof}).json()["id_token"])
    assert (told["auth_time"], told["iat"]) == (signed_in, signed_in + 300)


def test_where_orgs_are_several_a_code_or_a_token_says_which(office: Office) -> None:
    create_org(
        office.house.units,
        "Globex",
        Edition.DEVELOPER,
        my_domain="globex",
        username="admin@globex.example",
        email="admin@globex.example",
    )
    browser = office.signed_in()
    cli = {"client_id": "PlatformCLI", "redirect_uri": "http://localhost:1717/OauthRedirect"}
    asked = {"response_type": "code", "scope": "api refresh_token", "code_challenge": CHALLENGE, **cli}
    form = browser.get(f"{PATH}?{urlencode(asked)}").form(PATH)
    code = parse_qs(urlsplit(browser.post(PATH, {**form, "decision": "allow"}).location).query)["code"][0]
    exchange = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, **cli}
    held = posted(office, "/services/oauth2/token", exchange).json()
    assert "access_token" in held, held
    refresh = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
    again = {**refresh, "client_id": "PlatformCLI"}
    assert posted(office, "/services/oauth2/token", again).status_code == 200
    assert posted(office, "/services/oauth2/revoke", {"token": held["refresh_token"]}).status_code == 200
    assert posted(office, "/services/oauth2/token", again).status_code == 404, "nobody knows of it any more"


@pytest.mark.parametrize("name", sorted(SECRET_NAMES))
@pytest.mark.parametrize("path", ["token", "introspect"])
def test_what_is_secret_does_not_belong_into_the_address(office: Office, path: str, name: str) -> None:
    answer = posted(office, f"/services/oauth2/{path}?{name}=x", CREDENTIALS)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert "belong in the body" in answer.json()["error_description"]


def test_an_assertion_at_introspection_is_good_once_too(office: Office, pair: Pair) -> None:
    key = "3MVG9.Signed"
    office.connected_app("Signed", {**LEAVES, "oauthConfig/certificate": pair.certificate})
    token = posted(office, "/services/oauth2/token", {**CREDENTIALS, "client_id": key}).json()["access_token"]
    exp = int(office.clock.now().timestamp()) + 100
    claims = {"iss": key, "sub": key, "aud": "http://changeover.local", "exp": exp, "jti": "once"}
    form = {"token": token, "client_assertion_type": JWT, "client_assertion": pair.assertion(claims)}
    assert posted(office, "/services/oauth2/introspect", form).json()["active"]
    assert posted(office, "/services/oauth2/introspect", form).json()["error"] == "invalid_client"
