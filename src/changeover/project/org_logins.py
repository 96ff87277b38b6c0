"""Logins of a file as an org's Login History holds them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from changeover.errors import LOGIN_HISTORY_ROWS
from changeover.metadata.file_error import FileError
from changeover.org.model.events import LoginRow
from changeover.project.login_history import sub_type_of
from changeover.project.login_rows import LoginRows
from changeover.project.login_time import LoginTimes

_FEW = 100
"""Rows after which a file whose times begin with the year needs no further look."""


class OrgLogins:
    """A Login History file, read as a stream of an org's rows.

    Args:
        path: Setup's CSV or gzip download, or the CSV or JSON answer of a SOQL query on LoginHistory.

    Iterating raises FileError: PATH_MISSING, LOGIN_HISTORY_UNREADABLE. A single row that cannot be read is
    left out; `errors` says how many, `notes` what had to be assumed. Both are complete after the iteration.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.errors: tuple[FileError, ...] = ()
        self.notes: tuple[str, ...] = ()
        self._rows = LoginRows(path)

    def __iter__(self) -> Iterator[LoginRow]:
        times = LoginTimes()
        # Whether the day or the month comes first is decided by all times of the file.
        for nth, row in enumerate(self._rows):
            if times.look(row.time) or (nth > _FEW and not times.year_last):
                break
        unreadable = 0
        first: tuple[int, str] | None = None
        for row in self._rows:
            at = times.read(row.time)
            if at is None:
                unreadable += 1
                first = first or (row.line, f"the login time {row.time[:40]!r} cannot be read")
                continue
            yield LoginRow(
                at=at,
                username=row.user,
                application=row.application,
                login_type=row.login_type,
                sub_type=sub_type_of(row.sub_type),
                status=row.status,
                source_ip=row.source_ip,
                login_url=row.login_url,
            )
        for line in islice(self._rows.unreadable, 1):
            if first is None or line < first[0]:
                first = (line, "the row is broken")
        unreadable += len(self._rows.unreadable)
        if first is not None:
            says = f"{first[1]}; {unreadable} row{'s' if unreadable > 1 else ''} left out."
            self.errors = (FileError(LOGIN_HISTORY_ROWS, self.name, first[0], says),)
        self.notes = (*sorted(self._rows.notes), *times.notes())
