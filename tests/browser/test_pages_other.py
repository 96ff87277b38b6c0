"""The other Setup pages in a real browser: each page's main act, by keyboard, without script, on a phone."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from changeover.sample.certificate import expired_p12
from tests.browser.place import Place, field, main, press
from tests.chromium import PHONE, Watch

_APP = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><contactEmail>a@b.example</contactEmail>'
    "<label>{label}</label><oauthConfig><callbackUrl>https://a.example/cb</callbackUrl></oauthConfig></ConnectedApp>"
)


@pytest.fixture(params=["script", "no script", "phone"])
def visitor(
    request: pytest.FixtureRequest, own_place: Place, new_context: Callable[..., BrowserContext]
) -> Page:
    """The administrator, in each kind of browser."""
    if request.param == "phone":
        made = new_context(width=PHONE[0], height=PHONE[1])
    else:
        made = new_context(java_script_enabled=request.param == "script")
    return own_place.sign_in(made.new_page())


def test_delivery_and_briefcase_forget_a_migrated_app_until_the_revert(
    own_place: Place, visitor: Page
) -> None:
    visitor.goto(f"{own_place.address}/setup/notification-delivery-settings")
    main(visitor).locator("tbody th a").first.click()
    box = field(visitor, "Customer Portal")
    expect(box).to_be_visible()
    box.check()
    press(visitor, "Save")
    delivery = main(visitor).locator("tbody tr").first
    expect(delivery).to_contain_text("Customer Portal")
    visitor.goto(f"{own_place.address}/setup/briefcases/Field_Kit")
    expect(main(visitor).get_by_role("link", name="Customer_Portal")).to_be_visible()

    visitor.goto(f"{own_place.address}/setup/app-manager/Customer_Portal/migrate")
    for confirm in main(visitor).get_by_role("checkbox").all():
        confirm.check()
    press(visitor, "Migrate")
    expect(visitor.get_by_role("dialog", name="Your external client app was created")).to_be_visible()

    visitor.goto(f"{own_place.address}/setup/notification-delivery-settings")
    expect(delivery).not_to_contain_text("Customer Portal")
    main(visitor).locator("tbody th a").first.click()
    expect(field(visitor, "Customer Portal")).to_have_count(0)
    visitor.goto(f"{own_place.address}/setup/briefcases/Field_Kit")
    expect(main(visitor)).not_to_contain_text("Customer_Portal")
    expect(main(visitor)).not_to_contain_text("Customer Portal")

    visitor.goto(f"{own_place.address}/setup/external-client-apps/Customer_Portal/delete")
    main(visitor).get_by_role("checkbox").check()
    press(visitor, "Delete")
    visitor.goto(f"{own_place.address}/setup/notification-delivery-settings")
    expect(delivery).to_contain_text("Customer Portal")
    visitor.goto(f"{own_place.address}/setup/briefcases/Field_Kit")
    expect(main(visitor).get_by_role("link", name="Customer_Portal")).to_be_visible()


def test_an_app_is_assigned_to_a_briefcase_and_removed(own_place: Place, visitor: Page) -> None:
    visitor.goto(f"{own_place.address}/setup/briefcases")
    main(visitor).get_by_role("link", name="Field Kit").click()
    field(visitor, "Billing").check()
    press(visitor, "Assign")
    expect(main(visitor).get_by_role("link", name="Billing", exact=True)).to_be_visible()
    press(visitor, "Remove Billing")
    expect(main(visitor).get_by_role("link", name="Billing", exact=True)).to_have_count(0)


def test_push_settings_are_uploaded_replaced_and_removed(
    own_place: Place, visitor: Page, watch: Watch, tmp_path: Path
) -> None:
    watch.expect("status of 422")
    file = tmp_path / "push.p12"
    file.write_bytes(expired_p12("sesame open"))
    visitor.goto(f"{own_place.address}/setup/app-manager/Billing/push")
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
    own_place: Place, visitor: Page, watch: Watch
) -> None:
    watch.expect("status of 422")
    visitor.goto(f"{own_place.address}/setup/users")
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
    main(visitor).get_by_role("link", name="Reset Password").click()
    visitor.get_by_role("button", name="Reset Password", exact=True).click()
    assert field(visitor, "Password").input_value() != password


def test_a_permission_set_is_made(own_place: Place, visitor: Page) -> None:
    visitor.goto(f"{own_place.address}/setup/permission-sets")
    main(visitor).get_by_role("link", name="New Permission Set").click()
    field(visitor, "Label").fill("Migrators")
    field(visitor, "API name").fill("Migrators")
    field(visitor, "View Setup and Configuration").check()
    press(visitor, "Save")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Migrators")
    expect(main(visitor).get_by_role("listitem").filter(has_text="View Setup")).to_contain_text("Yes")


def test_a_permission_set_is_given_an_app(own_place: Place, visitor: Page) -> None:
    visitor.goto(f"{own_place.address}/setup/permission-sets/External_Client_App_Viewer")
    main(visitor).get_by_role("link", name="Edit App Access").click()
    box = main(visitor).get_by_role("checkbox").first
    label = box.evaluate("box => box.labels[0].innerText")
    box.check()
    press(visitor, "Assign")
    expect(main(visitor).get_by_role("link", name=label)).to_be_visible()
    main(visitor).get_by_role("button", name=f"Remove {label}").click()
    expect(main(visitor)).to_contain_text("was removed")


def test_login_history_is_imported_and_searched(own_place: Place, visitor: Page, tmp_path: Path) -> None:
    file = tmp_path / "LoginHistory.csv"
    row = "int@acme.example,2026-11-03T14:05:00Z,203.0.113.7,Oauth2,Success,Tellurium,OauthWebServer"
    head = "Username,Login Time,Source IP,Login Type,Status,Application,Login Subtype"
    file.write_text(f"{head}\n{row}\n", encoding="utf-8")
    visitor.goto(f"{own_place.address}/setup/login-history")
    field(visitor, "Login History files").set_input_files(file)
    press(visitor, "Import")
    expect(main(visitor)).to_contain_text("1 login was read, 1 of them new.")
    field(visitor, "Username or application").fill("tellurium")
    press(visitor, "Search")
    expect(main(visitor).locator("tbody tr")).to_have_count(1)
    field(visitor, "Login subtype").select_option("OauthUsernamePassword")
    press(visitor, "Search")
    expect(main(visitor)).to_contain_text("No login is recorded that fits.")


def test_the_audit_trail_is_filtered_by_event(own_place: Place, visitor: Page) -> None:
    visitor.goto(f"{own_place.address}/setup/audit-trail")
    field(visitor, "Event").select_option("connected-app:app:migrated")
    press(visitor, "Search")
    expect(main(visitor).locator("tbody tr")).to_have_count(2)
    expect(main(visitor).locator("tbody tr").first).to_contain_text("Survey")


def test_company_information_admits_enterprise(own_place: Place, visitor: Page) -> None:
    visitor.goto(f"{own_place.address}/setup/company-information")
    main(visitor).get_by_role("link", name="Edit").click()
    field(visitor, "Organization edition").select_option("Enterprise")
    field(visitor, "Admit Enterprise Edition").check()
    press(visitor, "Save")
    expect(main(visitor)).to_contain_text("Company Information was saved.")
    expect(main(visitor)).to_contain_text("Enterprise")
    visitor.goto(f"{own_place.address}/setup/app-manager/Customer_Portal")
    expect(visitor.get_by_role("link", name="Migrate to External Client App")).to_be_visible()


def test_a_flow_is_switched_off_for_the_org(own_place: Place, visitor: Page) -> None:
    visitor.goto(f"{own_place.address}/setup/oauth-and-openid-connect-settings")
    box = field(visitor, "Allow OAuth Username-Password Flows")
    box.uncheck()
    press(visitor, "Save")
    expect(main(visitor)).to_contain_text("saved")
    expect(box).not_to_be_checked()


def test_files_are_previewed_imported_and_exported(own_place: Place, visitor: Page, tmp_path: Path) -> None:
    good, broken = tmp_path / "Kiosk.connectedApp-meta.xml", tmp_path / "Broken.connectedApp-meta.xml"
    good.write_text(_APP.format(label="Kiosk"), encoding="utf-8")
    broken.write_text("<ConnectedApp>", encoding="utf-8")
    visitor.goto(f"{own_place.address}/setup/import")
    field(visitor, "Metadata files").set_input_files([good, broken])
    press(visitor, "Preview")
    expect(main(visitor).locator("tbody tr")).to_have_count(1)
    expect(main(visitor).locator("tbody tr")).to_contain_text("Will be created")
    expect(main(visitor)).to_contain_text("Broken.connectedApp-meta.xml, line 1")
    press(visitor, "Import 1 App")
    expect(main(visitor)).to_contain_text("1 created")
    visitor.goto(f"{own_place.address}/setup/export")
    with visitor.expect_download() as started:
        press(visitor, "Download Zip")
    saved = tmp_path / "apps.zip"
    started.value.save_as(saved)
    assert "connectedApps/Kiosk.connectedApp" in zipfile.ZipFile(saved).namelist()


def test_a_token_is_created_and_revoked(own_place: Place, visitor: Page) -> None:
    visitor.goto(f"{own_place.address}/setup/api-tokens")
    field(visitor, "Name").fill("nightly")
    press(visitor, "Create Token")
    token = field(visitor, "Token").input_value()
    main(visitor).get_by_role("link", name="Done").click()
    expect(main(visitor).locator("tbody tr")).to_contain_text("In use")
    assert token not in visitor.content()
    main(visitor).get_by_role("link", name="Revoke nightly").click()
    visitor.get_by_role("button", name="Revoke", exact=True).click()
    expect(main(visitor).locator("tbody tr")).to_contain_text("Revoked")


def test_a_session_is_ended_from_another_browser(
    own_place: Place, visitor: Page, new_context: Callable[..., BrowserContext]
) -> None:
    other = own_place.sign_in(new_context().new_page())
    visitor.goto(f"{own_place.address}/setup/sessions")
    expect(main(visitor).locator("tbody tr")).to_have_count(2)
    main(visitor).get_by_role("button", name="End the session of").click()
    expect(main(visitor)).to_contain_text("The session was ended.")
    expect(main(visitor).locator("tbody tr")).to_have_count(1)
    other.goto(f"{own_place.address}/setup/sessions")
    expect(other.get_by_role("button", name="Sign In")).to_be_visible()


def test_the_own_password_is_changed(own_place: Place, visitor: Page) -> None:
    visitor.goto(f"{own_place.address}/setup/change-password")
    field(visitor, "Current password").fill(own_place.sample.users[0].password)
    field(visitor, "New password").fill("correct horse battery")
    field(visitor, "New password again").fill("correct horse battery")
    press(visitor, "Change Password")
    expect(main(visitor)).to_contain_text("Your password was changed")
