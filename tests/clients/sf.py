"""Salesforce's command line `sf`, unmodified, with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.peer import CLI, NODE

QUIET = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_DISABLE_LOG_FILE": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    "NO_COLOR": "1",
}
TIMEOUT = 120


@dataclass
class Sf:
    """`sf` of one person: its files are in a folder of the test."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside what keeps it quiet: proxies, certificates."""

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        # It looks for itself under its name.
        link = self.home / "bin" / "sf"
        link.parent.mkdir(exist_ok=True)
        if not link.exists():
            link.symlink_to(CLI / "bin" / "run.js")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command and return what it printed; `--json` is added."""
        return subprocess.run(
            [str(NODE), str(CLI / "bin" / "run.js"), *arguments, "--json"],
            cwd=self.home,
            env={
                "PATH": os.pathsep.join([str(self.home / "bin"), str(NODE.parent), "/usr/bin", "/bin"]),
                "HOME": str(self.home),
                **QUIET,
                **self.environment,
                **environment,
            },
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

    def refused(self, *arguments: str, **environment: str) -> tuple[str, str]:
        """Run a command that must fail; returns the error's name and message."""
        done = self.run(*arguments, **environment)
        assert done.returncode != 0, done.stdout
        answer = json.loads(done.stdout)
        return answer["name"], answer["message"]
