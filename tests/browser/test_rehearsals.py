"""A rehearsal in a real browser: begun with the keyboard, clean at both widths, and without script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.place import Place, main, press
from tests.chromium import PHONE

SLOW = 300_000


@pytest.mark.slow
def test_the_sample_apps_are_rehearsed_from_app_manager(
    own_place: Place,
    new_context: Callable[..., BrowserContext],
    axe: Callable[[Page], list[str]],
) -> None:
    page = own_place.sign_in(new_context(width=1280).new_page())
    page.goto(f"{own_place.address}/setup/app-manager")
    for app in ("Billing", "Customer Portal", "Order Canvas"):
        page.get_by_label(f"Select {app}", exact=True).check()
    button = main(page).get_by_role("button", name="Rehearse Selected")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/setup/rehearsals/.+"))
    expect(page.get_by_role("heading", name="Result")).to_be_visible(timeout=SLOW)
    billing = page.get_by_role("region", name="Logins of Billing")
    row = billing.get_by_role("row", name=re.compile("Username and password"))
    expect(row).to_contain_text("Breaks")
    expect(row).to_contain_text("An external client app has no username-password flow.")
    assert axe(page) == []
    at = page.url

    small = own_place.sign_in(new_context(width=PHONE[0]).new_page())
    small.goto(at)
    expect(small.get_by_role("heading", name="Result")).to_be_visible()
    assert axe(small) == []
    assert small.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@pytest.mark.slow
def test_without_script_from_an_app_s_page(
    own_place: Place, new_context: Callable[..., BrowserContext]
) -> None:
    page = own_place.sign_in(new_context(java_script_enabled=False).new_page())
    page.goto(f"{own_place.address}/setup/app-manager/Warehouse_Sync")
    press(page, "Rehearse")
    page.wait_for_url(re.compile("/setup/rehearsals/.+"))
    expect(page.get_by_role("heading", name="Result")).to_be_visible(timeout=SLOW)
    expect(main(page)).to_contain_text("Client credentials")
