"""`singleaccess`, `apps/oauth/usage` and `apps/oauth/credentials`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from changeover.oauth import tokens
from changeover.org import company, people
from changeover.org.consumer_details import set_secret
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.oauth_records import Authorization, Flow
from changeover.org.permissions import Permission
from changeover.org.record_ids import named
from tests.salesforce.rest.conftest import KEY, VERSION, Api
from tests.salesforce.rest.test_rest import told
from tests.web.conftest import ADMIN, Office

SINGLE_ACCESS = "/services/oauth2/singleaccess"
SECRET = "A-SECRET-OF-BILLING-0123456789"
YES = Confirmation(local=True, no_username_password=True)


def link_of(api: Api, **query: str) -> str:
    answer = api.request("GET", SINGLE_ACCESS, params=query)
    assert answer.status_code == 200, answer.text
    (uri,) = answer.json().values()
    assert "set-cookie" not in answer.headers
    parts = urlsplit(uri)
    return f"{parts.path}?{parts.query}"


def test_a_link_signs_a_browser_in_once(office: Office, api: Api) -> None:
    link = link_of(api, redirect_uri="/setup/app-manager")
    browser = office.browser()
    led = browser.get(link)
    assert (led.status, led.location) == (303, "/setup/app-manager")
    assert browser.get("/setup").status == 200
    # Signed in is no proof for secrets.
    assert "verify" in browser.get("/setup/app-manager/Billing/consumer-details").location
    again = office.browser()
    assert again.get(link).location == "/sign-in"
    assert again.get("/setup").status == 303


def test_a_link_is_good_for_minutes(office: Office, api: Api) -> None:
    link = link_of(api)
    office.clock.pass_by(timedelta(minutes=2, seconds=1))
    assert office.browser().get(link).location == "/sign-in"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_elsewhere_leads_nobody_through_it(office: Office, api: Api, site: str) -> None:
    link = link_of(api)
    browser = office.browser()
    assert browser.get(link, {"Sec-Fetch-Site": site}).location == "/sign-in"
    assert browser.get("/setup").status == 303
    assert browser.get(link, {"Sec-Fetch-Site": "none"}).location == "/setup"


def test_a_link_leads_to_no_other_host(office: Office, api: Api) -> None:
    for target in ("https://evil.example", "//evil.example", "/\\evil.example"):
        assert office.browser().get(link_of(api, redirect_uri=target)).location == "/setup"


def test_a_link_ends_with_its_user(office: Office, api_of: Callable[..., Api]) -> None:
    office.user("int@acme.example", [])
    link = link_of(api_of("int@acme.example"))
    with office.house.units.unit() as unit:
        people.edit_user(unit, office.admin, "int@acme.example", active=False)
    assert office.browser().get(link).location == "/sign-in"


def test_who_gets_no_link(office: Office, api_of: Callable[..., Api]) -> None:
    answer = api_of(ADMIN, "api").get(SINGLE_ACCESS)
    assert (answer.status_code, answer.text) == (403, "Invalid_Scope")
    assert api_of(ADMIN, "web").get(SINGLE_ACCESS).status_code == 200
    assert told(office.client.get(SINGLE_ACCESS)) == (401, "INVALID_SESSION_ID")
    assert office.browser().get("/secur/frontdoor.jsp").location == "/sign-in"
    assert office.browser().get("/secur/frontdoor.jsp?otp=made-up").location == "/sign-in"


@pytest.fixture
def migrated(office: Office, api: Api) -> str:
    """Billing as an external client app that holds two authorizations of the administrator; its id."""
    with office.house.units.unit() as unit:
        set_secret(unit, office.admin, "Billing", SECRET, seen_version=None)
        record = migrate(unit, office.admin, "Billing", YES)
        for number in range(2):
            unit.oauth.authorize(
                Authorization(
                    authorization_id=unit.ids.record("0CQ"),
                    org_id=office.admin.org_id,
                    consumer_key=KEY,
                    user_id=office.admin.user_id,
                    scopes=("api",),
                    flow=Flow.WEB_SERVER,
                    created_at=unit.now,
                    last_used_at=unit.now,
                    use_count=number + 1,
                    refresh_issued_at=unit.now,
                ),
                tokens.digest(f"refresh {number}"),
            )
    assert api.token
    return record.app_id


def test_usage_of_external_client_apps(office: Office, api: Api, migrated: str) -> None:
    page = api.get("apps/oauth/usage").json()
    (app,) = page["apps"]
    assert (app["id"], app["identifier"], app["developerName"], app["tokenCount"], app["useCount"]) == (
        migrated,
        migrated,
        "Billing",
        2,
        3,
    )
    assert (page["total"], page["nextPageUrl"]) == (1, None)
    assert api.get("apps/oauth/usage", page="1", pageSize="1").json()["apps"] == []
    (user,) = api.get(f"apps/oauth/usage/{migrated}/users").json()["users"]
    assert user["username"] == ADMIN
    where = f"apps/oauth/usage/{migrated}/{user['id']}/tokens"
    held = api.get(where).json()["tokens"]
    assert len(held) == 2
    assert "refresh" not in str(held)
    assert api.request("DELETE", f"apps/oauth/usage/tokens/{held[0]['id']}").status_code == 204
    assert api.get(where).json()["tokens"] == held[1:]
    assert told(api.request("DELETE", f"apps/oauth/usage/tokens/{held[0]['id']}")) == (404, "NOT_FOUND")
    with office.house.units.read() as unit:
        alive = [unit.oauth.by_refresh(tokens.digest(f"refresh {number}")) for number in range(2)]
    assert alive.count(None) == 1


@pytest.mark.parametrize("whose", ["user", "app"])
def test_usage_is_taken_back(office: Office, api: Api, migrated: str, whose: str) -> None:
    middle = f"/{office.admin.user_id}" if whose == "user" else ""
    assert api.request("DELETE", f"apps/oauth/usage/{migrated}{middle}/tokens").status_code == 204
    with office.house.units.read() as unit:
        assert unit.oauth.authorizations(office.admin.org_id, consumer_key=KEY) == ()


def test_usage_that_is_not_there_or_not_for_the_user(
    office: Office, api: Api, api_of: Callable[..., Api], migrated: str
) -> None:
    nobody = "005000000000000AAA"
    for path in (f"{nobody}/users", f"{migrated}/{nobody}/tokens", "nonsense/users"):
        assert told(api.get(f"apps/oauth/usage/{path}")) == (404, "NOT_FOUND")
    assert told(api.get("apps/oauth/usage", page="-1"))[0] == 400
    office.user("int@acme.example", [Permission.VIEW_SETUP])
    looking = api_of("int@acme.example")
    for method, path in (
        ("GET", "apps/oauth/usage"),
        ("GET", f"apps/oauth/usage/{migrated}/users"),
        ("GET", f"apps/oauth/usage/{migrated}/{office.admin.user_id}/tokens"),
        ("DELETE", f"apps/oauth/usage/{migrated}/tokens"),
        ("DELETE", f"apps/oauth/usage/{migrated}/{office.admin.user_id}/tokens"),
        ("GET", f"apps/oauth/credentials/{migrated}"),
    ):
        assert told(looking.request(method, path)) == (403, "INSUFFICIENT_ACCESS"), path
    with office.house.units.read() as unit:
        assert len(unit.oauth.authorizations(office.admin.org_id, consumer_key=KEY)) == 2


def test_credentials_are_read_where_the_org_lets_them_out(
    office: Office, api: Api, migrated: str, trace: Callable[[], list[str]]
) -> None:
    where = f"apps/oauth/credentials/{migrated}"
    assert told(api.get(where)) == (403, "INSUFFICIENT_ACCESS")
    assert "E-SECRETS-OVER-REST" in api.get(where).text
    with office.house.units.unit() as unit:
        org = company.view_org(unit, office.admin)
        company.edit_org(unit, office.admin, {"secrets_over_rest": True}, seen_version=org.version)
    seen = trace()
    (consumer,) = api.get(where).json()["consumers"]
    assert (consumer["key"], consumer["name"]) == (KEY, "Billing")
    assert SECRET not in str(consumer)
    assert trace() == seen
    assert consumer["url"] == f"{VERSION}/{where}/{consumer['id']}"
    for part, names in (("key", {"key"}), ("secret", {"secret"}), ("keyandsecret", {"key", "secret"})):
        answer: Any = api.get(f"{where}/{consumer['id']}", part=part)
        assert set(answer.json()) == {"id", *names}
        assert answer.json().get("key", KEY) == KEY
        assert answer.json().get("secret", SECRET) == SECRET
        assert answer.headers["cache-control"] == "no-store"
    assert len(trace()) == len(seen) + 3
    assert trace()[0] == "external-client-app:secret:revealed"
    assert told(api.get(f"{where}/{consumer['id']}", part="all"))[0] == 400
    assert told(api.get(f"{where}/888000000000000AAA")) == (404, "NOT_FOUND")


STAGED_VERSION = "/services/data/v65.0"


@pytest.fixture
def let_out(office: Office, migrated: str) -> str:
    """The address of the app's consumer, in an org that lets secrets out over REST."""
    with office.house.units.unit() as unit:
        org = company.view_org(unit, office.admin)
        company.edit_org(unit, office.admin, {"secrets_over_rest": True}, seen_version=org.version)
    consumer = named("888", migrated)
    return f"{STAGED_VERSION}/apps/oauth/credentials/{migrated}/{consumer}"


