"""The article's statements in a real browser: each test fails when the behaviour it names is broken."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from changeover.apps.document import leaves
from changeover.org import audit, briefcases, company, consumer_details, notifications
from changeover.org.model.beside_apps import NotificationType
from tests.article.setup_pages import MIGRATE, SetupPages
from tests.chromium import Watch
from tests.org.world import SECRET, World, app

pytestmark = pytest.mark.browser

APP = "/setup/app-manager/Billing"
EXTERNAL = "/setup/external-client-apps/Billing"


def state(world: World) -> str:
    """The connected app's state and version: what a refusal must not change."""
    record = world.record()
    return f"{record.state} {record.version} {leaves(record.document)}"


def as_user(
    setup: SetupPages, new_context: Callable[..., BrowserContext], world: World, *permissions: str
) -> SetupPages:
    """Return a second browser in which a user with just these permissions has signed in."""
    from changeover.org import permission_sets  # noqa: PLC0415 - only here

    username = "dana@acme.example"
    world.do(permission_sets.save_profile, "Only Dana", permissions)
    world.user(username, "Only Dana")
    pages = SetupPages(new_context().new_page(), setup.address)
    pages.page.goto(setup.address)
    pages.page.get_by_label("Username").fill(username)
    pages.page.get_by_label(re.compile(r"^\W*Password")).fill(world.passwords[username])
    pages.page.keyboard.press("Enter")
    pages.page.wait_for_load_state()
    return pages


# The article's steps, one after another.


def test_from_quick_find_to_the_link(setup: SetupPages, world: World) -> None:
    page = setup.page
    page.get_by_role("searchbox", name="Quick Find").fill("App Man")
    page.get_by_role("navigation").get_by_role("link", name="App Manager", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="Billing", exact=True).click()
    page.get_by_role("main").get_by_role("link", name=MIGRATE).click()
    page.get_by_label("Billing is a local app").check()
    page.get_by_label("Billing doesn\u2019t use the username-password flow").check()
    page.get_by_role("button", name="Migrate", exact=True).click()
    page.get_by_role("dialog").get_by_role("link", name="Billing").click()
    expect(page).to_have_url(setup.address + EXTERNAL)
    expect(setup.heading("Billing")).to_be_visible()
    assert world.record().read_only


# 1. App Manager by Quick Find; the app opens by its name; New is off.


def test_statement_01_app_manager_by_quick_find(
    setup: SetupPages, new_context: Callable[..., BrowserContext], world: World
) -> None:
    setup.quick_find("App Manager")
    expect(setup.page).to_have_url(setup.address + "/setup/app-manager")
    # Without script Quick Find is a search.
    bare = SetupPages(new_context(java_script_enabled=False).new_page(), setup.address)
    bare.sign_in(world.admin.username, world.password)
    box = bare.page.get_by_role("searchbox", name="Quick Find")
    box.fill("App Manager")
    box.press("Enter")
    bare.page.get_by_role("main").get_by_role("link", name="App Manager").first.click()
    expect(bare.heading("App Manager")).to_be_visible()


def test_statement_01_the_app_opens_by_its_name(setup: SetupPages) -> None:
    setup.quick_find("App Manager")
    setup.page.get_by_role("main").get_by_role("link", name="Billing", exact=True).click()
    expect(setup.page).to_have_url(setup.address + APP)
    for name in ("Edit", "Edit Policies"):
        expect(setup.page.get_by_role("main").get_by_role("link", name=name, exact=True)).to_be_visible()


def test_statement_01_new_is_off_with_its_reason(setup: SetupPages, world: World) -> None:
    setup.quick_find("App Manager")
    setup.page.get_by_role("link", name="New Connected App").click()
    assert "Spring '26" in setup.main_text()
    expect(setup.page.get_by_label("API Name")).to_have_count(0)
    world.do(company.edit_org, {"connected_app_creation_allowed": True}, seen_version=None)
    setup.page.reload()
    expect(setup.page.get_by_label("API Name")).to_be_visible()


# 2. Permission and editions.


def test_statement_02_this_permission_alone_suffices(
    setup: SetupPages, new_context: Callable[..., BrowserContext], world: World
) -> None:
    dana = as_user(setup, new_context, world, "ViewSetup", "ExternalClientAppDeveloper")
    dana.migrate()
    assert world.record().read_only


