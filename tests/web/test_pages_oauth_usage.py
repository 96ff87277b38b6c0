"""Connected Apps OAuth Usage, External Client Apps OAuth Usage, and the connections of a user."""

from __future__ import annotations

import pytest

from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.permissions import Permission
from tests.org.authorized import authorized
from tests.web.conftest import ADMIN, Browser, Office, Page

CONNECTED = "/setup/oauth-usage/connected-app"
EXTERNAL = "/setup/oauth-usage/external-client-app"
BOB = "bob@acme.example"


@pytest.fixture
def billing(office: Office) -> str:
    """An app that the administrator and another user have approved; returns the id of the latter's token."""
    office.connected_app("Billing")
    office.user(BOB, [])
    grant(office, ADMIN, uses=5, days_ago=3)
    return grant(office, BOB, uses=2, days_ago=1)


def grant(office: Office, username: str, app: str = "Billing", *, uses: int = 1, days_ago: int = 0) -> str:
    units, org_id = office.house.units, office.admin.org_id
    return authorized(units, org_id, username, f"3MVG9.{app}", uses=uses, days_ago=days_ago)


def rows(page: Page) -> list[str]:
    return [" ".join(row.text_content().split()) for row in page.find("//main//tbody/tr")]


def migrate_billing(office: Office) -> None:
    with office.house.units.unit() as unit:
        yes = Confirmation(local=True, no_username_password=True, despite_evidence=True)
        migrate(unit, office.admin, "Billing", yes)


def test_apps_lead_to_users_and_users_to_tokens(admin: Browser, billing: str) -> None:
    (row,) = rows(admin.get(CONNECTED))
    assert row == "Billing Billing 2 13 Nov 2026, 09:00 UTC 22 Nov 2026, 09:00 UTC 7 Revoke All Block"
    page = admin.get(f"{CONNECTED}/Billing")
    assert [row.split()[0] for row in rows(page)] == [BOB, ADMIN]
    (user,) = page.links(BOB)
    (token,) = rows(admin.get(user))
    assert token.startswith(f"{billing} OauthWebServer api refresh_token 15 Nov 2026")


@pytest.mark.usefixtures("billing")
def test_lists_are_searched_sorted_and_paged(office: Office, admin: Browser) -> None:
    office.connected_app("Portal")
    grant(office, BOB, "Portal", uses=50)
    assert [row.split()[0] for row in rows(admin.get(CONNECTED))] == ["Portal", "Billing"]
    assert [row.split()[0] for row in rows(admin.get(f"{CONNECTED}?sort=-users"))] == ["Billing", "Portal"]
    assert [row.split()[0] for row in rows(admin.get(f"{CONNECTED}?sort=use_count"))] == ["Billing", "Portal"]
    assert rows(admin.get(f"{CONNECTED}?q=nothing")) == ["No app of this name holds a token."]
    assert rows(admin.get(f"{CONNECTED}/Billing?q=zebra")) == [
        "No user of this name has a token of this app."
    ]
    for number in range(26):
        office.connected_app(f"App{number:02}")
        grant(office, BOB, f"App{number:02}", days_ago=30)
    page = admin.get(CONNECTED)
    assert (len(rows(page)), "Page 1 of 2" in page.main) == (25, True)
    assert len(rows(admin.get(page.links("Next")[0]))) == 3


@pytest.mark.usefixtures("billing")
def test_a_migrated_app_is_on_the_other_page(office: Office, admin: Browser) -> None:
    migrate_billing(office)
    assert rows(admin.get(CONNECTED)) == ["No app holds a token."]
    (row,) = rows(admin.get(EXTERNAL))
    assert row.startswith("Billing Billing 2 ")
    assert not row.endswith("Block")


def test_a_token_a_user_and_an_app_are_revoked_after_a_question(
    office: Office, admin: Browser, billing: str
) -> None:
    grant(office, BOB)
    page = f"{CONNECTED}/Billing"
    asked = admin.get(f"{page}/revoke?username={BOB}&token={billing}")
    assert "the last one" in asked.main
    done = admin.post(f"{page}/revoke", asked.form(f"{page}/revoke"))
    assert "The token was revoked." in admin.follow(done).main
    assert len(rows(admin.get(done.location))) == 1
    asked = admin.get(f"{page}/revoke?username={BOB}")
    done = admin.post(f"{page}/revoke", asked.form(f"{page}/revoke"))
    assert f"1 token of {BOB} was revoked." in admin.follow(done).main
    assert [row.split()[0] for row in rows(admin.get(page))] == [ADMIN]
    asked = admin.get(f"{page}/revoke")
    assert "of 1 user" in asked.main
    answer = admin.follow(admin.post(f"{page}/revoke", asked.form(f"{page}/revoke")))
    assert rows(answer) == ["No user has a token of this app."]
    again = admin.post(f"{page}/revoke", {"username": BOB, "token": billing})
    assert (again.status, "E-RECORD-NOT-FOUND" in again.main) == (404, True)


