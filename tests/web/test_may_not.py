"""Who may not do something on a page is told what is missing, and offered nothing that would be refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from changeover.org.app_access import give_connected_app, permission_set
from changeover.org.briefcases import assign, save_briefcase
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.model.beside_apps import NotificationType
from changeover.org.notifications import save_notification_type
from changeover.org.permissions import ALL_PERMISSIONS, CONNECTED_APP_EDIT, MIGRATE, Needs, Permission
from changeover.web.setup import PAGES, page_at
from tests.org.authorized import authorized
from tests.web.conftest import ADMIN, Browser, Office, Page

P = Permission


@pytest.fixture
def furnished(office: Office, admin: Browser) -> Office:
    """An org with something on every page: apps of both kinds, a batch, tokens, a placeholder, lists."""
    approved = {"oauthConfig/isAdminApproved": "true", "permissionSetName[1]": "Clerks"}
    office.connected_app("Billing", approved)
    office.connected_app(
        "Courier", {"oauthConfig/oauthClientCredentialUser": "robot@acme.example", **approved}
    )
    office.connected_app("Survey")
    office.user("clerks@acme.example", [])
    with office.house.units.unit() as unit:
        give_connected_app(unit, office.admin, "Billing", permission_set("External_Client_App_Viewer"))
        save_briefcase(unit, office.admin, "Field_Kit", "Field Kit", "", active=True)
        assign(unit, office.admin, "Field_Kit", "Billing")
        type_ = NotificationType(api_name="Order", label="Order", custom=True)
        save_notification_type(unit, office.admin, type_)
    authorized(office.house.units, office.admin.org_id, ADMIN, "3MVG9.Billing")
    with office.house.units.unit() as unit:
        yes = Confirmation(local=True, no_username_password=True, despite_evidence=True)
        migrate(unit, office.admin, "Survey", yes)
    review = admin.post("/setup/migrations/review", {"app": "Courier"})
    form = {**review.form("/setup/migrations"), "local": "true", "no_username_password": "true"}
    assert admin.post("/setup/migrations", form).status == 303
    office.run_batches()
    return office


def offered(page: Page) -> Iterator[tuple[str, str]]:
    """Yield what a page's own part leads to: method and address, of its links and of its forms."""
    for link in page.find("//main//a[@href]"):
        yield "GET", str(link.get("href"))
    for form in page.find("//main//form"):
        yield str(form.get("method")).upper(), str(form.get("action"))
        for button in form.xpath(".//button[@formaction]"):
            yield "POST", str(button.get("formaction"))


def crawl(browser: Browser) -> dict[str, int]:
    """Open all that one is led to from Setup Home, and return what was answered."""
    answered: dict[str, int] = {}
    waiting = [
        "/setup",
        *browser.get("/setup").find("//nav[@id='setup-tree']//a[starts-with(@href, '/')]/@href"),
    ]
    while waiting:
        address = str(waiting.pop())
        if address in answered or not address.startswith("/setup") or ("?" in address and "sort=" in address):
            continue
        page = browser.get(address)
        answered[address] = page.status
        if page.status != 200 or "html" not in page.headers["content-type"]:
            continue
        waiting += [to for method, to in offered(page) if method == "GET"]
    return answered


@pytest.mark.parametrize(
    "permissions",
    [
        {P.VIEW_SETUP},
        {P.VIEW_SETUP, P.EXTERNAL_CLIENT_APP_DEVELOPER},
        {P.VIEW_SETUP, P.EXTERNAL_CLIENT_APP_ADMIN, P.MONITOR_LOGIN_HISTORY},
        {P.VIEW_SETUP, P.MANAGE_USERS},
        {P.VIEW_SETUP, P.CUSTOMIZE_APPLICATION, P.MANAGE_CONNECTED_APPS},
    ],
    ids=["look", "developer", "policies", "users", "connected apps"],
)
def test_nobody_is_led_to_what_is_refused(furnished: Office, permissions: set[Permission]) -> None:
    browser = furnished.signed_in(furnished.user("some@acme.example", permissions))
    answered = crawl(browser)
    assert len(answered) > 20
    assert {address: status for address, status in answered.items() if status not in {200, 303}} == {}


