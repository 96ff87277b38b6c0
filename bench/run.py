"""Measure what Changeover takes for many files, and write docs/bench.md.

    make bench              or: python bench/run.py RUNS

Only ratios within one run are worth comparing between machines; seconds are shown beside them. Each figure is
the best of several runs in turn, so that a busy machine disturbs all of them alike. Nothing is asserted.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.apps import write_project  # noqa: E402  # the path comes first

PAGE = ROOT / "docs" / "bench.md"
FEW, MANY = 1_000, 10_000
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
MAY_END_WITH = (0, 2)
"""Exit codes: done, and findings or skipped apps, of which a realistic project has some."""

CONFIRMED = ("--confirm-local", "--confirm-no-username-password")

HEAD = """\
# Speed

Made by `make bench`, which measures everything below in one run; run it to have the figures of your machine.
Compare the ratios, not the seconds. The apps are made up (`bench/apps.py`), one file each, of the variety of
real orgs; `convert` writes five files and more an app. Processor time is that of all processes together,
memory the largest of them.
"""
NOT_YET = """\
Not measured yet: the same work by `sf project convert source`, and `sf --version` beside
`changeover --version`; Salesforce's command line is no dependency of the project.
"""


class Cost(NamedTuple):
    """What a command took."""

    wall: float
    """Seconds."""
    processor: float
    """Seconds, of all its processes."""
    memory: float
    """MiB, of the largest process."""


class Measured(NamedTuple):
    """What the table says of one command."""

    what: str
    apps: int
    cost: Cost


def main() -> None:
    """Measure, print the table, write the page."""
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="changeover-bench-") as name:
        folder = Path(name)
        for count in (FEW, MANY):
            write_project(folder / str(count), count)
        measured = [Measured(what, apps, _least(what, apps, folder)) for what, apps in WORK]
    page = "\n".join((HEAD, *_table(measured), "", *_ratios(measured), "", _machine(busy), "", NOT_YET))
    PAGE.write_text(page, encoding="utf-8")
    print(page)


WORK = (
    ("python -c pass", 0),
    ("changeover --version", 0),
    ("changeover assess --json", FEW),
    ("changeover assess --json", MANY),
    ("changeover convert", FEW),
    ("changeover convert", MANY),
    ("changeover plan", FEW),
    ("changeover plan", MANY),
    ("changeover apply", FEW),
    ("changeover apply", MANY),
)


def _least(what: str, apps: int, folder: Path) -> Cost:
    costs = []
    for _ in range(RUNS):
        target = folder / "target"
        shutil.rmtree(target, ignore_errors=True)
        costs.append(_cost(_command(what, folder / str(apps), target)))
    return Cost(*(min(values) for values in zip(*costs, strict=True)))


def _command(what: str, project: Path, target: Path) -> list[str]:
    changeover = str(Path(sys.executable).with_name("changeover"))
    match what.split():
        case ["python", *arguments]:
            return [sys.executable, *arguments]
        case [_, "assess", *options]:
            return [changeover, "assess", str(project), *options]
        case [_, "convert", *options]:
            return [changeover, "convert", str(project), "-o", str(target), *options]
        case [_, "plan"]:
            # The plan stays, to be applied.
            return [changeover, "plan", str(project), "-o", f"{project}.json", *CONFIRMED]
        case [_, "apply"]:
            results = ["--results", str(target / "results")]
            return [changeover, "apply", f"{project}.json", "-o", str(target / "expected"), *results]
        case [_, *options]:
            return [changeover, *options]
    raise ValueError(what)


def _cost(command: Sequence[str]) -> Cost:
    start = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        # Its own and its children's, as it waits for them.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = perf_counter() - start
    if process.returncode not in MAY_END_WITH:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    kibibytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(wall, used.ru_utime + used.ru_stime, kibibytes / 1024)


def _table(measured: Sequence[Measured]) -> list[str]:
    rows = [
        f"| `{one.what}` | {one.apps or ''} | {one.cost.wall:.2f} s | {one.cost.processor:.2f} s"
        f" | {one.cost.memory:.0f} MiB |"
        for one in measured
    ]
    return ["| command | apps | time | processor time | memory |", "|---|---|---|---|---|", *rows]


def _ratios(measured: Sequence[Measured]) -> list[str]:
    lines = ["| ratio | value | aim |", "|---|---|---|"]
    for what in dict.fromkeys(one.what for one in measured if one.apps):
        few, many = (one.cost for one in measured if one.what == what)
        each = f"`{what}`, {MANY} apps to {FEW}"
        lines += [
            f"| {each}: time an app | {many.wall / MANY / (few.wall / FEW):.2f} | at most 1.2 |",
            f"| {each}: processor time an app | {many.processor / MANY / (few.processor / FEW):.2f} | |",
            f"| {each}: memory | {many.memory / few.memory:.2f} | flat |",
        ]
    bare, version = (one.cost for one in measured if not one.apps)
    lines.append(f"| `changeover --version` to an empty Python | {version.wall / bare.wall:.1f} | |")
    return lines


def _machine(busy: float) -> str:
    python, system = platform.python_version(), platform.system()
    runs = "a single run" if RUNS == 1 else f"the least of {RUNS} runs"
    return (
        f"Measured with Python {python} on {system}, {os.cpu_count()} processors, at a load of {busy:.1f}"
        f" from other work at the start. Each figure is of {runs}."
    )


if __name__ == "__main__":
    main()
