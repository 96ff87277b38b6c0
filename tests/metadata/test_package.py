"""package.xml and settings files."""

from __future__ import annotations

import pytest

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApplication
from changeover.metadata.file_error import FileError
from changeover.metadata.org_settings import is_oauth_settings, username_password_blocked
from changeover.metadata.package import read_manifest, write_manifest, write_package


def test_a_package_names_its_members_in_order() -> None:
    documents = [
        ExternalClientApplication(full_name="Zebra"),
        ConnectedApp(full_name="Billing"),
        ExternalClientApplication(full_name="Alpha"),
    ]
    assert write_package(documents, "66.0").decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Package xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <types>\n"
        "        <members>Billing</members>\n"
        "        <name>ConnectedApp</name>\n"
        "    </types>\n"
        "    <types>\n"
        "        <members>Alpha</members>\n"
        "        <members>Zebra</members>\n"
        "        <name>ExternalClientApplication</name>\n"
        "    </types>\n"
        "    <version>66.0</version>\n"
        "</Package>\n"
    )


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<blockOAuthUnPwFlow>true</blockOAuthUnPwFlow>", True),
        ("<blockOAuthUnPwFlow>false</blockOAuthUnPwFlow>", False),
        ("<blockOAuthUnPwFlow>perhaps</blockOAuthUnPwFlow>", None),
        ("<isPkceRequired>true</isPkceRequired>", None),
    ],
)
def test_the_switch_of_the_whole_org_is_read(inner: str, expected: bool | None) -> None:  # noqa: FBT001
    data = f'<OauthOidcSettings xmlns="http://soap.sforce.com/2006/04/metadata">{inner}</OauthOidcSettings>'
    assert username_password_blocked(data.encode(), "settings/OauthOidc.settings") is expected


def test_only_the_settings_of_that_name_are_read() -> None:
    assert is_oauth_settings("force-app/settings/OauthOidc.settings-meta.xml")
    assert is_oauth_settings("settings/OauthOidc.settings")
    assert not is_oauth_settings("settings/Security.settings")
    with pytest.raises(FileError):
        username_password_blocked(b"<SecuritySettings/>", "settings/OauthOidc.settings")


def test_a_package_is_read_back() -> None:
    members = {("ConnectedApp", "Billing"), ("ExternalClientApplication", "Alpha"), ("ConnectedApp", "*")}
    assert read_manifest(write_manifest(members), "package.xml") == members


def test_members_without_a_type_are_none() -> None:
    data = '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>A</members></types></Package>'
    assert read_manifest(data.encode(), "package.xml") == frozenset()
    with pytest.raises(FileError):
        read_manifest(b"<Package/>", "package.xml")
