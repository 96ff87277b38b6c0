"""Measure how fast Changeover is and write docs/bench.md.

    make bench                                  everything, three times
    python -m bench.run --runs 1 starting       one measure once, printed and not written

Only ratios within one run are worth comparing between machines; seconds are shown beside them. Each figure is
the least of several runs in turn, so that a busy machine disturbs all of them alike. An aim that is missed is
told on the page and by the exit code 2.

A new measure is a module with a function `measure(bench) -> Section`, and one line in `MEASURES`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from bench.measuring import Bench, Section
from bench.page import page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "bench.md"
MISSED = 2

MEASURES = {
    "starting": "bench.starting",
    "many-files": "bench.many_files",
    "plans": "bench.plans",
    "report": "bench.report",
    "deploys": "bench.deploys",
    "logins": "bench.logins",
    "many-apps": "bench.many_apps",
}
"""Modules by name, in the order of the page; the largest comes last.

Each is loaded when its turn comes: a command that is started counts the memory of whoever started it, too.
"""


def main() -> int:
    """Measure; print the page, and write it if everything was measured. Returns the exit code."""
    asked = argparse.ArgumentParser(description="Measure how fast Changeover is.")
    asked.add_argument("measures", nargs="*", metavar="MEASURE", help=", ".join(MEASURES))
    asked.add_argument("--runs", type=int, default=3, help="how often to take each figure (3)")
    given = asked.parse_args()
    if unknown := set(given.measures) - MEASURES.keys():
        asked.error(f"no such measure: {', '.join(sorted(unknown))}")
    busy = os.getloadavg()[0]
    sections = [_measured(name, given.runs) for name in given.measures or MEASURES]
    text = page(sections, given.runs, busy)
    print(text)
    if not given.measures:
        PAGE.write_text(text, encoding="utf-8")
    missed = any(ratio.met is False for section in sections for ratio in section.ratios)
    return MISSED if missed else 0


def _measured(name: str, runs: int) -> Section:
    print(f"measuring {name}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="changeover-bench-") as folder:
        section: Section = import_module(MEASURES[name]).measure(Bench(Path(folder), runs))
    return section


if __name__ == "__main__":
    sys.exit(main())
