"""Push settings: credentials go in, and never come out again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from changeover.org.migrate import migrate
from changeover.org.model.apps import Confirmation
from changeover.org.permissions import Permission
from tests.web.conftest import Browser, Office, Page

_PUSH = "/setup/app-manager/Billing/push"
_KEY = ec.generate_private_key(ec.SECP256R1())
_P8 = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
_APPLE = {"environment": "Production", "application_bundle": "com.acme.billing"}
_ACCOUNT = {"type": "service_account", "project_id": "acme-push", "private_key": "PRIVATE-KEY-TEXT"}


def p12(last_day: datetime, password: bytes = b"p12 password") -> bytes:
    """Make a push certificate that is valid to a day."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Apple Push Services: com.acme.billing")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_KEY.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(last_day)
        .sign(_KEY, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"push", _KEY, certificate, None, BestAvailableEncryption(password)
    )


VALID = p12(datetime(2027, 5, 1, tzinfo=UTC))
EXPIRED = p12(datetime(2026, 9, 1, tzinfo=UTC))


def upload(browser: Browser, kind: str, fields: dict[str, str], file: bytes | None = None) -> Page:
    """Fill in and post the form of a credential."""
    path = f"{_PUSH}/{kind}"
    files: Any = {"file": ("credential", file)} if file is not None else {"nothing": ("", b"")}
    form = {
        name: value
        for name, value in browser.get(path).form(path).items()
        if name != "file" and value is not None
    }
    return browser.post(path, {**form, **fields}, files=files)


@pytest.fixture(autouse=True)
def _billing(office: Office) -> None:
    office.connected_app("Billing")


def verdict(browser: Browser) -> str:
    """Return how the page of the app begins."""
    return browser.get("/setup/app-manager/Billing").main


def test_a_certificate_is_stored_and_its_last_day_shown(admin: Browser) -> None:
    saved = upload(admin, "apple-p12", {**_APPLE, "password": "p12 password"}, VALID)
    assert saved.location == _PUSH
    page = admin.follow(saved)
    assert "Apple P12 certificate" in page.main
    assert "1 May 2027" in page.main
    assert "com.acme.billing" in page.main
    assert "Expired" not in page.main
    assert "p12 password" not in page.response.text
    form = admin.get(f"{_PUSH}/apple-p12").form(f"{_PUSH}/apple-p12")
    assert form["application_bundle"] == "com.acme.billing"
    assert not form["password"]


def test_an_expired_certificate_is_stored_and_blocks_the_migration(admin: Browser) -> None:
    upload(admin, "apple-p12", {**_APPLE, "password": "p12 password"}, EXPIRED)
    page = admin.get(_PUSH)
    assert "Expired" in page.main
    assert "a migration would fail" in page.main
    assert "Blocked" in verdict(admin)
    upload(admin, "apple-p12", {**_APPLE, "password": "p12 password"}, VALID)
    assert "Blocked" not in verdict(admin)


def test_a_p8_key_takes_the_place_of_the_certificate(admin: Browser) -> None:
    upload(admin, "apple-p12", {**_APPLE, "password": "p12 password"}, EXPIRED)
    ids = {"key_identifier": "ABC123DEFG", "team_identifier": "DEF123GHIJ"}
    upload(admin, "apple-p8", {**_APPLE, **ids}, _P8)
    page = admin.get(_PUSH)
    assert "Apple P8 key" in page.main
    assert "ABC123DEFG" in page.main
    assert "certificate expires" not in page.main.lower()
    assert _P8.decode().splitlines()[1] not in page.response.text
    assert "Blocked" not in verdict(admin)


def test_a_server_key_blocks_and_a_service_account_helps(admin: Browser) -> None:
    upload(admin, "android-server-key", {"server_key": "AAAA:server-key", "fcm_project": "acme-push"})
    page = admin.get(_PUSH)
    assert "legacy server key: a migration would fail" in page.main
    assert "AAAA:server-key" not in page.response.text
    assert "Blocked" in verdict(admin)
    upload(admin, "android-service-account", {"fcm_project": ""}, json.dumps(_ACCOUNT).encode())
    page = admin.get(_PUSH)
    assert "acme-push" in page.main
    assert "PRIVATE-KEY-TEXT" not in page.response.text
    assert "Blocked" not in verdict(admin)


