"""The approval page in a real browser: what is asked, deny and allow, and the way back to the app."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.place import Place, main, press
from tests.chromium import PHONE
from tests.oauth.test_web_server import CHALLENGE, VERIFIER

CLI = {"client_id": "PlatformCLI", "redirect_uri": "http://localhost:1717/OauthRedirect"}
ASKED = {
    **CLI,
    "response_type": "code",
    "scope": "refresh_token api web",
    "state": "s-1",
    "code_challenge": CHALLENGE,
}
PATH = "/services/oauth2/authorize"


@pytest.fixture(params=["script", "no script", "phone"])
def visitor(
    request: pytest.FixtureRequest, own_place: Place, new_context: Callable[..., BrowserContext]
) -> Page:
    """The administrator, in each kind of browser, with the app's own page behind its callback URL."""
    width = PHONE[0] if request.param == "phone" else 1280
    made = new_context(width=width, java_script_enabled=request.param != "no script")
    made.route("http://localhost:1717/**", _apps_own_page)
    return own_place.sign_in(made.new_page())


def _apps_own_page(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<title>The app</title>")


def returned(page: Page) -> dict[str, list[str]]:
    """Return what the app was told, once the browser is back there."""
    expect(page).to_have_title("The app")
    return parse_qs(urlsplit(page.url).query)


def test_a_user_allows_and_the_app_gets_its_tokens(visitor: Page, own_place: Place) -> None:
    visitor.goto(f"{own_place.address}{PATH}?{urlencode(ASKED)}")
    expect(main(visitor)).to_contain_text("Salesforce CLI asks for access to your data")
    expect(main(visitor)).to_contain_text("http://localhost:1717/OauthRedirect")
    main(visitor).get_by_role("button", name="Deny").focus()
    visitor.keyboard.press("Tab")
    visitor.keyboard.press("Enter")
    told = returned(visitor)
    assert told["state"] == ["s-1"]
    form = {"grant_type": "authorization_code", "code": told["code"][0], "code_verifier": VERIFIER, **CLI}
    fields: dict[str, str | float | bool] = dict(form)
    answer = visitor.request.post(f"{own_place.address}/services/oauth2/token", form=fields)
    assert "access_token" in answer.json(), answer.text()


def test_a_user_denies(visitor: Page, own_place: Place) -> None:
    visitor.goto(f"{own_place.address}{PATH}?{urlencode(ASKED)}")
    press(visitor, "Deny")
    assert returned(visitor)["error"] == ["access_denied"]


@pytest.mark.parametrize("width", [1280, PHONE[0]])
def test_the_page_is_clean(
    own_place: Place, width: int, new_context: Callable[..., BrowserContext], axe: Callable[[Page], list[str]]
) -> None:
    page = own_place.sign_in(new_context(width=width).new_page())
    page.goto(f"{own_place.address}{PATH}?{urlencode(ASKED)}")
    assert axe(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), (
        "wider than the screen"
    )
