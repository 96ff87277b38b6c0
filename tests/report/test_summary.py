"""How ready an app counts, and the figures above the apps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from changeover.migration.account import Account, Entry, Kind
from changeover.migration.dates import DEADLINES
from changeover.migration.eligibility import assess
from changeover.migration.mapping import account_of
from changeover.migration.plan import Owner
from changeover.migration.readiness import DATED, EVERY_APP, ONLY_SETUP_SHOWS, STOPS, Readiness, readiness
from changeover.migration.rules import BY_ID, RULES
from changeover.migration.situation import Situation
from changeover.report.app import ReportedApp, reported
from changeover.report.summary import MOST_NAMED, NOBODY, Summary
from tests.migration.make import KEY, SAML, TODAY, app, files, logins, org, use

SEEN = logins(use("OauthUsernamePassword", 3, "int@example.com"))
AGENT = logins(use("OauthUserAgent", 2))
CANVAS = {"canvasConfig/accessMethod": "Get"}


def shaped(
    situation: Situation,
    *,
    name: str = "Billing",
    more: dict[str, str] | None = None,
    owner: Owner | None = None,
) -> ReportedApp:
    one = app(more=more, name=name)
    found = assess(one, situation)
    return reported(
        f"{name}.connectedApp", one, found, found.findings, account_of(one, ()), None, None, owner
    )


READY = shaped(files(logins=logins()))
CONFIRM = shaped(files(logins=SEEN))
BLOCKED = shaped(files(logins=logins()), more=CANVAS)
HIDDEN = shaped(files())
STOPPING = shaped(files(logins=AGENT))


@pytest.mark.parametrize(
    ("situation", "more", "expected"),
    [
        (files(logins=logins()), {}, Readiness.READY),
        (org(), {}, Readiness.READY),
        (files(), {}, Readiness.NOT_VISIBLE),
        (files(logins=SEEN), {}, Readiness.CONFIRM),
        (files(logins=SEEN), CANVAS, Readiness.BLOCKED),
        (org(migrated=True), {}, Readiness.MIGRATED),
    ],
)
def test_readiness(situation: Situation, more: dict[str, str], expected: Readiness) -> None:
    assert readiness(assess(app(more=more), situation)) is expected


def test_an_app_without_oauth_needs_no_login_history() -> None:
    assert readiness(assess(app(SAML), files())) is Readiness.READY


def test_every_rule_that_readiness_names_is_there() -> None:
    assert ONLY_SETUP_SHOWS | EVERY_APP | set(DATED) <= set(BY_ID)
    assert set(STOPS) <= set(DATED)
    assert {deadline.id for deadline in DATED.values()} <= {deadline.id for deadline in DEADLINES}


def figures(*apps: ReportedApp, today: date = TODAY, unreadable: int = 0) -> Summary:
    summary = Summary(today)
    for one in apps:
        summary.add(one)
    summary.unreadable = unreadable
    return summary


@pytest.mark.parametrize(
    ("summary", "says"),
    [
        (figures(), "No connected app was read"),
        (figures(READY), "1 ready"),
        (figures(READY, READY, HIDDEN), "2 ready, 1 not fully visible"),
        (figures(READY, unreadable=2), "1 ready, 2 not fully visible"),
        (figures(unreadable=1), "1 not fully visible"),
        (
            figures(READY, CONFIRM, BLOCKED, HIDDEN, STOPPING),
            "2 ready, 1 to confirm, 1 blocked, 1 not fully visible; 2 stop on 20 February 2027",
        ),
        (figures(STOPPING), "1 ready; 1 stops on 20 February 2027"),
        (
            figures(STOPPING, CONFIRM, today=date(2027, 2, 20)),
            "1 ready, 1 to confirm; 2 have clients cut off since 20 February 2027",
        ),
    ],
)
def test_the_top_line(summary: Summary, says: str) -> None:
    assert summary.top_line == says


def test_an_app_that_stops_for_two_reasons_on_a_day_counts_once() -> None:
    both = logins(use("OauthUsernamePassword"), use("OauthUserAgent"))
    summary = figures(shaped(files(logins=both)))
    assert summary.stops == {date(2027, 2, 20): 1}
    assert {each.deadline.id: each.apps for each in summary.dates}["user-agent-ends"] == 1


def test_a_migrated_app_counts_for_nothing_else() -> None:
    summary = figures(shaped(org(migrated=True, logins=AGENT)))
    assert (summary.top_line, summary.needs, summary.contacts) == ("1 migrated", {}, {})


def test_who_must_do_what() -> None:
    elsewhere = shaped(files(logins=logins()), more={**CANVAS, "contactEmail": "ann@example.com"})
    nobody = shaped(files(logins=logins()), more={"contactEmail": " "})
    summary = figures(CONFIRM, CONFIRM, HIDDEN, elsewhere, nobody)
    assert [(contact, share.tasks) for contact, share in summary.who] == [
        (
            "admin@example.com",
            [
                ("Confirm", "Billing (2)"),
                ("Move clients before they stop", "Billing (2)"),
                ("Say how its clients log in", "Billing"),
            ],
        ),
        ("ann@example.com", [("Change what blocks", "Billing")]),
    ]
    assert summary.only_told == 1
    assert NOBODY in summary.contacts


def test_the_list_of_owners_says_who_must_do_it() -> None:
    row = Owner(app="Billing", owner="Team Money", contact="money@example.com")
    found = shaped(files(logins=logins()), more=CANVAS, owner=row)
    assert (found.owner, found.contact) == ("Team Money", "money@example.com")
    assert [contact for contact, _ in figures(found).who] == ["Team Money, money@example.com"]
    unasked = shaped(
        files(logins=logins()), more=CANVAS, owner=Owner(app="Billing", owner="admin@example.com")
    )
    assert unasked.whom == "admin@example.com"


def test_a_contact_of_thousands_is_told_the_first_few() -> None:
    many = [
        shaped(files(logins=logins()), more={**CANVAS, "label": f"App {nth}"})
        for nth in range(MOST_NAMED + 3)
    ]
    ((_, share),) = figures(*many).who
    ((_, names),) = share.tasks
    assert names.endswith("App 11 and 3 more")


def test_what_to_do_is_counted_by_app_and_gravest_first() -> None:
    rows = figures(BLOCKED, BLOCKED, CONFIRM).to_do(*_severities())
    assert [(need.title, apps) for need, apps in rows[:2]] == [
        (BY_ID["canvas"].title, 2),
        (BY_ID["username-password-seen"].title, 1),
    ]


def _severities() -> tuple[Any, ...]:
    return tuple({rule.severity for rule in RULES})


def test_what_is_lost_keeps_no_secret_and_no_novel() -> None:
    one = app(more={"mobileStartUrl": "https://m.example.com/" + "x" * 900})
    account = account_of(one, ())
    (lost,) = reported("x", one, assess(one, files()), (), account, None).lost
    assert lost.source == "mobileStartUrl"
    assert len(lost.value) == 300
    secret = Entry(source="oauthConfig/consumerSecret", kind=Kind.LOST, value=KEY, targets=())
    hidden = Account(entries=(secret,), added=())
    (masked,) = reported("x", one, assess(one, files()), (), hidden, datetime.max).lost  # noqa: DTZ901
    assert KEY not in masked.value
