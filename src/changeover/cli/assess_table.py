"""The answer of `changeover assess` for people, written as a stream: one app in memory at a time."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import click
from rich.console import Console

from changeover.cli.assessed import Assessed
from changeover.cli.drawing import Cell, Drawing, Span, drawing, one_line
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
TITLES = ("Verdict", "Connected app", "Why, and what will be lost")
_WIDTHS = (max(map(len, Verdict)), 40)


class Row(NamedTuple):
    """What is said of one app: its row as it is printed, and what the summary counts."""

    verdict: Verdict
    drawn: str
    warnings: tuple[tuple[str, str], ...]
    """Title and remedy, each once."""
    unseen: tuple[str, ...]


def table_drawing() -> Drawing:
    """Return how the table is drawn on standard output."""
    return drawing(Console(highlight=False), *_WIDTHS)


def row(one: Assessed, table: Drawing) -> Row:
    """Return the row of one app."""
    verdict = one.assessment.verdict
    return Row(
        verdict=verdict,
        drawn=table.row((((Span(verdict, STYLES[verdict]),),), _app(one), _why(one))),
        warnings=tuple(dict.fromkeys((each.title, each.remedy) for each in _of(one, Severity.WARNING))),
        unseen=tuple(hidden.where_to_look for hidden in one.assessment.not_visible),
    )


def write_table(
    table: Drawing,
    rows: Iterable[Row],
    errors: Callable[[], tuple[FileError, ...]],
    evidence: tuple[str, ...],
) -> set[Verdict]:
    """Write a table to standard output and the errors to standard error.

    Args:
        table: how the rows were drawn.
        rows: the apps, taken one by one.
        errors: what was wrong with files; asked when all apps have been read.
        evidence: what was read beside the apps, a sentence a kind.

    Returns:
        The verdicts that occurred.
    """
    out = sys.stdout
    verdicts: Counter[Verdict] = Counter()
    warnings: Counter[tuple[str, str]] = Counter()
    unseen: set[str] = set()
    for one in rows:
        out.write(table.between if verdicts else table.head(TITLES))
        out.write(one.drawn)
        verdicts[one.verdict] += 1
        warnings.update(one.warnings)
        unseen.update(one.unseen)
    if verdicts:
        out.write(table.foot)
    for line in _summary(verdicts, warnings, unseen, evidence):
        click.echo(printable(line))
    for error in errors():
        complain(str(error))
    return set(verdicts)


def _app(one: Assessed) -> Cell:
    name, label = one_line(one.app.full_name), one_line(one.app.label or "")
    lines = [Span(name, "bold")]
    if label and label != name:
        lines.append(Span(label))
    lines.append(Span(one_line(one.path), "dim"))
    return [(line,) for line in lines]


def _why(one: Assessed) -> Cell:
    lines = [_line(finding) for finding in _of(one, *DECISIVE)]
    if warnings := _of(one, Severity.WARNING):
        titles = "; ".join(dict.fromkeys(warning.title for warning in warnings))
        lines.append((Span("warning: ", "bold"), Span(one_line(titles))))
    if lost := sorted({entry.source for entry in one.account.lost}):
        lines.append((Span("lost: ", "bold"), Span(one_line(", ".join(lost)))))
    if notes := len(_of(one, Severity.NOTE)):
        lines.append((Span(f"{notes} note{'s' if notes > 1 else ''} (--json)", "dim"),))
    return lines


def _of(one: Assessed, *severities: Severity) -> list[Finding]:
    return [finding for finding in one.findings if finding.severity in severities]


def _line(finding: Finding) -> tuple[Span, ...]:
    return (
        Span(f"{finding.severity}: ", "bold"),
        Span(f"{one_line(finding.evidence)} "),
        Span(one_line(finding.remedy), "italic"),
    )


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
