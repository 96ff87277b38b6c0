"""What `changeover assess` says of one connected app."""

from __future__ import annotations

from typing import NamedTuple

from changeover.apps.connected_app import ConnectedApp
from changeover.migration.account import Account
from changeover.migration.finding import Assessment, Finding, Verdict

NEEDS_SOMEBODY = frozenset({Verdict.BLOCKED, Verdict.CONFIRM})


class Assessed(NamedTuple):
    """One connected app with all that is said of it."""

    path: str
    app: ConnectedApp
    assessment: Assessment
    findings: tuple[Finding, ...]
    """Of the rules, then of the file."""
    account: Account
