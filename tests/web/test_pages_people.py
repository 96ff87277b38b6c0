"""Users, permission sets, profiles, one's own password and tokens, by pages without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from changeover.org.people import list_users
from changeover.org.permissions import Permission
from tests.web.conftest import ADMIN, Browser, Office, Page

_GRACE = {
    "name": "Grace Hopper",
    "username": "grace@acme.example",
    "email": "grace@acme.example",
    "profile": "Read Only",
}


def user_path(office: Office, username: str) -> str:
    """Return the address of a user's page."""
    with office.house.units.read() as unit:
        (found,) = [u for u in list_users(unit, office.admin) if u.username == username]
    return f"/setup/users/{found.user_id}"


def shown_once(page: Page, field: str) -> str:
    """Return the password or token that a page shows."""
    (field_element,) = page.find(f"//input[@id='{field}']")
    return str(field_element.get("value"))


def test_a_new_user_gets_a_password_that_is_shown_once(office: Office, admin: Browser) -> None:
    made = admin.submit("/setup/users/new", _GRACE)
    assert made.status in {200, 201}
    password = shown_once(made, "password")
    assert "not shown again" in made.main
    path = user_path(office, _GRACE["username"])
    for address in (path, f"{path}/edit", "/setup/users", "/setup/audit-trail"):
        assert password not in admin.get(address).response.text
    signed_in = office.browser().sign_in(_GRACE["username"], password)
    assert signed_in.status == 303


def test_a_refused_user_keeps_what_was_typed(office: Office, admin: Browser) -> None:
    refused = admin.submit("/setup/users/new", {**_GRACE, "username": "no address"})
    assert refused.status == 422
    assert "E-VALUE-REFUSED" in refused.main
    typed = refused.form("/setup/users/new")
    assert {name: typed[name] for name in _GRACE} == {**_GRACE, "username": "no address"}
    taken = admin.submit("/setup/users/new", {**_GRACE, "username": ADMIN})
    assert (taken.status, "E-NAME-TAKEN" in taken.main) == (409, True)
    unchosen = admin.submit("/setup/users/new", {**_GRACE, "profile": ""})
    assert unchosen.status == 404
    with office.house.units.read() as unit:
        assert [user.username for user in list_users(unit, office.admin)] == [ADMIN]


def test_a_user_is_edited_and_deactivated(office: Office, admin: Browser) -> None:
    username = office.user("second@acme.example", [])
    path = user_path(office, username)
    done = admin.submit(f"{path}/edit", {"name": "Second User", "email": "2@acme.example"})
    assert done.location == path
    page = admin.follow(done)
    assert "Second User" in page.main
    assert "2@acme.example" in page.main
    form = admin.get(f"{path}/edit").form(f"{path}/edit")
    del form["active"]
    admin.post(f"{path}/edit", form)
    assert "Inactive" in admin.get(path).main
    assert office.browser().sign_in(username, office.passwords[username]).status == 401


def test_the_last_administrator_cannot_be_deactivated(office: Office, admin: Browser) -> None:
    path = user_path(office, ADMIN)
    form = admin.get(f"{path}/edit").form(f"{path}/edit")
    del form["active"]
    refused = admin.post(f"{path}/edit", form)
    assert (refused.status, "E-LAST-ADMINISTRATOR" in refused.main) == (409, True)
    assert refused.form(f"{path}/edit").get("active") is None
    assert "Active" in admin.get(path).main


def test_a_reset_password_is_shown_once_and_the_old_one_ends(office: Office, admin: Browser) -> None:
    username = office.user("second@acme.example", [])
    path = user_path(office, username)
    (question,) = admin.get(path).links("Reset Password")
    assert f"({username}) gets a new password" in admin.get(question).main
    assert office.browser().sign_in(username, office.passwords[username]).status == 303
    shown = admin.agree(question)
    password = shown_once(shown, "password")
    assert password != office.passwords[username]
    assert office.browser().sign_in(username, office.passwords[username]).status == 401
    assert office.browser().sign_in(username, password).status == 303


