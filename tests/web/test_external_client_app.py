"""An external client app's pages: settings, policies, origin, what is loose, key and secret, deletion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from changeover.migration.loose import loose
from changeover.org.app_manager import view_app
from changeover.org.consumer_details import set_secret
from changeover.org.external_client_apps import view_external_client_app
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation, ConnectedAppRecord, ExternalClientAppRecord
from changeover.org.permissions import Permission
from tests.web.conftest import ADMIN, Browser, Office
from tests.web.test_connected_app import details

PAGE = "/setup/external-client-apps/Billing"
CONNECTED = "/setup/app-manager/Billing"
SECRET = "9F2A7C55E1D04B8893AA6B1C0D5E7F24"


@pytest.fixture
def billing(office: Office) -> ConnectedAppRecord:
    """Return the connected app, migrated."""
    office.connected_app(
        "Billing",
        {
            "label": "Billing",
            "oauthPolicy/refreshTokenPolicy": "infinite",
            "mobileStartUrl": "https://m.billing.example",
        },
    )
    with office.house.units.unit() as unit:
        set_secret(unit, office.admin, "Billing", SECRET, seen_version=None)
    with office.house.units.unit() as unit:
        migrate(unit, office.admin, "Billing", Confirmation(local=True, no_username_password=True))
    with office.house.units.read() as unit:
        return view_app(unit, office.admin, "Billing")


def record(office: Office) -> ExternalClientAppRecord:
    with office.house.units.read() as unit:
        return view_external_client_app(unit, office.admin, "Billing")


@pytest.mark.usefixtures("billing")
def test_the_manager_lists_it_with_its_origin(admin: Browser) -> None:
    page = admin.get("/setup/external-client-apps")
    assert page.links("Billing") == [PAGE]
    assert page.find("//td[@data-label='Came from']//a/@href") == [CONNECTED]
    assert "There is nothing" not in page.main
    assert page.links("Edit Policies") == [f"{PAGE}/edit-policies"]


@pytest.mark.usefixtures("billing")
def test_settings_and_policies_have_tabs(admin: Browser) -> None:
    settings = admin.get(PAGE)
    assert details(settings)["Callback URL"] == "https://billing.example/callback"
    assert details(settings)["Distribution State"] == "Local"
    (policies,) = settings.links("Policies")
    shown = details(admin.get(policies))
    assert shown["Refresh Token Policy"] == "Refresh token is valid until revoked"
    assert shown["Permitted Users"] == "All users may self-authorize"
    assert "(default)" not in " ".join(details(settings).values()), (
        "no policy or setting is left to a default"
    )


@pytest.mark.usefixtures("billing")
def test_the_origin_has_the_account_losses_first(admin: Browser) -> None:
    page = admin.get(f"{PAGE}/origin")
    assert page.find("//main//a[.='Billing']/@href") == [CONNECTED]
    kinds = [
        badge.text_content().strip()
        for badge in page.find("//tbody//td[@data-label='What becomes of it']/span")
    ]
    assert kinds[0] == "Lost"
    assert set(kinds) == {"Lost", "Translated", "Carried", "Added"}
    assert SECRET not in page.response.text


@pytest.mark.usefixtures("billing")
def test_edit_settings_and_policies(office: Office, admin: Browser) -> None:
    before = view(office)
    saved = admin.submit(
        f"{PAGE}/edit-settings", {"eca/label": "Invoices", "ecaGlblOauth/isPkceRequired": "true"}
    )
    assert (saved.status, saved.location) == (303, PAGE)
    policies = {
        "ecaOauthPlcy/refreshTokenPolicyType": "SpecificInactivity",
        "ecaOauthPlcy/refreshTokenValidityPeriod": "30",
        "ecaOauthPlcy/refreshTokenValidityUnit": "Days",
    }
    saved = admin.submit(f"{PAGE}/edit-policies", policies)
    assert (saved.status, saved.location) == (303, f"{PAGE}/policies")
    shown = details(admin.follow(saved))
    assert shown["Refresh Token Policy"] == "Expire refresh token if not used for a specific time"
    assert shown["Refresh Token Validity Period"] == "30"
    assert details(admin.get(PAGE))["External Client App Name"] == "Invoices"
    # The changes never touch the connected app.
    assert view(office) == before


def view(office: Office) -> ConnectedAppRecord:
    with office.house.units.read() as unit:
        return view_app(unit, office.admin, "Billing")


@pytest.mark.usefixtures("billing")
def test_a_half_policy_is_refused_and_what_was_entered_stays(office: Office, admin: Browser) -> None:
    before = record(office)
    page = admin.submit(f"{PAGE}/edit-policies", {"ecaOauthPlcy/refreshTokenPolicyType": "SpecificLifetime"})
    assert page.status == 422
    assert "E-VALUE-REFUSED" in page.main
    chosen = page.find("//select[@name='ecaOauthPlcy/refreshTokenPolicyType']/option[@selected]/@value")
    assert chosen == ["SpecificLifetime"]
    assert record(office) == before


@pytest.mark.usefixtures("billing")
def test_what_is_loose_is_tightened_in_one_step(office: Office, admin: Browser) -> None:
    page = admin.get(PAGE)
    points = page.find("//section[@id='loose']//input[@name='point']/@value")
    assert points == [point.id for point in loose(record(office).app)]
    pkce = next(point for point in points if "pkce" in point)
    form = {"point": pkce, "title": "PKCE", "version": str(record(office).version)}
    done = admin.post(f"{PAGE}/tighten", form)
    assert (done.status, done.location) == (303, PAGE)
    after = admin.follow(done)
    assert pkce not in after.find("//section[@id='loose']//input[@name='point']/@value")
    assert details(after)[next(k for k in details(after) if "PKCE" in k)] == "Yes"
    stale = admin.post(f"{PAGE}/tighten", {**form, "point": points[-1]})
    assert stale.status == 409
    assert "E-STALE-PAGE" in stale.main


@pytest.mark.usefixtures("billing")
def test_deleting_lists_first_what_will_be_lost(
    office: Office, admin: Browser, trace: Callable[[], list[str]]
) -> None:
    frozen = view(office)
    admin.submit(f"{PAGE}/edit-settings", {"eca/label": "Invoices"})
    page = admin.get(f"{PAGE}/delete")
    assert "Billing.eca/label" in page.main
    assert "Billing → Invoices" in page.main
    refused = admin.submit(f"{PAGE}/delete")
    assert refused.status == 422
    assert "E-CONFIRM-DELETION" in refused.main
    done = admin.submit(f"{PAGE}/delete", {"confirmed": "true"})
    assert (done.status, done.location) == (303, CONNECTED)
    assert "active again" in admin.follow(done).main
    assert admin.get(PAGE).status == 404
    after = view(office)
    assert not after.read_only
    assert after.document == frozen.document
    assert trace()[0] == "external-client-app:app:deleted"


def prove(office: Office, browser: Browser) -> None:
    """Give the password again, as the pages with secrets ask for it."""
    asked = browser.get(f"{CONNECTED}/consumer-details")
    answer = browser.submit(asked.location, {"password": office.passwords[ADMIN]}, action="/setup/verify")
    assert answer.status == 303


@pytest.mark.usefixtures("billing")
def test_the_secret_is_shown_only_after_a_fresh_password_check(
    office: Office, admin: Browser, trace: Callable[[], list[str]]
) -> None:
    asked = admin.get(f"{PAGE}/consumer-details")
    assert asked.status == 303
    assert asked.location.startswith("/setup/verify?")
    assert admin.follow(asked).links("Cancel") == [PAGE]
    looks = trace().count("external-client-app:secret:revealed")
    wrong = admin.submit(asked.location, {"password": "wrong"}, action="/setup/verify")
    assert wrong.status == 403
    assert "E-PASSWORD-WRONG" in wrong.main
    assert admin.get(f"{PAGE}/consumer-details").status == 303
    right = admin.submit(asked.location, {"password": office.passwords[ADMIN]}, action="/setup/verify")
    page = admin.follow(right)
    assert page.status == 200
    assert SECRET in page.main
    assert "3MVG9.Billing" in page.main
    assert page.headers["Cache-Control"] == "no-store"
    assert trace().count("external-client-app:secret:revealed") == looks + 1
    office.clock.pass_by(timedelta(minutes=6))
    assert admin.get(f"{PAGE}/consumer-details").status == 303


@pytest.mark.usefixtures("billing")
def test_rotating_ends_the_old_secret_and_is_lost_with_a_revert(office: Office, admin: Browser) -> None:
    here = f"{PAGE}/consumer-details"
    prove(office, admin)
    assert not [form for form in admin.get(here).tree.forms if form.get("action") == f"{here}/rotate"]
    (question,) = admin.get(here).links("Rotate")
    assert "until it has the new ones" in admin.get(question).main
    done = admin.agree(question)
    assert (done.status, done.location) == (303, here)
    assert SECRET not in admin.follow(done).response.text
    assert "The consumer secret was set or rotated." in admin.get(f"{PAGE}/delete").main
    office.clock.pass_by(timedelta(minutes=6))
    assert admin.post(f"{here}/rotate", {"secret": "true"}).location.startswith("/setup/verify?")


@pytest.mark.usefixtures("billing")
def test_credentials_are_staged_rotated_and_deleted_without_script(office: Office, admin: Browser) -> None:
    here = f"{PAGE}/consumer-details"
    prove(office, admin)

    def secrets() -> list[str]:
        return [code.text for code in admin.get(here).tree.xpath("//code[contains(@class, 'co-secret')]")]

    own = secrets()
    assert own[1] == SECRET
    done = admin.submit(here, action=f"{here}/staged")
    assert (done.status, done.location) == (303, here)
    both = secrets()
    assert both[:2] == own
    assert "It has staged credentials, which end with it." in admin.get(f"{PAGE}/delete").main
    (rotate,) = [one.get("action") for one in admin.get(here).tree.forms if "staged/" in one.get("action")][
        :1
    ]
    assert rotate.endswith("/rotate")
    assert admin.submit(here, action=rotate).location == here
    assert secrets() == [*both[2:], *own]
    page = admin.get(here)
    assert details(page)["State"] == "Rotated"
    assert "whoever still logs in with it is refused" in page.main
    # A page that still stood open: its pair is the app's own by now.
    late = admin.post(rotate, {})
    assert (late.status, "E-STAGED-UNFIT" in late.main) == (409, True)
    # Nothing on the page deletes by itself: the link leads to a question.
    (question,) = page.links("Delete Staged Credentials")
    assert not [form for form in page.tree.forms if "delete" in form.get("action")]
    asked = admin.get(question)
    assert f"The former consumer key {own[0]}" in asked.main
    assert (own[1] in asked.main, asked.links("Cancel")) == (False, [here])
    assert secrets() == [*both[2:], *own]
    assert admin.agree(question).location == here
    assert secrets() == both[2:]
    late = admin.get(question)
    assert (late.status, "E-RECORD-NOT-FOUND" in late.main) == (404, True)
    office.clock.pass_by(timedelta(minutes=6))
    assert admin.post(f"{here}/staged", {}).location.startswith("/setup/verify?")


@pytest.mark.usefixtures("billing")
def test_the_secret_stands_on_no_other_page(admin: Browser) -> None:
    for path in (
        PAGE,
        f"{PAGE}/policies",
        f"{PAGE}/origin",
        f"{PAGE}/edit-settings",
        f"{PAGE}/edit-policies",
        f"{PAGE}/delete",
        CONNECTED,
        "/setup/audit-trail",
    ):
        page = admin.get(path)
        assert page.status == 200, path
        assert SECRET not in page.response.text, path


def test_an_imported_app_is_given_its_secret(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    here = f"{CONNECTED}/consumer-details"
    prove(office, admin)
    page = admin.get(here)
    assert "Not set: metadata never holds it" in page.main
    assert admin.submit(here, {"secret": "short"}, action=f"{here}/set-secret").status == 422
    assert admin.submit(here, {"secret": SECRET}, action=f"{here}/set-secret").location == here
    assert SECRET in admin.get(here).main


@pytest.mark.usefixtures("billing")
def test_a_migrated_connected_app_shows_its_key_and_takes_no_other(office: Office, admin: Browser) -> None:
    prove(office, admin)
    page = admin.get(f"{CONNECTED}/consumer-details")
    assert SECRET in page.main
    assert not page.find("//main//form")
    for step in ("rotate", "set-secret"):
        refused = admin.post(f"{CONNECTED}/consumer-details/{step}", {"secret": SECRET, "version": ""})
        assert refused.status == 409
        assert "E-APP-READ-ONLY" in refused.main


@pytest.mark.usefixtures("billing")
def test_each_permission_opens_its_own_door(office: Office) -> None:
    setup = Permission.VIEW_SETUP
    viewer = office.signed_in(
        office.user("viewer@acme.example", [setup, Permission.EXTERNAL_CLIENT_APP_VIEWER])
    )
    policies = office.signed_in(
        office.user("policies@acme.example", [setup, Permission.EXTERNAL_CLIENT_APP_ADMIN])
    )
    settings = office.signed_in(
        office.user("settings@acme.example", [setup, Permission.EXTERNAL_CLIENT_APP_DEVELOPER])
    )
    outsider = office.signed_in(office.user("outsider@acme.example", [setup]))
    assert outsider.get(PAGE).status == outsider.get("/setup/external-client-apps").status == 403
    expected = {"edit-settings": settings, "edit-policies": policies, "delete": settings}
    for step, allowed in expected.items():
        for browser in (viewer, policies, settings):
            status = browser.get(f"{PAGE}/{step}").status
            assert status == (200 if browser is allowed else 403), step
    for browser in (viewer, policies, settings):
        assert browser.get(PAGE).status == 200
        assert browser.get(f"{PAGE}/consumer-details").status == 403
    assert viewer.get(PAGE).links("Edit Settings") == []
    (point, *_others) = loose(record(office).app)
    assert viewer.post(f"{PAGE}/tighten", {"point": point.id, "version": "1"}).status == 403
