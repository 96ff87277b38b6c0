"""The workflow that plans and applies: a fresh plan is applied, a stale one refused with nothing touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ci.test_github_actions import APP, CANVAS, SFDX, WORKFLOWS, Runner, commands
from tests.project.files import connected_app, found, lay

STEPS = commands(next(file for file in WORKFLOWS if file.name == "plan-and-apply.yml"))


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A machine that has checked out a repository with an app that may migrate."""
    return Runner(lay(tmp_path / "repository", {"sfdx-project.json": SFDX, APP: connected_app()}))


def ran(runner: Runner, step: str) -> int:
    done = runner.run(STEPS[step])
    print(done.stdout, done.stderr)  # noqa: T201 - pytest shows it where the test fails
    return done.returncode


def test_a_plan_is_made_shown_tried_and_applied(runner: Runner) -> None:
    assert list(STEPS) == ["Plan", "Show the plan", "Try the plan", "Apply the plan"]
    assert [ran(runner, step) for step in ("Plan", "Show the plan", "Try the plan")] == [0, 0, 0]
    assert not (runner.repository / "expected").exists()
    assert ran(runner, "Apply the plan") == 0
    assert any(name.endswith("Billing.eca-meta.xml") for name in found(runner.repository / "expected"))
    # Once more, as when a run is started again: nothing changes.
    before = found(runner.repository)
    assert ran(runner, "Apply the plan") == 0
    assert found(runner.repository) == before


def test_a_blocked_app_is_planned_too_and_skipped(runner: Runner) -> None:
    lay(runner.repository, {APP.replace("Billing", "Canvas"): connected_app("Canvas", "KEY.2", more=CANVAS)})
    assert [ran(runner, step) for step in ("Plan", "Show the plan", "Apply the plan")] == [0, 0, 0]
    verdicts = json.loads((runner.repository / "plan.json").read_text(encoding="utf-8"))["end"]["verdicts"]
    assert {verdict: count for verdict, count in verdicts.items() if count} == {"eligible": 1, "blocked": 1}
    assert not any("Canvas.eca" in name for name in found(runner.repository / "expected"))


@pytest.mark.parametrize("step", ["Try the plan", "Apply the plan"])
def test_a_stale_plan_is_refused_and_nothing_is_touched(runner: Runner, step: str) -> None:
    assert ran(runner, "Plan") == 0
    lay(runner.repository, {APP: connected_app().replace("/callback", "/another")})
    before = found(runner.repository)
    # `|| test $? -eq 2` lets only skipped apps pass: a stale plan is red.
    done = runner.run(STEPS[step])
    assert done.returncode != 0
    assert "E-PLAN-STALE" in done.stderr
    assert runner.run(STEPS[step].split(" ||")[0]).returncode == 3
    assert found(runner.repository) == before
