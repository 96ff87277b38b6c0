"""What many files take: assessed and converted, beside the command of Salesforce's that copies them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench import peer
from bench.apps import write_project
from bench.measuring import COST_COLUMNS, Bench, Cost, Ratio, Section, by, least
from bench.ours import changeover

FEW, MANY = 1_000, 10_000
ASSESS, TABLE, CONVERT = "changeover assess --json", "changeover assess", "changeover convert"
PEER = "sf project convert source"


class _Work(NamedTuple):
    """One command on so many apps."""

    what: str
    apps: int


def measure(bench: Bench) -> Section:
    """Take each command on few apps and on many."""
    sf = peer.peer(bench.folder)
    projects = {count: bench.folder / str(count) for count in (FEW, MANY)}
    for count, project in projects.items():
        write_project(project, count)
    target = bench.folder / "target"

    def convert(project: Path) -> Cost:
        shutil.rmtree(target, ignore_errors=True)
        return changeover("convert", project, "-o", target)

    commands: dict[str, Callable[[Path], Cost]] = {
        ASSESS: lambda project: changeover("assess", project, "--json"),
        TABLE: lambda project: changeover("assess", project),
        CONVERT: convert,
        PEER: lambda project: sf.convert_source(project, "--root-dir", "force-app"),
    }
    costs = least(
        {
            _Work(what, count): partial(take, project)
            for count, project in projects.items()
            for what, take in commands.items()
        },
        bench.runs,
    )
    return Section(
        "Many files",
        "One connected app a file, made up (`bench/apps.py`), of the variety of real orgs. `sf` parses\n"
        "nothing and writes one file an app; `changeover convert` reads each and writes five files and more.",
        ("command", "apps", *COST_COLUMNS),
        [(f"`{work.what}`", str(work.apps), *each.cells) for work, each in costs.items()],
        [*_to_peer(costs), *_to_few(costs)],
        [peer.version()],
    )


def _to_peer(costs: dict[_Work, Cost]) -> list[Ratio]:
    theirs = costs[_Work(PEER, MANY)]
    return [
        by(f"`{what}` to `{PEER}`, {MANY} apps", costs[_Work(what, MANY)], theirs, at_most=aim)
        for what, aim in ((ASSESS, 0.5), (TABLE, 0.5), (CONVERT, 2))
    ]


def _to_few(costs: dict[_Work, Cost]) -> list[Ratio]:
    ratios = []
    for what in (ASSESS, TABLE, CONVERT):
        many, few = costs[_Work(what, MANY)], costs[_Work(what, FEW)]
        each = f"`{what}`, {MANY} apps to {FEW}"
        ratios += [
            Ratio(
                f"{each}: time an app",
                many.wall / few.wall * FEW / MANY,
                at_most=1.2,
                processor=many.processor / few.processor * FEW / MANY,
            ),
            Ratio(f"{each}: memory", many.memory / few.memory, at_most=1.5),
        ]
    return ratios
