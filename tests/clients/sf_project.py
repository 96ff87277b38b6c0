"""`sf` in an SFDX project of its own: retrieving into it, deploying from it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peer import CLI, NODE

ENVIRONMENT = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_DISABLE_AUTOUPDATE": "true",
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_DISABLE_LOG_FILE": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    "NO_COLOR": "1",
}
LONGEST = 300
"""Seconds that a command may take on a machine that does other things too."""


@dataclass
class SfProject:
    """`sf` in a folder that is an SFDX project."""

    home: Path
    project: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, **more: str) -> tuple[int, Any]:
        """Run a command with --json; returns its exit code and its answer."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        done = subprocess.run(
            [NODE, CLI / "bin" / "run.js", *arguments, "--json"],
            cwd=self.project,
            env={**kept, **ENVIRONMENT, **self.environment, "HOME": str(self.home), **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=LONGEST,
            text=True,
        )
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            raise AssertionError(done.stdout + done.stderr) from None

    def good(self, *arguments: str, **more: str) -> Any:
        """Run a command that must go well; returns its result."""
        code, answer = self.run(*arguments, **more)
        assert code == 0, answer
        return answer["result"]

    def bad(self, *arguments: str, **more: str) -> Any:
        """Run a command that must fail; returns its answer."""
        code, answer = self.run(*arguments, **more)
        assert code != 0, answer
        return answer


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
