"""Limits: what is counted, for whom, by how many processes, and what a good login costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address

import pytest

from changeover.oauth import guard as guards
from changeover.oauth.guard import COUNTED, WINDOW, Asking, Guard, LimitReached
from changeover.oauth.limits import DEFAULT, Kind, Limits
from changeover.oauth.refusals import (
    AUTHENTICATION_FAILED,
    CLIENT_UNPROVEN,
    CODE_INVALID,
    REFRESH_TOKEN_EXPIRED,
    USERNAME_PASSWORD_NEVER,
)
from tests.org.world import World

HERE, ELSEWHERE = ip_address("203.0.113.7"), ip_address("198.51.100.9")
CLIENT = Asking("3MVG9.Billing_key", None, HERE)


@pytest.fixture
def tried(world: World) -> Guard:
    return made(world)


def made(world: World, limits: Limits = DEFAULT) -> Guard:
    """Return a guard as a process of its own would have it."""
    names = ("login-failures", "login-waiting", "logins")
    failures, waiting, logins = (world.house.key_values(name) for name in names)
    return Guard(failures, waiting, logins, world.clock, limits)


def shut(guard: Guard, asking: Asking = CLIENT) -> tuple[Kind, ...]:
    """Fail until somebody is let wait."""
    for number in range(1, 101):
        found = guard.failed(asking, CLIENT_UNPROVEN if asking.client_id else AUTHENTICATION_FAILED)
        if found:
            assert number == DEFAULT.failures[found[0]]
            return found
    pytest.fail("nobody was stopped")


def waits(guard: Guard, asking: Asking) -> str:
    """Return which limit lets somebody wait, an empty text where none does."""
    try:
        guard.admit(asking)
    except LimitReached as reached:
        return reached.limit.value
    return ""


def test_the_error_says_when_to_come_again(world: World, tried: Guard) -> None:
    shut(tried)
    world.clock.pass_by(timedelta(minutes=5))
    with pytest.raises(LimitReached) as caught:
        tried.admit(CLIENT)
    assert caught.value.code == "E-TOO-MANY-REQUESTS"
    assert caught.value.seconds == 600


def test_a_client_that_fails_too_often_waits_and_comes_back(world: World, tried: Guard) -> None:
    assert shut(tried) == (Kind.CLIENT,)
    assert waits(tried, CLIENT) == "client"
    world.clock.pass_by(WINDOW - timedelta(seconds=1))
    assert waits(tried, CLIENT) == "client"
    world.clock.pass_by(timedelta(seconds=2))
    assert waits(tried, CLIENT) == ""
    assert shut(tried) == (Kind.CLIENT,)


def test_without_a_limit_nobody_goes_on_waiting(world: World, tried: Guard) -> None:
    shut(tried)
    lifted = made(world, Limits(failures={**DEFAULT.failures, Kind.CLIENT: 0}, logins=DEFAULT.logins))
    assert waits(lifted, CLIENT) == ""
    assert waits(made(world), CLIENT) == "client"


def test_a_stranger_elsewhere_locks_nobody_out(tried: Guard) -> None:
    shut(tried)
    assert waits(tried, CLIENT._replace(address=ELSEWHERE)) == ""
    assert waits(tried, Asking("3MVG9.Other_key", None, HERE)) == ""


def test_a_user_is_stopped_before_the_lock_of_the_user(tried: Guard) -> None:
    from changeover.org.sign_in import ATTEMPTS  # noqa: PLC0415 - only here

    assert DEFAULT.failures[Kind.USER] < ATTEMPTS
    assert shut(tried, Asking(None, "int@example.com", HERE)) == (Kind.USER,)
    assert waits(tried, Asking(None, " INT@example.com", HERE)) == "user"
    assert waits(tried, Asking(None, "other@example.com", HERE)) == ""


def test_an_address_that_tries_many_is_stopped_whomever_it_tries(tried: Guard) -> None:
    keys = [f"key {number}" for number in range(DEFAULT.failures[Kind.ADDRESS])]
    stopped = [tried.failed(Asking(key, None, HERE), CLIENT_UNPROVEN) for key in keys]
    assert stopped[-2:] == [(), (Kind.ADDRESS,)]
    assert waits(tried, Asking("another", None, HERE)) == "address"
    assert waits(tried, Asking("another", None, ELSEWHERE)) == ""


def test_one_broken_client_does_not_stop_its_neighbours(tried: Guard) -> None:
    for _ in range(DEFAULT.failures[Kind.ADDRESS] * 2):
        if not waits(tried, CLIENT):
            tried.failed(CLIENT, CLIENT_UNPROVEN)
    assert waits(tried, Asking("3MVG9.Other_key", None, HERE)) == ""


@pytest.mark.parametrize("refusal", [CODE_INVALID, REFRESH_TOKEN_EXPIRED, USERNAME_PASSWORD_NEVER])
def test_what_cannot_be_guessed_or_was_no_guess_is_not_counted(tried: Guard, refusal: object) -> None:
    assert refusal not in COUNTED
    for _ in range(200):
        assert tried.failed(CLIENT._replace(username="int@example.com"), refusal) == ()  # type: ignore[arg-type]
    assert waits(tried, CLIENT) == ""


def test_addresses_of_one_customer_are_one(tried: Guard) -> None:
    shut(tried, CLIENT._replace(address=ip_address("2001:db8:1:2::1")))
    assert waits(tried, CLIENT._replace(address=ip_address("2001:db8:1:2:ffff::9"))) == "client"
    assert waits(tried, CLIENT._replace(address=ip_address("2001:db8:1:3::1"))) == ""
    shut(tried, CLIENT)
    assert waits(tried, CLIENT._replace(address=ip_address("::ffff:203.0.113.7"))) == "client"


def test_what_one_process_stops_all_stop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = made(world), made(world)
    for _ in range(DEFAULT.failures[Kind.CLIENT] // 2):
        assert waits(one, CLIENT) == waits(other, CLIENT) == ""
        one.failed(CLIENT, CLIENT_UNPROVEN)
        other.failed(CLIENT, CLIENT_UNPROVEN)
    assert waits(other, CLIENT) == "client"
    monkeypatch.setattr(guards, "_READ_EVERY", 0.0)
    assert waits(one, CLIENT) == "client"


def test_nothing_that_was_sent_is_kept(world: World, tried: Guard) -> None:
    asking = Asking("A-SECRET-SENT-AS-KEY", "A-PASSWORD-SENT-AS-USERNAME", HERE)
    shut(tried, asking)
    with world.house.database.read() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM key_value").fetchall())
    assert rows.count("login-") >= 2
    assert "A-SECRET" not in rows
    assert "A-PASSWORD" not in rows


class Writes:
    """Counters that note how often they are asked."""

    def __init__(self) -> None:
        self.writes = 0
        self.reads = 0
        self.held: dict[str, int] = {}

    def count(self, key: str, lifetime: timedelta, by: int = 1) -> int:
        assert lifetime
        self.writes += 1
        self.held[key] = self.held.get(key, 0) + by
        return self.held[key]

    def write(self, key: str, value: bytes, lifetime: timedelta) -> bool:
        assert key
        assert not value
        assert lifetime
        self.writes += 1
        return True

    def ends(self) -> Mapping[str, datetime]:
        self.reads += 1
        return {}


def test_a_good_login_writes_nothing_and_reads_once_a_second(world: World) -> None:
    asked = Writes()
    guard = Guard(asked, asked, asked, world.clock)
    for _ in range(1000):
        guard.admit(CLIENT)
    assert asked.writes == 0
    assert asked.reads <= 3


def test_logins_an_hour_are_limited_over_all_processes(world: World) -> None:
    limits = Limits(failures=DEFAULT.failures, logins={**DEFAULT.logins, Kind.USER: 3600})
    told = Writes()
    asking = Asking(None, "int@example.com", HERE)
    processes = [Guard(told, told, told, world.clock, limits) for _ in range(3)]
    let_in = 0
    for number in range(4000 * 3):
        let_in += not waits(processes[number % 3], asking)
    # Each process tells the others after a tenth of the limit.
    assert 3600 <= let_in <= 3600 + 2 * 360
    assert told.writes < 40
    world.clock.pass_by(timedelta(hours=1))
    assert waits(processes[0], asking) == ""


def test_one_process_holds_a_limit_on_logins_to_the_letter(world: World) -> None:
    limits = Limits(failures=DEFAULT.failures, logins={**DEFAULT.logins, Kind.CLIENT: 25})
    guard = made(world, limits)
    assert [waits(guard, CLIENT) for _ in range(27)] == [""] * 25 + ["client"] * 2


def test_many_keys_are_not_remembered_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "_MOST_REMEMBERED", 50)
    limits = Limits(failures=DEFAULT.failures, logins={**DEFAULT.logins, Kind.CLIENT: 5})
    told = Writes()
    guard = Guard(told, told, told, world.clock, limits)
    for number in range(500):
        guard.admit(Asking(f"key {number}", None, HERE))
    assert len(guard._here) <= 50
