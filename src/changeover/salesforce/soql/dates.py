"""Date literals: from a name to the time that it means. Source: SOQL and SOSL Reference, Date Literals.

Our decision: days begin at midnight UTC, and weeks on Sunday, as for a user with time zone GMT and locale
en_US.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MONTHS = 12
_NINETY = timedelta(days=90)


class Days(NamedTuple):
    """A stretch of days."""

    first: date
    after: date
    """The day after the last one."""

    @property
    def start(self) -> datetime:
        """When it begins."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """When it is over."""
        return datetime.combine(self.after, time(), UTC)


def day(of: date) -> Days:
    """Return one day."""
    return Days(of, of + _DAY)


def _week(today: date, weeks: int) -> Days:
    first = today - timedelta(days=(today.weekday() + 1) % 7) + weeks * _WEEK
    return Days(first, first + _WEEK)


def _first(of: date, months: int) -> date:
    count = of.year * _MONTHS + of.month - 1 + months
    return date(count // _MONTHS, count % _MONTHS + 1, 1)


def _month(today: date, months: int) -> Days:
    return Days(_first(today, months), _first(today, months + 1))


def _year(today: date, years: int) -> Days:
    return Days(date(today.year + years, 1, 1), date(today.year + years + 1, 1, 1))


LITERALS: dict[str, Callable[[date], Days]] = {
    "YESTERDAY": lambda today: day(today - _DAY),
    "TODAY": day,
    "TOMORROW": lambda today: day(today + _DAY),
    "LAST_WEEK": lambda today: _week(today, -1),
    "THIS_WEEK": lambda today: _week(today, 0),
    "NEXT_WEEK": lambda today: _week(today, 1),
    "LAST_MONTH": lambda today: _month(today, -1),
    "THIS_MONTH": lambda today: _month(today, 0),
    "NEXT_MONTH": lambda today: _month(today, 1),
    "LAST_90_DAYS": lambda today: Days(today - _NINETY, today + _DAY),
    "NEXT_90_DAYS": lambda today: Days(today + _DAY, today + _NINETY + _DAY),
    "LAST_YEAR": lambda today: _year(today, -1),
    "THIS_YEAR": lambda today: _year(today, 0),
    "NEXT_YEAR": lambda today: _year(today, 1),
}
COUNTED: dict[str, Callable[[date, timedelta], Days]] = {
    "LAST_N_DAYS": lambda today, many: Days(today - many, today + _DAY),
    "NEXT_N_DAYS": lambda today, many: Days(today + _DAY, today + many + _DAY),
    "N_DAYS_AGO": lambda today, many: day(today - many),
}
MOST_DAYS = 100_000


def days_of(name: str, count: int | None, today: date) -> Days | None:
    """Return what a literal means on a day; None where there is none of that name."""
    if count is None:
        known = LITERALS.get(name)
        return known(today) if known is not None else None
    counted = COUNTED.get(name)
    if counted is None or not 0 <= count <= MOST_DAYS:
        return None
    return counted(today, timedelta(days=count))
