"""The approval in the browser: forged, framed, tampered with, given in somebody else's session."""

from __future__ import annotations

import pytest

from tests.attack.oauth.target import (
    AUTHORIZE,
    BASE,
    FORGED,
    OTHER_CALLBACK,
    OTHER_KEY,
    Target,
    asked,
    query_of,
)
from tests.oauth.endpoint import CALLBACK, INTEGRATION
from tests.org.world import app

CONNECT = "/setup/connect"


def approvals(target: Target) -> int:
    with target.world.house.database.read() as connection:
        found: int = connection.exec_driver_sql("SELECT count(*) FROM oauth_approval").scalar_one()
    return found


def test_csrf_of_the_approval(target: Target) -> None:
    browser = target.signed_in()
    form = {**browser.get(asked()).form(AUTHORIZE), "decision": "allow"}
    tokenless = {name: value for name, value in form.items() if name != "_csrf_token"}
    other = target.signed_in().get(asked()).form(AUTHORIZE)["_csrf_token"]
    for forged in (tokenless, {**form, "_csrf_token": ""}, {**form, "_csrf_token": other}):
        assert browser.request("POST", AUTHORIZE, data=forged).status == 403
    for headers in (FORGED, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
        assert browser.request("POST", AUTHORIZE, data=form, headers=headers).status == 403
    assert approvals(target) == 0


def test_csrf_of_the_approval_by_a_link(target: Target) -> None:
    browser = target.signed_in()
    for more in ("&decision=allow", "&decision=allow&prompt=none", "&prompt=login%20none"):
        page = browser.get(asked() + more, headers=FORGED)
        assert "code=" not in page.headers.get("location", "")
    assert approvals(target) == 0


def test_an_approval_by_another_method(target: Target) -> None:
    browser = target.signed_in()
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        assert browser.request(method, asked()).status in {204, 403, 405}
    assert approvals(target) == 0


def test_framing_of_the_approval(target: Target) -> None:
    browser = target.signed_in()
    for page in (browser.get(asked()), browser.get(CONNECT), browser.get(asked(client_id="nobody"))):
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
        assert "unsafe" not in page.headers["content-security-policy"]


def test_the_policy_of_the_page_cannot_be_widened_by_a_callback(target: Target) -> None:
    callback = "https://billing.example.com;script-src *;/callback"
    target.change(callback_url=callback)
    page = target.signed_in().get(asked(redirect_uri=callback))
    assert "script-src *" not in page.headers["content-security-policy"]


def test_an_approval_with_another_callback_than_was_shown(target: Target) -> None:
    browser = target.signed_in()
    form = {**browser.get(asked()).form(AUTHORIZE), "decision": "allow"}
    for changed in ({"redirect_uri": "https://evil.example/callback"}, {"redirect_uri": OTHER_CALLBACK}):
        page = browser.post(AUTHORIZE, {**form, **changed})
        assert page.status == 400
        assert "location" not in page.headers
    assert approvals(target) == 0


def test_an_approval_with_other_scopes_than_were_shown(target: Target) -> None:
    browser = target.signed_in()
    form = {**browser.get(asked(scope="api")).form(AUTHORIZE), "decision": "allow"}
    for scope in ("api web refresh_token", "full", ""):
        page = browser.post(AUTHORIZE, {**form, "scope": scope})
        assert "code=" not in page.headers.get("location", ""), scope
    assert approvals(target) == 0


def test_an_approval_for_another_app_than_was_shown(target: Target) -> None:
    target.other_app()
    browser = target.signed_in()
    form = {**browser.get(asked()).form(AUTHORIZE), "decision": "allow"}
    page = browser.post(AUTHORIZE, {**form, "client_id": OTHER_KEY, "redirect_uri": OTHER_CALLBACK})
    assert "code=" not in page.headers.get("location", "")
    assert approvals(target) == 0


def test_an_approval_for_another_state_or_challenge_than_was_shown(target: Target) -> None:
    browser = target.signed_in()
    challenge = {"code_challenge": "x" * 43, "code_challenge_method": "S256"}
    form = {**browser.get(asked(state="s", nonce="n", **challenge)).form(AUTHORIZE), "decision": "allow"}
    for changed in ({"state": "t"}, {"nonce": "m"}, {"code_challenge": "y" * 43}, {"response_type": "token"}):
        page = browser.post(AUTHORIZE, {**form, **changed})
        assert page.status == 403, changed
        assert "location" not in page.headers
    dropped = {name: value for name, value in form.items() if not name.startswith("code_challenge")}
    assert browser.post(AUTHORIZE, dropped).status == 403
    assert "code=" in browser.post(AUTHORIZE, form).location


def test_an_approval_shown_to_another_user(target: Target) -> None:
    form = {**target.signed_in().get(asked()).form(AUTHORIZE), "decision": "allow"}
    target.world.user("second@example.com", "Standard User")
    other = target.signed_in("second@example.com")
    other.get(asked())
    page = other.post(AUTHORIZE, {**form, "_csrf_token": other.cookies.get("csrf") or ""})
    assert page.status == 403
    assert approvals(target) == 0


def test_session_fixation_through_the_login(target: Target) -> None:
    victim = target.browser()
    victim.get(asked())
    planted = dict(victim.cookies)
    victim.sign_in(INTEGRATION, target.world.passwords[INTEGRATION])
    attacker = target.browser()
    for name, value in planted.items():
        attacker.bring(name, value)
    assert attacker.get(asked()).location.startswith("/sign-in?")
    assert victim.get(asked()).status == 200


def test_login_csrf_signs_nobody_in_as_the_attacker(target: Target) -> None:
    browser = target.browser()
    browser.get(asked())
    form = {"username": INTEGRATION, "password": target.world.passwords[INTEGRATION], "next": "/"}
    assert browser.request("POST", "/sign-in", data=form, headers=FORGED).status == 403
    assert browser.get(asked()).location.startswith("/sign-in?")


def test_a_code_is_not_given_to_who_is_signed_in_elsewhere(target: Target) -> None:
    username = target.other_org()
    browser = target.signed_in(username)
    page = browser.get("/org/acme" + asked())
    assert page.status == 403
    assert "code=" not in page.text


def test_prompt_none_shows_no_page_and_gives_no_code_unasked(target: Target) -> None:
    browser = target.signed_in()
    page = browser.get(asked(prompt="none", state="s"))
    assert query_of(page)["error"] == ["consent_required"]
    assert query_of(page)["state"] == ["s"]
    target.allowed(browser)
    assert "code" in query_of(browser.get(asked(prompt="none")))


def test_prompt_none_with_another_prompt(target: Target) -> None:
    browser = target.signed_in()
    target.allowed(browser)
    page = browser.get(asked(prompt="none consent"))
    assert query_of(page)["error"] == ["invalid_request"]


@pytest.mark.parametrize("scope", ["api web", "api openid"])
def test_a_remembered_approval_is_not_stretched(target: Target, scope: str) -> None:
    browser = target.signed_in()
    target.allowed(browser, scope="api")
    page = browser.get(asked(scope=scope))
    assert page.status == 200
    assert page.form(AUTHORIZE)["scope"] == scope


def test_an_approval_of_one_app_is_none_of_another_with_the_same_name(target: Target) -> None:
    browser = target.signed_in()
    target.allowed(browser)
    oauth = {"consumer_key": OTHER_KEY, "callback_url": OTHER_CALLBACK, "scopes": ("Api", "RefreshToken")}
    target.world.bring(app("Other", label="Billing", oauth=oauth))
    # Users authorize this one themselves: the user is asked, and nothing is sent to its callback.
    page = browser.get(asked(client_id=OTHER_KEY, redirect_uri=OTHER_CALLBACK))
    assert page.status == 200
    assert page.form(AUTHORIZE)["client_id"] == OTHER_KEY
    assert "location" not in page.headers


def test_the_page_names_app_callback_user_and_scopes(target: Target) -> None:
    page = target.signed_in().get(asked(scope="api refresh_token"))
    for shown in ("Billing", CALLBACK, INTEGRATION, "(api)", "(refresh_token)"):
        assert shown in page.main
    assert BASE not in page.main