def test_permission_sets_are_assigned_and_removed(office: Office, admin: Browser) -> None:
    username = office.user("second@acme.example", [])
    path = user_path(office, username)
    chosen = {"permission_set": "External_Client_App_Developer"}
    assigned = admin.submit(path, chosen, action=f"{path}/permission-sets/assign")
    assert "External Client App Developer" in admin.follow(assigned).main
    developer = office.signed_in(username)
    assert developer.get("/setup").status == 200
    removed = admin.post(f"{path}/permission-sets/remove", chosen)
    assert removed.location == path
    assert developer.get("/setup").status == 403
    unknown = admin.post(f"{path}/permission-sets/assign", {"permission_set": "Nothing"})
    assert (unknown.status, "E-RECORD-NOT-FOUND" in unknown.main) == (404, True)


def test_placeholders_are_marked_and_cannot_be_used(office: Office, admin: Browser) -> None:
    office.connected_app(
        "Billing",
        {
            "oauthConfig/isAdminApproved": "true",
            "permissionSetName[1]": "Billing_Users",
            "profileName[1]": "Billing/Clerks",
            "oauthConfig/isClientCredentialEnabled": "true",
            "oauthConfig/oauthClientCredentialUser": "robot@acme.example",
        },
    )
    path = user_path(office, "robot@acme.example")
    page = admin.get(path)
    assert "Placeholder" in page.main
    assert page.links("Reset Password") == []
    refused = admin.post(f"{path}/reset-password")
    assert (refused.status, "E-PLACEHOLDER" in refused.main) == (409, True)
    (create,) = page.links("Create the user")
    assert admin.get(create).form("/setup/users/new")["username"] == "robot@acme.example"
    for list_path, name in (("permission-sets", "Billing_Users"), ("profiles", "Billing/Clerks")):
        rows = admin.get(f"/setup/{list_path}").find("//tbody/tr")
        (row,) = [" ".join(row.text_content().split()) for row in rows if name in row.text_content()]
        assert "Placeholder" in row
    # The real ones are made under the placeholders' names.
    label = {"label": "Billing Users", "api_name": "Billing_Users", "permission": ["ViewSetup"]}
    assert admin.submit("/setup/permission-sets/-/new", label).status == 303
    assert "Placeholder" not in admin.get("/setup/permission-sets/Billing_Users").main
    assert "Placeholder" not in admin.get("/setup/permission-sets").main


def test_a_placeholder_becomes_the_user_of_that_name(office: Office, admin: Browser) -> None:
    office.connected_app(
        "Billing",
        {
            "oauthConfig/isClientCredentialEnabled": "true",
            "oauthConfig/oauthClientCredentialUser": "robot@acme.example",
        },
    )
    made = admin.submit("/setup/users/new", {**_GRACE, "username": "robot@acme.example"})
    assert office.browser().sign_in("robot@acme.example", shown_once(made, "password")).status == 303
    assert "Placeholder" not in admin.get("/setup/users").main


def test_a_narrow_column_breaks_names_between_their_words(office: Office, admin: Browser) -> None:
    username = office.user("field_service@acme.example", [])
    (cell,) = admin.get(f"/setup/users?q={username}").find("//td[@data-label='Username']")
    assert (cell.text_content(), len(cell.xpath(".//wbr"))) == (username, 3)


def test_users_are_searched_and_sorted(office: Office, admin: Browser) -> None:
    for name in ("zoe", "bob"):
        office.user(f"{name}@acme.example", [])
    assert "bob@acme.example" not in admin.get("/setup/users?q=zoe").main
    usernames = [
        cell.text_content()
        for cell in admin.get("/setup/users?sort=-username").find("//td[@data-label='Username']")
    ]
    assert usernames == ["zoe@acme.example", "bob@acme.example", ADMIN]


