"""Guessing passwords, and finding out who there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from changeover.org.people import edit_user, reset_password
from changeover.org.permissions import Permission
from changeover.org.sign_in import ATTEMPTS, LOCK
from changeover.store.passwords import Argon2Passwords
from tests.web.conftest import ADMIN, Browser, Office, Page


def _told(page: Page, username: str) -> tuple[int, str]:
    return page.status, page.text.replace(username, "somebody")


def _strangers(office: Office) -> list[str]:
    """Return usernames of every kind there is: none, active, deactivated, locked."""
    for name in ("active", "gone", "locked"):
        office.user(f"{name}@acme.example", [Permission.VIEW_SETUP])
    with office.house.units.unit() as unit:
        edit_user(unit, office.admin, "gone@acme.example", active=False)
    for _ in range(ATTEMPTS):
        office.browser().sign_in("locked@acme.example", "wrong")
    return ["nobody@acme.example", "active@acme.example", "gone@acme.example", "locked@acme.example"]


def test_the_answer_tells_nobody_who_there_is(office: Office) -> None:
    told = {_told(office.browser().sign_in(name, "wrong"), name) for name in _strangers(office)}
    assert len(told) == 1
    (answer,) = told
    assert answer[0] == 401


def test_the_work_tells_nobody_who_there_is(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    names = _strangers(office)
    checks: list[bool] = []
    verify = Argon2Passwords.verify

    def counted(self: Any, stored: str | None, password: str) -> bool:
        checks.append(stored is None)
        return verify(self, stored, password)

    monkeypatch.setattr(Argon2Passwords, "verify", counted)
    for name in names:
        checks.clear()
        office.browser().sign_in(name, "wrong")
        assert len(checks) == 1, name


def test_a_right_password_of_a_locked_user_is_answered_as_a_wrong_one(office: Office) -> None:
    username = _strangers(office)[-1]
    right = office.browser().sign_in(username, office.passwords[username])
    wrong = office.browser().sign_in(username, "wrong")
    assert _told(right, username) == _told(wrong, username)


def test_a_lock_ends_and_one_guess_more_does_not_prolong_it(office: Office) -> None:
    username = _strangers(office)[-1]
    office.clock.pass_by(LOCK - timedelta(seconds=5))
    office.browser().sign_in(username, "wrong")
    office.clock.pass_by(timedelta(seconds=10))
    assert office.browser().sign_in(username, office.passwords[username]).status == 303


def test_whoever_is_in_stays_in_while_someone_else_locks_the_user(office: Office, admin: Browser) -> None:
    for _ in range(ATTEMPTS):
        office.browser().sign_in(ADMIN, "wrong")
    assert office.browser().sign_in(ADMIN, office.passwords[ADMIN]).status == 401
    assert admin.get("/setup").status == 200


def test_a_new_password_unlocks(office: Office) -> None:
    username = _strangers(office)[-1]
    password = reset_password(office.house.units, office.admin, username)
    assert office.browser().sign_in(username, password).status == 303


def test_the_fresh_password_check_is_no_place_to_guess(office: Office, admin: Browser) -> None:
    answers = [admin.post("/setup/verify", {"password": "wrong", "next": "/setup"}) for _ in range(ATTEMPTS)]
    assert {answer.status for answer in answers} == {403}
    locked = admin.post("/setup/verify", {"password": office.passwords[ADMIN], "next": "/setup"})
    assert "E-SIGN-IN-LOCKED" in locked.main


def test_an_address_that_guesses_is_stopped_whomever_it_guesses(office: Office) -> None:
    from changeover.web.pages.sign_in import ADDRESS_FAILURES, ADDRESS_WINDOW  # noqa: PLC0415 - only here

    for number in range(ADDRESS_FAILURES):
        office.browser().sign_in(f"user{number}@acme.example", "wrong")
    stopped = office.browser().sign_in("another@acme.example", "wrong")
    assert stopped.status == 429
    forwarded = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    browser = office.browser()
    browser.get("/sign-in")
    spoofed = browser.post("/sign-in", {"username": ADMIN, "password": "wrong"}, headers=forwarded)
    assert spoofed.status == 429
    office.clock.pass_by(ADDRESS_WINDOW)
    assert office.browser().sign_in(ADMIN, office.passwords[ADMIN]).status == 303


@pytest.mark.parametrize("username", ["' OR 1=1 --", "%", "a\0b", "x" * 100_000, "admin@acme.example\0"])
def test_an_odd_username_is_just_a_wrong_one(office: Office, username: str) -> None:
    assert office.browser().sign_in(username, "wrong").status in {400, 401}


def test_a_password_of_a_megabyte_is_no_work(office: Office) -> None:
    assert office.browser().sign_in(ADMIN, "x" * 1_000_000).status == 401


def test_a_password_is_taken_to_the_letter(office: Office) -> None:
    right = office.passwords[ADMIN]
    for wrong in (right[:-1], right + "x", right.swapcase(), f" {right}", right + "\0", right + "x" * 2000):
        assert office.browser().sign_in(ADMIN, wrong).status == 401, wrong
