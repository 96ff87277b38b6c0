"""The REST API over HTTP: addresses, versions, records, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from changeover.org.installation import create_org
from changeover.org.model.orgs import Edition
from changeover.org.permissions import Permission
from tests.salesforce.rest.conftest import VERSION, Api
from tests.web.conftest import ADMIN, Office


def told(answer: Any) -> tuple[int, str]:
    (one,) = answer.json()
    assert set(one) == {"message", "errorCode"}
    assert answer.headers["content-type"].startswith("application/json")
    return answer.status_code, one["errorCode"]


def test_versions_are_listed_ascending_without_a_token(office: Office) -> None:
    for address in ("/services/data", "/services/data/", "/org/acme/services/data"):
        versions = office.client.get(address).json()
        numbers = [float(one["version"]) for one in versions]
        assert numbers == sorted(numbers)
        assert (versions[0]["version"], versions[-1]["version"]) == ("50.0", "67.0")
        assert versions[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}


def test_every_address_of_the_org_answers(api: Api) -> None:
    for root in ("/services/data/v50.0", "/services/data/v67.0", "/org/acme/services/data/v62.0"):
        answer = api.get(root)
        assert answer.status_code == 200
        assert answer.json()["query"] == f"/services/data/{root.rpartition('/')[2]}/query"
    assert api.get("limits/").json()["DailyApiRequests"]["Max"] > 0
    assert "set-cookie" not in api.get("limits").headers


@pytest.mark.parametrize(
    "path",
    [
        "/services/data/v49.0/limits",
        "/services/data/v99.0/query",
        "/services/data/latest",
        f"{VERSION}/nowhere",
        f"{VERSION}/sobjects/Nothing/describe",
        f"{VERSION}/tooling/sobjects/SourceMember/describe",
        f"{VERSION}/sobjects/User/005000000000000AAA",
        f"{VERSION}/sobjects/User/notanid",
        f"{VERSION}/query/a/b/c",
        "/org/nobody/services/data/v62.0/limits",
    ],
)
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert told(api.get(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_wrong_method_is_told_the_right_one(api: Api, method: str) -> None:
    for path in ("limits", "query", "sobjects/User/describe", "/services/data"):
        answer = api.request(method, path)
        assert told(answer) == (405, "METHOD_NOT_ALLOWED")
        assert "GET,HEAD" in answer.json()[0]["message"]


@pytest.mark.parametrize("path", ["", "limits", "query?q=SELECT+Id+FROM+User", "sobjects", "query/01g-2000"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer 00Dmadeup0000001!AQ.x"}, {"Cookie": "x=y"}])
def test_nothing_is_answered_without_a_session(
    office: Office, api: Api, path: str, header: dict[str, str]
) -> None:
    assert api.token
    answer = office.client.get(f"{VERSION}/{path}", headers=header)
    assert told(answer) == (401, "INVALID_SESSION_ID")
    assert answer.headers["www-authenticate"] == "Token"


def test_a_browsers_session_opens_no_api(office: Office) -> None:
    browser = office.signed_in()
    assert browser.get(f"{VERSION}/limits").status == 401


def test_a_token_without_the_scope_is_refused(api_of: Callable[..., Api]) -> None:
    assert told(api_of(ADMIN, "openid", "web").get("limits")) == (401, "INVALID_SESSION_ID")
    assert api_of(ADMIN, "full").get("limits").status_code == 200


def test_a_token_opens_no_other_org(office: Office, api: Api) -> None:
    create_org(
        office.house.units,
        "Globex",
        Edition.DEVELOPER,
        my_domain="globex",
        username="admin@globex.example",
        email="admin@globex.example",
    )
    assert told(api.get("/org/globex/services/data/v62.0/limits")) == (401, "INVALID_SESSION_ID")
    # The bare address: the token says which org.
    (org,) = api.records("SELECT Name FROM Organization")
    assert org["Name"] == "Acme Trading"


def test_groups_are_answered_as_salesforces(api: Api) -> None:
    soql = "SELECT Profile.Name, COUNT(Id) people, COUNT(ProfileId) FROM User GROUP BY Profile.Name"
    found = api.query(soql)
    assert (found["totalSize"], found["done"]) == (1, True)
    assert found["records"] == [
        {"attributes": {"type": "AggregateResult"}, "Name": "System Administrator", "people": 1, "expr0": 1}
    ]
    assert api.query(soql, tooling=True)["size"] == 1
    told = api.get("query", q=soql, columns="true").json()
    assert told["groupBy"] is True
    columns = [(one["columnName"], one["displayName"], one["aggregate"]) for one in told["columnMetadata"]]
    assert columns == [
        ("Name", "Name", False),
        ("people", "people", True),
        ("expr0", "COUNT(ProfileId)", True),
    ]


def test_a_record_by_its_id(api: Api) -> None:
    (me,) = api.records(f"SELECT Id, ProfileId FROM User WHERE Username = '{ADMIN}'")
    for user_id in (me["Id"], me["Id"][:15]):
        answer = api.get(f"sobjects/User/{user_id}").json()
        assert answer["attributes"] == {"type": "User", "url": f"{VERSION}/sobjects/User/{me['Id']}"}
        assert answer["Username"] == ADMIN
    some = api.get(f"sobjects/user/{me['Id']}", fields="username, profileid").json()
    assert {name for name in some if name != "attributes"} == {"Username", "ProfileId"}
    assert some["ProfileId"] == me["ProfileId"]
    assert told(api.get(f"sobjects/User/{me['Id']}", fields="Username,Password")) == (400, "INVALID_FIELD")


def test_describe_tells_what_a_query_knows(api: Api) -> None:
    names = [one["name"] for one in api.get("sobjects").json()["sobjects"]]
    assert {"User", "Organization", "LoginHistory", "ConnectedApplication"} <= set(names)
    for name in names:
        for tooling in (False, True):
            root = "tooling/sobjects" if tooling else "sobjects"
            described = api.get(f"{root}/{name}/describe").json()
            fields = [field["name"] for field in described["fields"]]
            assert fields[0] == "Id"
            rows = api.records(f"SELECT {', '.join(fields)} FROM {name} LIMIT 1", tooling=tooling)
            for row in rows:
                assert list(row) == fields
                assert row["Id"].startswith(described["keyPrefix"])
            assert api.get(f"{root}/{name}").json()["objectDescribe"]["name"] == name


def test_the_tooling_api_has_more_of_a_connected_app(api: Api) -> None:
    (app,) = api.records("SELECT Id, DeveloperName, ContactEmail FROM ConnectedApplication", tooling=True)
    assert app["DeveloperName"] == "Billing"
    assert api.refused("SELECT DeveloperName FROM ConnectedApplication")[0] == "INVALID_FIELD"


def test_what_a_user_may_not_see_is_not_there(office: Office, api_of: Callable[..., Api]) -> None:
    office.user("int@acme.example", [])
    nobody = api_of("int@acme.example")
    office.login("Billing", "OauthWebServer", "int@acme.example")
    office.login("Billing", "OauthWebServer", ADMIN)
    for name in ("ConnectedApplication", "ExternalClientApplication", "SetupAuditTrail", "AppMenuItem"):
        assert nobody.refused(f"SELECT Id FROM {name}")[0] == "INVALID_TYPE"
        assert told(nobody.get(f"sobjects/{name}/describe")) == (404, "NOT_FOUND")
    assert [one["Username"] for one in nobody.records("SELECT Username FROM User")] == ["int@acme.example"]
    assert nobody.records(f"SELECT Id FROM User WHERE Username = '{ADMIN}'") == []
    (profile,) = nobody.records("SELECT Name FROM Profile")
    assert profile["Name"] != "System Administrator"
    logins = nobody.records("SELECT User.Username FROM LoginHistory")
    assert [one["User"]["Username"] for one in logins] == ["int@acme.example"]
    assert len(api_of().records("SELECT Id FROM LoginHistory")) == 2
    office.user("monitor@acme.example", [Permission.VIEW_SETUP, Permission.MONITOR_LOGIN_HISTORY])
    assert len(api_of("monitor@acme.example").records("SELECT Id FROM LoginHistory")) == 2


def test_no_field_holds_a_secret(office: Office, api: Api) -> None:
    secret = "A-SECRET-THAT-NOBODY-SEES-0123"
    office.connected_app("Sealed", {"oauthConfig/consumerSecret": secret})
    for one in api.get("sobjects").json()["sobjects"]:
        for tooling in (False, True):
            answer = api.query(f"SELECT FIELDS(STANDARD) FROM {one['name']}", tooling=tooling)
            assert secret not in str(answer)
            assert "3MVG9" not in str(answer), one["name"]
