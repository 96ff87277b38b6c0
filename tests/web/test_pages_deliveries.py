"""Notification Delivery Settings and Briefcase Builder: what a migration hides and a revert brings back."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from changeover.org import briefcases, notifications
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.model.beside_apps import NotificationType
from changeover.org.permissions import Permission
from tests.web.conftest import Browser, Office, Page

_DELIVERY = "/setup/notification-delivery-settings"
_CASE = f"{_DELIVERY}/Case_Escalated"
_BRIEFCASE = "/setup/briefcases/Technicians"


@pytest.fixture
def org(office: Office) -> Office:
    """Two connected apps, a notification type and a briefcase."""
    for name in ("Billing", "Field_Service"):
        office.connected_app(name)
    with office.house.units.unit() as unit:
        case = NotificationType(api_name="Case_Escalated", label="Case escalated", custom=True)
        notifications.save_notification_type(unit, office.admin, case)
        briefcases.save_briefcase(unit, office.admin, "Technicians", "Technicians' day", "Work orders")
    return office


def move(office: Office, api_name: str) -> None:
    """Migrate an app."""
    with office.house.units.unit() as unit:
        migrate(unit, office.admin, api_name, Confirmation(local=True, no_username_password=True))


def move_back(office: Office, api_name: str) -> None:
    """Delete its external client app."""
    with office.house.units.unit() as unit:
        delete_external_client_app(unit, office.admin, api_name, confirmed=True, seen_version=None)


def offered(page: Page) -> dict[str, bool]:
    """Return the connected apps that a page has a box for, and whether it is checked."""
    return {
        str(box.get("value")): box.get("checked") is not None
        for box in page.find("//input[@name='app'][@type='checkbox']")
    }


@pytest.mark.usefixtures("org")
def test_delivery_is_switched_on_and_off(admin: Browser) -> None:
    assert offered(admin.get(_CASE)) == {"Billing": False, "Field_Service": False}
    saved = admin.submit(_CASE, {"app": ["Billing", "Field_Service"]})
    assert saved.location == _DELIVERY
    assert "Billing Field Service" in admin.follow(saved).main
    admin.submit(_CASE, {"app": ["Billing"]})
    assert offered(admin.get(_CASE)) == {"Billing": True, "Field_Service": False}


def test_a_migrated_app_is_in_no_delivery_setting_and_again_after_the_revert(
    org: Office, admin: Browser
) -> None:
    assert "Billing" in admin.follow(admin.submit(_CASE, {"app": ["Billing", "Field_Service"]})).main
    move(org, "Billing")
    assert offered(admin.get(_CASE)) == {"Field_Service": True}
    assert "Billing" not in admin.get(_DELIVERY).main
    assert "Billing" not in admin.get(f"{_CASE}?q=Billing").find("//form[@method='post']")[-1].text_content()
    move_back(org, "Billing")
    assert offered(admin.get(_CASE)) == {"Billing": True, "Field_Service": True}
    assert "Billing" in admin.get(_DELIVERY).main


def test_a_page_from_before_the_migration_changes_nothing(org: Office, admin: Browser) -> None:
    before = admin.get(_CASE).form(_CASE)
    move(org, "Billing")
    refused = admin.post(_CASE, {**before, "app": ["Billing", "Field_Service"]})
    assert (refused.status, "E-APP-READ-ONLY" in refused.main) == (409, True)
    # What was chosen stays chosen, and nothing of it was written.
    assert offered(refused) == {"Field_Service": True}
    assert offered(admin.get(_CASE)) == {"Field_Service": False}


def test_what_somebody_else_changed_meanwhile_stays(org: Office, admin: Browser) -> None:
    before = admin.get(_CASE).form(_CASE)
    with org.house.units.unit() as unit:
        notifications.set_delivery(unit, org.admin, "Case_Escalated", "Billing", enabled=True)
    admin.post(_CASE, {**before, "app": ["Field_Service"]})
    assert offered(admin.get(_CASE)) == {"Billing": True, "Field_Service": True}


def test_apps_of_other_pages_of_the_list_keep_what_they_have(org: Office, admin: Browser) -> None:
    for number in range(27):
        org.connected_app(f"App_{number:02}")
    admin.submit(_CASE, {"app": ["App_00"]})
    second = admin.get(f"{_CASE}?page=2")
    assert "App_00" not in offered(second)
    saved = admin.post(_CASE, {**second.form(_CASE), "app": ["Field_Service"]})
    assert saved.status == 303
    with org.house.units.read() as unit:
        (case,) = notifications.list_delivery_settings(unit, org.admin)
    assert {app.app for app in case.apps if app.enabled} == {"App_00", "Field_Service"}
    assert list(offered(admin.get(f"{_CASE}?q=Field"))) == ["Field_Service"]


@pytest.mark.usefixtures("org")
def test_a_notification_type_is_made_once(admin: Browser) -> None:
    path = f"{_DELIVERY}/-/new"
    made = admin.submit(path, {"label": "Approval", "api_name": "Approval"})
    assert made.location == f"{_DELIVERY}/Approval"
    again = admin.submit(path, {"label": "Mine", "api_name": "approval"})
    assert (again.status, "E-NAME-TAKEN" in again.main) == (409, True)
    assert again.form(path)["label"] == "Mine"
    wrong = admin.submit(path, {"label": "X", "api_name": "no name"})
    assert (wrong.status, "E-VALUE-REFUSED" in wrong.main) == (422, True)
    missing = admin.get(f"{_DELIVERY}/Nothing")
    assert (missing.status, "E-RECORD-NOT-FOUND" in missing.main) == (404, True)


def test_a_record_may_be_called_new_or_anything(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    odd = "50% & <more>? #1"
    with office.house.units.unit() as unit:
        given = NotificationType(api_name=odd, label=odd, custom=True)
        unit.notifications.save_type(office.admin.org_id, given)
    path = _DELIVERY + "/" + quote(odd, safe="")
    assert admin.get(_DELIVERY).links(odd) == [path]
    assert admin.submit(path, {"app": "Billing"}).location == _DELIVERY
    assert offered(admin.get(path)) == {"Billing": True}
    for page in ("/setup/briefcases", _DELIVERY, "/setup/permission-sets"):
        made = admin.submit(f"{page}/-/new", {"label": "New", "api_name": "new"})
        assert made.location == f"{page}/new"
        assert admin.follow(made).find("//h1")[0].text_content() == "New"


@pytest.mark.usefixtures("org")
def test_a_briefcase_is_made_and_edited(admin: Browser) -> None:
    given = {"label": "Sales", "api_name": "Sales", "description": "Accounts\nof today"}
    made = admin.submit("/setup/briefcases/-/new", given)
    assert made.location == "/setup/briefcases/Sales"
    page = admin.follow(made)
    assert "Accounts of today" in page.main
    path = f"{made.location}/edit"
    form = admin.get(path).form(path)
    # A browser drops the first line break of a textarea, this parser does not.
    assert form["description"].removeprefix("\n") == "Accounts\nof today"
    del form["active"]
    admin.post(path, {**form, "label": "Sales people"})
    assert "Sales people" in admin.get("/setup/briefcases").main
    assert "Inactive" in admin.get("/setup/briefcases?q=people").main
    taken = admin.submit("/setup/briefcases/-/new", {**given, "label": "Mine"})
    assert (taken.status, "E-NAME-TAKEN" in taken.main) == (409, True)
    assert taken.form("/setup/briefcases/-/new")["label"] == "Mine"
    empty = admin.submit(path, {"label": " "})
    assert (empty.status, "E-VALUE-REFUSED" in empty.main) == (422, True)


@pytest.mark.usefixtures("org")
def test_connected_apps_are_assigned_and_removed(admin: Browser) -> None:
    assigned = admin.submit(_BRIEFCASE, {"app": ["Billing", "Field_Service"]}, action=f"{_BRIEFCASE}/assign")
    assert assigned.location == _BRIEFCASE
    page = admin.follow(assigned)
    assert [link for link in page.links("Billing") if "app-manager" in link] == ["/setup/app-manager/Billing"]
    removed = admin.post(f"{_BRIEFCASE}/remove", {"app": "Billing"})
    assert admin.follow(removed).links("Billing") == []
    none = admin.post(f"{_BRIEFCASE}/assign", {})
    assert (none.status, "E-VALUE-REFUSED" in none.main) == (422, True)
    unknown = admin.post(f"{_BRIEFCASE}/assign", {"app": ["Nothing", "Billing"]})
    assert (unknown.status, "E-APP-NOT-FOUND" in unknown.main) == (404, True)
    assert offered(unknown)["Billing"]
    assert admin.get(_BRIEFCASE).links("Billing") == []


def test_a_migrated_app_is_in_no_assignment_and_again_after_the_revert(org: Office, admin: Browser) -> None:
    admin.submit(_BRIEFCASE, {"app": ["Billing", "Field_Service"]}, action=f"{_BRIEFCASE}/assign")
    assert admin.get(_BRIEFCASE).links("Billing") == ["/setup/app-manager/Billing"]
    move(org, "Billing")
    for path in (_BRIEFCASE, "/setup/briefcases"):
        assert "Billing" not in admin.get(path).main
    assert list(offered(admin.get(_BRIEFCASE))) == ["Field_Service"]
    for action in ("assign", "remove"):
        refused = admin.post(f"{_BRIEFCASE}/{action}", {"app": "Billing"})
        assert (refused.status, "E-APP-READ-ONLY" in refused.main) == (409, True)
    move_back(org, "Billing")
    assert admin.get(_BRIEFCASE).links("Billing") == ["/setup/app-manager/Billing"]


def test_who_may_only_look_sees_no_buttons_and_is_refused(org: Office) -> None:
    viewer = org.signed_in(org.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    for path in (_DELIVERY, _CASE, "/setup/briefcases", _BRIEFCASE):
        page = viewer.get(path)
        assert page.status == 200
        assert page.find("//main//form[@method='post']//button") == []
    for path in (f"{_DELIVERY}/-/new", "/setup/briefcases/-/new", f"{_BRIEFCASE}/edit"):
        refused = viewer.get(path)
        assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True)
    for path in (_CASE, f"{_BRIEFCASE}/assign", f"{_BRIEFCASE}/remove"):
        refused = viewer.post(path, {"app": "Billing", "shown": "Billing"})
        assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True)
