"""The report as one HTML file: complete in itself, no script, no network, written piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from changeover import __version__
from changeover.metadata.file_error import FileError
from changeover.migration.dates import written
from changeover.migration.readiness import EVERY_APP, Readiness
from changeover.report.picture import picture
from changeover.report.rehearsal import cell, told
from changeover.report.spool import Spool
from changeover.report.summary import MEANING, WORDS, Summary
from changeover.shapes.answers.rehearsals import Rehearse

TITLE = "Connected apps: ready for external client apps?"
_AT_ONCE = 64
"""Pieces of the template that are written together."""


def html(
    source: str,
    spool: Spool,
    summary: Summary,
    errors: Sequence[FileError],
    evidence: tuple[str, ...],
    rehearsal: Rehearse | None = None,
) -> Iterator[bytes]:
    """Yield the document in pieces.

    Args:
        source: what was read, as a reader knows it.
        spool: the apps.
        summary: their figures.
        errors: what was wrong with files.
        evidence: what was read beside the apps, a sentence a kind.
        rehearsal: of the apps, None where none was given.
    """
    counts = summary.readiness
    stream = (
        _environment()
        .get_template("report.html")
        .stream(
            title=TITLE,
            source=source,
            version=__version__,
            style=_style(),
            summary=summary,
            spool=spool,
            errors=errors,
            evidence=evidence,
            picture=picture(counts, f"Bars: {summary.top_line}.") if counts else None,
            counts=counts,
            words=WORDS,
            meaning=MEANING,
            order=tuple(Readiness),
            open_apps=summary.apps - counts[Readiness.MIGRATED],
            every_app=EVERY_APP,
            rehearsal=rehearsal,
        )
    )
    stream.enable_buffering(_AT_ONCE)
    for piece in stream:
        # A surrogate that no encoding has may come from a file name.
        yield piece.encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("changeover.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["day"] = written
    made.filters["code"] = _code
    made.filters["cell"] = cell
    made.filters["told"] = told
    return made


def _code(text: str) -> Markup:
    """Return a text of our own with what stands between backticks as code."""
    parts = (
        Markup("<code>{}</code>").format(part) if nth % 2 else escape(part)
        for nth, part in enumerate(text.split("`"))
    )
    return Markup().join(parts)


def _style() -> Markup:
    sheet = files("changeover.report").joinpath("templates/report.css").read_text("utf-8")
    return Markup(sheet)  # noqa: S704 - our own file
