"""The article's path without script, from Quick Find to the link; and every refusal on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from changeover.org.app_manager import view_app
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.lists import ExternalClientAppQuery
from changeover.org.model.apps import ConnectedAppRecord
from changeover.org.model.orgs import Edition
from changeover.org.permissions import Permission
from tests.web.conftest import Browser, Office, Page

PAGE = "/setup/app-manager/Billing"
BOTH = {"local": "true", "no_username_password": "true"}


def record(office: Office, api_name: str = "Billing") -> ConnectedAppRecord:
    with office.house.units.read() as unit:
        return view_app(unit, office.admin, api_name)


def made(office: Office) -> int:
    """Return how many external client apps there are."""
    with office.house.units.read() as unit:
        return unit.external.page(office.admin.org_id, ExternalClientAppQuery()).total


def assert_refused(office: Office, page: Page, status: int, code: str) -> None:
    assert page.status == status, page.text
    assert code in page.main
    assert not record(office).read_only
    assert made(office) == 0


def test_the_articles_path(office: Office, admin: Browser, trace: Callable[[], list[str]]) -> None:
    office.connected_app("Billing", {"label": "Billing", "mobileStartUrl": "https://m.billing.example"})
    (app_manager,) = admin.get("/setup/quick-find?q=App+Manager").find("//main//a[.='App Manager']/@href")
    (app,) = admin.get(app_manager).links("Billing")
    (migrate,) = admin.get(app).links("Migrate to External Client App")
    dialog = admin.get(migrate)
    assert "Evidence" in dialog.main
    assert "1 will be lost" in dialog.main
    assert "mobileStartUrl" in dialog.main
    boxes = [
        label.text_content()
        for label in dialog.find("//main//input[@type='checkbox']/following-sibling::label")
    ]
    assert boxes == [
        "* Billing is a local app: it was created in this org.",
        "* Billing doesn\u2019t use the username-password flow.",
    ]
    done = admin.submit(migrate, BOTH)
    assert done.status == 303
    window = admin.follow(done)
    (link,) = window.find("//dialog[@open]//a[not(@data-close)]/@href")
    assert link == "/setup/external-client-apps/Billing"
    assert admin.get(link).find("//h1")[0].text_content() == "Billing"
    assert "read-only" in window.main
    assert trace()[0] == "connected-app:app:migrated"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "E-CONFIRM-LOCAL"),
        ({"no_username_password": "true"}, "E-CONFIRM-LOCAL"),
        ({"local": "true"}, "E-CONFIRM-NO-USERNAME-PASSWORD"),
        ({"local": "yes", "no_username_password": "true"}, "E-CONFIRM-LOCAL"),
    ],
)
def test_an_unconfirmed_dialog(office: Office, admin: Browser, given: dict[str, str], code: str) -> None:
    office.connected_app("Billing")
    refused = admin.submit(f"{PAGE}/migrate", given)
    assert_refused(office, refused, 422, code)
    checked = refused.find("//input[@type='checkbox'][@checked]/@name")
    assert checked == [name for name, value in given.items() if value == "true"]


def test_against_the_evidence_in_so_many_words(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    office.login("Billing", "OauthUsernamePassword")
    dialog = admin.get(f"{PAGE}/migrate")
    assert "logged in once with username and password" in dialog.main
    assert "Despite this evidence" in dialog.main
    refused = admin.submit(f"{PAGE}/migrate", BOTH)
    assert_refused(office, refused, 409, "E-USERNAME-PASSWORD-SEEN")
    assert admin.submit(f"{PAGE}/migrate", {**BOTH, "despite_evidence": "true"}).status == 303
    assert record(office).read_only


def test_an_app_that_is_not_eligible(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    form = admin.get(f"{PAGE}/migrate").form(f"{PAGE}/migrate")
    admin.submit(
        f"{PAGE}/edit", {"canvasConfig/canvasUrl": "https://c.example", "canvasConfig/accessMethod": "Get"}
    )
    assert_refused(office, admin.get(f"{PAGE}/migrate"), 409, "E-NOT-ELIGIBLE")
    posted = admin.post(f"{PAGE}/migrate", {**form, **BOTH, "version": str(record(office).version)})
    assert_refused(office, posted, 409, "E-NOT-ELIGIBLE")


def test_an_app_that_is_not_local(office: Office, admin: Browser) -> None:
    office.connected_app("vendor__Billing")
    page = admin.get("/setup/app-manager/vendor__Billing/migrate")
    assert page.status == 409
    assert "E-NOT-LOCAL" in page.main
    assert made(office) == 0


def test_an_org_of_another_edition(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    form = admin.get(f"{PAGE}/migrate").form(f"{PAGE}/migrate")
    with office.house.units.unit() as unit:
        org = unit.orgs.get(office.admin.org_id)
        assert org is not None
        unit.orgs.save(replace(org, edition=Edition.ENTERPRISE))
    assert_refused(office, admin.get(f"{PAGE}/migrate"), 403, "E-EDITION")
    assert_refused(office, admin.post(f"{PAGE}/migrate", {**form, **BOTH}), 403, "E-EDITION")


def test_the_permission_alone_with_setup_suffices(office: Office) -> None:
    office.connected_app("Billing")
    username = office.user(
        "migrator@acme.example", [Permission.VIEW_SETUP, Permission.EXTERNAL_CLIENT_APP_DEVELOPER]
    )
    browser = office.signed_in(username)
    assert browser.submit(f"{PAGE}/migrate", BOTH).status == 303
    assert browser.get("/setup/external-client-apps/Billing").status == 200


def test_a_stale_page(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    form = admin.get(f"{PAGE}/migrate").form(f"{PAGE}/migrate")
    office.login("Billing", "OauthUsernamePassword")
    refused = admin.post(f"{PAGE}/migrate", {**form, **BOTH, "despite_evidence": "true"})
    assert_refused(office, refused, 409, "E-STALE-PAGE")


def test_a_second_click(office: Office, admin: Browser, trace: Callable[[], list[str]]) -> None:
    office.connected_app("Billing")
    form = {**admin.get(f"{PAGE}/migrate").form(f"{PAGE}/migrate"), **BOTH}
    assert admin.post(f"{PAGE}/migrate", form).status == 303
    again = admin.post(f"{PAGE}/migrate", form)
    assert again.status == 409
    assert "E-ALREADY-MIGRATED" in again.main
    assert made(office) == 1
    assert trace().count("connected-app:app:migrated") == 1
    # Whoever opens the dialog of a migrated app is led to the app.
    assert admin.get(f"{PAGE}/migrate").location == PAGE


def test_two_at_once(office: Office, trace: Callable[[], list[str]]) -> None:
    office.connected_app("Billing")
    browsers = [office.signed_in() for _ in range(2)]
    forms = [{**one.get(f"{PAGE}/migrate").form(f"{PAGE}/migrate"), **BOTH} for one in browsers]
    answers: list[int] = []

    def click(browser: Browser, form: dict[str, str]) -> None:
        # Each with its cookies in hand: the test client's own memory is shared between threads.
        answer = office.client.post(
            f"{PAGE}/migrate",
            data=form,
            follow_redirects=False,
            headers={"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())},
        )
        answers.append(answer.status_code)

    office.client.cookies.clear()
    clicks = [threading.Thread(target=click, args=pair) for pair in zip(browsers, forms, strict=True)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(answers) == [303, 409]
    assert made(office) == 1
    assert trace().count("connected-app:app:migrated") == 1


def test_after_a_revert_it_may_be_migrated_again(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    before = record(office)
    admin.submit(f"{PAGE}/migrate", BOTH)
    with office.house.units.unit() as unit:
        delete_external_client_app(unit, office.admin, "Billing", confirmed=True, seen_version=None)
    assert record(office).document == before.document
    assert admin.submit(f"{PAGE}/migrate", BOTH).status == 303
    assert record(office).read_only
