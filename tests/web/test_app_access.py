"""App access on the pages of profiles and permission sets."""

from __future__ import annotations

import pytest

from changeover.org.permission_sets import save_permission_set
from changeover.org.permissions import Permission
from tests.web.conftest import Browser, Office, Page

APPROVED = {"oauthConfig/isAdminApproved": "true"}
SET = "/setup/permission-sets/Clerks"


@pytest.fixture
def clerks(office: Office) -> str:
    """A permission set; returns the address of its page."""
    with office.house.units.unit() as unit:
        save_permission_set(unit, office.admin, "Clerks", "Clerks", [])
    return SET


def profile(office: Office, name: str = "Standard User") -> str:
    with office.house.units.read() as unit:
        (found,) = (one for one in unit.users.profiles(office.admin.org_id) if one.name == name)
    return f"/setup/profiles/{found.profile_id}"


def offered(page: Page) -> list[str]:
    return [str(value) for value in page.find("//main//input[@name='app'][@type='checkbox']/@value")]


def migrated(admin: Browser, api_name: str) -> None:
    path = f"/setup/app-manager/{api_name}/migrate"
    assert admin.submit(path, {"local": "true", "no_username_password": "true"}).status == 303


@pytest.mark.parametrize("whose", ["profile", "permission set"])
def test_apps_are_assigned_and_removed(office: Office, admin: Browser, clerks: str, whose: str) -> None:
    here = profile(office) if whose == "profile" else clerks
    for name in ("Billing", "Courier", "Portal"):
        office.connected_app(name, APPROVED)
    office.connected_app("Open")
    migrated(admin, "Portal")
    page = admin.get(here)
    assert "No connected app names it." in page.main
    assert page.links("Edit App Access") == [f"{here}/apps"]
    page = admin.get(f"{here}/apps")
    assert offered(page) == ["connected-app/Billing", "connected-app/Courier", "external-client-app/Portal"]
    chosen = ["connected-app/Billing", "external-client-app/Portal"]
    assert admin.submit(f"{here}/apps", {"app": chosen}).location == f"{here}/apps"
    page = admin.get(f"{here}/apps")
    assert "has access to Billing, Portal." in page.main
    assert offered(page) == ["connected-app/Courier"]
    view = admin.get(here)
    assert view.links("Billing") == ["/setup/app-manager/Billing"]
    assert view.links("Portal") == ["/setup/external-client-apps/Portal/policies"]
    assert "Standard User" in admin.get("/setup/app-manager/Billing").main or whose != "profile"
    admin.post(f"{here}/apps/remove", {"app": "connected-app/Billing"})
    page = admin.get(f"{here}/apps")
    assert "The access to Billing was removed." in page.main
    assert "connected-app/Billing" in offered(page)


def test_a_search_narrows_what_is_offered_and_a_refusal_keeps_it(
    office: Office, admin: Browser, clerks: str
) -> None:
    for number in range(30):
        office.connected_app(f"App_{number}", APPROVED)
    office.connected_app("Open")
    assert len(offered(admin.get(f"{clerks}/apps"))) == 25
    assert len(offered(admin.get(f"{clerks}/apps?page=2"))) == 5
    assert offered(admin.get(f"{clerks}/apps?q=app+29")) == ["connected-app/App_29"]
    apps = ["connected-app/App_29", "connected-app/Open"]
    refused = admin.submit(f"{clerks}/apps", {"app": apps, "q": "App 29"})
    assert (refused.status, "E-SELF-AUTHORIZED" in refused.main) == (409, True)
    assert refused.form(f"{clerks}/apps")["app"] == "connected-app/App_29"
    assert "No connected app names it." in admin.get(clerks).main, "all of them or none"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "E-VALUE-REFUSED"),
        ("nonsense", "E-VALUE-REFUSED"),
        ("briefcase/Billing", "E-VALUE-REFUSED"),
        ("connected-app/Nope", "E-APP-NOT-FOUND"),
        ("external-client-app/Billing", "E-EXTERNAL-CLIENT-APP-NOT-FOUND"),
        ("connected-app/", "E-APP-NOT-FOUND"),
    ],
)
def test_a_form_that_names_no_app_is_refused(
    office: Office, admin: Browser, clerks: str, value: str, code: str
) -> None:
    office.connected_app("Billing", APPROVED)
    admin.get(f"{clerks}/apps")
    for path in (f"{clerks}/apps", f"{clerks}/apps/remove"):
        answer = admin.post(path, {"app": value} if value else {})
        assert answer.status in {404, 422}
        assert code in answer.main


