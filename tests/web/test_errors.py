"""Whatever goes wrong: one shape, a code, what to do next, and the same headers as any page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import structlog
from litestar.testing import TestClient

from changeover.org import app_manager
from changeover.web.app import create_app
from changeover.web.security import HEADERS, host_without_port, local_path
from changeover.web.services import Services
from tests.web.conftest import ADMIN, Browser, Office, Page


def assert_secure(page: Page) -> None:
    for name, value in HEADERS.items():
        assert page.headers[name] == value, (page.path, name)
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy


def assert_problem(page: Page, status: int, code: str) -> None:
    assert page.status == status, page.text
    assert code in page.main
    assert "Setup Home" in page.main
    assert_secure(page)


def test_a_page_that_is_not_there(admin: Browser, anyone: Browser) -> None:
    assert_problem(admin.get("/nothing"), 404, "E-PAGE-NOT-FOUND")
    assert_problem(anyone.get("/nothing"), 404, "E-PAGE-NOT-FOUND")


@pytest.mark.parametrize(
    "path",
    [
        "/setup/nothing",
        "/setup/app-manager/Billing/nothing/at/all",
        "/setup/users/005/",
        "/setup//nothing",
        "/setup/%00",
        "/setup/-/unknown",
    ],
)
def test_a_page_of_setup_that_is_not_there_looks_like_setup(
    office: Office, admin: Browser, path: str
) -> None:
    page = admin.get(path)
    if path == "/setup/users/005/":
        assert_problem(page, 404, "E-RECORD-NOT-FOUND")
    else:
        assert_problem(page, 404, "E-PAGE-NOT-FOUND")
    assert page.links("App Manager") == ["/setup/app-manager"]
    assert page.find("//form[@action='/sign-out']")
    assert page.find("//nav[@id='setup-tree']//a[@aria-current]/@href") == (
        ["/setup/users"] if "users" in path else []
    )
    answer = office.browser().get(path)
    assert (answer.status, answer.location.partition("?")[0]) == (303, "/sign-in")
    assert_problem(admin.post("/setup/nothing"), 404, "E-PAGE-NOT-FOUND")


def test_who_signs_in_at_an_unknown_address_is_led_home(anyone: Browser) -> None:
    page = anyone.follow(anyone.get("/setup/nothing?q=1"))
    assert page.form("/sign-in")["next"] == "/setup"


@pytest.mark.parametrize(
    "path",
    [
        "/setup",
        "/setup/app-manager/Billing",
        "/setup/nothing",
        "/nothing",
        "/sign-in",
        "/setup/app-manager?page=x",
    ],
)
def test_head_is_answered_as_get_without_the_body(office: Office, admin: Browser, path: str) -> None:
    office.connected_app("Billing")
    got, head = admin.get(path), admin.request("HEAD", path)
    assert head.status == got.status
    assert head.response.content == b""
    names = ("content-type", "content-length", "content-security-policy", "cache-control")
    assert {name: head.headers.get(name) for name in names} == {name: got.headers.get(name) for name in names}
    assert int(got.headers["content-length"]) > 0


def test_head_is_refused_where_get_is(office: Office, admin: Browser) -> None:
    assert office.browser().request("HEAD", "/setup").status == 303
    assert admin.request("HEAD", "/sign-out").status == 405
    refused = admin.post("/setup")
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"


def test_assets_answer_head(anyone: Browser) -> None:
    (sheet, *_) = anyone.get("/sign-in").find("//link[@rel='stylesheet']/@href")
    got, head = anyone.get(str(sheet)), anyone.request("HEAD", str(sheet))
    assert (head.status, head.response.content) == (200, b"")
    assert head.headers["cache-control"] == got.headers["cache-control"]


def test_an_app_that_is_not_there_keeps_the_tree(admin: Browser) -> None:
    page = admin.get("/setup/app-manager/Nothing")
    assert_problem(page, 404, "E-APP-NOT-FOUND")
    assert "no connected app “Nothing”" in page.main
    assert page.links("App Manager") == ["/setup/app-manager"]


def test_a_method_that_is_not_taken(admin: Browser) -> None:
    assert_problem(admin.post("/setup"), 405, "E-METHOD-NOT-ALLOWED")


def test_a_value_that_cannot_be_read(admin: Browser) -> None:
    page = admin.get("/setup/app-manager?page=many")
    assert_problem(page, 400, "E-REQUEST-INVALID")
    assert "page" in page.find("//main//code")[0].text_content()


@pytest.mark.parametrize("token", ["", "made-up", "0" * 128])
def test_a_form_without_its_token_is_refused(admin: Browser, token: str) -> None:
    page = admin.post("/sign-out", {"_csrf_token": token})
    assert_problem(page, 403, "E-FORM-STALE")
    assert admin.get("/setup").status == 200


def test_a_form_of_another_browser_is_refused(office: Office, admin: Browser) -> None:
    other = office.browser()
    other.get("/sign-in")
    page = admin.post("/sign-out", {"_csrf_token": other.cookies["csrf"]})
    assert_problem(page, 403, "E-FORM-STALE")


def test_the_sign_in_form_has_a_token_too(office: Office, anyone: Browser) -> None:
    anyone.get("/sign-in")
    fields = {"username": ADMIN, "password": office.passwords[ADMIN], "_csrf_token": ""}
    assert_problem(anyone.post("/sign-in", fields), 403, "E-FORM-STALE")


def test_a_mistake_of_ours_says_nothing_but_a_reference(
    admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any) -> Any:
        secret = "s3cret-of-the-app"
        raise RuntimeError(f"broken {len(secret)}")

    monkeypatch.setattr(app_manager, "overview", broken)
    with structlog.testing.capture_logs() as logs:
        page = admin.get("/setup")
    assert_problem(page, 500, "E-INTERNAL")
    assert "Traceback" not in page.response.text
    assert "broken" not in page.response.text
    (line,) = logs
    assert line["reference"] in page.main
    assert "RuntimeError: broken 17" in line["trace"]
    assert "s3cret" not in str(line)


def test_another_host_name_is_refused(office: Office) -> None:
    services = Services(
        units=office.house.units,
        key_values=office.house.key_values,
        clock=office.clock,
        hosts=frozenset({"localhost", "127.0.0.1", "[::1]"}),
    )
    with TestClient(create_app(services), base_url="http://changeover.local") as client:
        refused = client.get("/sign-in", headers={"Host": "rebound.example:8000"})
        assert refused.status_code == 400
        assert "E-HOST-UNKNOWN" in refused.text
        for host in ("localhost:8000", "LOCALHOST", "127.0.0.1:1", "[::1]:8000"):
            assert client.get("/sign-in", headers={"Host": host}).status_code == 200, host


def test_https_makes_cookies_and_transport_strict(office: Office) -> None:
    services = Services(
        units=office.house.units,
        key_values=office.house.key_values,
        clock=office.clock,
        https=True,
        strict=True,
    )
    with TestClient(create_app(services), base_url="https://changeover.local") as client:
        page = client.get("/sign-in")
        assert page.headers["Strict-Transport-Security"].startswith("max-age=")
        (cookie,) = page.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-csrf=")
        fields = {
            "username": ADMIN,
            "password": office.passwords[ADMIN],
            "_csrf_token": client.cookies["__Host-csrf"],
        }
        signed_in = client.post("/sign-in", data=fields, follow_redirects=False)
        cookies = signed_in.headers.get_list("set-cookie")
        assert any(text.startswith("__Host-session=") for text in cookies)
        for text in (cookie, *cookies):
            assert "Secure" in text
            assert "HttpOnly" in text
            assert "Path=/" in text
            assert "Domain" not in text


def test_every_kind_of_answer_has_the_headers(admin: Browser, anyone: Browser) -> None:
    asset = admin.get("/setup").find("//link[@rel='stylesheet']")[0].get("href")
    for page in (
        admin.get("/setup"),
        anyone.get("/setup"),
        anyone.get("/sign-in"),
        anyone.get(asset),
        anyone.get("/api/v1/connected-apps"),
    ):
        assert_secure(page)
    assert admin.get("/setup").headers["Cache-Control"] == "no-store"
    assert "Server" not in admin.get("/setup").headers


def test_assets_are_kept_for_ever_under_a_name_of_their_content(admin: Browser) -> None:
    page = admin.get("/setup")
    for link in page.find("//link[@rel='stylesheet']/@href | //script/@src"):
        answer = admin.get(link, {"Accept-Encoding": "gzip"})
        assert answer.status == 200, link
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "set-cookie" not in answer.headers
    version = page.find("//script/@src")[0].split("/")[2]
    old = admin.get(f"/static/{'0' * 16}/changeover.css")
    assert old.headers["Cache-Control"] == "no-cache"
    assert admin.get(f"/static/{version}/../../app.py").status == 404
    assert admin.get(f"/static/{version}/%2e%2e/%2e%2e/app.py").status == 404
    assert admin.get(f"/static/{version}/vendor/.stamp").status == 404


@pytest.mark.parametrize(
    ("given", "host"),
    [("LOCALHOST:80", "localhost"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("a.example", "a.example")],
)
def test_a_host_without_its_port(given: str, host: str) -> None:
    assert host_without_port(given) == host


@pytest.mark.parametrize("target", ["/setup", "/setup/app-manager?q=a%2Fb&page=2", "/setup#x"])
def test_a_path_of_our_own_is_gone_on_to(target: str) -> None:
    assert local_path(target) == target


def test_the_reader_of_a_refusal_over_rest_gets_problem_details(anyone: Browser) -> None:
    answer = anyone.get("/api/v1/connected-apps")
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: Mapping[str, Any] = answer.response.json()
    assert told["status"] == answer.status == 401
    assert told["code"].startswith("E-TOKEN")
    assert told["type"] == f"urn:changeover:error:{told['code']}"
    assert {"title", "detail", "instance", "remedy"} <= set(told)


def test_a_cookie_opens_nothing_over_rest(admin: Browser, trace: Callable[[], list[str]]) -> None:
    before = trace()
    assert admin.get("/api/v1/connected-apps").status == 401
    assert trace() == before
