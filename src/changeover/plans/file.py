"""A plan as a JSON file: written and read as a stream, one app in memory at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import Any, Self, TypeVar

import ijson  # type: ignore[import-untyped]  # it brings no type hints
import msgspec

from changeover.errors import PLAN_UNREADABLE
from changeover.metadata.file_error import FileError
from changeover.migration.plan import FORMAT, PlanEnd, PlanHead, PlannedApp
from changeover.plans.whole import WholeFile

SCHEMA = f"urn:changeover:schema:plan:{FORMAT}"
"""`$id` of the JSON schema; the schema itself is `changeover/schemas/plan-1.schema.json`."""

_ANY_FORMAT = b"urn:changeover:schema:plan:"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PlanDocument:
    """A plan file whole, as its schema describes it; nothing ever holds one in memory."""

    head: PlanHead
    apps: tuple[PlannedApp, ...]
    end: PlanEnd


def encoded(app: PlannedApp) -> bytes:
    """Return an app's record as it stands in a plan file."""
    return msgspec.json.encode(app)


class PlanWriter:
    """Writes a plan file; it appears under its name only when it is whole. Use it as a context manager.

    Args:
        path: the file; a plan that stands there is replaced, and nothing else.
        head: what is said once.

    Raises:
        FileError: OUTPUT_IN_THE_WAY, OUTPUT_FAILED.
    """

    def __init__(self, path: Path, head: PlanHead) -> None:
        self._count = 0
        self._file = WholeFile(path, replaces=_ANY_FORMAT)
        start = {"$schema": SCHEMA, "head": head}
        self._file.write(msgspec.json.encode(start)[:-1] + b', "apps": [')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.__exit__(*exception)

    def add(self, app: bytes) -> None:
        """Write an app's record, as `encoded` returns it. Raises FileError: OUTPUT_FAILED."""
        self._file.write((b",\n" if self._count else b"\n") + app)
        self._count += 1

    def finish(self, end: PlanEnd) -> None:
        """Write the end and put the file in its place. Raises FileError: OUTPUT_FAILED."""
        self._file.write(b'\n], "end": ' + msgspec.json.encode(end) + b"}\n")
        self._file.finish()


class PlanFile:
    """A plan file that is read.

    Args:
        path: the file.

    Raises:
        FileError: PLAN_UNREADABLE if it is none, is broken, or is of a format that this Changeover does not
            know; also while it is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state: tuple[int, int, int] | None = None
        self.head = self._one("head", PlanHead)
        if self.head.format != FORMAT:
            says = f"it has format {self.head.format}; this Changeover reads format {FORMAT}."
            raise FileError(PLAN_UNREADABLE, path.name, None, says)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file: which plan it is."""
        try:
            with self._opened() as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise _unreadable(self.path, error) from None

    @property
    def end(self) -> PlanEnd:
        """What stands after the apps."""
        return self._one("end", PlanEnd)

    def apps(self) -> Iterator[PlannedApp]:
        """Read the apps one by one, in the order of the file."""
        for item in self._items("apps.item"):
            yield self._record(item, PlannedApp)

    def _opened(self) -> BufferedReader:
        """Open the file; refuse one that has changed since it was first read: it is another plan."""
        stream = self.path.open("rb")
        status = os.fstat(stream.fileno())
        state = (status.st_ino, status.st_size, status.st_mtime_ns)
        self._state = self._state or state
        if state != self._state:
            stream.close()
            raise FileError(PLAN_UNREADABLE, self.path.name, None, "it has changed while it was read.")
        return stream

    def _one(self, name: str, kind: type[T]) -> T:
        for item in self._items(name):
            return self._record(item, kind)
        raise FileError(PLAN_UNREADABLE, self.path.name, None, f"it has no “{name}”: it is no plan.")

    def _record(self, item: Any, kind: type[T]) -> T:  # noqa: ANN401  # whatever the JSON holds
        try:
            return msgspec.convert(item, kind)
        except msgspec.ValidationError as error:
            raise FileError(PLAN_UNREADABLE, self.path.name, None, f"{error}.") from None

    def _items(self, prefix: str) -> Iterable[Any]:
        try:
            with self._opened() as stream:
                yield from ijson.items(stream, prefix, use_float=True)
        except OSError as error:
            raise _unreadable(self.path, error) from None
        except (ijson.JSONError, UnicodeDecodeError):
            says = "it is no JSON, or it is cut off."
            raise FileError(PLAN_UNREADABLE, self.path.name, None, says) from None


def _unreadable(path: Path, error: OSError) -> FileError:
    return FileError(PLAN_UNREADABLE, str(path), None, f"{error.strerror or 'it cannot be read'}.")
