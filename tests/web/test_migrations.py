"""Migrate several: review, one confirmation, progress, a result for each, and going on after a stop."""

from __future__ import annotations

from typing import Any

import pytest

from changeover.org import batches
from changeover.org.app_manager import view_app
from changeover.org.model import Confirmation, Outcome
from changeover.org.permissions import Permission
from tests.web.conftest import Browser, Office, Page

BOTH = {"local": "true", "no_username_password": "true"}
REVIEW = "/setup/migrations/review"


@pytest.fixture
def apps(office: Office) -> list[str]:
    names = [office.connected_app(name) for name in ("Billing", "Legacy", "Desk")]
    office.login("Legacy", "OauthUsernamePassword")
    with office.house.units.unit() as unit:
        from changeover.org.connected_apps import set_switches  # noqa: PLC0415 - only here

        set_switches(unit, office.admin, "Desk", user_provisioning=True, seen_version=None)
    return names


def read_only(office: Office, name: str) -> bool:
    with office.house.units.read() as unit:
        return view_app(unit, office.admin, name).read_only


def results(page: Page) -> dict[str, str]:
    return {
        row.xpath("./th")[0].text_content().strip(): row.xpath("./td[1]")[0].text_content().strip()
        for row in page.find("//table[caption='Results']/tbody/tr[th]")
    }


def test_review_tells_what_is_ready_what_needs_words_and_what_is_skipped(
    admin: Browser, apps: list[str]
) -> None:
    page = admin.post(REVIEW, {"app": apps})
    assert page.status == 200
    ready = [link.text_content() for link in page.find("//section[@id='ready']//p/a")]
    assert ready == ["Billing", "Legacy"]
    assert (
        "logged in once with username and password" in page.find("//section[@id='ready']")[0].text_content()
    )
    skipped = page.find("//section[@id='skipped']")[0].text_content()
    assert "Desk" in skipped
    assert "provisioning" in skipped


def test_a_blanket_confirmation_covers_only_apps_without_evidence(
    office: Office, admin: Browser, apps: list[str]
) -> None:
    form = admin.post(REVIEW, {"app": apps}).form("/setup/migrations")
    started = admin.post("/setup/migrations", {**form, **BOTH})
    assert started.status == 303
    page = admin.follow(started)
    assert results(page) == {"Billing": "Migrated", "Legacy": "Skipped", "Desk": "Skipped"}
    assert "3 of 3 apps are done. 1 migrated. 2 skipped." in page.main
    assert "E-USERNAME-PASSWORD-SEEN" in page.main
    assert [read_only(office, name) for name in apps] == [True, False, False]
    assert page.links("Open the external client app of Billing") == ["/setup/external-client-apps/Billing"]


def test_each_app_with_evidence_has_its_own_words(office: Office, admin: Browser, apps: list[str]) -> None:
    form = admin.post(REVIEW, {"app": apps}).form("/setup/migrations")
    admin.post("/setup/migrations", {**form, **BOTH, "despite_evidence": "Legacy"})
    assert read_only(office, "Legacy")


@pytest.mark.parametrize(
    ("given", "code"),
    [({}, "E-CONFIRM-LOCAL"), ({"local": "true"}, "E-CONFIRM-NO-USERNAME-PASSWORD")],
)
def test_without_the_confirmations_nothing_begins(
    office: Office, admin: Browser, apps: list[str], given: dict[str, str], code: str
) -> None:
    form = admin.post(REVIEW, {"app": apps}).form("/setup/migrations")
    page = admin.post("/setup/migrations", {**form, **given, "despite_evidence": "Legacy"})
    assert page.status == 422
    assert code in page.main
    assert page.find("//input[@name='despite_evidence'][@checked]/@value") == ["Legacy"]
    assert not any(read_only(office, name) for name in apps)


def test_an_app_that_changed_after_the_review_is_not_migrated(
    office: Office, admin: Browser, apps: list[str]
) -> None:
    form = admin.post(REVIEW, {"app": apps}).form("/setup/migrations")
    admin.submit("/setup/app-manager/Billing/edit", {"label": "Changed"})
    page = admin.follow(admin.post("/setup/migrations", {**form, **BOTH}))
    assert results(page)["Billing"] == "Failed"
    assert "E-STALE-PAGE" in page.main
    assert not read_only(office, "Billing")


def test_all_that_the_filters_let_through(office: Office, admin: Browser) -> None:
    for number in range(30):
        office.connected_app(f"Tool_{number:02}")
    office.connected_app("Other")
    table = admin.get("/setup/app-manager?q=Tool")
    assert table.find("//button[@name='all']")[0].text_content() == "Migrate All 30…"
    form = table.form(REVIEW)
    page = admin.post(REVIEW, {**form, "all": "true"})
    assert len(page.find("//section[@id='ready']//p/a")) == 30
    done = admin.follow(admin.post("/setup/migrations", {**page.form("/setup/migrations"), **BOTH}))
    assert "30 of 30 apps are done. 30 migrated." in done.main
    assert not read_only(office, "Other")


def test_nothing_chosen_is_said(admin: Browser) -> None:
    page = admin.post(REVIEW, {})
    assert "None of the apps that were chosen can be migrated." in page.main
    refused = admin.post("/setup/migrations", BOTH)
    assert refused.status == 422
    assert "No app was chosen." in refused.main


def test_a_run_that_stopped_goes_on_where_it_was(office: Office, admin: Browser, apps: list[str]) -> None:
    units = office.house.units
    with units.unit() as unit:
        confirmation = Confirmation(local=True, no_username_password=True)
        batch = batches.start_batch(unit, office.admin, apps, confirmation)
    # As far as the first app; then nobody asks for the next.
    assert next(batches.run_batch(units, office.admin, batch.batch_id)).result == "migrated"
    here = f"/setup/migrations/{batch.batch_id}"
    page = admin.get(here)
    assert "1 of 3 apps are done. The run has stopped." in page.main
    assert not page.find("//*[@hx-get]")
    done = admin.follow(admin.submit(here, action=f"{here}/go-on"))
    assert results(done) == {"Billing": "Migrated", "Legacy": "Skipped", "Desk": "Skipped"}
    assert here in admin.get("/setup/migrations").find("//tbody//a/@href")


def test_while_it_runs_the_page_asks_again_and_nobody_starts_it_twice(
    office: Office, admin: Browser, apps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.house.units.unit() as unit:
        confirmation = Confirmation(local=True, no_username_password=True)
        batch = batches.start_batch(unit, office.admin, apps, confirmation)
    from datetime import timedelta  # noqa: PLC0415 - only here

    office.house.key_values("migrations-running").count(batch.batch_id, timedelta(seconds=30))
    here = f"/setup/migrations/{batch.batch_id}"
    page = admin.get(here)
    assert page.find("//*[@hx-get]/@hx-get") == [here]
    assert page.find("//noscript/meta[@http-equiv='refresh']")
    fragment = admin.get(here, {"HX-Request": "true"})
    assert not fragment.find("//nav")
    started: list[Any] = []

    def run(*given: Any) -> list[Outcome]:
        started.append(given)
        return []

    monkeypatch.setattr(batches, "run_batch", run)
    form = {"_csrf_token": admin.cookies["csrf"]}
    assert admin.post(f"{here}/go-on", form).status == 303
    assert started == []


def test_without_the_permission_there_is_no_review(office: Office, apps: list[str]) -> None:
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    viewer.get("/setup")
    for path in (REVIEW, "/setup/migrations"):
        refused = viewer.post(path, {"app": apps, **BOTH})
        assert refused.status == 403
        assert "E-NOT-PERMITTED" in refused.main
