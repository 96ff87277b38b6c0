"""Guessing secrets, passwords and keys at the OAuth endpoints, and locking others out by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import structlog

from changeover.oauth.limits import DEFAULT, Kind
from tests.attack.oauth.target import Target, error_of, secrets
from tests.oauth.endpoint import INTEGRATION, JWT_BEARER, KEY, Pair
from tests.org.world import SECRET, YES

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
GRANT = {"grant_type": "client_credentials"}
LIMIT = DEFAULT.failures
ComeFrom = Callable[[str], None]


def test_brute_force_of_a_consumer_secret(target: Target, come_from: ComeFrom) -> None:
    come_from(HERE)
    for number in range(LIMIT[Kind.CLIENT]):
        guess = secrets(**GRANT, client_secret=f"guess {number}")
        assert error_of(target.token(guess))[0] == "invalid_client"
    stopped = target.token(secrets(**GRANT))
    assert stopped.status_code == 429
    assert stopped.json()["error"] == "rate_limit_exceeded"
    assert stopped.json()["error_description"].startswith("E-TOO-MANY-REQUESTS: ")
    assert int(stopped.headers["retry-after"]) == 900
    assert stopped.headers["cache-control"] == "no-store"
    # Neither does the secret by HTTP Basic, the path of the org, nor another endpoint let it go on.
    assert target.token(GRANT, basic=f"{KEY}:{SECRET}").status_code == 429
    assert target.token(secrets(**GRANT), prefix="/org/acme").status_code == 429
    assert target.post("introspect", secrets(token="x")).status_code == 429


def test_brute_force_of_a_consumer_secret_by_introspection(target: Target, come_from: ComeFrom) -> None:
    come_from(HERE)
    for number in range(LIMIT[Kind.CLIENT]):
        target.post("introspect", {"client_id": KEY, "client_secret": f"guess {number}", "token": "x"})
    assert target.post("introspect", secrets(token="x")).status_code == 429


def test_a_stranger_locks_no_client_out(target: Target, come_from: ComeFrom) -> None:
    come_from(ELSEWHERE)
    for number in range(LIMIT[Kind.ADDRESS] + 10):
        target.token(secrets(**GRANT, client_secret=f"guess {number}"))
    come_from(HERE)
    assert target.token(secrets(**GRANT)).status_code == 200


def test_an_address_in_a_header_is_not_believed(target: Target, come_from: ComeFrom) -> None:
    come_from(ELSEWHERE)
    forwarded = {"X-Forwarded-For": HERE, "Forwarded": f"for={HERE}", "X-Real-IP": HERE}
    for _ in range(LIMIT[Kind.CLIENT]):
        target.token(secrets(**GRANT, client_secret="wrong"), headers=forwarded)
    assert target.token(secrets(**GRANT), headers=forwarded).status_code == 429
    come_from(HERE)
    assert target.token(secrets(**GRANT)).status_code == 200


def test_brute_force_of_a_password_stops_before_it_locks_the_user(
    target: Target, come_from: ComeFrom
) -> None:
    come_from(ELSEWHERE)
    form = secrets(grant_type="password", username=INTEGRATION)
    for number in range(LIMIT[Kind.USER]):
        assert error_of(target.token({**form, "password": f"guess {number}"}))[0] == "invalid_grant"
    right = {**form, "password": target.world.passwords[INTEGRATION]}
    assert target.token(right).status_code == 429
    assert target.token({**right, "username": INTEGRATION.upper()}).status_code == 429
    come_from(HERE)
    assert target.token(right).status_code == 200
    assert target.browser().sign_in(INTEGRATION, right["password"]).status == 303


def test_spraying_one_password_over_many_users(target: Target, come_from: ComeFrom) -> None:
    come_from(HERE)
    form = secrets(grant_type="password", password="Summer2026!")
    answers = [
        target.token({**form, "username": f"user{number}@example.com"}).status_code
        for number in range(LIMIT[Kind.ADDRESS] + 1)
    ]
    assert answers[-2:] == [400, 429]


def test_limits_tell_nobody_which_users_and_clients_there_are(target: Target, come_from: ComeFrom) -> None:
    told = set()
    for number, username in enumerate((INTEGRATION, "nobody@example.com")):
        come_from(f"203.0.113.{number}")
        form = secrets(grant_type="password", username=username, password="wrong")
        answers = [target.token(form) for _ in range(LIMIT[Kind.USER] + 2)]
        told.add(tuple((answer.status_code, answer.text) for answer in answers))
    assert len(told) == 1
    counts = set()
    for number, key in enumerate((KEY, "3MVG9.nobodys")):
        come_from(f"198.51.100.{number}")
        form = {**GRANT, "client_id": key, "client_secret": "wrong"}
        counts.add(tuple(target.token(form).status_code for _ in range(LIMIT[Kind.CLIENT] + 2)))
    assert len(counts) == 1


def test_guessing_consumer_keys(target: Target, come_from: ComeFrom) -> None:
    come_from(HERE)
    for number in range(LIMIT[Kind.ADDRESS]):
        target.token({**GRANT, "client_id": f"3MVG9.guess{number}", "client_secret": "x"})
    assert target.token({**GRANT, "client_id": "3MVG9.another", "client_secret": "x"}).status_code == 429


def test_self_made_signatures_by_the_dozen(target: Target, come_from: ComeFrom) -> None:
    come_from(HERE)
    claims = {"iss": KEY, "sub": INTEGRATION, "aud": "https://login.salesforce.com", "exp": 1795435200}
    form = {"grant_type": JWT_BEARER, "assertion": Pair().assertion(claims)}
    for _ in range(LIMIT[Kind.CLIENT]):
        assert error_of(target.token(form)) == ("invalid_grant", "invalid assertion")
    assert target.token(form).status_code == 429


def test_a_migrated_app_that_goes_on_with_passwords_stops_nobody(target: Target, come_from: ComeFrom) -> None:
    come_from(HERE)
    target.world.migrated()
    form = secrets(grant_type="password", username=INTEGRATION, password=target.world.passwords[INTEGRATION])
    assert {target.token(form).json()["error"] for _ in range(40)} == {"invalid_grant"}
    assert target.token(secrets(**GRANT)).status_code == 200


def test_a_lock_out_is_audited_once_and_names_nothing_that_was_sent(
    target: Target, come_from: ComeFrom
) -> None:
    come_from(HERE)
    with structlog.testing.capture_logs() as logs:
        for _ in range(LIMIT[Kind.CLIENT] + 5):
            target.token(secrets(**GRANT, client_secret="A-GUESS-OF-THE-SECRET"))
            target.token({**GRANT, "client_id": "A-SECRET-SENT-AS-KEY", "client_secret": "x"})
    told = [row for row in target.audit() if row.event == "oauth:logins:stopped"]
    assert {row.subject for row in told} == {"Billing", "(unknown)"}
    assert len(told) == 2
    assert "from 203.0.113.7 for 15 minutes" in told[0].text
    assert {line["reason"] for line in logs if line["event"] == "login-refused"} == {
        "client_unproven",
        "client_unknown",
    }
    assert sum(line["event"] == "login-waits" for line in logs) == 10
    assert "A-GUESS" not in str(logs) + str(told)
    assert "A-SECRET" not in str(logs) + str(told)


def test_a_flood_of_stopped_logins_does_not_fill_login_history(target: Target, come_from: ComeFrom) -> None:
    come_from(HERE)
    for _ in range(LIMIT[Kind.CLIENT] + 30):
        target.token(secrets(**GRANT, client_secret="wrong"))
    with target.world.read() as unit:
        from changeover.org.lists import LoginQuery  # noqa: PLC0415 - only here

        assert unit.logins.page(target.world.org_id, LoginQuery()).total == LIMIT[Kind.CLIENT]


def test_a_limit_evaded_by_an_assertion_or_a_second_key_that_names_somebody_else(
    target: Target, come_from: ComeFrom
) -> None:
    come_from(HERE)
    decoy = Pair().assertion({"iss": "decoy", "sub": "decoy"})
    for number in range(LIMIT[Kind.CLIENT]):
        guess = secrets(**GRANT, client_secret=f"guess {number}", assertion=decoy)
        assert target.token(guess).status_code == 400
    assert target.token(secrets(**GRANT)).status_code == 429
    # Two keys in one request are refused before any secret is looked at.
    come_from(ELSEWHERE)
    both = {**GRANT, "client_id": ["decoy", KEY], "client_secret": SECRET}
    assert error_of(target.token(both))[0] == "invalid_request"
    named = {**GRANT, "client_id": "decoy"}
    assert error_of(target.token(named, basic=f"{KEY}:{SECRET}"))[0] == "invalid_client_id"


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were checked."""
    from changeover.store.passwords import Argon2Passwords  # noqa: PLC0415 - only here

    checks: list[str] = []
    verify = Argon2Passwords.verify

    def counted(self: Argon2Passwords, stored: str | None, password: str) -> bool:
        checks.append(password)
        return verify(self, stored, password)

    monkeypatch.setattr(Argon2Passwords, "verify", counted)
    return checks


def test_nobody_has_a_password_checked_whose_client_is_refused(target: Target, checks: list[str]) -> None:
    form = secrets(grant_type="password", username=INTEGRATION, password="wrong")
    for refused in (
        {**form, "client_secret": "wrong"},
        {**form, "client_id": "3MVG9.Nobody"},
        {**form, "client_assertion": "x"},
        {name: value for name, value in form.items() if name != "client_secret"},
    ):
        assert target.token(refused).status_code in {400, 401}
    assert checks == []
    target.token(form)
    assert checks == ["wrong"]
    target.world.migrated(confirmation=replace(YES, despite_evidence=True))
    assert "external client app cannot use" in target.token(form).text
    assert checks == ["wrong"], "the flow is off"


def test_the_work_for_a_password_tells_nobody_who_there_is(target: Target, checks: list[str]) -> None:
    told = set()
    for username in (INTEGRATION, "nobody@example.com", ""):
        checks.clear()
        answer = target.token(secrets(grant_type="password", username=username, password="wrong"))
        told.add(answer.text)
        assert len(checks) == bool(username), username
    assert len(told) == 1