@pytest.mark.parametrize(
    ("kind", "fields", "file", "code"),
    [
        ("apple-p12", {"password": "wrong"}, VALID, "E-PUSH-CREDENTIAL-UNREADABLE"),
        ("apple-p12", {"password": "p12 password"}, b"no archive", "E-PUSH-CREDENTIAL-UNREADABLE"),
        ("apple-p12", {"password": "p12 password", "environment": "Moon"}, VALID, "E-VALUE-REFUSED"),
        ("apple-p12", {"password": "p12 password"}, None, "E-UPLOAD-MISSING"),
        ("apple-p8", {"key_identifier": "A", "team_identifier": ""}, _P8, "E-VALUE-REFUSED"),
        (
            "apple-p8",
            {"key_identifier": "A", "team_identifier": "B"},
            b"\xff\xfe\x00",
            "E-PUSH-CREDENTIAL-UNREADABLE",
        ),
        ("android-service-account", {}, b"{}", "E-PUSH-CREDENTIAL-UNREADABLE"),
        ("android-service-account", {}, b"[" * 5000, "E-PUSH-CREDENTIAL-UNREADABLE"),
        ("android-server-key", {"server_key": " "}, None, "E-VALUE-REFUSED"),
    ],
)
def test_what_cannot_be_used_is_refused_and_the_rest_of_the_form_kept(
    admin: Browser, kind: str, fields: dict[str, str], file: bytes | None, code: str
) -> None:
    upload(admin, "android-server-key", {"server_key": "AAAA:before", "fcm_project": "before"})
    given = (
        {"fcm_project": "typed", **_APPLE, **fields}
        if "apple" in kind
        else {"fcm_project": "typed", **fields}
    )
    refused = upload(admin, kind, given, file)
    assert refused.status == 422
    assert code in refused.main
    kept = refused.form(f"{_PUSH}/{kind}")
    shown = "application_bundle" if "apple" in kind else "fcm_project"
    assert kept[shown] == given[shown]
    assert not kept.get("password")
    assert not kept.get("server_key")
    assert "p12 password" not in refused.response.text
    page = admin.get(_PUSH)
    assert "Android server key" in page.main
    assert "No push settings for Apple" in page.main


def test_a_request_that_is_far_too_large_is_refused(admin: Browser) -> None:
    refused = upload(admin, "apple-p12", {**_APPLE, "password": "x"}, b"x" * 400_000)
    assert refused.status in {413, 422}
    assert "E-REQUEST-TOO-LARGE" in refused.main or "E-PUSH-CREDENTIAL-UNREADABLE" in refused.main
    assert "No push settings for Apple" in admin.get(_PUSH).main


def test_push_settings_are_removed(admin: Browser) -> None:
    upload(admin, "apple-p12", {**_APPLE, "password": "p12 password"}, VALID)
    path = f"{_PUSH}/remove/Apple"
    assert admin.submit(path).location == _PUSH
    assert "No push settings for Apple" in admin.get(_PUSH).main
    again = admin.submit(path)
    assert (again.status, "E-RECORD-NOT-FOUND" in again.main) == (404, True)


def test_a_page_that_shows_an_older_state_is_refused(admin: Browser) -> None:
    path = f"{_PUSH}/android-server-key"
    old = admin.get(path).form(path)
    upload(admin, "apple-p12", {**_APPLE, "password": "p12 password"}, VALID)
    refused = admin.post(path, {**old, "server_key": "AAAA:late"})
    assert (refused.status, "E-STALE-PAGE" in refused.main) == (409, True)
    assert "No push settings for Android" in admin.get(_PUSH).main


def test_push_settings_of_a_migrated_app_are_read_only(office: Office, admin: Browser) -> None:
    upload(admin, "apple-p12", {**_APPLE, "password": "p12 password"}, VALID)
    path = f"{_PUSH}/apple-p12"
    old = admin.get(path).form(path)
    with office.house.units.unit() as unit:
        migrate(unit, office.admin, "Billing", Confirmation(local=True, no_username_password=True))
    page = admin.get(_PUSH)
    assert "read-only" in page.main
    assert page.find("//main//a[contains(@href, '/push/')]") == []
    for asked in (path, f"{_PUSH}/remove/Apple"):
        refused = admin.get(asked)
        assert (refused.status, "E-APP-READ-ONLY" in refused.main) == (409, True)
    fields = {
        **{name: value or "" for name, value in old.items() if name != "file"},
        "password": "p12 password",
    }
    posted = admin.post(path, fields, files={"file": ("a.p12", VALID)})
    assert (posted.status, "E-APP-READ-ONLY" in posted.main) == (409, True)
    assert admin.post(f"{_PUSH}/remove/Apple", {"version": ""}).status == 409
    assert "1 May 2027" in admin.get(_PUSH).main


def test_who_may_not_edit_connected_apps_may_look(office: Office) -> None:
    viewer = office.signed_in(office.user("viewer@acme.example", [Permission.VIEW_SETUP]))
    assert viewer.get(_PUSH).find("//main//a[contains(@href, '/push/')]") == []
    for path in (f"{_PUSH}/apple-p12", f"{_PUSH}/remove/Apple"):
        refused = viewer.get(path)
        assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True)
    posted = viewer.post(f"{_PUSH}/android-server-key", {"server_key": "AAAA", "version": ""})
    assert (posted.status, "E-NOT-PERMITTED" in posted.main) == (403, True)


def test_no_other_kind_of_credential_is_known(admin: Browser) -> None:
    missing = admin.get(f"{_PUSH}/carrier-pigeon")
    assert (missing.status, "E-PAGE-NOT-FOUND" in missing.main) == (404, True)
