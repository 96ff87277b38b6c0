"""Where other files name a connected app, and what stands beside the name."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from changeover.apps.document import Leaf
from changeover.apps.reference import Reference
from changeover.metadata.file_error import FileError
from changeover.metadata.reader import NAMESPACE
from changeover.metadata.references import REFERRING_TYPES, read_references, referring_type_of


def file(root: str, inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">{inner}</{root}>\n'.encode()


def test_a_notification_type_names_apps_for_a_channel() -> None:
    path = "notificationTypeConfig/NotificationTypeConfig.config-meta.xml"
    inner = """
        <notificationTypeSettings>
            <appSettings><connectedAppName>Other</connectedAppName><enabled>false</enabled></appSettings>
            <appSettings><connectedAppName>Billing</connectedAppName><enabled>true</enabled></appSettings>
            <notificationChannels><desktopEnabled>true</desktopEnabled></notificationChannels>
            <notificationType>case_closed</notificationType>
        </notificationTypeSettings>
        <notificationTypeSettings>
            <appSettings>
                <appType>EXTERNAL_CLIENT_APP</appType><connectedAppName>Billing</connectedAppName>
            </appSettings>
            <appSettings>
                <appType>CONNECTED_APP</appType><connectedAppName>Billing</connectedAppName>
            </appSettings>
            <notificationType>approval_request</notificationType>
        </notificationTypeSettings>"""
    found = read_references(file("NotificationTypeConfig", inner), path)
    assert [one.path for one in found] == [
        "notificationTypeSettings[1]/appSettings[1]/connectedAppName",
        "notificationTypeSettings[1]/appSettings[2]/connectedAppName",
        "notificationTypeSettings[2]/appSettings[2]/connectedAppName",
    ]
    assert found[1] == Reference(
        kind="NotificationTypeConfig",
        file=path,
        path="notificationTypeSettings[1]/appSettings[2]/connectedAppName",
        app="Billing",
        context=(
            Leaf("notificationTypeSettings[1]/notificationType", "case_closed"),
            Leaf("notificationTypeSettings[1]/appSettings[2]/enabled", "true"),
        ),
    )


def test_an_app_menu_names_connected_apps_among_others() -> None:
    inner = """
        <appMenuItems><name>Billing</name><type>CustomApplication</type></appMenuItems>
        <appMenuItems><name>Billing</name><type>ExternalClientApplication</type></appMenuItems>
        <appMenuItems><name>Billing</name></appMenuItems>
        <appMenuItems><name>Billing</name><type>ConnectedApp</type></appMenuItems>"""
    (found,) = read_references(file("AppMenu", inner), "appMenus/AppSwitcher.appMenu-meta.xml")
    assert (found.path, found.app) == ("appMenuItems[4]/name", "Billing")
    assert found.context == (Leaf("appMenuItems[4]/type", "ConnectedApp"),)


@pytest.mark.parametrize(
    ("path", "root", "inner", "leaf", "context"),
    [
        (
            "userProvisioningConfigs/X.userProvisioningConfig-meta.xml",
            "UserProvisioningConfig",
            "<connectedApp>Billing</connectedApp><enabled>true</enabled><flow>F</flow>",
            "connectedApp",
            (Leaf("enabled", "true"), Leaf("flow", "F")),
        ),
        (
            "oauthcustomscopes/s.oauthcustomscope-meta.xml",
            "OauthCustomScope",
            """<assignedTo><connectedApp>Billing</connectedApp></assignedTo>
            <developerName>s</developerName><isPublic>true</isPublic><masterLabel>S</masterLabel>""",
            "assignedTo[1]/connectedApp",
            (Leaf("developerName", "s"), Leaf("masterLabel", "S")),
        ),
        (
            "oauthtokenexchangehandlers/h.oauthtokenexchangehandler",
            "OauthTokenExchangeHandler",
            """<enablements><externalClientApp>Billing</externalClientApp></enablements>
            <enablements><connectedApp>Billing</connectedApp><isDefault>true</isDefault></enablements>
            <isEnabled>true</isEnabled>""",
            "enablements[2]/connectedApp",
            (Leaf("isEnabled", "true"), Leaf("enablements[2]/isDefault", "true")),
        ),
        (
            "customPermissions/P.customPermission-meta.xml",
            "CustomPermission",
            "<connectedApp> Billing\n</connectedApp><label>P</label>",
            "connectedApp",
            (Leaf("label", "P"),),
        ),
    ],
)
def test_each_type_names_apps_its_own_way(
    path: str, root: str, inner: str, leaf: str, context: tuple[Leaf, ...]
) -> None:
    assert read_references(file(root, inner), path) == (
        Reference(kind=root, file=path, path=leaf, app="Billing", context=context),
    )


def test_an_empty_name_is_no_reference() -> None:
    data = file("CustomPermission", "<connectedApp></connectedApp><label>P</label>")
    assert read_references(data, "customPermissions/P.customPermission") == ()


def test_every_type_is_found_by_the_name_of_its_files() -> None:
    for entry in REFERRING_TYPES:
        assert referring_type_of(f"force-app/{entry.folder}/X.{entry.suffix}-meta.xml") == entry
        assert referring_type_of(f"unpackaged/{entry.folder}/X.{entry.suffix}") == entry
    assert referring_type_of("bin/web.config") is None
    assert referring_type_of("classes/X.cls") is None
    assert referring_type_of("README") is None


def test_a_file_that_is_not_what_its_name_says_is_refused() -> None:
    with pytest.raises(FileError):
        read_references(file("Profile", ""), "customPermissions/P.customPermission")


def test_a_hostile_file_costs_no_more_than_it_is_long() -> None:
    settings = "<appSettings><connectedAppName>Billing</connectedAppName></appSettings>" * 20_000
    inner = f"<notificationTypeSettings>{settings}{'<x/>' * 100_000}</notificationTypeSettings>"
    started = time.process_time()
    found = read_references(file("NotificationTypeConfig", inner), "x/X.config-meta.xml")
    assert len(found) == 20_000
    assert time.process_time() - started < 20


def test_the_corpus_names_as_many_apps_as_its_own_count_says(corpus: Path) -> None:
    counts: dict[str, int] = {}
    for path in sorted((corpus / "related").rglob("*")):
        name = path.relative_to(corpus).as_posix()
        if path.is_file() and referring_type_of(name) is not None:
            for reference in read_references(path.read_bytes(), name):
                counts[reference.kind] = counts.get(reference.kind, 0) + 1
    # README of the corpus: 342 + 342 + 258 + 32 + 32 + 19 + 6 notifications, 117 menu items, 3 provisionings.
    assert counts == {"NotificationTypeConfig": 1031, "AppMenu": 117, "UserProvisioningConfig": 3}
