"""The other Setup pages in a real browser: each page's main act, by keyboard, without script, on a phone."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from changeover.sample.certificate import expired_p12
from changeover.sample.fill import Sample, fill
from changeover.wiring import open_house, web_application
from tests.browser.test_pages import Place
from tests.chromium import PHONE, Watch, serving

_APP = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><contactEmail>a@b.example</contactEmail>'
    "<label>{label}</label><oauthConfig><callbackUrl>https://a.example/cb</callbackUrl></oauthConfig></ConnectedApp>"
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sample]:
    """The folder of a sample org, for each test to copy: filling one takes longer than a test."""
    folder = tmp_path_factory.mktemp("filled")
    house = open_house(folder / "changeover.db")
    sample = fill(house.units)
    house.close()
    return folder, sample


@pytest.fixture
def site(filled: tuple[Path, Sample], tmp_path: Path) -> Iterator[Place]:
    """A sample org of this test alone."""
    folder, sample = filled
    own = shutil.copytree(folder, tmp_path / "site")
    house = open_house(own / "changeover.db")
    with serving(web_application(house)) as address:
        yield Place(address, sample)
    house.close()


@pytest.fixture(params=["script", "no script", "phone"])
def visitor(request: pytest.FixtureRequest, site: Place, new_context: Callable[..., BrowserContext]) -> Page:
    """The administrator, in each kind of browser."""
    if request.param == "phone":
        made = new_context(width=PHONE[0], height=PHONE[1])
    else:
        made = new_context(java_script_enabled=request.param == "script")
    return site.sign_in(made.new_page())


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def field(page: Page, label: str) -> Locator:
    """Return the field of a label; the asterisk of a required one is part of its label."""
    return (
        main(page)
        .get_by_label(re.compile(rf"^(\*\s*)?{re.escape(label)}$"))
        .and_(page.locator("input, select, textarea"))
    )


def press(page: Page, name: str) -> None:
    """Press a button of the page's own part."""
    main(page).get_by_role("button", name=name, exact=True).click()


def test_delivery_and_briefcase_forget_a_migrated_app_until_the_revert(site: Place, visitor: Page) -> None:
    visitor.goto(f"{site.address}/setup/notification-delivery-settings")
    main(visitor).locator("tbody th a").first.click()
    box = field(visitor, "Customer Portal")
    expect(box).to_be_visible()
    box.check()
    press(visitor, "Save")
    delivery = main(visitor).locator("tbody tr").first
    expect(delivery).to_contain_text("Customer Portal")
    visitor.goto(f"{site.address}/setup/briefcases/Field_Kit")
    expect(main(visitor).get_by_role("link", name="Customer_Portal")).to_be_visible()

    visitor.goto(f"{site.address}/setup/app-manager/Customer_Portal/migrate")
    for confirm in main(visitor).get_by_role("checkbox").all():
        confirm.check()
    press(visitor, "Migrate")
    expect(visitor.get_by_role("dialog", name="Your external client app was created")).to_be_visible()

    visitor.goto(f"{site.address}/setup/notification-delivery-settings")
    expect(delivery).not_to_contain_text("Customer Portal")
    main(visitor).locator("tbody th a").first.click()
    expect(field(visitor, "Customer Portal")).to_have_count(0)
    visitor.goto(f"{site.address}/setup/briefcases/Field_Kit")
    expect(main(visitor)).not_to_contain_text("Customer_Portal")
    expect(main(visitor)).not_to_contain_text("Customer Portal")

    visitor.goto(f"{site.address}/setup/external-client-apps/Customer_Portal/delete")
    main(visitor).get_by_role("checkbox").check()
    press(visitor, "Delete")
    visitor.goto(f"{site.address}/setup/notification-delivery-settings")
    expect(delivery).to_contain_text("Customer Portal")
    visitor.goto(f"{site.address}/setup/briefcases/Field_Kit")
    expect(main(visitor).get_by_role("link", name="Customer_Portal")).to_be_visible()


def test_an_app_is_assigned_to_a_briefcase_and_removed(site: Place, visitor: Page) -> None:
    visitor.goto(f"{site.address}/setup/briefcases")
    main(visitor).get_by_role("link", name="Field Kit").click()
    field(visitor, "Billing").check()
    press(visitor, "Assign")
    expect(main(visitor).get_by_role("link", name="Billing", exact=True)).to_be_visible()
    press(visitor, "Remove Billing")
    expect(main(visitor).get_by_role("link", name="Billing", exact=True)).to_have_count(0)


