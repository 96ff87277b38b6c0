"""Rows of a file that Salesforce exported, one by one: Setup's CSV (plain or gzip), SOQL's CSV, SOQL's JSON.

Which columns matter is the caller's: `login_rows`, `oauth_rows` and `event_rows` say which.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO, TypeVar, cast

import ijson  # type: ignore[import-untyped]  # it brings no type hints

from changeover.errors import PATH_MISSING, ErrorKind
from changeover.metadata.file_error import FileError

T = TypeVar("T")

MAX_LINE = 1024 * 1024
"""Characters; no row of such a file comes near."""
MAX_NESTING = 16
# Characters read at once. The parser names the whole way to each event of a piece before the nesting can be
# looked at: in a hostile file that is quadratic in the piece's length.
_PIECE = 2048

_GZIP = b"\x1f\x8b"
_SAMPLE = 65536
_NOT_IN_A_HEADING = re.compile(r"[^a-z0-9]")
_RECORD_LISTS = frozenset({"item", "records.item", "result.records.item"})
_DONE = frozenset({"done", "result.done"})
_SCALARS = frozenset({"string", "number", "boolean", "null"})


def heading_of(text: str) -> str:
    """Return a column's name as it is compared: `Login Time`, `LoginTime` and `LOGIN_TIME` are one."""
    return _NOT_IN_A_HEADING.sub("", text.lower())


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Which columns of a kind of file are read."""

    columns: Mapping[str, str]
    """By compared heading: the name of the cell. Where two headings give one cell, the first is taken."""
    needed: Mapping[str, str]
    """Cells without which the file is none of its kind, with the heading that a person knows."""
    unreadable: ErrorKind
    """The error of a file that is none of its kind."""
    sparse: bool = False
    """Whether a row may have one filled cell only; else such a line is the footer of a report."""


class Row(NamedTuple):
    """One row: its cells by name, all texts as they stand in the file without blanks around them."""

    line: int
    """Line of the row in a CSV, number of the record in JSON; from 1."""
    cells: Mapping[str, str]


class ExportedRows:
    """A file of rows, read as a stream; iterate over it as often as needed.

    Args:
        path: the file.
        layout: its columns.

    Iterating raises FileError: PATH_MISSING if the file cannot be opened, the layout's error if it is none of
    its kind. A single row that cannot be read is counted in `unreadable` and left out.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self.name = path.name
        self.unreadable: list[int] = []
        """Lines of rows left out, of the last iteration."""
        self.notes: set[str] = set()
        """What the reader should know of the file."""
        self._layout = layout
        self._found: frozenset[str] | None = None

    def __iter__(self) -> Generator[Row, None, None]:
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

    def headings(self) -> frozenset[str] | None:
        """Return which of the layout's headings the file has, compared; None where no record tells.

        Raises FileError as iterating does.
        """
        with closing(self.__iter__()) as rows:
            first = next(rows, None)
        if first is not None:
            return frozenset(first.cells)
        return self._found

    def _none(self, line: int | None, says: str) -> FileError:
        return FileError(self._layout.unreadable, self.name, line, says)

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

    def _csv(self, text: TextIO) -> Iterator[Row]:
        lines = self._lines(text)
        heading = next(lines, "")
        delimiter = max(",;\t", key=heading.count)
        reader = csv.reader(_chain(heading, lines), delimiter=delimiter)
        try:
            columns = self._columns(next(reader, []))
        except csv.Error:
            raise self._none(1, "the headings cannot be read.") from None
        width = max(columns.values(), default=0) + 1
        while True:
            try:
                row = next(reader, None)
            except csv.Error:
                self.unreadable.append(reader.line_num)
                continue
            if row is None:
                return
            filled = sum(map(bool, row))
            # A quote that nobody closes makes one cell of all lines behind it.
            swallowed = len(row) == 1 and "\n" in row[0]
            footer = filled == 1 and (len(row) == 1 or not self._layout.sparse)
            if filled == 0 or (footer and not swallowed):
                continue  # an empty line, or the footer of a report
            if len(row) < width or swallowed:
                self.unreadable.append(reader.line_num)
                continue
            yield Row(reader.line_num, {name: row[at].strip() for name, at in columns.items()})

    def _columns(self, headings: list[str]) -> dict[str, int]:
        at_heading: dict[str, int] = {}
        for at, heading in enumerate(headings):
            at_heading.setdefault(heading_of(heading), at)
        found = self._chosen(at_heading)
        self._check_columns(found)
        self._found = frozenset(found)
        return found

    def _chosen(self, by_heading: Mapping[str, T]) -> dict[str, T]:
        """Return what stands under the headings that matter, by the name of the cell."""
        chosen: dict[str, T] = {}
        for heading, name in self._layout.columns.items():
            if heading in by_heading:
                chosen.setdefault(name, by_heading[heading])
        return chosen

    def _check_columns(self, found: Collection[str]) -> None:
        missing = [heading for name, heading in self._layout.needed.items() if name not in found]
        if missing:
            raise self._none(1, f"there is no column {' nor '.join(missing)}.")

    def _json(self, text: TextIO) -> Iterator[Row]:
        record: dict[str, str] = {}
        number = 0
        seen_list = False
        for prefix, event, value in self._events(text):
            if event == "start_array":
                seen_list |= f"{prefix}.item".lstrip(".") in _RECORD_LISTS
            elif event == "start_map" and prefix in _RECORD_LISTS:
                record = {}
            elif event == "end_map" and prefix in _RECORD_LISTS:
                number += 1
                cells = self._chosen(record)
                self._check_columns(cells)
                yield Row(number, cells)
            elif event == "boolean" and value is False and prefix in _DONE:
                self.notes.add("the query's answer is not complete (done is false)")
            elif event in _SCALARS and (heading := self._heading(prefix)) is not None:
                record[heading] = "" if value is None else str(value).strip()
        if not seen_list:
            raise self._none(None, "the JSON holds no list of records.")

    def _heading(self, prefix: str) -> str | None:
        """Return the heading of a value of a record: `Name`, or `User.Username` of a record within."""
        parent, _, name = prefix.rpartition(".")
        if parent not in _RECORD_LISTS:
            parent, _, relation = parent.rpartition(".")
            if parent not in _RECORD_LISTS:
                return None
            name = relation + name
        heading = heading_of(name)
        return heading if heading in self._layout.columns else None

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
