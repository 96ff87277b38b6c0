"""What hands do: press twice, go back, leave a tab open while the org changes, look at narrow columns."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.place import Place, field, main
from tests.chromium import Watch

APP = "/setup/app-manager"


def test_no_word_is_broken_in_the_columns_of_app_manager(place: Place, page: Page) -> None:
    place.sign_in(page)
    lines = """cells => cells.map(cell => {
        const words = document.createRange();
        words.selectNodeContents(cell);
        return [cell.innerText, new Set([...words.getClientRects()].map(box => box.top)).size];
    })"""
    for address in (f"{APP}?app_type=Connected", "/setup/connected-apps"):
        page.goto(place.address + address)
        cells = main(page).locator("td[data-label='App Type'], td[data-label=State]").evaluate_all(lines)
        assert len(cells) > 5
        assert {text for text, count in cells if count > len(text.split())} == set()


def test_what_is_pressed_twice_is_sent_once(own_place: Place, page: Page) -> None:
    own_place.sign_in(page)
    page.goto(f"{own_place.address}/setup/api-tokens")
    field(page, "Name").fill("nightly")
    sent: list[Route] = []
    page.route("**/api-tokens", lambda route: sent.append(route))  # noqa: PLW0108 - Playwright takes no built-in
    create = main(page).get_by_role("button", name="Create Token")
    # Playwright's own click would wait for the answer.
    twice = "button => { setTimeout(() => button.click()); setTimeout(() => button.click(), 300); }"
    with page.expect_request("**/api-tokens"):
        create.evaluate(twice)
    page.wait_for_timeout(600)
    assert [route.request.method for route in sent] == ["POST"]
    sent[0].continue_()
    page.unroute("**/api-tokens")
    expect(field(page, "Token")).to_be_visible()
    # The form of a page that the browser brings back may be sent again.
    page.goto(f"{own_place.address}/setup/api-tokens")
    expect(main(page).locator("tbody tr")).to_have_count(1)
    field(page, "Name").fill("weekly")
    main(page).get_by_role("button", name="Create Token").click()
    expect(field(page, "Token")).to_be_visible()
    page.go_back()
    field(page, "Name").fill("hourly")
    main(page).get_by_role("button", name="Create Token").click()
    expect(field(page, "Token")).to_be_visible()
    page.goto(f"{own_place.address}/setup/api-tokens")
    expect(main(page).locator("tbody tr")).to_have_count(3)


def test_a_dialog_of_what_has_gone_says_so(
    own_place: Place, page: Page, watch: Watch, axe: Callable[[Page], list[str]]
) -> None:
    watch.expect("status of 404")
    own_place.sign_in(page)
    page.goto(f"{own_place.address}{APP}?q=courier")
    other = page.context.new_page()
    other.goto(f"{own_place.address}{APP}/Courier_Alerts/delete")
    main(other).get_by_role("checkbox").check()
    main(other).get_by_role("button", name="Delete").click()
    expect(main(other)).to_contain_text("was deleted")
    main(page).get_by_label("Actions for Courier Alerts").click()
    main(page).get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("E-APP-NOT-FOUND")
    expect(dialog.get_by_role("heading", level=1)).to_be_focused()
    expect(dialog.get_by_role("navigation")).to_have_count(0)
    assert axe(page) == []
    dialog.get_by_role("link", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(f"{own_place.address}{APP}?q=courier")


def test_who_signs_in_again_from_a_dialog_is_back_where_it_was_opened(own_place: Place, page: Page) -> None:
    own_place.sign_in(page)
    page.goto(f"{own_place.address}{APP}?q=portal")
    page.context.clear_cookies(name="session")
    main(page).get_by_label("Actions for Customer Portal").click()
    main(page).get_by_role("link", name="Delete").click()
    page.get_by_label("Username").fill(own_place.sample.users[0].username)
    page.get_by_label("Password").fill(own_place.sample.users[0].password)
    page.get_by_role("button", name="Sign In").click()
    expect(page).to_have_url(f"{own_place.address}{APP}?q=portal")
