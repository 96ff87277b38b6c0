"""A batch in a real browser: with the keyboard alone, stopped, gone on with, filtered, undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from changeover.org.batches import start_batch, stop_batch
from changeover.org.installation import command_line_actor
from changeover.org.model.apps import Confirmation
from tests.browser.place import Place, field, main, press
from tests.chromium import Watch

NAMES = ("Customer_Portal", "Billing", "Warehouse_Sync", "Order_Canvas")


def _start(place: Place, page: Page) -> None:
    """Choose apps, confirm, and begin; with the keyboard."""
    page.goto(f"{place.address}/setup/app-manager?q=")
    for name in NAMES:
        page.locator(f"input[name='app'][value='{name}']").focus()
        page.keyboard.press("Space")
    main(page).get_by_role("button", name="Migrate Selected").focus()
    page.keyboard.press("Enter")
    for label in (
        "* All these apps are local: they were created in this org.",
        "* None of these apps uses the username-password flow.",
    ):
        main(page).get_by_label(label).focus()
        page.keyboard.press("Space")
    main(page).get_by_role("button", name="Migrate", exact=True).focus()
    page.keyboard.press("Enter")


def test_a_batch_is_watched_filtered_and_undone(
    own_place: Place, page: Page, axe: Callable[[Page], list[str]]
) -> None:
    own_place.sign_in(page)
    _start(own_place, page)
    # The page follows by itself.
    expect(main(page)).to_contain_text("4 of 4 apps are done.", timeout=60_000)
    assert axe(page) == []
    results = main(page).get_by_role("navigation", name="Results")
    results.get_by_role("link", name="Skipped").click()
    expect(main(page).locator("tbody tr th")).not_to_have_text(["Customer_Portal"])
    expect(main(page)).to_contain_text("Order_Canvas")
    with page.expect_download() as loaded:
        main(page).get_by_role("link", name="Download CSV").click()
    assert loaded.value.suggested_filename.endswith("-skipped.csv")
    main(page).get_by_role("link", name="Undo…").click()
    expect(main(page)).to_contain_text("none of them were changed")
    field(page, "I have read what will be lost; delete these external client apps.").check()
    press(page, "Undo")
    expect(main(page)).to_contain_text("The connected app is active again.", timeout=60_000)
    assert axe(page) == []


def test_who_sits_on_a_button_stays_there_while_the_page_follows(own_place: Place, page: Page) -> None:
    units = own_place.house.units
    actor = command_line_actor(units, own_place.sample.org.org_id)
    with units.unit() as unit:
        yes = Confirmation(local=True, no_username_password=True)
        batch = start_batch(unit, actor, ["Billing"], yes, runner="elsewhere")
    own_place.sign_in(page)
    page.goto(f"{own_place.address}/setup/migrations/{batch.batch_id}")
    stop = main(page).get_by_role("button", name="Stop")
    stop.focus()
    for _ in range(2):
        with page.expect_response("**/setup/migrations/**"):
            pass
    page.wait_for_timeout(300)
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")
    expect(main(page)).to_contain_text("The batch has stopped.")


def test_the_page_follows_while_nothing_happens_and_after_a_server_did_not_answer(
    own_place: Place, page: Page, watch: Watch
) -> None:
    watch.expect("ERR_FAILED")
    watch.expect("htmx:error")
    units = own_place.house.units
    actor = command_line_actor(units, own_place.sample.org.org_id)
    with units.unit() as unit:
        yes = Confirmation(local=True, no_username_password=True)
        batch = start_batch(unit, actor, ["Billing"], yes, runner="elsewhere")
    own_place.sign_in(page)
    page.goto(f"{own_place.address}/setup/migrations/{batch.batch_id}")
    asked = "**/setup/migrations/**"
    for _ in range(2):
        with page.expect_response(asked):
            pass
    page.route(asked, lambda route: route.abort())
    with page.expect_event("requestfailed"):
        pass
    page.unroute(asked)
    with units.unit() as unit:
        stop_batch(unit, actor, batch.batch_id)
    expect(main(page)).to_contain_text("The batch has stopped.")


@pytest.mark.parametrize("width", [390])
def test_it_works_on_a_phone_without_script(
    own_place: Place, new_context: Callable[..., BrowserContext], width: int
) -> None:
    page = own_place.sign_in(new_context(width=width, java_script_enabled=False).new_page())
    page.goto(f"{own_place.address}/setup/migrations")
    main(page).locator("tbody th a").first.click()
    expect(main(page)).to_contain_text("1 of 1 apps are done. 1 migrated.")
    main(page).get_by_role("link", name="Undo…").click()
    expect(main(page)).to_contain_text("1 of them was changed since the batch made it.")
    field(page, "I have read what will be lost; delete these external client apps.").check()
    press(page, "Undo")
    for _ in range(50):
        if "1 of 1 apps are done. 1 reverted." in main(page).inner_text():
            break
        page.wait_for_timeout(200)
        page.reload()
    expect(main(page)).to_contain_text("1 of 1 apps are done. 1 reverted.")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