def test_statement_02_without_it_there_is_no_button_and_no_way_round(
    setup: SetupPages, new_context: Callable[..., BrowserContext], world: World, watch: Watch
) -> None:
    someone = as_user(
        setup, new_context, world, "ViewSetup", "CustomizeApplication", "ModifyAllData", "ManageRemoteAccess"
    )
    before = state(world)
    someone.open_app("Billing")
    expect(someone.migrate_button).to_have_count(0)
    assert "Create, edit, and delete External Client Apps" in someone.main_text()
    watch.expect("status of 403")
    someone.go(f"{APP}/migrate")
    assert "E-NOT-PERMITTED" in someone.main_text()
    assert state(world) == before


def test_statement_02_editions(setup: SetupPages, world: World) -> None:
    for edition in ("Professional", "Performance", "Unlimited", "Developer"):
        world.do(company.edit_org, {"edition": edition}, seen_version=None)
        setup.go(APP)
        expect(setup.migrate_button).to_be_visible()
    world.do(company.edit_org, {"edition": "Enterprise"}, seen_version=None)
    setup.go(APP)
    expect(setup.migrate_button).to_have_count(0)
    assert "release note" in setup.main_text()
    # The switch is in Company Information.
    setup.quick_find("Company Information")
    setup.page.get_by_role("main").get_by_role("link", name="Edit").click()
    setup.page.get_by_label("Admit Enterprise Edition").check()
    setup.page.get_by_role("button", name="Save").click()
    setup.migrate()


# 3. The button is there only for an eligible app.


def test_statement_03_the_button_is_there_only_for_an_eligible_app(
    setup: SetupPages, world: World, watch: Watch
) -> None:
    setup.open_app("Billing")
    expect(setup.migrate_button).to_be_visible()
    world.bring(app("Handler", plugin="HandlerClass"), app("chronos__Clock", label="Clock"))
    setup.open_app("Handler")
    expect(setup.migrate_button).to_have_count(0)
    text = setup.main_text()
    for word in ("Blocked", "HandlerClass", "What to do", "custom-handler"):
        assert word in text
    setup.open_app("Clock")
    expect(setup.migrate_button).to_have_count(0)
    assert "not-local" in setup.main_text()
    # Nor does the dialog's own address help.
    watch.expect("status of 4")
    setup.go("/setup/app-manager/Handler/migrate")
    expect(setup.page.get_by_role("button", name="Migrate", exact=True)).to_have_count(0)


# 4. The dialog and its confirmations.


def test_statement_04_the_dialog_shows_evidence_and_changes(setup: SetupPages, world: World) -> None:
    world.log_in()
    setup.open_app("Billing")
    setup.migrate_button.click()
    text = " ".join(setup.dialog.inner_text().split())
    for words in (
        "Evidence",
        "Billing logged in 14 times",
        "int@example.com",
        "What will change",
        "none will be lost",
    ):
        assert words in text
    setup.dialog.get_by_text("Where each field goes").click()
    expect(setup.dialog.get_by_text("Billing_glbloauth.ecaGlblOauth/callbackUrl").first).to_be_visible()


def test_statement_04_both_confirmations_are_asked(setup: SetupPages, world: World, watch: Watch) -> None:
    before = state(world)
    setup.open_app("Billing")
    setup.migrate_button.click()
    setup.dialog.get_by_label(re.compile("is a local app")).check()
    setup.press_migrate()
    # The browser itself asks for the one that is missing; nothing was sent.
    expect(setup.dialog.get_by_label(re.compile("doesn\u2019t use"))).to_be_focused()
    assert state(world) == before
    # A browser that asks for nothing gets the org's own refusal.
    watch.expect("status of 4")
    setup.page.evaluate("document.querySelectorAll('form').forEach(form => { form.noValidate = true; })")
    setup.press_migrate()
    expect(setup.page.get_by_text("E-CONFIRM-NO-USERNAME-PASSWORD").first).to_be_visible()
    assert state(world) == before


def test_statement_04_against_evidence_it_is_said_in_so_many_words(setup: SetupPages, world: World) -> None:
    world.log_in()
    setup.migrate(despite=True)
    newest = world.see(audit.list_audit).rows[0]
    assert newest.actor == world.admin.username
    assert newest.after is not None
    assert newest.after["confirmed"]["despite"][0]["rule"] == "username-password-seen"