def test_a_permission_set_is_made_and_edited(admin: Browser) -> None:
    new = {
        "label": "Migrators",
        "api_name": "Migrators",
        "permission": ["ViewSetup", "ExternalClientAppDeveloper"],
    }
    made = admin.submit("/setup/permission-sets/-/new", new)
    assert made.location == "/setup/permission-sets/Migrators"
    ticks = admin.follow(made).find("//ul[@class='co-ticks']/li")
    held = {" ".join(tick.text_content().split()) for tick in ticks}
    assert "Yes Create, edit, and delete External Client Apps" in held
    assert "No Manage Users" in held
    path = "/setup/permission-sets/Migrators/edit"
    admin.submit(path, {"label": "Those who migrate", "permission": ["ViewSetup"]})
    assert admin.get(path).form(path)["permission"] == "ViewSetup"
    assert "Those who migrate" in admin.get("/setup/permission-sets").main


def test_a_new_permission_set_does_not_overwrite_another(admin: Browser) -> None:
    refused = admin.submit(
        "/setup/permission-sets/-/new",
        {"label": "Mine", "api_name": "external_client_app_developer", "permission": ["ManageUsers"]},
    )
    assert (refused.status, "E-NAME-TAKEN" in refused.main) == (409, True)
    typed = refused.form("/setup/permission-sets/-/new")
    assert (typed["label"], typed["permission"]) == ("Mine", "ManageUsers")
    assert "No Manage Users" in admin.get("/setup/permission-sets/External_Client_App_Developer").main
    profile = admin.submit("/setup/profiles/new", {"name": "system administrator", "permission": []})
    assert (profile.status, "E-NAME-TAKEN" in profile.main) == (409, True)
    invented = admin.submit(
        "/setup/permission-sets/-/new", {"label": "X", "api_name": "X", "permission": ["Invented"]}
    )
    assert (invented.status, "E-VALUE-REFUSED" in invented.main) == (422, True)


def test_a_profile_is_made_and_edited_but_not_the_administrators_last_right(admin: Browser) -> None:
    made = admin.submit("/setup/profiles/new", {"name": "A/B Testers", "permission": ["ViewSetup"]})
    assert "A/B Testers" in admin.follow(made).main
    path = f"{made.location}/edit"
    admin.submit(path, {"permission": ["ViewSetup", "ManageUsers"]})
    assert "Yes Manage Users" in admin.get(made.location).main
    (link,) = admin.get("/setup/profiles").links("System Administrator")
    refused = admin.submit(f"{link}/edit", {"permission": ["ViewSetup"]})
    assert (refused.status, "E-LAST-ADMINISTRATOR" in refused.main) == (409, True)


def test_who_may_only_see_users_cannot_change_permission_sets(office: Office) -> None:
    username = office.user("desk@acme.example", [Permission.VIEW_SETUP, Permission.MANAGE_USERS])
    desk = office.signed_in(username)
    assert desk.get("/setup/permission-sets").links("New Permission Set") == []
    for path in (
        "/setup/permission-sets/-/new",
        "/setup/permission-sets/External_Client_App_Admin/edit",
        "/setup/profiles/new",
    ):
        refused = desk.get(path)
        assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True)
    posted = desk.post(
        "/setup/permission-sets/-/new", {"label": "X", "api_name": "X", "permission": "ManageUsers"}
    )
    assert (posted.status, "E-NOT-PERMITTED" in posted.main) == (403, True)


def test_the_own_password_is_changed_and_this_session_goes_on(office: Office) -> None:
    username = office.user("second@acme.example", [Permission.VIEW_SETUP])
    browser, other = office.signed_in(username), office.signed_in(username)
    before = browser.cookies["session"]
    new = {
        "old": office.passwords[username],
        "new": "correct horse battery",
        "again": "correct horse battery",
    }
    done = browser.submit("/setup/change-password", new)
    assert (done.status, done.location) == (303, "/setup")
    assert "Your password was changed" in browser.follow(done).main
    assert browser.cookies["session"] != before
    assert other.get("/setup").status == 303
    assert office.browser().sign_in(username, "correct horse battery").status == 303


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"old": "wrong"}, "E-PASSWORD-WRONG"),
        ({"new": "short", "again": "short"}, "E-PASSWORD-TOO-WEAK"),
        ({"again": "another horse battery"}, "E-VALUE-REFUSED"),
    ],
)
def test_a_password_that_is_refused_stays(office: Office, changes: dict[str, str], code: str) -> None:
    username = office.user("second@acme.example", [Permission.VIEW_SETUP])
    browser = office.signed_in(username)
    given = {
        "old": office.passwords[username],
        "new": "correct horse battery",
        "again": "correct horse battery",
    }
    refused = browser.submit("/setup/change-password", {**given, **changes})
    assert code in refused.main
    assert "horse" not in refused.response.text
    assert office.browser().sign_in(username, office.passwords[username]).status == 303