def test_credentials_are_staged_rotated_and_deleted(
    api: Api, migrated: str, let_out: str, trace: Callable[[], list[str]]
) -> None:
    # As a rotating secret store does it: by the addresses that the answers name.
    listed = api.get(f"{STAGED_VERSION}/apps/oauth/credentials/{migrated}").json()
    (consumer,) = listed["consumers"]
    assert consumer["stagedCredentialsUrl"] == f"{let_out}/staged"
    assert api.get(consumer["stagedCredentialsUrl"]).json()["stagedCredentials"] == []
    answer = api.request("POST", consumer["stagedCredentialsUrl"])
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    (staged,) = answer.json()["stagedCredentials"]
    assert (staged["state"], staged["createdBy"]) == ("Active", ADMIN)
    assert staged["url"] == f"{let_out}/staged/{staged['id']}"
    assert api.get(staged["url"]).json() == staged
    assert told(api.request("POST", f"{let_out}/staged", json={}))[0] == 409
    former = api.request("PATCH", staged["url"], json={"command": "rotate"}).json()
    assert (former["id"], former["key"], former["secret"]) == (staged["id"], KEY, SECRET)
    assert former["state"] == "Rotated"
    now = api.get(let_out, part="keyandsecret").json()
    assert (now["key"], now["secret"]) == (staged["key"], staged["secret"])
    assert api.request("DELETE", former["url"]).status_code == 204
    assert told(api.get(former["url"])) == (404, "NOT_FOUND")
    assert told(api.request("DELETE", former["url"])) == (404, "NOT_FOUND")
    assert trace()[0] == "external-client-app:staged-credentials:deleted"


