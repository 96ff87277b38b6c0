"""Login History of a million rows: no page waits for a count, and paging still reaches every row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from changeover.org.lists import LoginQuery
from changeover.org.logins import import_login_history, list_logins
from changeover.org.model import LoginRow
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