def test_a_token_is_shown_once_and_revoked(office: Office, admin: Browser) -> None:
    made = admin.submit("/setup/api-tokens", {"name": "nightly", "expires": "2027-02-20"})
    token = shown_once(made, "token")
    listed = admin.get("/setup/api-tokens")
    assert "nightly" in listed.main
    assert "20 Feb 2027" in listed.main
    assert token not in listed.response.text
    bearer = {"Authorization": f"Bearer {token}"}
    machine = office.browser()
    assert machine.get("/api/v1/connected-apps", bearer).status == 200
    revoke = "/setup/api-tokens/revoke"
    (question,) = listed.named("Revoke nightly")
    asked = admin.get(question)
    assert "What uses the token nightly is refused from now on." in asked.main
    assert machine.get("/api/v1/connected-apps", bearer).status == 200
    fields = asked.form(revoke)
    assert admin.post(revoke, fields).location == "/setup/api-tokens"
    assert machine.get("/api/v1/connected-apps", bearer).status == 401
    assert "Revoked" in admin.get("/setup/api-tokens").main
    again = admin.post(revoke, fields)
    assert (again.status, "E-RECORD-NOT-FOUND" in again.main) == (404, True)


def test_a_token_lasts_to_the_end_of_its_last_day(office: Office, admin: Browser) -> None:
    made = admin.submit("/setup/api-tokens", {"name": "today", "expires": "2026-11-23"})
    bearer = {"Authorization": f"Bearer {shown_once(made, 'token')}"}
    machine = office.browser()
    office.clock.pass_by(timedelta(hours=14, minutes=59))
    assert machine.get("/api/v1/connected-apps", bearer).status == 200
    office.clock.pass_by(timedelta(minutes=2))
    assert machine.get("/api/v1/connected-apps", bearer).status == 401


@pytest.mark.parametrize("day", ["2026-11-22", "tomorrow", "2026-02-30"])
def test_a_token_with_a_day_that_is_none_is_refused(admin: Browser, day: str) -> None:
    refused = admin.submit("/setup/api-tokens", {"name": "nightly", "expires": day})
    assert (refused.status, "E-VALUE-REFUSED" in refused.main) == (422, True)
    assert refused.form("/setup/api-tokens")["name"] == "nightly"


def test_a_user_sees_and_revokes_only_own_tokens(office: Office, admin: Browser) -> None:
    admin.submit("/setup/api-tokens", {"name": "admins", "expires": ""})
    username = office.user("second@acme.example", [])
    second = office.signed_in(username)
    assert "admins" not in second.get("/setup/api-tokens").main
    revoke = "/setup/api-tokens/revoke"
    (question,) = admin.get("/setup/api-tokens").named("Revoke admins")
    token = admin.get(question).form(revoke)["token"]
    assert second.get(question).status == 404
    assert second.post(revoke, {"token": token}).status == 404
    assert "In use" in admin.get("/setup/api-tokens").main


def test_what_people_do_to_people_is_on_record(admin: Browser, trace: Callable[[], list[str]]) -> None:
    admin.submit("/setup/users/new", _GRACE)
    admin.submit("/setup/api-tokens", {"name": "nightly", "expires": ""})
    assert trace()[:2] == ["user:api-token:created", "user:user:created"]
