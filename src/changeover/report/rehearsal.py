"""A rehearsal that was written to a file, as part of a report."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.shapes.answers.rehearsals import Rehearse
from changeover.shapes.rehearsals import LoginOutcome, LoginVerdict, RehearsedApp, RehearsedFlow

LARGEST = 256 * 1024 * 1024
"""Bytes of a file; a rehearsal of ten thousand apps has a tenth of it."""


def read(path: Path) -> Rehearse:
    """Read what `changeover rehearse --json` printed. Raises REHEARSAL_UNREADABLE."""
    try:
        if path.stat().st_size > LARGEST:
            message = f"{path} is too large for a rehearsal."
            raise ChangeoverError(errors.REHEARSAL_UNREADABLE, message)
        return msgspec.json.decode(path.read_bytes(), type=Rehearse)
    except OSError as error:
        message = f"{path}: {error.strerror or 'it cannot be read'}."
    except (msgspec.MsgspecError, UnicodeError) as error:
        message = f"{path} is no rehearsal: {error}."
    raise ChangeoverError(errors.REHEARSAL_UNREADABLE, message)


def cell(outcome: LoginOutcome | None) -> str:
    """Return what a login came to in one word."""
    if outcome is None:
        return "-"
    return "works" if outcome.works else "fails"


def told(row: RehearsedFlow) -> str:
    """Return what the client was told where it failed, empty where it did not."""
    failed = next((one for one in (row.before, row.after, row.after_revert) if one and not one.works), None)
    return f"{failed.error}: {failed.description}" if failed is not None else ""


class ByApp:
    """What a rehearsal says of each app, for formats with a row an app.

    Args:
        apps: of the rehearsal.
    """

    def __init__(self, apps: Iterable[RehearsedApp]) -> None:
        self._said = {one.api_name.casefold(): _said(one) for one in apps}

    def of(self, api_name: str) -> str:
        """Return what it says of an app, a line a verdict; empty where the app was not rehearsed."""
        return self._said.get(api_name.casefold(), "")


def _said(app: RehearsedApp) -> str:
    lines = []
    for verdict in LoginVerdict:
        titles = [row.title for row in app.rows if row.verdict is verdict]
        if titles:
            lines.append(f"{verdict.value}: {'; '.join(titles)}")
    return "\n".join(lines)
