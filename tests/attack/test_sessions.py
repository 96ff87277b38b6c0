"""Taking over a session, or keeping one that should have ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from changeover.org.people import edit_user, reset_password, unassign_permission_set
from changeover.org.permissions import Permission
from tests.web.conftest import ADMIN, Browser, Office

Step = Callable[[Office, Browser], None]


def _verify(office: Office, browser: Browser) -> None:
    answer = browser.post("/setup/verify", {"password": office.passwords[ADMIN], "next": "/setup"})
    assert answer.location == "/setup"


def _change_password(office: Office, browser: Browser) -> None:
    new = "another long password"
    fields = {"old": office.passwords[ADMIN], "new": new, "again": new}
    assert browser.post("/setup/change-password", fields).status == 303


def _sign_in_again(office: Office, browser: Browser) -> None:
    assert browser.sign_in(ADMIN, office.passwords[ADMIN]).status == 303


def _sign_out(_office: Office, browser: Browser) -> None:
    assert browser.post("/sign-out").status == 303


@pytest.mark.parametrize("step", [_verify, _change_password, _sign_in_again, _sign_out])
def test_an_id_known_before_leads_nowhere_after(office: Office, admin: Browser, step: Step) -> None:
    known = admin.cookies["session"]
    step(office, admin)
    assert admin.cookies.get("session") != known
    thief = office.browser()
    thief.bring("session", known)
    assert thief.get("/setup").status == 303
    assert thief.get("/setup/app-manager").location.startswith("/sign-in")


def test_the_right_session_goes_on_after_each_proof(office: Office, admin: Browser) -> None:
    _verify(office, admin)
    assert admin.get("/setup").status == 200
    _change_password(office, admin)
    assert admin.get("/setup").status == 200


def test_a_planted_id_is_not_taken_even_where_a_row_of_it_was_once(office: Office, admin: Browser) -> None:
    ended = admin.cookies["session"]
    admin.post("/sign-out")
    victim = office.browser()
    victim.bring("session", ended)
    assert victim.sign_in(ADMIN, office.passwords[ADMIN]).status == 303
    assert victim.cookies["session"] != ended
    thief = office.browser()
    thief.bring("session", ended)
    assert thief.get("/setup").status == 303


def test_a_session_id_in_the_address_counts_for_nothing(office: Office, admin: Browser) -> None:
    thief = office.browser()
    assert thief.get(f"/setup?session={admin.cookies['session']}").status == 303
    assert thief.get("/setup", {"session": admin.cookies["session"]}).status == 303


def test_the_digest_in_the_database_is_no_session_id(office: Office, admin: Browser) -> None:
    from changeover.web.sessions import digest  # noqa: PLC0415 - white box

    kept = digest(admin.cookies["session"])
    with office.house.units.read() as unit:
        assert unit.sessions.by_digest(kept) is not None
    thief = office.browser()
    thief.bring("session", kept)
    assert thief.get("/setup").status == 303


@pytest.mark.parametrize("path", ["/setup", "/setup/app-manager", "/setup/verify", "/setup/api-tokens"])
def test_who_was_deactivated_is_out_on_every_page(office: Office, path: str) -> None:
    username = office.user("second@acme.example", Permission)
    browser = office.signed_in(username)
    with office.house.units.unit() as unit:
        edit_user(unit, office.admin, username, active=False)
    assert browser.get(path).status == 303
    assert office.browser().sign_in(username, office.passwords[username]).status == 401


def test_a_deactivated_user_who_is_active_again_has_to_sign_in_anew(office: Office) -> None:
    username = office.user("second@acme.example", [Permission.VIEW_SETUP])
    browser = office.signed_in(username)
    kept = browser.cookies["session"]
    for active in (False, True):
        with office.house.units.unit() as unit:
            edit_user(unit, office.admin, username, active=active)
        if not active:
            assert browser.get("/setup").status == 303
    thief = office.browser()
    thief.bring("session", kept)
    assert thief.get("/setup").status == 303


def test_all_sessions_of_an_old_password_end_the_one_that_changed_it_goes_on(office: Office) -> None:
    first, second = office.signed_in(), office.signed_in()
    _change_password(office, first)
    assert first.get("/setup").status == 200
    assert second.get("/setup").status == 303


def test_a_reset_ends_the_session_of_whoever_was_in(office: Office) -> None:
    username = office.user("second@acme.example", [Permission.VIEW_SETUP])
    browser = office.signed_in(username)
    reset_password(office.house.units, office.admin, username)
    assert browser.get("/setup").status == 303


def test_a_permission_taken_away_is_missing_on_the_page_that_is_open(office: Office) -> None:
    office.connected_app("Billing")
    username = office.user(
        "second@acme.example",
        [Permission.VIEW_SETUP, Permission.CUSTOMIZE_APPLICATION, Permission.MODIFY_ALL_DATA],
    )
    browser = office.signed_in(username)
    form = browser.get("/setup/app-manager/Billing/edit").form("/setup/app-manager/Billing/edit")
    with office.house.units.unit() as unit:
        unassign_permission_set(unit, office.admin, username, "Second")
    answer = browser.post("/setup/app-manager/Billing/edit", {**form, "label": "Mine"})
    assert answer.status == 403
    assert browser.get("/setup/app-manager").status == 403
    with office.house.units.read() as unit:
        record = unit.apps.get(office.admin.org_id, "Billing")
    assert record is not None
    assert record.label == "Billing"


def test_a_secret_wants_a_password_younger_than_the_session(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    page = "/setup/app-manager/Billing/consumer-details"
    secret = "A-SECRET-OF-BILLING"
    assert admin.get(page).location.startswith("/setup/verify")  # signing in is no proof
    _verify(office, admin)
    form = admin.get(page).form(f"{page}/set-secret")
    admin.post(f"{page}/set-secret", {**form, "secret": secret})
    assert secret in admin.get(page).response.text
    office.clock.pass_by(timedelta(minutes=5))
    answer = admin.get(page)
    assert answer.status == 303
    assert answer.location.startswith("/setup/verify")
    for step, fields in (("rotate", {"secret": "true"}), ("set-secret", {"secret": "ANOTHER-SECRET"})):
        assert admin.post(f"{page}/{step}", fields).location.startswith("/setup/verify")
    wrong = admin.post("/setup/verify", {"password": "wrong", "next": page})
    assert wrong.status == 403
    assert admin.get(page).status == 303
    _verify(office, admin)
    assert secret in admin.get(page).response.text


def test_one_users_fresh_password_is_not_anothers(office: Office, admin: Browser) -> None:
    office.connected_app("Billing")
    username = office.user("second@acme.example", Permission)
    second = office.signed_in(username)
    office.clock.pass_by(timedelta(minutes=6))
    _verify(office, admin)
    page = "/setup/app-manager/Billing/consumer-details"
    assert second.get(page).location.startswith("/setup/verify")
    wrong = second.post("/setup/verify", {"password": office.passwords[ADMIN], "next": page})
    assert wrong.status == 403
    assert second.get(page).status == 303


@pytest.mark.parametrize(
    "cookie",
    [
        b"session=\xe9\xff; csrf=\xe9",
        b'session="\\303\\000"; csrf="\\000"',
        b"session=" + b"a" * 5000,
        b"=;;;=",
        b"session=%00%ff",
        b"session=" + b"a" * 64 + b"; session=" + b"b" * 64,
    ],
)
def test_an_odd_cookie_is_no_session_and_no_mistake_of_ours(office: Office, cookie: bytes) -> None:
    client = office.client
    client.cookies.clear()
    answer = client.get("/setup", headers={b"Cookie": cookie}, follow_redirects=False)
    assert answer.status_code == 303
    posted = client.post("/sign-in", headers={b"Cookie": cookie}, data={"_csrf_token": "é"})
    assert posted.status_code == 403
