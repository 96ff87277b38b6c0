"""The commands in the README do what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click

from changeover.cli.main import main
from tests.conftest import ROOT
from tests.oracle.test_oracle import APP, GOOD, HEADER, folder_of
from tests.serving.served import served
from tools.docs import commands

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)
CHANGEOVER = Path(sys.executable).with_name("changeover")


def recipe(target: str) -> list[str]:
    """Return the commands that make would run when a person calls it; the tests themselves run inside one."""
    apart = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    shown = subprocess.run(
        ["make", "-n", target], cwd=ROOT, check=True, capture_output=True, encoding="utf-8", env=apart
    )
    return shown.stdout.splitlines()


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the README on a project with one connected app."""
    source = folder_of({APP: GOOD[APP]}, folder / "project")
    words = command.replace("path/to/your/project", str(source)).split()
    assert words[0] == ".venv/bin/changeover"
    return subprocess.run(
        [CHANGEOVER, *words[1:]], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )


def test_these_are_the_commands() -> None:
    """A new command in the README gets its test here."""
    assert COMMANDS == [
        "make start",
        "make test",
        ".venv/bin/changeover assess path/to/your/project",
        ".venv/bin/changeover report path/to/your/project --evidence login-history.csv -o report.html",
        ".venv/bin/changeover convert path/to/your/project -o expected",
        ".venv/bin/changeover manifest",
        ".venv/bin/changeover plan path/to/your/project -o plan.json",
        ".venv/bin/changeover guide plan.json -o guide.html",
        ".venv/bin/changeover serve --sample --data var --https-port 8443 --client-proxy 8792",
        ".venv/bin/changeover org env 'Acme Sample' --data var",
    ]


def test_make_start_prepares_and_serves_the_sample() -> None:
    assert recipe("start") == [
        "python3 tools/prepare.py start",
        ".venv/bin/changeover serve --sample --data var --port 8000",
    ]


def test_make_test_runs_every_gate() -> None:
    commands = recipe("test")
    assert commands[0] == "python3 tools/prepare.py test"
    for gate in ("ruff check", "ruff format --check", "mypy", "lint-imports", "pytest"):
        assert any(line.startswith(f".venv/bin/{gate}") for line in commands), gate


def test_ci_runs_the_command_of_the_readme_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert lines == ["set -eu", 'cd "$(dirname "$0")/.."', "exec env CI=true make test"]


def test_assess_reads_and_changes_nothing(tmp_path: Path) -> None:
    answer = run(COMMANDS[2], tmp_path)
    assert answer.returncode in {0, 2}, answer.stderr
    assert "Billing" in answer.stdout
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / "project" / APP]
    assert files[0].read_text(encoding="utf-8") == GOOD[APP]


def test_report_makes_one_page(tmp_path: Path) -> None:
    logins = "UserId,LoginTime,Application,LoginSubType\n005,2026-11-01T00:00:00Z,Billing,OauthWebServer\n"
    (tmp_path / "login-history.csv").write_text(logins, encoding="utf-8")
    answer = run(COMMANDS[3], tmp_path)
    assert answer.returncode in {0, 2}, answer.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Billing" in page
    assert "<script" not in page


def test_convert_writes_the_expected_result(tmp_path: Path) -> None:
    answer = run(COMMANDS[4], tmp_path)
    assert answer.returncode == 0, answer.stderr
    written = list((tmp_path / "expected").rglob(Path(HEADER).name))
    assert len(written) == 1


def test_manifest_prints_what_brings_it_all(tmp_path: Path) -> None:
    answer = run(COMMANDS[5], tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "sf project retrieve start" in answer.stdout
    assert "FROM LoginHistory" in answer.stdout


def test_options_that_the_readme_names_exist() -> None:
    known = {name for command in dict(commands(main, "changeover")).values() for name in _options(command)}
    named = set(re.findall(r"`(--[a-z-]+)", README))
    assert named
    assert named <= known


def _options(command: click.Command) -> list[str]:
    return [name for parameter in command.params for name in parameter.opts]


def test_plan_and_guide_write_one_file_each(tmp_path: Path) -> None:
    for command, written in ((COMMANDS[6], "plan.json"), (COMMANDS[7], "guide.html")):
        answer = run(command, tmp_path)
        assert answer.returncode in {0, 2}, answer.stderr
        assert "Billing" in (tmp_path / written).read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["guide.html", "plan.json", "project"]


def test_serve_and_org_env_say_how_clients_come(tmp_path: Path) -> None:
    words = shlex.split(COMMANDS[8])
    options = words[words.index("--https-port") :]
    assert words[:5] == [".venv/bin/changeover", "serve", "--sample", "--data", "var"]
    with served(
        tmp_path / "var", "--sample", *("0" if word.isdigit() else word for word in options)
    ) as server:
        printed = subprocess.run(
            [CHANGEOVER, *shlex.split(COMMANDS[9])[1:]],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
    for told in (server.https_address, server.client_proxy, server.ca_file):
        assert told is not None
        assert told in printed
    for client in ("sf", "jsforce", "simple-salesforce", "openid-client"):
        assert f"\n# {client}\n" in printed