def test_push_settings_are_uploaded_replaced_and_removed(
    site: Place, visitor: Page, watch: Watch, tmp_path: Path
) -> None:
    watch.expect("status of 422")
    file = tmp_path / "push.p12"
    file.write_bytes(expired_p12("sesame open"))
    visitor.goto(f"{site.address}/setup/app-manager/Billing/push")
    main(visitor).get_by_role("link", name="Upload Apple P12 Certificate").click()
    field(visitor, "P12 file").set_input_files(file)
    field(visitor, "Application bundle").fill("com.acme.billing")
    field(visitor, "Password of the P12 file").fill("wrong")
    press(visitor, "Save")
    expect(visitor.get_by_role("alert")).to_contain_text("E-PUSH-CREDENTIAL-UNREADABLE")
    expect(field(visitor, "Application bundle")).to_have_value("com.acme.billing")
    expect(field(visitor, "Password of the P12 file")).to_have_value("")
    field(visitor, "P12 file").set_input_files(file)
    field(visitor, "Password of the P12 file").fill("sesame open")
    press(visitor, "Save")
    expect(main(visitor)).to_contain_text("Expired")
    assert "sesame open" not in visitor.content()
    main(visitor).get_by_role("link", name="Remove Apple").click()
    visitor.get_by_role("button", name="Remove", exact=True).click()
    expect(main(visitor)).to_contain_text("No push settings for Apple")


def test_a_user_is_created_edited_and_given_a_permission_set(
    site: Place, visitor: Page, watch: Watch
) -> None:
    watch.expect("status of 422")
    visitor.goto(f"{site.address}/setup/users")
    main(visitor).get_by_role("link", name="New User").click()
    field(visitor, "Name").fill("Grace Hopper")
    field(visitor, "Username").fill("not an address")
    field(visitor, "Email").fill("grace@acme.example")
    field(visitor, "Profile").select_option("Read Only")
    press(visitor, "Save")
    expect(visitor.get_by_role("alert")).to_contain_text("E-VALUE-REFUSED")
    expect(field(visitor, "Profile")).to_have_value("Read Only")
    field(visitor, "Username").fill("grace@acme.example")
    press(visitor, "Save")
    password = field(visitor, "Password").input_value()
    assert len(password) >= 12
    main(visitor).get_by_role("link", name="Done").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Grace Hopper")
    assert password not in visitor.content()
    field(visitor, "Permission set").select_option(label="External Client App Developer")
    press(visitor, "Assign")
    expect(main(visitor).get_by_role("link", name="External Client App Developer")).to_be_visible()
    press(visitor, "Remove External Client App Developer")
    expect(main(visitor)).to_contain_text("No permission set is assigned")
    press(visitor, "Reset Password")
    assert field(visitor, "Password").input_value() != password


def test_a_permission_set_is_made(site: Place, visitor: Page) -> None:
    visitor.goto(f"{site.address}/setup/permission-sets")
    main(visitor).get_by_role("link", name="New Permission Set").click()
    field(visitor, "Label").fill("Migrators")
    field(visitor, "API name").fill("Migrators")
    field(visitor, "View Setup and Configuration").check()
    press(visitor, "Save")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Migrators")
    expect(main(visitor).get_by_role("listitem").filter(has_text="View Setup")).to_contain_text("Yes")


def test_login_history_is_imported_and_searched(site: Place, visitor: Page, tmp_path: Path) -> None:
    file = tmp_path / "LoginHistory.csv"
    row = "int@acme.example,2026-11-03T14:05:00Z,203.0.113.7,Oauth2,Success,Tellurium,OauthWebServer"
    head = "Username,Login Time,Source IP,Login Type,Status,Application,Login Subtype"
    file.write_text(f"{head}\n{row}\n", encoding="utf-8")
    visitor.goto(f"{site.address}/setup/login-history")
    field(visitor, "Login History files").set_input_files(file)
    press(visitor, "Import")
    expect(main(visitor)).to_contain_text("1 login was read, 1 of them new.")
    field(visitor, "Username or application").fill("tellurium")
    press(visitor, "Search")
    expect(main(visitor).locator("tbody tr")).to_have_count(1)
    field(visitor, "Login subtype").select_option("OauthUsernamePassword")
    press(visitor, "Search")
    expect(main(visitor)).to_contain_text("No login is recorded that fits.")


