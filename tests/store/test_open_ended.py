"""Histories of a million rows: no page waits for a count, and paging still reaches every row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from changeover.org.audit import list_audit
from changeover.org.lists import AuditQuery, LoginQuery
from changeover.org.logins import import_login_history, list_logins
from changeover.org.model.events import LoginRow
from changeover.org.permission_sets import save_permission_set
from changeover.store import audit as audit_store
from changeover.store import logins
from tests.org.world import START, World

ROW = LoginRow(
    at=START,
    username="int@example.com",
    application="Billing",
    login_type="Remote Access 2.0",
    sub_type="OauthWebServer",
    status="Success",
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, world: World) -> World:
    """An org of 25 logins, in a product that counts to ten."""
    monkeypatch.setattr(logins, "COUNTED", 10)
    rows = [replace(ROW, at=START - timedelta(minutes=number)) for number in range(25)]
    world.do(import_login_history, [*rows[:20], *(replace(row, status="Failed: x") for row in rows[20:])])
    return world


def test_beyond_the_bound_a_page_tells_only_whether_there_is_a_next_one(few: World) -> None:
    first = few.see(list_logins, LoginQuery(page_size=5))
    assert (len(first.rows), first.open_ended, first.total, first.pages) == (5, True, 6, 2)
    last = few.see(list_logins, LoginQuery(page=5, page_size=5))
    assert (len(last.rows), last.open_ended, last.total, last.pages) == (5, False, 25, 5)
    beyond = few.see(list_logins, LoginQuery(page=7, page_size=5))
    assert (beyond.rows, beyond.open_ended, beyond.total) == ((), False, 25)


@pytest.mark.parametrize("size", [1, 4, 5, 25, 100])
def test_whoever_follows_the_pages_gets_every_row_once(few: World, size: int) -> None:
    seen, page = [], 1
    while True:
        found = few.see(list_logins, LoginQuery(page=page, page_size=size))
        seen += [row.at for row in found.rows]
        if page >= found.pages:
            break
        page += 1
    assert seen == sorted((START - timedelta(minutes=number) for number in range(25)), reverse=True)


def test_what_is_within_the_bound_is_counted(few: World) -> None:
    for query in (LoginQuery(refused=True), LoginQuery(refused=True, search="int@")):
        found = few.see(list_logins, query)
        assert (found.total, found.open_ended) == (5, False)
    assert few.see(list_logins, LoginQuery(refused=False, page_size=5)).open_ended
    assert few.see(list_logins, LoginQuery(login_type="Application")).total == 0


def test_the_audit_trail_is_counted_within_the_bound_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_store, "COUNTED", 10)
    for number in range(12):
        world.do(save_permission_set, f"Set_{number}", f"Set {number}", [])
    event = world.see(list_audit, AuditQuery(page_size=1)).rows[0].event
    first = world.see(list_audit, AuditQuery(event=event, page_size=5))
    assert (len(first.rows), first.open_ended, first.total) == (5, True, 6)
    seen, page = [], 1
    while True:
        found = world.see(list_audit, AuditQuery(event=event, page=page, page_size=5))
        seen += [row.subject for row in found.rows]
        if page >= found.pages:
            break
        page += 1
    assert seen == [f"Set_{number}" for number in reversed(range(12))]
    few = world.see(list_audit, AuditQuery(subject="Set_3"))
    assert (few.total, few.open_ended) == (1, False)
    with world.read() as unit:
        assert unit.audit.count(world.org_id, event) == 12, "metrics count them all"
