"""Forms that another page sends in the user's name, and pages that change something by being looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack.conftest import filled, pages, stored
from tests.web.conftest import ADMIN, Browser, Office

FROM_ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://127.0.0.1:3000"},
    {"Origin": "null"},
    {"Origin": "http://changeover.local.evil.example"},
)
FROM_HERE: tuple[dict[str, str], ...] = (
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://changeover.local"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://changeover.local"},
    # Behind a proxy that changes Host: the browser's own word counts.
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://apps.acme.example"},
)


def test_every_form_is_refused_without_its_token(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    other = office.browser()
    other.get("/sign-in")
    foreign = other.cookies["csrf"]
    before = stored(office)
    checked = 0
    for address in pages(office, "POST"):
        path = filled(address, "Billing")
        for token in ("", "x" * 128, foreign, foreign[:64] + "0" * 64, "é" * 128):
            answer = admin.post(path, {"_csrf_token": token})
            assert answer.status == 403, (path, token)
            assert "E-FORM-STALE" in answer.main
        as_file = {"_csrf_token": ("a.txt", admin.cookies["csrf"].encode())}
        assert admin.request("POST", path, files=as_file).status == 403, path
        assert admin.request("POST", path, json={"_csrf_token": admin.cookies["csrf"]}).status == 403, path
        checked += 1
    assert checked > 30
    assert stored(office) == before
    assert admin.get("/setup").status == 200


def test_a_token_in_a_header_is_as_good_and_an_odd_one_is_refused(admin: Browser) -> None:
    for token in (b"\xe9" * 128, b"x", b""):
        assert admin.request("POST", "/sign-out", headers={"x-csrftoken": token}).status == 403
    good = {"x-csrftoken": admin.cookies["csrf"]}
    assert admin.request("POST", "/sign-out", headers=good).status == 303


@pytest.mark.parametrize("headers", FROM_ELSEWHERE)
def test_a_planted_pair_of_cookie_and_token_does_not_do(
    office: Office, admin: Browser, headers: dict[str, str]
) -> None:
    attacker = office.browser()
    attacker.get("/sign-in")
    planted = attacker.cookies["csrf"]
    admin.bring("csrf", planted)
    before = stored(office)
    fields = {"_csrf_token": planted, "name": "stolen"}
    for path in ("/setup/api-tokens", "/sign-out", "/sign-in"):
        answer = admin.post(path, fields, headers=headers)
        assert answer.status == 403, path
        assert "E-FORM-STALE" in answer.main
    assert stored(office) == before
    assert admin.get("/setup").status == 200


@pytest.mark.parametrize("headers", FROM_HERE)
def test_a_form_of_our_own_page_goes_through(admin: Browser, headers: dict[str, str]) -> None:
    admin.get("/setup")
    assert admin.post("/sign-out", headers=headers).status == 303


def test_nobody_is_signed_in_as_the_attacker_by_a_form_from_elsewhere(office: Office) -> None:
    victim = office.browser()
    victim.get("/sign-in")
    fields = {"username": ADMIN, "password": office.passwords[ADMIN]}
    answer = victim.post("/sign-in", fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403
    assert "session" not in victim.cookies


@pytest.mark.parametrize("planted", ["deadbeef" * 16, "x", "é", '"><script>', ""])
def test_a_cookie_that_we_did_not_sign_locks_nobody_out(office: Office, planted: str) -> None:
    """Planted by another server of this machine, or left over from an installation that is gone."""
    client = office.client
    client.cookies.clear()
    sent = {b"Cookie": f"csrf={planted}".encode()}
    page = client.get("/sign-in", headers=sent)
    assert page.status_code == 200
    fresh = page.cookies["csrf"]
    assert fresh != planted
    assert planted == "" or f'value="{planted}"' not in page.text
    client.cookies.clear()
    fields = {"_csrf_token": fresh, "username": ADMIN, "password": office.passwords[ADMIN]}
    with_cookie = {"Cookie": f"csrf={fresh}"}
    answer = client.post("/sign-in", data=fields, headers=with_cookie, follow_redirects=False)
    assert answer.status_code == 303


def test_without_a_cookie_no_body_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from litestar import Request  # noqa: PLC0415 - only here

    async def read(_request: Any) -> Any:
        pytest.fail("the body was read")

    monkeypatch.setattr(Request, "form", read)
    nobody = office.browser()
    answer = nobody.request("POST", "/setup/import", files={"files": ("a.zip", b"x" * 100_000)})
    assert answer.status == 403


def test_looking_changes_nothing(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    before = stored(office)
    looked = 0
    for address in pages(office, "GET"):
        if address.endswith("consumer-details"):
            continue  # each look is in the audit trail, and on purpose
        answer = admin.get(filled(address, "Billing"))
        assert answer.status < 500, address
        looked += 1
    assert looked > 40
    assert stored(office) == before


def test_looking_at_a_secret_leaves_a_row_and_nothing_else(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    admin.post("/setup/verify", {"password": office.passwords[ADMIN]})
    before = stored(office)
    assert admin.get("/setup/app-manager/Billing/consumer-details").status == 200
    after = stored(office)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"audit_event"}
    assert len(after["audit_event"]) == len(before["audit_event"]) + 1


def test_no_form_is_taken_from_the_address(office: Office, admin: Browser) -> None:
    before = stored(office)
    token = admin.cookies["csrf"]
    assert admin.request("POST", f"/setup/api-tokens?_csrf_token={token}&name=stolen").status == 403
    for method in ("PUT", "DELETE", "PATCH"):
        assert admin.request(method, "/setup/api-tokens", data={"_csrf_token": token}).status == 405
    assert stored(office) == before
