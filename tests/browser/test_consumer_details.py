"""Consumer Details in a real browser: staged credentials, and what asks before something ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.place import Place, main, press
from tests.chromium import PHONE

SURVEY = "/setup/external-client-apps/Survey_Tool"
DETAILS = f"{SURVEY}/consumer-details"


def opened(place: Place, page: Page, path: str = DETAILS) -> Page:
    """Open Consumer Details: the password is asked for."""
    place.sign_in(page)
    page.goto(place.address + path)
    page.get_by_label("Password").fill(place.sample.users[0].password)
    press(page, "Verify")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Consumer Details")
    return page


def keys(page: Page) -> list[str]:
    return main(page).locator("code.co-secret").all_inner_texts()


@pytest.mark.parametrize("kind", ["script", "no script", "phone"])
def test_a_pair_is_staged_rotated_and_deleted_after_a_question(
    own_place: Place, kind: str, new_context: Callable[..., BrowserContext]
) -> None:
    if kind == "phone":
        context = new_context(width=PHONE[0], height=PHONE[1])
    else:
        context = new_context(java_script_enabled=kind == "script")
    page = opened(own_place, context.new_page())
    own = keys(page)
    press(page, "Stage Credentials")
    both = keys(page)
    assert both[:2] == own
    press(page, "Rotate Staged Credentials")
    expect(main(page)).to_contain_text("Rotated.")
    assert keys(page) == [*both[2:], *own]
    delete = main(page).get_by_role("link", name="Delete Staged Credentials")
    delete.click()
    asked = page.get_by_text(f"The former consumer key {own[0]} and its secret end at once")
    expect(asked).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(asked).to_be_hidden()
    assert keys(page) == [*both[2:], *own]
    delete.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(main(page)).to_contain_text("Deleted.")
    assert keys(page) == both[2:]


@pytest.mark.parametrize("width", [1280, PHONE[0]])
def test_the_page_with_a_staged_pair_is_clean(
    own_place: Place, width: int, new_context: Callable[..., BrowserContext], axe: Callable[[Page], list[str]]
) -> None:
    page = opened(own_place, new_context(width=width).new_page())
    press(page, "Stage Credentials")
    expect(main(page)).to_contain_text("Staged Consumer Key")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert (axe(page), page.evaluate(wide)) == ([], 0)
    for link in ("Delete Staged Credentials", "Rotate"):
        main(page).get_by_role("link", name=link, exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("heading", level=1)).to_be_focused()
        assert (axe(page), page.evaluate(wide)) == ([], 0)
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    question = main(page).get_by_role("link", name="Delete Staged Credentials").get_attribute("href")
    for path in (str(question), f"{DETAILS}/rotate"):
        page.goto(own_place.address + path)
        assert (axe(page), page.evaluate(wide)) == ([], 0)


def test_a_secret_is_rotated_only_from_the_question(own_place: Place, page: Page) -> None:
    opened(own_place, page)
    before = keys(page)
    main(page).get_by_role("link", name="Rotate", exact=True).click()
    dialog = page.get_by_role("dialog", name="Rotate Consumer Key and Secret")
    expect(dialog).to_contain_text("until it has the new ones")
    assert keys(page) == before
    dialog.get_by_role("button", name="Rotate").click()
    expect(main(page)).to_contain_text("Rotated.")
    after = keys(page)
    assert (after[0], after[1] != before[1]) == (before[0], True)
