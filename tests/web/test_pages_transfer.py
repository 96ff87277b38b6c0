"""Import and Export."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changeover.org.app_manager import view_app
from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.permissions import Permission
from changeover.web import uploads
from tests.web.conftest import Browser, Office, Page

_IMPORT = "/setup/import"
_APPLY = f"{_IMPORT}/apply"
_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_SECRET = "FB5E9C10A7D24F3B"


def app(label: str, key: str = "", secret: str = "") -> bytes:
    """Write the file of a connected app."""
    oauth = f"<consumerKey>{key}</consumerKey>" if key else ""
    oauth += f"<consumerSecret>{secret}</consumerSecret>" if secret else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ConnectedApp xmlns="{_NAMESPACE}">'
        f"<contactEmail>owner@acme.example</contactEmail><label>{label}</label>"
        f"<oauthConfig><callbackUrl>https://a.example/cb</callbackUrl>{oauth}</oauthConfig></ConnectedApp>"
    ).encode()


def packed(files: dict[str, bytes]) -> bytes:
    """Pack files into a zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def preview(browser: Browser, *files: tuple[str, bytes]) -> Page:
    """Upload files."""
    browser.get(_IMPORT)
    sent: list[Any] = [("files", file) for file in files] or [("files", ("", b""))]
    return browser.post(_IMPORT, files=sent)


def rows(page: Page) -> list[str]:
    return [" ".join(row.text_content().split()) for row in page.find("//tbody/tr")]


def names(office: Office) -> list[str]:
    with office.house.units.read() as unit:
        return list(unit.apps.names(office.admin.org_id))


def test_a_zip_archive_is_looked_at_and_then_imported(office: Office, admin: Browser) -> None:
    office.connected_app("Portal")
    with office.house.units.read() as unit:
        label = view_app(unit, office.admin, "Portal").label
    archive = packed(
        {
            "unpackaged/connectedApps/Billing.connectedApp": app("Billing", "3MVG9.Billing"),
            "unpackaged/connectedApps/Portal.connectedApp": app("New name", "3MVG9.Portal"),
            "unpackaged/package.xml": b"<Package/>",
        }
    )
    seen = preview(admin, ("apps.zip", archive))
    assert "Nothing has been changed yet" in seen.main
    assert [row.split(" apps.zip")[0] for row in rows(seen)] == [
        "Portal Will be updated",
        "Billing Will be created It has no consumer secret until someone sets it.",
    ]
    assert names(office) == ["Portal"]
    with office.house.units.read() as unit:
        assert view_app(unit, office.admin, "Portal").label == label
    done = admin.post(_APPLY, seen.form(_APPLY))
    assert "1 created, 1 updated, 0 unchanged, 0 refused." in done.main
    assert names(office) == ["Billing", "Portal"]
    with office.house.units.read() as unit:
        assert view_app(unit, office.admin, "Portal").label == "New name"


def test_several_files_are_imported_and_the_broken_one_named(office: Office, admin: Browser) -> None:
    seen = preview(
        admin,
        ("Billing.connectedApp-meta.xml", app("Billing")),
        ("Broken.connectedApp-meta.xml", b"<ConnectedApp>"),
        ("C:\\apps\\Portal.connectedApp", app("Portal")),
    )
    assert "Broken.connectedApp-meta.xml, line 1" in seen.main
    assert "E-XML-BROKEN" in seen.main
    assert [row.split()[0] for row in rows(seen)] == ["Billing", "Portal"]
    done = admin.post(_APPLY, seen.form(_APPLY))
    assert "2 created" in done.main
    assert names(office) == ["Billing", "Portal"]