def test_the_audit_trail_is_filtered_by_event(site: Place, visitor: Page) -> None:
    visitor.goto(f"{site.address}/setup/audit-trail")
    field(visitor, "Event").select_option("connected-app:app:migrated")
    press(visitor, "Search")
    expect(main(visitor).locator("tbody tr")).to_have_count(1)
    expect(main(visitor).locator("tbody tr")).to_contain_text("Survey")


def test_company_information_admits_enterprise(site: Place, visitor: Page) -> None:
    visitor.goto(f"{site.address}/setup/company-information")
    main(visitor).get_by_role("link", name="Edit").click()
    field(visitor, "Organization edition").select_option("Enterprise")
    field(visitor, "Admit Enterprise Edition").check()
    press(visitor, "Save")
    expect(main(visitor)).to_contain_text("Company Information was saved.")
    expect(main(visitor)).to_contain_text("Enterprise")
    visitor.goto(f"{site.address}/setup/app-manager/Customer_Portal")
    expect(visitor.get_by_role("link", name="Migrate to External Client App")).to_be_visible()


def test_a_flow_is_switched_off_for_the_org(site: Place, visitor: Page) -> None:
    visitor.goto(f"{site.address}/setup/oauth-and-openid-connect-settings")
    box = field(visitor, "Allow OAuth Username-Password Flows")
    box.uncheck()
    press(visitor, "Save")
    expect(main(visitor)).to_contain_text("saved")
    expect(box).not_to_be_checked()


def test_files_are_previewed_imported_and_exported(site: Place, visitor: Page, tmp_path: Path) -> None:
    good, broken = tmp_path / "Kiosk.connectedApp-meta.xml", tmp_path / "Broken.connectedApp-meta.xml"
    good.write_text(_APP.format(label="Kiosk"), encoding="utf-8")
    broken.write_text("<ConnectedApp>", encoding="utf-8")
    visitor.goto(f"{site.address}/setup/import")
    field(visitor, "Metadata files").set_input_files([good, broken])
    press(visitor, "Preview")
    expect(main(visitor).locator("tbody tr")).to_have_count(1)
    expect(main(visitor).locator("tbody tr")).to_contain_text("Will be created")
    expect(main(visitor)).to_contain_text("Broken.connectedApp-meta.xml, line 1")
    press(visitor, "Import 1 App")
    expect(main(visitor)).to_contain_text("1 created")
    visitor.goto(f"{site.address}/setup/export")
    with visitor.expect_download() as started:
        press(visitor, "Download Zip")
    saved = tmp_path / "apps.zip"
    started.value.save_as(saved)
    assert "connectedApps/Kiosk.connectedApp" in zipfile.ZipFile(saved).namelist()


def test_a_token_is_created_and_revoked(site: Place, visitor: Page) -> None:
    visitor.goto(f"{site.address}/setup/api-tokens")
    field(visitor, "Name").fill("nightly")
    press(visitor, "Create Token")
    token = field(visitor, "Token").input_value()
    main(visitor).get_by_role("link", name="Done").click()
    expect(main(visitor).locator("tbody tr")).to_contain_text("In use")
    assert token not in visitor.content()
    press(visitor, "Revoke nightly")
    expect(main(visitor).locator("tbody tr")).to_contain_text("Revoked")


def test_the_own_password_is_changed(site: Place, visitor: Page) -> None:
    visitor.goto(f"{site.address}/setup/change-password")
    field(visitor, "Current password").fill(site.sample.users[0].password)
    field(visitor, "New password").fill("correct horse battery")
    field(visitor, "New password again").fill("correct horse battery")
    press(visitor, "Change Password")
    expect(main(visitor)).to_contain_text("Your password was changed")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, PHONE[0]])
def test_pages_below_the_tree_are_clean(
    site: Place, width: int, new_context: Callable[..., BrowserContext], axe: Callable[[Page], list[str]]
) -> None:
    page = site.sign_in(new_context(width=width).new_page())
    faults = {}
    for path in _below(page, site):
        answer = page.goto(site.address + path)
        assert answer is not None
        assert answer.status == 200, path
        found = axe(page)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append("wider than the screen")
        if found:
            faults[path] = found
    assert faults == {}