def test_each_page_says_what_is_missing_for_what_is_not_offered(furnished: Office) -> None:
    browser = furnished.signed_in(furnished.user("some@acme.example", [P.VIEW_SETUP]))
    told = 0
    for entry in PAGES:
        page = browser.get(entry.path)
        if not entry.needs.met_by(frozenset({P.VIEW_SETUP})):
            assert (page.status, f"this needs {entry.needs}." in page.main) == (403, True), entry.path
            continue
        assert page.status == 200, entry.path
        for offer in entry.offers:
            missing = Needs(offer.needs.all_of - {P.VIEW_SETUP}, offer.needs.one_of)
            assert f"To {offer.what}, your user also needs {missing}." in page.main, entry.path
            told += 1
        assert page.find("//main//form[@method='post']//button[@type='submit']") == [] or entry.path in {
            "/setup/api-tokens",
            "/setup/change-password",
            "/setup/sessions",
        }, entry.path
    assert told > 10


@pytest.mark.usefixtures("furnished")
def test_who_may_everything_is_told_nothing(admin: Browser) -> None:
    for entry in PAGES:
        assert "your user also needs" not in admin.get(entry.path).main
    assert "your user also needs" not in admin.get("/setup/app-manager/Billing").main


def test_only_what_is_missing_is_named() -> None:
    held = frozenset({P.VIEW_SETUP, P.CUSTOMIZE_APPLICATION})
    assert str(CONNECTED_APP_EDIT.beyond(held)) == "“Modify All Data or Manage Connected Apps”"
    assert str(MIGRATE.beyond(held)) == "“Create, edit, and delete External Client Apps”"
    assert CONNECTED_APP_EDIT.beyond(ALL_PERMISSIONS) == Needs()


def test_an_apps_page_says_why_it_has_no_button(furnished: Office) -> None:
    look = furnished.signed_in(furnished.user("some@acme.example", [P.VIEW_SETUP]))
    page = look.get("/setup/app-manager/Billing")
    assert page.links("Migrate to External Client App") == []
    assert (
        f"To migrate connected apps, your user also needs {MIGRATE.beyond(frozenset({P.VIEW_SETUP}))}."
        in page.main
    )
    assert "Manage Consumer Details" not in page.main
    for step in ("delete", "switches"):
        assert look.get(f"/setup/app-manager/Billing/{step}").status == 403


def test_only_who_may_take_the_step_is_offered_to_tighten(furnished: Office, admin: Browser) -> None:
    page = "/setup/external-client-apps/Survey"

    def steps(browser: Browser) -> set[str]:
        return {str(value) for value in browser.get(page).find("//main//input[@name='point']/@value")}

    everything = steps(admin)
    admin_only = {P.VIEW_SETUP, P.EXTERNAL_CLIENT_APP_ADMIN}
    policies = furnished.signed_in(furnished.user("policies@acme.example", admin_only))
    developer_only = {P.VIEW_SETUP, P.EXTERNAL_CLIENT_APP_DEVELOPER}
    settings = furnished.signed_in(furnished.user("settings@acme.example", developer_only))
    assert (steps(policies) | steps(settings), steps(policies) & steps(settings)) == (everything, set())
    assert steps(policies)
    assert steps(settings)
    for browser in (policies, settings):
        for point in steps(browser):
            version = browser.get(page).find("//main//input[@name='version']/@value")[0]
            done = browser.post(f"{page}/tighten", {"point": point, "version": str(version), "title": point})
            assert done.status == 303, point


def test_pages_of_batches_belong_to_app_manager() -> None:
    for path in ("/setup/migrations", "/setup/migrations/0Bt1/undo", "/setup/new-connected-app"):
        page = page_at(path)
        assert page is not None
        assert page.label == "App Manager"
