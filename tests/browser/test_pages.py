"""Every page in a real browser: nothing serious for axe, no complaint, nothing wider than the screen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from changeover.web.setup import PAGES
from tests.browser.place import Place
from tests.chromium import PHONE, Watch

APP = "/setup/app-manager"
EXTERNAL = "/setup/external-client-apps"


def addresses(page: Page, place: Place) -> list[str]:
    """Return every page worth a look: the tree's, and those of an app of each verdict."""
    found = [entry.path for entry in PAGES]
    for verdict in ("eligible", "confirm", "blocked", "migrated"):
        page.goto(f"{place.address}{APP}?verdict={verdict}")
        links = page.get_by_role("main").locator("tbody th a")
        apps = [str(link.get_attribute("href")) for link in links.all()]
        assert apps, verdict
        found.append(apps[0])
        if verdict == "confirm":
            found.append(f"{apps[0]}/migrate")
        if verdict == "eligible":
            found += [
                f"{apps[0]}/{step}" for step in ("edit", "edit-policies", "delete", "switches", "migrate")
            ]
            found += [f"{apps[0]}/{step}" for step in ("consumer-details", "push")]
        if verdict == "migrated":
            name = apps[0].rpartition("/")[2]
            found.append(f"{apps[0]}?window=created")
            found.append(f"{EXTERNAL}/{name}")
            found += [
                f"{EXTERNAL}/{name}/{step}"
                for step in (
                    "policies",
                    "origin",
                    "edit-settings",
                    "edit-policies",
                    "delete",
                    "consumer-details",
                )
            ]
    return [
        *found,
        "/setup/migrations",
        "/setup/quick-find?q=app",
        "/setup/verify",
        "/setup/new-connected-app",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, PHONE[0]])
def test_every_page_is_clean(
    place: Place,
    width: int,
    new_context: Callable[..., BrowserContext],
    axe: Callable[[Page], list[str]],
) -> None:
    page = place.sign_in(new_context(width=width).new_page())
    faults: dict[str, list[str]] = {}
    for path in addresses(page, place):
        answer = page.goto(place.address + path)
        assert answer is not None
        assert answer.status == 200, path
        found = axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{wide} pixels wider than the screen")
        if page.get_by_role("heading", level=1).count() == 0:
            found.append("no heading")
        if found:
            faults[path] = found
    assert faults == {}


def test_the_pages_before_signing_in_are_clean(
    place: Place, page: Page, phone: Page, watch: Watch, axe: Callable[[Page], list[str]]
) -> None:
    watch.expect("status of 404")
    watch.expect("status of 401")
    for one in (page, phone):
        one.goto(f"{place.address}/sign-in")
        assert axe(one) == []
        one.get_by_label("Username").fill("nobody@acme.example")
        one.get_by_label("Password").fill("wrong")
        one.keyboard.press("Enter")
        expect(one.get_by_role("alert")).to_contain_text("E-SIGN-IN-FAILED")
        expect(one.get_by_role("alert")).to_be_focused()
        assert axe(one) == []
        one.goto(f"{place.address}/nowhere")
        expect(one.get_by_role("main")).to_contain_text("E-PAGE-NOT-FOUND")
        assert axe(one) == []


def test_the_tree_may_be_open_and_everything_in_it(
    place: Place, page: Page, axe: Callable[[Page], list[str]]
) -> None:
    place.sign_in(page)
    for summary in page.locator(".co-tree summary").all():
        if summary.is_visible():
            summary.click()
    for summary in page.locator(".co-tree summary").all():
        if not summary.evaluate("element => element.parentElement.open"):
            summary.click()
    expect(page.get_by_role("navigation", name="Setup", exact=True).get_by_role("link")).to_have_count(
        len(PAGES)
    )
    assert axe(page) == []


def test_quick_find_filters_while_one_types(place: Place, page: Page) -> None:
    place.sign_in(page)
    tree = page.get_by_role("navigation", name="Setup", exact=True)
    box = page.get_by_role("searchbox", name="Quick Find")
    expect(tree.get_by_role("link", name="App Manager", exact=True)).to_be_hidden()
    box.press_sequentially("app manager")
    expect(tree.get_by_role("link")).to_have_count(2)
    expect(tree.get_by_role("link", name="App Manager", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="2 pages found")).to_have_count(1)
    box.fill("nothing of the kind")
    expect(tree).to_contain_text("Nothing in Setup has this name.")
    box.fill("")
    expect(tree.get_by_role("link", name="Setup Home")).to_be_visible()
    expect(tree.get_by_role("link", name="App Manager", exact=True)).to_be_hidden()


def test_quick_find_works_without_script(place: Place, new_context: Callable[..., BrowserContext]) -> None:
    page = place.sign_in(new_context(java_script_enabled=False).new_page())
    page.get_by_role("searchbox", name="Quick Find").fill("App Manager")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="App Manager", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="App Manager")).to_be_visible()


def test_on_a_phone_the_tree_opens_over_the_page(place: Place, phone: Page) -> None:
    place.sign_in(phone)
    tree = phone.get_by_role("navigation", name="Setup", exact=True)
    expect(tree).to_be_hidden()
    phone.get_by_role("link", name="Setup Menu", exact=True).click()
    expect(tree).to_be_visible()
    phone.keyboard.press("Escape")
    expect(tree).to_be_hidden()
    phone.get_by_role("link", name="Setup Menu", exact=True).click()
    phone.get_by_role("searchbox", name="Quick Find").fill("company")
    tree.get_by_role("link", name="Company Information").click()
    expect(phone.get_by_role("heading", level=1, name="Company Information")).to_be_visible()


