"""Session Management, the sessions and tokens on a user's page, and sessions over several processes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from litestar.testing import TestClient

from changeover.org.permissions import Permission
from changeover.org.tokens import create_token
from changeover.web import sessions
from changeover.web.app import create_app
from changeover.web.browsers import UNKNOWN, name_of
from changeover.web.services import Services
from changeover.web.sessions import digest
from changeover.wiring import open_house
from tests.web.conftest import ADMIN, Browser, Office, Page

_PATH = "/setup/sessions"
DANA = "dana@acme.example"


@pytest.fixture
def dana(office: Office) -> Browser:
    """A browser in which a user who may only look has signed in."""
    return office.signed_in(office.user(DANA, [Permission.VIEW_SETUP]))


def rows(page: Page) -> list[str]:
    return [" ".join(row.text_content().split()) for row in page.find("//main//tbody/tr")]


def named(page: Page, action: str) -> list[str]:
    """Return the ids of the sessions that the page's forms of an address would end."""
    return [str(value) for value in page.find(f"//form[@action='{action}']//input[@name='session']/@value")]


def page_of(office: Office, username: str = DANA) -> str:
    with office.house.units.read() as unit:
        user = unit.users.by_username(username)
    assert user is not None
    return f"/setup/users/{user.user_id}"


def test_the_own_sessions_are_listed_and_one_is_ended(office: Office, admin: Browser) -> None:
    office.clock.pass_by(timedelta(minutes=10))
    other = office.browser()
    other.get("/sign-in")
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    fields = {"username": ADMIN, "password": office.passwords[ADMIN], "next": ""}
    assert other.post("/sign-in", fields, headers=agent).status == 303
    page = admin.get(_PATH)
    mine, theirs = sorted(rows(page), key=lambda row: "This session" not in row)
    assert UNKNOWN in mine
    assert ("Firefox on Linux" in theirs, "testclient" in theirs, "23 Nov 2026, 09:10 UTC" in theirs) == (
        True,
        True,
        True,
    )
    (session,) = named(page, f"{_PATH}/end")
    answer = admin.post(f"{_PATH}/end", {"session": session})
    assert answer.location == _PATH
    assert "Its browser has to sign in again" in admin.get(_PATH).main
    assert other.get("/setup").status == 303
    assert admin.get("/setup").status == 200
    again = admin.post(f"{_PATH}/end", {"session": session})
    assert (again.status, "E-RECORD-NOT-FOUND" in again.main) == (404, True)


def test_all_others_end_and_this_one_goes_on(office: Office, admin: Browser) -> None:
    others = [office.signed_in() for _ in range(2)]
    assert admin.post(f"{_PATH}/end-others").location == _PATH
    page = admin.get(_PATH)
    assert "2 sessions were ended." in page.main
    assert len(rows(page)) == 1
    assert page.find("//main//form") == []
    assert [other.get("/setup").status for other in others] == [303, 303]


def test_no_page_shows_what_opens_a_session(office: Office, admin: Browser) -> None:
    other = office.signed_in()
    for path in (_PATH, page_of(office, ADMIN)):
        text = admin.get(path).response.text
        for browser in (admin, other):
            assert browser.cookies["session"] not in text
            assert digest(browser.cookies["session"]) not in text
    (session,) = named(admin.get(_PATH), f"{_PATH}/end")
    thief = office.browser()
    thief.bring("session", session)
    assert thief.get("/setup").status == 303


def test_a_renewed_id_is_the_same_session(office: Office, admin: Browser) -> None:
    other = office.signed_in()
    (before,) = named(other.get(_PATH), f"{_PATH}/end")
    admin.post("/setup/verify", {"password": office.passwords[ADMIN], "next": "/setup"})
    (after,) = named(other.get(_PATH), f"{_PATH}/end")
    assert before == after


