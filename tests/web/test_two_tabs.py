"""Two people, or one in two tabs: who saves an older state is told so, and one's place in a list is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from changeover.org.briefcases import save_briefcase
from changeover.org.model.beside_apps import NotificationType
from changeover.org.notifications import save_notification_type
from changeover.org.people import edit_user
from changeover.org.permission_sets import save_permission_set, save_profile
from changeover.org.ports import Unit
from tests.org.authorized import authorized
from tests.web.conftest import Browser, Office

BOB = "bob@acme.example"


def user_path(office: Office) -> str:
    with office.house.units.read() as unit:
        user = unit.users.by_username(BOB)
    assert user is not None
    return f"/setup/users/{user.user_id}"


def deactivate(office: Office, unit: Unit) -> None:
    edit_user(unit, office.admin, BOB, active=False)


def take_away(office: Office, unit: Unit) -> None:
    save_permission_set(unit, office.admin, "Desk", "Desk", ["ViewSetup"])


def take_from_profile(office: Office, unit: Unit) -> None:
    save_profile(unit, office.admin, "Desk", ["ViewSetup"])


def close(office: Office, unit: Unit) -> None:
    save_briefcase(unit, office.admin, "Kit", "Kit", "", active=False)


def profile_path(office: Office) -> str:
    with office.house.units.read() as unit:
        (found,) = (one for one in unit.users.profiles(office.admin.org_id) if one.name == "Desk")
    return f"/setup/profiles/{found.profile_id}"


@pytest.mark.parametrize(
    ("where", "meanwhile", "changes"),
    [
        (user_path, deactivate, {"email": "bob@other.example"}),
        (lambda _office: "/setup/permission-sets/Desk", take_away, {"label": "Help Desk"}),
        (profile_path, take_from_profile, {}),
        (lambda _office: "/setup/briefcases/Kit", close, {"label": "Tool Kit"}),
    ],
    ids=["user", "permission set", "profile", "briefcase"],
)
def test_a_form_that_shows_an_older_state_takes_nothing_back(
    office: Office,
    admin: Browser,
    where: Callable[[Office], str],
    meanwhile: Callable[[Office, Unit], None],
    changes: dict[str, str],
) -> None:
    office.user(BOB, [])
    with office.house.units.unit() as unit:
        save_permission_set(unit, office.admin, "Desk", "Desk", ["ViewSetup", "ManageUsers"])
        save_profile(unit, office.admin, "Desk", ["ViewSetup", "ManageUsers"])
        save_briefcase(unit, office.admin, "Kit", "Kit", "", active=True)
    page = where(office)
    form = {**admin.get(f"{page}/edit").form(f"{page}/edit"), **changes}
    with office.house.units.unit() as unit:
        meanwhile(office, unit)
    shown = admin.get(page).main
    refused = admin.post(f"{page}/edit", form)
    assert (refused.status, "E-STALE-PAGE" in refused.main) == (409, True)
    assert admin.get(page).main == shown
    # Loaded anew it is saved.
    assert admin.submit(f"{page}/edit", changes).status == 303


def test_the_list_is_as_it_was_after_something_was_done_from_it(office: Office, admin: Browser) -> None:
    for name in ("Billing", "Courier"):
        office.connected_app(name)
    office.user(BOB, [])
    authorized(office.house.units, office.admin.org_id, BOB, "3MVG9.Courier")
    host = "http://changeover.local"
    found = "/setup/app-manager?q=b&sort=-label&page=1"
    delete = "/setup/app-manager/Billing/delete"
    for headers in (
        {"Referer": host + found},
        {"HX-Request": "true", "HX-Current-URL": host + found},
    ):
        assert admin.get(delete, headers).form(delete)["back"] == found
    for elsewhere in (
        "http://evil.example/setup/app-manager",
        host + "/setup/users",
        "/setup/app-manager?q=x",
    ):
        assert admin.get(delete, {"Referer": elsewhere}).form(delete)["back"] == "/setup/app-manager"
    form = {**admin.get(delete, {"Referer": host + found}).form(delete), "confirmed": "true"}
    unconfirmed = admin.post(delete, {**form, "confirmed": ""})
    assert unconfirmed.form(delete)["back"] == found
    for back in ("//evil.example", "https://evil.example/setup/app-manager", "/setup/users"):
        assert admin.post(delete, {**form, "confirmed": "", "back": back}).form(delete)["back"] == (
            "/setup/app-manager"
        )
    assert admin.post(delete, form).location == found
    users = "/setup/oauth-usage/connected-app/Courier"
    revoke = f"{users}/revoke"
    asked = admin.get(f"{revoke}?username={BOB}", {"Referer": f"{host}{users}?q=bob"})
    assert asked.links("Cancel") == [f"{users}?q=bob"]
    assert admin.post(revoke, asked.form(revoke)).location == f"{users}?q=bob"


def test_a_long_list_of_choices_stays_where_it_was(office: Office, admin: Browser) -> None:
    for number in range(27):
        office.connected_app(f"App{number:02}", {"oauthConfig/isAdminApproved": "true"})
    with office.house.units.unit() as unit:
        save_briefcase(unit, office.admin, "Kit", "Kit", "", active=True)
        save_permission_set(unit, office.admin, "Desk", "Desk", [])
        save_notification_type(
            unit, office.admin, NotificationType(api_name="Order", label="Order", custom=True)
        )
    for page, action, value in (
        ("/setup/briefcases/Kit", "/assign", "App26"),
        ("/setup/permission-sets/Desk/apps", "", "connected-app/App26"),
        ("/setup/notification-delivery-settings/Order", "", "App26"),
    ):
        done = admin.submit(f"{page}?page=2", {"app": value}, action=f"{page}{action}")
        assert done.location == f"{page}?page=2"
        assert "App26" in admin.follow(done).main
        found = admin.submit(f"{page}?q=app00", {"app": value.replace("26", "00")}, action=f"{page}{action}")
        assert found.location == f"{page}?q=app00&page=1"
