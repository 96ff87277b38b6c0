"""Connecting a device in a real browser: by keyboard, on a phone, without script, and clean for axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from changeover.apps.connected_app import ConnectedApp, OauthConfig, OauthPolicy
from changeover.org.importing import Incoming, import_apps
from changeover.org.installation import command_line_actor
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from tests.browser.place import Place, field, main, press
from tests.chromium import PHONE, Watch

KEY = "3MVG9.Terminal"
CALLBACK = "http://localhost:9000/callback"
TOKEN = "/services/oauth2/token"


@pytest.fixture
def with_a_terminal(own_place: Place) -> Place:
    """A sample org with an app for devices. It is migrated: from 30 November 2026 on it must be."""
    units, org = own_place.house.units, own_place.sample.org
    actor = command_line_actor(units, org.org_id)
    oauth = OauthConfig(
        callback_url=CALLBACK,
        consumer_key=KEY,
        is_device_flow_enabled=True,
        scopes=("Api", "RefreshToken"),
    )
    terminal = ConnectedApp(
        full_name="Terminal",
        label="Terminal",
        contact_email="owner@acme.example",
        oauth_config=oauth,
        oauth_policy=OauthPolicy(ip_relaxation="ENFORCE", refresh_token_policy="infinite"),
    )
    (outcome,) = import_apps(units, actor, [Incoming(app=terminal, path="connectedApps/Terminal")])
    assert outcome.result == "created", outcome
    with units.unit() as unit:
        migrate(unit, actor, "Terminal", Confirmation(local=True, no_username_password=True))
    return own_place


def start(page: Page, place: Place) -> dict[str, str]:
    """Ask for a code as a device does."""
    form: dict[str, str | float | bool] = {"response_type": "device_code", "client_id": KEY}
    answer = page.request.post(place.address + TOKEN, form=form)
    assert answer.ok, answer.text()
    told: dict[str, str] = answer.json()
    return told


def poll(page: Page, place: Place, device_code: str) -> dict[str, str]:
    form: dict[str, str | float | bool] = {"grant_type": "device", "client_id": KEY, "code": device_code}
    told: dict[str, str] = page.request.post(place.address + TOKEN, form=form).json()
    return told


@pytest.mark.parametrize("kind", ["script", "no script", "phone"])
def test_a_user_connects_a_device(
    with_a_terminal: Place,
    kind: str,
    new_context: Callable[..., BrowserContext],
    axe: Callable[[Page], list[str]],
    watch: Watch,
) -> None:
    watch.expect("status of 400")
    width = PHONE[0] if kind == "phone" else 1280
    made = new_context(width=width, java_script_enabled=kind != "no script")
    page = with_a_terminal.sign_in(made.new_page())
    told = start(page, with_a_terminal)
    page.goto(told["verification_uri"])
    _clean(page, axe, kind)
    field(page, "Code").fill("BBBB-BBBB")
    page.keyboard.press("Enter")
    expect(main(page)).to_contain_text("No device waits under this code")
    _clean(page, axe, kind)
    field(page, "Code").fill(told["user_code"])
    page.keyboard.press("Enter")
    expect(main(page)).to_contain_text("Terminal asks, on a device, for access to your data")
    _clean(page, axe, kind)
    deny = main(page).get_by_role("button", name="Deny")
    deny.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(main(page)).to_contain_text("Terminal has access. You may go back to your device.")
    assert "access_token" in poll(page, with_a_terminal, told["device_code"])


def test_a_user_denies_a_device(with_a_terminal: Place, page: Page) -> None:
    with_a_terminal.sign_in(page)
    told = start(page, with_a_terminal)
    page.goto(told["verification_uri_complete"])
    press(page, "Connect")
    press(page, "Deny")
    expect(main(page)).to_contain_text("The device was denied access.")
    assert poll(page, with_a_terminal, told["device_code"])["error"] == "access_denied"


def _clean(page: Page, axe: Callable[[Page], list[str]], kind: str) -> None:
    if kind != "no script":
        assert axe(page) == []
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wide)
