"""What plans of many apps take: made, applied onto files, verified; memory above all."""

from __future__ import annotations

from pathlib import Path

from bench.apps import write_project
from bench.measuring import COST_COLUMNS, Bench, Cost, Ratio, Section, least
from bench.ours import changeover

FEW, MANY = 1_000, 10_000
PLAN, APPLY, VERIFY = "changeover plan", "changeover apply", "changeover verify"
CONFIRMED = ("--confirm-local", "--confirm-no-username-password")


def measure(bench: Bench) -> Section:
    """Take each command on few apps and on many; what one writes, the next one reads."""
    costs: dict[tuple[str, int], Cost] = {}
    for count in (FEW, MANY):
        project = bench.folder / str(count)
        write_project(project, count)
        costs |= _of(bench, project, count)
    return Section(
        "Plans",
        "A plan is made of files, applied as converted files, and the result verified against its source.",
        ("command", "apps", *COST_COLUMNS),
        [(f"`{what}`", str(count), *each.cells) for (what, count), each in costs.items()],
        [ratio for what in (PLAN, APPLY, VERIFY) for ratio in _to_few(costs, what)],
    )


def _of(bench: Bench, project: Path, count: int) -> dict[tuple[str, int], Cost]:
    plan = bench.folder / f"{count}.json"
    written: list[Path] = []

    def applied() -> Cost:
        written.append(bench.fresh())
        results = ("--results", bench.fresh())
        return changeover("apply", plan, "-o", written[-1], *results)

    return least(
        {
            (PLAN, count): lambda: changeover("plan", project, "-o", plan, *CONFIRMED),
            (APPLY, count): applied,
            (VERIFY, count): lambda: changeover("verify", project, written[-1], "--json"),
        },
        bench.runs,
    )


def _to_few(costs: dict[tuple[str, int], Cost], what: str) -> list[Ratio]:
    many, few = costs[what, MANY], costs[what, FEW]
    each = f"`{what}`, {MANY} apps to {FEW}"
    return [
        Ratio(
            f"{each}: time an app",
            many.wall / few.wall * FEW / MANY,
            processor=many.processor / few.processor * FEW / MANY,
        ),
        Ratio(f"{each}: memory", many.memory / few.memory, at_most=2),
    ]
