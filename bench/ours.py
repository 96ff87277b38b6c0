"""Changeover's own command line, as its users call it."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.measuring import Cost, cost

COMMAND = Path(sys.executable).with_name("changeover")
DONE_OR_FINDINGS = (0, 2)
"""Exit codes: done, and findings or skipped apps, of which a realistic project has some."""


def changeover(*arguments: str | Path) -> Cost:
    """Run a command and return what it took."""
    return cost([COMMAND, *arguments], may_end_with=DONE_OR_FINDINGS)