def _below(page: Page, site: Place) -> list[str]:
    """Return addresses of pages that the tree does not lead to by itself."""

    def first(path: str) -> str:
        page.goto(site.address + path)
        return str(main(page).locator("tbody th a").first.get_attribute("href"))

    user, profile = first("/setup/users"), first("/setup/profiles")
    permission_set, notification = (
        first("/setup/permission-sets"),
        first("/setup/notification-delivery-settings"),
    )
    return [
        user,
        f"{user}/edit",
        "/setup/users/new",
        profile,
        f"{profile}/edit",
        permission_set,
        f"{permission_set}/edit",
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
    site: Place, page: Page, tmp_path: Path, axe: Callable[[Page], list[str]]
) -> None:
    site.sign_in(page)
    good, broken = tmp_path / "Kiosk.connectedApp-meta.xml", tmp_path / "Broken.connectedApp-meta.xml"
    good.write_text(_APP.format(label="Kiosk"), encoding="utf-8")
    broken.write_text("<ConnectedApp>", encoding="utf-8")
    page.goto(f"{site.address}/setup/import")
    field(page, "Metadata files").set_input_files([good, broken])
    press(page, "Preview")
    assert axe(page) == []
    press(page, "Import 1 App")
    assert axe(page) == []
    page.goto(f"{site.address}/setup/api-tokens")
    field(page, "Name").fill("nightly")
    press(page, "Create Token")
    assert axe(page) == []
    page.goto(f"{site.address}/setup/users/new")
    field(page, "Name").fill("Grace")
    field(page, "Username").fill("grace@acme.example")
    field(page, "Email").fill("grace@acme.example")
    field(page, "Profile").select_option("Read Only")
    press(page, "Save")
    expect(field(page, "Password")).to_be_visible()
    assert axe(page) == []


def test_a_refused_form_puts_the_focus_on_the_reason(
    site: Place, page: Page, watch: Watch, axe: Callable[[Page], list[str]]
) -> None:
    watch.expect("status of 409")
    site.sign_in(page)
    page.goto(f"{site.address}/setup/briefcases/-/new")
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


def test_the_keyboard_alone_does_every_pages_main_act(site: Place, page: Page) -> None:
    site.sign_in(page)
    keys = Keyboard(page)
    page.goto(f"{site.address}/setup/users/new")
    keys.type("Name", "Grace")
    keys.type("Username", "grace@acme.example")
    keys.type("Email", "grace@acme.example")
    keys.type("Profile", "Read Only")
    keys.press("Save")
    expect(field(page, "Password")).to_be_visible()

    page.goto(f"{site.address}/setup/briefcases/Field_Kit")
    keys.press("Billing", "Space")
    keys.press("Assign")
    expect(main(page)).to_contain_text("Billing was assigned.")
    keys.press("Remove Billing")
    expect(main(page)).to_contain_text("Billing was removed from the briefcase.")

    page.goto(f"{site.address}/setup/notification-delivery-settings")
    main(page).locator("tbody th a").first.focus()
    page.keyboard.press("Enter")
    expect(field(page, "Branch Offices")).to_be_visible()
    keys.press("Branch Offices", "Space")
    keys.press("Save")
    expect(main(page)).to_contain_text("saved")

    page.goto(f"{site.address}/setup/company-information/edit")
    keys.press("Allow creation of connected apps", "Space")
    keys.press("Save")
    expect(main(page)).to_contain_text("Company Information was saved.")

    page.goto(f"{site.address}/setup/external-client-app-settings")
    keys.press("Allow access to External Client App consumer secrets via REST API", "Space")
    keys.press("Save")
    expect(main(page)).to_contain_text("saved")

    page.goto(f"{site.address}/setup/app-manager/Courier_Alerts/push")
    keys.press("Remove Android")
    dialog = page.get_by_role("dialog", name="Remove Android Push Settings")
    expect(dialog).to_be_visible()
    keys.press("Remove")
    expect(main(page)).to_contain_text("No push settings for Android")

    page.goto(f"{site.address}/setup/api-tokens")
    keys.type("Name", "nightly")
    keys.press("Create Token")
    expect(field(page, "Token")).to_be_visible()
    keys.press("Done")
    expect(page.get_by_role("heading", level=1)).to_have_text("API Tokens")
    keys.press("Revoke nightly")
    expect(main(page)).to_contain_text("The token was revoked.")

    page.goto(f"{site.address}/setup/login-history")
    keys.type("Username or application", "nobody at all")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=nobody"))


def test_a_user_without_permission_is_told_so(site: Place, page: Page, watch: Watch) -> None:
    watch.expect("status of 403")
    nobody = next(user for user in site.sample.users if user.username.startswith("noah"))
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Username").fill(nobody.username)
    page.get_by_label("Password").fill(nobody.password)
    page.get_by_role("button", name="Sign In").click()
    expect(main(page)).to_contain_text("E-NOT-PERMITTED")
