"""Salesforce's command line `sf`, unmodified, with a home of its own and an SFDX project."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.peer import CLI, NODE

QUIET = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_DISABLE_AUTOUPDATE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_DISABLE_LOG_FILE": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    "NO_COLOR": "1",
}
TIMEOUT = 300
"""Seconds that a command may take on a machine that does other things too."""


@dataclass
class Sf:
    """`sf` of one person: its files are in a folder of the test, and it runs there or in a project."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside what keeps it quiet: proxies, certificates."""
    project: Path = Path()
    """Where it runs; its home by default."""

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if self.project == Path():
            self.project = self.home
        # It looks for itself under its name.
        link = self.home / "bin" / "sf"
        link.parent.mkdir(exist_ok=True)
        if not link.exists():
            link.symlink_to(CLI / "bin" / "run.js")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command and return what it printed; `--json` is added."""
        return self._run([*arguments, "--json"], environment)

    def printed(self, *arguments: str) -> str:
        """Run a command that must succeed; returns what it prints for people."""
        done = self._run(arguments, {})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _run(
        self, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(NODE), str(CLI / "bin" / "run.js"), *arguments],
            cwd=self.project,
            env={
                "PATH": os.pathsep.join([str(self.home / "bin"), str(NODE.parent), "/usr/bin", "/bin"]),
                "HOME": str(self.home),
                **QUIET,
                **self.environment,
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def good(self, *arguments: str, **environment: str) -> Any:
        """Run a command that must succeed; returns its result."""
        done = self.run(*arguments, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["result"]

    def bad(self, *arguments: str, **environment: str) -> Any:
        """Run a command that must fail; returns its whole answer."""
        done = self.run(*arguments, **environment)
        assert done.returncode != 0, done.stdout
        return json.loads(done.stdout)

    def refused(self, *arguments: str, **environment: str) -> tuple[str, str]:
        """Run a command that must fail; returns the error's name and message."""
        answer = self.bad(*arguments, **environment)
        return answer["name"], answer["message"]


def project(folder: Path, version: str = "67.0") -> Path:
    """Make an empty SFDX project."""
    (folder / "force-app").mkdir(parents=True)
    said = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "namespace": "",
        "sourceApiVersion": version,
    }
    (folder / "sfdx-project.json").write_text(json.dumps(said), encoding="utf-8")
    return folder
