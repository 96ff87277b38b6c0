"""What it takes to start: the version, and one file."""

from __future__ import annotations

import sys

from bench import peer
from bench.apps import CONNECTED_APPS, write_project
from bench.measuring import COST_COLUMNS, Bench, Section, by, cost, least
from bench.ours import changeover


def measure(bench: Bench) -> Section:
    """Compare `--version`, and one connected app assessed, with `sf`, which copies it."""
    sf, project = peer.peer(bench.folder), bench.folder / "project"
    write_project(project, 1)
    [file] = (project / CONNECTED_APPS).iterdir()
    python, version, sf_version = "python -c pass", "changeover --version", "sf --version"
    assess, as_json = "changeover assess FILE", "changeover assess FILE --json"
    convert = "sf project convert source --source-dir FILE"
    costs = least(
        {
            python: lambda: cost([sys.executable, "-c", "pass"]),
            version: lambda: changeover("--version"),
            sf_version: lambda: sf.run("--version", cwd=project),
            assess: lambda: changeover("assess", file),
            as_json: lambda: changeover("assess", file, "--json"),
            convert: lambda: sf.convert_source(project, "--source-dir", file),
        },
        bench.runs,
    )
    return Section(
        "Starting",
        "The version, and one connected app in a file. An empty Python stands beside them: nothing\n"
        "that is written in Python comes below it.",
        ("command", *COST_COLUMNS),
        [(f"`{what}`", *each.cells) for what, each in costs.items()],
        [
            by(f"`{version}` to `{sf_version}`", costs[version], costs[sf_version], at_most=0.4),
            by(f"`{assess}` to `{convert}`", costs[assess], costs[convert], at_most=0.6),
            by(f"`{as_json}` to `{convert}`", costs[as_json], costs[convert], at_most=0.6),
        ],
        [peer.version()],
    )
