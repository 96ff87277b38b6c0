"""All evidence that was given beside a project: Login History, and what else tells of use."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from changeover.metadata.file_error import FileError
from changeover.project.evidence_files import EvidenceKind, kind_of
from changeover.project.login_history import LoginHistory
from changeover.project.usage import Usage


class Evidence:
    """What was read so far. `logins` and `usage` are None until a file of theirs was given."""

    def __init__(self) -> None:
        self.logins: LoginHistory | None = None
        self.usage: Usage | None = None
        self._errors: list[FileError] = []
        self._notes: list[str] = []

    @property
    def errors(self) -> tuple[FileError, ...]:
        """What cannot be read."""
        read = (each.errors for each in (self.logins, self.usage) if each is not None)
        return (*self._errors, *(error for errors in read for error in errors))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader should know of the files."""
        logins = (*self.logins.notes, *self.logins.overlaps()) if self.logins is not None else ()
        return (*self._notes, *logins, *(self.usage.notes if self.usage is not None else ()))

    def add(self, path: Path, labels: Container[str] | None = None) -> None:
        """Read a file of whatever kind: its headings tell. See `LoginHistory.add`."""
        try:
            kind = kind_of(path)
        except FileError as error:
            self._errors.append(error)
            return
        if kind is None:
            self._notes.append(f"{path.name}: no record stands in it, so nothing tells what it is of.")
        elif kind is EvidenceKind.LOGIN_HISTORY:
            self.add_login_history(path, labels)
        else:
            self.usage = self.usage or Usage()
            self.usage.add(path, kind, labels)

    def add_login_history(self, path: Path, labels: Container[str] | None = None) -> None:
        """Read a file that is said to be a Login History."""
        self.logins = self.logins or LoginHistory()
        self.logins.add(path, labels)

    def summary(self) -> tuple[str, ...]:
        """Say what was read, a sentence a kind, each with its window."""
        window = self.logins.window if self.logins is not None else None
        said = []
        if self.logins is not None and window is not None:
            days = f"{window[0]:%Y-%m-%d} to {window[1]:%Y-%m-%d} (UTC)"
            said.append(f"Login History: {self.logins.rows} logins from {days}.")
        return (*said, *(self.usage.summary() if self.usage is not None else ()))