def test_a_migrated_app_is_shown_and_cannot_be_removed(office: Office, admin: Browser, clerks: str) -> None:
    office.connected_app("Billing", {**APPROVED, "permissionSetName[1]": "Clerks"})
    office.connected_app("Open", {"permissionSetName[1]": "Clerks"})
    migrated(admin, "Billing")
    page = admin.get(f"{clerks}/apps")
    assert "Migrated: read-only" in page.main
    assert "No effect: all users may self-authorize" in page.main
    removable = [
        str(value) for value in page.find("//form[contains(@action, '/remove')]//input[@name='app']/@value")
    ]
    assert removable == ["connected-app/Open", "external-client-app/Billing"]
    refused = admin.post(f"{clerks}/apps/remove", {"app": "connected-app/Billing"})
    assert (refused.status, "E-APP-READ-ONLY" in refused.main) == (409, True)


def test_who_may_not_give_access_sees_no_form_and_is_refused(office: Office, clerks: str) -> None:
    office.connected_app("Billing", {**APPROVED, "permissionSetName[1]": "Clerks"})
    office.connected_app("Courier", APPROVED)
    held = [
        Permission.VIEW_SETUP,
        Permission.CUSTOMIZE_APPLICATION,
        Permission.MANAGE_CONNECTED_APPS,
        Permission.MANAGE_PROFILES_AND_PERMISSION_SETS,
    ]
    browser = office.signed_in(office.user("almost@acme.example", held))
    assert browser.get(clerks).links("Edit App Access") == []
    assert browser.get(clerks).links("Billing") == ["/setup/app-manager/Billing"]
    assert "Assigned External Client Apps" not in browser.get(clerks).main
    page = browser.get(f"{clerks}/apps")
    assert page.find("//main//form") == []
    for path, app in (("apps", "connected-app/Courier"), ("apps/remove", "connected-app/Billing")):
        refused = browser.post(f"{clerks}/{path}", {"app": app})
        assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True)


def test_who_may_edit_policies_only_is_offered_external_client_apps_only(
    office: Office, admin: Browser, clerks: str
) -> None:
    office.connected_app("Billing", APPROVED)
    office.connected_app("Portal", APPROVED)
    migrated(admin, "Portal")
    held = [Permission.VIEW_SETUP, Permission.EXTERNAL_CLIENT_APP_ADMIN]
    browser = office.signed_in(office.user("policies@acme.example", held))
    assert offered(browser.get(f"{clerks}/apps")) == ["external-client-app/Portal"]
    assert browser.submit(f"{clerks}/apps", {"app": "external-client-app/Portal"}).status == 303


def test_an_app_leads_to_the_profiles_and_permission_sets_that_it_names(
    office: Office, admin: Browser, clerks: str
) -> None:
    grants = {
        "permissionSetName[1]": "clerks",
        "profileName[1]": "Sales / West & Co",
        "profileName[2]": "A, B",
    }
    office.connected_app("Billing", {**APPROVED, **grants})
    page = admin.get("/setup/app-manager/Billing")
    (to_set,) = page.links("clerks")
    assert admin.get(to_set).location == clerks
    for name in ("Sales / West & Co", "A, B"):
        (link,) = page.links(name)
        assert admin.get(link).location == profile(office, name)
    del grants["profileName[2]"]
    office.connected_app("Portal", {**APPROVED, **grants})
    migrated(admin, "Portal")
    policies = admin.get("/setup/external-client-apps/Portal/policies")
    assert admin.get(policies.links("clerks")[0]).location == clerks
    assert admin.get(policies.links("Sales / West & Co")[0]).location == profile(office, "Sales / West & Co")
    for kind in ("profiles", "permission-sets"):
        answer = admin.get(f"/setup/{kind}/-/named?name=Nobody")
        assert (answer.status, "E-RECORD-NOT-FOUND" in answer.main) == (404, True)


def test_a_placeholder_says_why_it_is_there(office: Office, admin: Browser) -> None:
    office.connected_app("Billing", {**APPROVED, "profileName[1]": "Ghosts"})
    office.connected_app("Courier", APPROVED)
    here = profile(office, "Ghosts")
    assert admin.get(here).links("Billing") == ["/setup/app-manager/Billing"]
    page = admin.get(f"{here}/apps")
    assert offered(page) == []
    assert "it can be given nothing" in page.main
    refused = admin.post(f"{here}/apps", {"app": "connected-app/Courier"})
    assert (refused.status, "E-PLACEHOLDER" in refused.main) == (409, True)
    assert admin.post(f"{here}/apps/remove", {"app": "connected-app/Billing"}).status == 303