def test_statement_04_a_blanket_confirmation_covers_only_apps_without_contrary_evidence(
    setup: SetupPages, world: World
) -> None:
    world.bring(app("Portal"))
    world.log_in("Billing")
    setup.quick_find("App Manager")
    setup.page.get_by_label("Select all on this page").check()
    setup.page.get_by_role("button", name="Migrate Selected").click()
    setup.page.get_by_label(re.compile("local")).first.check()
    setup.page.get_by_label(re.compile("username-password flow")).first.check()
    setup.page.get_by_role("button", name=re.compile("^Migrate")).last.click()
    expect(setup.page.get_by_text("E-USERNAME-PASSWORD-SEEN").first).to_be_visible(timeout=20_000)
    assert not world.record("Billing").read_only
    assert world.record("Portal").read_only


# 5. The window with the link.


def test_statement_05_a_window_with_the_link(setup: SetupPages) -> None:
    setup.open_app("Billing")
    setup.migrate_button.click()
    setup.confirm()
    setup.press_migrate()
    link = setup.dialog.get_by_role("link", name="Billing")
    expect(link).to_be_visible()
    link.click()
    expect(setup.page).to_have_url(setup.address + EXTERNAL)


# 6. Read-only; changes go to the external client app.


def test_statement_06_the_connected_app_stays_read_only(
    setup: SetupPages, world: World, watch: Watch
) -> None:
    setup.migrate()
    before = state(world)
    setup.quick_find("App Manager")
    row = setup.page.get_by_role("row").filter(has_text="Billing")
    expect(row).to_contain_text("Migrated")
    setup.open_app("Billing")
    assert "read-only" in setup.main_text()
    for name in ("Edit", "Edit Policies", MIGRATE):
        expect(setup.page.get_by_role("main").get_by_role("link", name=name, exact=True)).to_have_count(0)
    watch.expect("status of 4")
    for door in ("edit", "edit-policies", "delete", "switches"):
        setup.go(f"{APP}/{door}")
        save = setup.page.get_by_role("button", name=re.compile("^(Save|Delete)$"))
        if save.count():
            boxes = setup.page.get_by_role("main").get_by_role("checkbox")
            for number in range(boxes.count()):
                boxes.nth(number).check()
            save.click()
        assert re.search(r"E-APP-READ-ONLY|E-EXTERNAL-CLIENT-APP-THERE", setup.main_text()), door
        assert state(world) == before


def test_statement_06_changes_are_made_to_the_external_client_app(setup: SetupPages, world: World) -> None:
    setup.migrate()
    before = state(world)
    setup.go(f"{EXTERNAL}/edit-settings")
    setup.page.get_by_label("Callback URL").fill("https://new.example/callback")
    setup.page.get_by_role("button", name="Save").click()
    expect(setup.page.get_by_text("https://new.example/callback").first).to_be_visible()
    assert state(world) == before
    setup.go(APP)
    assert "https://new.example/callback" not in setup.main_text()


# 7. Deleting the external client app.


def test_statement_07_deleting_makes_the_connected_app_active_again(setup: SetupPages, world: World) -> None:
    held = leaves(world.record().document)
    setup.migrate()
    setup.go(f"{EXTERNAL}/edit-settings")
    setup.page.get_by_label("Callback URL").fill("https://new.example/callback")
    setup.page.get_by_role("button", name="Save").click()
    setup.go(f"{EXTERNAL}/delete")
    lost = setup.main_text()
    assert "What will be lost" in lost
    assert "https://new.example/callback" in lost
    setup.delete_external()
    setup.open_app("Billing")
    assert "read-only" not in setup.main_text()
    expect(setup.migrate_button).to_be_visible()
    assert leaves(world.record().document) == held
    setup.go("/setup/external-client-apps")
    expect(setup.page.get_by_role("main").get_by_role("link", name="Billing", exact=True)).to_have_count(0)


# 8. Notification Delivery Settings and Briefcase.


def test_statement_08_notification_delivery_settings(setup: SetupPages, world: World) -> None:
    orders = NotificationType(api_name="Orders", label="Orders", custom=True)
    world.do(notifications.save_notification_type, orders)
    world.do(notifications.set_delivery, "Orders", "Billing", enabled=True)
    row = setup.page.get_by_role("row").filter(has_text="Orders")

    setup.quick_find("Notification Delivery Settings")
    expect(row).to_contain_text("Billing")
    setup.migrate()
    setup.quick_find("Notification Delivery Settings")
    expect(row).not_to_contain_text("Billing")
    setup.delete_external()
    setup.quick_find("Notification Delivery Settings")
    expect(row).to_contain_text("Billing")


