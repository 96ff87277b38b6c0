"""What applying a plan did: one file an app beside the plan, each written whole.

From them a stopped run goes on, and `revert` knows which files it may remove.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from changeover.errors import OUTPUT_FAILED, PLAN_OTHER_PLACE, PLAN_UNREADABLE, ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.migration.plan import Confirmation, PlannedApp
from changeover.plans.file import PlanFile
from changeover.plans.whole import WholeFile

SCHEMA = "urn:changeover:schema:plan-result:1"
"""`$id` of the JSON schema of a result file: `changeover/schemas/plan-result-1.schema.json`."""
PLACE = "_place.json"
_LONGEST = 180

T = TypeVar("T")


class Became(StrEnum):
    """What became of an app of a plan."""

    APPLYING = "applying"
    """Begun; a run that was killed leaves this."""
    APPLIED = "applied"
    DONE = "done"
    """It was there already, just as planned."""
    SKIPPED = "skipped"
    STALE = "stale"
    FAILED = "failed"
    REVERTED = "reverted"


@dataclass(frozen=True, kw_only=True)
class WrittenFile:
    """A file that applying a plan wrote."""

    path: str
    """Relative to the folder that was written to."""
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one app; the content of its result file."""

    plan: str
    """SHA-256 of the plan file."""
    api_name: str
    path: str | None
    fingerprint: str
    outcome: Became
    at: datetime
    by: str
    confirmed: tuple[Confirmation, ...] = ()
    """What was confirmed, in the plan or when it was applied, by whom and when."""
    files: tuple[WrittenFile, ...] = ()
    """Files that were written and not yet removed."""
    left_out: tuple[str, ...] = ()
    """Secrets that were not written, as component and path."""
    code: str | None = None
    """Code of the error, where there was one."""
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Before:
    """A file of the folder as it was before the plan was applied; null where there was none."""

    path: str
    content: str | None
    """Base64."""

    @classmethod
    def of(cls, folder: Path, path: str) -> Before:
        """Look at a file."""
        try:
            content = (folder / path).read_bytes()
        except OSError:
            return cls(path=path, content=None)
        return cls(path=path, content=base64.b64encode(content).decode())

    @property
    def bytes(self) -> bytes | None:
        """The content."""
        return None if self.content is None else base64.b64decode(self.content)


@dataclass(frozen=True, kw_only=True)
class PlaceRecord:
    """Where the plan was applied; and of a folder, how it was before."""

    place: str
    """`org 00D…`, or `folder` and the way to it from the folder of the results."""
    source_format: bool = True
    folders: tuple[str, ...] = ()
    """Folders that were made, relative to the folder; its own ancestors as `..`, `../..`."""
    marks: tuple[Before, ...] = ()


class Results:
    """The result files of a plan.

    Args:
        folder: where they are; made when the first is written.
        trial: whether nothing is written, because nothing lasts.
    """

    def __init__(self, folder: Path, *, trial: bool = False) -> None:
        self.folder = folder
        self._trial = trial

    @classmethod
    def beside(cls, plan: Path, named: Path | None, *, trial: bool = False) -> Results:
        """Return the result files of a plan: in the folder named, or in `NAME.results` beside the plan."""
        return cls(named or plan.with_name(f"{plan.stem}.results"), trial=trial)

    def place(self) -> PlaceRecord | None:
        """Return where the plan was applied. Raises FileError: PLAN_UNREADABLE."""
        return self._read(PLACE, PlaceRecord)

    def refuse_other(self, place: str) -> None:
        """Refuse result files of another org or folder. Raises E-PLAN-OTHER-PLACE, E-PLAN-UNREADABLE."""
        known = self.place()
        if known is not None and known.place != place:
            message = f"The results in {self.folder} are of another place ({known.place}, not {place})."
            remedy = "Name another folder with --results, or take back there what was applied."
            raise ChangeoverError(PLAN_OTHER_PLACE, message, remedy)

    def bind(self, record: PlaceRecord) -> None:
        """Take note of the place, unless it is known. Raises FileError: OUTPUT_FAILED."""
        if self.place() is None:
            self._write(PLACE, record)

    def release(self) -> None:
        """Forget the place: nothing that was applied is left there."""
        if not self._trial:
            with suppress(OSError):
                (self.folder / PLACE).unlink()

    def read(self, name: str) -> Result | None:
        """Return an app's result. Raises FileError: PLAN_UNREADABLE."""
        return self._read(f"{name}.json", Result)

    def write(self, name: str, result: Result) -> Result:
        """Write an app's result, whole or not at all, and return it. Raises FileError: OUTPUT_FAILED."""
        self._write(f"{name}.json", result)
        return result

    def all(self) -> Iterator[Result]:
        """Read the results of all apps."""
        for file in sorted(self.folder.glob("*.json")):
            if file.name != PLACE:
                found = self._read(file.name, Result)
                if found is not None:
                    yield found

    def _read(self, name: str, kind: type[T]) -> T | None:
        file = self.folder / name
        try:
            return msgspec.json.decode(file.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
        except OSError as error:
            says = f"{error.strerror or 'it cannot be read'}."
            raise FileError(PLAN_UNREADABLE, str(file), None, says) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            remedy = "Remove the result file if you know what it stood for, and apply the plan again."
            raise FileError(PLAN_UNREADABLE, str(file), None, f"{error}.", remedy) from None

    def _write(self, name: str, record: Any) -> None:  # noqa: ANN401 - one of the records here
        if self._trial:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            says = f"{error.strerror or 'the disk refuses'}."
            raise FileError(OUTPUT_FAILED, str(self.folder), None, says) from None
        with WholeFile(self.folder / name) as file:
            file.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
            file.finish()


def named(plan: PlanFile) -> Iterator[tuple[str, PlannedApp]]:
    """Yield the apps of a plan, each with the name of its result file: two of one name are told apart."""
    seen: dict[str, int] = {}
    for app in plan.apps():
        folded = app.api_name.casefold()
        seen[folded] = number = seen.get(folded, 0) + 1
        name = quote(app.api_name, safe=" ()")
        if len(name) > _LONGEST:
            name = hashlib.sha256(app.api_name.encode()).hexdigest()
        yield (name if number == 1 else f"{name}~{number}"), app


def digest_of(content: bytes) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(content).hexdigest()


def way(folder: Path, to: Path) -> str:
    """Return the way from a folder to a place, steps parted by `/`."""
    return Path(os.path.relpath(to.resolve(), folder.resolve())).as_posix()
