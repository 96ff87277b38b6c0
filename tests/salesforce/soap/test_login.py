"""login, logout, getUserInfo at the partner and the enterprise API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from changeover.oauth.limits import DEFAULT, Kind
from changeover.org.company import edit_org
from changeover.org.installation import create_org
from changeover.org.lists import LoginQuery
from changeover.org.model.events import LoginRow
from changeover.org.model.orgs import Edition
from changeover.org.people import edit_user
from changeover.org.sign_in import ATTEMPTS
from tests.salesforce.soap.client import Fault, Soap, login
from tests.web.conftest import ADMIN, Office

LIMIT = DEFAULT.failures[Kind.USER]
BASE = "http://changeover.local"


def history(office: Office) -> list[LoginRow]:
    with office.house.units.read() as unit:
        return list(unit.logins.page(office.admin.org_id, LoginQuery()).rows)


def refused(client: Soap, operation: str, api: str = "u", **more: str) -> tuple[str, str]:
    with pytest.raises(Fault) as caught:
        client.call(operation, api, **more)
    return caught.value.code, caught.value.text


@pytest.mark.parametrize("api", ["u", "c"])
@pytest.mark.parametrize("below", ["", "/", "/00Dxx0000000001"])
def test_a_login_and_whose_session_it_is(office: Office, api: str, below: str) -> None:
    client = Soap(office, "", "62.0")
    path = f"/services/Soap/{api}/62.0{below.replace('00Dxx0000000001', office.admin.org_id)}"
    found = client.call(login(ADMIN, office.passwords[ADMIN]), api, path)
    assert found["userId"] == office.admin.user_id
    assert found["serverUrl"] == f"{BASE}/services/Soap/{api}/62.0/{office.admin.org_id}"
    assert found["metadataServerUrl"] == f"{BASE}/services/Soap/m/62.0/{office.admin.org_id}"
    assert found["userInfo"]["organizationId"] == office.admin.org_id
    client.session = found["sessionId"]
    info = client.call("<getUserInfo/>", api)
    assert (info["userName"], info["organizationName"]) == (ADMIN, "Acme Trading")
    row = history(office)[0]
    assert (row.username, row.login_type, row.sub_type, row.status) == (ADMIN, "OtherApi", "", "Success")


def test_an_orgs_own_address_is_that_of_its_session(office: Office) -> None:
    client = Soap(office, "", "62.0")
    found = client.call(login(ADMIN, office.passwords[ADMIN]), "u", "/org/acme/services/Soap/u/62.0")
    assert found["serverUrl"].startswith(f"{BASE}/org/acme/services/Soap/u/62.0/")


def test_a_logout_ends_the_session(soap: Soap) -> None:
    assert soap.call("<logout/>", "u") is None
    assert refused(soap, "<getUserInfo/>")[0] == "sf:INVALID_SESSION_ID"
    assert refused(soap, "<logout/>")[0] == "sf:INVALID_SESSION_ID"


def test_a_session_ends_with_its_time_and_with_its_user(soap: Soap) -> None:
    office = soap.office
    other = office.user("clerk@acme.example", ())
    clerk = Soap.logged_in(office, other)
    assert clerk.call("<getUserInfo/>", "u")["userName"] == other
    with office.house.units.unit() as unit:
        edit_user(unit, office.admin, other, active=False)
    assert refused(clerk, "<getUserInfo/>")[0] == "sf:INVALID_SESSION_ID"
    office.clock.pass_by(timedelta(hours=3))
    assert refused(soap, "<getUserInfo/>")[0] == "sf:INVALID_SESSION_ID"


def test_wrong_and_unknown_are_told_apart_by_nothing(office: Office) -> None:
    client = Soap(office, "")
    wrong = refused(client, login(ADMIN, "not the password"))
    unknown = refused(client, login("nobody@acme.example", "not the password"))
    assert wrong == unknown
    assert wrong[0] == "sf:INVALID_LOGIN"
    assert wrong[1].startswith("INVALID_LOGIN: Invalid username, password, security token")
    assert [row.status for row in history(office)] == ["Invalid Password"]
    detail = client.post(client.body(login(ADMIN, "wrong"), "u"), api="u").text
    assert "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>" in detail


def test_who_guesses_has_to_wait_and_nobody_else(office: Office, come_from: Callable[[str], None]) -> None:
    client = Soap(office, "")
    come_from("203.0.113.7")
    for _ in range(LIMIT):
        assert refused(client, login(ADMIN, "a guess"))[0] == "sf:INVALID_LOGIN"
    code, text = refused(client, login(ADMIN, office.passwords[ADMIN]))
    assert code == "sf:REQUEST_LIMIT_EXCEEDED"
    assert "E-TOO-MANY-REQUESTS" in text
    come_from("198.51.100.9")
    assert Soap.logged_in(office).session


def test_guesses_lock_the_user_out(office: Office, come_from: Callable[[str], None]) -> None:
    client = Soap(office, "")
    for number in range(ATTEMPTS):
        if number % LIMIT == 0:
            # From elsewhere each time, or the guard would end it earlier.
            come_from(f"203.0.113.{number}")
        refused(client, login(ADMIN, "a guess"))
    come_from("203.0.113.99")
    assert refused(client, login(ADMIN, office.passwords[ADMIN]))[0] == "sf:INVALID_LOGIN"
    assert history(office)[0].status == "User Locked Out"
    office.clock.pass_by(timedelta(minutes=16))
    assert Soap.logged_in(office).session


@pytest.mark.parametrize("version", ["65.0", "67.0"])
def test_login_is_gone_from_65_on(office: Office, version: str) -> None:
    client = Soap(office, "", version)
    code, text = refused(client, login(ADMIN, office.passwords[ADMIN]))
    assert code == "soapenv:Client"
    assert "No operation available for request {urn:partner.soap.sforce.com}login" in text
    assert history(office) == []
    assert Soap.logged_in(office, version="64.0").session


def test_the_org_switches_login_off(office: Office) -> None:
    with office.house.units.unit() as unit:
        edit_org(unit, office.admin, {"soap_login_blocked": True}, seen_version=None)
    code, text = refused(Soap(office, ""), login(ADMIN, office.passwords[ADMIN]))
    assert code == "sf:INVALID_OPERATION"
    assert "SOAP API login() is disabled" in text


def test_a_login_is_for_one_org(office: Office) -> None:
    made = create_org(
        office.house.units,
        "Globex",
        Edition.DEVELOPER,
        my_domain="globex",
        username="admin@globex.example",
        email="admin@globex.example",
    )
    client = Soap(office, "")
    right = login(ADMIN, office.passwords[ADMIN])
    scope = "<LoginScopeHeader><organizationId>{}</organizationId></LoginScopeHeader>"
    found = client.call(right, "u", headers=scope.format(office.admin.org_id))
    assert found["userInfo"]["organizationId"] == office.admin.org_id
    assert refused(client, right, headers=scope.format(made.org.org_id))[0] == "sf:INVALID_LOGIN"
    # At the other org's own address, with the right password of this one.
    other = "/org/globex/services/Soap/u/62.0"
    assert refused(client, right, path=other)[0] == "sf:INVALID_LOGIN"
    # And a session of this org is none there.
    client.session = found["sessionId"]
    assert refused(client, "<getUserInfo/>", path=other)[0] == "sf:INVALID_SESSION_ID"


def test_a_session_tells_whose_it_is_until_it_ends(soap: Soap) -> None:
    office = soap.office
    bearer = {"Authorization": f"Bearer {soap.session}"}
    told = office.client.get("/services/oauth2/userinfo", headers=bearer)
    assert told.status_code == 200
    assert told.json()["preferred_username"] == ADMIN
    assert "custom_attributes" not in told.json()
    who = office.client.get(told.json()["sub"].removeprefix(BASE), headers=bearer)
    assert who.json()["username"] == ADMIN
    soap.call("<logout/>", "u")
    assert office.client.get("/services/oauth2/userinfo", headers=bearer).status_code == 401


def test_a_session_is_no_oauth_token(soap: Soap) -> None:
    office = soap.office
    office.connected_app(
        "Watcher",
        {"oauthConfig/consumerSecret": "A-SECRET-0123456789", "oauthConfig/isIntrospectAllTokens": "true"},
    )
    form = {"client_id": "3MVG9.Watcher", "client_secret": "A-SECRET-0123456789", "token": soap.session}
    answer = office.client.post("/services/oauth2/introspect", data=form)
    assert answer.json() == {"active": False}
