"""Signing in and out: session ids, locks, time-outs, cookies."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest

from changeover.org.people import edit_user, reset_password
from changeover.org.sign_in import ATTEMPTS
from changeover.web.pages.sign_in import ADDRESS_FAILURES
from tests.web.conftest import ADMIN, Browser, Office, Page


def session_cookie(page: Page) -> str | None:
    """Return the value of the session cookie that an answer sets, None where it sets none."""
    for header in page.headers.get_list("set-cookie"):
        cookie = SimpleCookie(header)
        if "session" in cookie:
            return cookie["session"].value
    return None


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(office: Office, anyone: Browser) -> None:
    asked = anyone.get("/setup/app-manager?verdict=blocked")
    assert asked.status == 303
    assert asked.location == "/sign-in?" + urlencode({"next": "/setup/app-manager?verdict=blocked"})
    form = anyone.follow(asked).form("/sign-in")
    given = {**form, "username": ADMIN, "password": office.passwords[ADMIN]}
    assert anyone.post("/sign-in", given).location == "/setup/app-manager?verdict=blocked"


def test_a_session_id_brought_to_the_sign_in_page_is_not_the_one_afterwards(office: Office) -> None:
    victim = office.browser()
    planted = "a" * 64
    victim.bring("session", planted)
    victim.get("/sign-in")
    answer = victim.sign_in(ADMIN, office.passwords[ADMIN])
    given = session_cookie(answer)
    assert answer.status == 303
    assert given is not None
    assert given != planted
    attacker = office.browser()
    attacker.bring("session", planted)
    assert attacker.get("/setup").status == 303


def test_signing_in_again_ends_the_session_before(office: Office) -> None:
    browser = office.signed_in()
    before = browser.cookies["session"]
    browser.sign_in(ADMIN, office.passwords[ADMIN])
    assert browser.cookies["session"] != before
    other = office.browser()
    other.bring("session", before)
    assert other.get("/setup").status == 303


def test_a_fresh_password_check_renews_the_session_id(office: Office, admin: Browser) -> None:
    before = admin.cookies["session"]
    answer = admin.post("/setup/verify", {"password": office.passwords[ADMIN], "next": "/setup"})
    assert (answer.status, answer.location) == (303, "/setup")
    assert admin.cookies["session"] != before
    assert admin.get("/setup").status == 200


def test_signing_out_ends_the_session_for_whoever_kept_the_id(office: Office, admin: Browser) -> None:
    kept = admin.cookies["session"]
    assert admin.post("/sign-out").location == "/sign-in"
    other = office.browser()
    other.bring("session", kept)
    assert other.get("/setup").status == 303


def test_an_answer_that_comes_late_does_not_bring_back_a_session(office: Office, admin: Browser) -> None:
    from changeover.web.sessions import digest  # noqa: PLC0415 - white box

    kept = digest(admin.cookies["session"])
    with office.house.units.read() as unit:
        stored = unit.sessions.by_digest(kept)
    assert stored is not None
    admin.post("/sign-out")
    for renewed in (None, digest("another id")):
        with office.house.units.unit() as unit:
            late = office.clock.now() + timedelta(hours=1)
            assert not unit.sessions.use(kept, stored.data, late, renewed=renewed)
    with office.house.units.read() as unit:
        assert unit.sessions.list(office.admin.user_id) == ()


def test_who_only_looks_gets_no_session(anyone: Browser) -> None:
    page = anyone.get("/sign-in")
    assert session_cookie(page) is None
    assert set(anyone.cookies) == {"csrf"}


def test_only_strictly_necessary_cookies_are_set(office: Office, admin: Browser) -> None:
    for path in ("/setup", "/setup/app-manager", "/sign-in"):
        admin.get(path)
    assert set(admin.cookies) == {"csrf", "session"}
    anyone = office.browser()
    for header in anyone.get("/sign-in").headers.get_list("set-cookie"):
        assert "HttpOnly" in header
        assert "SameSite=lax" in header
    for header in anyone.sign_in(ADMIN, office.passwords[ADMIN]).headers.get_list("set-cookie"):
        assert "HttpOnly" in header
        assert "SameSite=lax" in header


def test_a_session_left_idle_ends(office: Office, admin: Browser) -> None:
    office.clock.pass_by(timedelta(hours=1, minutes=59))
    assert admin.get("/setup").status == 200
    office.clock.pass_by(timedelta(hours=1, minutes=59))
    assert admin.get("/setup").status == 200
    office.clock.pass_by(timedelta(hours=2, minutes=1))
    assert admin.get("/setup").status == 303


def test_a_session_ends_after_twelve_hours_however_busy(office: Office, admin: Browser) -> None:
    for _hour in range(12):
        assert admin.get("/setup").status == 200
        office.clock.pass_by(timedelta(hours=1))
    office.clock.pass_by(timedelta(minutes=1))
    assert admin.get("/setup").status == 303


def test_wrong_password_unknown_user_and_locked_user_get_the_same_answer(office: Office) -> None:
    def answer(username: str, password: str) -> tuple[int, str]:
        page = office.browser().sign_in(username, password)
        return page.status, page.text.replace(username, "")

    unknown = answer("nobody@acme.example", "wrong")
    for _attempt in range(ATTEMPTS):
        assert answer(ADMIN, "wrong") == unknown
    # Now locked: even the right password gets it.
    assert answer(ADMIN, office.passwords[ADMIN]) == unknown
    assert unknown[0] == 401
    assert "E-SIGN-IN-FAILED" in unknown[1]
    office.clock.pass_by(timedelta(minutes=16))
    assert office.browser().sign_in(ADMIN, office.passwords[ADMIN]).status == 303


def test_an_address_that_guesses_is_shut_out_for_a_while(office: Office, anyone: Browser) -> None:
    for number in range(ADDRESS_FAILURES):
        assert anyone.sign_in(f"user{number}@acme.example", "guess").status == 401
    refused = anyone.sign_in(ADMIN, office.passwords[ADMIN])
    assert refused.status == 429
    assert "E-TOO-MANY-REQUESTS" in refused.text
    office.clock.pass_by(timedelta(minutes=16))
    assert anyone.sign_in(ADMIN, office.passwords[ADMIN]).status == 303


def test_a_user_who_is_deactivated_is_out_at_once(office: Office) -> None:
    username = office.user("second@acme.example", [])
    browser = office.signed_in(username)
    assert browser.get("/setup/quick-find").status == 200
    with office.house.units.unit() as unit:
        edit_user(unit, office.admin, username, active=False)
    assert browser.get("/setup/quick-find").status == 303
    assert "session" not in browser.cookies


def test_a_new_password_ends_the_sessions_of_the_old_one(office: Office) -> None:
    username = office.user("second@acme.example", [])
    browser = office.signed_in(username)
    office.passwords[username] = reset_password(office.house.units, office.admin, username)
    assert browser.get("/setup/quick-find").status == 303
    assert office.signed_in(username).get("/setup/quick-find").status == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/ok\r\nSet-Cookie: a=b",
    ],
)
def test_signing_in_leads_to_no_other_place(office: Office, anyone: Browser, target: str) -> None:
    anyone.get("/sign-in")
    fields = {"username": ADMIN, "password": office.passwords[ADMIN], "next": target}
    assert anyone.post("/sign-in", fields).location == "/setup"


def test_a_script_whose_session_is_over_is_led_to_sign_in(anyone: Browser) -> None:
    answer = anyone.get("/setup", {"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Fsetup"
    assert answer.response.text == ""


@pytest.mark.parametrize("target", ["//[x", "http://[x", "/setup?login_hint=[", "//x]"])
def test_an_address_to_go_on_to_that_is_none(anyone: Browser, target: str) -> None:
    page = anyone.get("/sign-in?" + urlencode({"next": target}))
    assert page.status == 200
    assert page.form("/sign-in")["next"].startswith("/setup")
