"""The workflow files in examples/: as GitHub wants them, and every command in them runs and does as said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml  # type: ignore[import-untyped]  # it brings no type hints

from tests.conftest import ROOT
from tests.project.files import connected_app, lay

WORKFLOWS = sorted((ROOT / "examples" / "github-actions").glob("*.yml"))
CANVAS = "<canvasConfig><accessMethod>Get</accessMethod><canvasUrl>https://a.example.com</canvasUrl></canvasConfig>"
APP = "force-app/main/default/connectedApps/Billing.connectedApp-meta.xml"
SFDX = '{"packageDirectories": [{"path": "force-app", "default": true}]}'
# What a workflow may give itself; anything more is looked at by a person first.
PERMISSIONS = {"contents": "read", "actions": "read", "security-events": "write"}


def workflow(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return read


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in workflow(file)["jobs"].values() for step in job["steps"]]


def commands(file: Path) -> dict[str, str]:
    """Return the scripts that a workflow runs, by the name of the step, but not what installs Changeover."""
    return {
        step["name"]: step["run"]
        for step in steps(file)
        if "pip install" not in step.get("run", "pip install")
    }


def test_there_are_workflows() -> None:
    assert [file.name for file in WORKFLOWS] == ["connected-apps.yml", "plan-and-apply.yml"]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_it_keeps_githubs_schema(file: Path) -> None:
    schema = files("check_jsonschema").joinpath("builtin_schemas/vendor/github-workflows.json")
    # YAML 1.1 takes `on` for true; GitHub does not.
    held = {"on" if str(key) == "True" else key: value for key, value in workflow(file).items()}
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(held)] == []
    assert not validator.is_valid({**held, "jobs": {}})


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_it_may_do_little_and_takes_no_text_of_others_into_a_script(file: Path) -> None:
    held = workflow(file)
    assert held["permissions"] == {"contents": "read"}
    for job in held["jobs"].values():
        for name, level in job.get("permissions", {}).items():
            assert PERMISSIONS[name] in {level, "write"}
    for step in steps(file):
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            owner, _, version = step["uses"].partition("@")
            assert owner.split("/")[0] in {"actions", "github"}
            assert version.startswith("v")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_what_is_uploaded_is_what_was_written(file: Path) -> None:
    scripts = "\n".join(commands(file).values())
    for step in steps(file):
        given = step.get("with", {})
        if "upload" in step.get("uses", ""):
            # The results of a plan stand beside it: plan.results of plan.json.
            for name in str(given.get("sarif_file") or given["path"]).split():
                assert f" -o {name.replace('.results', '.json')}" in scripts


class Runner:
    """A machine that has checked out a repository and installed Changeover."""

    def __init__(self, repository: Path) -> None:
        self.repository = repository
        # The commands of the environment that runs the tests, `changeover` among them.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {"PATH": path, "HOME": str(repository), "LANG": "C.UTF-8", "CI": "true"}

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        # As GitHub starts a script of `run`.
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.repository,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(lay(tmp_path / "repository", {"sfdx-project.json": SFDX, APP: connected_app()}))


ASSESS = commands(WORKFLOWS[0])


def codes(runner: Runner) -> dict[str, int]:
    return {name: runner.run(script).returncode for name, script in ASSESS.items()}


def test_assess_passes_where_nothing_blocks(runner: Runner) -> None:
    assert set(codes(runner).values()) == {0}
    log = json.loads((runner.repository / "changeover.sarif").read_text(encoding="utf-8"))
    uris = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in log["runs"][0]["results"]
        for place in result["locations"]
    }
    assert uris == {APP}
    page = (runner.repository / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")


def test_assess_is_red_for_a_blocked_app_and_the_report_is_written_all_the_same(runner: Runner) -> None:
    lay(runner.repository, {APP: connected_app(more=CANVAS)})
    assert codes(runner) == {
        "Write the findings for code scanning": 0,
        "Write the report": 0,
        "Fail for blocked apps": 2,
    }


def test_assess_is_red_for_a_broken_file(runner: Runner) -> None:
    lay(runner.repository, {APP: "<ConnectedApp>"})
    assert set(codes(runner).values()) == {1}
    # Code scanning is still told of it: the run says that it has failed.
    log = json.loads((runner.repository / "changeover.sarif").read_text(encoding="utf-8"))
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False


def test_the_commands_of_the_page_are_those_of_the_workflow(root: Path) -> None:
    page = (root / "docs" / "ci.md").read_text(encoding="utf-8")
    said = {line.removeprefix("$ ") for line in page.splitlines() if line.startswith("$ changeover")}
    assert said >= set(ASSESS.values())
