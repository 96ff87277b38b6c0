"""An error in one file: it names the file and, where there is one, the line."""

from __future__ import annotations

from changeover.errors import ChangeoverError, ErrorKind


class FileError(ChangeoverError):
    """One file cannot be used; the others can.

    Args:
        kind: its entry in the catalogue.
        path: the file as the reader knows it, relative to what was opened.
        line: the line in it, counted from 1, None where the file as a whole is meant.
        message: what is wrong, without file and line.
        remedy: what to do next in this case; the catalogue's by default.
    """

    def __init__(
        self, kind: ErrorKind, path: str, line: int | None, message: str, remedy: str | None = None
    ) -> None:
        place = path if line is None else f"{path}, line {line}"
        super().__init__(kind, f"{place}: {message}", remedy)
        self.path = path
        self.line = line
