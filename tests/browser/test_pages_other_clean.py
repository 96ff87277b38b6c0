"""The other Setup pages in a real browser: nothing serious for axe, and the keyboard alone will do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.place import Place, field, main, press
from tests.chromium import PHONE, Watch

_APP = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><contactEmail>a@b.example</contactEmail>'
    "<label>{label}</label><oauthConfig><callbackUrl>https://a.example/cb</callbackUrl></oauthConfig></ConnectedApp>"
)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, PHONE[0]])
def test_pages_below_the_tree_are_clean(
    own_place: Place, width: int, new_context: Callable[..., BrowserContext], axe: Callable[[Page], list[str]]
) -> None:
    page = own_place.sign_in(new_context(width=width).new_page())
    faults = {}
    for path in _below(page, own_place):
        answer = page.goto(own_place.address + path)
        assert answer is not None
        assert answer.status == 200, path
        found = axe(page)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append("wider than the screen")
        if found:
            faults[path] = found
    assert faults == {}


def _below(page: Page, own_place: Place) -> list[str]:
    """Return addresses of pages that the tree does not lead to by itself."""

    def first(path: str) -> str:
        page.goto(own_place.address + path)
        return str(main(page).locator("tbody th a").first.get_attribute("href"))

    user, profile = first("/setup/users"), first("/setup/profiles")
    permission_set, notification = (
        first("/setup/permission-sets"),
        first("/setup/notification-delivery-settings"),
    )
    batch = first("/setup/migrations")
    return [
        batch,
        f"{batch}?result=migrated",
        f"{batch}/undo",
        user,
        f"{user}/edit",
        "/setup/users/new",
        profile,
        f"{profile}/edit",
        f"{profile}/apps",
        permission_set,
        f"{permission_set}/edit",
        f"{permission_set}/apps",
        "/setup/permission-sets/-/new",
        notification,
        "/setup/notification-delivery-settings/-/new",
        "/setup/briefcases/Field_Kit",
        "/setup/briefcases/Field_Kit/edit",
        "/setup/briefcases/-/new",
        "/setup/company-information/edit",
        "/setup/app-manager/Field_Service_Mobile/push",
        "/setup/app-manager/Courier_Alerts/push",
        "/setup/app-manager/Survey_Tool/push",
        *(
            f"/setup/app-manager/Billing/push/{kind}"
            for kind in ("apple-p12", "apple-p8", "android-service-account", "android-server-key")
        ),
        "/setup/app-manager/Field_Service_Mobile/push/remove/Apple",
    ]


def test_what_the_answers_of_forms_show_is_clean(
    own_place: Place, page: Page, tmp_path: Path, axe: Callable[[Page], list[str]]
) -> None:
    own_place.sign_in(page)
    good, broken = tmp_path / "Kiosk.connectedApp-meta.xml", tmp_path / "Broken.connectedApp-meta.xml"
    good.write_text(_APP.format(label="Kiosk"), encoding="utf-8")
    broken.write_text("<ConnectedApp>", encoding="utf-8")
    page.goto(f"{own_place.address}/setup/import")
    field(page, "Metadata files").set_input_files([good, broken])
    press(page, "Preview")
    assert axe(page) == []
    press(page, "Import 1 App")
    assert axe(page) == []
    page.goto(f"{own_place.address}/setup/api-tokens")
    field(page, "Name").fill("nightly")
    press(page, "Create Token")
    assert axe(page) == []
    page.goto(f"{own_place.address}/setup/users/new")
    field(page, "Name").fill("Grace")
    field(page, "Username").fill("grace@acme.example")
    field(page, "Email").fill("grace@acme.example")
    field(page, "Profile").select_option("Read Only")
    press(page, "Save")
    expect(field(page, "Password")).to_be_visible()
    assert axe(page) == []


def test_a_refused_form_puts_the_focus_on_the_reason(
    own_place: Place, page: Page, watch: Watch, axe: Callable[[Page], list[str]]
) -> None:
    watch.expect("status of 409")
    own_place.sign_in(page)
    page.goto(f"{own_place.address}/setup/briefcases/-/new")
    field(page, "Label").fill("Mine")
    field(page, "API name").fill("Field_Kit")
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("E-NAME-TAKEN")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(field(page, "Label")).to_have_value("Mine")
    assert axe(page) == []


class Keyboard:
    """A page on which nothing but keys is used."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def to(self, name: str) -> None:
        """Press Tab until what bears a label or text has the focus."""
        script = """() => {
            const element = document.activeElement;
            const label = element.labels && element.labels[0];
            return [element.getAttribute('aria-label'), label && label.innerText, element.innerText]
                .filter(Boolean).map((text) => text.replace('*', '').trim())[0] || '';
        }"""
        for _press in range(200):
            if self._page.evaluate(script) == name:
                return
            self._page.keyboard.press("Tab")
        pytest.fail(f"the keyboard does not reach {name}")

    def type(self, name: str, text: str) -> None:
        self.to(name)
        self._page.keyboard.type(text)

    def press(self, name: str, key: str = "Enter") -> None:
        self.to(name)
        self._page.keyboard.press(key)