def test_the_keyboard_alone_migrates_an_app(own_place: Place, page: Page) -> None:
    own_place.sign_in(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.get_by_role("searchbox", name="Quick Find").focus()
    page.keyboard.type("App Manager")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    tab_to(page, "App Manager")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="App Manager")).to_be_visible()
    label = page.locator("tbody tr").filter(has_text="Eligible").first.locator("th a").inner_text()
    tab_to(page, label)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=label)).to_be_visible()
    tab_to(page, "Migrate to External Client App")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Migrate to External Client App")
    expect(dialog).to_be_visible()
    for box in dialog.get_by_role("checkbox").all():
        tab_to_element(page, str(box.get_attribute("id")))
        page.keyboard.press("Space")
    tab_to(page, "Migrate")
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog", name="Your external client app was created")
    expect(window).to_be_visible()
    tab_to(page, label)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{EXTERNAL}/"))
    expect(page.get_by_role("heading", level=1, name=label)).to_be_visible()


def tab_to(page: Page, text: str) -> None:
    """Press Tab until a link or button with this text has the focus."""
    script = "() => document.activeElement.innerText?.trim()"
    _tab(page, lambda: page.evaluate(script) == text, text)


def tab_to_element(page: Page, element_id: str) -> None:
    _tab(page, lambda: page.evaluate("() => document.activeElement.id") == element_id, element_id)


def _tab(page: Page, there: Callable[[], bool], what: str) -> None:
    for _press in range(200):
        if there():
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {what}")


def test_a_dialog_keeps_the_focus_and_gives_it_back(place: Place, page: Page) -> None:
    place.sign_in(page)
    page.goto(f"{place.address}{APP}?verdict=eligible")
    page.locator("tbody th a").first.click()
    opener = page.get_by_role("link", name="Migrate to External Client App")
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", level=1)).to_be_focused()
    for _press in range(30):
        page.keyboard.press("Tab")
        inside = (
            "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()


def test_a_menu_closes_when_one_leaves_it(place: Place, page: Page) -> None:
    place.sign_in(page)
    menu = page.get_by_role("link", name="API Tokens").and_(page.locator(".co-menu a"))
    account = page.locator(".co-header summary")
    account.click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(account).to_be_focused()
    account.click()
    page.get_by_role("heading", level=1).click()
    expect(menu).to_be_hidden()


def test_signing_out_ends_it(place: Place, page: Page) -> None:
    place.sign_in(page)
    page.locator(".co-header summary").click()
    page.get_by_role("button", name="Sign Out").click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.goto(f"{place.address}/setup")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_a_session_that_ended_meanwhile_leads_to_sign_in_from_a_dialog(place: Place, page: Page) -> None:
    place.sign_in(page)
    page.goto(f"{place.address}{APP}?verdict=eligible")
    page.locator("tbody th a").first.click()
    page.context.clear_cookies(name="session")
    page.get_by_role("link", name="Migrate to External Client App").click()
    expect(page).to_have_url(re.compile("/sign-in"))


def test_several_apps_with_progress_and_a_result_for_each(own_place: Place, page: Page) -> None:
    own_place.sign_in(page)
    page.goto(f"{own_place.address}{APP}")
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Migrate Selected…").click()
    page.get_by_label("All these apps are local").check()
    page.get_by_label("None of these apps uses").check()
    page.get_by_role("button", name="Migrate", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="apps are done")).to_contain_text(
        re.compile(r"(\d+) of \1 apps are done\.\s.*migrated.*skipped"), timeout=60_000
    )
    expect(page.get_by_role("progressbar")).to_be_visible()
    rows = page.get_by_role("table", name="Results").locator("tbody tr")
    assert rows.filter(has_text="Open the external client app").count() > 0
    assert rows.filter(has_text="Skipped").count() > 0


def test_another_row_in_a_list_of_a_form(own_place: Place, page: Page) -> None:
    own_place.sign_in(page)
    page.goto(f"{own_place.address}{APP}?verdict=eligible")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_text("Trusted IP Range for OAuth Web server flow").click()
    ranges = page.get_by_role("group", name="Trusted IP Ranges")
    before = ranges.get_by_label("Start IP Address").count()
    ranges.get_by_role("button", name="Add Another").click()
    expect(ranges.get_by_label("Start IP Address")).to_have_count(before + 1)
    for offset, name in ((before - 1, "198.51.100.7"), (before, "198.51.100.8")):
        ranges.get_by_label("Start IP Address").nth(offset).fill(name)
        ranges.get_by_label("End IP Address").nth(offset).fill(name)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("198.51.100.7")
    expect(page.get_by_role("main")).to_contain_text("198.51.100.8")


def test_without_script_the_whole_path_is_there(
    own_place: Place, new_context: Callable[..., BrowserContext]
) -> None:
    page = own_place.sign_in(new_context(java_script_enabled=False).new_page())
    page.goto(f"{own_place.address}{APP}?verdict=eligible")
    name = page.locator("tbody th a").first.inner_text()
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Migrate to External Client App").click()
    for box in page.get_by_role("main").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Migrate", exact=True).click()
    page.get_by_role("dialog").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    page.get_by_role("link", name="Delete").click()
    page.get_by_label("I have read what will be lost").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("main")).to_contain_text("active again")
