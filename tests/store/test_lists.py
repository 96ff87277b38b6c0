"""Lists of very many apps: the right rows on every page, and none read but those that are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from changeover.migration.finding import Verdict
from changeover.migration.lifecycle import State
from changeover.org.app_manager import list_apps, overview
from changeover.org.external_client_apps import list_external_client_apps
from changeover.org.lists import AppQuery, AppRow, ExternalClientAppQuery
from changeover.store import rows
from tests.databases import POSTGRESQL, SQLITE
from tests.org.world import World, app, open_world, prepare
from tests.postgresql import Server
from tests.store.test_plans import asked

SORTS = ("label", "api_name", "verdict", "state", "modified_at")
PAGE = 4
KEYS: dict[str, Callable[[AppRow], Any]] = {
    "label": lambda row: row.label.casefold(),
    "api_name": lambda row: row.api_name.casefold(),
    "verdict": lambda row: row.verdict.value,
    "state": lambda row: row.state.value,
    "modified_at": lambda row: row.modified_at,
}


@pytest.fixture(scope="module", params=[SQLITE, POSTGRESQL])
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An org of apps of which some are blocked, some migrated, some of one label, in no order."""
    folder: Path = tmp_path_factory.mktemp("crowd")
    url = None
    if request.param == POSTGRESQL:
        server: Server = request.getfixturevalue("postgresql")
        url = server.url(server.new())
    world = open_world(folder, prepare(folder, url), url)
    for number in (7, 3, 11, 1, 9, 5, 13, 0, 8, 2, 12, 6, 10, 4, 14):
        shared = {"label": "Payroll"} if number % 5 == 0 else {"label": f"aPP {number % 7} ÄÖ"}
        handler = {"plugin": "Handler"} if number % 3 == 0 else {}
        world.bring(app(f"App_{number}", **shared, **handler))
        if number % 4 == 1:
            world.migrated(f"App_{number}") if number % 3 else None
    yield world
    world.house.close()


@pytest.fixture(params=[1, 500], ids=["many", "few"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many rows are taken for few: both ways of finding a page must find the same."""
    monkeypatch.setattr(rows, "FEW", request.param)
    number: int = request.param
    return number


def _all(world: World) -> list[AppRow]:
    found: list[AppRow] = list(world.see(list_apps, AppQuery(page_size=500)))
    return found


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(("sort", "descending"), list(product(SORTS, (False, True))))
@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({}, lambda _row: True),
        ({"search": "ayrol"}, lambda row: row.label == "Payroll"),
        ({"search": "äö"}, lambda row: row.label != "Payroll"),
        ({"search": "%"}, lambda _row: False),
        ({"verdict": Verdict.BLOCKED}, lambda row: row.verdict is Verdict.BLOCKED),
        ({"state": State.MIGRATED}, lambda row: row.state is State.MIGRATED),
        (
            {"search": "app_1", "verdict": Verdict.MIGRATED},
            lambda row: row.verdict is Verdict.MIGRATED and "App_1" in row.api_name,
        ),
    ],
    ids=["all", "search", "search-other-letters", "search-nothing", "verdict", "state", "search-and-verdict"],
)
def test_every_page_holds_what_it_should(
    crowd: World, sort: str, condition: Any, holds: Callable[[AppRow], bool], *, descending: bool
) -> None:
    wanted = sorted((row for row in _all(crowd) if holds(row)), key=KEYS["api_name"])
    wanted.sort(key=KEYS[sort], reverse=descending)
    for page in range(1, len(wanted) // PAGE + 3):
        query = AppQuery(**condition, sort=sort, descending=descending, page=page, page_size=PAGE)
        found = crowd.see(list_apps, query)
        assert found.total == len(wanted)
        assert list(found) == wanted[(page - 1) * PAGE : page * PAGE], page


def test_the_org_has_what_the_pages_are_asked_for(crowd: World) -> None:
    found = _all(crowd)
    assert len(found) == 15
    counts = crowd.see(overview).verdicts
    assert counts == {verdict: sum(row.verdict is verdict for row in found) for verdict in Verdict}
    assert min(counts[Verdict.BLOCKED], counts[Verdict.MIGRATED], counts[Verdict.ELIGIBLE]) > 1


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("crowd", [SQLITE], indirect=True)  # its EXPLAIN QUERY PLAN
def test_no_row_is_read_but_those_that_are_shown(crowd: World) -> None:
    with asked(crowd) as questions:
        crowd.see(overview)
        for sort, descending, page in product(SORTS, (False, True), (1, 2, 4)):
            for condition in ({}, {"search": "a"}, {"verdict": Verdict.ELIGIBLE}, {"search": "none at all"}):
                crowd.see(
                    list_apps,
                    AppQuery(sort=sort, descending=descending, page=page, page_size=PAGE, **condition),
                )
        for own_sort, page, search in product(("label", "api_name", "made_at"), (1, 2), ("", "app")):
            crowd.see(
                list_external_client_apps,
                ExternalClientAppQuery(sort=own_sort, page=page, page_size=2, search=search),
            )
    read = set()
    with crowd.house.database.read() as connection:
        for statement, values in questions:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            for line in (row[3] for row in plan):
                if line.split()[1] in {"connected_app", "external_client_app"}:
                    # Out of an index, or one row by its name (or its id, for the app of an external one).
                    there = "COVERING INDEX" in line or "api_name_folded=?)" in line or "(id=?)" in line
                    read.add((line, statement) if not there else ("", ""))
    assert read == {("", "")}