def test_the_keyboard_alone_does_every_pages_main_act(
    own_place: Place, page: Page, new_context: Callable[..., BrowserContext]
) -> None:
    own_place.sign_in(page)
    keys = Keyboard(page)
    page.goto(f"{own_place.address}/setup/users/new")
    keys.type("Name", "Grace")
    keys.type("Username", "grace@acme.example")
    keys.type("Email", "grace@acme.example")
    keys.type("Profile", "Read Only")
    keys.press("Save")
    expect(field(page, "Password")).to_be_visible()

    page.goto(f"{own_place.address}/setup/permission-sets/External_Client_App_Viewer/apps")
    first = main(page).get_by_role("checkbox").first.evaluate("box => box.labels[0].innerText")
    keys.press(first, "Space")
    keys.press("Assign")
    expect(main(page)).to_contain_text("has access to")

    page.goto(f"{own_place.address}/setup/briefcases/Field_Kit")
    keys.press("Billing", "Space")
    keys.press("Assign")
    expect(main(page)).to_contain_text("Billing was assigned.")
    keys.press("Remove Billing")
    expect(main(page)).to_contain_text("Billing was removed from the briefcase.")

    page.goto(f"{own_place.address}/setup/notification-delivery-settings")
    main(page).locator("tbody th a").first.focus()
    page.keyboard.press("Enter")
    expect(field(page, "Branch Offices")).to_be_visible()
    keys.press("Branch Offices", "Space")
    keys.press("Save")
    expect(main(page)).to_contain_text("saved")

    page.goto(f"{own_place.address}/setup/company-information/edit")
    keys.press("Allow creation of connected apps", "Space")
    keys.press("Save")
    expect(main(page)).to_contain_text("Company Information was saved.")

    page.goto(f"{own_place.address}/setup/external-client-app-settings")
    keys.press("Allow access to External Client App consumer secrets via REST API", "Space")
    keys.press("Save")
    expect(main(page)).to_contain_text("saved")

    page.goto(f"{own_place.address}/setup/app-manager/Courier_Alerts/push")
    keys.press("Remove Android")
    dialog = page.get_by_role("dialog", name="Remove Android Push Settings")
    expect(dialog).to_be_visible()
    keys.press("Remove")
    expect(main(page)).to_contain_text("No push settings for Android")

    page.goto(f"{own_place.address}/setup/api-tokens")
    keys.type("Name", "nightly")
    keys.press("Create Token")
    expect(field(page, "Token")).to_be_visible()
    keys.press("Done")
    expect(page.get_by_role("heading", level=1)).to_have_text("API Tokens")
    keys.press("Revoke nightly")
    expect(page.get_by_role("dialog", name="Revoke Token")).to_be_visible()
    keys.press("Revoke")
    expect(main(page)).to_contain_text("The token was revoked.")

    own_place.sign_in(new_context().new_page())
    page.goto(f"{own_place.address}/setup/sessions")
    keys.press("End All Other Sessions")
    expect(main(page)).to_contain_text("1 session was ended.")

    page.goto(f"{own_place.address}/setup/login-history")
    keys.type("Username or application", "nobody at all")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=nobody"))


@pytest.mark.parametrize("width", [1280, PHONE[0]])
def test_an_unknown_address_is_a_clean_page_of_setup(
    place: Place,
    width: int,
    new_context: Callable[..., BrowserContext],
    watch: Watch,
    axe: Callable[[Page], list[str]],
) -> None:
    watch.expect("status of 404")
    page = place.sign_in(new_context(width=width).new_page())
    page.goto(f"{place.address}/setup/nothing/at/all")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no page at this address.")
    expect(page.locator("#setup-tree")).to_have_count(1)
    assert axe(page) == []


def test_a_user_without_permission_is_told_so(own_place: Place, page: Page, watch: Watch) -> None:
    watch.expect("status of 403")
    nobody = next(user for user in own_place.sample.users if user.username.startswith("noah"))
    page.goto(f"{own_place.address}/sign-in")
    page.get_by_label("Username").fill(nobody.username)
    page.get_by_label("Password").fill(nobody.password)
    page.get_by_role("button", name="Sign In").click()
    expect(main(page)).to_contain_text("E-NOT-PERMITTED")
