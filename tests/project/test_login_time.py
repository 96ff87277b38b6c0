"""Login times of every locale that Setup writes, as moments in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changeover.project.login_time import LoginTimes


def read(*texts: str) -> list[str | None]:
    times = LoginTimes()
    for text in texts:
        times.look(text)
    found = [times.read(text) for text in texts]
    return [moment.strftime("%Y-%m-%d %H:%M:%S") if moment else None for moment in found]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        # SOQL over REST, Bulk API as CSV, Bulk API as JSON.
        ("2026-11-23T13:05:09.000+0000", "2026-11-23 13:05:09"),
        ("2026-11-23T13:05:09.000Z", "2026-11-23 13:05:09"),
        ("1795439109000", "2026-11-23 13:05:09"),
        # Setup's download, by locale of the user.
        ("11/23/2026, 1:05:09 PM PST", "2026-11-23 21:05:09"),
        ("11/23/2026 1:05:09 PM PST", "2026-11-23 21:05:09"),
        ("11/23/2026, 1:05:09\u202fPM", "2026-11-23 13:05:09"),
        ("11/23/2026 12:00 AM EDT", "2026-11-23 04:00:00"),
        ("23/11/2026 13:05:09 GMT", "2026-11-23 13:05:09"),
        ("23/11/2026, 13:05 BST", "2026-11-23 12:05:00"),
        ("23.11.2026 13:05:09 CET", "2026-11-23 12:05:09"),
        ("23.11.2026, 13:05", "2026-11-23 13:05:00"),
        ("23-11-2026 13:05 CEST", "2026-11-23 11:05:00"),
        ("2026/11/23 13:05:09 JST", "2026-11-23 04:05:09"),
        ("2026-11-23 13:05:09", "2026-11-23 13:05:09"),
        ("23/11/2026 1:05 p.m. GMT+01:00", "2026-11-23 12:05:00"),
        ("2026-11-23 13:05 UTC-0330", "2026-11-23 16:35:00"),
        ("2026-11-23 13:05 +5", "2026-11-23 08:05:00"),
        ("2026-11-23", "2026-11-23 00:00:00"),
    ],
)
def test_a_time_is_read(text: str, moment: str) -> None:
    assert read(text) == [moment]


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "23 Nov 2026", "31/31/2026 1:00", "2026-02-30", "11/23/26", "9" * 40, "0000-01-01"],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert read(text) == [None]


def test_day_or_month_first_is_told_by_any_row_of_the_file() -> None:
    assert read("03/04/2026 10:00", "25/04/2026 10:00")[0] == "2026-04-03 10:00:00"
    assert read("03/04/2026 10:00", "04/25/2026 10:00")[0] == "2026-03-04 10:00:00"


def test_where_no_row_tells_the_habit_of_the_locale_is_assumed_and_said() -> None:
    for text, expected, order in [
        ("03/04/2026 10:00 AM", "2026-03-04 10:00:00", "month/day/year"),
        ("03/04/2026 10:00", "2026-04-03 10:00:00", "day/month/year"),
    ]:
        times = LoginTimes()
        times.look(text)
        assert times.read(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
        assert order in times.notes()[0]


def test_points_always_have_the_day_first_and_need_no_note() -> None:
    times = LoginTimes()
    times.look("03.04.2026 10:00 UTC")
    assert times.read("03.04.2026 10:00 UTC") == datetime(2026, 4, 3, 10, tzinfo=UTC)
    assert times.notes() == ()


def test_a_missing_or_unknown_zone_is_said() -> None:
    times = LoginTimes()
    times.read("2026-11-23 13:05")
    times.read("2026-11-23 13:05 XYZ")
    assert times.notes() == (
        "the times name no time zone; read as UTC",
        "time zone XYZ is not known; read as UTC",
    )


@given(st.text(alphabet="0123456789/-.:, APMTZ+GC", max_size=30))
def test_any_text_is_read_or_none(text: str) -> None:
    times = LoginTimes()
    times.look(text)
    moment = times.read(text)
    assert moment is None or moment.tzinfo is UTC