def test_statement_08_briefcase_assignment(setup: SetupPages, world: World) -> None:
    world.do(briefcases.save_briefcase, "Kit", "Kit", "")
    world.do(briefcases.assign, "Kit", "Billing")

    setup.go("/setup/briefcases/Kit")
    expect(setup.page.get_by_role("button", name="Remove Billing")).to_be_visible()
    setup.migrate()
    setup.go("/setup/briefcases/Kit")
    assert "Billing" not in setup.main_text()
    setup.delete_external()
    setup.go("/setup/briefcases/Kit")
    expect(setup.page.get_by_role("button", name="Remove Billing")).to_be_visible()


# 9. Secure.


def test_statement_09_the_new_app_is_secure(setup: SetupPages, world: World, watch: Watch) -> None:
    world.do(consumer_details.set_secret, "Billing", SECRET, seen_version=None)
    setup.migrate()
    assert "Local" in setup.main_text()
    assert "Username-Password" not in setup.main_text()
    # The secret only after the password, each look in the audit trail.
    setup.page.get_by_role("main").get_by_role(
        "link", name=re.compile("Consumer Key and Secret")
    ).first.click()
    assert SECRET not in setup.page.content()
    watch.expect("status of 4")
    setup.page.get_by_label(re.compile(r"^\W*Password")).fill("wrong")
    setup.page.keyboard.press("Enter")
    expect(setup.page.get_by_text("E-PASSWORD-WRONG")).to_be_visible()
    assert SECRET not in setup.page.content()
    setup.page.get_by_label(re.compile(r"^\W*Password")).fill(world.password)
    setup.page.keyboard.press("Enter")
    expect(setup.page.get_by_text(SECRET)).to_be_visible()
    events = [entry.event for entry in world.see(audit.list_audit).rows]
    assert any("secret" in event or "consumer" in event for event in events)
    # Every policy written out.
    setup.go(f"{EXTERNAL}/policies")
    for words in ("All users may self-authorize", "Enforce IP restrictions", "valid until revoked"):
        assert words in setup.main_text()
    # What is loose is listed, and tightened in one step.
    setup.go(EXTERNAL)
    points = setup.page.get_by_role("button", name=re.compile("^Tighten"))
    before = points.count()
    assert before
    points.first.click()
    expect(points).to_have_count(before - 1)


# 10. Invalid push settings.


def test_statement_10_invalid_push_settings_fail_the_whole_migration(
    setup: SetupPages, world: World, watch: Watch
) -> None:
    setup.open_app("Billing")
    setup.migrate_button.click()
    setup.confirm()
    # While the dialog is open, somebody gives the app a server key.
    world.server_key()
    before = state(world)
    watch.expect("status of 4")
    setup.press_migrate()
    expect(setup.page.get_by_text(re.compile("E-PUSH-INVALID|E-STALE-PAGE")).first).to_be_visible()
    assert state(world) == before
    setup.open_app("Billing")
    expect(setup.migrate_button).to_have_count(0)
    assert "server key" in setup.main_text()


# 11. Cookies.


def test_statement_11_only_strictly_necessary_cookies(setup: SetupPages) -> None:
    setup.migrate()
    cookies = setup.page.context.cookies()
    assert {cookie["name"] for cookie in cookies} == {"session", "csrf"}
    for cookie in cookies:
        assert cookie["httpOnly"], cookie["name"]
        assert cookie["sameSite"] in {"Lax", "Strict"}, cookie["name"]
    assert setup.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_setup_looks_like_lightning_experience(
    setup: SetupPages, phone: Page, world: World, axe: Callable[[Page], list[str]]
) -> None:
    setup.quick_find("App Manager")
    font = setup.page.evaluate("getComputedStyle(document.body).fontSize")
    assert font == "13px"  # the Lightning Design System's
    assert axe(setup.page) == []
    narrow = SetupPages(phone, setup.address)
    narrow.sign_in(world.admin.username, world.password)
    narrow.go(APP)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(phone) == []
