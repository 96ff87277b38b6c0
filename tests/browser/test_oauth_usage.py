"""OAuth usage and connections in a real browser: with and without script, on a phone, by keyboard; axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from changeover.org.installation import list_orgs
from tests.browser.place import Place, main, press
from tests.browser.test_pages_other_clean import Keyboard
from tests.chromium import PHONE
from tests.org.authorized import authorized

CONNECTED = "/setup/oauth-usage/connected-app"
BILLING = f"{CONNECTED}/Billing"


@pytest.fixture
def used(own_place: Place) -> Place:
    """The sample org, in which two users have approved Billing."""
    units = own_place.house.units
    (org,) = list_orgs(units)
    with units.read() as unit:
        billing = unit.apps.get(org.org_id, "Billing")
    assert billing is not None
    key = billing.document.consumer_key
    assert key is not None
    for user in own_place.sample.users[:2]:
        authorized(units, org.org_id, user.username, key)
    return own_place


@pytest.mark.parametrize("kind", ["script", "no script", "phone"])
def test_tokens_are_revoked_and_the_app_is_blocked(
    used: Place, kind: str, new_context: Callable[..., BrowserContext]
) -> None:
    if kind == "phone":
        context = new_context(width=PHONE[0], height=PHONE[1])
    else:
        context = new_context(java_script_enabled=kind == "script")
    page = used.sign_in(context.new_page())
    username = used.sample.users[1].username
    page.goto(used.address + CONNECTED)
    main(page).get_by_role("link", name="Billing", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Billing")
    main(page).get_by_role("link", name=f"Revoke all tokens of {username}").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(main(page)).to_contain_text(f"1 token of {username} was revoked.")
    expect(main(page).locator("tbody tr")).to_have_count(1)
    main(page).get_by_role("link", name="Block", exact=True).click()
    page.get_by_role("button", name="Block", exact=True).click()
    expect(main(page)).to_contain_text("This app is blocked")
    press(page, "Unblock")
    expect(main(page)).to_contain_text("Billing is no longer blocked.")
    page.goto(f"{used.address}/setup/connections")
    main(page).get_by_role("link", name="Revoke Billing, Billing").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(main(page)).to_contain_text("You have approved no app.")


@pytest.mark.parametrize("width", [1280, PHONE[0]])
def test_every_page_is_clean(
    used: Place, width: int, new_context: Callable[..., BrowserContext], axe: Callable[[Page], list[str]]
) -> None:
    page = used.sign_in(new_context(width=width).new_page())
    username = used.sample.users[1].username
    faults = {}
    for path in (
        CONNECTED,
        "/setup/oauth-usage/external-client-app",
        BILLING,
        f"{BILLING}/user?username={username}",
        f"{BILLING}/revoke",
        f"{BILLING}/revoke?username={username}",
        f"{BILLING}/block",
        "/setup/connections",
    ):
        page.goto(used.address + path)
        found = axe(page)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append("wider than the screen")
        for button in page.locator("main a.slds-button:visible").all():
            box = button.bounding_box()
            if box is not None and box["height"] > 40:
                found.append(f"a broken button: {button.inner_text()}")
        if found:
            faults[path] = found
    assert faults == {}


def test_the_keyboard_alone_revokes_blocks_and_unblocks(used: Place, page: Page) -> None:
    used.sign_in(page)
    keys = Keyboard(page)
    username = used.sample.users[1].username
    page.goto(used.address + BILLING)
    keys.press(f"Revoke all tokens of {username}")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    keys.press("Revoke")
    expect(main(page)).to_contain_text("was revoked.")
    page.goto(used.address + CONNECTED)
    keys.press("Block Billing, Billing")
    expect(dialog).to_be_visible()
    keys.press("Block")
    expect(main(page)).to_contain_text("This app is blocked")
    keys.press("Unblock")
    expect(main(page)).to_contain_text("no longer blocked")