def test_who_stages_nothing(
    office: Office, api: Api, api_of: Callable[..., Api], migrated: str, let_out: str
) -> None:
    before = f"{VERSION}/apps/oauth/credentials/{migrated}"
    assert "stagedCredentialsUrl" not in api.get(before).text
    assert told(api.request("POST", f"{let_out.replace('65.0', '64.0')}/staged")) == (404, "NOT_FOUND")
    made = api.request("POST", f"{let_out}/staged").json()["stagedCredentials"][0]
    commands: tuple[Any, ...] = (None, [], {"command": "apply"}, {})
    for command in commands:
        assert told(api.request("PATCH", made["url"], json=command))[0] == 400
    assert told(api.request("PUT", made["url"]))[0] == 405
    other = f"{let_out}/staged/9sc000000000000AAA"
    for method, body in (("GET", None), ("PATCH", {"command": "rotate"}), ("DELETE", None)):
        assert told(api.request(method, other, json=body)) == (404, "NOT_FOUND")
    office.user(
        "int@acme.example",
        [
            Permission.VIEW_SETUP,
            Permission.EXTERNAL_CLIENT_APP_DEVELOPER,
            Permission.EXTERNAL_CLIENT_APP_ADMIN,
        ],
    )
    looking = api_of("int@acme.example")
    for method, path in (
        ("GET", f"{let_out}/staged"),
        ("POST", f"{let_out}/staged"),
        ("GET", made["url"]),
        ("PATCH", made["url"]),
        ("DELETE", made["url"]),
    ):
        refused = looking.request(method, path, json={"command": "rotate"} if method == "PATCH" else None)
        assert told(refused) == (403, "INSUFFICIENT_ACCESS"), (method, path)
        assert made["secret"] not in refused.text
    assert api.get(made["url"]).json() == made
