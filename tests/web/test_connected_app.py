"""A connected app's page: everything it has, editing, deleting, and read-only once migrated."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from changeover.org.app_manager import view_app
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation, ConnectedAppRecord
from changeover.org.permissions import Permission
from tests.web.conftest import Browser, Office, Page

PAGE = "/setup/app-manager/Billing"


@pytest.fixture
def billing(office: Office) -> str:
    return office.connected_app(
        "Billing",
        {
            "label": "Billing",
            "description": "line one\r\nline two",
            "ipRanges[1]/start": "198.51.100.1",
            "ipRanges[1]/end": "198.51.100.9",
            "permissionSetName[1]": "Billing_Users",
            "oauthConfig/isAdminApproved": "true",
            "mobileStartUrl": "https://m.billing.example",
            "somethingNew": "<i>kept</i>",
        },
    )


def record(office: Office, api_name: str = "Billing") -> ConnectedAppRecord:
    with office.house.units.read() as unit:
        return view_app(unit, office.admin, api_name)


def migrated(office: Office) -> None:
    with office.house.units.unit() as unit:
        migrate(unit, office.admin, "Billing", Confirmation(local=True, no_username_password=True))


def details(page: Page) -> dict[str, str]:
    return {
        row.xpath("./dt")[0].text_content(): " ".join(row.xpath("./dd")[0].text_content().split())
        for row in page.find("//main//dl[contains(@class, 'co-details')]/div")
    }


@pytest.mark.usefixtures("billing")
def test_everything_under_salesforces_labels(admin: Browser) -> None:
    page = admin.get(PAGE)
    shown = details(page)
    assert shown["Connected App Name"] == "Billing"
    assert shown["Callback URL"] == "https://billing.example/callback"
    assert "Manage user data via APIs (api)" in shown["Selected OAuth Scopes"]
    assert shown["IP Relaxation"] == "Enforce IP restrictions"
    assert shown["Refresh Token Policy"] == "Expire refresh token after 365 days"
    assert shown["Permission Sets"] == "Billing_Users"
    assert shown["somethingNew"] == "<i>kept</i>"
    assert "Start IP Address: 198.51.100.1" in shown["Trusted IP Ranges"]
    # Key and secret stand behind the password check.
    assert "3MVG9" not in "".join(shown.values())


@pytest.mark.usefixtures("billing")
def test_findings_with_evidence_remedy_certainty_and_source(admin: Browser) -> None:
    page = admin.get(PAGE)
    for finding in page.find("//li[contains(@class, 'co-finding')]"):
        assert [term.text_content() for term in finding.xpath(".//dt")] == [
            "Evidence",
            "What to do",
            "Certainty",
            "Source",
        ]
        assert all(value.text_content().strip() for value in finding.xpath(".//dd"))
    assert "1 would be lost" in page.main
    assert "mobileStartUrl" in page.main


def test_the_button_is_there_only_where_it_may_be_pressed(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    office.connected_app("Desk", {"canvasConfig/canvasUrl": "https://desk.example"})
    button = "Migrate to External Client App"
    assert admin.get(PAGE).links(button) == [f"{PAGE}/migrate"]
    assert admin.get("/setup/app-manager/Desk").links(button) == []
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    page = viewer.get(PAGE)
    assert page.links(button) == []
    assert "Create, edit, and delete External Client Apps" in page.main
    migrated(office)
    assert admin.get(PAGE).links(button) == []


def test_an_org_of_another_edition_is_told_of_both_sources(office: Office, admin: Browser) -> None:
    from dataclasses import replace  # noqa: PLC0415 - only here

    from changeover.org.model.orgs import Edition  # noqa: PLC0415 - only here

    office.connected_app("Billing")
    with office.house.units.unit() as unit:
        org = unit.orgs.get(office.admin.org_id)
        assert org is not None
        unit.orgs.save(replace(org, edition=Edition.ENTERPRISE))
    page = admin.get(PAGE)
    assert page.links("Migrate to External Client App") == []
    assert "Professional, Performance, Unlimited" in page.main
    assert "release note" in page.main
    assert "Company Information" in page.main


@pytest.mark.usefixtures("billing")
def test_edit_changes_what_was_changed_and_nothing_else(office: Office, admin: Browser) -> None:
    before = record(office)
    saved = admin.submit(f"{PAGE}/edit", {"label": "Billing 2", "oauthConfig/isPkceRequired": "true"})
    assert (saved.status, saved.location) == (303, PAGE)
    assert "Billing 2 was saved." in admin.follow(saved).main
    after = record(office)
    assert after.document.label == "Billing 2"
    assert after.document.description == "line one\r\nline two"
    assert after.document.unknown == before.document.unknown
    assert after.document.oauth_config is not None
    assert after.document.oauth_config.is_pkce_required is True
    assert after.version > before.version


@pytest.mark.usefixtures("billing")
def test_saving_what_nobody_touched_changes_nothing(
    office: Office, admin: Browser, trace: Callable[[], list[str]]
) -> None:
    before, events = record(office), trace()
    for page in ("edit", "edit-policies"):
        assert admin.submit(f"{PAGE}/{page}").status == 303
    assert record(office).document == before.document
    assert trace() == events


@pytest.mark.usefixtures("billing")
def test_edit_policies(admin: Browser) -> None:
    changes = {
        "oauthPolicy/ipRelaxation": "BYPASS",
        "oauthPolicy/refreshTokenPolicy": "specific_inactivity",
        "oauthPolicy/refreshTokenPolicy.number": "30",
        "oauthPolicy/refreshTokenPolicy.unit": "DAYS",
        "attributes[1]/key": "department",
        "attributes[1]/formula": "$User.Department",
    }
    assert admin.submit(f"{PAGE}/edit-policies", changes).status == 303
    shown = details(admin.get(PAGE))
    assert shown["IP Relaxation"] == "Relax IP restrictions"
    assert shown["Refresh Token Policy"] == "Expire refresh token if not used for 30 days"
    assert (
        shown["Custom Attributes"] == "Attribute Key: department, Attribute Value (formula): $User.Department"
    )


@pytest.mark.usefixtures("billing")
def test_a_refused_edit_shows_why_and_what_was_entered(office: Office, admin: Browser) -> None:
    before = record(office)
    page = admin.submit(
        f"{PAGE}/edit", {"label": "Typed", "ipRanges[1]/start": "198.51.100.99", "contactEmail": ""}
    )
    assert page.status == 422
    assert "E-VALUE-REFUSED" in page.main
    assert page.find("//input[@name='label']/@value") == ["Typed"]
    assert page.find("//input[@name='ipRanges[1]/start']/@value") == ["198.51.100.99"]
    assert record(office) == before


@pytest.mark.usefixtures("billing")
def test_a_stale_page_is_refused(office: Office, admin: Browser) -> None:
    stale = admin.get(f"{PAGE}/edit").form(f"{PAGE}/edit")
    assert admin.submit(f"{PAGE}/edit", {"label": "First"}).status == 303
    page = admin.post(f"{PAGE}/edit", {**stale, "label": "Second"})
    assert page.status == 409
    assert "E-STALE-PAGE" in page.main
    assert record(office).document.label == "First"


@pytest.mark.usefixtures("billing")
def test_a_migrated_app_is_read_only_on_every_page(
    office: Office, admin: Browser, trace: Callable[[], list[str]]
) -> None:
    edit = admin.get(f"{PAGE}/edit").form(f"{PAGE}/edit")
    delete = admin.get(f"{PAGE}/delete").form(f"{PAGE}/delete")
    switches = admin.get(f"{PAGE}/switches").form(f"{PAGE}/switches")
    migrated(office)
    before, events = record(office), trace()
    page = admin.get(PAGE)
    assert "read-only" in page.main
    assert "/setup/external-client-apps/Billing" in page.find("//main//a/@href")
    assert page.links("Edit") == page.links("Edit Policies") == page.links("Delete") == []
    assert admin.get(f"{PAGE}/edit").status == 409
    assert admin.get(f"{PAGE}/edit-policies").status == 409
    version = str(before.version)
    for path, form, code in (
        (f"{PAGE}/edit", {**edit, "version": version, "label": "X"}, "E-APP-READ-ONLY"),
        (
            f"{PAGE}/switches",
            {**switches, "version": version, "user_provisioning": "true"},
            "E-APP-READ-ONLY",
        ),
        (
            f"{PAGE}/delete",
            {**delete, "version": version, "confirmed": "true"},
            "E-EXTERNAL-CLIENT-APP-THERE",
        ),
    ):
        refused = admin.post(path, form)
        assert refused.status == 409, path
        assert code in refused.main
    assert record(office) == before
    assert trace() == events


@pytest.mark.usefixtures("billing")
def test_deleting_asks_first(admin: Browser) -> None:
    refused = admin.submit(f"{PAGE}/delete")
    assert refused.status == 422
    assert "E-CONFIRM-DELETION" in refused.main
    done = admin.submit(f"{PAGE}/delete", {"confirmed": "true"})
    assert (done.status, done.location) == (303, "/setup/app-manager")
    assert "The connected app Billing was deleted." in admin.follow(done).main
    assert admin.get(PAGE).status == 404


@pytest.mark.usefixtures("billing")
def test_what_stands_in_no_metadata_blocks_the_migration(admin: Browser) -> None:
    assert admin.submit(f"{PAGE}/switches", {"user_provisioning": "true"}).location == PAGE
    page = admin.get(PAGE)
    assert "User provisioning is on" in page.main
    assert page.links("Migrate to External Client App") == []


def test_a_dialog_is_a_page_of_its_own_without_script(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    alone = admin.get(f"{PAGE}/delete")
    assert alone.find("//nav[@aria-label='Setup']")
    inside = admin.get(f"{PAGE}/delete", {"HX-Request": "true"})
    assert not inside.find("//nav")
    assert "Delete Billing" in inside.text


def test_a_name_with_odd_letters_is_a_name(office: Office, admin: Browser) -> None:
    office.connected_app("ns__Ä pp?&#%", {"label": "Odd <App>"})
    page = admin.get("/setup/app-manager")
    (address,) = page.links("Odd <App>")
    opened = admin.get(address)
    assert opened.status == 200
    assert opened.find("//h1")[0].text_content() == "Odd <App>"


def test_without_permission_nothing_is_changed(
    office: Office, admin: Browser, trace: Callable[[], list[str]]
) -> None:
    office.connected_app("Billing")
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    forms = {
        step: admin.get(f"{PAGE}/{step}").form(f"{PAGE}/{step}")
        for step in ("edit", "edit-policies", "delete", "switches", "migrate")
    }
    before, events = record(office), trace()
    for step, form in forms.items():
        form.pop("_csrf_token")
        refused = viewer.post(
            f"{PAGE}/{step}",
            {
                **form,
                "label": "X",
                "confirmed": "true",
                "local": "true",
                "no_username_password": "true",
                "user_provisioning": "true",
            },
        )
        assert refused.status == 403, step
        assert "E-NOT-PERMITTED" in refused.main, step
    assert viewer.get(f"{PAGE}/edit").status == 403
    assert viewer.get(f"{PAGE}/migrate").status == 403
    assert record(office) == before
    assert trace() == events
