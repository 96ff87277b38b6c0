"""App Manager: search, filters, order, pages, and what a row offers."""

from __future__ import annotations

from changeover.migration.dates import DEADLINES
from changeover.org.permissions import Permission
from tests.web.conftest import Browser, Office, Page


def names(page: Page) -> list[str]:
    return [cell.text_content() for cell in page.find("//main//tbody//th/a")]


def fill(office: Office) -> None:
    office.connected_app("Billing", {"label": "Billing", "description": "Invoices <b>every</b> night"})
    office.connected_app("Legacy_Sync", {"label": "Legacy Sync"})
    office.login("Legacy Sync", "OauthUsernamePassword")
    office.connected_app("Desk", {"label": "Desk", "canvasConfig/canvasUrl": "https://desk.example"})


def test_the_apps_with_their_verdicts(office: Office, admin: Browser) -> None:
    fill(office)
    page = admin.get("/setup/app-manager")
    assert names(page) == ["Billing", "Desk", "Legacy Sync"]
    verdicts = [cell.text_content().strip() for cell in page.find("//tbody//td[@data-label='Migration']")]
    assert verdicts == ["Eligible", "Blocked", "Confirm"]
    assert "Invoices <b>every</b> night" in page.main


def test_search_filter_and_order(office: Office, admin: Browser) -> None:
    fill(office)
    assert names(admin.get("/setup/app-manager?q=sync")) == ["Legacy Sync"]
    assert names(admin.get("/setup/app-manager?q=3MVG9.Desk")) == ["Desk"]
    assert names(admin.get("/setup/app-manager?verdict=blocked")) == ["Desk"]
    assert names(admin.get("/setup/app-manager?verdict=nonsense")) == ["Billing", "Desk", "Legacy Sync"]
    assert names(admin.get("/setup/app-manager?state=migrated")) == []
    assert names(admin.get("/setup/app-manager?sort=-label")) == ["Legacy Sync", "Desk", "Billing"]
    page = admin.get("/setup/app-manager?q=e&sort=-label")
    assert page.find("//th[@aria-sort='descending']//a/@href") == ["/setup/app-manager?q=e&sort=label"]


def test_many_apps_come_page_by_page(office: Office, admin: Browser) -> None:
    for number in range(27):
        office.connected_app(f"Tool_{number:02}")
    first = admin.get("/setup/app-manager")
    assert len(names(first)) == 25
    assert "1 to 25 of 27" in first.main
    (following,) = first.links("Next")
    assert names(admin.get(following)) == ["Tool 25", "Tool 26"]


def test_a_row_offers_what_its_app_and_its_reader_may(office: Office, admin: Browser) -> None:
    fill(office)

    def offers(page: Page, label: str) -> list[str]:
        (menu,) = page.find(f"//summary[@aria-label='Actions for {label}']/following-sibling::ul")
        return [" ".join(item.text_content().split()) for item in menu.xpath(".//a")]

    page = admin.get("/setup/app-manager")
    assert offers(page, "Billing") == [
        "View",
        "Edit",
        "Edit Policies",
        "Delete",
        "Migrate to External Client App",
    ]
    assert offers(page, "Desk") == ["View", "Edit", "Edit Policies", "Delete"]
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    seen = viewer.get("/setup/app-manager")
    assert offers(seen, "Billing") == ["View"]
    assert not seen.find("//input[@name='app']")


def test_new_is_off_and_says_why_until_support_allows_it(office: Office, admin: Browser) -> None:
    page = admin.get("/setup/new-connected-app")
    assert "Since Spring '26 connected apps can no longer be created" in page.main
    assert not page.find("//main//form")
    fields = {"label": "New", "api_name": "New_App", "contactEmail": "a@acme.example"}
    refused = admin.post("/setup/new-connected-app", fields)
    assert refused.status == 403
    assert "E-CREATION-OFF" in refused.main
    from changeover.org.company import edit_org  # noqa: PLC0415 - only here

    with office.house.units.unit() as unit:
        edit_org(unit, office.admin, {"connected_app_creation_allowed": True}, seen_version=None)
    made = admin.submit(
        "/setup/new-connected-app", {**fields, "oauthConfig/callbackUrl": "https://new.example/cb"}
    )
    assert (made.status, made.location) == (303, "/setup/app-manager/New_App")
    assert "https://new.example/cb" in admin.follow(made).main
    again = admin.submit("/setup/new-connected-app", fields)
    assert again.status == 409
    assert "E-NAME-TAKEN" in again.main
    assert again.find("//input[@name='api_name']/@value") == ["New_App"]


def test_manage_connected_apps_leads_to_the_policies(office: Office, admin: Browser) -> None:
    fill(office)
    page = admin.get("/setup/connected-apps")
    assert names(page) == ["Billing", "Desk", "Legacy Sync"]
    assert page.links("Edit Policies of Billing") == ["/setup/app-manager/Billing/edit-policies"]


def test_home_counts_by_verdict_and_tells_the_dates(office: Office, admin: Browser) -> None:
    fill(office)
    page = admin.get("/setup")
    counts = {
        link.get("href").rpartition("=")[2]: link.xpath("./strong")[0].text_content()
        for link in page.find("//a[contains(@class, 'co-count')]")
    }
    assert counts == {"eligible": "1", "confirm": "1", "blocked": "1", "migrated": "0"}
    today = office.clock.now().date()
    dates = [item.text_content().split(".")[0] for item in page.find("//section[@id='dates']//li/p[1]")]
    assert len(dates) == len(DEADLINES)
    for deadline in DEADLINES:
        assert f"{deadline.what}, {deadline.when(today)}." in page.main
    in_force = [item.text_content() for item in page.find("//section[@id='dates']//li[.//span='In force']")]
    assert len(in_force) == sum(deadline.in_force(today) for deadline in DEADLINES)
