"""The pre-commit hook, run by pre-commit itself on a repository of the test's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # it brings no type hints
from pre_commit.clientlib import load_manifest  # type: ignore[import-untyped]  # it brings no type hints

from changeover.apps.types import TYPES
from tests.conftest import ROOT
from tests.project.files import connected_app, lay

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
CANVAS = "<canvasConfig><accessMethod>Get</accessMethod><canvasUrl>https://a.example.com</canvasUrl></canvasConfig>"
APP = "force-app/main/default/connectedApps/Billing.connectedApp-meta.xml"


class Repository:
    """A git repository with the hook in its configuration; beside it the one that the hook comes from."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "repository"
        names = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")
        self._environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(place),
            "PRE_COMMIT_HOME": str(place / "cache"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "LANG": "C.UTF-8",
            **{f"GIT_{name}": "t@example.com" for name in names},
        }
        hooks = lay(place / "hooks", {MANIFEST.name: MANIFEST.read_bytes()})
        for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Hook"]):
            self._git(*command, at=hooks)
        # The hook's own settings, but the language: no package is fetched for a test, the command is there.
        hook = {"id": "changeover-assess", "language": "system"}
        rev = self._git("rev-parse", "HEAD", at=hooks).stdout.strip()
        config = {"repos": [{"repo": str(hooks), "rev": rev, "hooks": [hook]}]}
        lay(self.folder, {".pre-commit-config.yaml": yaml.safe_dump(config)})
        self._git("init", "--quiet", at=self.folder)

    def run_hook(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run the hook on what is staged."""
        self._git("add", "--all", at=self.folder)
        return self._run(sys.executable, "-m", "pre_commit", "run", "--color", "never", *args)

    def _git(self, *args: str, at: Path) -> subprocess.CompletedProcess[str]:
        done = self._run("git", "-C", str(at), *args)
        assert done.returncode == 0, done.stderr
        return done

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        where = self.folder if self.folder.is_dir() else None
        return subprocess.run(
            command, cwd=where, env=self._environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository that uses the hook."""
    return Repository(tmp_path)


def test_the_manifest_is_one() -> None:
    (hook,) = load_manifest(str(MANIFEST))
    assert (hook["id"], hook["entry"], hook["language"]) == (
        "changeover-assess",
        "changeover assess",
        "python",
    )


@pytest.mark.parametrize("ending", ["", "-meta.xml"])
def test_it_looks_at_every_file_of_an_app(ending: str) -> None:
    (hook,) = load_manifest(str(MANIFEST))
    for entry in TYPES:
        assert re.search(hook["files"], f"force-app/x/App.{entry.suffix}{ending}"), entry.suffix
    assert re.search(hook["files"], "sfdx-project.json")
    assert not re.search(hook["files"], "force-app/main/default/classes/App.cls-meta.xml")


def test_a_commit_without_an_app_is_none_of_its_business(repository: Repository) -> None:
    lay(repository.folder, {"README.md": "x"})
    done = repository.run_hook()
    assert (done.returncode, "no files to check" in done.stdout) == (0, True), done.stdout + done.stderr


def test_an_app_that_may_migrate_passes_a_blocked_one_does_not(repository: Repository) -> None:
    lay(repository.folder, {APP: connected_app()})
    done = repository.run_hook()
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout + done.stderr
    lay(repository.folder, {APP: connected_app(more=CANVAS)})
    done = repository.run_hook("--all-files")
    assert (done.returncode, "exit code: 2" in done.stdout) == (1, True)
    assert "1 connected app: 1 blocked." in done.stdout
    lay(repository.folder, {APP: "<ConnectedApp>"})
    done = repository.run_hook()
    assert (done.returncode, "E-XML-BROKEN" in done.stdout) == (1, True)
