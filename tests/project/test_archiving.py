"""A zip archive of apps: what is written is read again, and the same apps make the same bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from changeover.apps.connected_app import ConnectedApp, OauthConfig
from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExternalClientApplication,
    ExtlClntAppGlobalOauthSettings,
)
from changeover.errors import XML_UNWRITABLE, ChangeoverError
from changeover.project.archiving import write_archive
from changeover.project.project import Project

_BILLING = ConnectedApp(
    full_name="Billing",
    label="Billing & Co",
    contact_email="owner@example.com",
    oauth_config=OauthConfig(
        callback_url="https://a.example/cb\nhttps://b.example/cb", consumer_key="k" * 20
    ),
)
_PORTAL = ExternalClientApp(
    header=ExternalClientApplication(full_name="Portal", label="Portal", distribution_state="Local"),
    parts=(
        ExtlClntAppGlobalOauthSettings(
            full_name="Portal_glbloauth", external_client_application="Portal", consumer_key="p" * 20
        ),
    ),
)


@pytest.mark.parametrize("source_format", [False, True])
def test_what_is_written_is_read_again(tmp_path: Path, source_format: bool) -> None:  # noqa: FBT001
    file = tmp_path / "apps.zip"
    with file.open("wb") as stream:
        assert write_archive(stream, [_BILLING, _PORTAL], source_format=source_format) == 3
    with Project(file) as project:
        entries = list(project.entries())
        assert project.errors == ()
        assert [entry.document for entry in entries if entry.type == "ConnectedApp"] == [_BILLING]
        assert list(project.external_client_apps()) == [_PORTAL]
    names = zipfile.ZipFile(file).namelist()
    assert ("package.xml" in names) is not source_format
    assert names[0] == f"connectedApps/Billing.connectedApp{'-meta.xml' if source_format else ''}"


def test_the_same_apps_make_the_same_bytes() -> None:
    one, other = io.BytesIO(), io.BytesIO()
    write_archive(one, [_BILLING, _PORTAL])
    write_archive(other, [_BILLING, _PORTAL])
    assert one.getvalue() == other.getvalue()


def test_what_xml_cannot_hold_is_refused() -> None:
    broken = ConnectedApp(full_name="Bell", label="\x07", contact_email="owner@example.com")
    with pytest.raises(ChangeoverError) as refused:
        write_archive(io.BytesIO(), [broken])
    assert refused.value.kind is XML_UNWRITABLE
