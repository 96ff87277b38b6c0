"""Logins before and after a moment: which of an app's flows go on, which fell silent, which fail.

Pure. What was seen comes in as days: a flow that logs in once a quarter is not silent because a week has
passed, and Login History is no proof of what it does not show (salesforce-reference 8.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

MOST_USERS = 5
"""Users that a line names."""


class LoginStatus(StrEnum):
    """What became of one flow of an app."""

    GOES_ON = "goes on"
    """It logged in before, and has since."""
    SILENT = "fell silent"
    """It logged in before and not since, for longer than it ever paused before."""
    FAILING = "fails"
    """It was refused since, and has not logged in after that."""
    TOO_EARLY = "too early to say"
    """It has not logged in since, but paused as long before."""
    NEW = "new"
    """It logged in since, and not before."""


NEEDS_SOMEBODY = frozenset({LoginStatus.SILENT, LoginStatus.FAILING})


@dataclass(slots=True)
class FlowSeen:
    """What was seen of one flow under one label, on both sides of the moment; filled row by row."""

    days_before: set[date] = field(default_factory=set)
    """Days before the moment on which it logged in."""
    last_before: datetime | None = None
    last_since: datetime | None = None
    """Its last login since the moment."""
    refused_since: int = 0
    last_refused: datetime | None = None
    users_before: dict[str, datetime] = field(default_factory=dict)
    """Who logged in before, each with the last time."""
    users_since: set[str] = field(default_factory=set)

    def take(self, at: datetime, user: str, *, since: datetime, refused: bool) -> None:
        """Take one row.

        Args:
            at: when.
            user: username or user id as the row tells it, `""` for nobody.
            since: the moment.
            refused: whether the login was refused; refusals before the moment say nothing here.
        """
        if at >= since:
            if refused:
                self.refused_since += 1
                self.last_refused = _later(self.last_refused, at)
            else:
                self.last_since = _later(self.last_since, at)
                self.users_since.add(user)
        elif not refused:
            self.days_before.add(at.date())
            self.last_before = _later(self.last_before, at)
            self.users_before[user] = _later(self.users_before.get(user), at)

    @property
    def longest_pause(self) -> timedelta:
        """The longest time between two days with a login before the moment; a day where there is but one."""
        days = sorted(self.days_before)
        return max((later - earlier for earlier, later in pairwise(days)), default=timedelta(days=1))


@dataclass(frozen=True, kw_only=True)
class LoginLine:
    """What became of one flow of an app."""

    flow: str
    """LoginSubType as the API spells it."""
    status: LoginStatus
    days_before: int
    last_before: datetime | None
    last_since: datetime | None
    refused_since: int
    quiet_users: tuple[str, ...]
    """Who logged in with this flow before and not since, the last ones first, at most five. Empty where the
    flow is new, or where the two files name users in two ways."""
    note: str = ""


def judge(seen: Mapping[str, FlowSeen], *, since: datetime, until: datetime) -> Iterator[LoginLine]:
    """Say what became of each flow of one app, in order of the flows' names.

    Args:
        seen: what was seen, by flow.
        since: the moment: when the app was migrated.
        until: the last login seen of any app: what was watched ends there.
    """
    for flow in sorted(seen):
        one = seen[flow]
        status, note = _status(one, since, until)
        if status is None:
            continue
        yield LoginLine(
            flow=flow,
            status=status,
            days_before=len(one.days_before),
            last_before=one.last_before,
            last_since=one.last_since,
            refused_since=one.refused_since,
            quiet_users=_quiet(one),
            note=note,
        )


def _status(seen: FlowSeen, since: datetime, until: datetime) -> tuple[LoginStatus | None, str]:
    refused = seen.last_refused
    if refused is not None and (seen.last_since is None or seen.last_since < refused):
        return LoginStatus.FAILING, f"Refused {_times(seen.refused_since)} since, last on {_day(refused)}."
    if seen.last_since is not None:
        note = f"Refused {_times(seen.refused_since)} since, and let in after that." if refused else ""
        return (LoginStatus.GOES_ON if seen.days_before else LoginStatus.NEW), note
    if seen.last_before is None:
        return None, ""
    watched, pause = until - since, seen.longest_pause
    if watched <= pause:
        return LoginStatus.TOO_EARLY, (
            f"Watched for {_days(watched)} since; before, it once paused for {_days(pause)}."
        )
    # A flow that had stopped before the moment did not stop because of it.
    idle = since - seen.last_before
    if idle > pause and idle > watched:
        return LoginStatus.SILENT, f"It had been silent for {_days(idle)} already."
    return LoginStatus.SILENT, ""


def _quiet(seen: FlowSeen) -> tuple[str, ...]:
    if not seen.users_before or not _named_alike((*seen.users_before, *seen.users_since)):
        return ()
    left = {user: last for user, last in seen.users_before.items() if user and user not in seen.users_since}
    return tuple(sorted(left, key=lambda user: (left[user], user), reverse=True)[:MOST_USERS])


def _named_alike(users: Iterable[str]) -> bool:
    """Whether all are usernames, or all are user ids: Setup's download has names, SOQL ids."""
    return len({"@" in user for user in users if user}) <= 1


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _days(time: timedelta) -> str:
    whole = max(time.days, 0)
    return f"{whole} day{'' if whole == 1 else 's'}"
