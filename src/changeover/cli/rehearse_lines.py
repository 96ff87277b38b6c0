"""A rehearsal as lines for people: an app, its flows in columns, and below each what needs words."""

from __future__ import annotations

from collections.abc import Iterator

from changeover.shapes.rehearsals import LoginOutcome, RehearsalFigures, RehearsedApp, RehearsedFlow

_COLUMNS = "  {:58} {:6} {:6} {:6} {:20} {}"
HEADING = _COLUMNS.format("Flow", "before", "after", "revert", "Verdict", "Safe?").rstrip()


def app_lines(app: RehearsedApp) -> str:
    """Return the lines of an app."""
    return "\n".join(_lines(app))


def _lines(app: RehearsedApp) -> Iterator[str]:
    yield app.api_name
    if not app.rows:
        yield "  No login to rehearse: no OAuth flow that it is set up for, and no SAML."
    said = ""
    for row in app.rows:
        safe = f"depends on {', '.join(row.depends_on)}" if row.depends_on else "safe either way"
        cells = (_cell(row.before), _cell(row.after), _cell(row.after_revert))
        yield _COLUMNS.format(row.title, *cells, row.verdict.value, safe if row.before else "").rstrip()
        why = f"{_told(row)}{row.reason} {row.remedy}".strip()
        # What holds for several flows in a row is said below the first.
        if row.reason and why != said:
            yield f"      {why}"
        said = why
    for note in app.notes:
        yield f"  Note: {note}"


def _cell(outcome: LoginOutcome | None) -> str:
    if outcome is None:
        return "-"
    return "works" if outcome.works else "fails"


def _told(row: RehearsedFlow) -> str:
    """Return what the client was told, where it was."""
    failed = next((one for one in (row.before, row.after, row.after_revert) if one and not one.works), None)
    return f"{failed.error}: {failed.description}. " if failed is not None else ""


def summary_line(figures: RehearsalFigures) -> str:
    """Return the figures in one line."""
    said = (
        ", ".join(f"{count} {verdict}" for verdict, count in figures.rows.items()) or "no login to rehearse"
    )
    alike = f" {figures.failing_alike} of the same fail at every stage." if figures.failing_alike else ""
    return f"{figures.apps} app{'s' if figures.apps != 1 else ''}: {said}.{alike}"
