"""The page on which a user connects a device, over HTTP."""

from __future__ import annotations

import pytest

from changeover.org.installation import create_org
from changeover.org.model.orgs import Edition
from tests.oauth.test_http import KEY, LEAVES, posted
from tests.web.conftest import Office, admin, anyone, office

__all__ = ["admin", "anyone", "office"]

PAGE = "/setup/connect"
TOKEN = "/services/oauth2/token"


@pytest.fixture(autouse=True)
def billing(office: Office) -> str:
    """An app for every test."""
    return office.connected_app("Billing", {**LEAVES, "oauthConfig/isDeviceFlowEnabled": "true"})


def started(office: Office, prefix: str = "") -> dict[str, str]:
    form = {"response_type": "device_code", "client_id": KEY, "scope": "api openid"}
    answer = posted(office, f"{prefix}{TOKEN}", form)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def polled(office: Office, code: str) -> dict[str, str]:
    form = {"grant_type": "device", "client_id": KEY, "code": code}
    return dict(posted(office, TOKEN, form).json())


@pytest.mark.parametrize("prefix", ["", "/org/acme"])
def test_a_user_types_the_code_sees_what_is_asked_and_allows(office: Office, prefix: str) -> None:
    told = started(office, prefix)
    page = told["verification_uri"].removeprefix("http://changeover.local")
    assert page == f"{prefix}{PAGE}"
    nobody = office.browser().get(page)
    assert nobody.status in {302, 303}
    browser = office.signed_in()
    asked = browser.submit(page, {"user_code": told["user_code"].lower()})
    assert asked.status == 200
    assert "Billing asks" in asked.main
    assert "read and change your data through the APIs (api)" in asked.main
    assert polled(office, told["device_code"])["error"] == "authorization_pending"
    done = browser.post(page, {**asked.form(page), "decision": "allow"})
    assert "You may go back to your device" in done.main
    assert "access_token" in polled(office, told["device_code"])


def test_a_user_denies(office: Office) -> None:
    told = started(office)
    browser = office.signed_in()
    asked = browser.submit(PAGE, {"user_code": told["user_code"]})
    browser.post(PAGE, {**asked.form(PAGE), "decision": "deny"})
    assert polled(office, told["device_code"])["error"] == "access_denied"


def test_a_link_with_the_code_allows_nothing_by_itself(office: Office) -> None:
    told = started(office)
    page = office.signed_in().get(f"{PAGE}?user_code={told['user_code']}")
    assert page.form(PAGE)["user_code"] == told["user_code"]
    assert "Billing" not in page.main
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert polled(office, told["device_code"])["error"] == "authorization_pending"


def test_an_answer_forged_from_elsewhere_is_refused(office: Office) -> None:
    told = started(office)
    browser = office.signed_in()
    form = {**browser.get(PAGE).form(PAGE), "user_code": told["user_code"], "decision": "allow"}
    assert browser.request("POST", PAGE, data={**form, "_csrf_token": "forged"}).status == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert browser.request("POST", PAGE, data=form, headers=elsewhere).status == 403
    assert polled(office, told["device_code"])["error"] == "authorization_pending"


def test_a_wrong_code_says_so_and_guessing_ends(office: Office) -> None:
    told = started(office)
    browser = office.signed_in()
    form = browser.get(PAGE).form(PAGE)
    for _ in range(20):
        wrong = browser.post(PAGE, {**form, "user_code": "BBBBBBBB"})
        assert wrong.status == 400
        assert "No device waits under this code" in wrong.main
    late = browser.post(PAGE, {**form, "user_code": told["user_code"], "decision": "allow"})
    assert late.status == 429
    assert polled(office, told["device_code"])["error"] == "authorization_pending"


def test_a_user_of_another_org_connects_nothing(office: Office) -> None:
    made = create_org(
        office.house.units,
        "Globex",
        Edition.DEVELOPER,
        my_domain="globex",
        username="admin@globex.example",
        email="admin@globex.example",
    )
    office.passwords["admin@globex.example"] = made.password
    told = started(office, "/org/acme")
    browser = office.signed_in("admin@globex.example")
    assert browser.get(f"/org/acme{PAGE}").status == 403
    form = {**browser.get(PAGE).form(PAGE), "user_code": told["user_code"]}
    assert browser.post(PAGE, form).status == 400
    assert browser.post(f"/org/acme{PAGE}", form).status == 403