def test_what_would_be_refused_is_said_beforehand(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    with office.house.units.unit() as unit:
        migrate(unit, office.admin, "Billing", Confirmation(local=True, no_username_password=True))
    files = (
        ("Billing.connectedApp", app("Mine")),
        ("Thief.connectedApp", app("Thief", "3MVG9.Billing")),
    )
    seen = preview(admin, *files)
    assert [row.split(" ", 1)[0] for row in rows(seen)] == ["Billing", "Thief"]
    assert "Will be refused" in rows(seen)[0]
    assert "E-APP-READ-ONLY" in rows(seen)[0]
    assert "E-CONSUMER-KEY-TAKEN" in rows(seen)[1]
    assert seen.find("//main//form//button") == []
    mixed = preview(admin, *files, ("New.connectedApp", app("New")))
    done = admin.post(_APPLY, mixed.form(_APPLY))
    assert "1 created, 0 updated, 0 unchanged, 2 refused." in done.main
    with office.house.units.read() as unit:
        assert view_app(unit, office.admin, "Billing").label == "Billing"


def test_one_name_in_two_archives_is_refused_the_second_time(admin: Browser) -> None:
    archive = packed({"connectedApps/Billing.connectedApp": app("Billing")})
    seen = preview(admin, ("one.zip", archive), ("two.zip", archive))
    assert "E-IMPORTED-TWICE" in rows(seen)[0]
    assert rows(seen)[0].endswith("two.zip: connectedApps/Billing.connectedApp")


def test_importing_the_same_again_changes_nothing(admin: Browser) -> None:
    file = ("Billing.connectedApp", app("Billing", "3MVG9.Billing"))
    admin.post(_APPLY, preview(admin, file).form(_APPLY))
    seen = preview(admin, file)
    assert "Unchanged" in rows(seen)[0]
    assert seen.find("//main//form//button") == []


def test_uploads_lie_sealed_and_only_for_who_brought_them(
    office: Office, admin: Browser, tmp_path: Path
) -> None:
    seen = preview(admin, ("Billing.connectedApp", app("Billing", "3MVG9.Billing", _SECRET)))
    assert _SECRET not in seen.response.text
    form = seen.form(_APPLY)
    for file in tmp_path.glob("changeover.db*"):
        content = file.read_bytes()
        assert _SECRET.encode() not in content
        assert form["token"].encode() not in content
    permissions = [Permission.VIEW_SETUP, Permission.CUSTOMIZE_APPLICATION, Permission.MANAGE_CONNECTED_APPS]
    other = office.signed_in(office.user("other@acme.example", permissions))
    other.get(_IMPORT)
    stolen = other.post(_APPLY, {"token": form["token"]})
    assert (stolen.status, "E-UPLOAD-GONE" in stolen.main) == (409, True)
    assert names(office) == []
    assert "1 created" in admin.post(_APPLY, form).main
    again = admin.post(_APPLY, form)
    assert (again.status, "E-UPLOAD-GONE" in again.main) == (409, True)


def test_a_preview_is_kept_for_half_an_hour(office: Office, admin: Browser) -> None:
    form = preview(admin, ("Billing.connectedApp", app("Billing"))).form(_APPLY)
    office.clock.pass_by(uploads.LIFETIME + timedelta(seconds=1))
    late = admin.post(_APPLY, form)
    assert (late.status, "E-UPLOAD-GONE" in late.main) == (409, True)
    assert names(office) == []


@pytest.mark.parametrize("token", ["", "x", "A" * 64, "\N{SNOWMAN}", "a" * 65])
def test_what_is_no_token_is_refused(admin: Browser, token: str) -> None:
    admin.get(_IMPORT)
    refused = admin.post(_APPLY, {"token": token})
    assert (refused.status, "E-UPLOAD-GONE" in refused.main) == (409, True)


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        ([], 422, "E-UPLOAD-MISSING"),
        ([("apps.zip", b"no archive")], 400, "E-ZIP-REFUSED"),
        ([("apps.zip", packed({"../Evil.connectedApp": b""}))], 400, "E-ZIP-REFUSED"),
        ([("n" * 300 + ".connectedApp", b"")], 422, "E-UPLOAD-MISSING"),
    ],
)
def test_uploads_that_cannot_be_read_are_refused(
    admin: Browser, files: list[tuple[str, bytes]], status: int, code: str
) -> None:
    refused = preview(admin, *files)
    assert (refused.status, code in refused.main) == (status, True)
    assert refused.find("//main//input[@type='file']")


def test_files_that_hold_no_app_are_said_so(admin: Browser) -> None:
    seen = preview(admin, ("notes.txt", b"hello"))
    assert "No app stands in these files" in seen.main
    assert seen.find("//main//form//button") == []


def test_a_request_that_is_far_too_large_is_refused(admin: Browser) -> None:
    refused = preview(admin, ("apps.zip", b"\0" * (uploads.MAX_BYTES + 1024)))
    assert (refused.status, "E-REQUEST-TOO-LARGE" in refused.main) == (413, True)


def test_import_needs_the_permission_to_edit_connected_apps(office: Office) -> None:
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    refused = viewer.get(_IMPORT)
    assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True)
    posted = viewer.post(_IMPORT, files=[("files", ("Billing.connectedApp", app("Billing")))])
    assert (posted.status, "E-NOT-PERMITTED" in posted.main) == (403, True)
    assert names(office) == []


@pytest.mark.parametrize(("layout", "suffix"), [("metadata", ""), ("source", "-meta.xml")])
def test_what_is_exported_is_what_can_be_imported(
    office: Office, admin: Browser, layout: str, suffix: str
) -> None:
    for name in ("Billing", "Portal"):
        office.connected_app(name)
    with office.house.units.unit() as unit:
        migrate(unit, office.admin, "Billing", Confirmation(local=True, no_username_password=True))
    page = admin.get("/setup/export")
    assert "2 connected apps and 1 external client app." in page.main
    answer = admin.get(f"/setup/export/apps.zip?layout={layout}")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="apps.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.response.content)) as archive:
        held = archive.namelist()
    assert f"connectedApps/Portal.connectedApp{suffix}" in held
    assert f"externalClientApps/Billing.eca{suffix}" in held
    assert ("package.xml" in held) is (layout == "metadata")
    again = preview(admin, ("apps.zip", answer.response.content))
    told = {row.split(" ", 1)[0]: row for row in rows(again)}
    assert "Unchanged" in told["Portal"]


def test_an_export_holds_no_secret(office: Office, admin: Browser) -> None:
    seen = preview(admin, ("Billing.connectedApp", app("Billing", "3MVG9.Billing", _SECRET)))
    admin.post(_APPLY, seen.form(_APPLY))
    with office.house.units.unit() as unit:
        migrate(unit, office.admin, "Billing", Confirmation(local=True, no_username_password=True))
    content = admin.get("/setup/export/apps.zip").response.content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            assert _SECRET.encode() not in archive.read(name)


def test_export_needs_the_permission_to_see_external_client_apps(office: Office) -> None:
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    for path in ("/setup/export", "/setup/export/apps.zip"):
        refused = viewer.get(path)
        assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True)
