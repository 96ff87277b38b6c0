"""Rows of a Login History file, one by one: Setup's CSV (plain or gzip), SOQL's CSV, SOQL's JSON.

Sources: Salesforce Help, Monitor Login History (the download and its headings); Object Reference,
LoginHistory (field names and labels, LoginSubType values); salesforce-reference 8.1.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO, cast

import ijson  # type: ignore[import-untyped]  # it brings no type hints

from changeover.errors import LOGIN_HISTORY_UNREADABLE, PATH_MISSING
from changeover.metadata.file_error import FileError

MAX_LINE = 1024 * 1024
"""Characters; no row of a Login History comes near."""
MAX_NESTING = 16
# Characters read at once. The parser names the whole way to each event of a piece before the nesting can be
# looked at: in a hostile file that is quadratic in the piece's length.
_PIECE = 2048

_GZIP = b"\x1f\x8b"
_SAMPLE = 65536
_NOT_IN_A_HEADING = re.compile(r"[^a-z0-9]")
_COLUMNS = {
    "logintime": "time",
    "application": "application",
    "loginsubtype": "sub_type",
    "username": "user",
    "userid": "user",
    "status": "status",
    "logintype": "login_type",
    "sourceip": "source_ip",
    "loginurl": "login_url",
}
_NEEDED = {"time": "Login Time", "application": "Application", "sub_type": "Login Subtype"}
_RECORD_LISTS = frozenset({"item", "records.item", "result.records.item"})
_DONE = frozenset({"done", "result.done"})


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
        self.unreadable: list[int] = []
        """Lines of rows left out, of the last iteration."""
        self.notes: set[str] = set()
        """What the reader should know of the file."""

    def __iter__(self) -> Iterator[LoginRow]:
        self.unreadable = []
        try:
            with self.path.open("rb") as raw:
                text, first = self._text(raw)
                if first in {"{", "["}:
                    yield from self._json(text)
                else:
                    yield from self._csv(text)
        except IsADirectoryError:
            raise FileError(PATH_MISSING, self.name, None, "it is a folder, not a file.") from None
        except (gzip.BadGzipFile, zlib.error, EOFError):
            raise self._none(None, "the gzip file is damaged or cut off.") from None
        except UnicodeError:
            raise self._none(None, "the file is not text.") from None
        except OSError as error:
            raise FileError(PATH_MISSING, self.name, None, f"{error.strerror or 'unreadable'}.") from None

    def _none(self, line: int | None, says: str) -> FileError:
        return FileError(LOGIN_HISTORY_UNREADABLE, self.name, line, says)

    def _text(self, raw: BinaryIO) -> tuple[TextIO, str]:
        """Open the file as text; return it with its first character that is no space."""
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
        sample = stream.read(_SAMPLE)
        stream.seek(0)
        encoding = self._encoding(sample)
        start = sample.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
        return io.TextIOWrapper(stream, encoding, errors="replace", newline=""), start[:1]

    def _encoding(self, sample: bytes) -> str:
        if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"  # what Windows PowerShell makes of a redirected answer
        try:
            codecs.getincrementaldecoder("utf-8")().decode(sample)
        except UnicodeDecodeError:
            self.notes.add("the file is not UTF-8; read as Windows-1252")
            return "cp1252"
        return "utf-8-sig"

    def _lines(self, text: TextIO) -> Iterator[str]:
        number = 0
        while line := text.readline(MAX_LINE):
            number += 1
            if len(line) >= MAX_LINE:
                raise self._none(number, f"the line has more than {MAX_LINE} characters.")
            yield line

    def _csv(self, text: TextIO) -> Iterator[LoginRow]:
        lines = self._lines(text)
        heading = next(lines, "")
        delimiter = max(",;\t", key=heading.count)
        reader = csv.reader(_chain(heading, lines), delimiter=delimiter)
        try:
            columns = self._columns(next(reader, []))
        except csv.Error:
            raise self._none(1, "the headings cannot be read.") from None
        width = max(columns.values()) + 1
        while True:
            try:
                row = next(reader, None)
            except csv.Error:
                self.unreadable.append(reader.line_num)
                continue
            if row is None:
                return
            if sum(map(bool, row)) <= 1:
                continue  # an empty line, or the footer of a report
            if len(row) < width:
                self.unreadable.append(reader.line_num)
                continue
            cells = {name: row[at].strip() for name, at in columns.items()}
            yield _row(reader.line_num, cells)

    def _columns(self, headings: list[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for at, heading in enumerate(headings):
            name = _COLUMNS.get(_NOT_IN_A_HEADING.sub("", heading.lower()))
            if name is not None:
                found.setdefault(name, at)
        self._check_columns(set(found))
        return found

    def _check_columns(self, found: set[str]) -> None:
        missing = [heading for name, heading in _NEEDED.items() if name not in found]
        if missing:
            raise self._none(1, f"there is no column {' nor '.join(missing)}.")

    def _json(self, text: TextIO) -> Iterator[LoginRow]:
        record: dict[str, str] = {}
        number = 0
        seen_list = False
        for prefix, event, value in self._events(text):
            parent, _, name = prefix.rpartition(".")
            if event == "start_array":
                seen_list |= f"{prefix}.item".lstrip(".") in _RECORD_LISTS
            elif event == "start_map" and prefix in _RECORD_LISTS:
                record = {}
            elif event == "end_map" and prefix in _RECORD_LISTS:
                number += 1
                self._check_columns(set(record))
                yield _row(number, record)
            elif event == "boolean" and value is False and prefix in _DONE:
                self.notes.add("the query's answer is not complete (done is false)")
            elif parent in _RECORD_LISTS and event != "map_key" and name.lower() in _COLUMNS:
                record[_COLUMNS[name.lower()]] = "" if value is None else str(value).strip()
        if not seen_list:
            raise self._none(None, "the JSON holds no list of records.")

    def _events(self, text: TextIO) -> Iterator[tuple[str, str, object]]:
        depth = 0
        try:
            for prefix, event, value in ijson.parse(_Utf8(text), buf_size=_PIECE):
                depth += (event in {"start_map", "start_array"}) - (event in {"end_map", "end_array"})
                if depth > MAX_NESTING:
                    raise self._none(None, "the JSON is nested too deeply.")
                yield prefix, event, value
        except ijson.JSONError:
            raise self._none(None, "the JSON is broken or cut off.") from None


class _Utf8:
    """A text stream as bytes in UTF-8, whatever its own encoding."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._start = True

    def read(self, size: int = -1) -> bytes:
        chunk = self._text.read(size)
        if self._start:
            chunk = chunk.removeprefix("\ufeff")
            self._start = False
        return chunk.encode("utf-8", "replace")


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _row(line: int, cells: dict[str, str]) -> LoginRow:
    return LoginRow(
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
