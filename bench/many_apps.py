"""What ten thousand apps in one org take: migrated as a batch, and looked at page by page."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

import psycopg
from litestar.testing import TestClient

from bench.measuring import Bench, Cost, Ratio, Section, by, cost, least
from bench.orgs import ADMIN, Filled, fill
from changeover.wiring import web_application
from tests.postgresql import Server

FEW, SOME, MANY = 100, 1_000, 10_000
TURN = 250
"""Apps of a batch between two turns of bare commits, and commits of such a turn."""
TIMES = 20
"""How often a page is asked for in each run."""
LIST = "/setup/app-manager"
PAGES = {
    "App Manager": LIST,
    "page 2": f"{LIST}?page=2",
    "last page": f"{LIST}?page={{last}}",
    **{
        f"sorted by {sort}": f"{LIST}?sort={sort}" for sort in ("api_name", "state", "verdict", "modified_at")
    },
    "sorted by label, backwards": f"{LIST}?sort=-label",
    "search of one app": f"{LIST}?q=%3C57%3E",
    "search of many": f"{LIST}?q=example",
    "verdict eligible": f"{LIST}?verdict=eligible",
    "search, filter and sort": f"{LIST}?q=example&verdict=eligible&sort=verdict",
    "Setup home": "/setup",
    "External Client App Manager": "/setup/external-client-apps",
}
JUDGED = frozenset(PAGES) - {"Setup home", "search, filter and sort"}


class Place(NamedTuple):
    """A database system."""

    name: str
    new: Callable[[str], str]
    """Returns a new database."""
    settle: Callable[[dict[int, Filled]], None] = lambda _orgs: None
    """Does what the system does by itself some time after many rows were written."""


def measure(bench: Bench) -> Section:
    """Measure on both databases, one after the other."""
    rows: list[tuple[str, ...]] = []
    ratios: list[Ratio] = []
    with _places(bench.folder) as places:
        for place in places:
            key_file = bench.folder / f"{place.name}.key"
            orgs = {count: fill(place.new(f"org{count}"), key_file, count) for count in (FEW, SOME, MANY)}
            place.settle(orgs)
            for part in (_pages, _batches):
                figures, found = part(place, orgs, bench)
                rows += figures
                ratios += found
    return Section(
        "Many apps in one org",
        f"Made-up apps (`bench/apps.py`) in an org: {FEW}, {SOME} and {MANY}. Pages are asked for over\n"
        "HTTP, signed in, in one process, and each is the least of many. A batch migrates all apps of an\n"
        "org, each in its own transaction with its audit row; in turn with it, small rows are committed one\n"
        "by one to a database that is set up as ours, on the same disk. PostgreSQL was vacuumed, as its\n"
        "autovacuum does within a minute.",
        ("database", "what", *(f"{count} apps" for count in (FEW, SOME, MANY))),
        rows,
        ratios,
    )


_Part = tuple[list[tuple[str, ...]], list[Ratio]]


def _pages(place: Place, orgs: dict[int, Filled], bench: Bench) -> _Part:
    counts = (FEW, MANY)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    rows: list[tuple[str, ...]] = []
    ratios: list[Ratio] = []
    with ExitStack() as stack:
        clients = {count: stack.enter_context(_signed_in(orgs[count])) for count in counts}
        for what, path in PAGES.items():

            def ask(count: int, path: str = path) -> Cost:
                asked = path.format(last=-(-count // 25))
                start, used = perf_counter(), process_time()
                answer = clients[count].get(asked)
                taken = Cost(perf_counter() - start, process_time() - used, 0)
                if answer.status_code != 200:
                    sys.exit(f"{asked} answered {answer.status_code}")
                return taken

            costs = least(
                {count: lambda count=count: ask(count) for count in counts},  # type: ignore[misc]
                TIMES * bench.runs,
            )
            rows.append(
                (place.name, what, f"{costs[FEW].wall * 1e3:.1f} ms", "", f"{costs[MANY].wall * 1e3:.1f} ms")
            )
            aim = 1.5 if what in JUDGED else None
            ratios.append(
                by(f"{place.name}, {what}: {MANY} apps to {FEW}", costs[MANY], costs[FEW], at_most=aim)
            )
    return rows, ratios


@contextmanager
def _signed_in(org: Filled) -> Iterator[TestClient[Any]]:
    with (
        org.opened() as house,
        TestClient(web_application(house), base_url="http://changeover.local") as client,
    ):
        client.get("/sign-in")
        form = {
            "_csrf_token": client.cookies["csrf"],
            "username": ADMIN,
            "password": org.password,
            "next": "",
        }
        if client.post("/sign-in", data=form, follow_redirects=False).status_code != 303:
            sys.exit("nobody could sign in")
        yield client


def _batches(place: Place, orgs: dict[int, Filled], bench: Bench) -> _Part:
    took = {}
    for count in (SOME, MANY):
        org = orgs[count]
        told = bench.folder / "told.json"
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "bench.batch_process",
            org.database,
            org.key_file,
            place.new(f"bare{count}"),
            str(TURN),
        ]
        cost(command, told=told)
        took[count] = json.loads(told.read_text())
        if took[count]["apps"] < count * 0.8:
            sys.exit(f"only {took[count]['apps']} of {count} apps were migrated")
    rates = {count: (one["apps"] / one["wall"], one["commits"] / one["bare"]) for count, one in took.items()}
    rows = [
        (place.name, "apps migrated a second", "", *(f"{rates[count][0]:.0f}" for count in (SOME, MANY))),
        (place.name, "bare commits a second", "", *(f"{rates[count][1]:.0f}" for count in (SOME, MANY))),
        (
            place.name,
            "memory of the batch",
            "",
            *(f"{took[count]['memory']:.0f} MiB" for count in (SOME, MANY)),
        ),
    ]
    ours, bare = rates[MANY]
    of_processor = (
        took[MANY]["bare_processor"] / took[MANY]["commits"] / (took[MANY]["processor"] / took[MANY]["apps"])
    )
    return rows, [
        Ratio(
            f"{place.name}, {MANY} apps: apps migrated to bare commits",
            ours / bare,
            at_least=1 / 12,
            processor=of_processor,
        ),
        Ratio(
            f"{place.name}, batch of {MANY} apps to {SOME}: time an app",
            rates[SOME][0] / rates[MANY][0],
            at_most=1.2,
        ),
        Ratio(
            f"{place.name}, batch of {MANY} apps to {SOME}: memory",
            took[MANY]["memory"] / took[SOME]["memory"],
            at_most=1.2,
        ),
    ]


def _vacuumed(orgs: dict[int, Filled]) -> None:
    for org in orgs.values():
        with psycopg.connect(org.database, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


@contextmanager
def _places(folder: Path) -> Iterator[tuple[Place, ...]]:
    server = Server(durable=True)
    try:
        server.start()
        yield (
            Place("SQLite", lambda name: str(folder / f"{name}.db")),
            Place("PostgreSQL", lambda _name: server.url(server.new()), _vacuumed),
        )
    finally:
        # In peace: processes that are told to quit still take files away while the folder is removed.
        server.stop()
        server.remove()
