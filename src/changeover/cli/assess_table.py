"""The answer of `changeover assess` for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from changeover.cli.assessed import Assessed
from changeover.cli.terminal import complain, printable
from changeover.metadata.file_error import FileError
from changeover.migration.finding import Finding, Severity, Verdict

STYLES = {
    Verdict.ELIGIBLE: "green",
    Verdict.CONFIRM: "yellow",
    Verdict.BLOCKED: "red",
    Verdict.MIGRATED: "blue",
}
DECISIVE = (Severity.BLOCKER, Severity.CONFIRM)
"""What the table tells in full; warnings are named and explained once below it, notes are counted."""


class Row(NamedTuple):
    """What the table and its summary need of one app."""

    verdict: Verdict
    api_name: str
    label: str
    path: str
    findings: tuple[Finding, ...]
    lost: tuple[str, ...]
    """Sources of what will be lost, each once, sorted."""
    unseen: tuple[str, ...]


def row(one: Assessed) -> Row:
    """Return the row of one app."""
    return Row(
        verdict=one.assessment.verdict,
        api_name=one.app.full_name,
        label=one.app.label or "",
        path=one.path,
        findings=one.findings,
        lost=tuple(sorted({entry.source for entry in one.account.lost})),
        unseen=tuple(hidden.where_to_look for hidden in one.assessment.not_visible),
    )


def write_table(
    rows: Iterable[Row], errors: Callable[[], tuple[FileError, ...]], evidence: tuple[str, ...]
) -> set[Verdict]:
    """Write a table to standard output and the errors to standard error.

    Args:
        rows: the apps.
        errors: what was wrong with files; asked when all apps have been read.
        evidence: what was read beside the apps, a sentence a kind.

    Returns:
        The verdicts that occurred.
    """
    table = Table(show_lines=True, highlight=False)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Connected app", overflow="fold", max_width=40)
    table.add_column("Why, and what will be lost", overflow="fold")
    verdicts: Counter[Verdict] = Counter()
    warnings: Counter[tuple[str, str]] = Counter()
    unseen: set[str] = set()
    for one in rows:
        verdicts[one.verdict] += 1
        warnings.update({(warning.title, warning.remedy) for warning in _of(one, Severity.WARNING)})
        unseen.update(one.unseen)
        table.add_row(Text(one.verdict, STYLES[one.verdict]), _app(one), _why(one))
    console = Console(highlight=False)
    if verdicts:
        console.print(table)
    for line in _summary(verdicts, warnings, unseen, evidence):
        console.print(Text(printable(line)))
    for error in errors():
        complain(str(error))
    return set(verdicts)


def _app(one: Row) -> Text:
    text = Text(printable(one.api_name), "bold")
    if one.label and one.label != one.api_name:
        text.append(f"\n{printable(one.label)}", "not bold")
    return text.append(f"\n{printable(one.path)}", "not bold dim")


def _why(one: Row) -> Text:
    lines = [_line(finding) for finding in _of(one, *DECISIVE)]
    if warnings := _of(one, Severity.WARNING):
        titles = "; ".join(dict.fromkeys(warning.title for warning in warnings))
        lines.append(Text("warning: ", "bold").append(printable(titles), "not bold"))
    if one.lost:
        lines.append(Text("lost: ", "bold").append(printable(", ".join(one.lost)), "not bold"))
    if notes := len(_of(one, Severity.NOTE)):
        lines.append(Text(f"{notes} note{'s' if notes > 1 else ''} (--json)", "dim"))
    return Text("\n").join(lines)


def _of(one: Row, *severities: Severity) -> list[Finding]:
    return [finding for finding in one.findings if finding.severity in severities]


def _line(finding: Finding) -> Text:
    text = Text(f"{finding.severity}: ", "bold")
    text.append(f"{printable(finding.evidence)} ", "not bold")
    return text.append(printable(finding.remedy), "not bold italic")


def _summary(
    verdicts: Counter[Verdict],
    warnings: Counter[tuple[str, str]],
    unseen: set[str],
    evidence: tuple[str, ...],
) -> Iterable[str]:
    if not verdicts:
        yield "No connected app was read."
        return
    count = verdicts.total()
    parts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict])
    yield f"{count} connected app{'s' if count > 1 else ''}: {parts}."
    yield from evidence
    if warnings:
        yield "Warnings, and what to do:"
        for (title, remedy), apps in warnings.most_common():
            yield f"  - {title} ({apps}): {remedy}"
    if unseen:
        yield "As far as the files show; check these in Setup:"
        for where in sorted(unseen):
            yield f"  - {where}"
