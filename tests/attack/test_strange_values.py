"""What no browser sends: odd names, numbers, files and bodies at every page. Never a mistake of ours."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from litestar.testing import TestClient

from changeover.web.app import create_app
from changeover.web.services import Services
from tests.attack.conftest import filled, pages, stored
from tests.web.conftest import ADMIN, Browser, Office, Page

IN_PATHS = ("%00", "a%00b", "%ff", "%ed%a0%80", "%0d%0aX-Injected:1", "..%2f..%2fetc%2fpasswd", "9" * 300)
IN_QUERIES = ("%00", "%ff", "%ed%a0%80", "-1", "9" * 30, "1e9", "%0d%0aX-Injected:1", quote("x" * 3000))
IN_FORMS = ("\0", "9" * 5000, "9" * 30, "-1", "0001-01-01", "<b>")
QUERY = ("page", "q", "sort", "verdict", "state", "layout", "next", "application", "sub_type", "event")
FIELDS = ("version", "page", "name", "label", "api_name", "token", "secret", "key", "app", "apps", "profile")


def _ours(page: Page, where: object) -> None:
    assert page.status < 500, (where, page.text[:300])
    assert "x-injected" not in page.headers, where
    assert "Traceback" not in page.response.text, where


def test_odd_names_in_every_address(admin: Browser) -> None:
    for address in pages_with_names(admin):
        for value in IN_PATHS:
            _ours(admin.get(filled(address, value)), (address, value))


def pages_with_names(browser: Browser) -> list[str]:
    """Return the addresses of pages that take a name."""
    app = browser._client.app
    found = [r.path_format for r in app.routes if "{" in r.path_format and "GET" in getattr(r, "methods", ())]
    return [path for path in found if not path.startswith("/api/")]


def test_odd_parameters_on_every_page(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    for address in pages(office, "GET"):
        path = filled(address, "Billing")
        for value in IN_QUERIES:
            _ours(admin.get(f"{path}?{'&'.join(f'{name}={value}' for name in QUERY)}"), (path, value))
        for value in ("%00", "9" * 30):
            _ours(admin.get(f"{path}?page={value}"), (path, value))


@pytest.mark.parametrize(
    "value", IN_FORMS, ids=["NUL", "5000 digits", "30 digits", "negative", "date", "tag"]
)
def test_odd_values_in_every_form(office: Office, admin: Browser, value: str) -> None:
    office.connected_app("Billing")
    for address in pages(office, "POST"):
        if address in {"/sign-out", "/sign-in"}:
            continue
        path = filled(address, "Billing")
        shown = admin.get(path)
        names = set(FIELDS)
        if shown.status == 200:
            names |= {name for form in shown.tree.forms for name in form.fields}
        names.discard("_csrf_token")
        _ours(admin.post(path, dict.fromkeys(names, value)), path)
        files = {name: ("x.txt", value.encode()) for name in sorted(names)}
        data = {"_csrf_token": admin.cookies["csrf"]}
        _ours(admin.request("POST", path, data=data, files=files), path)
    assert admin.get("/setup").status == 200


def test_forms_of_every_size_and_shape(admin: Browser) -> None:
    token = admin.cookies["csrf"]
    big = {"_csrf_token": token, **{f"f{number}": "v" for number in range(10_000)}}
    _ours(admin.post("/setup/import", big), "ten thousand fields")
    parts = {f"f{number}": (None, "v") for number in range(3000)}
    assert admin.request("POST", "/setup/import", files=parts).status == 400
    assert admin.post("/setup/api-tokens", {"name": "x" * 11_000_000}).status == 413
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=é",
        "é",
        "",
    ):
        for body in (b"", b"--x\r\n", b"garbage" * 1000):
            headers = {"Content-Type": kind.encode("latin-1"), "x-csrftoken": token.encode()}
            _ours(admin.request("POST", "/setup/import", content=body, headers=headers), (kind, body[:9]))


def _zip(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return packed.getvalue()


def _many() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for number in range(120_000):
            made.writestr(str(number), b"")
    return packed.getvalue()


HOSTILE: dict[str, Any] = {
    "bomb": lambda: _zip(**{f"{number}.connectedApp": b" " * 60_000_000 for number in range(8)}),
    "leads out": lambda: _zip(**{"../../evil.connectedApp": b"<ConnectedApp/>"}),
    "absolute": lambda: _zip(**{"/etc/evil.connectedApp": b"<ConnectedApp/>"}),
    "many": _many,
    "nested": lambda: _zip(**{"a.zip": _zip(**{"b.connectedApp": b"<ConnectedApp/>"})}),
    "cut off": lambda: _zip(**{"a.connectedApp": b"<ConnectedApp/>"})[:-10],
    "no zip": lambda: b"PK\x03\x04" + b"\0" * 100,
    "empty": lambda: b"",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_told_so_and_nothing_changes(office: Office, admin: Browser, kind: str) -> None:
    before = stored(office)
    files = {"files": ("apps.zip", HOSTILE[kind](), "text/html")}
    answer = admin.request("POST", "/setup/import", data={"_csrf_token": admin.cookies["csrf"]}, files=files)
    _ours(answer, kind)
    assert answer.status in {200, 400, 413, 422}
    assert stored(office) == before


@pytest.mark.parametrize(
    "name", ["../../evil.xml", "/etc/passwd", "C:\\a\\b.connectedApp", "a\x00b", "..", "é" * 300]
)
def test_an_odd_file_name_stays_in_its_folder(office: Office, admin: Browser, name: str) -> None:
    before = stored(office)
    files = {"files": (name, b"<a/>")}
    answer = admin.request("POST", "/setup/import", data={"_csrf_token": admin.cookies["csrf"]}, files=files)
    _ours(answer, name)
    assert stored(office) == before


def test_a_login_history_that_unpacks_without_end(office: Office, admin: Browser) -> None:
    bomb = gzip.compress(b"Login Time,Application\n" + b"x" * 600_000_000, 1)
    before = stored(office)
    files = {"files": ("logins.csv.gz", bomb)}
    data = {"_csrf_token": admin.cookies["csrf"]}
    answer = admin.request("POST", "/setup/login-history/import", data=data, files=files)
    _ours(answer, "bomb")
    assert stored(office) == before


@pytest.mark.parametrize(
    "target", ["/setup/應用", "/setup?q=é", "/a\u2028b", "/..//evil.example", "/" + "x" * 9000]
)
def test_an_odd_way_on_is_a_way_of_our_own(office: Office, anyone: Browser, target: str) -> None:
    anyone.get("/sign-in")
    fields = {"username": ADMIN, "password": office.passwords[ADMIN], "next": target}
    answer = anyone.post("/sign-in", fields)
    assert answer.status == 303
    assert answer.location.startswith("/")
    assert not answer.location.startswith("//")


def test_a_fault_below_everything_is_still_a_plain_page(office: Office, admin: Browser) -> None:
    """The database is gone: sessions, users and the page about the error are all out of reach."""

    def broken(*_given: Any, **_named: Any) -> Any:
        raise RuntimeError("the password is hunter2")

    services = Services(units=office.house.units, key_values=office.house.key_values, clock=office.clock)
    app = create_app(services)
    with TestClient(app, base_url="http://changeover.local", raise_server_exceptions=False) as client:
        client.get("/sign-in")
        client.cookies.set("session", admin.cookies["session"], domain="changeover.local")
        with pytest.MonkeyPatch.context() as patch, structlog.testing.capture_logs() as logs:
            patch.setattr(type(office.house.database), "read", broken)
            patch.setattr(type(office.house.database), "write", broken)
            for path in ("/setup", "/setup/app-manager", "/api/v1/me"):
                answer = client.get(path, headers={"Authorization": "Bearer x"}, follow_redirects=False)
                assert answer.status_code == 500, path
                assert "Traceback" not in answer.text
                assert "hunter2" not in answer.text
                assert "RuntimeError" not in answer.text
                assert "E-INTERNAL" in answer.text
                assert answer.headers["cache-control"] == "no-store"
                assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert len(logs) == 3
