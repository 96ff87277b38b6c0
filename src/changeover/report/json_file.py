"""The report as one JSON document, app by app: what `assess --json` says of each, and the figures of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from changeover import __version__
from changeover.metadata.file_error import FileError
from changeover.report.app import ReportedApp
from changeover.report.summary import Summary
from changeover.shapes.answers.rehearsals import Rehearse

SCHEMA = "urn:changeover:schema:report:1"


def json_document(
    source: str,
    apps: Iterable[tuple[ReportedApp, bytes]],
    summary: Summary,
    errors: Callable[[], tuple[FileError, ...]],
    evidence: tuple[str, ...],
    rehearsal: Rehearse | None = None,
) -> Iterator[bytes]:
    """Yield the document in pieces.

    Args:
        source: what was read.
        apps: each with its object in the answer of `assess --json`; taken one by one.
        summary: the figures, complete when all apps have been taken.
        errors: what was wrong with files; asked at the end.
        evidence: what was read beside the apps.
        rehearsal: of the apps, None where none was given.
    """
    head = {
        "schema": SCHEMA,
        "version": __version__,
        "made_on": summary.today,
        "source": source,
        "evidence": evidence,
    }
    yield msgspec.json.encode(head)[:-1] + b', "apps": ['
    for nth, (app, assessed) in enumerate(apps):
        # The object of assess, with what the report adds.
        yield (b",\n" if nth else b"\n") + assessed[:-1] + b"," + msgspec.json.encode(_added(app))[1:]
    yield b'\n], "summary": ' + msgspec.json.encode(_summary(summary))
    yield b', "rehearsal": ' + msgspec.json.encode(rehearsal)
    problems = [
        {"path": e.path, "line": e.line, "code": e.code, "message": e.message, "remedy": e.remedy}
        for e in errors()
    ]
    yield b', "errors": ' + msgspec.json.encode(problems) + b"}\n"


def _added(app: ReportedApp) -> dict[str, Any]:
    return {
        "readiness": app.readiness,
        "contact": app.contact,
        "owner": app.owner,
        "last_used": app.last_used,
        "stops": [{"day": day, "what": what} for day, what in app.stops],
        "decisions": app.decisions,
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "top_line": summary.top_line,
        "apps": summary.apps,
        "not_readable": summary.unreadable,
        "readiness": dict(summary.readiness),
        "stops": [{"day": day, "apps": count} for day, count in sorted(summary.stops.items())],
        "losing": summary.lost,
    }
