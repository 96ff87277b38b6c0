"""Logins before and after: silent, failing, too early to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from changeover.migration.comparison.logins import FlowSeen, LoginLine, LoginStatus, judge

SINCE = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def judged(
    rows: list[tuple[float, str]], *, watched: float, refused: tuple[float, ...] = ()
) -> LoginLine | None:
    """Judge one flow: rows are days from the moment, with the user."""
    seen = FlowSeen()
    for day, user in rows:
        seen.take(SINCE + day * DAY, user, since=SINCE, refused=False)
    for day in refused:
        seen.take(SINCE + day * DAY, "int@a.example", since=SINCE, refused=True)
    return next(judge({"OauthRefreshToken": seen}, since=SINCE, until=SINCE + watched * DAY), None)


def daily(first: int, last: int, user: str = "int@a.example") -> list[tuple[float, str]]:
    return [(float(day), user) for day in range(first, last)]


def status(rows: list[tuple[float, str]], *, watched: float, refused: tuple[float, ...] = ()) -> str:
    line = judged(rows, watched=watched, refused=refused)
    assert line is not None
    return line.status.value


def test_a_daily_login_that_stops_fell_silent() -> None:
    assert status(daily(-30, 0), watched=5) == "fell silent"


def test_a_login_that_goes_on_goes_on() -> None:
    assert status(daily(-30, 4), watched=5) == "goes on"


def test_a_quarterly_login_is_not_silent_after_a_week() -> None:
    rows = [(-170.0, "a"), (-80.0, "a")]
    line = judged(rows, watched=7)
    assert line is not None
    assert line.status is LoginStatus.TOO_EARLY
    assert line.note == "Watched for 7 days since; before, it once paused for 90 days."
    assert status(rows, watched=91) == "fell silent"


def test_one_login_before_says_a_day_only() -> None:
    assert status([(-10.0, "a")], watched=0.5) == "too early to say"
    line = judged([(-10.0, "a")], watched=3)
    assert line is not None
    assert (line.status, line.note) == (LoginStatus.SILENT, "It had been silent for 10 days already.")


def test_refused_since_and_never_in_again_fails() -> None:
    line = judged(daily(-3, 0), watched=5, refused=(1.0, 2.0))
    assert line is not None
    assert line.status is LoginStatus.FAILING
    assert line.refused_since == 2
    assert line.note == "Refused 2 times since, last on 2026-11-03."


def test_refused_and_then_let_in_goes_on() -> None:
    line = judged([*daily(-3, 0), (3.0, "int@a.example")], watched=5, refused=(1.0,))
    assert line is not None
    assert (line.status, line.note) == (LoginStatus.GOES_ON, "Refused once since, and let in after that.")


def test_let_in_and_then_refused_fails() -> None:
    assert status([*daily(-3, 0), (1.0, "int@a.example")], watched=5, refused=(2.0,)) == "fails"


def test_refusals_before_say_nothing() -> None:
    assert judged([], watched=5, refused=(-2.0,)) is None


def test_a_flow_that_is_new_is_told() -> None:
    assert status([(1.0, "a")], watched=5) == "new"


def test_the_moment_itself_is_since() -> None:
    assert status([(-1.0, "a"), (0.0, "a")], watched=1) == "goes on"


def test_users_who_are_not_seen_again_are_named_the_last_first() -> None:
    rows = [*daily(-5, 3, "a@x.example"), *daily(-9, -4, "b@x.example"), *daily(-9, -2, "c@x.example")]
    line = judged(rows, watched=5)
    assert line is not None
    assert line.quiet_users == ("c@x.example", "b@x.example")


def test_user_ids_on_one_side_and_usernames_on_the_other_name_nobody() -> None:
    line = judged([*daily(-5, 0, "005000000000001"), (1.0, "a@x.example")], watched=5)
    assert line is not None
    assert line.quiet_users == ()