def test_a_session_that_was_ended_is_not_renewed_by_a_proof_that_was_under_way(
    office: Office, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sessions.prove

    def prove_meanwhile(request: Any, now: datetime) -> None:
        with office.house.units.unit() as unit:
            unit.sessions.end_all(office.admin.user_id)
        real(request, now)

    monkeypatch.setattr("changeover.web.sessions.prove", prove_meanwhile)
    kept = admin.cookies["session"]
    admin.post("/setup/verify", {"password": office.passwords[ADMIN], "next": "/setup"})
    assert admin.cookies["session"] == kept
    assert admin.get("/setup").status == 303


def test_who_manages_users_sees_and_ends_the_sessions_of_a_user(
    office: Office, admin: Browser, dana: Browser
) -> None:
    second = office.signed_in(DANA)
    path = page_of(office)
    first, _ = named(admin.get(path), f"{path}/sessions/end")
    assert admin.post(f"{path}/sessions/end", {"session": first}).location == path
    assert "was ended" in admin.get(path).main
    assert sorted(browser.get("/setup").status for browser in (dana, second)) == [200, 303]
    assert admin.post(f"{path}/sessions/end-all").location == path
    assert "1 session was ended." in admin.get(path).main
    assert {browser.get("/setup").status for browser in (dana, second)} == {303}
    refused = admin.post(f"{path}/sessions/end", {"session": first})
    assert (refused.status, "E-RECORD-NOT-FOUND" in refused.main) == (404, True)


def test_an_administrator_may_end_the_session_of_this_very_page(office: Office, admin: Browser) -> None:
    path = page_of(office, ADMIN)
    assert "This session" in admin.get(path).main
    admin.post(f"{path}/sessions/end-all")
    assert admin.get("/setup").status == 303


def test_tokens_of_a_user_are_revoked_on_the_users_page(
    office: Office, admin: Browser, dana: Browser
) -> None:
    dana.get("/setup/api-tokens")
    for name in ("nightly", "hourly", "weekly"):
        dana.post("/setup/api-tokens", {"name": name, "expires": ""})
    path = page_of(office)
    page = admin.get(path)
    assert "nightly" in page.main
    (question,) = page.named("Revoke nightly")
    token = admin.get(question).form(f"{path}/api-tokens/revoke")["token"]
    assert dana.get(question).status == 403
    assert admin.agree(question).location == path
    assert "was revoked" in admin.get(path).main
    again = admin.post(f"{path}/api-tokens/revoke", {"token": token})
    assert (again.status, "E-RECORD-NOT-FOUND" in again.main) == (404, True)
    (question,) = page.links("Revoke All Tokens")
    assert (dana.get(question).status, f"any API token of {DANA}" in admin.get(question).main) == (403, True)
    admin.agree(question)
    assert "2 tokens were revoked." in admin.get(path).main
    assert dana.get("/setup/api-tokens").main.count("In use") == 0


def test_all_own_tokens_are_revoked_at_once(office: Office, admin: Browser) -> None:
    path = "/setup/api-tokens"
    assert admin.get(path).links("Revoke All Tokens") == []
    with office.house.units.unit() as unit:
        create_token(unit, office.admin, "nightly")
    (question,) = admin.get(path).links("Revoke All Tokens")
    assert "In use" in admin.get(path).main
    admin.agree(question)
    page = admin.get(path)
    assert ("1 token was revoked." in page.main, "In use" in page.main) == (True, False)
    odd = admin.post(f"{path}/revoke", {"token": "0AtNobodys"})
    assert (odd.status, "E-RECORD-NOT-FOUND" in odd.main) == (404, True)


def test_who_may_not_manage_users_sees_and_ends_only_the_own(
    office: Office, admin: Browser, dana: Browser
) -> None:
    path = page_of(office, ADMIN)
    page = dana.get(path)
    assert "Session" not in page.main
    assert "API Tokens" not in page.main
    (session,) = named(admin.get(page_of(office)), f"{page_of(office)}/sessions/end")
    for step in ("sessions/end", "sessions/end-all", "api-tokens/revoke", "api-tokens/revoke-all"):
        refused = dana.post(f"{path}/{step}", {"session": session, "token": "0At"})
        assert (refused.status, "E-NOT-PERMITTED" in refused.main) == (403, True), step
    with office.house.units.read() as unit:
        (admins,) = unit.sessions.list(office.admin.user_id)
    forged = dana.post(f"{_PATH}/end", {"session": admins.session_id})
    assert (forged.status, "E-RECORD-NOT-FOUND" in forged.main) == (404, True)
    assert admin.get("/setup").status == 200


@pytest.fixture
def second_process(office: Office) -> Iterator[Browser]:
    """A browser that comes to another process of the same installation."""
    house = open_house(office.house.database.url.database or "", clock=office.clock)
    app = create_app(Services(units=house.units, key_values=house.key_values, clock=office.clock))
    with TestClient(app, base_url="http://changeover.local") as client:
        yield Browser(client)
    house.close()


def test_processes_agree_on_who_is_signed_in(office: Office, admin: Browser, second_process: Browser) -> None:
    other = office.signed_in()
    second_process.cookies = admin.cookies
    page = second_process.get(_PATH)
    assert page.main.count("This session") == 1
    (session,) = named(page, f"{_PATH}/end")
    assert second_process.post(f"{_PATH}/end", {"session": session}).status == 303
    assert other.get("/setup").status == 303
    assert admin.get("/setup").status == 200
    admin.post("/sign-out")
    assert second_process.get("/setup").status == 303


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/142.0 Safari/604.1", "Chrome on iOS"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox on Linux"),
        ("curl/8.0", UNKNOWN),
        ("<script>alert(1)</script>" * 1000, UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_browser_is_known_by_name_and_system(agent: str, name: str) -> None:
    assert name_of(agent) == name
