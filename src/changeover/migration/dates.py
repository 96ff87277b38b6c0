"""The dates that Salesforce has set, with where they stand and when we read them.

The only file to touch when Salesforce moves a date. Rules ask `Deadline.when`; nothing else holds a date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def written(day: date) -> str:
    """Write a date for people: `20 February 2027`, whatever the process's locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def written_near(day: date, today: date) -> str:
    """Write a date for people, without the year where it is this year's: `3 November`."""
    return f"{day.day} {MONTHS[day.month - 1]}" if day.year == today.year else written(day)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """Something that Salesforce changes on a day."""

    id: str
    what: str
    """What changes, as a sentence without a full stop."""
    day: date
    """The first day on which it holds; where `season` is set, our earliest guess at it."""
    season: str | None = None
    """The release, where Salesforce has named no day: `Summer '27`."""
    source: str
    known_on: date
    """As known on this day."""

    def in_force(self, today: date) -> bool:
        """Whether it holds on a day."""
        return today >= self.day

    def when(self, today: date) -> str:
        """Say when, in words that stay true: `on 20 February 2027`, once past `in force since ...`."""
        shown = self.season or written(self.day)
        if self.in_force(today):
            return f"in force since {shown}"
        return f"with {shown}, no day named yet" if self.season else f"on {shown}"

    def tail(self, today: date) -> str:
        """Say when, to follow on a statement in the present: ` on ...`, once past `, in force since ...`."""
        return f"{',' if self.in_force(today) else ''} {self.when(today)}"


_READ = date(2026, 11, 23)

CREATION_BLOCKED = Deadline(
    id="creation-blocked",
    what="New connected apps are blocked by default",
    day=date(2026, 1, 10),
    season="Spring '26",
    source="Salesforce Help 005228017",
    known_on=_READ,
)
IDLE_LIMIT_SANDBOXES = Deadline(
    id="idle-limit-sandboxes",
    what="Refresh tokens idle for 30 days expire in sandboxes",
    day=date(2026, 10, 21),
    source="Winter '27 release notes, p. 950 ff.",
    known_on=_READ,
)
IDLE_LIMIT_PRODUCTION = Deadline(
    id="idle-limit-production",
    what="Refresh tokens idle for 30 days expire in production and Developer Edition orgs",
    day=date(2026, 11, 4),
    source="Winter '27 release notes, p. 950 ff.",
    known_on=_READ,
)
DEVICE_FLOW_LIMITED = Deadline(
    id="device-flow-limited",
    what="The device flow is limited to local external client apps with a localhost callback",
    day=date(2026, 11, 30),
    source="Winter '27 release notes, p. 950 ff.",
    known_on=_READ,
)
USERNAME_PASSWORD_ENDS = Deadline(
    id="username-password-ends",
    what="The username-password flow ends for connected apps",
    day=date(2027, 2, 20),
    source="Winter '27 release notes, p. 950 ff.",
    known_on=_READ,
)
USER_AGENT_ENDS = Deadline(
    id="user-agent-ends",
    what="The user-agent flow and the hybrid user-agent flow end",
    day=date(2027, 2, 20),
    source="Winter '27 release notes, p. 950 ff.",
    known_on=_READ,
)
SUPPORT_ENDS = Deadline(
    id="support-ends",
    what="Salesforce ends its support of connected apps: they go on running, without fixes or help",
    day=date(2027, 6, 1),
    season="Summer '27",
    source="Winter '27 release notes, p. 950 ff.",
    known_on=_READ,
)

DEADLINES: tuple[Deadline, ...] = (
    CREATION_BLOCKED,
    IDLE_LIMIT_SANDBOXES,
    IDLE_LIMIT_PRODUCTION,
    DEVICE_FLOW_LIMITED,
    USERNAME_PASSWORD_ENDS,
    USER_AGENT_ENDS,
    SUPPORT_ENDS,
)
