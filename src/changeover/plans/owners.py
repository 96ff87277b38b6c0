"""The list of owners: who answers for an app, whom to tell, and in which wave it goes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from changeover.errors import OWNERS_UNREADABLE
from changeover.metadata.file_error import FileError
from changeover.migration.plan import Owner

COLUMNS = ("app", "owner", "contact", "wave")
MAX_BYTES = 32 * 1024 * 1024


@dataclass
class Owners:
    """The rows of a list of owners by API name, compared without case."""

    by_app: dict[str, Owner] = field(default_factory=dict)

    def of(self, api_name: str) -> Owner | None:
        """Return an app's row."""
        return self.by_app.get(api_name.casefold())

    def unknown(self, known: Callable[[str], bool]) -> tuple[Owner, ...]:
        """Return the rows whose app is not known, in the order of the list."""
        return tuple(row for row in self.by_app.values() if not known(row.app))


def read_owners(path: Path) -> Owners:
    """Read a list of owners: a CSV with the columns app, owner, contact and wave, in any order.

    Only `app` is needed; other columns are left alone. Commas, semicolons and tabs may part the columns.

    Raises:
        FileError: OWNERS_UNREADABLE with the line: no such column, an app that stands twice, no text.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileError(OWNERS_UNREADABLE, path.name, None, "the list is too large.")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _read(path.name, stream)
    except OSError as error:
        says = f"{error.strerror or 'it cannot be read'}."
        raise FileError(OWNERS_UNREADABLE, path.name, None, says) from None
    except UnicodeDecodeError:
        raise FileError(OWNERS_UNREADABLE, path.name, None, "it is not UTF-8.") from None


def _read(name: str, lines: Iterator[str]) -> Owners:
    heading = next(lines, "")
    delimiter = max(",;\t", key=heading.count)
    columns = [cell.strip().strip('"').casefold() for cell in heading.split(delimiter)]
    if "app" not in columns:
        raise FileError(OWNERS_UNREADABLE, name, 1, "there is no column app.")
    owners = Owners()
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for row in reader:
            cells = dict(zip(columns, (cell.strip() for cell in row), strict=False))
            app = cells.get("app", "")
            if not app:
                continue
            if app.casefold() in owners.by_app:
                raise FileError(OWNERS_UNREADABLE, name, reader.line_num + 1, f"{app} stands twice.")
            owners.by_app[app.casefold()] = Owner(
                app=app,
                owner=cells.get("owner") or None,
                contact=cells.get("contact") or None,
                wave=cells.get("wave") or None,
            )
    except csv.Error as error:
        raise FileError(OWNERS_UNREADABLE, name, reader.line_num + 1, f"{error}.") from None
    return owners
