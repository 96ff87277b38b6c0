"""`docs/eligibility.md`, made from the rules and the dates."""

from __future__ import annotations

from changeover.migration.dates import DEADLINES, written
from changeover.migration.finding import Severity
from changeover.migration.rules import RULES

SEVERITIES = {
    Severity.BLOCKER: "no *Migrate* button; the verdict is `blocked`",
    Severity.CONFIRM: "the button is there, but this must be confirmed; the verdict is `confirm`",
    Severity.WARNING: "to be known before the click",
    Severity.NOTE: "worth a thought",
}


HEAD = """\
# Eligibility

Made from `changeover.migration.rules` and `changeover.migration.dates` by `python tools/docs.py`; change it
there.

Each rule looks at one connected app and at what is known beside it. An app with neither a blocker nor a
confirm finding is `eligible`; the two confirmations of Salesforce's dialog (the app is local, it does not use
the username-password flow) are asked all the same. What files or org do not show is not silently passed: the
rule is listed under *not visible*, with the place to look.

An app counts as `migrated` when its external client app is there: in a local org by the org's own record, on
files by API name and consumer key. Of a migrated app only warnings and notes are told.
"""

STATUS = """\
Where a rule depends on what can be seen, the finding says so: a name that is taken blocks in a local org and
asks for confirmation on files.

## Status

How sure we are that Salesforce does as the rule says: `documented` (a Salesforce page says it), `reported`
(others quote or describe it), `inferred` (from the fields of both kinds of app; never blocks), `ours`.
"""


def markdown() -> str:
    """Return `docs/eligibility.md`."""
    severities = (f"| {severity} | {what} |" for severity, what in SEVERITIES.items())
    rules = (
        f"| `{rule.id}` | {rule.severity} | {rule.status} | {rule.title} | {rule.remedy} | {rule.source} |"
        for rule in RULES
    )
    dates = (
        f"| {deadline.season or written(deadline.day)} | {deadline.what} | {deadline.source}"
        f" | {written(deadline.known_on)} |"
        for deadline in DEADLINES
    )
    lines = (
        HEAD,
        "## Severities",
        "",
        "| severity | what it does |",
        "|---|---|",
        *severities,
        "",
        STATUS,
        "## Rules",
        "",
        "| rule | severity | status | what | remedy | source |",
        "|---|---|---|---|---|---|",
        *rules,
        "",
        "## Dates",
        "",
        "| date | what | source | as known on |",
        "|---|---|---|---|",
        *dates,
    )
    return "\n".join(lines) + "\n"
