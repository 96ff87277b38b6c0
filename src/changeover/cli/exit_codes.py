"""Exit codes, after `terraform plan -detailed-exitcode` and sysexits."""

from __future__ import annotations

DONE = 0
"""Done, or nothing to do."""
ERROR = 1
"""An error; what could be done without what failed was done."""
FINDINGS = 2
"""Findings, skipped apps or drift."""
STALE = 3
"""A plan that no longer fits."""
WRONG_USE = 64
"""The command was called in a way it does not know."""
INTERRUPTED = 130
"""Stopped from the keyboard."""
