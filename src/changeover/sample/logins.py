"""Who logged in to the sample org, told from today backwards so that the sample never grows old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from changeover.org.model.events import LoginRow


class Habit(NamedTuple):
    """An integration that logs in again and again."""

    application: str
    """The app's label."""
    username: str
    sub_type: str
    times: int
    last: int
    """Days ago."""
    every: int
    """Hours between two logins."""
    status: str = "Success"


HABITS = (
    Habit("Billing", "billing.integration@acme.example", "OauthUsernamePassword", 14, 20, 26),
    Habit("Warehouse Sync", "warehouse.integration@acme.example", "OauthClientCredentials", 60, 0, 24),
    Habit("Customer Portal", "kim@acme.example", "OauthWebServer", 12, 1, 50),
    Habit("Customer Portal", "kim@acme.example", "OauthRefreshToken", 40, 0, 12),
    Habit("Survey Tool", "lee@acme.example", "OauthRefreshToken", 9, 3, 70),
    Habit("Showroom Kiosk", "kiosk@acme.example", "OAuthDevice", 6, 2, 200),
    Habit("Showroom Kiosk", "kiosk@acme.example", "OauthUserAgent", 3, 35, 300),
    Habit("Data Sync", "data.integration@acme.example", "OauthWebServer", 5, 4, 168),
    Habit(
        "Courier Alerts",
        "courier@acme.example",
        "OauthUsernamePassword",
        2,
        60,
        1,
        "Failed: Username-Password Flow Disabled",
    ),
)


def rows(now: datetime) -> Iterator[LoginRow]:
    """Yield the rows of Login History as of a time."""
    for habit in HABITS:
        for number in range(habit.times):
            yield LoginRow(
                at=now.replace(microsecond=0) - timedelta(days=habit.last, hours=habit.every * number + 1),
                username=habit.username,
                application=habit.application,
                login_type="Remote Access 2.0",
                sub_type=habit.sub_type,
                status=habit.status,
                source_ip="203.0.113.17",
                login_url="acme-sample.my.salesforce.com",
            )
