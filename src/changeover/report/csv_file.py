"""The report as CSV: a row an app, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from changeover.migration.dates import written
from changeover.migration.finding import Severity
from changeover.report.app import ReportedApp, Told
from changeover.report.rehearsal import ByApp
from changeover.report.summary import WORDS

COLUMNS = (
    "API name",
    "Label",
    "File",
    "Contact",
    "Owner",
    "Readiness",
    "Verdict",
    "Last use seen",
    "Clients stop",
    "Blockers",
    "To confirm",
    "Warnings",
    "Notes",
    "What to do",
    "Lost",
    "Not visible",
    "Decisions",
)
REHEARSED = "Logins rehearsed"
# A spreadsheet takes a cell that begins so for a formula, and some run commands from one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_JOIN = "\n"


def csv_rows(apps: Iterable[ReportedApp], rehearsed: ByApp | None = None) -> Iterator[bytes]:
    """Yield the file in pieces: UTF-8 with a byte order mark, which Excel needs, and CR LF.

    A text from a file that a spreadsheet would take for a formula has an apostrophe before it.

    Args:
        apps: taken one by one.
        rehearsed: what a rehearsal says of them; None where none was given, and then there is no such column.
    """
    more = (REHEARSED,) if rehearsed is not None else ()
    yield b"\xef\xbb\xbf" + _line((*COLUMNS, *more))
    for app in apps:
        said = (rehearsed.of(app.api_name),) if rehearsed is not None else ()
        yield _line(tuple(map(harmless, (*_cells(app), *said))))


def harmless(text: str) -> str:
    """Return a text as no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(app: ReportedApp) -> tuple[str, ...]:
    return (
        app.api_name,
        app.label,
        app.path,
        app.contact,
        app.owner,
        WORDS[app.readiness],
        app.verdict.value,
        app.last_used.date().isoformat() if app.last_used else "",
        _JOIN.join(f"{written(day)}: {what}" for day, what in app.stops),
        _evidence(app.of(Severity.BLOCKER)),
        _evidence(app.of(Severity.CONFIRM)),
        _evidence(app.of(Severity.WARNING)),
        _evidence(app.of(Severity.NOTE)),
        _JOIN.join(dict.fromkeys(told.remedy for told in app.of(Severity.BLOCKER, Severity.CONFIRM))),
        _JOIN.join(f"{lost.source}: {lost.consequence}" for lost in app.lost),
        _JOIN.join(hidden.where_to_look for hidden in app.hidden),
        ", ".join(app.decisions),
    )


def _evidence(told: tuple[Told, ...]) -> str:
    return _JOIN.join(each.evidence for each in told)


def _line(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue().encode("utf-8", "replace")
