"""SOQL over the objects of an org: what it finds, in which order, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changeover.apps.connected_app import Attribute, IpRange
from changeover.org.model.events import LoginRow
from changeover.org.model.orgs import Org
from changeover.org.record_ids import MOST, checked, long_id, named, number_of, numbered
from changeover.salesforce.objects.sobject import View
from changeover.salesforce.refusals import ApiRefused
from changeover.salesforce.rest.records import record
from changeover.salesforce.session import ApiSession
from changeover.salesforce.soql import grouping
from changeover.salesforce.soql.dates import COUNTED, LITERALS, days_of
from changeover.salesforce.soql.grouping import Groups
from changeover.salesforce.soql.parsing import parse
from changeover.salesforce.soql.running import Batch, Found, run
from tests.org.conftest import prepared, world
from tests.org.world import START, World, app

__all__ = ["prepared", "world"]

Ask = Callable[..., list[dict[str, Any]]]


def view_of(world: World) -> Iterator[View]:
    with world.read() as unit:
        org = unit.orgs.get(world.org_id)
        user = unit.users.get(world.admin.user_id)
        assert isinstance(org, Org)
        assert user is not None
        session = ApiSession(
            org=org, user=user, actor=world.admin, scopes=frozenset({"api"}), consumer_key="k"
        )
        yield View(unit, session)


@pytest.fixture
def ask(world: World) -> Ask:
    """What asks the org as its administrator; returns records without what each says of itself."""

    def asked(soql: str, skip: int = 0, size: int = 2_000, *, tooling: bool = False) -> list[dict[str, Any]]:
        for view in view_of(world):
            found = run(view, soql, Batch(skip, size), tooling=tooling)
            assert isinstance(found, Found)
            made = [record("", view, found.sobject, found.columns, row) for row in found.rows]
            asked.total = found.total  # type: ignore[attr-defined]
            return [{k: v for k, v in one.items() if k != "attributes"} for one in made]
        raise AssertionError

    return asked


@pytest.fixture
def grouped(world: World) -> Callable[[str], list[dict[str, Any]]]:
    """What asks the org for groups."""

    def asked(soql: str) -> list[dict[str, Any]]:
        for view in view_of(world):
            found = run(view, soql, Batch(0, 2_000), tooling=False)
            assert isinstance(found, Groups)
            return [dict(row) for row in found.rows]
        raise AssertionError

    return asked


def refused(world: World, soql: str) -> tuple[str, str]:
    for view in view_of(world):
        with pytest.raises(ApiRefused) as caught:
            run(view, soql, Batch(0, 2_000), tooling=False)
        return caught.value.code.name, caught.value.message
    raise AssertionError


def labels(rows: list[dict[str, Any]]) -> list[str]:
    return [row["Name"] for row in rows]


@pytest.fixture
def apps(world: World) -> None:
    world.bring(
        app("Alpha", description="first", start_url="https://a.example"),
        app("beta"),
        app("Gamma_100", label="Gamma 100%"),
        app("Delta", label="Delta's \\ app"),
    )


@pytest.mark.usefixtures("apps")
@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'alpha'", ["Alpha"]),
        ("Name != 'alpha'", ["beta", "Delta's \\ app", "Gamma 100%"]),
        ("Name <> 'alpha' AND StartUrl = null", ["beta", "Delta's \\ app", "Gamma 100%"]),
        ("StartUrl != null", ["Alpha"]),
        ("StartUrl != 'https://x.example'", ["Alpha", "beta", "Delta's \\ app", "Gamma 100%"]),
        ("Name LIKE '%a'", ["Alpha", "beta"]),
        ("Name LIKE '_eta'", ["beta"]),
        ("Name LIKE '%100\\%'", ["Gamma 100%"]),
        ("Name LIKE '%10\\%'", []),
        ("Name LIKE 'delta\\'s%'", ["Delta's \\ app"]),
        ("Name = 'Delta\\'s \\\\ app'", ["Delta's \\ app"]),
        ("Name IN ('ALPHA', 'beta')", ["Alpha", "beta"]),
        ("Name NOT IN ('ALPHA', 'beta')", ["Delta's \\ app", "Gamma 100%"]),
        ("NOT Name = 'alpha' AND NOT (Name = 'beta')", ["Delta's \\ app", "Gamma 100%"]),
        ("(Name = 'alpha' OR Name = 'beta') AND StartUrl = null", ["beta"]),
        ("Name > 'b' AND Name <= 'beta'", ["beta"]),
        ("OptionsIsInternal = false", ["Alpha", "beta", "Delta's \\ app", "Gamma 100%"]),
        ("OptionsIsInternal != FALSE", []),
        ("CreatedDate = TODAY", ["Alpha", "beta", "Delta's \\ app", "Gamma 100%"]),
        ("CreatedDate < TODAY", []),
        ("CreatedDate >= 2026-11-23T12:00:00Z", ["Alpha", "beta", "Delta's \\ app", "Gamma 100%"]),
        ("CreatedDate > 2026-11-23T13:00:00+01:00", []),
        ("CreatedDate = LAST_N_DAYS:1 AND CreatedDate = THIS_YEAR AND Name = 'beta'", ["beta"]),
        ("LastModifiedBy.Username = 'ADMIN@acme.example' AND Name LIKE 'a%'", ["Alpha"]),
        ("LastModifiedBy.Profile.Name = 'Nobody'", []),
        ("LastModifiedById IN (SELECT Id FROM User WHERE IsActive = false)", []),
        ("LastModifiedById NOT IN (SELECT Id FROM User WHERE IsActive = true)", []),
        ("RefreshTokenValidityPeriod = null AND Name = 'beta'", ["beta"]),
        ("RefreshTokenValidityPeriod > 1", []),
    ],
)
def test_conditions(ask: Ask, where: str, found: list[str]) -> None:
    rows = ask(f"SELECT Name FROM ConnectedApplication WHERE {where} ORDER BY Name")
    assert labels(rows) == found


@pytest.mark.usefixtures("apps")
def test_order_limit_and_offset(ask: Ask) -> None:
    base = "select name from connectedapplication"
    assert labels(ask(f"{base} order by name desc")) == ["Gamma 100%", "Delta's \\ app", "beta", "Alpha"]
    assert labels(ask(f"{base} ORDER BY Name LIMIT 2 OFFSET 1")) == ["beta", "Delta's \\ app"]
    assert labels(ask(f"{base} LIMIT 0")) == []
    assert labels(ask(f"{base} ORDER BY StartUrl, Name DESC"))[-1] == "Alpha"
    assert labels(ask(f"{base} ORDER BY StartUrl NULLS LAST, Name"))[0] == "Alpha"
    assert labels(ask(f"{base} ORDER BY StartUrl DESC NULLS FIRST LIMIT 4"))[-1] == "Alpha"
    assert labels(ask(f"{base} ORDER BY LastModifiedBy.Username ASC, Name ASC LIMIT 1")) == ["Alpha"]


@pytest.mark.usefixtures("apps")
def test_a_batch_is_a_part_of_what_the_query_finds(ask: Ask) -> None:
    for order in (
        "",
        " ORDER BY Name",
        " ORDER BY Name DESC LIMIT 3",
        " LIMIT 3 OFFSET 1",
        " LIMIT 9 OFFSET 2",
    ):
        soql = f"SELECT Name FROM ConnectedApplication{order}"
        whole = ask(soql)
        total = ask.total  # type: ignore[attr-defined]
        assert total == len(whole)
        parts = []
        for skip in range(total):
            parts += ask(soql, skip, 1)
            assert ask.total == total  # type: ignore[attr-defined]
        assert parts == whole
        assert ask(soql, total, 5) == []


@pytest.mark.usefixtures("apps")
def test_count(ask: Ask) -> None:
    for soql, count in (
        ("SELECT count() FROM ConnectedApplication", 4),
        ("SELECT COUNT() FROM ConnectedApplication WHERE Name LIKE '%a%' LIMIT 2", 2),
        ("SELECT count() FROM ConnectedApplication WHERE Name = 'x'", 0),
    ):
        assert ask(soql) == []
        assert ask.total == count  # type: ignore[attr-defined]


def test_groups(grouped: Callable[[str], list[dict[str, Any]]], world: World) -> None:
    world.bring(app())
    world.log_in(times=3)
    world.log_in("Other", times=2, username="b@example.com", sub_type="OauthWebServer")
    world.log_in("Other", username="c@example.com", sub_type="OauthWebServer", times=1)
    by_app = "SELECT Application, COUNT(Id) logins, COUNT_DISTINCT(LoginSubType) FROM LoginHistory"
    assert grouped(f"{by_app} GROUP BY Application ORDER BY COUNT(Id) DESC, Application") == [
        {"Application": "Billing", "logins": 3, "expr0": 1},
        {"Application": "Other", "logins": 3, "expr0": 1},
    ]
    assert grouped(f"{by_app} WHERE Application = 'Other' GROUP BY application") == [
        {"Application": "Other", "logins": 3, "expr0": 1}
    ]
    assert grouped("SELECT COUNT(Id), COUNT(UserId) FROM LoginHistory") == [{"expr0": 6, "expr1": 0}]
    assert grouped("SELECT COUNT(Id) FROM LoginHistory WHERE Application = 'None'") == [{"expr0": 0}]
    two = "SELECT Application, LoginSubType FROM LoginHistory GROUP BY LoginSubType, Application"
    assert len(grouped(two)) == 2
    assert grouped(f"{two} ORDER BY LoginSubType DESC LIMIT 1 OFFSET 1")[0]["Application"] == "Billing"
    profiles = grouped("SELECT Profile.Name, COUNT(Id) FROM User GROUP BY Profile.Name")
    assert profiles == [{"Name": "System Administrator", "expr0": 1}]


def test_more_groups_than_an_answer_holds(
    grouped: Callable[[str], list[dict[str, Any]]], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "MOST_ANSWERED", 2)
    query = "SELECT Name, COUNT(Id) FROM Profile GROUP BY Name"
    assert len(grouped(f"{query} LIMIT 2")) == 2
    code, says = refused(world, query)
    assert (code, "use LIMIT" in says) == ("EXCEEDED_ID_LIMIT", True)
    monkeypatch.setattr(grouping, "MOST_GROUPS", 2)
    assert refused(world, f"{query} LIMIT 1")[0] == "OPERATION_TOO_LARGE"
    assert refused(world, "SELECT COUNT_DISTINCT(Name) FROM Profile")[0] == "OPERATION_TOO_LARGE"


@pytest.mark.usefixtures("apps")
def test_parents_stand_in_objects_of_their_own(ask: Ask, world: World) -> None:
    (row,) = ask(
        "SELECT Name, ConnectedApplication.LastModifiedBy.Username, LastModifiedBy.Profile.Name"
        " FROM ConnectedApplication WHERE ConnectedApplication.Name = 'beta'"
    )
    by = row["LastModifiedBy"]
    assert by["Username"] == world.admin.username
    assert by["attributes"]["type"] == "User"
    assert by["Profile"]["Name"] == "System Administrator"
    (row,) = ask("SELECT a.Name, a.LastModifiedById FROM ConnectedApplication a WHERE a.Name = 'beta'")
    assert row["LastModifiedById"] == world.admin.user_id


def test_a_missing_parent_is_null(ask: Ask, world: World) -> None:
    world.log_in(times=1, username="gone@example.com")
    (row,) = ask("SELECT UserId, User.Username, User.Profile.Name FROM LoginHistory")
    assert row == {"UserId": None, "User": None}


def test_what_sf_asks(ask: Ask, world: World) -> None:
    name = world.admin.username
    profiles = ask(
        f"SELECT name FROM Profile WHERE Id IN (SELECT ProfileId FROM User WHERE username='{name}')"
    )
    assert profiles == [{"Name": "System Administrator"}]
    assert ask(f"SELECT id FROM User WHERE username='{name}'") == [{"Id": world.admin.user_id}]
    (org,) = ask(
        "SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType"
        " FROM Organization"
    )
    assert (org["Name"], org["IsSandbox"], org["OrganizationType"]) == ("Acme", False, "Developer Edition")


def test_ids_of_15_and_of_18_characters(ask: Ask, world: World) -> None:
    whole = world.admin.user_id
    for one in (whole, whole[:15]):
        assert ask(f"SELECT Id FROM User WHERE Id = '{one}'") == [{"Id": whole}]
    other = whole[:14] + whole[14].swapcase() if whole[14].isalpha() else whole[:14] + "x"
    assert ask(f"SELECT Id FROM User WHERE Id = '{other}'") == []


def test_logins_by_time_and_user(ask: Ask, world: World) -> None:
    world.user("int@example.com", "Standard User")
    rows = [
        LoginRow(at=START - timedelta(minutes=at), username=name, application="Billing", status="Success")
        for at in range(5)
        for name in ("int@example.com", world.admin.username)
    ]
    with world.unit() as unit:
        unit.logins.add(world.org_id, rows)
    everything = ask("SELECT Id, LoginTime, UserId FROM LoginHistory")
    times = [row["LoginTime"] for row in everything]
    assert times == sorted(times, reverse=True)
    assert times[0] == "2026-11-23T12:00:00.000+0000"
    assert ask("SELECT Id, LoginTime, UserId FROM LoginHistory ORDER BY LoginTime DESC") == everything
    since = ask("SELECT Id FROM LoginHistory WHERE LoginTime > 2026-11-23T11:58:00Z")
    assert len(since) == 4
    between = "LoginTime >= 2026-11-23T11:57:00Z AND LoginTime < 2026-11-23T11:59:00Z"
    assert len(ask(f"SELECT Id FROM LoginHistory WHERE {between}")) == 4
    mine = ask(f"SELECT Id FROM LoginHistory WHERE {between} AND UserId = '{world.admin.user_id}'")
    assert len(mine) == 2
    one = everything[3]
    assert ask(f"SELECT Id, LoginTime, UserId FROM LoginHistory WHERE Id = '{one['Id']}'") == [one]
    assert ask("SELECT Id FROM LoginHistory WHERE Id = '0Ya000000000zzz'") == []
    oldest = ask("SELECT LoginTime FROM LoginHistory ORDER BY LoginTime ASC LIMIT 1")
    assert oldest == [{"LoginTime": "2026-11-23T11:56:00.000+0000"}]


def test_a_scan_of_logins_comes_in_chunks_and_misses_nothing(
    ask: Ask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("changeover.store.logins._SCANNED", 3)
    monkeypatch.setattr("changeover.store.audit._SCANNED", 2)
    world.log_in(times=7, at=START)
    world.log_in(times=4)
    found = ask("SELECT Id FROM LoginHistory")
    assert len({row["Id"] for row in found}) == 11
    numbers = [row["Id"] for row in ask("SELECT Id FROM SetupAuditTrail")]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) > 2


def test_external_client_apps_and_their_settings(ask: Ask, world: World) -> None:
    world.bring(app())
    made = world.migrated()
    (eca,) = ask(
        "SELECT Id, DeveloperName, DistributionState, CreatedBy.Username FROM ExternalClientApplication"
    )
    assert eca["Id"] == made.app_id
    assert eca["DistributionState"] == "Local"
    (policy,) = ask(
        "SELECT Id, PermittedUsersPolicyType, RefreshTokenPolicyType, ExternalClientApplication.DeveloperName"
        f" FROM ExtlClntAppOauthPlcyCnfg WHERE ExternalClientApplicationId = '{made.app_id}'"
    )
    assert policy["RefreshTokenPolicyType"] == "Infinite"
    assert policy["ExternalClientApplication"]["DeveloperName"] == "Billing"
    (switches,) = ask("SELECT IsEnabled FROM ExtlClntAppPlcyCnfg")
    assert switches["IsEnabled"] is True
    (settings,) = ask(
        "SELECT Id, OauthScopesAPI, OauthScopesREFRESH_TOKEN, OauthScopesFULL FROM ExtlClntAppOauthSettings"
    )
    assert [settings[name] for name in list(settings)[1:]] == [True, True, False]
    statuses = ask("SELECT OauthPluginStatus, SamlPluginStatus FROM ExtlClntAppPlcyCnfg")
    assert statuses == [{"OauthPluginStatus": "Enabled", "SamlPluginStatus": "Notinstalled"}]
    items = ask("SELECT Type, ApplicationId FROM AppMenuItem ORDER BY Type")
    assert [one["ApplicationId"][:3] for one in items] == ["0H4", "0xI"]


def test_what_is_within_settings_and_policies_are_rows_that_lead_to_them(ask: Ask, world: World) -> None:
    ranges = (
        IpRange(start="10.0.0.1", end="10.0.0.9", description="Office"),
        IpRange(start="::1", end="::2"),
    )
    attributes = (Attribute(key="team", formula="$User.Department"),)
    world.bring(app(ip_ranges=ranges, attributes=attributes), app("Second", ip_ranges=ranges[:1]))
    for name in ("Billing", "Second"):
        world.migrated(name)
    found = ask(
        "SELECT StartIpAddress, Description, ExtlClntAppOauthSettings.ExternalClientApplication.DeveloperName"
        " FROM ExtlClntAppOauthIpRange ORDER BY ExtlClntAppOauthSettings.DeveloperName, EndIpAddress"
    )
    of = [one["ExtlClntAppOauthSettings"]["ExternalClientApplication"]["DeveloperName"] for one in found]
    assert of == ["Billing", "Billing", "Second"]
    assert {(one["StartIpAddress"], one["Description"]) for one in found} == {
        ("10.0.0.1", "Office"),
        ("::1", None),
    }
    (settings,) = ask("SELECT Id FROM ExtlClntAppOauthSettings WHERE DeveloperName = 'Second_oauth'")
    of_second = f"WHERE ExtlClntAppOauthSettingsId = '{settings['Id']}'"
    assert len(ask(f"SELECT Id FROM ExtlClntAppOauthIpRange {of_second}")) == 1
    assert len({row["Id"] for row in ask("SELECT Id FROM ExtlClntAppOauthIpRange")}) == 3
    (attribute,) = ask(
        "SELECT Key, Value, ExtlClntAppOauthPlcyCnfg.DeveloperName FROM ExtlClntAppOauthPlcyAttr"
    )
    assert (attribute["Key"], attribute["Value"]) == ("team", "$User.Department")
    assert attribute["ExtlClntAppOauthPlcyCnfg"]["DeveloperName"] == "Billing_oauthPlcy"


def test_permission_sets(ask: Ask, world: World) -> None:
    user = world.user("dev@acme.example", "Standard User", "External_Client_App_Developer")
    (held,) = ask(
        "SELECT Assignee.Username, PermissionSet.Name, PermissionSet.PermissionsExternalClientAppDeveloper"
        f" FROM PermissionSetAssignment WHERE AssigneeId = '{user.user_id}'"
    )
    assert held["PermissionSet"]["Name"] == "External_Client_App_Developer"
    assert held["PermissionSet"]["PermissionsExternalClientAppDeveloper"] is True
    assert ask("SELECT Name FROM Profile WHERE PermissionsManageUsers = true") == [
        {"Name": "System Administrator"}
    ]


@pytest.mark.parametrize(
    ("soql", "code", "says"),
    [
        ("", "MALFORMED_QUERY", "unexpected token: <EOF>"),
        ("SELECT Id FORM User", "MALFORMED_QUERY", "ERROR at Row:1:Column:11\nunexpected token: 'FORM'"),
        ("SELECT Id\nFROM User\nWHERE Id ! 'x'", "MALFORMED_QUERY", "Row:3:Column:10"),
        ("SELECT Id FROM User WHERE", "MALFORMED_QUERY", "unexpected token: <EOF>"),
        ("SELECT * FROM User", "MALFORMED_QUERY", "Column:8"),
        ("SELECT Id FROM User WHERE Name = 'x' AND Id = null OR Id = null", "MALFORMED_QUERY", "'OR'"),
        ("SELECT MAX(Id) FROM User", "MALFORMED_QUERY", "does not support: aggregate functions but COUNT"),
        ("SELECT Name FROM User GROUP BY Id", "MALFORMED_QUERY", "must be grouped or aggregated: Name"),
        ("SELECT Name, COUNT(Id) FROM User", "MALFORMED_QUERY", "must be grouped or aggregated: Name"),
        ("SELECT COUNT() FROM User GROUP BY Id", "MALFORMED_QUERY", "COUNT() takes no GROUP BY"),
        ("SELECT COUNT(Id) a, COUNT(Name) A FROM User", "MALFORMED_QUERY", "duplicate alias: A"),
        ("SELECT Id FROM User GROUP BY Id ORDER BY Name", "MALFORMED_QUERY", "or aggregated: Name"),
        ("SELECT Id FROM User ORDER BY COUNT(Id)", "MALFORMED_QUERY", "sorts groups"),
        ("SELECT COUNT(Nothing) FROM User", "INVALID_FIELD", "Nothing"),
        ("SELECT COUNT(Id) FROM User HAVING COUNT(Id) > 1", "MALFORMED_QUERY", "not support: HAVING"),
        ("SELECT Id FROM User GROUP BY ROLLUP(Id)", "MALFORMED_QUERY", "GROUP BY ROLLUP"),
        (
            "SELECT Id FROM User WHERE Id IN (SELECT COUNT(Id) FROM User)",
            "MALFORMED_QUERY",
            "selects exactly one field",
        ),
        ("SELECT Id, (SELECT Id FROM X) FROM User", "MALFORMED_QUERY", "queries among the fields"),
        ("SELECT count(), Id FROM User", "MALFORMED_QUERY", "stands alone"),
        ("SELECT Id FROM User WHERE CreatedDate = SOMEDAY", "INVALID_FIELD", "CreatedDate"),
        ("SELECT Id FROM LoginHistory WHERE LoginTime = SOMEDAY", "MALFORMED_QUERY", "'SOMEDAY'"),
        (
            "SELECT Id FROM LoginHistory WHERE LoginTime = LAST_N_DAYS:999999999",
            "MALFORMED_QUERY",
            "999999999",
        ),
        (
            "SELECT Id FROM LoginHistory WHERE LoginTime > 2026-02-30T00:00:00Z",
            "MALFORMED_QUERY",
            "invalid date",
        ),
        (
            "SELECT Id FROM LoginHistory WHERE LoginTime > '2026-02-01'",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        ("SELECT Id FROM User WHERE IsActive = 'true'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM User WHERE IsActive > true", "INVALID_QUERY_FILTER_OPERATOR", "IsActive"),
        ("SELECT Id FROM User WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM OauthToken WHERE UseCount = true", "INVALID_FIELD", "must be of type int"),
        ("SELECT Id FROM User WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field"),
        ("SELECT Id FROM User WHERE Id LIKE '005%'", "INVALID_QUERY_FILTER_OPERATOR", "operator"),
        ("SELECT Id FROM User WHERE Id IN (SELECT Id, Name FROM User)", "MALFORMED_QUERY", "exactly one"),
        (
            "SELECT Id FROM User WHERE Id IN (SELECT Id FROM User LIMIT 1)",
            "MALFORMED_QUERY",
            "LIMIT or OFFSET",
        ),
        ("SELECT Id FROM User WHERE Id IN (SELECT Id FROM Nothing)", "INVALID_TYPE", "Nothing"),
        ("SELECT Id FROM Account", "INVALID_TYPE", "Column:16\nsObject type 'Account' is not supported."),
        ("SELECT Password FROM User", "INVALID_FIELD", "No such column 'Password' on entity 'User'."),
        ("SELECT Boss.Name FROM User", "INVALID_FIELD", "Didn't understand relationship 'Boss'"),
        ("SELECT Id FROM User ORDER BY Password", "INVALID_FIELD", "Password"),
        ("SELECT Id, id FROM User", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT FIELDS(ALL) FROM User", "MALFORMED_QUERY", "at most 200"),
        ("SELECT FIELDS(NONE) FROM User LIMIT 1", "MALFORMED_QUERY", "NONE"),
        ("SELECT Id FROM User LIMIT -1", "MALFORMED_QUERY", "-1"),
        ("SELECT Id FROM User LIMIT 9999999999999999999999", "MALFORMED_QUERY", "too large"),
        ("SELECT Id FROM User OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT Id FROM User WHERE " + "(" * 60 + "Id = null" + ")" * 60, "MALFORMED_QUERY", "nests"),
        ("SELECT Id FROM User WHERE " + "NOT " * 5_000 + "Id = null", "MALFORMED_QUERY", "nests"),
        ("SELECT " + "x" * 100_000 + " FROM User", "MALFORMED_QUERY", "longer than"),
        ("SELECT Id FROM User ORDER BY Name LIMIT 99999 OFFSET 1 X", "MALFORMED_QUERY", "'X'"),
    ],
)
def test_what_is_refused(world: World, soql: str, code: str, says: str) -> None:
    told, message = refused(world, soql)
    assert told == code, message
    assert says in message, message


def test_a_pattern_that_backtracks_costs_nothing(ask: Ask, world: World) -> None:
    world.bring(app(label="a" * 80))
    pattern = "%a" * 12 + "%%%%%%%%b"
    assert ask(f"SELECT Id FROM ConnectedApplication WHERE Name LIKE '{pattern}'") == []


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for soql in (text, f"SELECT Id FROM User WHERE Name = {text}", f"SELECT {text} FROM User"):
        with suppress(ApiRefused):
            parse(soql)


@given(st.text(max_size=40))
def test_a_quoted_text_means_itself(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    where = parse(f"SELECT Id FROM User WHERE Name = '{quoted}'").where
    assert where is not None
    assert where.value == text  # type: ignore[union-attr]


def test_date_literals() -> None:
    # A Monday. Days by hand from the SOQL reference, Date Literals; weeks begin on Sunday (en_US).
    today = date(2026, 11, 23)
    expected = {
        "YESTERDAY": (date(2026, 11, 22), date(2026, 11, 23)),
        "TODAY": (date(2026, 11, 23), date(2026, 11, 24)),
        "TOMORROW": (date(2026, 11, 24), date(2026, 11, 25)),
        "LAST_WEEK": (date(2026, 11, 15), date(2026, 11, 22)),
        "THIS_WEEK": (date(2026, 11, 22), date(2026, 11, 29)),
        "NEXT_WEEK": (date(2026, 11, 29), date(2026, 12, 6)),
        "LAST_MONTH": (date(2026, 10, 1), date(2026, 11, 1)),
        "THIS_MONTH": (date(2026, 11, 1), date(2026, 12, 1)),
        "NEXT_MONTH": (date(2026, 12, 1), date(2027, 1, 1)),
        "LAST_90_DAYS": (date(2026, 8, 25), date(2026, 11, 24)),
        "NEXT_90_DAYS": (date(2026, 11, 24), date(2027, 2, 22)),
        "LAST_YEAR": (date(2025, 1, 1), date(2026, 1, 1)),
        "THIS_YEAR": (date(2026, 1, 1), date(2027, 1, 1)),
        "NEXT_YEAR": (date(2027, 1, 1), date(2028, 1, 1)),
    }
    assert set(LITERALS) == set(expected)
    for name, days in expected.items():
        assert days_of(name, None, today) == days, name
    counted = {
        "LAST_N_DAYS": (date(2026, 11, 20), date(2026, 11, 24)),
        "NEXT_N_DAYS": (date(2026, 11, 24), date(2026, 11, 27)),
        "N_DAYS_AGO": (date(2026, 11, 20), date(2026, 11, 21)),
    }
    assert set(COUNTED) == set(counted)
    for name, days in counted.items():
        assert days_of(name, 3, today) == days, name
    assert days_of("TODAY", 3, today) is None
    assert days_of("LAST_N_DAYS", None, today) is None
    found = days_of("TODAY", None, today)
    assert found is not None
    assert (found.start, found.end) == (
        datetime(2026, 11, 23, tzinfo=UTC),
        datetime(2026, 11, 24, tzinfo=UTC),
    )


@given(st.integers(min_value=0, max_value=62**12 - 1))
def test_ids_of_numbers_lead_back(number: int) -> None:
    made = numbered("0Ya", number)
    assert len(made) == 18
    assert long_id(made) == made == long_id(made[:15])
    assert number_of("0Ya", made) == (number if number <= MOST else None)
    assert number_of("0Ym", made) is None


def test_ids() -> None:
    # Source: Salesforce Help, record ids of 18 characters: worked out by hand.
    assert checked("001000000000AbC") == "001000000000AbCAAU"
    assert long_id("001") is None
    assert long_id("001000000000Ab!") is None
    assert named("0DS", "a", "b") == named("0DS", "a", "b") != named("0DS", "ab", "")
