"""deploy: all or nothing, each component's result, and what a local org takes and refuses."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from changeover.org.company import edit_org
from changeover.org.connected_apps import delete_app
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.permissions import Permission
from tests.attack.conftest import stored
from tests.salesforce.metadata.test_reading import migrated
from tests.salesforce.soap.client import (
    EXTERNAL,
    Fault,
    Soap,
    component,
    connected_app,
    external_client_app,
    many,
    package,
)
from tests.web.conftest import Office

ONE = {"ConnectedApp": ("Billing",)}
FILE = "connectedApps/Billing.connectedApp"


def allow_creation(office: Office) -> None:
    with office.house.units.unit() as unit:
        edit_org(unit, office.admin, {"connected_app_creation_allowed": True}, seen_version=None)


def rows(result: Any, kind: str = "componentFailures") -> list[Any]:
    """Return rows of a DeployResult, that of package.xml left out."""
    found = many(result["details"].get(kind)) if result["details"] else []
    return [row for row in found if row["fullName"] != "package.xml" or row["success"] == "false"]


def problem(result: Any) -> Any:
    """Return the one failure of a deployment that failed."""
    assert (result["status"], result["success"], result["done"]) == ("Failed", "false", "true")
    (row,) = rows(result)
    assert row["problemType"] == "Error"
    assert row["success"] == "false"
    return row


def label_of(office: Office, name: str = "Billing") -> str | None:
    with office.house.units.read() as unit:
        record = unit.apps.get(office.admin.org_id, name)
        return record.label if record is not None else None


def external(office: Office, name: str) -> Any:
    with office.house.units.read() as unit:
        return unit.external.get(office.admin.org_id, name)


def test_a_connected_app_is_created_where_support_allows_it(soap: Soap) -> None:
    office = soap.office
    before = stored(office)
    refused = problem(soap.deploy({"package.xml": package(ONE), FILE: connected_app()}))
    assert (refused["fullName"], refused["componentType"]) == ("Billing", "ConnectedApp")
    assert "E-CREATION-OFF" in refused["problem"]
    assert stored(office) == before
    allow_creation(office)
    result = soap.deploy({"package.xml": package(ONE), FILE: connected_app(key="3MVG9.mine")})
    assert (result["status"], result["numberComponentsDeployed"]) == ("Succeeded", "1")
    (row,) = rows(result, "componentSuccesses")
    assert (row["created"], row["changed"], row["deleted"]) == ("true", "false", "false")
    assert row["fileName"] == FILE
    assert row["id"].startswith("0H4")
    read = soap.call("<readMetadata><type>ConnectedApp</type><fullNames>Billing</fullNames></readMetadata>")
    assert read["records"]["oauthConfig"]["consumerKey"] == "3MVG9.mine"
    assert "consumerSecret" not in read["records"]["oauthConfig"]


def test_an_active_app_is_edited_and_what_its_file_does_not_say_stays(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing", {"profileName[1]": "Sales", "oauthConfig/consumerSecret": "S" * 20})
    result = soap.deploy({"package.xml": package(ONE), FILE: connected_app("Billing 2")})
    (row,) = rows(result, "componentSuccesses")
    assert (row["created"], row["changed"]) == ("false", "true")
    assert label_of(office) == "Billing 2"
    with office.house.units.read() as unit:
        record = unit.apps.get(office.admin.org_id, "Billing")
        assert record is not None
        assert unit.apps.secret(record.app_id) == "S" * 20
    assert record.document.consumer_key == "3MVG9.Billing"
    assert record.document.profile_name == ("Sales",)
    assert record.document.oauth_policy is None
    again = soap.deploy({"package.xml": package(ONE), FILE: connected_app("Billing 2")})
    assert rows(again, "componentSuccesses")[0]["changed"] == "false"
    cleared = connected_app("Billing 2", "<profileName></profileName>")
    soap.deploy({"package.xml": package(ONE), FILE: cleared})
    with office.house.units.read() as unit:
        record = unit.apps.get(office.admin.org_id, "Billing")
    assert record is not None
    assert record.document.profile_name == ()


def test_a_migrated_app_is_refused_with_the_reason(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    migrated(office)
    before = stored(office)
    row = problem(soap.deploy({"package.xml": package(ONE), FILE: connected_app("Changed")}))
    assert "E-APP-READ-ONLY" in row["problem"]
    assert "migrated" in row["problem"]
    assert stored(office) == before


@pytest.mark.parametrize(
    ("file", "says", "line", "column"),
    [
        (connected_app(more="<startPage>x</startPage>"), "no such element", 11, 1),
        (
            connected_app().replace("<scopes>RefreshToken", "<scopes>Everything"),
            "scopes[2]: “Everything”",
            9,
            9,
        ),
        (connected_app().replace("    <label>Billing</label>\n", ""), "label: a value is needed", 2, 1),
        (connected_app(more="<profileName>Nobody</profileName>"), "no profile “Nobody”", 11, 1),
        (connected_app(key="3MVG9.another"), "set at creation only", 7, 9),
        (connected_app().replace("</label>", "</lable>"), "does not match its start tag", 4, None),
        ("<!DOCTYPE a><ConnectedApp/>", "DOCTYPE", 1, None),
        (component("ApexClass", ""), "the root element is <ApexClass>", 2, None),
    ],
)
def test_a_refused_file_says_where(soap: Soap, file: str, says: str, line: int, column: int | None) -> None:
    office = soap.office
    office.connected_app("Billing")
    before = stored(office)
    row = problem(soap.deploy({"package.xml": package(ONE), FILE: file}))
    assert says in row["problem"]
    assert row["fileName"] == FILE
    assert int(row["lineNumber"]) == line
    assert column is None or int(row["columnNumber"]) == column
    assert stored(office) == before


def test_a_field_newer_than_the_version(soap: Soap) -> None:
    soap.office.connected_app("Billing")
    newer = connected_app().replace(
        "        <scopes>Api<", "        <isDPopEnabled>true</isDPopEnabled><scopes>Api<"
    )
    row = problem(soap.deploy({"package.xml": package(ONE), FILE: newer}))
    assert row["problem"] == "Property 'oauthConfig/isDPopEnabled' not valid in version 63.0"
    assert (row["lineNumber"], row["columnNumber"]) == ("8", "9")
    assert soap.deploy({"package.xml": package(ONE, "67.0"), FILE: newer})["status"] == "Succeeded"


def test_all_or_nothing(soap: Soap) -> None:
    office = soap.office
    for name in ("Billing", "Payroll"):
        office.connected_app(name)
    files = {
        "package.xml": package({"ConnectedApp": ("*",)}),
        FILE: connected_app("Changed"),
        "connectedApps/Payroll.connectedApp": connected_app("Changed", "<profileName>Nobody</profileName>"),
    }
    before = stored(office)
    result = soap.deploy(files)
    assert problem(result)["fullName"] == "Payroll"
    assert [row["fullName"] for row in rows(result, "componentSuccesses")] == ["Billing"]
    assert stored(office) == before
    partial = soap.deploy(files, rollbackOnError=False)
    assert partial["status"] == "SucceededPartial"
    assert [row["fullName"] for row in rows(partial)] == ["Payroll"]
    assert (label_of(office), label_of(office, "Payroll")) == ("Changed", "Payroll")


def test_check_only_changes_nothing_and_says_the_same(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    files = {"package.xml": package(ONE), FILE: connected_app("Changed")}
    before = stored(office)
    checked = soap.deploy(files, checkOnly=True)
    assert (checked["status"], checked["checkOnly"]) == ("Succeeded", "true")
    assert stored(office) == before
    real = soap.deploy(files)
    kept = ("fullName", "created", "changed", "success")
    for kind in ("componentSuccesses", "componentFailures"):
        one, other = rows(checked, kind), rows(real, kind)
        assert [[row[name] for name in kept] for row in one] == [
            [row[name] for name in kept] for row in other
        ]


def test_an_external_client_app_in_one_package_gets_defaults_and_policies(soap: Soap) -> None:
    office = soap.office
    result = soap.deploy(external_client_app())
    assert result["status"] == "Succeeded", rows(result)
    record = external(office, "Ledger")
    assert record.app.header.distribution_state == "Local"
    assert record.app.header.org_scoped_external_app == f"{office.admin.org_id}:Ledger"
    by_type = {type(part).__name__: part for part in record.app.parts}
    settings = by_type["ExtlClntAppGlobalOauthSettings"]
    assert settings.is_pkce_required is True
    assert settings.consumer_key
    assert record.secret_set
    policies = by_type["ExtlClntAppOauthConfigurablePolicies"]
    assert policies.full_name == "Ledger_oauth_defaultPolicy"
    assert policies.permitted_users_policy_type == "AllSelfAuthorized"
    assert (policies.refresh_token_policy_type, policies.refresh_token_validity_period) == (
        "SpecificLifetime",
        365,
    )
    assert by_type["ExtlClntAppConfigurablePolicies"].is_enabled is True
    again = soap.deploy(external_client_app())
    assert {row["changed"] for row in rows(again, "componentSuccesses")} == {"false"}


def test_a_second_policy_record_is_a_duplicate(soap: Soap) -> None:
    soap.deploy(external_client_app())
    path = "extlClntAppOauthPolicies/Ledger_oauthPlcy.ecaOauthPlcy"
    inner = "<externalClientApplication>Ledger</externalClientApplication>"
    policies = component("ExtlClntAppOauthConfigurablePolicies", inner)
    row = problem(soap.deploy({"package.xml": package(EXTERNAL), path: policies}))
    assert row["problem"].startswith("DUPLICATE_VALUE: ")
    assert "E-PART-TAKEN" in row["problem"]
    assert "Ledger_oauth_defaultPolicy" in row["problem"]
    own = path.replace("Ledger_oauthPlcy", "Ledger_oauth_defaultPolicy")
    assert soap.deploy({"package.xml": package(EXTERNAL), own: policies})["status"] == "Succeeded"


def test_an_update_of_policies_replaces_the_whole_record(soap: Soap) -> None:
    soap.deploy(external_client_app())
    path = "extlClntAppOauthPolicies/Ledger_oauth_defaultPolicy.ecaOauthPlcy"
    inner = "<externalClientApplication>Ledger</externalClientApplication>\n{}"
    for more, expected in (
        ("<ipRelaxationPolicyType>Bypass</ipRelaxationPolicyType>", "Bypass"),
        ("<sessionTimeoutInMinutes>30</sessionTimeoutInMinutes>", "Enforce"),
    ):
        file = component("ExtlClntAppOauthConfigurablePolicies", inner.format(more))
        assert soap.deploy({"package.xml": package(EXTERNAL), path: file})["status"] == "Succeeded"
        policies = external(soap.office, "Ledger").app.parts[2]
        assert policies.ip_relaxation_policy_type == expected


def test_header_first_then_the_rest(soap: Soap) -> None:
    files = external_client_app()
    header = "externalClientApps/Ledger.eca"
    rest = {path: content for path, content in files.items() if path != header}
    refused = rows(soap.deploy(rest))
    assert any("no ExternalClientApplication named Ledger found" in row["problem"] for row in refused)
    assert external(soap.office, "Ledger") is None
    first = {"package.xml": files["package.xml"], header: files[header]}
    assert soap.deploy(first)["status"] == "Succeeded"
    assert soap.deploy(rest)["status"] == "Succeeded"
    assert external(soap.office, "Ledger").app.consumer_key


def test_global_settings_alone_fail(soap: Soap) -> None:
    files = external_client_app()
    del files["extlClntAppOauthSettings/Ledger_oauth.ecaOauth"]
    result = soap.deploy(files)
    assert result["status"] == "Failed"
    assert any("ExtlClntAppOauthSettings" in row["problem"] for row in rows(result))
    assert external(soap.office, "Ledger") is None


def test_a_live_consumer_key_is_refused(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    app = "<externalClientApplication>{}</externalClientApplication>"
    held = "<callbackUrl>https://l.example</callbackUrl><consumerKey>3MVG9.Billing</consumerKey>"
    for name in ("Ledger", "Billing"):
        result = soap.deploy(external_client_app(name, settings=held + app.format(name)))
        assert any("E-CONSUMER-KEY-TAKEN" in row["problem"] for row in rows(result)), name
        assert external(office, name) is None
    allow_creation(office)
    second = {
        "package.xml": package({"ConnectedApp": ("Payroll",)}),
        "connectedApps/Payroll.connectedApp": connected_app("Payroll", key="3MVG9.Billing"),
    }
    assert "E-CONSUMER-KEY-TAKEN" in problem(soap.deploy(second))["problem"]


def test_what_a_retrieve_brought_can_be_deployed_again(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing", {"oauthConfig/consumerSecret": "S" * 20})
    migrated(office)
    soap.version = "67.0"
    _, files = soap.retrieve(dict.fromkeys(EXTERNAL, ("*",)), "<singlePackage>true</singlePackage>")
    before = stored(office)
    result = soap.deploy(files)
    assert result["status"] == "Succeeded", rows(result)
    assert {row["changed"] for row in rows(result, "componentSuccesses")} == {"false"}
    assert stored(office) == before


def test_a_destructive_change_of_the_external_client_app_is_the_revert(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    migrated(office)
    both = {"package.xml": package({}), "destructiveChanges.xml": package(ONE)}
    assert "E-EXTERNAL-CLIENT-APP-THERE" in problem(soap.deploy(both))["problem"]
    gone = {
        "ExtlClntAppOauthSettings": ("Billing_oauth",),
        "ExternalClientApplication": ("Billing", "Nobody"),
    }
    result = soap.deploy({"package.xml": package({}), "destructiveChangesPost.xml": package(gone)})
    assert result["status"] == "Succeeded", rows(result)
    found = {(row["fullName"], row["deleted"]): row for row in rows(result, "componentSuccesses")}
    assert set(found) == {("Billing_oauth", "true"), ("Billing", "true"), ("Nobody", "false")}
    warned = found["Nobody", "false"]
    assert (warned["problem"], warned["problemType"], warned["componentType"]) == (
        "No ExternalClientApplication named: Nobody found",
        "Warning",
        "",
    )
    assert external(office, "Billing") is None
    edited = soap.deploy({"package.xml": package(ONE), FILE: connected_app("Active again")})
    assert edited["status"] == "Succeeded"


def test_a_part_is_not_deleted_alone(soap: Soap) -> None:
    soap.deploy(external_client_app())
    gone = package({"ExtlClntAppOauthSettings": ("Ledger_oauth",)})
    row = problem(soap.deploy({"package.xml": package({}), "destructiveChanges.xml": gone}))
    assert "deleted with its external client app" in row["problem"]


def test_deleted_before_and_written_after(soap: Soap) -> None:
    office = soap.office
    allow_creation(office)
    office.connected_app("Billing")
    files = {
        "package.xml": package(ONE),
        FILE: connected_app("New", key="3MVG9.new"),
        "destructiveChangesPre.xml": package(ONE),
    }
    result = soap.deploy(files)
    assert result["status"] == "Succeeded", rows(result)
    with office.house.units.read() as unit:
        record = unit.apps.get(office.admin.org_id, "Billing")
    assert record is not None
    assert record.document.consumer_key == "3MVG9.new"


def test_the_package_may_lie_in_a_folder(soap: Soap) -> None:
    soap.office.connected_app("Billing")
    files = {
        "zip/": "",
        "zip/package.xml": package(ONE),
        "zip/connectedApps/": "",
        f"zip/{FILE}": connected_app("Deep"),
    }
    result = soap.deploy(files)
    assert result["status"] == "Succeeded", rows(result)
    assert label_of(soap.office) == "Deep"


LACKING = "was named in package.xml, but was not found in zipped directory"
PACKAGES: dict[str, tuple[dict[str, str], str]] = {
    "no package.xml": ({FILE: connected_app()}, "No package.xml found"),
    "a package that lists what it lacks": ({"package.xml": package(ONE)}, LACKING),
    "an unknown type": ({"package.xml": package({"Nonsense": ("a",)})}, "Entity type: 'Nonsense' is unknown"),
    "a type of a later version": (
        {"package.xml": package({"ExtlClntAppCanvasSettings": ("a",)})},
        "is not available in this api version",
    ),
    "a version that does not exist": (
        {"package.xml": package(ONE, "99.0"), FILE: connected_app()},
        "Invalid version specified: 99.0",
    ),
    "a file that is not listed": ({"package.xml": package({}), FILE: connected_app()}, "Not in package.xml"),
    "a file of no type": (
        {"package.xml": package({}), "classes/A.cls": "class A {}"},
        "no file of a metadata type",
    ),
    "a file in source format": (
        {"package.xml": package(ONE), f"{FILE}-meta.xml": connected_app()},
        "no file of a metadata type",
    ),
    "a package that is none": ({"package.xml": "<Package"}, "cut off"),
    "an entity bomb": (
        {"package.xml": '<!DOCTYPE a [<!ENTITY b "cc">]><Package>&b;</Package>'},
        "DOCTYPE",
    ),
    "a wildcard that deletes": (
        {"package.xml": package({}), "destructiveChanges.xml": package({"ConnectedApp": ("*",)})},
        "A wildcard deletes nothing",
    ),
    "a path that leads out": ({"package.xml": package({}), "../evil": "x"}, "leads out"),
    "an absolute path": ({"package.xml": package({}), "/etc/evil": "x"}, "leads out"),
    "a path of Windows": ({"package.xml": package({}), "a\\..\\evil": "x"}, "leads out"),
}


@pytest.mark.parametrize("what", PACKAGES)
def test_a_package_that_cannot_be(soap: Soap, what: str) -> None:
    office = soap.office
    office.connected_app("Billing")
    before = stored(office)
    files, says = PACKAGES[what]
    result = soap.deploy(files)
    assert (result["status"], result["success"]) == ("Failed", "false")
    assert any(says in row["problem"] for row in rows(result)), rows(result)
    assert stored(office) == before


def bomb() -> bytes:
    """Return a small zip that unpacks to far more than anybody sends."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package.xml", package({"ConnectedApp": ("*",)}))
        for nth in range(13):
            archive.writestr(f"connectedApps/A{nth}.connectedApp", b"\0" * (8 * 1024 * 1024))
    return out.getvalue()


def twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("package.xml", package(ONE))
        archive.writestr(FILE, connected_app("One"))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(FILE, connected_app("Other"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (bomb, "unpacks to more than"),
        (twice, "twice"),
        (lambda: b"PK no zip", "no zip"),
        (lambda: b"", "no zip"),
    ],
)
def test_a_zip_that_cannot_be(soap: Soap, make: Any, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    soap.office.connected_app("Billing")
    before = stored(soap.office)
    sent = make()
    monkeypatch.setattr("tests.salesforce.soap.client.packed", lambda _files: sent)
    assert says in problem(soap.deploy({}))["problem"]
    assert stored(soap.office) == before


def test_cancel_comes_too_late(soap: Soap) -> None:
    result = soap.deploy({"package.xml": package({})})
    assert result["status"] == "Succeeded"
    with pytest.raises(Fault, match="INVALID_OPERATION"):
        soap.call(f"<cancelDeploy><String>{result['id']}</String></cancelDeploy>")
    with pytest.raises(Fault, match="INVALID_CROSS_REFERENCE_KEY"):
        soap.call("<cancelDeploy><String>0Af000000000000AAA</String></cancelDeploy>")
    bare = soap.call(
        f"<checkDeployStatus><asyncProcessId>{result['id']}</asyncProcessId></checkDeployStatus>"
    )
    assert bare["details"] == ""


def test_permissions_hold(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    soap.deploy(external_client_app())
    clerk = Soap.logged_in(office, office.user("clerk@acme.example", [Permission.VIEW_SETUP]))
    before = stored(office)
    for files in (
        {"package.xml": package(ONE), FILE: connected_app("Changed")},
        external_client_app("Other"),
        {"package.xml": package({}), "destructiveChanges.xml": package(ONE)},
        {
            "package.xml": package({}),
            "destructiveChanges.xml": package({"ExternalClientApplication": ("Ledger",)}),
        },
    ):
        result = clerk.deploy(files)
        assert result["status"] == "Failed"
        assert all(
            "E-NOT-PERMITTED" in row["problem"] or "Not deployed" in row["problem"] for row in rows(result)
        )
    assert stored(office) == before
    # Settings are the developer's, policies the admin's.
    developer = Soap.logged_in(
        office,
        office.user("dev@acme.example", [Permission.VIEW_SETUP, Permission.EXTERNAL_CLIENT_APP_DEVELOPER]),
    )
    inner = "<externalClientApplication>Ledger</externalClientApplication>"
    path = "extlClntAppOauthPolicies/Ledger_oauth_defaultPolicy.ecaOauthPlcy"
    policies = component("ExtlClntAppOauthConfigurablePolicies", inner)
    refused = problem(developer.deploy({"package.xml": package(EXTERNAL), path: policies}))
    assert "E-NOT-PERMITTED" in refused["problem"]
    assert developer.deploy(external_client_app())["status"] == "Succeeded"


def test_acts_and_deployments_agree(soap: Soap) -> None:
    office = soap.office
    soap.deploy(external_client_app())
    with office.house.units.unit() as unit:
        delete_external_client_app(unit, office.admin, "Ledger", confirmed=True, seen_version=None)
    assert external(office, "Ledger") is None
    office.connected_app("Billing")
    with office.house.units.unit() as unit:
        delete_app(unit, office.admin, "Billing", confirmed=True, seen_version=None)
    assert label_of(office) is None
