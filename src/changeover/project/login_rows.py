"""Rows of a Login History file, one by one: Setup's CSV (plain or gzip), SOQL's CSV, SOQL's JSON.

Sources: Salesforce Help, Monitor Login History (the download and its headings); Object Reference,
LoginHistory (field names and labels, LoginSubType values); salesforce-reference 8.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from changeover.errors import LOGIN_HISTORY_UNREADABLE
from changeover.project.exported_rows import MAX_LINE, MAX_NESTING, ExportedRows, Layout

__all__ = ["LAYOUT", "MAX_LINE", "MAX_NESTING", "LoginRow", "LoginRows"]

LAYOUT = Layout(
    columns={
        "logintime": "time",
        "application": "application",
        "loginsubtype": "sub_type",
        "username": "user",
        "userid": "user",
        "status": "status",
        "logintype": "login_type",
        "sourceip": "source_ip",
        "loginurl": "login_url",
    },
    needed={"time": "Login Time", "application": "Application", "sub_type": "Login Subtype"},
    unreadable=LOGIN_HISTORY_UNREADABLE,
)


class LoginRow(NamedTuple):
    """One login, all texts as they stand in the file; `""` where a column is missing or empty."""

    line: int
    """Line of the row in a CSV, number of the record in JSON; from 1."""
    time: str
    application: str
    sub_type: str
    user: str
    status: str
    login_type: str = ""
    source_ip: str = ""
    login_url: str = ""


class LoginRows:
    """A Login History file, read as a stream; iterate over it as often as needed.

    Args:
        path: the file.

    Iterating raises FileError: PATH_MISSING if the file cannot be opened, LOGIN_HISTORY_UNREADABLE if it is
    none. A single row that cannot be read is counted in `unreadable` and left out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._rows = ExportedRows(path, LAYOUT)

    @property
    def unreadable(self) -> list[int]:
        """Lines of rows left out, of the last iteration."""
        return self._rows.unreadable

    @property
    def notes(self) -> set[str]:
        """What the reader should know of the file."""
        return self._rows.notes

    def __iter__(self) -> Iterator[LoginRow]:
        for line, cells in self._rows:
            yield LoginRow(
                line,
                cells["time"],
                cells["application"],
                cells["sub_type"],
                cells.get("user", ""),
                cells.get("status", ""),
                cells.get("login_type", ""),
                cells.get("source_ip", ""),
                cells.get("login_url", ""),
            )
