"""What an import of files made of each app."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.errors import ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.org.importing import Incoming, import_apps
from changeover.org.model.orgs import Actor
from changeover.org.ports import Units
from changeover.shapes.outcomes import Outcome


class ImportedApp(Outcome, frozen=True, kw_only=True):
    """What became of one app, and the file that it was read from."""

    path: str


class FileProblem(Struct, frozen=True, kw_only=True):
    """A file that could not be used, in whole or in part; the others were."""

    path: str
    line: Annotated[int | None, Meta(description="Counted from 1; null where the file as a whole is meant.")]
    code: str
    message: str
    remedy: str

    @classmethod
    def of(cls, error: ChangeoverError) -> Self:
        """Return the shape of an error in a file."""
        place = (error.path, error.line) if isinstance(error, FileError) else ("", None)
        return cls(path=place[0], line=place[1], code=error.code, message=error.message, remedy=error.remedy)


class ImportReport(Struct, frozen=True, kw_only=True):
    """What became of all apps and files of an import."""

    apps: tuple[ImportedApp, ...]
    errors: tuple[FileProblem, ...]


def imported(units: Units, actor: Actor, items: Iterable[Incoming]) -> Iterator[ImportedApp]:
    """Import apps one by one, each in a transaction of its own, and yield what became of each.

    Raises E-NOT-PERMITTED, before anything is done.
    """
    paths: deque[str] = deque()

    def noted() -> Iterator[Incoming]:
        for item in items:
            paths.append(item.path)
            yield item

    for outcome in import_apps(units, actor, noted()):
        yield ImportedApp(
            api_name=outcome.name,
            result=outcome.result,
            code=outcome.code,
            message=outcome.message,
            remedy=outcome.remedy,
            path=paths.popleft(),
        )
