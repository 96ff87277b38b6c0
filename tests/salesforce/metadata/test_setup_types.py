"""Profile, PermissionSet, NotificationTypeConfig, UserProvisioningConfig: as far as they touch apps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from changeover.apps.document import Leaf
from changeover.org.audit import Event
from changeover.org.connected_apps import set_switches
from changeover.org.lists import AuditQuery
from changeover.org.model.beside_apps import NotificationType
from changeover.org.notifications import list_delivery_settings, save_notification_type, set_delivery
from changeover.org.permission_sets import save_permission_set, save_profile
from changeover.org.permissions import Permission
from changeover.salesforce.metadata.entries import content_of, entries
from changeover.salesforce.metadata.kinds import notification_settings, permission_sets, profiles
from changeover.salesforce.metadata.kinds import user_provisioning as provisioning
from tests.attack.conftest import stored
from tests.salesforce.metadata.test_deployment import problem, rows
from tests.salesforce.metadata.test_reading import migrated
from tests.salesforce.soap.client import Fault, Soap, component, many, package
from tests.web.conftest import Office

ROOT = Path(__file__).resolve().parents[3]
DEVELOPER, SECRET = Permission.EXTERNAL_CLIENT_APP_DEVELOPER, Permission.VIEW_CLIENT_SECRET
SET = {"PermissionSet": ("Integration",)}
SET_FILE = "permissionsets/Integration.permissionset"
ADMIN_FILE = "profiles/Admin.profile"
CONFIG = {"NotificationTypeConfig": ("*",)}
CONFIG_FILE = "notificationTypeConfig/NotificationTypeConfig.config"
PROVISIONING = {"UserProvisioningConfig": ("Billing_Users",)}
PROVISIONING_FILE = "userProvisioningConfigs/Billing_Users.userProvisioningConfig"


def permission(name: str, enabled: str = "true") -> str:
    return f"<userPermissions><enabled>{enabled}</enabled><name>{name}</name></userPermissions>"


def class_access(name: str, enabled: str = "true") -> str:
    return f"<classAccesses><apexClass>{name}</apexClass><enabled>{enabled}</enabled></classAccesses>"


def permission_set(*permissions: str, more: str = "", label: str = "Integration") -> str:
    said = "".join(map(permission, permissions))
    return component("PermissionSet", f"{more}<label>{label}</label>{said}")


def good(soap: Soap, types: Mapping[str, tuple[str, ...]], path: str, content: str, **options: Any) -> Any:
    """Deploy one component and return the row of its success."""
    result = soap.deploy({"package.xml": package(types), path: content}, **options)
    (row,) = rows(result, "componentSuccesses")
    assert result["status"] == "Succeeded"
    return row


def read(soap: Soap, type_name: str, name: str) -> Any:
    operation = f"<readMetadata><type>{type_name}</type><fullNames>{name}</fullNames></readMetadata>"
    return soap.call(operation)["records"]


def held(office: Office, username: str) -> frozenset[str]:
    with office.house.units.read() as unit:
        user = unit.users.by_username(username)
        assert user is not None
        return unit.users.permissions(user.user_id)


def events(office: Office) -> list[str]:
    with office.house.units.read() as unit:
        return [one.event for one in unit.audit.page(office.admin.org_id, AuditQuery()).rows]


def user_provisioning(office: Office) -> bool:
    with office.house.units.read() as unit:
        record = unit.apps.get(office.admin.org_id, "Billing")
        assert record is not None
        return record.user_provisioning


# --- the definitions

DEFINITIONS = (ROOT / "node_modules/@salesforce/types/lib/metadata.d.ts").read_text(encoding="utf-8")


def members(name: str) -> set[str]:
    found = re.search(rf"^(?:export )?type {name} = (.*?)^}};", DEFINITIONS, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return set(re.findall(r"^    (\w+)\??:", found[1], re.MULTILINE))


def test_the_elements_are_those_of_salesforces_type_definitions() -> None:
    assert set(profiles.ELEMENTS) == members("Profile")
    assert set(permission_sets.ELEMENTS) == members("PermissionSet")
    assert set(provisioning.ELEMENTS) == members("UserProvisioningConfig")
    inner = {
        "notificationTypeSettings": "NotificationTypeSettings",
        "notificationTypeSettings/appSettings": "AppSettings",
        "notificationTypeSettings/notificationChannels": "NotificationChannels",
    }
    assert members("NotificationTypeConfig") == {"notificationTypeSettings"}
    wanted = {f"{at}/{one}" for at, name in inner.items() for one in members(name)} - set(inner)
    assert set(notification_settings.ELEMENTS) == wanted
    for access in profiles.ACCESSES:
        one = re.search(rf"^    {access.element}: (\w+)\[\];", DEFINITIONS, re.MULTILINE)
        assert one is not None
        assert set(access.names) <= members(one[1]), access
    # Neither says which connected apps it gives access to: that stands in the apps.
    assert not [one for one in members("Profile") | members("PermissionSet") if "onnected" in one]


def test_entries_lead_back() -> None:
    content = (Leaf("a/x", "1"), Leaf("a[2]/x", "2"), Leaf("b", "text"), Leaf("c/d/e", ""))
    again = content_of(entries(content))
    assert [leaf.value for leaf in again] == ["1", "2", "text", ""]
    assert again == content_of(entries(again))


# --- permission sets and profiles


def test_a_permission_set_is_the_whole_of_its_file(soap: Soap) -> None:
    office = soap.office
    row = good(soap, SET, SET_FILE, permission_set("ViewSetup", DEVELOPER.value, "ApiEnabled"))
    assert (row["created"], row["id"][:3]) == ("true", "0PS")
    user = office.user("ida@acme.example", [])
    with office.house.units.unit() as unit:
        found = unit.users.by_username(user)
        assert found is not None
        unit.users.save(type(found)(**{**vars(found), "permission_sets": ("Integration",)}))
    assert {"ViewSetup", DEVELOPER.value} <= held(office, user)
    record = read(soap, "PermissionSet", "integration")
    assert (record["fullName"], record["label"]) == ("Integration", "Integration")
    assert [one["name"] for one in record["userPermissions"]] == [
        "ApiEnabled",
        "ExternalClientAppDeveloper",
        "ViewSetup",
    ]
    # What the next file does not say is gone, permissions that no local org has among it.
    row = good(soap, SET, SET_FILE, permission_set("ViewSetup", more=class_access("Sync")))
    assert (row["created"], row["changed"]) == ("false", "true")
    assert DEVELOPER.value not in held(office, user)
    assert events(office)[0] == Event.PERMISSION_SET_SAVED
    row = good(soap, SET, SET_FILE, permission_set("ViewSetup", more=class_access("Sync")))
    assert row["changed"] == "false"
    result, files = soap.retrieve({"PermissionSet": ("*",)})
    assert {one["fullName"] for one in many(result["fileProperties"])} >= {
        "Integration",
        "External_Client_App_Admin",
    }
    assert files[f"unpackaged/{SET_FILE}"].decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <classAccesses>\n"
        "        <apexClass>Sync</apexClass>\n"
        "        <enabled>true</enabled>\n"
        "    </classAccesses>\n"
        "    <label>Integration</label>\n"
        "    <userPermissions>\n"
        "        <enabled>true</enabled>\n"
        "        <name>ViewSetup</name>\n"
        "    </userPermissions>\n"
        "</PermissionSet>\n"
    )


def test_what_files_say_beyond_permissions_outlives_an_edit_in_setup(soap: Soap) -> None:
    office = soap.office
    good(soap, SET, SET_FILE, permission_set(more=class_access("Sync")))
    with office.house.units.unit() as unit:
        save_permission_set(unit, office.admin, "Integration", "Renamed", [SECRET.value])
    record = read(soap, "PermissionSet", "Integration")
    assert (record["label"], record["classAccesses"]["apexClass"]) == ("Renamed", "Sync")
    assert record["userPermissions"]["name"] == SECRET.value


def test_records_one_by_one(soap: Soap) -> None:
    def call(operation: str, type_name: str, name: str, inner: str) -> Any:
        record = f'<metadata xsi:type="{type_name}"><fullName>{name}</fullName>{inner}</metadata>'
        return soap.call(f"<{operation}>{record}</{operation}>")

    label = "<label>One</label>"
    assert call("createMetadata", "PermissionSet", "One", label)["success"] == "true"
    again = call("createMetadata", "PermissionSet", "One", label)
    assert again["errors"]["statusCode"] == "DUPLICATE_DEVELOPER_NAME"
    more = call("upsertMetadata", "PermissionSet", "One", label + permission("ViewSetup"))
    assert (more["created"], more["success"]) == ("false", "true")
    assert read(soap, "PermissionSet", "One")["userPermissions"]["name"] == "ViewSetup"
    strange = call("updateMetadata", "PermissionSet", "One", f"{label}<apps>Billing</apps>")
    assert "invalid at this location" in strange["errors"]["message"]
    absent = "<connectedApp>Nobody</connectedApp><masterLabel>None</masterLabel>"
    refused = call("createMetadata", "UserProvisioningConfig", "None", absent)
    assert refused["errors"]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"


def test_a_profile_is_overlaid(soap: Soap) -> None:
    office = soap.office
    user = office.user("ida@acme.example", [Permission.VIEW_SETUP])
    with office.house.units.read() as unit:
        found = unit.users.by_username(user)
    assert found is not None
    name = found.profile
    assert name is not None
    types = {"Profile": ("*",)}
    path = f"profiles/{profiles.full_name_of(name)}.profile"
    first = component(
        "Profile",
        class_access("Sync")
        + class_access("Other")
        + "".join(map(permission, ("ApiEnabled", DEVELOPER.value, SECRET.value))),
    )
    row = good(soap, types, path, first)
    assert (row["created"], row["changed"]) == ("false", "true")
    assert {SECRET.value, "ViewSetup", DEVELOPER.value} <= held(office, user)
    second = component(
        "Profile",
        class_access("Sync", "false") + permission("ApiEnabled", "false") + permission(SECRET.value, "false"),
    )
    good(soap, types, path, second)
    assert held(office, user) == {"ViewSetup", DEVELOPER.value}
    record = read(soap, "Profile", profiles.full_name_of(name))
    assert {one["apexClass"]: one["enabled"] for one in record["classAccesses"]} == {
        "Other": "true",
        "Sync": "false",
    }
    assert record["userPermissions"]["name"] == DEVELOPER.value
    assert record["custom"] == "false"


def test_a_profile_is_retrieved_with_what_the_package_names_beside_it(soap: Soap) -> None:
    said = (
        class_access("Sync")
        + class_access("Other")
        + "<fieldPermissions><editable>true</editable><field>Account.Rating</field></fieldPermissions>"
        + "<loginIpRanges><endAddress>10.0.0.9</endAddress></loginIpRanges>"
    )
    good(soap, {"Profile": ("Admin",)}, ADMIN_FILE, component("Profile", said))
    name = f"unpackaged/{ADMIN_FILE}"

    def brought(types: Mapping[str, tuple[str, ...]]) -> str:
        return soap.retrieve({"Profile": ("Admin",), **types})[1][name].decode()

    alone = brought({})
    assert "loginIpRanges" in alone
    assert "ViewSetup" in alone
    assert not re.search("classAccesses|fieldPermissions", alone)
    with_class = brought({"ApexClass": ("Sync",)})
    assert ("Sync" in with_class, "Other" in with_class) == (True, False)
    assert "Account.Rating" in brought({"CustomObject": ("Account",)})
    every = brought({"ApexClass": ("*",), "CustomField": ("Account.Rating",)})
    assert all(one in every for one in ("Sync", "Other", "Account.Rating"))


def test_salesforces_own_profiles_and_names_with_signs(soap: Soap) -> None:
    office = soap.office
    with office.house.units.unit() as unit:
        save_profile(unit, office.admin, "Sales: (EU)/../x", [])
    listed = soap.call("<listMetadata><queries><type>Profile</type></queries></listMetadata>")
    found = {one["fullName"]: one["fileName"] for one in listed}
    assert {"Admin", "ReadOnly", "Standard"} <= set(found)
    assert found["Sales%3A %28EU%29%2F..%2Fx"] == "profiles/Sales%3A %28EU%29%2F..%2Fx.profile"
    assert read(soap, "Profile", "Sales%3A %28EU%29%2F..%2Fx")["custom"] == "true"
    assert read(soap, "Profile", "Admin")["custom"] == "false"
    before = stored(office)
    good(soap, {"Profile": ("Admin",)}, ADMIN_FILE, component("Profile", ""), checkOnly=True)
    assert stored(office) == before


REFUSED = (
    (
        SET_FILE,
        component("PermissionSet", "<label>A</label>\n<connectedApps>x</connectedApps>"),
        "invalid at",
        4,
    ),
    (SET_FILE, component("PermissionSet", permission("ViewSetup")), "missing: [label]", 2),
    (
        SET_FILE,
        component("PermissionSet", f"<label>A</label>\n{permission('ViewSetup', 'maybe')}"),
        "true or false",
        4,
    ),
    (
        SET_FILE,
        component("PermissionSet", "<agentAccesses><agentName>x</agentName></agentAccesses><label>A</label>"),
        "not valid in version 63.0",
        3,
    ),
    (ADMIN_FILE, component("Profile", permission("ManageUsers", "false")), "E-LAST-ADMINISTRATOR", 2),
)


def test_what_is_refused_of_profiles_and_permission_sets(soap: Soap) -> None:
    before = stored(soap.office)
    types = {"PermissionSet": ("*",), "Profile": ("*",)}
    for path, content, says, line in REFUSED:
        row = problem(soap.deploy({"package.xml": package(types), path: content}))
        assert says in row["problem"]
        assert int(row["lineNumber"]) == line
        assert stored(soap.office) == before


def test_who_may_not_manage_permission_sets_deploys_none(soap: Soap) -> None:
    office = soap.office
    clerk = Soap.logged_in(office, office.user("clerk@acme.example", [Permission.VIEW_SETUP]))
    before = stored(office)
    raised = permission_set(*(one.value for one in Permission))
    assert (
        "E-NOT-PERMITTED" in problem(clerk.deploy({"package.xml": package(SET), SET_FILE: raised}))["problem"]
    )
    for path, types, content in (
        (ADMIN_FILE, {"Profile": ("*",)}, component("Profile", permission("ViewSetup"))),
        (CONFIG_FILE, CONFIG, config("Shipped", "Billing")),
        (PROVISIONING_FILE, PROVISIONING, provisioned()),
    ):
        row = problem(clerk.deploy({"package.xml": package(types), path: content}))
        assert "E-NOT-PERMITTED" in row["problem"]
    assert stored(office) == before
    nobody = Soap.logged_in(office, office.user("nobody@acme.example", []))
    for name in ("Profile", "PermissionSet", "NotificationTypeConfig", "UserProvisioningConfig"):
        with pytest.raises(Fault, match="INSUFFICIENT_ACCESS"):
            nobody.call(f"<listMetadata><queries><type>{name}</type></queries></listMetadata>")


def test_an_app_and_the_permission_set_that_it_names_go_in_one_package(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing", {"oauthConfig/isAdminApproved": "true"})
    app = component(
        "ConnectedApp",
        "<contactEmail>o@acme.example</contactEmail><label>Billing</label><oauthConfig>"
        "<callbackUrl>https://billing.example/callback</callbackUrl><isAdminApproved>true</isAdminApproved>"
        "<scopes>Api</scopes></oauthConfig><permissionSetName>Integration</permissionSetName>",
    )
    files = {"connectedApps/Billing.connectedApp": app, SET_FILE: permission_set("ApiEnabled")}
    result = soap.deploy({"package.xml": package({"ConnectedApp": ("*",), **SET}), **files})
    assert result["status"] == "Succeeded"
    assert read(soap, "ConnectedApp", "Billing")["permissionSetName"] == "Integration"


def test_none_of_them_is_deleted_but_user_provisioning(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    with office.house.units.unit() as unit:
        save_notification_type(
            unit, office.admin, NotificationType(api_name="Shipped", label="S", custom=True)
        )
    before = stored(office)
    for type_name, name in (
        ("Profile", "Standard"),
        ("PermissionSet", "External_Client_App_Viewer"),
        ("NotificationTypeConfig", "NotificationTypeConfig"),
    ):
        deleted = soap.call(
            f"<deleteMetadata><type>{type_name}</type><fullNames>{name}</fullNames></deleteMetadata>"
        )
        assert "E-VALUE-REFUSED" in deleted["errors"]["message"], type_name
    assert stored(office) == before


# --- notifications


def config(name: str, app: str, enabled: str = "true", more: str = "") -> str:
    return component(
        "NotificationTypeConfig",
        f"<notificationTypeSettings>{more}\n<appSettings><connectedAppName>{app}</connectedAppName>"
        f"<enabled>{enabled}</enabled></appSettings><notificationType>{name}</notificationType>"
        "</notificationTypeSettings>",
    )


CHANNELS = (
    "<notificationChannels><desktopEnabled>true</desktopEnabled><mobileEnabled>false</mobileEnabled>"
    "</notificationChannels>"
)


def deliveries(office: Office) -> dict[str, dict[str, bool]]:
    with office.house.units.read() as unit:
        return {
            one.notification_type.api_name: {app.app: app.enabled for app in one.apps}
            for one in list_delivery_settings(unit, office.admin)
        }


def test_delivery_settings_are_overlaid_and_channels_are_kept(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    office.connected_app("Ledger")
    assert "NotificationTypeConfig" not in str(soap.retrieve(CONFIG)[0].get("fileProperties"))
    with office.house.units.unit() as unit:
        save_notification_type(
            unit, office.admin, NotificationType(api_name="Shipped", label="Shipped", custom=True)
        )
        set_delivery(unit, office.admin, "Shipped", "Ledger", enabled=True)
    row = good(soap, CONFIG, CONFIG_FILE, config("Shipped", "Billing", more=CHANNELS))
    assert row["changed"] == "true"
    assert deliveries(office) == {"Shipped": {"Billing": True, "Ledger": True}}
    good(soap, CONFIG, CONFIG_FILE, config("acme__Paid", "Billing", "false"))
    assert deliveries(office) == {
        "Shipped": {"Billing": True, "Ledger": True},
        "acme__Paid": {"Billing": False},
    }
    same = good(soap, CONFIG, CONFIG_FILE, config("acme__Paid", "Billing", "false"))
    assert same["changed"] == "false"
    found = read(soap, "NotificationTypeConfig", "NotificationTypeConfig")["notificationTypeSettings"]
    assert found[0] == {
        "appSettings": [
            {"connectedAppName": "Billing", "enabled": "true"},
            {"connectedAppName": "Ledger", "enabled": "true"},
        ],
        "notificationChannels": {"desktopEnabled": "true", "mobileEnabled": "false"},
        "notificationType": "Shipped",
    }
    migrated(office)
    file = soap.retrieve(CONFIG)[1][f"unpackaged/{CONFIG_FILE}"].decode()
    assert ("Billing" in file, "Ledger" in file, "desktopEnabled" in file) == (False, True, True)
    before = stored(office)
    row = problem(
        soap.deploy({"package.xml": package(CONFIG), CONFIG_FILE: config("Shipped", "Billing", "false")})
    )
    assert "E-APP-READ-ONLY" in row["problem"]
    assert row["lineNumber"] == "4"
    assert stored(office) == before


def test_deliveries_to_external_client_apps_are_kept_from_version_64_on(soap: Soap) -> None:
    given = (
        "<appSettings><appType>EXTERNAL_CLIENT_APP</appType><connectedAppName>Nobody</connectedAppName>"
        "<enabled>true</enabled></appSettings>"
    )
    soap.office.connected_app("Billing")
    file = config("Shipped", "Billing", more=given)
    row = problem(soap.deploy({"package.xml": package(CONFIG), CONFIG_FILE: file}))
    assert "appType' not valid in version 63.0" in row["problem"]
    soap.version = "67.0"
    result = soap.deploy({"package.xml": package(CONFIG, "67.0"), CONFIG_FILE: file})
    assert result["status"] == "Succeeded"
    got = soap.retrieve(CONFIG)[1][f"unpackaged/{CONFIG_FILE}"]
    assert b"<appType>EXTERNAL_CLIENT_APP</appType>" in got
    assert got.count(b"<appSettings>") == 2


REFUSED_SETTINGS = (
    (config("Shipped", "Nobody"), "E-APP-NOT-FOUND"),
    (config("", "Billing"), "missing: notificationType"),
    (config("No name!", "Billing"), "API name"),
    (config("Shipped", "Billing", "perhaps"), "true or false"),
    (config("Shipped", "Billing", more="<sound>on</sound>"), "invalid at this location"),
)


def test_what_is_refused_of_delivery_settings(soap: Soap) -> None:
    soap.office.connected_app("Billing")
    before = stored(soap.office)
    for content, says in REFUSED_SETTINGS:
        row = problem(soap.deploy({"package.xml": package(CONFIG), CONFIG_FILE: content}))
        assert says in row["problem"]
        assert stored(soap.office) == before
    other = "notificationTypeConfig/Other.config"
    row = problem(soap.deploy({"package.xml": package(CONFIG), other: config("Shipped", "Billing")}))
    assert "it is NotificationTypeConfig" in row["problem"]


# --- user provisioning


def provisioned(app: str = "Billing", enabled: str = "true") -> str:
    return component(
        "UserProvisioningConfig",
        f"<connectedApp>{app}</connectedApp>\n<enabled>{enabled}</enabled>\n<flow>Provision</flow>\n"
        "<masterLabel>Billing Users</masterLabel>",
    )


def test_user_provisioning_stands_in_the_way_of_a_migration(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    row = good(soap, PROVISIONING, PROVISIONING_FILE, provisioned())
    assert row["created"] == "true"
    assert user_provisioning(office)
    with office.house.units.read() as unit:
        record = unit.apps.get(office.admin.org_id, "Billing")
    assert record is not None
    assert record.verdict.value == "blocked"
    found = read(soap, "UserProvisioningConfig", "Billing_Users")
    assert found == {
        "fullName": "Billing_Users",
        "connectedApp": "Billing",
        "enabled": "true",
        "flow": "Provision",
        "masterLabel": "Billing Users",
    }
    # The switch in Setup is the same switch.
    with office.house.units.unit() as unit:
        set_switches(unit, office.admin, "Billing", user_provisioning=False, seen_version=None)
    assert read(soap, "UserProvisioningConfig", "Billing_Users")["enabled"] == "false"
    again = good(soap, PROVISIONING, PROVISIONING_FILE, provisioned(enabled="false"))
    assert (again["created"], user_provisioning(office)) == ("false", False)
    second = {"package.xml": package({"UserProvisioningConfig": ("*",)})}
    name = PROVISIONING_FILE.replace("Billing_Users", "Other")
    row = problem(soap.deploy({**second, name: provisioned()}))
    assert "Billing_Users is the user provisioning of Billing" in row["problem"]
    good(soap, PROVISIONING, PROVISIONING_FILE, provisioned())
    deleted = soap.deploy({"package.xml": package({}), "destructiveChanges.xml": package(PROVISIONING)})
    assert [one["deleted"] for one in rows(deleted, "componentSuccesses")] == ["true"]
    assert not user_provisioning(office)
    listed = "<listMetadata><queries><type>UserProvisioningConfig</type></queries></listMetadata>"
    assert soap.call(listed) is None
    with office.house.units.unit() as unit:
        set_switches(unit, office.admin, "Billing", user_provisioning=True, seen_version=None)
    assert soap.call(listed)["fullName"] == "Billing"


def test_what_is_refused_of_user_provisioning(soap: Soap) -> None:
    office = soap.office
    office.connected_app("Billing")
    row = problem(
        soap.deploy({"package.xml": package(PROVISIONING), PROVISIONING_FILE: provisioned("Nobody")})
    )
    assert "E-APP-NOT-FOUND" in row["problem"]
    assert (row["lineNumber"], row["columnNumber"]) == ("3", "1")
    without = provisioned().replace("<masterLabel>Billing Users</masterLabel>", "")
    row = problem(soap.deploy({"package.xml": package(PROVISIONING), PROVISIONING_FILE: without}))
    assert "missing: [masterLabel]" in row["problem"]
    migrated(office)
    before = stored(office)
    row = problem(soap.deploy({"package.xml": package(PROVISIONING), PROVISIONING_FILE: provisioned()}))
    assert "E-APP-READ-ONLY" in row["problem"]
    assert stored(office) == before
