"""What no well-meaning client sends, and what one may well send: names of every kind."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.api.rest import V1, Rest, archive, refusal, well_shaped
from tests.org.world import app

TRAVERSAL = (
    "..",
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "....\\\\",
    "Billing/../Courier",
    "Billing;drop",
    "Billing\r\nX-Injected: 1",
    "' OR 1=1 --",
    "%",
    "_illing",
    "{{7*7}}",
    "a" * 3000,
)
UNICODE = (
    "Ünïcödé_App",
    "應用程式",
    "تطبيق",
    "App\u202egnp.exe",
    "e\u0301",
    "𝔘𝔫𝔦",  # noqa: RUF001 - that is its point
    "App with blanks",
    "100%_sure",
    "a.b+c",
)


@pytest.mark.parametrize("name", TRAVERSAL)
@pytest.mark.parametrize("path", ["/connected-apps/{}", "/external-client-apps/{}", "/users/{}"])
def test_a_strange_name_is_just_not_there(still: Rest, path: str, name: str) -> None:
    answer = still.admin.get(path.format(quote(name, safe="")))
    body = well_shaped(answer)
    assert answer.status_code == 404, body
    assert "x-injected" not in answer.headers
    assert len(body["detail"]) < 300


@pytest.mark.parametrize("name", UNICODE)
def test_an_app_of_any_name_is_reached_by_its_quoted_name(rest: Rest, name: str) -> None:
    rest.world.bring(app(name, oauth={"consumer_key": "a.key"}))
    path = f"/connected-apps/{quote(name, safe='')}"
    assert rest.admin.get(path).json()["api_name"] == name
    made = rest.admin.post(f"{path}/migration", {"local": True, "no_username_password": True})
    assert made.status_code == 201, made.text
    href = made.headers["location"]
    assert href.isascii()
    assert rest.admin.client.get(href).json()["api_name"] == name
    assert made.json()["page"].endswith(href.removeprefix(f"{V1}/external-client-apps"))


def test_what_is_asked_for_is_not_repeated_at_length(still: Rest) -> None:
    body = well_shaped(still.admin.get(f"/connected-apps/{'x' * 2000}"))
    assert len(body["detail"]) < 200


def test_an_address_that_the_api_lacks(still: Rest) -> None:
    for path in ("", "/", "/nope", "/connected-apps/Billing/nope", "/connected-apps/Billing/assessment/more"):
        refusal(still.admin.get(path), "E-API-ADDRESS-UNKNOWN")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST", "TRACE"])
def test_a_method_that_an_address_does_not_take(still: Rest, method: str) -> None:
    answer = still.admin.request(method, "/me")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    if method != "HEAD":
        refusal(answer, "E-METHOD-NOT-ALLOWED")


def test_options_tells_the_methods_and_nothing_else(still: Rest) -> None:
    head = still.admin.request("HEAD", "/connected-apps/Billing")
    got = still.admin.get("/connected-apps/Billing")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", got.headers["etag"])
    assert still.nobody.request("HEAD", "/connected-apps/Billing").status_code == 401
    answer = still.nobody.request("OPTIONS", "/connected-apps/Billing")
    assert answer.status_code == 204
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}
    assert answer.content == b""
    assert "GET" not in still.nobody.request("OPTIONS", "/import").headers["allow"]
    refused = still.admin.request("PUT", "/connected-apps/Billing")
    refusal(refused, "E-METHOD-NOT-ALLOWED")
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}


def test_numbers_at_their_limits(still: Rest) -> None:
    for page, size in (("1000000", "200"), ("1", "1"), ("999999", "1")):
        answer = still.admin.get("/connected-apps", params={"page": page, "page_size": size})
        assert answer.status_code == 200, answer.text
    for name, value in (
        ("page", "0"),
        ("page", "-1"),
        ("page", "1000001"),
        ("page_size", "201"),
        ("page", "one"),
    ):
        body = refusal(still.admin.get("/connected-apps", params={name: value}), "E-REQUEST-INVALID")
        assert body["fields"][0]["name"] == name


def test_a_search_is_text_and_no_pattern(still: Rest) -> None:
    for text in (
        "%",
        "B_lling",
        "\\",
        "'",
        '"',
        "*",
        "Bill%",
        "\ud800".encode("utf-8", "surrogatepass"),
    ):
        answer = still.admin.get("/connected-apps", params={"q": text})
        assert answer.status_code == 200, answer.text
        assert answer.json()["total"] == 0, text
    assert still.admin.get("/connected-apps", params={"q": "ILLIN"}).json()["total"] == 1


def test_nul_is_refused_wherever_it_stands(still: Rest) -> None:
    refusals = (
        still.admin.get("/connected-apps/Billing%00"),
        still.admin.get("/connected-apps", params={"q": "a\0b"}),
        still.admin.post("/migration-batches", {"api_names": ["Billing\0"]}),
        still.admin.patch("/connected-apps/Billing", {"changes": {"ipRanges": [{"a\0": "b"}]}}, version="*"),
    )
    for answer in refusals:
        assert "NUL" in refusal(answer, "E-REQUEST-INVALID")["detail"]


def test_a_backslash_before_zeros_is_no_nul(org: Rest) -> None:
    changes = {"changes": {"description": "\\u0000"}}
    answer = org.admin.patch("/connected-apps/Billing", changes, version="*")
    assert answer.json()["settings"]["description"] == "\\u0000"


@pytest.mark.parametrize("path", ["/connected-apps", "/me", "/openapi.json", "/connected-apps/Billing"])
def test_a_misspelt_parameter_is_told_and_not_passed_over(still: Rest, path: str) -> None:
    body = refusal(still.admin.get(path, params={"pagesize": "5"}), "E-REQUEST-INVALID")
    assert "'pagesize'" in body["detail"]


def test_the_same_parameter_twice_is_read_once(still: Rest) -> None:
    answer = still.admin.client.get(f"{V1}/connected-apps?page_size=1&page_size=2")
    assert answer.status_code == 200


def test_a_member_twice_in_json_is_read_once(org: Rest) -> None:
    body = b'{"changes": {"description": "one"}, "changes": {"description": "two"}}'
    answer = org.admin.client.patch(
        f"{V1}/connected-apps/Billing",
        content=body,
        headers={"Content-Type": "application/json; charset=utf-8", "If-Match": "*"},
    )
    assert answer.status_code == 200
    assert answer.json()["settings"]["description"] == "two"


def test_a_number_that_is_no_number_is_refused(still: Rest) -> None:
    for body in (
        b'{"changes": {"label": NaN}}',
        b'{"changes": {"label": 1e999}}',
        b'{"changes": {"label": 1.5}}',
    ):
        answer = still.admin.client.patch(
            f"{V1}/connected-apps/Billing",
            content=body,
            headers={"Content-Type": "application/json", "If-Match": "*"},
        )
        refusal(answer, "E-REQUEST-INVALID")


@pytest.mark.parametrize(
    "path",
    ["../evil.connectedApp", "/abs/evil.connectedApp", "a/../../evil.connectedApp", "C:\\evil.connectedApp"],
)
def test_an_archive_with_a_path_that_leads_out_is_refused_whole(org: Rest, path: str) -> None:
    before = org.world.everything()
    content = archive(app("Fine"), **{path: b"<ConnectedApp/>"})
    answer = org.admin.post("/import", content=content, headers={"Content-Type": "application/zip"})
    refusal(answer, "E-ZIP-REFUSED")
    assert org.world.everything() == before


def test_one_broken_file_stops_no_other(org: Rest) -> None:
    broken = {"connectedApps/Broken.connectedApp": b"<ConnectedApp xmlns='x'><label>"}
    hostile = {
        "connectedApps/Evil.connectedApp": b'<!DOCTYPE a [<!ENTITY b "c">]><ConnectedApp>&b;</ConnectedApp>'
    }
    answer = org.admin.post(
        "/import",
        content=archive(app("Fine"), **broken, **hostile),
        headers={"Content-Type": "application/zip"},
    )
    assert answer.status_code == 200
    assert [(each["api_name"], each["result"]) for each in answer.json()["apps"]] == [("Fine", "created")]
    assert {each["path"]: each["code"] for each in answer.json()["errors"]} == {
        "connectedApps/Broken.connectedApp": "E-XML-BROKEN",
        "connectedApps/Evil.connectedApp": "E-XML-DOCTYPE",
    }
