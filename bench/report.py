"""What the report on many apps takes, in every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.apps import apps, write_project
from bench.measuring import COST_COLUMNS, Bench, Cost, Ratio, Section, least
from bench.ours import changeover
from changeover.cli.report_making import FORMATS

FEW, MANY = 1_000, 10_000
LOGINS = "UserId,LoginTime,Application,LoginSubType"


def measure(bench: Bench) -> Section:
    """Report on few apps and on many, each with a Login History of one login an app."""
    costs: dict[tuple[str, int], Cost] = {}
    for count in (FEW, MANY):
        project = bench.folder / str(count)
        write_project(project, count)
        logins = bench.folder / f"{count}.csv"
        rows = (f"005,2026-11-01T00:00:00Z,{app.label},OauthWebServer" for app in apps(count))
        logins.write_text("\n".join((LOGINS, *rows)), "utf-8")
        costs |= least(
            {(form, count): _report(project, logins, form, bench.folder) for form in FORMATS}, bench.runs
        )
    return Section(
        "The report",
        "`changeover report --login-history` of a project, in each format.",
        ("format", "apps", *COST_COLUMNS),
        [(form, str(count), *each.cells) for (form, count), each in costs.items()],
        [ratio for form in FORMATS for ratio in _to_few(costs, form)],
    )


def _report(project: Path, logins: Path, form: str, folder: Path) -> Callable[[], Cost]:
    target = folder / f"report.{form}"
    return lambda: changeover("report", project, "--login-history", logins, "-o", target)


def _to_few(costs: dict[tuple[str, int], Cost], form: str) -> list[Ratio]:
    many, few = costs[form, MANY], costs[form, FEW]
    each = f"`report` as {form}, {MANY} apps to {FEW}"
    return [
        Ratio(
            f"{each}: time an app",
            many.wall / few.wall * FEW / MANY,
            processor=many.processor / few.processor * FEW / MANY,
        ),
        Ratio(f"{each}: memory", many.memory / few.memory),
    ]