@pytest.mark.usefixtures("billing")
def test_an_app_is_blocked_and_unblocked(office: Office, admin: Browser) -> None:
    page = f"{CONNECTED}/Billing"
    assert "of 2 users" in admin.get(f"{page}/block").main
    blocked = admin.follow(admin.submit(f"{page}/block"))
    assert "This app is blocked" in blocked.main
    assert rows(admin.get(CONNECTED))[0].endswith("Revoke All Unblock")
    migrate_billing(office)
    assert "Blocked" in rows(admin.get(EXTERNAL))[0]
    done = admin.post(f"{EXTERNAL}/Billing/unblock")
    assert "is no longer blocked" in admin.follow(done).main
    for kind, code in ((EXTERNAL, "E-VALUE-REFUSED"), (CONNECTED, "E-APP-READ-ONLY")):
        assert code in admin.post(f"{kind}/Billing/block").main


@pytest.mark.usefixtures("billing")
def test_who_may_only_manage_users_is_offered_no_block(office: Office) -> None:
    browser = office.signed_in(
        office.user("clerk@acme.example", [Permission.VIEW_SETUP, Permission.MANAGE_USERS])
    )
    assert rows(browser.get(CONNECTED))[0].endswith("Revoke All")
    assert browser.post(f"{CONNECTED}/Billing/block").status == 403
    watcher = office.signed_in(office.user("watcher@acme.example", [Permission.VIEW_SETUP]))
    assert watcher.get(CONNECTED).status == 403
    assert watcher.get(f"{CONNECTED}/Billing/revoke").status == 403
    assert not watcher.get("/setup").links("Connected Apps OAuth Usage")


def test_what_is_not_there_is_an_error_page(admin: Browser) -> None:
    for path in ("/setup/oauth-usage/nothing", f"{CONNECTED}/Nothing", f"{EXTERNAL}/Nothing"):
        assert admin.get(path).status == 404


@pytest.mark.usefixtures("billing")
def test_users_revoke_what_they_approved_and_admins_too(office: Office, admin: Browser) -> None:
    bob = office.signed_in(BOB)
    (row,) = rows(bob.get("/setup/connections"))
    assert row.startswith("Billing Connected app api refresh_token 15 Nov 2026, 09:00 UTC")
    (question,) = bob.get("/setup/connections").named("Revoke Billing, Billing")
    assert "Every token that Billing holds of you ends" in bob.get(question).main
    done = bob.agree(question)
    page = bob.follow(done)
    assert ("1 token of Billing was revoked." in page.main, rows(page)) == (
        True,
        ["You have approved no app."],
    )
    assert len(rows(admin.get(f"{CONNECTED}/Billing"))) == 1
    again = bob.post("/setup/connections/revoke", {"kind": "connected-app", "app": "Billing"})
    assert (again.status, "E-RECORD-NOT-FOUND" in again.main) == (404, True)
    assert bob.post("/setup/connections/revoke", {"kind": "x", "app": "Billing"}).status == 404
    assert bob.get(question).status == 404

    grant(office, BOB)
    with office.house.units.read() as unit:
        user = unit.users.by_username(BOB)
    assert user is not None
    users_page = f"/setup/users/{user.user_id}"
    (question,) = admin.get(users_page).named("Revoke Billing, Billing")
    assert (bob.get(question).status, f"holds of {BOB} ends" in admin.get(question).main) == (403, True)
    done = admin.agree(question)
    assert "1 token of Billing was revoked." in admin.follow(done).main
    assert (
        admin.post(f"{users_page}/connections/revoke", {"kind": "connected-app", "app": "Billing"}).status
        == 404
    )


def test_tokens_are_downloaded_as_rows_of_oauthtoken(admin: Browser, billing: str) -> None:
    (link,) = admin.get(CONNECTED).links("Download as CSV")
    answer = admin.get(link)
    assert answer.headers["content-disposition"] == 'attachment; filename="OauthToken.csv"'
    head, *lines = answer.response.text.splitlines()
    assert head == "Id,AppName,UserId,User.Username,CreatedDate,LastUsedDate,UseCount"
    assert any(line.startswith(f"{billing},Billing,") for line in lines)
    assert len(lines) == 2


def test_quick_find_knows_the_pages(admin: Browser) -> None:
    page = admin.get("/setup/quick-find?q=oauth+usage")
    assert page.links("Connected Apps OAuth Usage")
