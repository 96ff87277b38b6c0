"""Company Information and the pages of switches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from changeover.org.app_manager import view_app
from changeover.org.company import edit_org, view_org
from changeover.org.model.orgs import Org
from changeover.org.permissions import Permission
from tests.web.conftest import Browser, Office

_COMPANY = "/setup/company-information"
_OAUTH = "/setup/oauth-and-openid-connect-settings"
_BUTTON = "//main//a[contains(@href, '/migrate')]"
_EXTERNAL = "/setup/external-client-app-settings"


def org_of(office: Office) -> Org:
    with office.house.units.read() as unit:
        return view_org(unit, office.admin)


def test_company_information_is_shown_and_edited(office: Office, admin: Browser) -> None:
    page = admin.get(_COMPANY)
    for text in ("Acme Trading", "Developer", "acme.my.salesforce.com", org_of(office).org_id):
        assert text in page.main
    path = f"{_COMPANY}/edit"
    changes = {
        "name": "Acme",
        "edition": "Enterprise",
        "enterprise_admitted": "true",
        "my_domain": "acme-holding",
    }
    assert admin.submit(path, changes).location == _COMPANY
    org = org_of(office)
    assert (org.name, org.edition, org.my_domain) == ("Acme", "Enterprise", "acme-holding")
    assert (org.enterprise_admitted, org.connected_app_creation_allowed) == (True, False)
    form = admin.get(path).form(path)
    del form["enterprise_admitted"]
    admin.post(path, {**form, "connected_app_creation_allowed": "true"})
    org = org_of(office)
    assert (org.enterprise_admitted, org.connected_app_creation_allowed) == (False, True)


def test_an_enterprise_org_migrates_only_with_the_switch(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    path = f"{_COMPANY}/edit"
    assert admin.get("/setup/app-manager/Billing").find(_BUTTON)
    admin.submit(path, {"edition": "Enterprise"})
    without = admin.get("/setup/app-manager/Billing")
    assert without.find(_BUTTON) == []
    assert "turn on “Admit Enterprise Edition”" in without.main
    assert "Admit Enterprise Edition" in admin.get(path).main
    admin.submit(path, {"enterprise_admitted": "true"})
    assert admin.get("/setup/app-manager/Billing").find(_BUTTON)


@pytest.mark.parametrize("changes", [{"name": " "}, {"edition": "Starter"}, {"my_domain": "Not A Domain!"}])
def test_values_that_are_none_are_refused_and_kept(
    office: Office, admin: Browser, changes: dict[str, str]
) -> None:
    path = f"{_COMPANY}/edit"
    before = org_of(office)
    refused = admin.submit(path, {"enterprise_admitted": "true", **changes})
    assert (refused.status, "E-VALUE-REFUSED" in refused.main) == (422, True)
    kept = refused.form(path)
    assert kept["enterprise_admitted"] == "true"
    for name, value in changes.items():
        if name != "edition":
            assert kept[name] == value.strip()
    assert org_of(office) == before


def test_the_two_switches_of_flows_are_saved(office: Office, admin: Browser) -> None:
    form = admin.get(_OAUTH).form(_OAUTH)
    assert (form["username_password_blocked"], form["user_agent_blocked"]) == ("true", "true")
    del form["username_password_blocked"]
    assert admin.post(_OAUTH, form).location == _OAUTH
    org = org_of(office)
    assert (org.username_password_blocked, org.user_agent_blocked) == (True, False)
    admin.submit(_OAUTH, {"username_password_blocked": "true"})
    assert not org_of(office).username_password_blocked


def test_the_two_other_switches_of_oauth_are_off_by_default_and_saved(office: Office, admin: Browser) -> None:
    form = admin.get(_OAUTH).form(_OAUTH)
    assert not form.keys() & {"pkce_required", "code_credentials_allowed"}
    admin.post(_OAUTH, {**form, "pkce_required": "true"})
    org = org_of(office)
    assert (org.pkce_required, org.code_credentials_allowed) == (True, False)
    admin.submit(_OAUTH, {"code_credentials_allowed": "true"})
    org = org_of(office)
    assert (org.pkce_required, org.code_credentials_allowed) == (True, True)
    assert (org.username_password_blocked, org.user_agent_blocked) == (False, False)


def test_each_switch_says_what_it_does_and_until_when(office: Office, admin: Browser) -> None:
    for path in (_OAUTH, _EXTERNAL):
        page = admin.get(path)
        boxes = page.find("//main//div[@class='co-switch']")
        assert len(boxes) == (5 if path == _OAUTH else 3)
        for box in boxes:
            words = " ".join(box.text_content().split())
            assert "Eligibility" in words
            assert "Off:" in words or "On:" in words
    oauth = admin.get(_OAUTH).main
    assert oauth.count("on 20 February 2027") == 2
    assert "OauthOidcSettings.isPkceRequired" in oauth
    office.clock.pass_by(timedelta(days=120))
    assert office.signed_in().get(_OAUTH).main.count("in force since 20 February 2027") == 2


def test_an_org_that_requires_pkce_calls_no_app_loose_for_it(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    admin.submit("/setup/app-manager/Billing/migrate", {"local": "true", "no_username_password": "true"})
    page = "/setup/external-client-apps/Billing"
    assert "PKCE is not required" in admin.get(page).main
    admin.submit(_OAUTH, {"pkce_required": "true"})
    assert "PKCE is not required" not in admin.get(page).main
    form = admin.get(_OAUTH).form(_OAUTH)
    del form["pkce_required"]
    admin.post(_OAUTH, form)
    assert "PKCE is not required" in admin.get(page).main


def test_creation_is_one_switch_on_two_pages(office: Office, admin: Browser) -> None:
    admin.submit(_EXTERNAL, {"connected_app_creation_allowed": "true"})
    assert org_of(office).connected_app_creation_allowed
    assert admin.get(f"{_COMPANY}/edit").form(f"{_COMPANY}/edit")["connected_app_creation_allowed"] == "true"


def test_an_app_whose_flow_was_seen_is_assessed_anew_with_the_switch(
    office: Office, admin: Browser, trace: Callable[[], list[str]]
) -> None:
    office.connected_app("Billing")
    office.login("Billing", "OauthUsernamePassword")
    with office.house.units.read() as unit:
        before = view_app(unit, office.admin, "Billing").version
    form = admin.get(_OAUTH).form(_OAUTH)
    del form["username_password_blocked"]
    admin.post(_OAUTH, form)
    with office.house.units.read() as unit:
        assert view_app(unit, office.admin, "Billing").version == before + 1
    assert "has since been blocked for the whole org" in admin.get("/setup/app-manager/Billing").main
    assert trace()[0] == "org:settings:edited"


def test_an_org_that_has_not_opted_in_migrates_nothing(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    form = admin.get(_EXTERNAL).form(_EXTERNAL)
    del form["external_client_apps_enabled"]
    admin.post(_EXTERNAL, {**form, "secrets_over_rest": "true"})
    org = org_of(office)
    assert (org.external_client_apps_enabled, org.secrets_over_rest) == (False, True)
    page = admin.get("/setup/app-manager/Billing")
    assert page.find(_BUTTON) == []
    assert "Opt in to external client apps in External Client App Settings." in page.main


@pytest.mark.parametrize("path", [f"{_COMPANY}/edit", _OAUTH, _EXTERNAL])
def test_a_page_that_shows_an_older_state_is_refused(office: Office, admin: Browser, path: str) -> None:
    old = admin.get(path).form(path)
    with office.house.units.unit() as unit:
        edit_org(unit, office.admin, {"name": "Meanwhile"}, seen_version=None)
    refused = admin.post(path, old)
    assert (refused.status, "E-STALE-PAGE" in refused.main) == (409, True)
    assert org_of(office).name == "Meanwhile"
    # Posting the refused page again is refused again: it still shows what it showed.
    assert admin.post(path, refused.form(path)).status == 409


@pytest.mark.parametrize("path", [_OAUTH, _EXTERNAL, f"{_COMPANY}/edit"])
def test_who_may_only_look_changes_nothing(office: Office, path: str) -> None:
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    before = org_of(office)
    assert viewer.get(_COMPANY).links("Edit") == []
    page = viewer.get(path)
    if path == f"{_COMPANY}/edit":
        assert (page.status, "E-NOT-PERMITTED" in page.main) == (403, True)
    else:
        assert page.find("//main//form//button") == []
        assert page.find("//main//input[@type='checkbox'][not(@disabled)]") == []
    posted = viewer.post(path, {"version": "", "name": "Mine", "edition": "Developer", "my_domain": "acme"})
    assert (posted.status, "E-NOT-PERMITTED" in posted.main) == (403, True)
    assert org_of(office) == before
