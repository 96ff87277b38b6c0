"""Migrate several: review, one confirmation, progress, a result for each, and going on after a stop."""

from __future__ import annotations

import csv
import io

import pytest

from changeover.org import batches
from changeover.org.app_manager import view_app
from changeover.org.batch_runs import run_batch
from changeover.org.external_client_app_edits import edit_settings
from changeover.org.model.apps import Confirmation
from changeover.org.permissions import Permission
from changeover.web.pages import migrations
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


def changed(office: Office, description: str) -> None:
    """Change the external client app that a batch made."""
    with office.house.units.unit() as unit:
        edit_settings(unit, office.admin, "Billing", {"eca/description": description}, seen_version=None)


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
    assert ready == ["Legacy", "Billing"], "what needs words comes first"
    assert (
        "logged in once with username and password" in page.find("//section[@id='ready']")[0].text_content()
    )
    skipped = page.find("//section[@id='skipped']")[0].text_content()
    assert "Desk" in skipped
    assert "provisioning" in skipped


def test_a_review_of_many_apps_is_folded_up_except_what_needs_words(
    admin: Browser, apps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = admin.post(REVIEW, {"app": apps})
    assert len(few.find("//main//details[@open]")) == len(few.find("//main//details")) == 2
    monkeypatch.setattr(migrations, "_UNFOLDED", 0)
    many = admin.post(REVIEW, {"app": apps})
    assert many.find("//main//details[@open]") == []
    assert many.find("//main//input[@name='despite_evidence'][not(ancestor::details)]/@value") == ["Legacy"]
    # What is folded up is sent all the same.
    assert many.form("/setup/migrations")["app"] == few.form("/setup/migrations")["app"]


def test_a_blanket_confirmation_covers_only_apps_without_evidence(
    office: Office, admin: Browser, apps: list[str]
) -> None:
    form = admin.post(REVIEW, {"app": apps}).form("/setup/migrations")
    started = admin.post("/setup/migrations", {**form, **BOTH})
    assert started.status == 303
    waiting = admin.follow(started)
    assert "0 of 3 apps are done. It waits for a process that runs batches." in waiting.main
    office.run_batches()
    page = admin.follow(started)
    assert results(page) == {"Billing": "Migrated", "Legacy": "Skipped", "Desk": "Skipped"}
    assert "3 of 3 apps are done. 1 migrated. 2 skipped." in page.main
    assert "E-USERNAME-PASSWORD-SEEN" in page.main
    assert [read_only(office, name) for name in apps] == [True, False, False]
    assert page.links("Open the external client app of Billing") == ["/setup/external-client-apps/Billing"]


def test_each_app_with_evidence_has_its_own_words(office: Office, admin: Browser, apps: list[str]) -> None:
    form = admin.post(REVIEW, {"app": apps}).form("/setup/migrations")
    admin.post("/setup/migrations", {**form, **BOTH, "despite_evidence": "Legacy"})
    office.run_batches()
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
    started = admin.post("/setup/migrations", {**form, **BOTH})
    office.run_batches()
    page = admin.follow(started)
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
    started = admin.post("/setup/migrations", {**page.form("/setup/migrations"), **BOTH})
    office.run_batches()
    done = admin.follow(started)
    assert "30 of 30 apps are done. 30 migrated." in done.main
    assert len(results(done)) == 25
    (second,) = done.links("Next")
    assert len(results(admin.get(second))) == 5
    assert not read_only(office, "Other")


def test_nothing_chosen_is_said(admin: Browser) -> None:
    page = admin.post(REVIEW, {})
    assert "None of the apps that were chosen can be migrated." in page.main
    refused = admin.post("/setup/migrations", BOTH)
    assert refused.status == 422
    assert "No app was chosen." in refused.main


@pytest.fixture
def batch_id(office: Office, apps: list[str]) -> str:
    """A batch of three apps of which one is done; nobody is at it."""
    with office.house.units.unit() as unit:
        confirmation = Confirmation(local=True, no_username_password=True)
        batch = batches.start_batch(unit, office.admin, apps, confirmation)
    # As far as the first app; then nobody asks for the next.
    assert next(run_batch(office.house.units, batch.batch_id)).result == "migrated"
    return batch.batch_id


def test_a_batch_is_stopped_and_gone_on_with(office: Office, admin: Browser, batch_id: str) -> None:
    here = f"/setup/migrations/{batch_id}"
    page = admin.get(here)
    assert page.find("//*[@hx-get]")
    assert page.find("//noscript/meta[@http-equiv='refresh']")
    stopped = admin.follow(admin.submit(here, action=f"{here}/stop"))
    assert "1 of 3 apps are done. 1 migrated. The batch has stopped." in stopped.main
    assert not stopped.find("//*[@hx-get]")
    assert office.run_batches() == 0
    going = admin.follow(admin.submit(here, action=f"{here}/go-on"))
    assert "stopped" not in going.main
    assert office.run_batches() == 2
    done = admin.get(here)
    assert results(done) == {"Billing": "Migrated", "Legacy": "Skipped", "Desk": "Skipped"}
    assert here in admin.get("/setup/migrations").find("//tbody//a/@href")


def test_while_it_runs_the_script_asks_for_the_page_as_it_is_filtered(admin: Browser, batch_id: str) -> None:
    here = f"/setup/migrations/{batch_id}?result=migrated"
    asked = admin.get(here).find("//*[@hx-get]/@hx-get")
    assert len(asked) == 1
    assert "result=migrated" in asked[0]
    fragment = admin.get(asked[0], {"HX-Request": "true"})
    assert not fragment.find("//nav[@id='setup-tree']")
    assert results(fragment) == {"Billing": "Migrated"}


def test_results_are_filtered_counted_and_downloaded(office: Office, admin: Browser, batch_id: str) -> None:
    office.run_batches()
    here = f"/setup/migrations/{batch_id}"
    page = admin.get(here)
    assert [link.text_content() for link in page.find("//nav[@aria-label='Results']//a")] == [
        "All (3)",
        "Migrated (1)",
        "Skipped (2)",
    ]
    skipped = admin.get(page.links("Skipped (2)")[0])
    assert set(results(skipped)) == {"Legacy", "Desk"}
    (path,) = skipped.links("Download CSV")
    answer = admin.get(path)
    assert answer.headers["content-disposition"] == f'attachment; filename="{batch_id}-skipped.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["app", "result", "code", "message", "remedy"]
    assert [row[:3] for row in rows[1:]] == [
        ["Legacy", "skipped", "E-USERNAME-PASSWORD-SEEN"],
        ["Desk", "skipped", "E-NOT-ELIGIBLE"],
    ]
    (path,) = page.links("Download JSON")
    assert [each["result"] for each in admin.get(path).response.json()["outcomes"]] == [
        "migrated",
        "skipped",
        "skipped",
    ]


def test_no_name_becomes_a_formula_of_a_spreadsheet(office: Office, admin: Browser) -> None:
    names = ["=cmd|x", "@sum", "-1", "+1"]
    form = {"app": names, **BOTH}
    started = admin.post("/setup/migrations", form)
    office.run_batches()
    answer = admin.get(f"{started.location}/results.csv")
    assert [row[0] for row in csv.reader(io.StringIO(answer.text))][1:] == [f"'{name}" for name in names]


def test_a_batch_is_undone_after_what_is_lost_was_shown(
    office: Office, admin: Browser, batch_id: str
) -> None:
    office.run_batches()
    here = f"/setup/migrations/{batch_id}"
    changed(office, "Changed since")
    asked = admin.get(admin.get(here).links("Undo…")[0])
    assert "1 external client apps will be deleted; 1 of them was changed" in asked.main
    assert "Changed since" in asked.main
    refused = admin.submit(f"{here}/undo")
    assert (refused.status, "E-CONFIRM-DELETION" in refused.main) == (422, True)
    started = admin.submit(f"{here}/undo", {"confirmed": "true"})
    office.run_batches()
    done = admin.follow(started)
    assert results(done) == {"Billing": "Reverted"}
    assert not read_only(office, "Billing")
    assert admin.get(here).links(f"Undone by the batch {started.location.rpartition('/')[2]}")
    again = admin.get(f"{here}/undo")
    assert "None of the external client apps that the batch made is there any more." in again.main


def test_an_undo_of_what_changed_since_the_page_was_shown_is_refused(
    office: Office, admin: Browser, batch_id: str
) -> None:
    office.run_batches()
    here = f"/setup/migrations/{batch_id}/undo"
    form = admin.get(here).form(here)
    changed(office, "Meanwhile")
    refused = admin.post(here, {**form, "confirmed": "true"})
    assert "E-STALE-PAGE" in refused.main
    assert "Meanwhile" in refused.main
    assert read_only(office, "Billing")


def test_who_may_not_migrate_sees_the_results_and_none_of_the_buttons(office: Office, batch_id: str) -> None:
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    here = f"/setup/migrations/{batch_id}"
    page = viewer.get(here)
    assert results(page) == {"Billing": "Migrated"}
    assert not page.find("//main//form")
    for path in ("stop", "go-on", "undo"):
        assert viewer.post(f"{here}/{path}").status == 403
    assert viewer.get(f"{here}/undo").status == 403


def test_without_the_permission_there_is_no_review(office: Office, apps: list[str]) -> None:
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    viewer.get("/setup")
    for path in (REVIEW, "/setup/migrations"):
        refused = viewer.post(path, {"app": apps, **BOTH})
        assert refused.status == 403
        assert "E-NOT-PERMITTED" in refused.main
